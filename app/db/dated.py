"""Values over time of what agreements give and of what is needed: appended by decision, and asked for as of a day.

A record shows what its newest decision says. One that has no decisions on record, as a published file brings them,
is known with the values it has. Each decision tells all the values; of several of one day the one recorded last counts.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import FromClause, UniqueConstraint, and_, case, exists, func, select
from sqlmodel import Field, Session

from app.db.base import Kept, Recorded, column, foreign, key, table, utc_now
from app.db.funding import FundingShare, Instalment
from app.db.revisions import UNDATED
from app.db.spending import InstitutionalBudget
from app.db.together import added, part_added, rows_below, settled
from app.db.types import Code, Money


class Decided(Recorded):
    """The values of a record from a decision on."""

    sequence: int
    known_on: dt.date = Field(index=True)
    #: from then on the record says nothing more
    withdrawn: bool = Field(default=False)


class FundingShareRevision(Decided, table=True):
    """A funding share from a decision on; appended, never changed."""

    __tablename__ = "funding_share_revisions"
    __table_args__ = (UniqueConstraint("share_id", "sequence"),)

    share_id: int = foreign("funding_shares.id", index=False)
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    amount: Decimal | None = column(Money, default=None)
    percent: Decimal | None = column(Money, default=None)


class InstalmentRevision(Decided, table=True):
    """An instalment from a decision on; appended, never changed."""

    __tablename__ = "instalment_revisions"
    __table_args__ = (UniqueConstraint("instalment_id", "sequence"),)

    instalment_id: int = foreign("instalments.id", index=False)
    due_on: dt.date
    amount: Decimal = column(Money)


class InstitutionalBudgetRevision(Decided, table=True):
    """A figure of the organisation's budget, or a need, from a decision on; appended, never changed."""

    __tablename__ = "institutional_budget_revisions"
    __table_args__ = (UniqueConstraint("budget_id", "sequence"),)

    budget_id: int = foreign("institutional_budgets.id", index=False)
    country: str = column(Code, default="")
    period_start: dt.date
    period_end: dt.date
    line: str = column(Code, default="")
    amount: Decimal = column(Money)
    currency: str = column(Code)
    value_date: dt.date


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """Which table holds the decisions on which records."""

    record: type[Kept]
    revision: type[Decided]
    #: its column that names the record
    of: str
    #: columns that both have
    values: tuple[str, ...]


SHARES = Dated(
    record=FundingShare,
    revision=FundingShareRevision,
    of="share_id",
    values=("starts_on", "ends_on", "amount", "percent"),
)
INSTALMENTS = Dated(record=Instalment, revision=InstalmentRevision, of="instalment_id", values=("due_on", "amount"))
BUDGETS = Dated(
    record=InstitutionalBudget,
    revision=InstitutionalBudgetRevision,
    of="budget_id",
    values=("country", "period_start", "period_end", "line", "amount", "currency", "value_date"),
)


def decisions(session: Session, dated: Dated, row: Kept) -> list[Decided]:
    """What was decided on a record, in the order in which it holds."""
    revision = table(dated.revision).c
    found = rows_below(session, dated.revision, dated.of, key(row), revision.known_on, revision.sequence)
    return sorted(found, key=lambda each: (each.known_on, each.sequence))


def on_day(session: Session, dated: Dated, row: Kept, day: dt.date) -> Mapping[str, object] | None:
    """The values of a record as decided by a day; None: it said nothing then. They need no decision on record."""
    known = decisions(session, dated, row)
    by_then = [each for each in known if each.known_on <= day]
    if not known:
        return None if row.archived_at is not None else _values(dated, row)
    return _values(dated, by_then[-1]) if by_then and not by_then[-1].withdrawn else None


def is_repeated(known: Sequence[Decided], day: dt.date, *, is_dated: bool) -> bool:
    """Whether values that stand on a day need no further decision: nobody dated them, or that day has one already.

    What is said anew of a day of its own is one more: it stands against what is learnt later of a day before.
    """
    return not is_dated or any(each.known_on == day for each in known)


def append(
    session: Session,
    dated: Dated,
    row: Kept,
    values: Mapping[str, object] | None,
    *,
    known_on: dt.date,
    recorded_by: str,
) -> bool:
    """Appends what was decided on a day, and puts on the record what the newest decision says.

    ``values`` None: the record says nothing more from then on. A stored record without decisions begins with the
    values that it has. Tells whether the record itself changed.
    """
    known = decisions(session, dated, row) if row.id is not None else []
    if row.id is None:
        added(session, row)
    elif not known:
        known = [_appended(session, dated, row, _values(dated, row), 1, UNDATED, recorded_by, row.created_at)]
        if row.archived_at is not None:
            day = row.archived_at.date()
            known.append(_appended(session, dated, row, None, 2, day, recorded_by, row.archived_at))
    told = _appended(session, dated, row, values, len(known) + 1, known_on, recorded_by, utc_now())
    newest = max([*known, told], key=lambda each: (each.known_on, each.sequence))
    changed = False
    if newest.withdrawn:
        changed = row.archived_at is None
        row.archived_at = row.archived_at or utc_now()
    else:
        said = _values(dated, newest) | {"archived_at": None}
        for name, value in said.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed = True
    settled(session)
    return changed


def _values(dated: Dated, row: Kept | Decided) -> dict[str, object]:
    return {name: getattr(row, name) for name in dated.values}


def _appended(
    session: Session,
    dated: Dated,
    row: Kept,
    values: Mapping[str, object] | None,
    sequence: int,
    known_on: dt.date,
    recorded_by: str,
    recorded_at: dt.datetime,
) -> Decided:
    said = _values(dated, row) if values is None else values
    told = dated.revision(
        sequence=sequence,
        known_on=known_on,
        withdrawn=values is None,
        recorded_by=recorded_by,
        recorded_at=recorded_at,
    )
    setattr(told, dated.of, key(row))
    for name in dated.values:
        setattr(told, name, said[name])
    part_added(session, told)
    return told


def known(session: Session, dated: Dated, *, as_of: dt.date, recorded_at: dt.datetime | None) -> FromClause:
    """The records in use as known on a day: a table with all the columns of theirs, to be joined in place of it.

    When nothing was decided after the day, it is the records as they stand.
    """
    record, revision = table(dated.record), table(dated.revision)
    in_use = record.c.archived_at.is_(None)
    later = select(revision.c.id).where(revision.c.known_on > as_of).limit(1)
    if recorded_at is None and session.execute(later).first() is None:
        return select(record).where(in_use).subquery()
    place = func.row_number().over(
        partition_by=revision.c[dated.of], order_by=(revision.c.known_on.desc(), revision.c.sequence.desc())
    )
    decided = select(revision, place.label("place")).where(revision.c.known_on <= as_of)
    if recorded_at is not None:
        decided = decided.where(revision.c.recorded_at <= recorded_at)
    newest = decided.subquery()
    is_told = newest.c.id.is_not(None)
    has_decisions = exists(select(revision.c.id).where(revision.c[dated.of] == record.c.id))
    columns = [
        case((is_told, newest.c[each.name]), else_=each).label(each.name) if each.name in dated.values else each
        for each in record.c
    ]
    return (
        select(*columns)
        .select_from(record)
        .outerjoin(newest, and_(newest.c[dated.of] == record.c.id, newest.c.place == 1))
        .where(case((is_told, ~newest.c.withdrawn), else_=and_(in_use, ~has_decisions)))
        .subquery()
    )
