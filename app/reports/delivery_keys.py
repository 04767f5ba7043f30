"""Under which values of its dimensions an amount stands in a report on delivery.

How an amount is shared out depends on the amount alone, never on what else the report shows: a figure is the same
whatever the columns and the grouping.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import cast

from sqlmodel import Session

from app.domain.contributions import Kind
from app.domain.delivery import Column
from app.domain.earmarking import funding_of
from app.domain.money import EXACT
from app.domain.regions import country_of, region_of
from app.domain.terms import PartnerCategory
from app.reports import queries_projects
from app.reports.attribution import UNSAID, Tally, Weights, outcome_weights, share_out, stated_weights, whole
from app.reports.queries_classes import (
    EVERYTHING,
    FUNDS,
    OFFICER,
    OUTCOME,
    PARTNER,
    PLACE,
    PROJECT,
    RECORDED,
    SECTOR,
    SOURCE,
    UNIT,
    UNIT_REGION,
    Scope,
)
from app.reports.queries_projects import PartnerKind, ProjectFacts, SourceFacts

#: values of the grouping dimensions, in their order
Key = tuple[str | None, ...]

#: source and partner of money that names no source
NOT_ATTRIBUTED = "not attributed"
#: the dimension of sources of funds: agreements by what they are to the organisation's budget, own resources by name
_FUNDS: Mapping[Kind, str] = {Kind.ASSESSED: "RB", Kind.CORE: "RBSA", Kind.NON_CORE: "XBDC"}


def fund_of(kind: Kind) -> str:
    """The source of funds that money of a kind is called by."""
    return _FUNDS[kind]


RECORDED_REGION, RECORDED_COUNTRY = "recorded-region", "recorded-country"
#: dimension → what it is told from, and how
_TOLD_FROM: Mapping[str, tuple[str, Callable[[str | None], str | None]]] = {
    "region": (PLACE, region_of),
    "country": (PLACE, country_of),
    RECORDED_REGION: (RECORDED, region_of),
    RECORDED_COUNTRY: (RECORDED, country_of),
}
#: dimension → what it tells of a partner
_OF_PARTNERS: Mapping[str, Callable[[PartnerKind], str | None]] = {
    "category": attrgetter("category"),
    "subcategory": attrgetter("subcategory"),
    "funding": lambda kind: funding_of(PartnerCategory(kind.category)),
}
#: dimensions that a project itself has one value of
_OWN: Mapping[str, Callable[[ProjectFacts], str | None]] = {
    PROJECT: attrgetter("code"),
    UNIT: attrgetter("unit"),
    OFFICER: attrgetter("officer"),
    UNIT_REGION: attrgetter("region"),
}

#: the number of the one key an amount stands under, or what it is shared out over; None: it stands under none
Shares = int | Sequence[Weights] | None


def shared_over(groups: Sequence[str], partner: str | None) -> tuple[str, ...]:
    """What amounts are shared out over for the dimensions: region and country are told from the same place."""
    names = [*groups, *([PARTNER] if partner is not None else [])]
    return tuple(dict.fromkeys(_told_from(name) for name in names))


def _told_from(name: str) -> str:
    if name in _OF_PARTNERS:
        return PARTNER
    return _TOLD_FROM[name][0] if name in _TOLD_FROM else name


def told_by_project(over: Collection[str]) -> bool:
    """Whether the project alone tells where an amount stands, whatever its row says."""
    return _OWN.keys() >= set(over)


@dataclass(kw_only=True, slots=True)
class Facts:
    """What projects and agreements say of the dimensions."""

    projects: Mapping[int, ProjectFacts]
    agreements: Mapping[int, SourceFacts]
    places: Mapping[int, Weights]
    sectors: Mapping[int, Weights] = field(default_factory=dict)
    #: by code, where that is asked for
    partners: Mapping[str, PartnerKind] = field(default_factory=dict)
    #: by project, the one source of funds of the agreements that fund it
    funders: Mapping[int, Weights] = field(default_factory=dict)
    #: by pool, the agreements that filled it
    pools: Mapping[int, Weights] = field(default_factory=dict)
    #: (project, fiscal year) → what the allocations of that year say
    outcomes: Mapping[tuple[int, int], Weights] = field(default_factory=dict)
    funds: Mapping[tuple[int, int], Weights] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        session: Session,
        over: Collection[str],
        projects: Collection[int],
        agreements: Collection[int] | None,
        *,
        named: Mapping[int, ProjectFacts] | None,
        groups: Collection[str],
        scope: Scope,
        as_of: dt.date,
        recorded_at: dt.datetime | None,
    ) -> "Facts":
        """What these projects and agreements say of what is shared out over, and what partners are where ``groups``
        tell that; None: all agreements. ``named``: what was read of all projects already. What an agreement is to the
        budget is told as of a day."""
        by_source = bool({SOURCE, PARTNER, FUNDS} & set(over))
        of_day = as_of if FUNDS in over else None
        sources = (
            queries_projects.sources(session, agreements, as_of=of_day, recorded_at=recorded_at) if by_source else {}
        )
        by_place = bool({PLACE, RECORDED} & set(over))
        return cls(
            projects=named or (queries_projects.projects(session, projects) if over or scope != EVERYTHING else {}),
            agreements=sources,
            places=stated_weights(queries_projects.places(session, projects)) if by_place else {},
            sectors=stated_weights(queries_projects.sectors(session, projects)) if SECTOR in over else {},
            partners={} if _OF_PARTNERS.keys().isdisjoint(groups) else queries_projects.partner_kinds(session),
        )

    def usual(self, name: str, project_id: int) -> Weights:
        """How a project's money is shared out when the row itself does not say."""
        if name in _OWN:
            return whole(_OWN[name](self.projects[project_id]))
        if name == PLACE:
            return self.places.get(project_id, UNSAID)
        if name == RECORDED:
            places = self.places.get(project_id, UNSAID)
            return places if len(places) == 1 else UNSAID
        if name == SECTOR:
            return self.sectors.get(project_id, UNSAID)
        if name == FUNDS:
            return self.funders.get(project_id, whole(NOT_ATTRIBUTED))
        return outcome_weights(self.projects[project_id].outcome) if name == OUTCOME else whole(NOT_ATTRIBUTED)

    def is_of(self, name: str, partner: str | None) -> str | None:
        """What a partner is by a dimension of partners; what is nobody's, or not attributed, stays that."""
        known = self.partners.get(partner) if partner is not None else None
        return partner if known is None else _OF_PARTNERS[name](known)

    def said(self, agreement: int | None, country: str | None, sector: str | None = None) -> dict[str, Weights]:
        """What a row says that names an agreement, a country or a sector."""
        own: dict[str, Weights] = {}
        if agreement is not None and agreement in self.agreements:
            source = self.agreements[agreement]
            own[SOURCE], own[PARTNER] = whole(source.reference), source.partners
            own[FUNDS] = whole(_FUNDS[source.kind])
        if country:
            own[PLACE] = own[RECORDED] = whole(country)
        if sector:
            own[SECTOR] = whole(sector)
        return own

    def said_by_allocation(
        self, agreement: int | None, source: str, outcome: str, country: str | None
    ) -> dict[str, Weights]:
        """What an allocation says; ``source``: of own resources."""
        own = self.said(agreement, country)
        if agreement is None and source:
            own[SOURCE], own[PARTNER], own[FUNDS] = whole(source), whole(None), whole(source)
        if outcome:
            own[OUTCOME] = whole(outcome)
        return own

    def said_by_spending(
        self, project_id: int, agreement: int | None, country: str | None, sector: str | None, year: int
    ) -> dict[str, Weights]:
        """What spending of a fiscal year says: its outcomes are those of the allocations of the year."""
        own = self.said(agreement, country, sector)
        if (project_id, year) in self.outcomes:
            own[OUTCOME] = self.outcomes[project_id, year]
        return self.said_by_year(project_id, year) | own

    def said_by_year(self, project_id: int, year: int) -> dict[str, Weights]:
        """What the allocations of a fiscal year say of money that names no source of funds."""
        found = self.funds.get((project_id, year))
        return {} if found is None else {FUNDS: found}

    def donors_of(self, pool: int) -> dict[str, Weights]:
        """Sources, partners and sources of funds of what a pool passes on."""
        by_name = {SOURCE: Tally(), PARTNER: Tally(), FUNDS: Tally()}
        for agreement, weight in self.pools.get(pool, UNSAID):
            source = self.agreements[int(agreement)] if agreement else None
            by_name[SOURCE].add(pool, source.reference if source else NOT_ATTRIBUTED, weight)
            by_name[FUNDS].add(pool, _FUNDS[source.kind] if source else NOT_ATTRIBUTED, weight)
            for partner, part in source.partners if source else ((NOT_ATTRIBUTED, Decimal(1)),):
                by_name[PARTNER].add(pool, partner, EXACT.multiply(weight, part))
        return {name: tally.weights()[pool] for name, tally in by_name.items()}


