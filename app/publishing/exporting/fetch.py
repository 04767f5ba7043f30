"""The rows of a batch of projects, fetched with a constant number of statements."""

import datetime as dt
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.money import NO_RATES, Rates
from app.domain.revisions import Revision
from app.domain.terms import Origin, PartnerCategory
from app.publishing.exporting import queries, queries_decisions
from app.publishing.exporting.queries import Columns
from app.publishing.mapping.binds import Name
from app.publishing.mapping.record import named


@dataclass(slots=True)
class Rows:
    """What is below a batch of projects, by table and by the key of the row above; organisations by key."""

    #: participants, classifications, …, results by project
    below: dict[str, dict[int, list[Columns]]]
    #: indicators by result, baselines and periods by indicator, values by period
    logframe: dict[str, dict[int, list[Columns]]]
    agreements: dict[int, list[Columns]]
    evaluations: dict[int, list[Columns]]
    #: identifiers of parents by key
    parents: dict[int, str]
    #: day of the newest decision on dates or stage, by project
    newest_decisions: dict[int, dt.date] = field(default_factory=dict)
    #: the decisions on dates and stage, by project, where the newest was not taken yet on the day
    decisions: dict[int, list[Revision]] = field(default_factory=dict)
    #: for budgets in several currencies; empty when there are none
    rates: Rates = NO_RATES
    #: categories of the partners among the providers of postings, by the organisation's key
    categories: dict[int, PartnerCategory] = field(default_factory=dict)
    #: (identifier, name, type) by key
    organisations: dict[int, tuple[str | None, Name | None, str | None]] = field(default_factory=dict)
    #: former identifiers of those organisations that have some, by key
    former_identifiers: dict[int, list[str]] = field(default_factory=dict)

    #: organisations whose name and money are held back, by key: why
    unscreened: dict[int, str] = field(default_factory=dict)

    def of(self, name: str, key: int) -> list[Columns]:
        return self.below[name].get(key) or []

    def under(self, name: str, key: int) -> list[Columns]:
        return self.logframe[name].get(key) or []


def fetch(session: Session, projects: list[Columns], as_of: dt.date, *, screening: bool = True) -> Rows:
    """All rows below the projects, and what was decided on them when ``as_of`` lies before the newest decision.

    ``screening``: whether what screening holds back is marked as such.
    """
    keys = [project["id"] for project in projects]
    below = {name: queries.below(session, name, keys) for name in queries.BELOW}
    logframe = queries.logframe(session, keys) if below["results"] else {key: {} for key in _LOGFRAME}
    agreements = queries.agreements(session, keys)
    parents = {project["parent_id"] for project in projects if project["parent_id"] is not None}
    rows = Rows(
        below=below,
        logframe=logframe,
        agreements=agreements,
        evaluations=queries.published_evaluations(session, keys),
        parents=queries.identifiers(session, parents) if parents else {},
    )
    wanted: set[int | None] = {project["reporting_org_id"] for project in projects}
    wanted.update(each["organisation_id"] for some in below["participants"].values() for each in some)
    wanted.update(each["organisation_id"] for some in agreements.values() for each in some)
    for some in below["ledger_entries"].values():
        for each in some:
            wanted.add(each["provider_id"])
            wanted.add(each["receiver_id"])
    providers = {each["provider_id"] for some in below["ledger_entries"].values() for each in some}
    rows.categories = queries.partner_categories(session, providers - {None})
    own = [project["id"] for project in projects if project["origin"] is Origin.OWN]
    rows.newest_decisions = queries_decisions.newest_decisions(session, own) if own else {}
    later = [key for key, day in rows.newest_decisions.items() if day > as_of]
    rows.decisions = queries_decisions.decisions(session, later) if later else {}
    currencies = _mixed_currencies(below["allocations"])
    if currencies:
        currencies.update(each["currency"] for some in agreements.values() for each in some)
        setup = queries.setup(session)
        rows.rates = stored_rates(session, currencies=currencies | ({setup["currency"]} if setup else set()))
    found = queries.organisations(session, {key for key in wanted if key is not None})
    rows.organisations = {key: named(row) for key, row in found.items()}
    rows.former_identifiers = {key: row.former_identifiers for key, row in found.items() if row.former_identifiers}
    if screening:
        rows.unscreened = {key: f"of {found[key].name}, {why}" for key, why in queries.barred(session, found).items()}
    return rows


def _mixed_currencies(allocations: dict[int, list[Columns]]) -> set[str]:
    """The currencies of projects that have more than one in their own budgets."""
    found: set[str] = set()
    for some in allocations.values():
        named = {each["currency"] for each in some if each["ordinal"] is None}
        if len(named) > 1:
            found |= named
    return found


_LOGFRAME = ("indicators", "indicator_baselines", "indicator_periods", "period_values")
