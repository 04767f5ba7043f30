"""Sums of the ledger for reports.

Sums come by what a report tells apart and by interval of time, so that memory follows the report, not the ledger.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, String, and_, case, cast, func, null, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.ledger import is_expenditure, is_internal
from app.db.portions import of_portions
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.db.unchanged import IDENTIFIERS
from app.domain.ledger import TransactionType
from app.domain.money import exact_sum
from app.reports.blocks import Amounts, Summed
from app.reports.queries_classes import (
    ASSISTANCE,
    EVERYTHING,
    FUNDS,
    PARTNER,
    PLACE,
    PROJECT,
    RECORDED,
    SECTOR,
    SOURCE,
    ByInterval,
    Scope,
    agreement_keys,
    by_interval,
    is_narrow,
    of_partner,
    places_of_projects,
    portion_class,
    project_keys,
    sectors_of_projects,
)
from app.reports.queries_projects import as_tied
from app.reports.sums import rate_day


class LedgerSum(NamedTuple):
    """Transactions that a report does not tell apart, by interval of time."""

    #: one of the projects that are as good as one for the report
    project_id: int
    #: one of the agreements; None where they are not asked for
    agreement_id: int | None
    #: None where no country is asked for
    country: str | None
    currency: str
    #: day of the rate of exchange; None where none is needed
    rate_day: dt.date | None
    #: of money received: the activity kept here that passed it on
    passed_on_by: int | None
    #: None where no type of assistance is asked for
    assistance: str | None
    #: None where no sector is asked for
    sector: str | None
    amounts: Amounts

    @property
    def amount(self) -> Decimal:
        """Over all intervals."""
        return exact_sum(amount for _, amount in self.amounts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Which transactions are asked for, and how they are told apart."""

    #: first days of intervals, in order; none: all is one
    starts: tuple[dt.date, ...] = ()
    #: None: from the beginning
    since: dt.date | None = None
    until: dt.date
    #: amounts in this currency need no rate
    currency: str
    recorded_at: dt.datetime | None = None
    #: what amounts are shared out over
    over: frozenset[str]
    scope: Scope = EVERYTHING
    #: only those of projects with keys from the one to below the other
    span: tuple[int, int] | None = None
    #: only what is under agreements of this partner
    partner_id: int | None = None
    #: the day whose earmarking of agreements tells them apart; None: nobody tells them apart by it, or it is as it was
    tied_on: dt.date | None = None
    #: tables (project_id, said) that tell of projects the sources of funds of what names no agreement, where that is
    #: asked for: see :mod:`app.reports.queries_funds`
    said_of_funds: tuple[FromClause, ...] = ()


def spent_sums(session: Session, window: Window, *, in_blocks: bool = False) -> Summed[LedgerSum]:
    """Expenditure."""
    return _spent(window).read_as(LedgerSum._make, session, apart=None, in_blocks=in_blocks)


def spent_by_portion(session: Session, window: Window) -> Summed[LedgerSum]:
    """As :func:`spent_sums`, of which only those portions of the projects are summed anew that changed; for a window
    over :data:`~app.reports.queries_classes.BY_PORTION` of everything."""
    return _spent(window, by_portion=True).read_by_portion(
        LedgerSum._make,
        session,
        f"spent by portion {window}",
        within={"ledger_entries", "projects"},
        beyond={IDENTIFIERS},
    )


# pages ask for the same figures again and again, and the statement is made longer than a small portfolio is summed
@lru_cache(maxsize=32)
def _spent(window: Window, *, by_portion: bool = False) -> ByInterval:
    entry, project = table(LedgerEntry), table(Project)
    rows = _rows(entry, project, window, cast(null(), BigInteger)).where(
        is_expenditure(entry, project),
        *window.scope.conditions(project),
        *of_partner(entry.c.agreement_id, window.partner_id),
    )
    if by_portion:
        rows = rows.where(of_portions(entry.c.project_id)).add_columns(portion_class(entry.c.project_id))
    return _summed(rows, window, telling=by_portion)


def received_sums(session: Session, window: Window, *, in_blocks: bool = False) -> Summed[LedgerSum]:
    """Incoming funds, and which of them another activity kept here passed on."""
    return _received(window).read_as(LedgerSum._make, session, apart="passed_on_by", in_blocks=in_blocks)


@lru_cache(maxsize=32)
def _received(window: Window) -> ByInterval:
    entry, project, pool = table(LedgerEntry), table(Project), table(Project).alias("pool")
    passed_on = and_(pool.c.iati_identifier == entry.c.provider_activity, pool.c.id != project.c.id)
    rows = (
        _rows(entry, project, window, pool.c.id)
        .outerjoin(pool, and_(passed_on, is_internal(entry, project)))
        .where(entry.c.type == TransactionType.INCOMING_FUNDS.value)
    )
    if of_project := window.scope.conditions(project):
        rows = rows.where(or_(and_(*of_project), and_(*window.scope.conditions(pool))))
    return _summed(rows, window)


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
    return [LedgerSum._make((*told, amounts)) for told, amounts in _summed(rows, window).read(session)]


def _summed(rows: Select[tuple[object, ...]], window: Window, *, telling: bool = False) -> ByInterval:
    return by_interval(
        rows,
        LedgerSum._fields[:-1],
        window.starts,
        since=window.since,
        until=window.until,
        spread=PROJECT in window.over,
        telling=telling,
        narrow=is_narrow(window.scope, window.partner_id),
    )


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
    if window.span is not None:
        first, end = window.span
        conditions += [entry.c.project_id >= first, entry.c.project_id < end]
    day = func.coalesce(entry.c.value_date, entry.c.date)
    over, terms = window.over, as_tied("terms", window.tied_on, window.recorded_at)
    agreement = entry.c.agreement_id if {SOURCE, PARTNER, FUNDS} & over else cast(null(), BigInteger)
    by_place = bool({PLACE, RECORDED} & over)
    classes = [*project_keys(project, over), *agreement_keys(entry.c.agreement_id, terms, over)]
    joined = entry.join(project, project.c.id == entry.c.project_id)
    if {PARTNER, FUNDS} & over:
        joined = joined.outerjoin(terms, terms.c.id == entry.c.agreement_id)
    if by_place and PROJECT not in over:
        places = places_of_projects()
        joined = joined.outerjoin(places, places.c.project_id == entry.c.project_id)
        classes.append(case((func.coalesce(entry.c.country, "") == "", places.c.said)))
    if SECTOR in over and PROJECT not in over:
        sectors = sectors_of_projects()
        joined = joined.outerjoin(sectors, sectors.c.project_id == entry.c.project_id)
        classes.append(case((func.coalesce(entry.c.sector, "") == "", sectors.c.said)))
    if FUNDS in over and PROJECT not in over:
        for said in window.said_of_funds:
            joined = joined.outerjoin(said, said.c.project_id == entry.c.project_id)
            classes.append(case((entry.c.agreement_id.is_(None), said.c.said)))
    return (
        select(
            entry.c.project_id,
            agreement.label("agreement_id"),
            (entry.c.country if by_place else cast(null(), String)).label("country"),
            entry.c.date.label("day"),
            entry.c.currency,
            rate_day(entry.c.currency, day, window.currency).label("rate_day"),
            passed_on_by.label("passed_on_by"),
            (entry.c.assistance if ASSISTANCE in over else cast(null(), String)).label("assistance"),
            (entry.c.sector if SECTOR in over else cast(null(), String)).label("sector"),
            entry.c.amount,
            *(each.label(f"class_{number}") for number, each in enumerate(classes)),
        )
        .select_from(joined)
        .where(*conditions)
    )
