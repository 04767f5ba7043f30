"""Sums for reports, made in the database; the number of statements does not depend on the number of rows.

Sums come by project and by interval of time, so that memory follows the number of projects, not that of transactions.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, func, literal, null, select
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.db.base import table
from app.db.funding import Agreement, FundingShare
from app.db.ledger import is_internal
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.projects import Classification, Project
from app.db.spending import Encumbrance, LedgerEntry
from app.domain.money import Money
from app.domain.periods import Period
from app.domain.terms import EncumbranceKind

_BATCH = 5000
_WHOLE = Decimal(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectFacts:
    """What rows are grouped by that a project itself says."""

    id: int
    code: str
    outcome: str | None
    unit: str | None
    #: region of the responsible unit
    region: str | None
    officer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerSum:
    project_id: int
    agreement_id: int | None
    country: str | None
    type: str
    internal: bool
    #: which interval of time the transactions fall into
    interval: int
    currency: str
    #: day of the rate of exchange; None where none is needed
    rate_day: dt.date | None
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocationSum:
    project_id: int
    agreement_id: int | None
    source: str
    outcome: str
    country: str
    period: Period
    currency: str
    rate_day: dt.date
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class EncumbranceSum:
    project_id: int
    interval: int
    currency: str
    rate_day: dt.date | None
    amount: Decimal


def projects(session: Session) -> dict[int, ProjectFacts]:
    """Projects and pools by key, archived ones too: what they did in the past stays in its figures."""
    project, unit, officer = table(Project), table(Unit), table(Officer)
    rows = session.execute(
        select(project.c.id, project.c.code, project.c.outcome, unit.c.code, unit.c.region, officer.c.code)
        .select_from(project)
        .outerjoin(unit, unit.c.id == project.c.unit_id)
        .outerjoin(officer, officer.c.id == project.c.officer_id)
    )
    return {
        row[0]: ProjectFacts(id=row[0], code=row[1], outcome=row[2], unit=row[3], region=row[4], officer=row[5])
        for row in rows.yield_per(_BATCH)
    }


def sources(session: Session) -> dict[int, tuple[str, str]]:
    """Agreements by key: reference and code of the partner."""
    agreement, partner = table(Agreement), table(Partner)
    rows = session.execute(
        select(agreement.c.id, agreement.c.reference, partner.c.code).join(
            partner, partner.c.id == agreement.c.partner_id
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def shares(session: Session) -> Iterator[tuple[int, int, Money]]:
    """Funding shares: project, agreement, and what part of the agreement's amount it is."""
    share, agreement = table(FundingShare), table(Agreement)
    rows = session.execute(
        select(
            share.c.project_id,
            share.c.agreement_id,
            share.c.amount,
            share.c.percent,
            agreement.c.amount,
            agreement.c.currency,
        )
        .join(agreement, agreement.c.id == share.c.agreement_id)
        .where(share.c.archived_at.is_(None))
        .order_by(share.c.project_id, share.c.id)
    )
    for project_id, agreement_id, amount, percent, whole, currency in rows.yield_per(_BATCH):
        part = Money(whole, currency).times(_WHOLE if percent is None else percent.scaleb(-2))
        yield project_id, agreement_id, part if amount is None else Money(amount, currency)


def places(session: Session) -> Iterator[tuple[int, str, str, Decimal | None]]:
    """Countries and regions of projects (project, kind, code, percentage), in the projects' own order.

    Regions of the standard's own vocabulary only: those of others say the same once more.
    """
    row = table(Classification).c
    rows = session.execute(
        select(row.project_id, row.kind, row.code, row.percentage)
        .where(row.kind.in_(("country", "region")), func.coalesce(row.vocabulary, "1") == "1")
        .order_by(row.project_id, row.kind, row.ordinal, row.id)
    )
    yield from ((row[0], row[1], row[2], row[3]) for row in rows.yield_per(_BATCH))


def _interval(day: ColumnElement[Any], starts: Sequence[dt.date]) -> ColumnElement[Any]:
    """Number of the interval a day falls into: 0 before the first start, n from the n-th on."""
    later = [(day < start, literal(number)) for number, start in enumerate(starts)]
    return case(*later, else_=literal(len(starts))) if later else literal(0)


