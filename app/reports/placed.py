"""Where approvals go: by the shares of agreements in projects, and the places and units of these projects; and for
what: by their sectors and outcomes, and by the types of assistance that money of the agreement was spent on."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from itertools import product

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.money import EXACT, WORKING, Money, exact_sum
from app.domain.regions import country_of, region_of
from app.reports import queries_placed, queries_projects
from app.reports.attribution import (
    UNSAID,
    Tally,
    Weights,
    first_known,
    outcome_weights,
    share_out,
    stated_weights,
    whole,
)
from app.reports.frame import Request
from app.reports.giving import NOT_ATTRIBUTED, Piece, Put
from app.reports.queries_classes import ASSISTANCE, OUTCOME, PLACE, SECTOR, SOURCE, UNIT
from app.reports.queries_ledger import Window, spent_sums

#: dimension → what the place and the unit of a project say of it
DIMENSIONS: Mapping[str, Callable[[Put], str | None]] = {
    "region": lambda put: region_of(put.place),
    "country": lambda put: country_of(put.place),
    "unit": lambda put: put.unit,
    SECTOR: lambda put: put.sector,
    OUTCOME: lambda put: put.outcome,
    ASSISTANCE: lambda put: put.assistance,
}
#: those of them that follow the shares of agreements in projects → what of a project tells them
_TOLD_FROM: Mapping[str, str] = {"region": PLACE, "country": PLACE, UNIT: UNIT, SECTOR: SECTOR, OUTCOME: OUTCOME}
#: those that tell where
_WHERE = frozenset({"region", "country", UNIT})
MEANING = (
    "Region and country and unit: by the shares of the agreement in projects; within a project by its percentages. "
    "What names no place is interregional and without a country; what is given to no project is without a unit too."
)
PURPOSE = (
    "Sector and outcome: by the shares of the agreement in projects; within a project by the percentages of its "
    "purpose codes (or else of its sectors of three digits) and of its outcomes."
)
ASSISTED = (
    "Assistance: agreements name no type of it and each is shared out by what was spent under it by the day; where "
    "nothing was spent or a rate of it is missing or the rows name no type it is not attributed."
)
_NOWHERE = Put()
_Weights = Sequence[tuple[Put, Decimal]]


def meanings(by: Collection[str]) -> list[str]:
    """What the dimensions mean, in sentences."""
    asked = set(by)
    told = (
        (MEANING, asked & _WHERE),
        (PURPOSE, asked & {SECTOR, OUTCOME}),
        (ASSISTED, asked & {ASSISTANCE}),
    )
    return [meaning for meaning, those in told if those]


def placed(session: Session, request: Request, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces shared out over places, units, sectors and outcomes, or types of assistance, or both; the parts of
    each sum to it exactly. A constant number of statements."""
    found = list(pieces)
    if not _TOLD_FROM.keys().isdisjoint(request.by):
        weights = _weights(session, request)
        found = [part for piece in found for part in _parts(piece, weights)]
    if ASSISTANCE in request.by:
        assisted = _assisted(session, request)
        found = [part for piece in found for part in _by_assistance(piece, assisted)]
    return found


def _by_assistance(piece: Piece, assisted: Mapping[int, Weights]) -> Iterator[Piece]:
    weights = assisted.get(piece.agreement.id) if piece.agreement else None
    for assistance, amount in share_out(piece.money.amount, weights or whole(NOT_ATTRIBUTED)):
        put = replace(piece.put or _NOWHERE, assistance=assistance)
        yield replace(piece, put=put, money=Money(amount, piece.money.currency))


def _assisted(session: Session, request: Request) -> dict[int, Weights]:
    """By agreement: the types of assistance of what was spent under it, as known on the day."""
    window = Window(
        until=request.as_of,
        currency=request.currency,
        recorded_at=request.recorded_at,
        over=frozenset({SOURCE, ASSISTANCE}),
    )
    rates = stored_rates(session, recorded_at=request.recorded_at)
    tally = Tally()
    #: of which a part cannot be converted, so that the others would get its share
    unknown: set[int] = set()
    for row in spent_sums(session, window).rows:
        if row.agreement_id is None:
            continue
        money = rates.convert(Money(row.amount, row.currency), request.currency, row.rate_day or request.as_of)
        if isinstance(money, Money):
            tally.add(row.agreement_id, row.assistance or NOT_ATTRIBUTED, money.amount)
        else:
            unknown.add(row.agreement_id)
    return {agreement: weights for agreement, weights in tally.weights().items() if agreement not in unknown}


def _parts(piece: Piece, weights: Mapping[int, _Weights]) -> Iterator[Piece]:
    towards = weights.get(piece.agreement.id, ()) if piece.agreement else ()
    if not towards:
        yield replace(piece, put=_NOWHERE)
        return
    amounts = share_out(piece.money.amount, [(None, weight) for _, weight in towards])
    for (put, _), (_, amount) in zip(towards, amounts, strict=True):
        yield replace(piece, put=put, money=Money(amount, piece.money.currency))


def _weights(session: Session, request: Request) -> dict[int, _Weights]:
    """By agreement: what part of it goes where."""
    over = {_TOLD_FROM[name] for name in request.by if name in _TOLD_FROM}
    projects = queries_projects.projects(session)
    places = stated_weights(queries_projects.places(session)) if PLACE in over else {}
    sectors = stated_weights(queries_projects.sectors(session)) if SECTOR in over else {}
    found: dict[int, dict[Put, Decimal]] = defaultdict(dict)
    for agreement_id, project_id, part in queries_placed.parts(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        if part <= 0:
            continue
        project = projects[project_id]
        unit = project.unit if UNIT in over else None
        own: list[Weights] = [
            first_known(places, project_id=project_id),
            first_known(sectors, project_id=project_id),
            outcome_weights(project.outcome) if OUTCOME in over else UNSAID,
        ]
        together = _product(exact_sum(weight for _, weight in each) for each in own)
        for (place, first), (sector, second), (outcome, third) in product(*own):
            put = Put(unit=unit, place=place, sector=sector, outcome=outcome)
            share = WORKING.divide(_product((part, first, second, third)), together)
            found[agreement_id][put] = WORKING.add(found[agreement_id].get(put, Decimal(0)), share)
    for given in found.values():
        left = EXACT.subtract(Decimal(1), exact_sum(given.values()))
        # thirds of thirds leave a last digit over
        if left > Decimal("1e-30"):
            given[_NOWHERE] = EXACT.add(given.get(_NOWHERE, Decimal(0)), left)
    return {
        agreement_id: sorted(given.items(), key=lambda each: _order(each[0])) for agreement_id, given in found.items()
    }


def _order(put: Put) -> tuple[str, ...]:
    return (put.unit or "", put.place or "", put.sector or "", put.outcome or "")


def _product(weights: Iterable[Decimal]) -> Decimal:
    return reduce(WORKING.multiply, weights)
