"""The rows of a batch of projects, fetched with a constant number of statements."""

import datetime as dt

from sqlmodel import Session

from app.db.projects import Classification, Contact, Document, Link, Location, Participant
from app.db.rates import stored_rates
from app.db.results import Result
from app.db.spending import Allocation, LedgerEntry, PlannedPayment
from app.domain.terms import Origin
from app.publishing.exporting import queries, queries_decisions, queries_redactions
from app.publishing.exporting.rows import (
    AllocationRow,
    ClassificationRow,
    ContactRow,
    DocumentRow,
    EntryRow,
    LinkRow,
    LocationRow,
    ParticipantRow,
    PlannedRow,
    ProjectRow,
    ResultRow,
    Rows,
)
from app.publishing.mapping.record import named


def fetch(session: Session, projects: list[ProjectRow], as_of: dt.date, *, screening: bool = True) -> Rows:
    """All rows below the projects, and what was decided on them when ``as_of`` lies before the newest decision.

    ``screening``: whether what screening and decisions to withhold keep back is marked as such.
    """
    keys = [project["id"] for project in projects]
    results = queries.below(session, Result, ResultRow, keys)
    agreements = queries.agreements(session, keys)
    parents = {project["parent_id"] for project in projects if project["parent_id"] is not None}
    rows = Rows(
        participants=queries.below(session, Participant, ParticipantRow, keys),
        classifications=queries.below(session, Classification, ClassificationRow, keys),
        contacts=queries.below(session, Contact, ContactRow, keys),
        locations=queries.below(session, Location, LocationRow, keys),
        documents=queries.below(session, Document, DocumentRow, keys),
        links=queries.below(session, Link, LinkRow, keys),
        allocations=queries.below(session, Allocation, AllocationRow, keys),
        planned=queries.below(session, PlannedPayment, PlannedRow, keys),
        entries=queries.below(session, LedgerEntry, EntryRow, keys),
        results=results,
        agreements=agreements,
        evaluations=queries.published_evaluations(session, keys),
        parents=queries.identifiers(session, parents) if parents else {},
    )
    if results:
        rows.indicators, rows.baselines = queries.indicators(session, keys), queries.baselines(session, keys)
        rows.periods, rows.values = queries.periods(session, keys), queries.values(session, keys)
    wanted: set[int | None] = {project["reporting_org_id"] for project in projects}
    wanted.update(each["organisation_id"] for some in rows.participants.values() for each in some)
    wanted.update(each["organisation_id"] for some in agreements.values() for each in some)
    for planned in rows.planned.values():
        for row in planned:
            wanted.add(row["provider_id"])
            wanted.add(row["receiver_id"])
    for some in rows.entries.values():
        for each in some:
            wanted.add(each["provider_id"])
            wanted.add(each["receiver_id"])
    providers = {each["provider_id"] for some in rows.entries.values() for each in some}
    rows.categories = queries.partner_categories(session, {key for key in providers if key is not None})
    own = [project["id"] for project in projects if project["origin"] is Origin.OWN]
    rows.newest_decisions = queries_decisions.newest_decisions(session, own) if own else {}
    later = [key for key, day in rows.newest_decisions.items() if day > as_of]
    rows.decisions = queries_decisions.decisions(session, later) if later else {}
    currencies = _mixed_currencies(rows.allocations)
    if currencies:
        currencies.update(each["currency"] for some in agreements.values() for each in some)
        setup = queries.setup(session)
        rows.rates = stored_rates(session, currencies=currencies | ({setup["currency"]} if setup else set()))
    found = queries.organisations(session, {key for key in wanted if key is not None})
    rows.organisations = {key: named(row) for key, row in found.items()}
    rows.former_identifiers = {key: row.former_identifiers for key, row in found.items() if row.former_identifiers}
    if screening:
        rows.redacted = queries_redactions.standing(session, keys)
        rows.unscreened = {key: f"of {found[key].name}, {why}" for key, why in queries.barred(session, found).items()}
    return rows


def _mixed_currencies(allocations: dict[int, list[AllocationRow]]) -> set[str]:
    """The currencies of projects that have more than one in their own budgets."""
    found: set[str] = set()
    for some in allocations.values():
        named = {each["currency"] for each in some if each["ordinal"] is None}
        if len(named) > 1:
            found |= named
    return found
