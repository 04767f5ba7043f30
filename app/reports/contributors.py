"""The report ``contributors``: partners by what they gave, the largest first, and how concentrated that is."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import KINDS, Basis, Ranked, ranked
from app.domain.money import plain
from app.reports.approvals import COUNTED, GROWTH, told_of_kinds
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import (
    NOT_ATTRIBUTED,
    OTHERS,
    Giving,
    Piece,
    gather,
    grouped,
    growth_of,
    missing_rates,
    only_category,
)
from app.reports.options import chosen, number
from app.reports.printing import amount, amounts, percent, shares

DIMENSIONS = ("partner", "category", "subcategory", "preset", "objective", "funding", "funds")
BY_AMOUNT, BY_YEAR = "by-amount", "ranks-by-year"
DEFINITION = (
    "Contributors: partners by the amounts of {basis} in the period and the largest first; partners with the same "
    "amount share a rank. The share is that of the total and the cumulative share that of the partner and all before "
    "it. Counted is {kinds}. Each amount is converted by the rate of its own day."
)
GROUPED = "What is ranked is not partners but what the rows name: the {by} of the partners or agreements."
EACH_RANK = (
    "The rank and the share beside a period are those within this period; who gave nothing in it has no rank there."
)
BASES = {
    Basis.APPROVALS: "agreements signed (on the day of the signature; amendments on their own; support cost included)",
    Basis.RECEIPTS: "funds received from others (internal transfers left out)",
    Basis.EXPENDITURE: "expenditure under their agreements",
}


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    kinds = chosen(request, "kind", KINDS, "non-core")
    basis = Basis(chosen(request, "basis", [basis.value for basis in Basis], Basis.APPROVALS.value))
    top = number(request, "top")
    periods = periods_of(request.period, fiscal)
    giving = gather(session, request, basis, periods)
    (by,) = request.by
    named = grouped((piece for piece in giving.pieces if piece.kind in KINDS[kinds]), request.by, fiscal=fiscal)
    groups = {key[0] or "": own for key, own in named.items()}
    sums = {partner: giving.sum(own) for partner, own in groups.items()}
    places = ranked({name: each.amount for name, each in sums.items() if each.amount is not None})
    ordered = [*(place.name for place in places), *(name for name, each in sums.items() if each.amount is None)]
    kept = ordered if top is None else ordered[:top]
    rows_of = [(name, groups[name]) for name in kept]
    left = [piece for name in ordered[len(kept) :] for piece in groups[name]]
    if left:
        rows_of.append((OTHERS, left))
    whole = giving.sum(piece for own in groups.values() for piece in own)
    columns: dict[str, list[Cell]] = {"rank": _ranks(rows_of, places), by: [name or None for name, _ in rows_of]}
    totals: dict[str, Cell] = {}
    for period in periods if len(periods) > 1 or request.variant == BY_YEAR else ():
        of_all = giving.sum((piece for own in groups.values() for piece in own), period).amount
        figures = [giving.sum(own, period).amount for _, own in rows_of]
        columns[period.label] = [*amounts(figures, of_all, request.currency, derived=giving.derived)]
        totals[period.label] = amount(of_all, request.currency, derived=giving.derived)
        if request.variant == BY_YEAR:
            within = {name: giving.sum(own, period).amount for name, own in groups.items()}
            ranks = ranked({name: figure for name, figure in within.items() if figure})
            columns[f"rank {period.label}"] = _ranks(rows_of, ranks)
            columns[f"share {period.label}"] = [*shares(figures, of_all)]
            totals[f"share {period.label}"] = percent(Decimal(100)) if of_all else None
    figures = [giving.sum(own).amount for _, own in rows_of]
    columns["amount"] = [*amounts(figures, whole.amount, request.currency, derived=giving.derived)]
    shown = shares(figures, whole.amount)
    columns["share"] = [*shown]
    columns["cumulative_share"] = _cumulative(shown)
    if len(periods) > 1:
        columns["growth"] = [growth_of(giving, own, periods) for _, own in rows_of]
        totals["growth"] = growth_of(giving, (piece for own in groups.values() for piece in own), periods)
    all_of_it = percent(Decimal(100)) if whole.amount else None
    totals |= {
        "amount": amount(whole.amount, request.currency, derived=giving.derived),
        "share": all_of_it,
        "cumulative_share": all_of_it,
    }
    return ReportTable(
        report="contributors",
        definition=" ".join(
            [
                DEFINITION.format(basis=BASES[basis], kinds=COUNTED[kinds]),
                *only_category(request),
                *([GROUPED.format(by=by)] if by != "partner" else []),
                *told_of_kinds(request.by),
                *([EACH_RANK] if request.variant == BY_YEAR else []),
                *([GROWTH] if len(periods) > 1 else []),
            ]
        ),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: cells[place] for name, cells in columns.items()} for place in range(len(rows_of))),
        totals=totals,
        figures=frozenset(columns) - {by},
        remarks=(*missing_rates([whole]), *_ties(places, kept), *unattributed(giving)),
        rates=giving.rates_of(piece for own in groups.values() for piece in own),
        variant=request.variant,
    )


def _ranks(rows: Sequence[tuple[str, list[Piece]]], places: Sequence[Ranked]) -> list[Cell]:
    rank = {place.name: place.rank for place in places}
    return [rank.get(name) for name, _ in rows]


def _cumulative(shown: Sequence[str | None]) -> list[Cell]:
    """Running sums of the shares as they are printed, so that the last one is 100."""
    running = Decimal(0)
    found: list[Cell] = []
    for share in shown:
        running += Decimal(share or 0)
        found.append(None if share is None else plain(running))
    return found


def _ties(places: Sequence[Ranked], kept: Sequence[str]) -> list[str]:
    """Which partners share a rank, in sentences."""
    found: dict[int, list[str]] = {}
    for place in places:
        if place.tied and place.name in kept:
            found.setdefault(place.rank, []).append(place.name)
    return [f"{' and '.join(names)} share rank {rank}." for rank, names in found.items()]


def unattributed(giving: Giving) -> list[str]:
    """How much names no agreement and so stands for nobody's money, in a sentence."""
    nobodys = giving.sum(piece for piece in giving.pieces if piece.agreement is None)
    if nobodys.amount is None:
        return [f"Some of what names no agreement ({NOT_ATTRIBUTED}) lacks a rate of exchange."]
    if not nobodys.amount:
        return []
    figure = amount(nobodys.amount, giving.currency, derived=giving.derived)
    return [f"{figure} {giving.currency} name no agreement and are {NOT_ATTRIBUTED}."]


CONTRIBUTORS = Report(
    name="contributors",
    definition=DEFINITION.format(basis=BASES[Basis.APPROVALS], kinds=COUNTED["non-core"]),
    dimensions=DIMENSIONS,
    variants=(BY_AMOUNT, BY_YEAR),
    compute=compute,
    options=("basis", "kind", "category", "top"),
    most_dimensions=1,
)
