"""Budgets that are kept here: for each period one original and at most one revised, whatever made them.

They are the sum of the newest decisions of all lines, whether these name several sources, outcomes or currencies. What
is allocated for more than a year is split by days over its fiscal years, since the standard knows no longer budget.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from operator import itemgetter

from app.domain.allocations import Decision, standing
from app.domain.money import EXACT, Money, exact_sum, minor_units, plain, round_minor, total
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, chunks, split_by_days
from app.domain.terms import AgreementStatus, AllocationKind
from app.publishing.exporting.givers import leading
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import AgreementRow, AllocationRow, ProjectRow, Rows, SetupRow, of
from app.publishing.mapping.money import BUDGET
from app.publishing.mapping.written import Written

_BUDGET = Written(BUDGET, "budget", alike=True)
_COMMITTED = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)

#: the standard allows no longer budget
_LONGEST = dt.timedelta(days=365)

#: what belongs together as one line, whose newest decision counts: agreement, source, outcome, country, number
_Line = tuple[int | None, str, str, str, int]


def put_budgets(composed: Composed, project: ProjectRow, rows: Rows, setup: SetupRow | None) -> None:
    """Those of a published file, then one original and at most one revised budget for each period."""
    allocations = of(rows.allocations, project["id"])
    _put_of_file(composed, project, [each for each in allocations if each["ordinal"] is not None])
    counting = _standing(composed, [each for each in allocations if each["ordinal"] is None])
    if not counting:
        return
    agreements = leading(of(rows.agreements, project["id"]))
    periods: dict[tuple[dt.date, dt.date], dict[_Line, dict[AllocationKind, AllocationRow]]] = {}
    for each in counting:
        for period, part in _parts(composed, each, setup):
            periods.setdefault(period, {}).setdefault(_line(part), {})[part["kind"].published] = part
    fallback = (setup["currency"] if setup else None) or project["default_currency"] or ""
    for (start, end), lines in sorted(periods.items()):
        original = [kinds[AllocationKind.ORIGINAL] for kinds in lines.values() if AllocationKind.ORIGINAL in kinds]
        newest = [kinds.get(AllocationKind.REVISED) or kinds[AllocationKind.ORIGINAL] for kinds in lines.values()]
        revised = newest if any(AllocationKind.REVISED in kinds for kinds in lines.values()) else []
        currency = _currency(original + revised, agreements, fallback)
        for kind, some in ((AllocationKind.ORIGINAL, original), (AllocationKind.REVISED, revised)):
            if some:
                _put(composed, kind, some, currency, (start, end), rows, agreements)


def _put(
    composed: Composed,
    kind: AllocationKind,
    some: list[AllocationRow],
    currency: str,
    period: tuple[dt.date, dt.date],
    rows: Rows,
    agreements: Mapping[int, AgreementRow],
) -> None:
    start, end = period
    if {each["currency"] for each in some} != {currency}:
        converted = _converted(composed, some, currency, (kind, *period), rows)
        if converted is None:
            return
        amount = converted
    elif len(some) == 1:
        amount = EXACT.plus(some[0]["amount"])
    else:
        amount = exact_sum(each["amount"] for each in some)
    columns = {
        "kind": kind,
        "status": "2" if all(_committed(each, agreements) for each in some) else "1",
        "period_start": start,
        "period_end": end,
        "amount": amount,
        "currency": currency,
        "value_date": max([each["decided_on"] for each in some]),
    }
    composed.put("budget", _BUDGET.of(columns), "allocations", *[each["id"] for each in some])


def _converted(
    composed: Composed,
    some: list[AllocationRow],
    currency: str,
    budget: tuple[AllocationKind, dt.date, dt.date],
    rows: Rows,
) -> Decimal | None:
    """The sum of rows of a budget in several currencies; None, with a remark, where a rate is missing."""
    kind, start, end = budget
    amounts = ((Money(each["amount"], each["currency"]), each["decided_on"]) for each in some)
    together = total(amounts, currency, rows.rates)
    if together.amount is None:
        # what is allocated has a currency
        lacking = ", ".join(f"{each.currency} ({each.day})" for each in together.missing)
        composed.remarks.append(
            f"Left out: the {kind.value} budget of {start} to {end}, whose parts are in several currencies, for want "
            f"of a rate of exchange on or before the day: {lacking}."
        )
        return None
    others = ", ".join(sorted({each["currency"] for each in some} - {currency}))
    composed.remarks.append(
        f"What {others} there is in the {kind.value} budget of {start} to {end} is published in {currency}, by the "
        "rates of the days of the decisions."
    )
    return round_minor(together.amount, currency)


def _put_of_file(composed: Composed, project: ProjectRow, allocations: list[AllocationRow]) -> None:
    """Budgets of a published file: the newest row of each place."""
    replaced = {each["supersedes_id"] for each in allocations}
    currency = project["default_currency"] or ""
    for each in sorted(allocations, key=lambda row: (row["ordinal"] or 0, row["id"])):
        if each["id"] not in replaced and not each["withdrawn"]:
            composed.put("budget", _BUDGET.of(each, each["remainder"], currency), "allocations", each["id"])


def _standing(composed: Composed, allocations: list[AllocationRow]) -> list[AllocationRow]:
    """The newest decision of every line and kind on the day, but for those that were withdrawn."""
    kept = [each for each in allocations if composed.days.reached(each["decided_on"])]
    lines = {(*_of_line(each), each["kind"].published) for each in kept}
    if len(lines) == len(kept) and not any(each["withdrawn"] or each["supersedes_id"] for each in kept):
        return kept  # of every line there is one decision
    decisions = (
        Decision(
            id=each["id"],
            line=(*_of_line(each), each["kind"].published),
            kind=each["kind"].published,
            decided_on=each["decided_on"],
            supersedes=each["supersedes_id"],
            withdrawn=each["withdrawn"],
        )
        for each in kept
    )
    counting = {decision.id for decision in standing(decisions, dt.date.max)}
    return [each for each in kept if each["id"] in counting]


_line: Callable[[AllocationRow], _Line] = itemgetter("agreement_id", "source", "outcome", "country", "line")
#: the same with the period
_of_line: Callable[[AllocationRow], tuple[object, ...]] = itemgetter(
    "period_start", "period_end", "agreement_id", "source", "outcome", "country", "line"
)


def _parts(
    composed: Composed, allocation: AllocationRow, setup: SetupRow | None
) -> Iterator[tuple[tuple[dt.date, dt.date], AllocationRow]]:
    """An allocation by periods that a budget may have: (first and last day, what is allocated for them)."""
    start, end = allocation["period_start"], allocation["period_end"]
    if start is None or end is None or end < start:
        amount, currency = plain(allocation["amount"]), allocation["currency"]
        told = f"An allocation of {amount} {currency} has no period; it is left out. Allocate it to a period."
        if start is not None and end is not None:
            told = (
                f"An allocation of {amount} {currency} has a period that ends before it starts ({start}, {end}); it is "
                "left out. Allocate it to a period."
            )
        composed.remarks.append(told)
        return
    if end - start <= _LONGEST:
        yield (start, end), allocation
        return
    whole = Period(start=start, end=end)
    parts = chunks(whole, _calendar(setup))
    amounts = split_by_days(allocation["amount"], whole, parts, places=minor_units(allocation["currency"]))
    for part, share in zip(parts, amounts, strict=True):
        yield (part.start, part.end), {**allocation, "amount": share}


def _calendar(setup: SetupRow | None) -> FiscalCalendar:
    if setup is None:
        return CALENDAR_YEARS
    return FiscalCalendar(
        first_month=setup["fiscal_year_start"], biennium_begins="even" if setup["biennium_starts_even"] else "odd"
    )


def _currency(some: list[AllocationRow], agreements: Mapping[int, AgreementRow], fallback: str) -> str:
    """The currency of a period's budgets: theirs, where it is one; else that of the agreements behind all of them,
    where it is one; else the organisation's."""
    own = {each["currency"] for each in some}
    if len(own) == 1:
        return own.pop()
    behind = [_agreement(each, agreements) for each in some]
    agreed = {None if each is None else each["currency"] for each in behind}
    only = agreed.pop() if len(agreed) == 1 else None
    return only or fallback


def _agreement(allocation: AllocationRow, agreements: Mapping[int, AgreementRow]) -> AgreementRow | None:
    """The agreement that the money comes from."""
    return None if allocation["agreement_id"] is None else agreements.get(allocation["agreement_id"])


def _committed(allocation: AllocationRow, agreements: Mapping[int, AgreementRow]) -> bool:
    if allocation["status"] is not None:
        return allocation["status"] == "2"
    agreement = _agreement(allocation, agreements)
    return agreement is not None and agreement["status"] in _COMMITTED
