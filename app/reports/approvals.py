"""The report ``approvals``: the amounts of agreements signed, by who gave them, with average, share and change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import KINDS, Basis, change, mean, percent_of, years_in
from app.domain.money import Total
from app.domain.periods import FiscalCalendar, Period, PeriodKind, before
from app.errors import Fault, InvalidInput
from app.reports import placed
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import (
    OTHERS,
    Giving,
    Key,
    Piece,
    gather,
    grouped,
    growth_of,
    largest_first,
    missing_rates,
    only_category,
)
from app.reports.options import chosen, number
from app.reports.printing import amount, amounts, percent, shares

DIMENSIONS = (
    "category", "subcategory", "partner", "objective", "preset", "funding", "funds", "joint-un", *placed.DIMENSIONS,
)  # fmt: skip
YEARLY, LOCAL, SHARES = "by-year", "mobilised-locally", "shares-by-year"

# without commas: in CSV a line with one would be put between quotation marks and no longer begin with its "#"
DEFINITION = (
    "Approvals: the amounts of agreements signed in the period. The whole amount counts on the day of the signature; "
    "what a later amendment adds or takes away counts on the day of the amendment; a cancellation takes nothing back "
    "by itself. Amounts are gross: with support cost. Each is converted by the rate of its own day. Counted is "
    "{kinds}. The average is per year and per column for periods other than years; the share is that of the total. "
    "Change compares the average with that of the period compared with in percent."
)
OBJECTIVE = (
    "Objective: what the agreement is earmarked for in its words or else the outcomes and themes that it refers to."
)
GROWTH = (
    "Growth: by how many percent the amount grew each year on average from the first of the periods to the last; empty "
    "where either has none."
)
EACH_SHARE = "The share beside a period is that of the total of this period."
JOINT = (
    "Joint-un: yes for money of UN pooled funds and joint programmes; funds: RB for assessed and RBSA for unearmarked "
    "voluntary and XBDC for earmarked agreements; funding: state or non-state by what the partner is."
)
LOCALLY = (
    "Mobilised locally: amounts of agreements that are marked as raised in the countries; their share of all that was "
    "raised locally and their share of the row's own total."
)
#: what may be asked for, in words
COUNTED: Mapping[str, str] = {
    "non-core": "voluntary non-core money (neither assessed contributions nor the supplementary account of the "
    "regular budget)",
    "rbsa": "voluntary core money only (RBSA)",
    "voluntary": "all voluntary money (non-core and RBSA)",
    "assessed": "assessed contributions only",
    "all": "all money (assessed contributions and RBSA included)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compared:
    """Two stretches of time whose averages are set beside each other; ``remark`` says which."""

    before: Sequence[Period]
    after: Sequence[Period]
    #: by what their amounts are divided for an average
    divisors: tuple[int, int]
    remark: str


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    kinds = chosen(request, "kind", KINDS, "non-core")
    top = number(request, "top")
    periods = periods_of(request.period, fiscal)
    earlier = _compared_with(request, periods, fiscal)
    giving = gather(session, request, Basis.APPROVALS, [*periods, *earlier])
    by_place = not placed.DIMENSIONS.keys().isdisjoint(request.by)
    if by_place:
        giving = replace(giving, pieces=placed.placed(session, request, giving.pieces))
    pieces = [piece for piece in giving.pieces if piece.kind in KINDS[kinds]]
    shown = [piece for piece in pieces if any(piece.since in period for period in periods)]
    groups = grouped(shown, request.by, fiscal=fiscal, places=placed.DIMENSIONS)
    groups = largest_first(groups, {key: giving.sum(own) for key, own in groups.items()}, top=top)
    table = _locally if request.variant == LOCAL else _yearly
    asked = _Asked(request=request, periods=periods, earlier=earlier, pieces=pieces, fiscal=fiscal)
    columns, rows, totals, remarks = table(giving, groups, asked)
    sentences = [
        DEFINITION.format(kinds=COUNTED[kinds]),
        *placed.meanings(request.by),
        *only_category(request),
        *([EACH_SHARE] if request.variant == SHARES else []),
        *([GROWTH] if request.variant != LOCAL and len(periods) > 1 else []),
        *told_of_kinds(request.by),
        *([OBJECTIVE] if "objective" in request.by else []),
        *([LOCALLY] if request.variant == LOCAL else []),
    ]
    return ReportTable(
        report="approvals",
        definition=" ".join(sentences),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=(*request.by, *columns),
        rows=tuple(rows),
        totals=totals,
        figures=frozenset(columns),
        remarks=remarks,
        rates=giving.rates_of(pieces),
        variant=request.variant,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    request: Request
    periods: Sequence[Period]
    earlier: Sequence[Period]
    #: of every period
    pieces: Sequence[Piece]
    fiscal: FiscalCalendar


Groups = Mapping[Key, list[Piece]]
_Table = tuple[tuple[str, ...], list[dict[str, Cell]], dict[str, Cell], tuple[str, ...]]


def _yearly(giving: Giving, groups: Groups, asked: _Asked) -> _Table:
    periods, currency = asked.periods, asked.request.currency
    everything = [piece for own in groups.values() for piece in own]
    compared = _comparison(asked)
    columns: dict[str, list[Cell]] = {}
    totals: dict[str, Cell] = {}
    for period in periods:
        sums = [giving.sum(own, period).amount for own in groups.values()]
        of_all = giving.sum(everything, period).amount
        columns[period.label] = [*amounts(sums, of_all, currency, derived=giving.derived)]
        totals[period.label] = amount(of_all, currency, derived=giving.derived)
        if asked.request.variant == SHARES:
            columns[f"share {period.label}"] = [*shares(sums, of_all)]
            totals[f"share {period.label}"] = _ratio(of_all, of_all)
    by_row = [giving.sum(own) for own in groups.values()]
    whole = giving.sum(everything)
    sums = [each.amount for each in by_row]
    number_of_years = years_in(periods)
    averages = [None if figure is None else mean(figure, number_of_years) for figure in (*sums, whole.amount)]
    columns["total"] = [*amounts(sums, whole.amount, currency, derived=giving.derived)]
    columns["average"] = [*amounts(averages[:-1], averages[-1], currency, derived=True)]
    columns["share"] = [*shares(sums, whole.amount)]
    columns["change"] = [_change(giving, own, compared) for own in _with_earlier(groups, asked)]
    if len(periods) > 1:
        columns["growth"] = [growth_of(giving, own, periods) for own in groups.values()]
        totals["growth"] = growth_of(giving, everything, periods)
    totals |= {
        "total": amount(whole.amount, currency, derived=giving.derived),
        "average": amount(averages[-1], currency, derived=True),
        "share": percent(percent_of(whole.amount, whole.amount)) if whole.amount else None,
        "change": _change(giving, asked.pieces, compared),
    }
    remarks = (*missing_rates([whole]), *([compared.remark] if compared else []))
    return tuple(columns), _rows(asked.request.by, groups, columns), totals, remarks


def told_of_kinds(by: Sequence[str]) -> list[str]:
    """What dimensions mean that are told from the kinds of agreements and partners, in a sentence."""
    return [] if {"funds", "funding", "joint-un"}.isdisjoint(by) else [JOINT]


def _with_earlier(groups: Groups, asked: _Asked) -> list[list[Piece]]:
    """The pieces of each row, those of the time compared with among them."""
    found = grouped(asked.pieces, asked.request.by, fiscal=asked.fiscal, places=placed.DIMENSIONS)
    named = [found.pop(key, []) for key in groups if key in found or key[0] != OTHERS]
    if len(named) < len(groups):
        named.append([piece for own in found.values() for piece in own])
    return named


def _locally(giving: Giving, groups: Groups, asked: _Asked) -> _Table:
    currency = asked.request.currency

    def local(pieces: Sequence[Piece]) -> Total:
        return giving.sum(piece for piece in pieces if piece.agreement and piece.agreement.mobilised_locally)

    everything = [piece for own in groups.values() for piece in own]
    sums = [giving.sum(own).amount for own in groups.values()]
    locals_ = [local(own).amount for own in groups.values()]
    whole, whole_local = giving.sum(everything), local(everything)
    columns: dict[str, list[Cell]] = {
        "total": [*amounts(sums, whole.amount, currency, derived=giving.derived)],
        "share": [*shares(sums, whole.amount)],
        "locally_mobilised": [*amounts(locals_, whole_local.amount, currency, derived=giving.derived)],
        "share_of_locally_mobilised": [*shares(locals_, whole_local.amount)],
        "local_share": [_ratio(part, own) for part, own in zip(locals_, sums, strict=True)],
    }
    totals: dict[str, Cell] = {
        "total": amount(whole.amount, currency, derived=giving.derived),
        "share": _ratio(whole.amount, whole.amount),
        "locally_mobilised": amount(whole_local.amount, currency, derived=giving.derived),
        "share_of_locally_mobilised": _ratio(whole_local.amount, whole_local.amount),
        "local_share": _ratio(whole_local.amount, whole.amount),
    }
    return tuple(columns), _rows(asked.request.by, groups, columns), totals, missing_rates([whole])


def _ratio(part: Decimal | None, whole: Decimal | None) -> str | None:
    return None if part is None or whole is None else percent(percent_of(part, whole))


def _rows(by: Sequence[str], groups: Groups, columns: Mapping[str, Sequence[Cell]]) -> list[dict[str, Cell]]:
    return [
        {**dict(zip(by, key, strict=True)), **{name: cells[place] for name, cells in columns.items()}}
        for place, key in enumerate(groups)
    ]


def _compared_with(request: Request, periods: Sequence[Period], fiscal: FiscalCalendar) -> Sequence[Period]:
    """The periods that are compared with: those named, else as long a time before.

    :raises InvalidInput: when they are of another sort, so that averages would not compare.
    """
    if "compare" not in request.options:
        earlier = before(periods)
        return () if earlier is None else (earlier,)
    named = periods_of(request.options["compare"], fiscal)
    if _measure(named) != _measure(periods):
        message = f"Compare with years or biennia, or with a period of the same sort as {request.period}."
        raise InvalidInput([Fault(pointer="/query/compare", rule="report.compare", message=message)])
    return named


def _measure(periods: Sequence[Period]) -> PeriodKind:
    """What an average of the periods is per."""
    kind = periods[0].kind
    return PeriodKind.YEAR if kind is PeriodKind.BIENNIUM else kind


def _comparison(asked: _Asked) -> _Compared | None:
    """What the change compares; halves of the period where nothing is on record of the time before it."""
    earlier, periods = asked.earlier, asked.periods
    whole = years_in(periods)
    if "compare" in asked.request.options:
        return _Compared(
            before=earlier, after=periods, divisors=(years_in(earlier), whole), remark=_said(periods, earlier)
        )
    if any(piece.since in period for piece in asked.pieces for period in earlier):
        return _Compared(before=earlier, after=periods, divisors=(whole, whole), remark=_said(periods, earlier))
    half = len(periods) // 2
    if not half:
        return None
    first, last = periods[:half], periods[-half:]
    remark = f"{_said(last, first)} Nothing is on record of the time before {periods[0].start}."
    return _Compared(before=first, after=last, divisors=(years_in(first), years_in(last)), remark=remark)


def _said(after: Sequence[Period], earlier: Sequence[Period]) -> str:
    return f"Change compares the average of {_span(after)} with that of {_span(earlier)}."


def _span(periods: Sequence[Period]) -> str:
    first, last = periods[0], periods[-1]
    return f"{first.start} to {last.end}"


def _change(giving: Giving, pieces: Sequence[Piece], compared: _Compared | None) -> str | None:
    if compared is None:
        return None
    earlier, later = giving.sum(pieces, *compared.before).amount, giving.sum(pieces, *compared.after).amount
    if earlier is None or later is None:
        return None
    return percent(change(mean(earlier, compared.divisors[0]), mean(later, compared.divisors[1])))


APPROVALS = Report(
    name="approvals",
    definition=f"{DEFINITION.format(kinds=COUNTED['non-core'])} Variant {LOCAL}: {LOCALLY}",
    dimensions=DIMENSIONS,
    variants=(YEARLY, LOCAL, SHARES),
    compute=compute,
    options=("kind", "category", "top", "compare"),
)
