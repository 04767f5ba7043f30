"""Where approvals go: by the shares of agreements in projects, and the places and units of these projects."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from app.domain.money import EXACT, WORKING, Money, exact_sum
from app.domain.regions import country_of, region_of
from app.reports import queries_placed, queries_projects
from app.reports.attribution import UNSAID, first_known, place_weights, share_out
from app.reports.frame import Request
from app.reports.giving import Piece, Put

#: dimension → what the place and the unit of a project say of it
DIMENSIONS: Mapping[str, Callable[[Put], str | None]] = {
    "region": lambda put: region_of(put.place),
    "country": lambda put: country_of(put.place),
    "unit": lambda put: put.unit,
}
MEANING = (
    "Region and country and unit: by the shares of the agreement in projects; within a project by its percentages. "
    "What names no place is interregional and without a country; what is given to no project is without a unit too."
)
_NOWHERE = Put(unit=None, place=None)
_Weights = Sequence[tuple[Put, Decimal]]


def placed(session: Session, request: Request, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces shared out over places and units; the parts of each sum to it exactly. Three statements."""
    weights = _weights(session, request)
    return [part for piece in pieces for part in _parts(piece, weights)]


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
    places = place_weights(queries_projects.places(session))
    found: dict[int, dict[Put, Decimal]] = defaultdict(dict)
    for agreement_id, project_id, part in queries_placed.parts(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        if part <= 0:
            continue
        own = first_known(places, project_id=project_id) or UNSAID
        whole = exact_sum(weight for _, weight in own)
        for place, weight in own:
            put = Put(unit=projects[project_id].unit, place=place)
            share = WORKING.divide(WORKING.multiply(part, weight), whole)
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
