"""The report ``earmarking``: how far money is tied, by approvals, receipts or expenditure, and the indicators of it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import KINDS, VOLUNTARY, Basis, Indicator, Tie, indicators
from app.domain.earmarking import Category, Modality
from app.domain.money import WORKING, Total, plain
from app.reports.approvals import COUNTED, told_of_kinds
from app.reports.calendars import periods_of
from app.reports.contributors import unattributed
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import Giving, Piece, category_asked, gather, grouped, missing_rates, only_category
from app.reports.options import chosen
from app.reports.printing import amount, amounts, percent, shares
from app.reports.queries_control import Aim, aims

DIMENSIONS = ("category", "modality", "preset", "partner", "year", "funding", "funds", "joint-un")
MEANINGS = {
    **{category.value: category.name.replace("_", " ").lower() for category in Category},
    **{modality.value: modality.meaning for modality in Modality},
}
BASES = {
    Basis.APPROVALS: "approvals (agreements signed in the period and amendments on their own days; support cost "
    "included)",
    Basis.RECEIPTS: "receipts (incoming funds from others)",
    Basis.EXPENDITURE: "expenditure (transactions of type 4 and of type 3 to others)",
}
DEFINITION = (
    "Earmarking by {basis}. Counted in the rows is {kinds}. The share is that of what names an agreement; the rest "
    "is a row of its own. Indicators are shares of voluntary money whatever the rows count: unearmarked and softly "
    "earmarked (categories 1 and 2 of the Grand Bargain); unearmarked and lightly earmarked (the organisation's own "
    "words); multi-annual (24 months or more); predictable (with a schedule of instalments); joint UN (pooled funds "
    "and joint programmes). The voluntary share is that of all money with an agreement and assessed contributions "
    "are part of that. A target is that of exactly the period asked for and to_target the indicator less its target in "
    "percentage points. Each amount is converted by the rate of its own day."
)

NO_TARGETS = "Targets are those of all partners together and are left out."


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    kinds = chosen(request, "kind", KINDS, "voluntary")
    basis = Basis(chosen(request, "basis", [basis.value for basis in Basis], Basis.APPROVALS.value))
    periods = periods_of(request.period, fiscal)
    giving = gather(session, request, basis, periods, fiscal=fiscal)
    counted = [piece for piece in giving.pieces if piece.tie is None or piece.tie.kind in KINDS[kinds]]
    groups = grouped(counted, request.by, fiscal=fiscal, category=lambda fact: str(fact.category))
    named = [piece for piece in counted if piece.tie is not None]
    whole, of_agreements = giving.sum(counted), giving.sum(named)
    figures = [giving.sum(own).amount for own in groups.values()]
    attributed = [giving.sum(piece for piece in own if piece.tie is not None).amount for own in groups.values()]
    has_meaning = request.by in (("category",), ("modality",))
    columns: dict[str, list[Cell]] = {}
    for place, name in enumerate(request.by):
        columns[name] = [key[place] for key in groups]
    if has_meaning:
        columns["meaning"] = [MEANINGS.get(key[0] or "") for key in groups]
    columns["amount"] = [*amounts(figures, whole.amount, request.currency, derived=giving.derived)]
    columns["share"] = [
        None if _is_nobodys(own) else share
        for own, share in zip(groups.values(), shares(attributed, of_agreements.amount), strict=True)
    ]
    first, last = periods[0].start, periods[-1].end
    narrowed = category_asked(request) is not None
    # targets are of all money: that of one category of partners is not measured by them
    aimed_at = {} if narrowed else aims(session, first, last, as_of=request.as_of, recorded_at=request.recorded_at)
    reached = _indicators(giving)
    totals: dict[str, Cell] = {
        "amount": amount(whole.amount, request.currency, derived=giving.derived),
        "share": "100.00" if of_agreements.amount else None,
    }
    return ReportTable(
        report="earmarking",
        definition=" ".join(
            (
                DEFINITION.format(basis=BASES[basis], kinds=COUNTED[kinds]),
                *only_category(request),
                *([NO_TARGETS] if narrowed else []),
                *told_of_kinds(request.by),
            )
        ),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: cells[place] for name, cells in columns.items()} for place in range(len(groups))),
        totals={
            **totals,
            **{indicator.value: share for indicator, share in reached.items()},
            **_against(reached, aimed_at),
        },
        figures=frozenset({"amount", "share"}),
        remarks=(
            *missing_rates([giving.sum(giving.pieces)]),
            *unattributed(giving),
            *_unknown(giving),
            *_aims_told(reached, aimed_at),
        ),
        rates=giving.used,
    )


def _is_nobodys(pieces: list[Piece]) -> bool:
    return all(piece.tie is None for piece in pieces)


def _indicators(giving: Giving) -> dict[Indicator, str | None]:
    """The indicators, over all money that names an agreement; none where a rate of exchange is missing."""
    # of an agreement of several partners what one gives may be joint, and what another gives not
    by_tie: dict[tuple[int, Tie], list[Piece]] = {}
    for piece in giving.pieces:
        if piece.agreement is not None and piece.tie is not None:
            by_tie.setdefault((piece.agreement.id, piece.tie), []).append(piece)
    sums: list[tuple[Tie, Total]] = [(tie, giving.sum(own)) for (_, tie), own in by_tie.items()]
    given = [(tie, each.amount) for tie, each in sums if each.amount is not None]
    if len(given) < len(sums):
        return dict.fromkeys(indicators([]))
    return {name: percent(share) for name, share in indicators(given).items()}


def _to_target(reached: str, aim: Aim) -> Decimal:
    return WORKING.subtract(Decimal(reached), aim.percent)


def _against(reached: Mapping[Indicator, str | None], aimed_at: Mapping[Indicator, Aim]) -> dict[str, Cell]:
    """Beside each indicator that has a target: the target, and how far it is from that."""
    cells: dict[str, Cell] = {}
    for indicator, aim in aimed_at.items():
        share = reached[indicator]
        name = indicator.value.removesuffix("_share")
        cells[f"{name}_target"] = percent(aim.percent)
        cells[f"{name}_to_target"] = None if share is None else percent(_to_target(share, aim))
    return cells


def _aims_told(reached: Mapping[Indicator, str | None], aimed_at: Mapping[Indicator, Aim]) -> Iterator[str]:
    for indicator, aim in aimed_at.items():
        share = reached[indicator]
        distance = None if share is None else _to_target(share, aim)
        if distance is None:
            how = "cannot be told"
        elif distance:
            how = f"is {share} %, {plain(abs(distance).normalize())} points {'below' if distance < 0 else 'above'}"
        else:
            how = f"is {share} %, on target"
        by = f" ({aim.source})" if aim.source else ""
        yield f"The target of {indicator.value} is {plain(aim.percent)} %{by}; the share {how}."


def _unknown(giving: Giving) -> list[str]:
    """Voluntary agreements whose length is not known count as not multi-annual; how many, in a sentence."""
    undated = {
        piece.agreement.id
        for piece in giving.pieces
        if piece.kind in VOLUNTARY and piece.agreement and piece.tie and piece.tie.multi_annual is None
    }
    if not undated:
        return []
    if len(undated) == 1:
        return ["1 agreement lacks its first or last day and counts as not multi-annual."]
    return [f"{len(undated)} agreements lack their first or last day and count as not multi-annual."]


EARMARKING = Report(
    name="earmarking",
    definition=DEFINITION.format(basis="approvals or receipts or expenditure", kinds=COUNTED["voluntary"]),
    dimensions=DIMENSIONS,
    variants=(),
    compute=compute,
    options=("basis", "kind", "category"),
)