def _rate_day(currency: ColumnElement[Any], day: ColumnElement[Any], reported: str) -> ColumnElement[Any]:
    """Amounts in the reported currency need no rate, so their days need not be told apart."""
    return case((currency == reported, cast(null(), Date)), else_=day)


def ledger_sums(
    session: Session,
    types: Collection[str],
    starts: Sequence[dt.date],
    *,
    since: dt.date | None,
    until: dt.date,
    currency: str,
    recorded_at: dt.datetime | None,
) -> list[LedgerSum]:
    """Transactions of the types from ``since`` to ``until``, summed by project, agreement, country and interval."""
    entry, project = table(LedgerEntry), table(Project)
    conditions = [entry.c.type.in_(sorted(types)), entry.c.date <= until]
    if since is not None:
        conditions.append(entry.c.date >= since)
    if recorded_at is not None:
        conditions.append(entry.c.recorded_at <= recorded_at)
    rows = (
        select(
            entry.c.project_id,
            entry.c.agreement_id,
            entry.c.country,
            entry.c.type,
            is_internal(entry, project).label("internal"),
            _interval(entry.c.date, starts).label("interval"),
            entry.c.currency,
            _rate_day(entry.c.currency, func.coalesce(entry.c.value_date, entry.c.date), currency).label("rate_day"),
            entry.c.amount,
        )
        .join(project, project.c.id == entry.c.project_id)
        .where(*conditions)
        .subquery()
    )
    keys = [column for column in rows.c if column.name != "amount"]
    found = session.execute(select(*keys, func.sum(rows.c.amount)).group_by(*keys).order_by(*_ordered(keys)))
    return [
        LedgerSum(
            project_id=row[0],
            agreement_id=row[1],
            country=row[2],
            type=row[3],
            internal=row[4],
            interval=row[5],
            currency=row[6],
            rate_day=row[7],
            amount=row[8],
        )
        for row in found.yield_per(_BATCH)
    ]


def _ordered(keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """An order that both databases agree on: empty values first."""
    return [part for key in keys for part in (key.is_not(None), key)]


def allocation_sums(
    session: Session, starts: dt.date, ends: dt.date, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> list[AllocationSum]:
    """Allocations that count on the day and whose period has days from ``starts`` to ``ends``."""
    rows = effective_allocations(as_of, recorded_at).subquery()
    keys = [
        rows.c[name]
        for name in (
            "project_id", "agreement_id", "source", "outcome", "country", "period_start", "period_end", "currency",
            "decided_on",
        )
    ]  # fmt: skip
    found = session.execute(
        select(*keys, func.sum(rows.c.amount))
        .where(rows.c.period_start <= ends, rows.c.period_end >= starts)
        .where(rows.c.period_end >= rows.c.period_start)
        .group_by(*keys)
        .order_by(*_ordered(keys))
    )
    # most allocations share a few periods
    period = lru_cache(lambda start, end: Period(start=start, end=end))
    return [
        AllocationSum(
            project_id=row[0],
            agreement_id=row[1],
            source=row[2],
            outcome=row[3],
            country=row[4],
            period=period(row[5], row[6]),
            currency=row[7],
            rate_day=row[8],
            amount=row[9],
        )
        for row in found.yield_per(_BATCH)
    ]


def encumbrance_sums(
    session: Session, starts: Sequence[dt.date], *, since: dt.date, until: dt.date, currency: str
) -> list[EncumbranceSum]:
    """Encumbrances (advances apart) that began, less those that ended, by project and interval."""
    row = table(Encumbrance)
    found: list[EncumbranceSum] = []
    for day, sign in ((row.c.date, 1), (row.c.released_on, -1)):
        rows = (
            select(
                row.c.project_id,
                _interval(day, starts).label("interval"),
                row.c.currency,
                _rate_day(row.c.currency, row.c.date, currency).label("rate_day"),
                row.c.amount,
            )
            .where(
                row.c.kind == EncumbranceKind.ENCUMBRANCE,
                row.c.archived_at.is_(None),
                and_(day >= since, day <= until),
            )
            .subquery()
        )
        keys = [column for column in rows.c if column.name != "amount"]
        sums = session.execute(select(*keys, func.sum(rows.c.amount)).group_by(*keys).order_by(*_ordered(keys)))
        found += [
            EncumbranceSum(project_id=key[0], interval=key[1], currency=key[2], rate_day=key[3], amount=key[4] * sign)
            for key in sums
        ]
    return found
