"""Passwords, for offices that choose them: Argon2 hashes, and wrong attempts counted where every process sees them."""

import datetime as dt
import functools
import hashlib
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from app.db.base import key, utc_now
from app.db.engine import Database
from app.db.lookups import row_by
from app.db.pages import Password, SignInAttempt
from app.db.people import User
from app.domain.access import Actor, Right
from app.errors import Fault, InvalidInput
from app.people.service import user_named
from app.web import queries

SHORTEST, LONGEST = 12, 1000
#: wrong attempts by one name or from one address that are allowed within the time
MOST, WITHIN = 10, dt.timedelta(minutes=15)
_HASHER = PasswordHasher()
#: a hash takes much memory: no more than two are computed at a time
_AT_ONCE = threading.BoundedSemaphore(2)


@functools.cache
def _nobody() -> str:
    """A hash that is verified for names that nobody has, so that they take as long as others."""
    return _HASHER.hash("nobody has this password")


class TooManyAttempts(Exception):
    """This name, or this address, has to wait."""


def set_password(session: Session, actor: Actor, name: str, password: str) -> None:
    """Gives a user a password; whatever sessions the user had end.

    :raises NotFound: when there is no such user.
    :raises InvalidInput: when it is too short, or one of the user's own names.
    """
    actor.require(Right.ADMINISTER)
    user = user_named(session, name)
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused("password.length", f"Choose a password of at least {SHORTEST} characters.")
    if user.name.casefold() in password.casefold():
        raise _refused("password.name", "Choose a password that does not hold the user's name.")
    with _AT_ONCE:
        hashed = _HASHER.hash(password)
    row = queries.password_of(session, key(user))
    if row is None:
        session.add(Password(user_id=key(user), hash=hashed))
    else:
        row.hash, row.changed_at = hashed, utc_now()
    queries.end_sessions(session, key(user))
    session.flush()


def check(database: Database, name: str, password: str, address: str) -> int | None:
    """The key of the user whose name and password these are; None, and one more attempt counted, for others.

    :raises TooManyAttempts: before anything is compared, when too many were wrong of late.
    """
    subjects = [_subject("name", name), _subject("address", address)]
    now = utc_now()
    # whoever it is for, so that the first attempt of a process tells no more than others
    nobody = _nobody()
    with database.read() as session:
        if queries.attempts(session, subjects, now - WITHIN) >= MOST:
            raise TooManyAttempts
        user = row_by(session, User, "name", name)
        stored = queries.password_of(session, key(user)) if user is not None and user.archived_at is None else None
        hashed = stored.hash if stored is not None else nobody
    right = _matches(hashed, password[: LONGEST + 1]) and stored is not None
    if right and user is not None:
        if _HASHER.check_needs_rehash(hashed):
            _rehash(database, key(user), password)
        return key(user)
    with database.write("sign-in") as session:
        queries.forget_attempts(session, now - WITHIN)
        session.add_all(SignInAttempt(subject=subject, at=now) for subject in subjects)
    return None


def _matches(hashed: str, password: str) -> bool:
    try:
        with _AT_ONCE:
            return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _rehash(database: Database, user_id: int, password: str) -> None:
    with _AT_ONCE:
        hashed = _HASHER.hash(password)
    with database.write("sign-in") as session:
        row = queries.password_of(session, user_id)
        if row is not None:
            row.hash = hashed


def _subject(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "replace")).hexdigest()


def _refused(rule: str, message: str) -> InvalidInput:
    return InvalidInput([Fault(pointer="/password", rule=rule, message=message)])
