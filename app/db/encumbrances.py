"""What encumbrances bound over time: appended with every change, and asked for as of a day or as recorded by a moment.

Every change tells all the values. What is bound, and from which day on, changes from the day on which that is recorded;
the day on which it ends is a fact of its own day, learnt whenever. An encumbrance that never changed has no history and
is known with the values it has.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, UniqueConstraint, case, exists, func, select, union_all
from sqlmodel import Field, Session

from app.db.base import column, foreign, key, table, utc_now
from app.db.dated import Decided
from app.db.revisions import UNDATED
from app.db.spending import Encumbrance
from app.db.types import Code, Money, choice
from app.domain.terms import EncumbranceKind


class EncumbranceRevision(Decided, table=True):
    """An encumbrance from a change on; appended, never changed."""

    __tablename__ = "encumbrance_revisions"
    __table_args__ = (UniqueConstraint("encumbrance_id", "sequence"),)

    encumbrance_id: int = foreign("encumbrances.id", index=False)
    project_id: int = foreign("projects.id", index=False)
    date: dt.date
    amount: Decimal = column(Money)
    currency: str = column(Code)
    kind: EncumbranceKind = column(choice(EncumbranceKind))
    #: day on which it ended, as far as it was known with this change
    released_on: dt.date | None = Field(default=None)


_VALUES = ("project_id", "date", "amount", "currency", "kind", "released_on")
_HELD = ("project_id", "date", "amount", "currency", "kind")


def values_of(row: Encumbrance) -> dict[str, Any]:
    """What the history of an encumbrance keeps."""
    return {name: getattr(row, name) for name in _VALUES}


def append(
    session: Session, row: Encumbrance, before: Mapping[str, Any], *, known_on: dt.date, recorded_by: str
) -> None:
    """Keeps what an encumbrance has been before a change, and what it is after it; nothing where nothing changed."""
    after = values_of(row)
    if after == before:
        return
    revision = table(EncumbranceRevision).c
    last = session.scalar(select(func.max(revision.sequence)).where(revision.encumbrance_id == key(row)))
    if last is None:
        last = 1
        _add(session, row, before, 1, UNDATED, recorded_by, row.created_at)
    _add(session, row, after, last + 1, known_on, recorded_by, utc_now())


def _add(
    session: Session,
    row: Encumbrance,
    values: Mapping[str, Any],
    sequence: int,
    known_on: dt.date,
    recorded_by: str,
    recorded_at: dt.datetime,
) -> None:
    session.add(
        EncumbranceRevision(
            encumbrance_id=key(row),
            sequence=sequence,
            known_on=known_on,
            recorded_by=recorded_by,
            recorded_at=recorded_at,
            **values,
        )
    )


def held(session: Session, *, recorded_at: dt.datetime | None) -> FromClause:
    """What each encumbrance bound from one day to another: a table with the columns of encumbrances, where ``starts``
    is the first day on which that was bound, and ``ends`` the first one on which it was no more, or nothing.

    ``recorded_at``: as it was on record then; None: now.
    """
    row, revision = table(Encumbrance), table(EncumbranceRevision)
    kept = [row.c[name] for name in ("id", "created_at", "archived_at")]
    unchanged = select(
        *kept, *(row.c[name] for name in _HELD), row.c.date.label("starts"), row.c.released_on.label("ends")
    )
    if session.execute(select(revision.c.id).limit(1)).first() is None:
        return unchanged.subquery()
    of_one = revision.c.encumbrance_id
    told = select(
        revision,
        func.lead(revision.c.known_on)
        .over(partition_by=of_one, order_by=(revision.c.known_on, revision.c.sequence))
        .label("next_on"),
        func.first_value(revision.c.released_on)
        .over(partition_by=of_one, order_by=revision.c.sequence.desc())
        .label("ended_on"),
    )
    if recorded_at is not None:
        told = told.where(revision.c.recorded_at <= recorded_at)
    each = told.subquery()
    starts = case((each.c.known_on > each.c.date, each.c.known_on), else_=each.c.date)
    ends = case(
        (each.c.next_on.is_(None), each.c.ended_on),
        (each.c.ended_on < each.c.next_on, each.c.ended_on),
        else_=each.c.next_on,
    )
    changed = (
        select(*kept, *(each.c[name] for name in _HELD), starts.label("starts"), ends.label("ends"))
        .join_from(each, row, row.c.id == each.c.encumbrance_id)
        # what was replaced before it began, or after it had ended, bound nothing
        .where(ends.is_(None) | (starts < ends) | (starts == each.c.ended_on))
    )
    has_history = exists(select(revision.c.id).where(of_one == row.c.id))
    return union_all(unchanged.where(~has_history), changed).subquery()


def known_on(name: str, day: dt.date) -> ColumnElement[object]:
    """A column of the encumbrance of the statement around, as it was known on a day."""
    row, revision = table(Encumbrance), table(EncumbranceRevision)
    told = (
        select(revision.c[name])
        .where(revision.c.encumbrance_id == row.c.id, revision.c.known_on <= day)
        .order_by(revision.c.known_on.desc(), revision.c.sequence.desc())
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )
    return func.coalesce(told, row.c[name])
