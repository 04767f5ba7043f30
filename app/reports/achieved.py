"""Results on record by what they are told apart by: place, mark, project, and the money they go back to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import product

from sqlmodel import Session

from app.domain.achieved import NOT_ATTRIBUTED, Achieved, attributed, marks_of, summed
from app.domain.contributions import percent_of
from app.domain.delivery import Variant
from app.domain.framework import INDICATOR, OUTCOME, OUTPUT, Branch
from app.domain.money import EXACT, MissingRate, plain, round_places
from app.domain.periods import FiscalCalendar
from app.reports.attribution import rounded_rows
from app.reports.calendars import periods_of
from app.reports.delivery_facts import gather
from app.reports.delivery_keys import fund_of
from app.reports.delivery_sums import Question
from app.reports.frame import Cell, RateUsed, Request
from app.reports.printing import percent
from app.reports.queries_classes import EVERYTHING, FUNDS, Scope
from app.reports.queries_projects import sources
from app.reports.queries_results import agreements_named
from app.reports.spent import missing_remarks, whole_of

REGION, MARK, SOURCE = "region", "mark", "source"
COUNTRY, PROGRAMME, PROJECT, YEAR = "country", "programme", "project", "year"
#: dimensions that only results on record have
OF_RECORDS = (REGION, MARK, SOURCE, COUNTRY, PROGRAMME, PROJECT, YEAR)
#: decimals of parts of results
_PLACES = 2
#: projects with results whose codes a statement is given
_ASKED_FOR = 5000

Key = tuple[str | None, ...]


@dataclass(kw_only=True, slots=True)
class Grouped:
    """Results by row, with the rates of exchange that money was converted by."""

    columns: tuple[str, ...]
    rows: list[dict[str, Cell]]
    totals: dict[str, Cell]
    rates: tuple[RateUsed, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Row:
    results: set[int] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    attributed: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Money:
    """What projects spent in the period by source of funds, and what agreements that are named count as."""

    spent: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    funds: Mapping[str, str] = field(default_factory=dict)
    rates: tuple[RateUsed, ...] = ()
    missing: Mapping[int, Sequence[MissingRate]] = field(default_factory=dict)

    def parts(self, result: Achieved) -> dict[str, Decimal]:
        """The parts of a result by source; they make 1."""
        stated = tuple(dict.fromkeys(self.funds.get(source, source) for source in result.sources))
        return attributed(stated, summed(self.spent.get(code, {}) for code in result.projects))


def grouped(
    session: Session, request: Request, fiscal: FiscalCalendar, results: Sequence[Achieved], homes: Mapping[int, Branch]
) -> Grouped:
    """Results by the dimensions of the request. ``homes``: item of a result → its indicator with output and outcome."""
    by_source, in_countries = SOURCE in request.by, COUNTRY not in request.by
    money = _money(session, request, fiscal, results) if by_source else _Money()
    rows: dict[Key, _Row] = defaultdict(_Row)
    for result in results:
        parts = money.parts(result) if by_source else {}
        values = {name: _values(name, result, homes[result.item_id], parts) for name in request.by}
        for key in product(*values.values()):
            row = rows[key]
            row.results.add(result.id)
            if result.country is not None:
                row.countries.add(result.country)
            if by_source:
                row.attributed = EXACT.add(row.attributed, parts[str(key[request.by.index(SOURCE)])])
    ordered = sorted(rows.items(), key=lambda each: [(value is None, _order(value)) for value in each[0]])
    number = Decimal(len(results))
    shown: list[dict[str, Cell]] = [
        {
            **dict(zip(request.by, key, strict=True)),
            "results": len(row.results),
            "share": percent(percent_of(Decimal(len(row.results)), number)),
            **({"countries": len(row.countries)} if in_countries else {}),
        }
        for key, row in ordered
    ]
    totals: dict[str, Cell] = {"results": len(results), "share": percent(Decimal(100)) if results else None}
    if in_countries:
        totals["countries"] = len({result.country for result in results if result.country is not None})
    if by_source:
        figures = [row.attributed for _, row in ordered]
        once = MARK not in request.by and PROJECT not in request.by
        printed = rounded_rows(figures, number, _PLACES) if once and figures else figures
        for cells, figure in zip(shown, printed, strict=True):
            cells["attributed"] = plain(round_places(figure, _PLACES))
            cells["attributed_share"] = percent(percent_of(figure, number))
        totals |= {"attributed": plain(number), "attributed_share": totals["share"]}
    return Grouped(
        columns=(
            *request.by,
            "results",
            "share",
            *(("countries",) if in_countries else ()),
            *(("attributed", "attributed_share") if by_source else ()),
        ),
        rows=shown,
        totals=totals,
        rates=money.rates,
        remarks=missing_remarks([money.missing] if money.missing else []),
    )


def _money(session: Session, request: Request, fiscal: FiscalCalendar, results: Sequence[Achieved]) -> _Money:
    wanted = {code for result in results for code in result.projects}
    question = Question(
        request=request,
        variant=Variant.EXPENDITURE,
        groups=(PROJECT, FUNDS),
        periods=[whole_of(periods_of(request.period, fiscal))],
        fiscal=fiscal,
        # of a few thousand projects the money is asked for by their codes, of more all of it is
        scope=Scope(codes=frozenset(wanted)) if len(wanted) <= _ASKED_FOR else EVERYTHING,
        spent_only=True,
    )
    gathered = gather(session, question)
    spent: dict[str, dict[str, Decimal]] = defaultdict(dict)
    missing: dict[int, Sequence[MissingRate]] = {}
    for place in gathered.order:
        (project, source), cell = gathered.keys[place], gathered.cells.cell(place, 0)
        if project is None or project not in wanted:
            continue
        if cell.missing:
            missing[place] = cell.missing
        elif cell.expenditure:
            spent[project][source or NOT_ATTRIBUTED] = cell.expenditure
    named = agreements_named(session, {source for result in results for source in result.sources})
    as_known = partial(sources, session, as_of=request.as_of, recorded_at=request.recorded_at)
    facts = as_known(list(named.values())) if named else {}
    return _Money(
        spent=spent,
        funds={reference: fund_of(facts[number].kind) for reference, number in named.items()},
        rates=gathered.used,
        missing=missing,
    )


def _values(name: str, result: Achieved, home: Branch, parts: Mapping[str, Decimal]) -> Iterable[str | None]:
    """The rows of a dimension that a result stands in."""
    if name == SOURCE:
        return list(parts)
    if name == MARK:
        return marks_of(result)
    if name == PROJECT:
        return result.projects or (None,)
    return (_SINGLE[name](result, home),)


_SINGLE: Mapping[str, Callable[[Achieved, Branch], str | None]] = {
    INDICATOR: lambda _result, home: home.item.code,
    OUTPUT: lambda _result, home: home.output,
    OUTCOME: lambda _result, home: home.outcome,
    REGION: lambda result, _home: result.region,
    COUNTRY: lambda result, _home: result.country,
    PROGRAMME: lambda result, _home: result.programme,
    YEAR: lambda result, _home: str(result.year),
}


def _order(value: str | None) -> list[tuple[int, int, str]]:
    """Codes by their numbers: 1.2 before 1.10 and sdg-8 before sdg-16."""
    parts = (value or "").replace("-", ".").split(".")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
