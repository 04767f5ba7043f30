"""Sums of the ledger for reports.

Sums come by project and by interval of time, so that memory follows the number of projects, not that of transactions.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, cast, func, null, select
from sqlmodel import Session

from app.db.base import table
from app.db.ledger import is_expenditure, is_internal
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.ledger import TransactionType
from app.reports.sums import BATCH, interval, ordered, rate_day


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerSum:
    """Transactions of one project and interval of time."""

    project_id: int
    agreement_id: int | None
    country: str | None
    #: which interval of time they fall into
    interval: int
    currency: str
    #: day of the rate of exchange; None where none is needed
    rate_day: dt.date | None
    amount: Decimal
    #: of money received: the activity kept here that passed it on
    passed_on_by: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Which transactions are asked for, and how they are told apart."""

    #: first days of intervals, in order
    starts: Sequence[dt.date]
    #: None: from the beginning
    since: dt.date | None
    until: dt.date
    #: amounts in this currency need no rate
    currency: str
    recorded_at: dt.datetime | None = None


def spent_sums(session: Session, window: Window) -> list[LedgerSum]:
    """Expenditure."""
    entry, project = table(LedgerEntry), table(Project)
    # the type by itself, so that its index is used
    spending = entry.c.type.in_((TransactionType.DISBURSEMENT.value, TransactionType.EXPENDITURE.value))
    rows = _rows(entry, project, window, cast(null(), BigInteger)).where(spending, is_expenditure(entry, project))
    return _summed(session, rows)


def received_sums(session: Session, window: Window) -> list[LedgerSum]:
    """Incoming funds, and which of them another activity kept here passed on."""
    entry, project, pool = table(LedgerEntry), table(Project), table(Project).alias("pool")
    passed_on = and_(pool.c.iati_identifier == entry.c.provider_activity, pool.c.id != project.c.id)
    rows = (
        _rows(entry, project, window, pool.c.id)
        .outerjoin(pool, and_(passed_on, is_internal(entry, project)))
        .where(entry.c.type == TransactionType.INCOMING_FUNDS.value)
    )
    return _summed(session, rows)


def pools_received(session: Session, window: Window) -> list[LedgerSum]:
    """Incoming funds of the activities that passed any on."""
    entry, project, pool = table(LedgerEntry), table(Project), table(Project).alias("pool")
    named = table(LedgerEntry).alias("named")
    passing = select(named.c.provider_activity).where(
        named.c.type == TransactionType.INCOMING_FUNDS.value, named.c.provider_activity.is_not(None)
    )
    passed_on = and_(pool.c.iati_identifier == entry.c.provider_activity, pool.c.id != project.c.id)
    rows = (
        _rows(entry, project, window, pool.c.id)
        .outerjoin(pool, and_(passed_on, is_internal(entry, project)))
        .where(entry.c.type == TransactionType.INCOMING_FUNDS.value, project.c.iati_identifier.in_(passing))
    )
    return _summed(session, rows)


def first_spent_on(session: Session, until: dt.date) -> dt.date | None:
    """Day of the first transaction that may be expenditure."""
    entry = table(LedgerEntry)
    spending = entry.c.type.in_((TransactionType.DISBURSEMENT.value, TransactionType.EXPENDITURE.value))
    found: dt.date | None = session.scalar(select(func.min(entry.c.date)).where(spending, entry.c.date <= until))
    return found


def _rows(
    entry: FromClause, project: FromClause, window: Window, passed_on_by: ColumnElement[int | None]
) -> Select[tuple[object, ...]]:
    conditions = [entry.c.date <= window.until]
    if window.since is not None:
        conditions.append(entry.c.date >= window.since)
    if window.recorded_at is not None:
        conditions.append(entry.c.recorded_at <= window.recorded_at)
    day = func.coalesce(entry.c.value_date, entry.c.date)
    return (
        select(
            entry.c.project_id,
            entry.c.agreement_id,
            entry.c.country,
            interval(entry.c.date, window.starts).label("interval"),
            entry.c.currency,
            rate_day(entry.c.currency, day, window.currency).label("rate_day"),
            passed_on_by.label("passed_on_by"),
            entry.c.amount,
        )
        .select_from(entry)
        .join(project, project.c.id == entry.c.project_id)
        .where(*conditions)
    )


def _summed(session: Session, statement: Select[tuple[object, ...]]) -> list[LedgerSum]:
    rows = statement.subquery()
    keys = [column for column in rows.c if column.name != "amount"]
    found = session.execute(
        select(*keys, func.sum(rows.c.amount).label("amount")).group_by(*keys).order_by(*ordered(keys))
    )
    return [
        LedgerSum(
            project_id=row.project_id,
            agreement_id=row.agreement_id,
            country=row.country,
            interval=row.interval,
            currency=row.currency,
            rate_day=row.rate_day,
            amount=row.amount,
            passed_on_by=row.passed_on_by,
        )
        for row in found.yield_per(BATCH)
    ]
