"""The report ``partner-briefing``: one partner on one page, for whoever goes into a meeting with it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import KINDS, Basis, in_percent, ranked
from app.domain.duties import DutyKind
from app.domain.evaluation.terms import State
from app.domain.money import EXACT, MissingRate, Money, Rates, plain, total
from app.domain.partners import portion
from app.domain.periods import FiscalCalendar, Period, days_after
from app.domain.schedule import InstalmentState, in_minor_units, match, towards
from app.domain.told import Told
from app.errors import Fault, InvalidInput
from app.evaluations.obligations.due import views_due
from app.evaluations.obligations.queries_facts import funded_by, funders
from app.reports import agreement_findings, delivery
from app.reports.calendars import periods_of
from app.reports.duties import gather as gather_duties
from app.reports.exchange import rates_used
from app.reports.frame import Cell, RateUsed, Report, ReportTable, Request
from app.reports.giving import Giving, gather, grouped, missing_rates, missing_told
from app.reports.options import chosen
from app.reports.printing import amount, shares
from app.reports.queries_briefing import AgreementLine, Receipt, agreements_of, instalments_of, partner_of, receipts_of
from app.reports.queries_duties import Scope

COLUMNS = ("section", "item", "day", "amount", "received", "expenditure", "rate", "rank", "share", "state")
#: what is told of contributions: name and the kinds of money that count
_KINDS = (("assessed", "assessed"), ("rbsa", "rbsa"), ("non-core", "non-core"), ("total", "all"))
_AHEAD = 365
#: amounts with the days of their rates
_Dated = Sequence[tuple[Money, dt.date]]
DEFINITION = (
    "One partner on one page: what it gave and agreed and paid and what came of it. Contribution: what it gave in "
    "each period by {basis} with its rank and share among all partners. Agreement: the partner's part of the amount "
    "that stands and what was received of it up to the day in the currency of the report; the day is that of its end. "
    "Instalment: receipts go to the instalments of an agreement in the order of their days and what is not complete "
    "after its day is late; of several partners each has its part. Project: the partner's part of allocation (amount) "
    "and expenditure with the rate in the period. Evaluation and duty: what falls due within a year of the day or is "
    "late. Finding: what the report agreement-findings tells of it. Amounts are converted by the rate of their own "
    "day (those of an agreement that is not signed by that of the day looked from) and instalments stand in the "
    "currency of their agreement. What came in another currency than that of its agreement is brought to it by the "
    "rate of its day."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a number of statements that follows neither agreements nor transactions."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    basis = Basis(chosen(request, "basis", [each.value for each in Basis], Basis.APPROVALS.value))
    code = request.options.get("partner", "")
    partner = partner_of(session, code)
    if partner is None:
        message = f"There is no partner {code!r}." if code else "Name the partner that the briefing is on."
        raise InvalidInput([Fault(pointer="/query/partner", rule="partner.unknown", message=message)])
    giving = gather(session, request, basis, periods)
    agreements = agreements_of(session, partner.id, as_of=request.as_of, recorded_at=request.recorded_at)
    instalments = instalments_of(session, partner.id, as_of=request.as_of, recorded_at=request.recorded_at)
    receipts = receipts_of(session, partner.id, until=request.as_of, recorded_at=request.recorded_at)
    projects, delivered = _projects(session, request, code)
    came = {
        each.id: _came(code, each, receipts.get(each.id, ()), giving.rates)
        for each in agreements
        if each.id in instalments
    }
    dated = {each.id: _dated(each, code, receipts.get(each.id, ()), request.as_of) for each in agreements}
    rows: list[dict[str, Cell]] = [
        {"section": "partner", "item": partner.code, "state": partner.name},
        *_contributions(giving, code, periods, fiscal),
        *_agreements(giving, code, agreements, dated),
        *_instalments(agreements, instalments, came, request.as_of),
        *projects,
        *_evaluations(session, code, partner.id, request.as_of),
        *_duties(session, code, request.as_of),
        *_findings(session, request, code, partner.id, {each.reference for each in agreements}),
        *_notes([("partner", partner.note), *((each.reference, each.note) for each in agreements)]),
    ]
    pairs = [pair for each in dated.values() for some in each for pair in some]
    of_agreements = rates_used(((money.currency, day) for money, day in pairs), request.currency, giving.rates)
    of_instalments = (rate for each in came.values() for rate in each.used)
    used: dict[RateUsed, None] = dict.fromkeys((*giving.used, *of_agreements, *of_instalments, *delivered.rates))
    lacking = (
        *missing_rates([giving.sum(giving.pieces), total(pairs, request.currency, giving.rates)]),
        *missing_told(rate for each in came.values() for rate in each.missing),
    )
    return ReportTable(
        report="partner-briefing",
        definition=DEFINITION.format(basis=basis.value),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=COLUMNS,
        rows=tuple({name: row.get(name) for name in COLUMNS} for row in rows),
        totals={},
        sums=frozenset(
            place for place, row in enumerate(rows) if (row["section"], row.get("item")) == ("contribution", "total")
        ),
        figures=frozenset({"amount", "received", "expenditure", "rate", "share", "rank"}),
        days=frozenset({"day"}),
        remarks=tuple(dict.fromkeys((*lacking, *delivered.remarks))),
        rates=tuple(used),
    )


def _contributions(
    giving: Giving, code: str, periods: Sequence[Period], fiscal: FiscalCalendar
) -> Iterator[dict[str, Cell]]:
    """What the partner gave in each period, of each kind of money, beside what all partners gave."""
    for period in periods:
        inside = [piece for piece in giving.pieces if piece.since in period]
        for name, kinds in _KINDS:
            counted = grouped((piece for piece in inside if piece.kind in KINDS[kinds]), ("partner",), fiscal=fiscal)
            sums = {str(key[0]): giving.sum(own).amount for key, own in counted.items()}
            known = {partner: each for partner, each in sums.items() if each is not None}
            own = sums.get(code, Decimal(0))
            place = next((each.rank for each in ranked(known) if each.name == code), None)
            whole = sum(known.values(), Decimal()) if len(known) == len(sums) else None
            yield {
                "section": "contribution",
                "item": name,
                "day": period.label,
                "amount": amount(own, giving.currency, derived=giving.derived),
                "rank": place,
                "share": shares([own], whole)[0] if own else None,
            }


def _dated(each: AgreementLine, code: str, receipts: Sequence[Receipt], as_of: dt.date) -> tuple[_Dated, _Dated]:
    """The partner's part of an agreement with the day of its rate, and what was received of it."""
    stands = (Money(each.amount, each.currency).times(portion(each.parts, code)), each.signed_on or as_of)
    came = [
        (Money(row.amount, row.currency).times(portion(each.parts, code, row.payer)), row.rate_day) for row in receipts
    ]
    return [stands], came


