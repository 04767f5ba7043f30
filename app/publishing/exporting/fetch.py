"""The rows of a batch of projects, fetched with a constant number of statements."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.terms import Origin
from app.publishing.exporting import queries, queries_achieved, queries_decisions, queries_redactions, queries_rows
from app.publishing.exporting.rows import AllocationRow, ProjectRow, Rows
from app.publishing.exporting.rows_of_results import IndicatorRow, PeriodRow, ResultRow
from app.publishing.mapping.record import named


def fetch(session: Session, projects: list[ProjectRow], as_of: dt.date, *, screening: bool = True) -> Rows:
    """All rows below the projects, and what was decided on them when ``as_of`` lies before the newest decision.

    ``screening``: whether what screening and decisions to withhold keep back is marked as such.
    """
    keys = [project["id"] for project in projects]
    results = queries_rows.RESULTS.below(session, keys)
    agreements = queries.agreements(session, keys)
    parents = {project["parent_id"] for project in projects if project["parent_id"] is not None}
    rows = Rows(
        participants=queries_rows.PARTICIPANTS.below(session, keys),
        classifications=queries_rows.CLASSIFICATIONS.below(session, keys),
        contacts=queries_rows.CONTACTS.below(session, keys),
        locations=queries_rows.LOCATIONS.below(session, keys),
        documents=queries_rows.DOCUMENTS.below(session, keys),
        links=queries_rows.LINKS.below(session, keys),
        allocations=queries_rows.ALLOCATIONS.below(session, keys),
        planned=queries_rows.PLANNED.below(session, keys),
        entries=queries_rows.ENTRIES.below(session, keys),
        results=results,
        agreements=agreements,
        evaluations=queries_rows.EVALUATIONS.below(session, keys),
        parents=queries.identifiers(session, parents) if parents else {},
    )
    if results:
        rows.indicators = queries_rows.INDICATORS.below(session, _keys(results))
        indicators = _keys(rows.indicators)
        rows.baselines = queries_rows.BASELINES.below(session, indicators)
        rows.periods = queries_rows.PERIODS.below(session, indicators)
        rows.values = queries_rows.VALUES.below(session, _keys(rows.periods))
    rows.achieved = queries_achieved.achieved(session, keys)
    if rows.achieved:
        named_in = {each.framework for some in rows.achieved.values() for each in some}
        rows.groups = queries_achieved.groups(session, sorted(named_in))
    wanted: set[int | None] = {project["reporting_org_id"] for project in projects}
    wanted.update(each["organisation_id"] for some in rows.participants.values() for each in some)
    wanted.update(each["organisation_id"] for some in agreements.values() for each in some)
    wanted.update(each["provider_id"] for some in rows.planned.values() for each in some)
    wanted.update(each["receiver_id"] for some in rows.planned.values() for each in some)
    providers = {each.provider_id for some in rows.entries.values() for each in some}
    wanted |= providers | {each.receiver_id for some in rows.entries.values() for each in some}
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


def _keys(rows: Mapping[int, Sequence[ResultRow | IndicatorRow | PeriodRow]]) -> list[int]:
    """The keys of rows that more is below."""
    return [each["id"] for some in rows.values() for each in some]


def _mixed_currencies(allocations: dict[int, list[AllocationRow]]) -> set[str]:
    """The currencies of projects that have more than one in their own budgets."""
    found: set[str] = set()
    for some in allocations.values():
        named = {each["currency"] for each in some if each["ordinal"] is None}
        if len(named) > 1:
            found |= named
    return found
