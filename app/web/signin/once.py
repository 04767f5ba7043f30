"""One-time links: an address that signs a person in once, within fifteen minutes."""

import datetime as dt
import secrets

from sqlmodel import Session

from app.db.base import key, utc_now
from app.db.pages import SignInLink
from app.db.people import User
from app.domain.access import Actor, Right
from app.errors import Fault, InvalidInput
from app.http.access import token_hash
from app.people.service import user_named
from app.web import queries

VALID = dt.timedelta(minutes=15)


def make_link(session: Session, actor: Actor, name: str) -> str:
    """The path of a new link for the user of that name. This is the only moment at which it can be read.

    :raises NotFound: when there is no such user.
    :raises InvalidInput: when the user was archived.
    """
    actor.require(Right.ADMINISTER)
    user = user_named(session, name)
    if user.archived_at is not None:
        message = f"{name} may no longer use Earmark: `earmark user enable {name}` brings the user back."
        raise InvalidInput([Fault(pointer="/name", rule="user.archived", message=message)])
    secret = secrets.token_urlsafe(32)
    now = utc_now()
    link = SignInLink(
        user_id=key(user), hash=token_hash(secret), made_by=actor.name, created_at=now, expires_at=now + VALID
    )
    session.add(link)
    session.flush()
    return f"/sign-in/once/{secret}"


def use_link(session: Session, secret: str) -> int | None:
    """The key of the user whom the link signs in; None when it was used before, is too old, or never was one."""
    link = queries.link_of(session, token_hash(secret))
    now = utc_now()
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    user = session.get(User, link.user_id)
    if user is None or user.archived_at is not None:
        return None
    link.used_at = now
    session.flush()
    return link.user_id
