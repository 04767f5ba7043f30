"""The report ``support-cost``: what donors pay for support beside what full cost would be."""

from dataclasses import replace

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import VOLUNTARY, Basis, FullCost, below_full_cost, full_cost, in_percent, percent_of
from app.domain.money import Money, Total, plain, total
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import Giving, Piece, agreed_rate, gather, grouped, missing_rates
from app.reports.printing import amount, amounts, percent
from app.reports.queries_contributions import Stated

DIMENSIONS = ("agreement", "partner", "year")
DEFINITION = (
    "Support cost of voluntary agreements signed in the period (amendments on their own days). Direct cost is the "
    "amount without support cost: 1130000 at 13 % is 1000000. Charged is the support cost at the agreed rate; the "
    "standard rate is 7 % for unearmarked and 13 % for earmarked money. The shortfall is what the standard rate would "
    "charge on the same direct cost less what is charged. The rates of a group are the ratios of its sums. Each "
    "amount is converted by the rate of its own day."
)
#: findings that are told one by one
_TOLD = 20
_FIGURES = ("gross", "net", "charged", "shortfall")


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    giving = gather(session, request, Basis.APPROVALS, periods, fiscal=fiscal, stated=True)
    pieces = [piece for piece in giving.pieces if piece.kind in VOLUNTARY]
    groups = grouped(pieces, request.by, fiscal=fiscal)
    taken = {key: [(piece, _taken_apart(piece)) for piece in own] for key, own in groups.items()}
    sums = [_sums(giving, own) for own in taken.values()]
    whole = _sums(giving, [pair for own in taken.values() for pair in own])
    columns: dict[str, list[Cell]] = {name: [key[place] for key in groups] for place, name in enumerate(request.by)}
    columns["agreed_rate"] = [_rate(each, "charged") for each in sums]
    columns["standard_rate"] = [_rate(each, "full") for each in sums]
    if request.by == ("agreement",):
        agreed = [{cost.agreed_rate for _, cost in own} for own in taken.values()]
        columns["agreed_rate"] = [
            plain(in_percent(*rates)) if len(rates) == 1 else _rate(each, "charged")
            for rates, each in zip(agreed, sums, strict=True)
        ]
        columns["standard_rate"] = [plain(in_percent(own[0][1].standard_rate)) for own in taken.values()]
    for name in _FIGURES:
        figures = [each[name].amount for each in sums]
        columns[name] = [*amounts(figures, whole[name].amount, request.currency, derived=giving.derived)]
    totals: dict[str, Cell] = {"agreed_rate": _rate(whole, "charged"), "standard_rate": _rate(whole, "full")}
    totals |= {name: amount(whole[name].amount, request.currency, derived=giving.derived) for name in _FIGURES}
    return ReportTable(
        report="support-cost",
        definition=DEFINITION,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: cells[place] for name, cells in columns.items()} for place in range(len(groups))),
        totals=totals,
        figures=frozenset(columns) - set(request.by),
        remarks=(*missing_rates([whole["gross"]]), *_findings(pieces)),
        rates=giving.used,
    )


def _taken_apart(piece: Piece) -> FullCost:
    if piece.agreement is None:
        raise AssertionError("an approval is one of an agreement")
    fact, stated = piece.agreement, piece.stated or piece.agreement
    rate = agreed_rate(stated, fact.category)
    return full_cost(piece.money, gross=stated.gross, agreed_rate=rate, category=fact.category)


def _sums(giving: Giving, taken: list[tuple[Piece, FullCost]]) -> dict[str, Total]:
    """The parts of the amounts, each summed in the report's currency."""

    def of(parts: list[Money]) -> Total:
        days = (piece.day for piece, _ in taken)
        return total(zip(parts, days, strict=True), giving.currency, giving.rates)

    return {
        "gross": of([cost.net + cost.charged for _, cost in taken]),
        "net": of([cost.net for _, cost in taken]),
        "charged": of([cost.charged for _, cost in taken]),
        "full": of([cost.full for _, cost in taken]),
        "shortfall": of([cost.shortfall for _, cost in taken]),
    }


def _rate(sums: dict[str, Total], part: str) -> str | None:
    charged, net = sums[part].amount, sums["net"].amount
    return None if charged is None or net is None else percent(percent_of(charged, net))


def _findings(pieces: list[Piece]) -> list[str]:
    """Agreements that pay less than full cost, in sentences; of many the first, in the order of their references."""
    stated: dict[tuple[str, Stated | None], Piece] = {}
    for piece in pieces:
        if piece.agreement is not None:
            key = (piece.agreement.reference, piece.stated)
            stated[key] = replace(piece, money=stated[key].money + piece.money) if key in stated else piece
    findings = []
    for (reference, _), whole in sorted(stated.items(), key=lambda item: item[0][0]):
        # of terms that an amendment replaced nothing is left
        finding = below_full_cost(reference, _taken_apart(whole)) if whole.money.amount else None
        if finding is not None:
            findings.append(finding.message)
    more = len(findings) - _TOLD
    if more == 1:
        return [*findings[:_TOLD], "1 more agreement pays less than full cost."]
    return findings[:_TOLD] + ([f"{more} more agreements pay less than full cost."] if more > 0 else [])


SUPPORT_COST = Report(name="support-cost", definition=DEFINITION, dimensions=DIMENSIONS, variants=(), compute=compute)
