"""Users for whom an OpenID provider vouches: found by their account, made at their first sign-in, kept as it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlmodel import Session

from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.people import User
from app.domain.access import LOCAL, Actor
from app.domain.terms import Role
from app.people import queries
from app.people.schemas import UserIn, UserPatch
from app.people.service import add_user, update_user

#: who writes roles and units into the audit trail
BY_PROVIDER = Actor(name="by provider", role=Role.ADMIN)
#: names of those who are no users, which nobody takes on
_RESERVED = frozenset({LOCAL.name, BY_PROVIDER.name, "sign-in"})


class Refused(Exception):
    """The person may not sign in: ``archived``, ``unknown-unit``, ``no-address`` or ``no-name``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account at a provider."""

    issuer: str
    subject: str
    #: what the user could be called, best first
    names: Sequence[str]
    #: a mail address that the provider has verified; empty: there is none, or users are not adopted by it
    email: str = ""
    #: whether users made by hand are adopted by their mail address
    adopts: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the provider says that the person may do."""

    role: Role
    unit: str | None
    #: whether the provider says the unit; otherwise administrators do
    unit_told: bool


def sign_in(session: Session, account: Account, standing: Standing) -> User:
    """The user of the account with the role and the unit as they are now told; a new one at the first sign-in.

    :raises Refused: when the user was archived, the unit is not in use, no name is free, or only a mail address could
        tell whether the user of the person's name is theirs.
    :raises Conflict: when the last administrator would cease to be one.
    """
    unit = row_by(session, Unit, "code", standing.unit) if standing.unit is not None else None
    if standing.unit is not None and (unit is None or unit.archived_at is not None):
        raise Refused("unknown-unit")
    user = find(session, account)
    if user is None:
        if account.adopts and not account.email and any(_waits(session, name) for name in account.names):
            # a second user under another name would see nothing of the person's work, and nobody would be told why
            raise Refused("no-address")
        name = next((each for each in account.names if _free(session, each)), None)
        if name is None:
            raise Refused("no-name")
        user = add_user(session, BY_PROVIDER, UserIn(name=name, role=standing.role, unit=standing.unit))
    elif user.archived_at is not None:
        raise Refused("archived")
    else:
        wanted: dict[str, object] = {"role": standing.role}
        if standing.unit_told or standing.role is not Role.OFFICER:
            wanted["unit"] = standing.unit
        update_user(session, BY_PROVIDER, user, UserPatch.model_validate(wanted))
    user.openid_issuer, user.openid_subject = account.issuer, account.subject
    session.flush()
    return user


def find(session: Session, account: Account) -> User | None:
    """The user of the account, or the one user made by hand who has its mail address; archived ones too."""
    user = queries.user_of_account(session, account.issuer, account.subject)
    if user is not None or not account.email:
        return user
    found = queries.users_by_email(session, account.email)
    return found[0] if len(found) == 1 else None


def _waits(session: Session, name: str) -> bool:
    """Whether a user of the name was made by hand, and can be adopted by whose mail address is told."""
    written = _as_kept(name)
    user = None if written is None else row_by(session, User, "name", written)
    return user is not None and user.openid_subject is None and user.archived_at is None


def _free(session: Session, name: str) -> bool:
    """Whether a new user can have the name: what is somebody else's, or nobody's, is not taken over by an account."""
    written = None if name.casefold() in _RESERVED else _as_kept(name)
    return written is not None and row_by(session, User, "name", written) is None


def _as_kept(name: str) -> str | None:
    """The name as a user would have it; None: no user can."""
    try:
        return UserIn(name=name, role=Role.VIEWER).name
    except ValidationError:
        return None
