"""Where approvals go: by the shares of agreements in projects, and the places and units of these projects; and for
what: by the types of assistance that money of the agreement was spent on."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.money import EXACT, WORKING, Money, exact_sum
from app.domain.regions import country_of, region_of
from app.reports import queries_placed, queries_projects
from app.reports.attribution import UNSAID, Tally, Weights, first_known, share_out, stated_weights, whole
from app.reports.frame import Request
from app.reports.giving import NOT_ATTRIBUTED, Piece, Put
from app.reports.queries_classes import ASSISTANCE, SOURCE
from app.reports.queries_ledger import Window, spent_sums

#: dimension → what the place and the unit of a project say of it
DIMENSIONS: Mapping[str, Callable[[Put], str | None]] = {
    "region": lambda put: region_of(put.place),
    "country": lambda put: country_of(put.place),
    "unit": lambda put: put.unit,
    ASSISTANCE: lambda put: put.assistance,
}
#: those of them that follow the shares of agreements in projects
PLACED = frozenset(DIMENSIONS) - {ASSISTANCE}
MEANING = (
    "Region and country and unit: by the shares of the agreement in projects; within a project by its percentages. "
    "What names no place is interregional and without a country; what is given to no project is without a unit too."
)
ASSISTED = (
    "Assistance: agreements name no type of it and each is shared out by what was spent under it by the day; where "
    "nothing was spent or a rate of it is missing or the rows name no type it is not attributed."
)
_NOWHERE = Put()
_Weights = Sequence[tuple[Put, Decimal]]


def meanings(by: Collection[str]) -> list[str]:
    """What the dimensions mean, in sentences."""
    return [*([MEANING] if set(by) & PLACED else []), *([ASSISTED] if ASSISTANCE in by else [])]


def placed(session: Session, request: Request, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces shared out over places and units, or types of assistance, or both; the parts of each sum to it
    exactly. A constant number of statements."""
    found = list(pieces)
    if set(request.by) & PLACED:
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
    projects = queries_projects.projects(session)
    places = stated_weights(queries_projects.places(session))
    found: dict[int, dict[Put, Decimal]] = defaultdict(dict)
    for agreement_id, project_id, part in queries_placed.parts(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        if part <= 0:
            continue
        own = first_known(places, project_id=project_id) or UNSAID
        together = exact_sum(weight for _, weight in own)
        for place, weight in own:
            put = Put(unit=projects[project_id].unit, place=place)
            share = WORKING.divide(WORKING.multiply(part, weight), together)
            found[agreement_id][put] = WORKING.add(found[agreement_id].get(put, Decimal(0)), share)
    for given in found.values():
        left = EXACT.subtract(Decimal(1), exact_sum(given.values()))
        # thirds of thirds leave a last digit over
        if left > Decimal("1e-30"):
            given[_NOWHERE] = EXACT.add(given.get(_NOWHERE, Decimal(0)), left)
    return {
        agreement_id: sorted(given.items(), key=lambda each: (each[0].unit or "", each[0].place or ""))
        for agreement_id, given in found.items()
    }
