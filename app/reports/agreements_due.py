"""The report ``agreements-due``: what agreements ask for, and how reports to donors were sent."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from operator import attrgetter

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import percent_of
from app.domain.duties import Duty, DutyKind, DutyState, punctuality
from app.domain.money import plain
from app.domain.periods import Period, days_after
from app.reports.calendars import periods_of
from app.reports.choices import chosen_of
from app.reports.duties import gather_with_rates
from app.reports.exchange import in_order
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import missing_told
from app.reports.options import number
from app.reports.printing import percent
from app.reports.queries_duties import Scope

#: the dimension whose rows are the duties themselves
LISTED = "duty"
DIMENSIONS = (LISTED, "partner", "kind", "unit", "officer")
#: row of what has no officer or unit
NOBODYS = "none"
#: days ahead, where nothing else is said
WITHIN = 90
COLUMNS = (
    "partner", "agreement", "kind", "item", "due", "state", "days_late", "officer", "project", "amount", "received",
    "currency", "unit",
)  # fmt: skip
_SHARES = ("reports_due", "on_time", "sent_late", "not_sent", "on_time_share", "open", "late")
DEFINITION = (
    "What agreements ask for: reports to donors by their schedules, conditions, instalments, and what is about to end "
    "(agreements; framework agreements; clearances of partners). By duty: what is open and falls due within the days "
    "asked for (90 if none are) and what is late; an instalment is late or partly paid until the receipts of its "
    "agreement make it up in the order of the days. By partner, kind, unit or officer: of the reports that had fallen "
    "due by the day how many were sent on time and late and not at all; the share is the ratio of sums. By "
    "partner: what an agreement of several partners asks for counts for each of them and once in the total. A period "
    "narrows either to what falls due in it. What came in another currency than that of its agreement is brought to "
    "it by the rate of its day. A duty is with the officer who is told of it: of a project that the agreement funds."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    within = number(request, "within", least=0)
    until = days_after(request.as_of, WITHIN if within is None else within)
    periods: list[Period] = []
    if request.period:
        periods = list(periods_of(request.period, calendar_of(the_setup(session))))
        until = max(until, periods[-1].end) if within is None else until
    narrowed = chosen_of(session, request).sentences
    listed = request.by == (LISTED,)
    # what ends later is not listed; of groups it makes rows of noughts
    scope = Scope(partner=request.options.get("partner"), ends_by=until if listed else None)
    gathered = gather_with_rates(session, request.as_of, scope=scope, until=until)
    duties = gathered.duties
    for name, of in (("unit", attrgetter("unit")), ("officer", attrgetter("officer"))):
        if (wanted := request.options.get(name)) is not None:
            duties = [duty for duty in duties if of(duty) == wanted]
    if periods:
        # many fall due on the same days
        inside = {day: any(day in period for period in periods) for day in {duty.due for duty in duties}}
        duties = [duty for duty in duties if inside[duty.due]]
    shown = [duty for duty in duties if duty.due <= until and duty.state(request.as_of).is_open]
    columns: tuple[str, ...] = COLUMNS
    figures, totals = frozenset({"days_late", "amount", "received"}), dict[str, Cell]()
    if listed:
        rows = [_row(duty, request.as_of) for duty in shown]
    else:
        columns, figures = (*request.by, *_SHARES), frozenset(_SHARES)
        groups: dict[tuple[str, ...], list[Duty]] = defaultdict(list)
        for duty in duties:
            for key in product(*(_values(duty, name, scope.partner) for name in request.by)):
                groups[key].append(duty)
        rows = [
            {**dict(zip(request.by, key, strict=True)), **_shares(own, request.as_of, until)}
            for key, own in sorted(groups.items())
        ]
        totals = _shares(duties, request.as_of, until)
    first = min((duty.due for duty in shown), default=request.as_of)
    # those that are paid too: that they are rests on the rates
    asking = {duty.agreement_id for duty in duties if duty.kind is DutyKind.INSTALMENT and duty.due <= until}
    exchange = [each for agreement, each in gathered.exchange.items() if agreement in asking]
    return ReportTable(
        report="agreements-due",
        definition=" ".join((DEFINITION, *narrowed)),
        period=request.period or f"{min(first, request.as_of)}..{until}",
        periods=periods or [Period(start=min(first, request.as_of), end=until)],
        as_of=request.as_of,
        columns=columns,
        rows=tuple(rows),
        totals=totals,
        figures=figures,
        days=frozenset({"due"}),
        remarks=missing_told(rate for each in exchange for rate in each.missing),
        rates=in_order(rate for each in exchange for rate in each.used),
    )


#: asked for in very many rows
_KINDS = {kind: kind.value for kind in DutyKind}
_STATES = {state: state.value for state in DutyState}


def _row(duty: Duty, as_of: dt.date) -> dict[str, Cell]:
    return {
        "partner": duty.partner,
        "agreement": duty.agreement,
        "kind": _KINDS[duty.kind],
        "item": duty.what,
        "due": duty.due.isoformat(),
        "state": _STATES[duty.state(as_of)],
        "days_late": duty.days_late(as_of) or None,
        "officer": duty.officer,
        "project": duty.project,
        "amount": None if duty.amount is None else plain(duty.amount),
        "received": None if duty.received is None else plain(duty.received),
        "currency": duty.currency,
        "unit": duty.unit,
    }


def _values(duty: Duty, dimension: str, asked: str | None) -> Sequence[str]:
    """Where a duty stands: one of several partners with each of them, or only with the one that is asked for."""
    if dimension == "partner":
        partners = (duty.partner, *duty.further)
        return [asked] if asked in partners else partners
    values = {"kind": duty.kind.value, "unit": duty.unit, "officer": duty.officer}
    return (values[dimension] or NOBODYS,)


def _shares(duties: list[Duty], as_of: dt.date, until: dt.date) -> dict[str, Cell]:
    sent = punctuality(duties, as_of)
    # an instalment that came in part is late with the rest of it
    still = [duty for duty in duties if duty.due <= until and duty.state(as_of).is_open]
    return {
        "reports_due": sent.due,
        "on_time": sent.on_time,
        "sent_late": sent.late,
        "not_sent": sent.missing,
        "on_time_share": percent(percent_of(Decimal(sent.on_time), Decimal(sent.due))),
        "open": len(still),
        "late": sum(duty.days_late(as_of) > 0 for duty in still),
    }


AGREEMENTS_DUE = Report(
    name="agreements-due",
    definition=DEFINITION,
    dimensions=DIMENSIONS,
    alternatives=tuple(frozenset({LISTED, name}) for name in DIMENSIONS if name != LISTED),
    variants=(),
    compute=compute,
    options=("partner", "unit", "officer", "within"),
    of_everything=True,
)