def funders(funded_by: Iterable[tuple[int, int]], sources: Mapping[int, SourceFacts]) -> dict[int, Weights]:
    """By project the source of funds of the agreements that fund it, where it is one."""
    found: dict[int, set[str]] = {}
    for project_id, agreement_id in funded_by:
        found.setdefault(project_id, set()).add(_FUNDS[sources[agreement_id].kind])
    return {project_id: whole(*kinds) for project_id, kinds in found.items() if len(kinds) == 1}


def in_order(keys: Sequence[Key]) -> list[int]:
    """Places of keys in the printed order; what has no value comes last."""
    try:
        # texts alone are compared in half the time
        if keys and len(keys[0]) == 1:
            texts = cast("list[str]", [key[0] for key in keys])
            return sorted(range(len(keys)), key=texts.__getitem__)
        return sorted(range(len(keys)), key=keys.__getitem__)
    except TypeError:
        return sorted(range(len(keys)), key=lambda place: [(value is None, value or "") for value in keys[place]])


class Keys:
    """The keys of a report, numbered as they come."""

    def __init__(self, groups: Sequence[str], over: Sequence[str], facts: Facts, *, partner: str | None) -> None:
        """``partner``: only what is attributed to it stands in the report."""
        #: whether anything was shared out
        self.shared = False
        #: whether the project alone tells where an amount stands, whatever its row says
        self.by_project = told_by_project(over)
        self._groups, self._over, self._facts, self._partner = groups, over, facts, partner
        self._numbers: dict[Key, int] = {}
        #: the number by the values of what is shared out over
        self._known: dict[Key, int | None] = {}
        #: by project where an amount stands of which the row itself says nothing
        self._usual: dict[int, Shares] = {}
        #: by project its number, where it alone tells it
        self._of_projects: dict[int, int] = {}

    @property
    def found(self) -> list[Key]:
        """The keys by their numbers."""
        return list(self._numbers)

    def shares(self, project_id: int, own: Mapping[str, Weights]) -> Shares:
        """Where an amount stands; ``own``: what the row itself says."""
        return self.usual(project_id) if own.keys().isdisjoint(self._over) else self._shares(project_id, own)

    def usual(self, project_id: int) -> Shares:
        """Where an amount of the project stands of which its row says nothing."""
        if project_id not in self._usual:
            self._usual[project_id] = self._shares(project_id, {})
        return self._usual[project_id]

    def numbers(self, project_ids: Collection[int]) -> list[int]:
        """For each project where its amounts stand, in a report in which the project alone tells it.

        Those that are asked for together for the first time are numbered in the printed order.
        """
        numbers, keys = self._of_projects, self._numbers
        try:
            return list(map(numbers.__getitem__, project_ids))
        except KeyError:
            new = list(set(project_ids) - numbers.keys())
            projects = [self._facts.projects[each] for each in new]
            told = list(zip(*(map(_OWN[name], projects) for name in self._groups), strict=True))
            for place in in_order(told):
                numbers[new[place]] = keys.setdefault(told[place], len(keys))
        return list(map(numbers.__getitem__, project_ids))

    def _shares(self, project_id: int, own: Mapping[str, Weights]) -> Shares:
        weights = [own.get(name) or self._facts.usual(name, project_id) for name in self._over]
        for each in weights:
            if len(each) > 1:
                self.shared = True
                return weights
        return self._number(tuple([each[0][0] for each in weights]))

    def put(self, shares: Shares, columns: Sequence[Column], amount: Decimal, currency: str, rate_day: dt.date) -> None:
        """Adds an amount to the columns."""
        if isinstance(shares, int):
            for column in columns:
                column.add(shares, amount, currency, rate_day)
            return
        if shares is None:
            return
        parts: list[tuple[Key, Decimal]] = [((), amount)]
        for weights in shares:
            parts = [((*key, value), part) for key, before in parts for value, part in share_out(before, weights)]
        for values, part in parts:
            self.put(self._number(values), columns, part, currency, rate_day)

    def _number(self, values: Key) -> int | None:
        if values not in self._known:
            self._known[values] = self._numbered(values)
        return self._known[values]

    def _numbered(self, values: Key) -> int | None:
        said = dict(zip(self._over, values, strict=True))
        if self._partner is not None and said[PARTNER] != self._partner:
            return None
        found = []
        for name in self._groups:
            if name in _OF_PARTNERS:
                found.append(self._facts.is_of(name, said[PARTNER]))
                continue
            of, tell = _TOLD_FROM.get(name, (name, None))
            found.append(tell(said[of]) if tell else said[of])
        return self._numbers.setdefault(tuple(found), len(self._numbers))
