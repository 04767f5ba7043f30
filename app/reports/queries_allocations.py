"""Sums of allocations for reports."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, literal, or_, select
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.db.base import table
from app.db.projects import Project
from app.db.spending import Allocation
from app.reports.blocks import Amounts, Summed
from app.reports.queries_classes import (
    EVERYTHING,
    FUNDS,
    OUTCOME,
    PARTNER,
    PLACE,
    PROJECT,
    RECORDED,
    SECTOR,
    SOURCE,
    ByInterval,
    Scope,
    Told,
    agreement_keys,
    by_interval,
    is_narrow,
    naming_outcomes,
    of_partner,
    places_of_projects,
    portion_class,
    project_keys,
    sectors_of_projects,
    summed,
)
from app.reports.queries_projects import as_tied, known_among
from app.reports.sums import rate_day


class AllocationSum(NamedTuple):
    """What stands allocated by decisions that a report does not tell apart."""

    #: one of the projects that are as good as one for the report
    project_id: int
    #: one of the agreements
    agreement_id: int | None
    source: str
    outcome: str
    country: str
    period_start: dt.date
    period_end: dt.date
    currency: str
    #: day of the decision, whose rate of exchange counts; None where none is needed
    rate_day: dt.date | None
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which allocations are asked for, and how they are told apart."""

    #: those whose period has days from the first to the last
    first: dt.date
    last: dt.date
    as_of: dt.date
    recorded_at: dt.datetime | None
    #: amounts in this currency need no rate
    currency: str
    #: what amounts are shared out over
    over: frozenset[str]
    #: allocations are cut at these days, each by itself
    edges: frozenset[dt.date]
    scope: Scope = EVERYTHING
    #: only what is under agreements of this partner
    partner_id: int | None = None
    #: the day whose earmarking of agreements tells them apart, as of a window of the ledger
    tied_on: dt.date | None = None
    #: only those whose source is no agreement but a named one of the organisation's own
    own_resources: bool = False
    #: only those of projects that have one which names an outcome, and of these projects
    following: frozenset[int] | None = None


class AllocatedSum(NamedTuple):
    """As :class:`AllocationSum`, by interval of time; what an edge cuts stands by itself, with its period."""

    project_id: int
    agreement_id: int | None
    source: str
    outcome: str
    country: str
    #: None of what no edge cuts
    period_start: dt.date | None
    period_end: dt.date | None
    currency: str
    rate_day: dt.date | None
    #: by the number of the interval, between two edges, in which the period begins
    amounts: Amounts


def allocation_sums(session: Session, wanted: Wanted) -> list[AllocationSum]:
    """Allocations that count on the day, by their periods.

    Those that are cut are rounded where they are cut, so that each line comes by itself.
    """
    rows = _wanted(wanted)
    told = _told(rows, wanted, [rows.c.period_start, rows.c.period_end])
    narrow = is_narrow(wanted.scope, wanted.partner_id)
    return [AllocationSum._make(row) for row in summed(session, told, AllocationSum._fields[:-1], narrow=narrow)]


def allocated_sums(session: Session, wanted: Wanted, *, in_blocks: bool = False) -> Summed[AllocatedSum]:
    """Allocations that count on the day, by interval of time between the edges, of which there are some."""
    return _allocated(wanted).read_as(AllocatedSum._make, session, apart="period_start", in_blocks=in_blocks)


def allocated_by_portion(session: Session, wanted: Wanted) -> Summed[AllocatedSum]:
    """As :func:`allocated_sums`, of which only those portions of the projects are summed anew that changed; for what is
    wanted over :data:`~app.reports.queries_classes.BY_PORTION` of everything."""
    return _allocated(wanted, by_portion=True).read_by_portion(
        AllocatedSum._make, session, f"allocated by portion {wanted}", within={"allocations", "projects"}
    )


# pages ask for the same figures again and again, and the statement is made longer than a small portfolio is summed
@lru_cache(maxsize=32)
def _allocated(wanted: Wanted, *, by_portion: bool = False) -> ByInterval:
    rows = _wanted(wanted, by_portion=by_portion)
    period = [case((rows.c.cut, rows.c[name])).label(name) for name in ("period_start", "period_end")]
    told = _told(rows, wanted, period).add_columns(rows.c.period_start.label("day"))
    if by_portion:
        told = told.add_columns(portion_class(rows.c.project_id))
    return by_interval(
        told,
        AllocatedSum._fields[:-1],
        sorted(wanted.edges),
        since=None,
        until=wanted.last,
        spread=PROJECT in wanted.over,
        telling=by_portion,
        narrow=is_narrow(wanted.scope, wanted.partner_id),
    )