def _agreements(
    giving: Giving, code: str, agreements: Sequence[AgreementLine], dated: Mapping[int, tuple[_Dated, _Dated]]
) -> Iterator[dict[str, Cell]]:
    """The partner's part of each agreement in the currency of the report."""
    for each in agreements:
        part = portion(each.parts, code)
        stands, came = (total(pairs, giving.currency, giving.rates).amount for pairs in dated[each.id])
        others = ", ".join(partner for partner, _ in each.parts if partner != code)
        joint = f", {plain(in_percent(part))} % of it beside {others}" if others else ""
        yield {
            "section": "agreement",
            "item": f"{each.reference}: {each.title}" if each.title != each.reference else each.reference,
            "day": _iso(each.ends_on),
            "amount": amount(stands, giving.currency, derived=True),
            "received": amount(came, giving.currency, derived=True),
            "state": each.status.value + (f", of {each.framework}" if each.framework else "") + joint,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Came:
    """What came of a partner under an agreement, in the agreement's currency."""

    #: the partner's part of what the agreement asks for
    part: Decimal
    receipts: Sequence[tuple[dt.date, Decimal]]
    missing: Sequence[MissingRate]
    used: Sequence[RateUsed]


def _came(code: str, line: AgreementLine, receipts: Sequence[Receipt], rates: Rates) -> _Came:
    part = portion(line.parts, code)
    own = [
        (row.day, Money(row.amount, row.currency).times(portion(line.parts, code, row.payer)), row.rate_day)
        for row in receipts
    ]
    came, missing = towards(own, line.currency, rates)
    used = rates_used(((money.currency, day) for _, money, day in own), line.currency, rates)
    whole = part == 1
    return _Came(part=part, receipts=came if whole else in_minor_units(came, line.currency), missing=missing, used=used)


def _instalments(
    agreements: Sequence[AgreementLine],
    instalments: Mapping[int, Sequence[tuple[dt.date, Decimal]]],
    came: Mapping[int, _Came],
    as_of: dt.date,
) -> Iterator[dict[str, Cell]]:
    """In the currency of their agreement, which is said."""
    for each in agreements:
        if (of := came.get(each.id)) is None:
            continue
        asked = instalments[each.id]
        if of.part != 1:
            asked = in_minor_units(((day, EXACT.multiply(due, of.part)) for day, due in asked), each.currency)
        for one in match(asked, of.receipts):
            state = one.state(as_of)
            late = one.days_late(as_of)
            days = f", {late} days late" if late and state is not InstalmentState.AHEAD else ""
            yield {
                "section": "instalment",
                "item": f"{each.reference} ({each.currency})",
                "day": one.due_on.isoformat(),
                "amount": plain(one.amount),
                "received": plain(one.received),
                "state": f"{state.value}{days}",
            }


def _projects(session: Session, request: Request, code: str) -> tuple[list[dict[str, Cell]], ReportTable]:
    """The partner's part of its projects: rows of the report on delivery by partner and project."""
    asked = replace(request, by=("partner", "project"), variant=None, options={"partner": code})
    table = delivery.compute(session, asked)
    figures = [name for name in table.columns if name not in asked.by]
    labels = [name.removeprefix("allocation") for name in figures if name.startswith("allocation")]
    rows: list[dict[str, Cell]] = [
        {
            "section": "project",
            "item": row["project"],
            "day": label.strip() or None,
            "amount": row[f"allocation{label}"],
            "expenditure": row[f"expenditure{label}"],
            "rate": row[f"rate{label}"],
        }
        for row in table.rows
        for label in labels
    ]
    return rows, table


def _evaluations(session: Session, code: str, partner_id: int, as_of: dt.date) -> Iterator[dict[str, Cell]]:
    """Evaluations of the partner's projects that are due within a year, open or late; the done ones of a year too."""
    some = funded_by(partner_id)
    named = funders(session, some)
    first, last = days_after(as_of, -_AHEAD), days_after(as_of, _AHEAD)
    for one in views_due(session, first, last, as_of, some=some):
        # of a question that fell away the evaluation itself says all
        told = not one.is_settled_unknown or one.state == State.DONE
        if told and code in named.get(one.row.project_id, ()):
            yield {
                "section": "evaluation",
                "item": f"{one.row.project}: {one.row.kind or 'evaluations'}",
                "day": _iso(one.due),
                "state": one.state,
            }


def _duties(session: Session, code: str, as_of: dt.date) -> Iterator[dict[str, Cell]]:
    """What the partner's agreements ask for within a year, and what is late; instalments are told apart."""
    last = days_after(as_of, _AHEAD)
    for duty in gather_duties(session, as_of, scope=Scope(partner=code)):
        state = duty.state(as_of)
        if state.is_open and duty.due <= last and duty.kind is not DutyKind.INSTALMENT:
            ends = duty.kind is DutyKind.AGREEMENT_END
            yield {
                "section": "duty",
                "item": Told("%(agreement)s ends", agreement=duty.agreement or "")
                if ends
                else Told("%(whose)s: %(what)s", whose=duty.agreement or duty.partner, what=duty.what),
                "day": duty.due.isoformat(),
                "state": state.value,
            }


def _findings(
    session: Session, request: Request, code: str, partner_id: int, agreements: Collection[str]
) -> Iterator[dict[str, Cell]]:
    """What somebody should look at before the meeting: over-allocated, below full cost, unscreened and the like."""
    asked = replace(request, period="", by=(), options={})
    for row in agreement_findings.of_partner(session, asked, partner_id):
        if row["partner"] == code or row["subject"] in agreements:
            yield {"section": "finding", "item": f"{row['subject']}: {row['finding']}", "state": row["message"]}


def _notes(said: Sequence[tuple[str, str | None]]) -> Iterator[dict[str, Cell]]:
    for whose, note in said:
        if note:
            yield {"section": "note", "item": whose, "state": note}


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


PARTNER_BRIEFING = Report(
    name="partner-briefing",
    definition=DEFINITION.format(basis="approvals (receipts or expenditure where asked)"),
    dimensions=(),
    variants=(),
    compute=compute,
    options=("partner", "basis"),
)
