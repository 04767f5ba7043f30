"""Who calls: the bearer token of the request, its user and the right that a route asks for."""

import hashlib
from typing import Annotated

from fastapi import Depends, Request, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from app.db.base import utc_now
from app.domain.access import Actor, Right
from app.errors import NotAuthenticated
from app.http import queries
from app.http.state import database_of

_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token from `earmark token create` or `POST /api/v1/tokens`."
)


def token_hash(token: str) -> str:
    """What is kept of a token. It carries 256 random bits, so one round of SHA-256 cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(session: Session, token: str | None) -> Actor:
    """The actor a token stands for.

    :raises NotAuthenticated: when it is missing, was never issued, has expired, was revoked, or its user was archived.
    """
    if token is None:
        raise NotAuthenticated("Send a token: `Authorization: Bearer ear_…`.")
    holder = queries.token_holder(session, token_hash(token))
    if holder is None:
        raise NotAuthenticated("This token is not known.")
    if holder.revoked_at is not None or holder.archived_at is not None:
        raise NotAuthenticated("This token was revoked.")
    if holder.expires_at is not None and holder.expires_at <= utc_now():
        raise NotAuthenticated("This token has expired: ask an administrator for another one.")
    return Actor(name=holder.name, role=holder.role, unit_id=holder.unit_id, user_id=holder.user_id)


def _token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str | None:
    return None if credentials is None else credentials.credentials


BearerToken = Annotated[str | None, Depends(_token)]


def _current_actor(request: Request, token: BearerToken) -> Actor:
    database = database_of(request)
    with database.read() as session:
        actor = authenticate(session, token)
    request.state.actor = actor.name
    return actor


CurrentActor = Annotated[Actor, Depends(_current_actor)]


def requires(right: Right) -> params.Depends:
    """A dependency that gives the actor and refuses when the role does not carry the right."""

    def rightful(actor: CurrentActor) -> Actor:
        actor.require(right)
        return actor

    return params.Depends(rightful)


#: for routes: ``actor: Writer`` gives the actor, whose right has been checked
Writer = Annotated[Actor, requires(Right.WRITE)]
Evaluator = Annotated[Actor, requires(Right.EVALUATE)]
Publisher = Annotated[Actor, requires(Right.PUBLISH)]
Administrator = Annotated[Actor, requires(Right.ADMINISTER)]
