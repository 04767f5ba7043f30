"""Statements of leases."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CursorResult, Interval, Update, func, literal, select, type_coerce, update
from sqlmodel import Session

from app.db.alerts import Lease
from app.db.base import table, utc_now
from app.db.bulk import insert_missing
from app.db.shapes import first_shaped
from app.db.types import UTCDateTime

_lease = table(Lease).c


@dataclass(frozen=True, slots=True)
class Seen:
    """A lease as it was read."""

    holder: str
    #: rises with every change of holder
    fence: int
    ended: bool


def now(session: Session) -> dt.datetime:
    """The moment by the clock that all processes share: the server's, or this machine's where there is none."""
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    found: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return found.astimezone(dt.UTC)


def _in(session: Session, lasts: dt.timedelta) -> ColumnElement[dt.datetime]:
    """The moment so far ahead, by the same clock."""
    if session.get_bind().dialect.name == "sqlite":
        return literal(utc_now() + lasts, UTCDateTime())
    return type_coerce(func.clock_timestamp() + literal(lasts, Interval()), UTCDateTime())


def lease(session: Session, name: str) -> Seen | None:
    ended = _lease.expires_at <= _in(session, dt.timedelta())
    statement = select(_lease.holder, _lease.fence, ended.label("ended")).where(_lease.name == name)
    return first_shaped(Seen, session.execute(statement))


def make_lease(session: Session, name: str, holder: str, lasts: dt.timedelta) -> bool:
    """The first lease of a name; False when somebody else was first."""
    row = {"name": name, "holder": holder, "fence": 1, "expires_at": now(session) + lasts}
    return bool(insert_missing(session, Lease, [row], _lease.id))


def take_lease(session: Session, name: str, seen: Seen, holder: str, lasts: dt.timedelta) -> bool:
    """Takes over a lease that still is as it was seen; the fence rises."""
    return _changed(
        session,
        update(table(Lease))
        .where(_lease.name == name, _lease.fence == seen.fence, _lease.holder == seen.holder)
        .values(holder=holder, fence=seen.fence + 1, expires_at=_in(session, lasts)),
    )


def keep_lease(session: Session, name: str, holder: str, fence: int, lasts: dt.timedelta) -> bool:
    """Extends a lease, or ends it when it lasts no longer; False when another holder has it by now."""
    return _changed(
        session,
        update(table(Lease))
        .where(_lease.name == name, _lease.holder == holder, _lease.fence == fence)
        .values(expires_at=_in(session, lasts)),
    )


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
