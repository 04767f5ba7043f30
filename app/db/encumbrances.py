"""What encumbrances bound over time: appended with every change, and asked for as of a day or as recorded by a moment.

Every change tells all the values. What is bound, and from which day on, changes from the day of the change on; the day
on which it ends is a fact of its own day, learnt whenever. Without a day a change is one of today, but on the day on
which the record, or its newest change, was recorded it corrects that, and takes its place. An encumbrance that never
changed has no history and is known with the values it has.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import FromClause, UniqueConstraint, and_, case, exists, func, select, union_all
from sqlmodel import Field, Session

from app.db.base import ZONE, column, foreign, key, table, utc_now
from app.db.dated import Decided
from app.db.put import assign
from app.db.revisions import UNDATED
from app.db.spending import Encumbrance
from app.db.together import Batch, part_added, rows_below
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


#: what changes from a day on
HELD: Final = ("project_id", "date", "amount", "currency", "kind")


def read_ahead(batch: Batch, rows: Iterable[Encumbrance]) -> None:
    """Reads the histories of stored encumbrances that are changed together."""
    batch.read_below(EncumbranceRevision, "encumbrance_id", {key(row) for row in rows})


def on_day(session: Session, row: Encumbrance, day: dt.date) -> Mapping[str, Any]:
    """What a stored encumbrance held as it was known on a day."""
    return _on_day(row, _told(session, row), day)


def change(
    session: Session,
    row: Encumbrance,
    values: Mapping[str, Any],
    *,
    changed_on: dt.date | None,
    today: dt.date,
    recorded_by: str,
) -> bool:
    """Changes what a stored encumbrance holds, and keeps what it has been; tells whether anything changed.

    ``values``: all of ``HELD``, and ``released_on``. ``changed_on``: from when on it holds them; None: from today on,
    or from as long ago as what was recorded today and is corrected. A change that is learnt after a later one leaves
    the encumbrance as the later one says.
    """
    told = _told(session, row)
    after = {name: values[name] for name in HELD}
    standing = {name: getattr(row, name) for name in HELD}
    if after == (standing if changed_on is None else _on_day(row, told, changed_on)):
        return end(session, row, values["released_on"], recorded_by=recorded_by)
    known_on = changed_on or _corrected(session, row, told, today) or today
    is_newest = not told or known_on >= told[-1].known_on
    _append(session, row, told, after, values["released_on"], known_on, recorded_by)
    assign(row, {**(after if is_newest else {}), "released_on": values["released_on"]})
    return True


def end(
    session: Session,
    row: Encumbrance,
    released_on: dt.date | None,
    *,
    recorded_by: str,
) -> bool:
    """Says on which day a stored encumbrance ended, or that it did not; tells whether that is new.

    It held what it held until then, and would hold what it holds if it had not ended.
    """
    if row.released_on == released_on:
        return False
    known = _told(session, row)
    held = {name: getattr(row, name) for name in HELD}
    _append(session, row, known, held, released_on, known[-1].known_on if known else UNDATED, recorded_by)
    row.released_on = released_on
    return True


def _told(session: Session, row: Encumbrance) -> Sequence[EncumbranceRevision]:
    """The history in the order in which it holds."""
    found = rows_below(session, EncumbranceRevision, "encumbrance_id", key(row))
    return sorted(found, key=lambda each: (each.known_on, each.sequence))


def _on_day(row: Encumbrance, told: Sequence[EncumbranceRevision], day: dt.date) -> Mapping[str, Any]:
    by_then = [each for each in told if each.known_on <= day]
    return {name: getattr(by_then[-1] if by_then else row, name) for name in HELD}


def _corrected(
    session: Session, row: Encumbrance, told: Sequence[EncumbranceRevision], today: dt.date
) -> dt.date | None:
    """From when on what the encumbrance holds is known, if that was recorded today; None: it was before.

    What only says when it ended tells nothing of what it holds.
    """
    zone = session.info.get(ZONE, ZoneInfo("UTC"))
    recorded_at, known_on = row.created_at, UNDATED
    if told:
        first = told[-1]
        for each in reversed(told):
            if any(getattr(each, name) != getattr(first, name) for name in HELD):
                break
            first = each
        recorded_at, known_on = first.recorded_at, first.known_on
    return known_on if recorded_at.astimezone(zone).date() == today else None


def _append(
    session: Session,
    row: Encumbrance,
    told: Sequence[EncumbranceRevision],
    held: Mapping[str, Any],
    released_on: dt.date | None,
    known_on: dt.date,
    recorded_by: str,
) -> None:
    """Appends a change; before the first one, what the encumbrance has been until now."""
    sequence = max((each.sequence for each in told), default=1) + 1
    if not told:
        before = {name: getattr(row, name) for name in (*HELD, "released_on")}
        part_added(session, _revision(row, 1, UNDATED, recorded_by, row.created_at, before))
    values = {**held, "released_on": released_on}
    part_added(session, _revision(row, sequence, known_on, recorded_by, utc_now(), values))


def _revision(
    row: Encumbrance,
    sequence: int,
    known_on: dt.date,
    recorded_by: str,
    recorded_at: dt.datetime,
    values: Mapping[str, Any],
) -> EncumbranceRevision:
    return EncumbranceRevision(
        encumbrance_id=key(row),
        sequence=sequence,
        known_on=known_on,
        recorded_by=recorded_by,
        recorded_at=recorded_at,
        **values,
    )


def held(session: Session, *, recorded_at: dt.datetime | None) -> FromClause:
    """What each encumbrance bound from one day to another: a table with the columns of encumbrances, where ``starts``
    is the first day on which that was bound, and ``ends`` the first one on which it was no more, or nothing.

    ``recorded_at``: as it was on record then; None: now.
    """
    row, revision = table(Encumbrance), table(EncumbranceRevision)
    kept = [row.c[name] for name in ("id", "created_at", "archived_at")]
    unchanged = select(
        *kept, *(row.c[name] for name in HELD), row.c.date.label("starts"), row.c.released_on.label("ends")
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
        select(*kept, *(each.c[name] for name in HELD), starts.label("starts"), ends.label("ends"))
        .join_from(each, row, row.c.id == each.c.encumbrance_id)
        # what was replaced before it began, or began after it had ended, bound nothing
        .where(ends.is_(None) | (starts < ends) | ((starts == ends) & (ends == each.c.ended_on)))
    )
    has_history = exists(select(revision.c.id).where(of_one == row.c.id))
    return union_all(unchanged.where(~has_history), changed).subquery()


def known(day: dt.date) -> FromClause:
    """Encumbrances in use with what each held as it was known on a day: a table with the columns of encumbrances.

    Of one that ended the day of its end stands there, whenever that was learnt. Those that began later are among them.
    """
    row, revision = table(Encumbrance), table(EncumbranceRevision)
    place = func.row_number().over(
        partition_by=revision.c.encumbrance_id, order_by=(revision.c.known_on.desc(), revision.c.sequence.desc())
    )
    newest = select(revision, place.label("place")).where(revision.c.known_on <= day).subquery()
    return (
        select(
            *(
                func.coalesce(newest.c[each.name], each, type_=each.type).label(each.name)
                if each.name in HELD
                else each
                for each in row.c
            )
        )
        .select_from(row)
        .outerjoin(newest, and_(newest.c.encumbrance_id == row.c.id, newest.c.place == 1))
        .where(row.c.archived_at.is_(None))
        .subquery()
    )