def _told(rows: FromClause, wanted: Wanted, period: Sequence[ColumnElement[dt.date]]) -> Select[tuple[object, ...]]:
    """What is said of allocations, and what tells them apart."""
    project, over = table(Project), wanted.over
    terms = as_tied("terms", wanted.tied_on, wanted.recorded_at)
    by_place = bool({PLACE, RECORDED} & over)
    # an agreement says itself what source it is
    source = case((rows.c.agreement_id.is_(None), rows.c.source), else_="")
    joined: FromClause = rows
    if PROJECT in over:
        classes: list[Told] = [rows.c.project_id]
    else:
        classes = project_keys(project, over)
        if classes:
            joined = joined.join(project, project.c.id == rows.c.project_id)
    if {PARTNER, FUNDS} & over:
        joined = joined.outerjoin(terms, terms.c.id == rows.c.agreement_id)
    classes += agreement_keys(rows.c.agreement_id, terms, over)
    if FUNDS in over and PROJECT not in over:
        # what names neither follows the agreements that fund its project
        classes.append(case((and_(rows.c.agreement_id.is_(None), rows.c.source == ""), rows.c.project_id)))
    if by_place and PROJECT not in over:
        places = places_of_projects()
        joined = joined.outerjoin(places, places.c.project_id == rows.c.project_id)
        classes.append(case((rows.c.country == "", places.c.said)))
    if SECTOR in over and PROJECT not in over:
        sectors = sectors_of_projects()
        joined = joined.outerjoin(sectors, sectors.c.project_id == rows.c.project_id)
        classes.append(sectors.c.said)
    if wanted.edges:
        lines = ["agreement_id", "source", "outcome", "country", "decided_on"]
        if PROJECT not in over:
            lines.append("project_id")
        classes += [case((rows.c.cut, rows.c[name])) for name in lines]
    return select(
        rows.c.project_id,
        rows.c.agreement_id,
        (source if {SOURCE, PARTNER, FUNDS} & over else literal("")).label("source"),
        (rows.c.outcome if OUTCOME in over else literal("")).label("outcome"),
        (rows.c.country if by_place else literal("")).label("country"),
        *period,
        rows.c.currency,
        rate_day(rows.c.currency, rows.c.decided_on, wanted.currency).label("rate_day"),
        rows.c.amount,
        *(each.label(f"class_{number}") for number, each in enumerate(classes)),
    ).select_from(joined)


def _wanted(wanted: Wanted, *, by_portion: bool = False) -> FromClause:
    """The allocations that are asked for; with days at which they are cut, whether one of those cuts the period.

    That is asked once of each: the offset of nothing keeps the databases from asking it again wherever it is named.
    """
    line = table(Allocation).c
    lines = [
        line.period_start <= wanted.last,
        line.period_end >= wanted.first,
        line.period_end >= line.period_start,
        *wanted.scope.holds(line.project_id),
        *of_partner(line.agreement_id, wanted.partner_id),
    ]
    if wanted.following is not None:
        lines.append(or_(line.project_id.in_(naming_outcomes()), known_among(line.project_id, wanted.following)))
    if wanted.own_resources:
        lines += [line.agreement_id.is_(None), line.source != ""]
    rows = effective_allocations(wanted.as_of, wanted.recorded_at, lines=lines, by_portion=by_portion).subquery()
    if not wanted.edges:
        return rows
    cut = or_(*(and_(rows.c.period_start < day, rows.c.period_end >= day) for day in sorted(wanted.edges)))
    return select(rows, cut.label("cut")).offset(0).subquery()


def allocations_of_years(session: Session, wanted: Wanted, *, of_funds: Collection[int] | None) -> list[AllocationSum]:
    """The allocations of whatever time, by project and what they say of outcomes and sources of funds.

    Those of projects with an allocation that names an outcome, for all others say nothing of outcomes; and those of the
    projects ``of_funds``. None: sources of funds are not asked for.
    """
    over = frozenset({PROJECT, OUTCOME} if of_funds is None else {PROJECT, OUTCOME, FUNDS} | (wanted.over & {SOURCE}))
    of_all = replace(
        wanted,
        first=dt.date.min,
        last=dt.date.max,
        edges=frozenset(),
        over=over,
        partner_id=None,
        following=frozenset(of_funds or ()),
    )
    return allocation_sums(session, of_all)
