"""Statements of leases."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import CursorResult, Update, select, update
from sqlmodel import Session

from app.db.alerts import Lease
from app.db.base import table
from app.db.bulk import insert_missing
from app.db.shapes import first_shaped

_lease = table(Lease).c


@dataclass(frozen=True, slots=True)
class Seen:
    """A lease as it was read."""

    holder: str
    #: rises with every change of holder
    fence: int
    expires_at: dt.datetime


def lease(session: Session, name: str) -> Seen | None:
    statement = select(_lease.holder, _lease.fence, _lease.expires_at).where(_lease.name == name)
    return first_shaped(Seen, session.execute(statement))


def make_lease(session: Session, name: str, holder: str, expires_at: dt.datetime) -> bool:
    """The first lease of a name; False when somebody else was first."""
    row = {"name": name, "holder": holder, "fence": 1, "expires_at": expires_at}
    return bool(insert_missing(session, Lease, [row], _lease.id))


def take_lease(session: Session, name: str, seen: Seen, holder: str, expires_at: dt.datetime) -> bool:
    """Takes over a lease that still is as it was seen; the fence rises."""
    return _changed(
        session,
        update(table(Lease))
        .where(_lease.name == name, _lease.fence == seen.fence, _lease.holder == seen.holder)
        .values(holder=holder, fence=seen.fence + 1, expires_at=expires_at),
    )


def keep_lease(session: Session, name: str, holder: str, fence: int, expires_at: dt.datetime) -> bool:
    """Extends a lease; False when another holder has it by now."""
    return _changed(
        session,
        update(table(Lease))
        .where(_lease.name == name, _lease.holder == holder, _lease.fence == fence)
        .values(expires_at=expires_at),
    )


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
