"""Gathers what delivery is computed from: sums of the database, shared out over the values of dimensions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.delivery import Allocation, DeliveryFacts, Encumbrance, LedgerEntry
from app.domain.money import Money, Rates
from app.domain.periods import Period, day_after, split_by_days
from app.domain.terms import AllocationKind, EncumbranceKind
from app.reports import queries
from app.reports.attribution import Tally, Weights, first_known, place_weights, share_out, whole
from app.reports.frame import Request
from app.reports.queries import AllocationSum, EncumbranceSum, LedgerSum, ProjectFacts

#: values of the grouping dimensions, in their order
Key = tuple[str | None, ...]

_TYPES = ("3", "4")
_TYPES_WITH_RECEIPTS = ("1", "3", "4")
#: dimensions that a project itself has one value of
_OWN: Mapping[str, Callable[[ProjectFacts], str | None]] = {
    "project": lambda project: project.code,
    "unit": lambda project: project.unit,
    "officer": lambda project: project.officer,
    "region": lambda project: project.region,
}
#: dimensions where spending that says nothing follows the allocations
_FOLLOWING = ("source", "partner", "outcome")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """Facts by key, the keys in their printed order."""

    by_key: Mapping[Key, DeliveryFacts]
    rates: Rates
    #: whether amounts were converted or shared out, so that figures are rounded when printed
    derived: bool


def facts_by_key(
    session: Session,
    request: Request,
    groups: Sequence[str],
    measured: Sequence[tuple[Period, Period]],
    *,
    from_the_beginning: bool,
) -> Gathered:
    """Facts of all periods by the values of ``groups``.

    ``measured``: for each period that of its expenditure and that of its allocation. Memory follows the number of
    projects and periods, not that of transactions.
    """
    spent = [period for period, _ in measured]
    allocated = [period for _, period in measured]
    starts = _edges(spent)
    until = min(max(period.end for period in spent), request.as_of)
    ledger = queries.ledger_sums(
        session,
        _TYPES_WITH_RECEIPTS if from_the_beginning else _TYPES,
        starts,
        since=None if from_the_beginning else starts[0],
        until=until,
        currency=request.currency,
        recorded_at=request.recorded_at,
    )
    allocations = queries.allocation_sums(
        session,
        min(period.start for period in allocated),
        max(period.end for period in allocated),
        as_of=request.as_of,
        recorded_at=request.recorded_at,
    )
    encumbrances = queries.encumbrance_sums(session, starts, since=starts[0], until=until, currency=request.currency)
    currencies = {row.currency for rows in (ledger, allocations, encumbrances) for row in rows}
    rates = stored_rates(session, recorded_at=request.recorded_at)
    keeper = _Keeper(session, request, groups, allocations, rates, starts, _edges(allocated))
    keeper.add(ledger, encumbrances)
    return Gathered(by_key=keeper.facts(), rates=rates, derived=keeper.shared or bool(currencies - {request.currency}))


def _edges(periods: Sequence[Period]) -> list[dt.date]:
    """First days of the periods and the days after their last ones, in order."""
    return sorted({day for period in periods for day in (period.start, day_after(period.end))})


class _Keeper:
    """Puts sums under their keys."""

    def __init__(
        self,
        session: Session,
        request: Request,
        groups: Sequence[str],
        allocations: Sequence[AllocationSum],
        rates: Rates,
        starts: Sequence[dt.date],
        edges: Sequence[dt.date],
    ) -> None:
        self.groups = groups
        self.starts = starts
        self.edges = edges
        #: whether anything was shared out
        self.shared = False
        self._allocations: dict[Key, list[Allocation]] = defaultdict(list)
        self._ledger: dict[Key, list[LedgerEntry]] = defaultdict(list)
        self._encumbrances: dict[Key, list[Encumbrance]] = defaultdict(list)
        self._rows = allocations
        self._projects = queries.projects(session) if groups else {}
        by_source = {"source", "partner"} & set(groups)
        self._sources = queries.sources(session) if by_source else {}
        self._shares = self._share_weights(session, request, rates) if by_source else {}
        self._allocated = self._allocation_weights(request, rates)
        self._countries = place_weights(queries.places(session), "country") if "country" in groups else {}

    def add(self, ledger: Sequence[LedgerSum], encumbrances: Sequence[EncumbranceSum]) -> None:
        for number, row in enumerate(self._rows):
            own = self._own(row)
            for period, piece in self._pieces(row):
                for key, amount in self._parts(row.project_id, piece, own):
                    self._allocations[key].append(
                        Allocation(
                            line=(number, period.start),
                            period=period,
                            kind=AllocationKind.ORIGINAL,
                            decided_on=row.rate_day,
                            money=Money(amount, row.currency),
                        )
                    )
        for entry in ledger:
            day = self._day(entry.interval)
            own = self._direct(agreement=entry.agreement_id, country=entry.country)
            for key, amount in self._parts(entry.project_id, entry.amount, own):
                self._ledger[key].append(
                    LedgerEntry(
                        type=entry.type,
                        posted_on=day,
                        money=Money(amount, entry.currency),
                        value_date=entry.rate_day,
                        is_internal=entry.internal,
                    )
                )
        for bound in encumbrances:
            for key, amount in self._parts(bound.project_id, bound.amount, {}):
                self._encumbrances[key].append(
                    Encumbrance(
                        kind=EncumbranceKind.ENCUMBRANCE,
                        recorded_for=self._day(bound.interval),
                        money=Money(amount, bound.currency),
                    )
                )

    def facts(self) -> dict[Key, DeliveryFacts]:
        keys = {*self._allocations, *self._ledger, *self._encumbrances}
        ordered = sorted(keys, key=lambda key: [(value is None, value or "") for value in key])
        return {
            key: DeliveryFacts(
                allocations=tuple(self._allocations.get(key, ())),
                ledger=tuple(self._ledger.get(key, ())),
                encumbrances=tuple(self._encumbrances.get(key, ())),
            )
            for key in ordered
        }

    def _pieces(self, row: AllocationSum) -> list[tuple[Period, Decimal]]:
        """An allocation, cut by days where a period begins or ends.

        Cut first and shared out afterwards, so that it comes to the same cents whatever it is grouped by.
        """
        inner = [day for day in self.edges if row.period.start < day <= row.period.end]
        if not inner:
            return [(row.period, row.amount)]
        ends = [*(day - dt.timedelta(days=1) for day in inner), row.period.end]
        cut = [Period(start=start, end=end) for start, end in zip([row.period.start, *inner], ends, strict=True)]
        return list(zip(cut, split_by_days(row.amount, row.period, cut), strict=True))

    def _day(self, interval: int) -> dt.date:
        """A day of the interval: its first, or the one before all."""
        return self.starts[interval - 1] if interval else self.starts[0] - dt.timedelta(days=1)

    def _parts(self, project_id: int, amount: Decimal, own: Mapping[str, Weights]) -> list[tuple[Key, Decimal]]:
        """The amount under its keys; ``own``: what the row itself says of a dimension."""
        parts: list[tuple[Key, Decimal]] = [((), amount)]
        for name in self.groups:
            weights = own.get(name) or self._weights(name, project_id)
            self.shared |= len(weights) > 1
            parts = [((*key, value), part) for key, before in parts for value, part in share_out(before, weights)]
        return parts

    def _own(self, row: AllocationSum) -> dict[str, Weights]:
        """What an allocation says of dimensions."""
        own = self._direct(agreement=row.agreement_id, country=row.country or None)
        if row.agreement_id is None and row.source:
            own["source"], own["partner"] = whole(row.source), whole(None)
        if row.outcome:
            own["outcome"] = whole(row.outcome)
        elif (project := self._projects.get(row.project_id)) is not None:
            own["outcome"] = whole(project.outcome)
        return own

    def _direct(self, *, agreement: int | None, country: str | None) -> dict[str, Weights]:
        own: dict[str, Weights] = {}
        if agreement is not None and agreement in self._sources:
            reference, partner = self._sources[agreement]
            own["source"], own["partner"] = whole(reference), whole(partner)
        if country is not None:
            own["country"] = whole(country)
        return own

    def _weights(self, name: str, project_id: int) -> Weights:
        """How a project's money is shared out over a dimension when the row itself does not say."""
        project = self._projects[project_id]
        if name in _OWN:
            return whole(_OWN[name](project))
        if name == "country":
            return first_known(self._countries, project_id=project_id)
        if name == "outcome":
            return self._allocated["outcome"].get(project_id) or whole(project.outcome)
        return first_known(self._allocated[name], self._shares.get(name, {}), project_id=project_id)

    def _allocation_weights(self, request: Request, rates: Rates) -> dict[str, dict[int, Weights]]:
        """Spending that names no source or outcome follows the allocations of the same time."""
        tallies = {name: Tally() for name in _FOLLOWING if name in self.groups}
        for row in self._rows if tallies else ():
            converted = rates.convert(Money(row.amount, row.currency), request.currency, row.rate_day)
            if not isinstance(converted, Money):
                continue
            own = self._own(row)
            for name, tally in tallies.items():
                if name in own:
                    tally.add(row.project_id, own[name][0][0], converted.amount)
        return {name: tally.weights() for name, tally in tallies.items()}

    def _share_weights(self, session: Session, request: Request, rates: Rates) -> dict[str, dict[int, Weights]]:
        """Where there is no allocation either, it follows the funding shares."""
        tallies = {"source": Tally(), "partner": Tally()}
        for project_id, agreement_id, part in queries.shares(session):
            converted = rates.convert(part, request.currency, request.as_of)
            if isinstance(converted, Money) and agreement_id in self._sources:
                reference, partner = self._sources[agreement_id]
                tallies["source"].add(project_id, reference, converted.amount)
                tallies["partner"].add(project_id, partner, converted.amount)
        return {name: tally.weights() for name, tally in tallies.items()}
