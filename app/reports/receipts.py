"""The report ``receipts``: what agreements still owe in a period: opened with, agreed, received, late and open."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.db.rates import stored_rates
from app.domain.contributions import KINDS
from app.domain.money import EXACT, Money, Rates, Total, exact_sum, total
from app.domain.partners import portion
from app.domain.periods import days_after
from app.domain.schedule import Matched, in_minor_units, match
from app.domain.terms import AgreementStatus
from app.reports import queries_contributions, queries_findings
from app.reports.calendars import periods_of
from app.reports.choices import chosen_of
from app.reports.exchange import rates_used
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import gross, missing_rates, tie_of
from app.reports.options import chosen
from app.reports.printing import amounts
from app.reports.queries_briefing import instalments_of
from app.reports.queries_contributions import AgreementFacts, Asked

DIMENSIONS = ("agreement", "partner", "currency")
#: in the currency of the agreements
_OWN = ("opening", "agreed", "received", "cancelled", "open", "due", "late")
#: in the currency of the report
_VALUES = ("at_signature", "at_receipt", "exchange_gain")
DEFINITION = (
    "Receipts against what was agreed. In the currency of the agreements: opening is what was still to come before "
    "the period; agreed is what was signed in it (amendments on their own days; support cost included); received is "
    "what came from others; cancelled is what is expected no more since the agreement was cancelled; open is opening "
    "and agreed less received and cancelled. Due is what instalments asked for by the last day of the period (or the "
    "day looked from) since the beginning and late is what had not come of that by then; both are empty without a "
    "schedule. Days late count from the oldest instalment that is not complete. In the currency of the report: what "
    "was received at the rates of the day of the signature and at those of its own days; the exchange gain is the "
    "difference. What came in another currency than that of its agreement is brought to it by the rate of its day. "
    "Money of every kind is counted unless one is asked for; by partner each of several has its part and what it paid "
    "itself is its own."
)

#: an amount and the day of its rate
_Dated = tuple[Money, dt.date]


@dataclass(kw_only=True, slots=True)
class _Account:
    """An agreement, or a partner's part of it, with what was agreed and received before the period and in it."""

    fact: AgreementFacts
    #: the first of several, where the account is of the whole
    partner: str
    part: Decimal
    signed_on: dt.date
    currency: str
    #: expected no more: since before the period, or since a day in it
    was_cancelled: bool
    is_cancelled: bool
    agreed: dict[bool, list[Decimal]] = field(default_factory=lambda: {False: [], True: []})
    received: dict[bool, list[_Dated]] = field(default_factory=lambda: {False: [], True: []})
    instalments: Sequence[tuple[dt.date, Decimal]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """The figures of an agreement; None where a rate of exchange is missing, or nothing can be told."""

    account: _Account
    figures: Mapping[str, Decimal | None]
    days_late: int | None
    sums: Sequence[Total]


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements; memory follows agreements and the days on which they were paid."""
    periods = periods_of(request.period, calendar_of(the_setup(session)))
    narrowed = chosen_of(session, request).sentences
    first = min(period.start for period in periods)
    last = min(max(period.end for period in periods), request.as_of)
    rates = stored_rates(session, recorded_at=request.recorded_at)
    accounts, unnamed = _accounts(session, request, first, last)
    lines = [line for each in accounts if (line := _line(each, last, request.currency, rates)) is not None]
    groups: dict[tuple[str, ...], list[_Line]] = {}
    for line in sorted(lines, key=lambda each: _key(each, request.by)):
        groups.setdefault(_key(line, request.by), []).append(line)
    names = tuple(dict.fromkeys((*request.by, "currency")))
    rows: list[dict[str, Cell]] = [dict(zip(names, key, strict=True)) for key in groups]
    _put_figures(rows, list(groups.values()), lines, request.currency)
    used = rates_used((each for line in lines for each in _converted(line.account)), request.currency, rates)
    one = {line.account.currency for line in lines}
    totals: dict[str, Cell] = {}
    _put_figures([totals], [lines], lines, request.currency)
    if len(one) > 1:
        totals |= dict.fromkeys(_OWN)
    return ReportTable(
        report="receipts",
        definition=" ".join((DEFINITION, *narrowed)),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=(*names, *_OWN, "days_late", *_VALUES),
        rows=tuple(rows),
        totals=totals,
        figures=frozenset((*_OWN, *_VALUES, "days_late")),
        remarks=(*missing_rates(each for line in lines for each in line.sums), *_unnamed(unnamed)),
        rates=used,
    )


def _accounts(session: Session, request: Request, first: dt.date, last: dt.date) -> tuple[list[_Account], bool]:
    """Agreements that are signed by the last day, of the kinds and the partner that are asked for; and whether money
    came that names no agreement."""
    kinds = KINDS[chosen(request, "kind", KINDS, "all")]
    by_partner = "partner" in request.by or "partner" in request.options
    facts = queries_contributions.agreements(session, as_of=last, recorded_at=request.recorded_at)
    known = queries_findings.agreements(session, as_of=last, recorded_at=request.recorded_at)
    eve = days_after(first, -1)
    before = queries_findings.agreements(session, as_of=eve, recorded_at=request.recorded_at)
    pooled = queries_contributions.pooled_presets(session)
    instalments = instalments_of(session, None, as_of=last, recorded_at=request.recorded_at)
    cancelled = AgreementStatus.CANCELLED
    accounts = {
        (number, partner): _Account(
            fact=facts[number],
            partner=partner,
            part=part,
            signed_on=each.signed_on,
            currency=each.currency,
            was_cancelled=number in before and before[number].status is cancelled,
            is_cancelled=each.status is cancelled,
            instalments=[(day, EXACT.multiply(due, part)) for day, due in instalments.get(number, ())],
        )
        for number, each in known.items()
        if each.signed_on is not None and each.signed_on <= last and tie_of(facts[number], pooled).kind in kinds
        for partner, part in (facts[number].parts if by_partner else ((facts[number].partner, Decimal(1)),))
        if request.options.get("partner") in (None, partner)
    }
    of: dict[int, list[_Account]] = defaultdict(list)
    for (number, _), account in accounts.items():
        of[number].append(account)
    several = by_partner and any(len(facts[number].parts) > 1 for number in of)
    payers = {each.organisation_id: each.code for each in queries_contributions.partners(session)} if several else {}
    asked = Asked(
        # every amount is wanted with the day of its rate, so no currency is the reported one
        starts=[first], since=dt.date.min, until=last, currency="", as_of=last, recorded_at=request.recorded_at,
        several=several,
    )  # fmt: skip
    for given in queries_contributions.approved_sums(session, asked):
        for account in () if given.agreement_id is None else of.get(given.agreement_id, ()):
            stated = given.stated or account.fact
            money = gross(Money(given.amount, given.currency), stated, account.fact.category)
            account.agreed[given.interval > 0].append(EXACT.multiply(money.amount, account.part))
    unnamed = False
    for came in queries_contributions.received_sums(session, asked):
        if came.agreement_id is None:
            unnamed = unnamed or came.interval > 0
        elif came.rate_day is not None:
            payer = None if came.payer is None else payers.get(came.payer)
            for account in of.get(came.agreement_id, ()):
                part = portion(account.fact.parts, account.partner, payer) if by_partner else Decimal(1)
                if part:
                    money = Money(came.amount, came.currency).times(part)
                    account.received[came.interval > 0].append((money, came.rate_day))
    return list(accounts.values()), unnamed


def _line(account: _Account, last: dt.date, reported: str, rates: Rates) -> _Line | None:
    """The figures of an agreement; None where it has nothing to do with the period."""
    currency, inside = account.currency, account.received[True]
    earlier, later = (total(account.received[part], currency, rates) for part in (False, True))
    at_receipt = total(inside, reported, rates)
    promised = [] if later.amount is None else [(Money(later.amount, currency), account.signed_on)]
    at_signature = total(promised, reported, rates)
    opening = _less(exact_sum(account.agreed[False]), earlier.amount)
    if account.was_cancelled:
        opening = None if opening is None else Decimal(0)
    agreed = exact_sum(account.agreed[True])
    left = None if opening is None else _less(EXACT.add(opening, agreed), later.amount)
    cancelled = left if account.is_cancelled else Decimal(0)
    came = None if earlier.amount is None or later.amount is None else EXACT.add(earlier.amount, later.amount)
    due, late, days_late = _schedule(account, came, last)
    figures = {
        "opening": opening,
        "agreed": agreed,
        "received": later.amount,
        "cancelled": cancelled,
        "open": None if left is None or cancelled is None else _less(left, cancelled),
        "due": due,
        "late": late,
        "at_signature": None if later.amount is None else at_signature.amount,
        "at_receipt": at_receipt.amount,
        "exchange_gain": None
        if at_receipt.amount is None or later.amount is None
        else _less(at_receipt.amount, at_signature.amount),
    }
    if not any(figures[name] is None or figures[name] for name in ("opening", "agreed", "received", "open")):
        return None
    return _Line(account=account, figures=figures, days_late=days_late, sums=(earlier, later, at_signature, at_receipt))


def _schedule(
    account: _Account, came: Decimal | None, last: dt.date
) -> tuple[Decimal | None, Decimal | None, int | None]:
    """What was due by the day, what of it is late, and for how many days; nothing of that without a schedule."""
    if not account.instalments or came is None:
        return None, None, None
    asked, receipts = account.instalments, [(last, came)]
    if _is_derived(account):
        asked, receipts = (in_minor_units(each, account.currency) for each in (asked, receipts))
    matched = match(asked, receipts)
    due = exact_sum(each.amount for each in matched if each.due_on <= last)
    if account.is_cancelled:
        return due, Decimal(0), None
    waiting = [each for each in matched if each.due_on < last and each.received < each.amount]
    late = exact_sum(EXACT.subtract(each.amount, each.received) for each in waiting)
    return due, late, _oldest(waiting, last)


def _oldest(waiting: Sequence[Matched], last: dt.date) -> int | None:
    return max(((last - each.due_on).days for each in waiting), default=None)


def _less(whole: Decimal, part: Decimal | None) -> Decimal | None:
    return None if part is None else EXACT.subtract(whole, part)


def _key(line: _Line, by: Sequence[str]) -> tuple[str, ...]:
    fact, currency = line.account.fact, line.account.currency
    said = {"agreement": fact.reference, "partner": line.account.partner, "currency": currency}
    return tuple(said[name] for name in dict.fromkeys((*by, "currency")))


def _put_figures(
    rows: Sequence[dict[str, Cell]], of: Sequence[Sequence[_Line]], lines: Sequence[_Line], reported: str
) -> None:
    """Puts the sums of some agreements into each row; as they are printed those of a column make that of all lines.

    Amounts of their own are of one currency within a row.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(of):
        places[own[0].account.currency if own else reported].append(place)
    for currency, some in places.items():
        alike = [line for line in lines if line.account.currency == currency]
        derived = any(_is_derived(line.account) for line in alike)
        for name in _OWN:
            figures = [_sum(of[place], name) for place in some]
            for place, cell in zip(some, amounts(figures, _sum(alike, name), currency, derived=derived), strict=True):
                rows[place][name] = cell
    for row, own in zip(rows, of, strict=True):
        known = [line.days_late for line in own if line.days_late is not None]
        row["days_late"] = max(known) if known else None
    for name in _VALUES:
        figures = [_sum(own, name) for own in of]
        for row, cell in zip(rows, amounts(figures, _sum(lines, name), reported, derived=True), strict=True):
            row[name] = cell


def _sum(lines: Iterable[_Line], name: str) -> Decimal | None:
    """What has no schedule says nothing of what is due; a rate that is missing leaves the sum open."""
    figures = [line.figures[name] for line in lines if line.account.instalments or name not in ("due", "late")]
    known = [figure for figure in figures if figure is not None]
    return exact_sum(known) if known and len(known) == len(figures) else None


def _converted(account: _Account) -> Iterator[tuple[str, dt.date]]:
    """Currencies and days of the rates by which what came in the period is valued."""
    inside = account.received[True]
    yield from ((money.currency, day) for money, day in inside)
    # what came in another currency is brought to that of the agreement first
    yield from ((account.currency, day) for money, day in inside if money.currency != account.currency)
    if inside:
        yield account.currency, account.signed_on


def _is_derived(account: _Account) -> bool:
    """Whether its amounts were shared out or converted, so that they may have more decimals than their currency."""
    came = (money.currency for part in account.received.values() for money, _ in part)
    return account.part != 1 or any(currency != account.currency for currency in came)


def _unnamed(came: bool) -> tuple[str, ...]:
    return ("Money came in the period that names no agreement: it is in no row.",) if came else ()


RECEIPTS = Report(
    name="receipts",
    definition=DEFINITION,
    dimensions=DIMENSIONS,
    variants=(),
    compute=compute,
    options=("kind", "partner"),
)
