"""The table rows of an activity's parts."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from app.db.base import Row, utc_now
from app.db.projects import Classification, Contact, Document, Findings, Link, Location, Participant
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, LedgerEntry, PlannedPayment
from app.domain.terms import AllocationKind, EntryKind, Grain, Origin
from app.publishing.importing.account import Source
from app.publishing.importing.figures import TotalBudget, day_of_decision
from app.publishing.importing.queries import OrganisationRow
from app.publishing.mapping.activity import CLASSIFICATION_BLANKS
from app.publishing.mapping.record import Part, Party, named

#: tables below a project whose rows nothing hangs below
FLAT: dict[str, type[Row]] = {
    "participants": Participant,
    "classifications": Classification,
    "contacts": Contact,
    "locations": Location,
    "documents": Document,
    "links": Link,
    "allocations": Allocation,
    "planned_payments": PlannedPayment,
    "ledger_entries": LedgerEntry,
}
#: tables of the logframe, from the top, each with the column that names the row above
TREE: tuple[tuple[str, type[Row], str], ...] = (
    ("results", Result, "project_id"),
    ("indicators", Indicator, "result_id"),
    ("indicator_baselines", Baseline, "indicator_id"),
    ("indicator_periods", IndicatorPeriod, "indicator_id"),
    ("period_values", PeriodValue, "period_id"),
)


def name_organisations(
    part: Part, organisations: Mapping[str, OrganisationRow], key_of: Callable[[Party], str]
) -> None:
    """Puts what the organisations' rows say into the columns that name them, with their keys."""
    for prefix, party in part.named:
        row = organisations[key_of(party)]
        ref, name, type_ = named(row)
        part.columns[f"{prefix}_id"] = row.id
        part.columns[f"{prefix}_ref"] = ref
        part.columns[f"{prefix}_name"] = name
        if f"{prefix}_type" in part.columns:
            part.columns[f"{prefix}_type"] = type_


def kept() -> dict[str, object]:
    """The columns of rows that people change."""
    now = utc_now()
    return {"version": 1, "created_at": now, "updated_at": now, "archived_at": None}


def recorded(source: Source) -> dict[str, object]:
    """The columns of rows that are appended."""
    return {"recorded_at": utc_now(), "recorded_by": source.actor}


_PROJECT_COLUMNS = (
    "iati_identifier", "title", "title_translations", "description", "description_translations", "language",
    "default_currency", "stage", "planned_start", "planned_end", "actual_start", "actual_end", "humanitarian",
    "activity_scope", "collaboration_type", "flow_type", "finance_type", "aid_type", "tied_status",
    "content_changed_at",
)  # fmt: skip


def content_of_project(whole: Part, budget: TotalBudget | None) -> dict[str, object]:
    """The columns of a project that a file tells."""
    return {
        **{name: whole.columns[name] for name in _PROJECT_COLUMNS},
        "reporting_org_id": whole.columns["reporting_id"],
        "total_budget": budget.amount if budget else None,
        "budget_currency": budget.currency if budget else None,
        "iati_remainder": whole.remainder(),
    }


def project_row(whole: Part, code: str, budget: TotalBudget | None, findings: Findings | None) -> dict[str, object]:
    """A new project, made from a file."""
    return {
        **content_of_project(whole, budget),
        **kept(),
        "code": code,
        "grain": Grain.PROJECT,
        "origin": Origin.IMPORTED,
        "identifier_frozen": True,
        "findings": findings,
        "former_identifiers": [],
        "content_version": 1,
        **dict.fromkeys(
            (
                "operationally_closed_on", "financially_closed_on", "unit_id", "officer_id", "backstopping_unit_id",
                "parent_id", "phase", "outcome", "country_programme", "gender_marker", "mid_term_agreed",
                "withheld_reason", "embargo_until", "note",
            )
        ),
        "pilot": False,
        "south_south": False,
    }  # fmt: skip


def _participant(part: Part, _source: Source) -> dict[str, object]:
    columns = part.columns
    return {
        "organisation_id": columns["organisation_id"],
        "role": columns["role"],
        "activity": columns["activity"],
    }


def _classification(part: Part, _source: Source) -> dict[str, object]:
    return {**CLASSIFICATION_BLANKS, **part.columns}


def _contact(part: Part, _source: Source) -> dict[str, object]:
    return {**part.columns, "released": True}


def _location(part: Part, _source: Source) -> dict[str, object]:
    return dict(part.columns)


def _document(part: Part, _source: Source) -> dict[str, object]:
    blank = dict.fromkeys(("evaluation_id", "country", "withheld_reason", "embargo_until", "note"))
    return {**part.columns, **blank}


def _allocation(part: Part, source: Source) -> dict[str, object]:
    columns = part.columns
    said = ("period_start", "period_end", "kind", "amount", "currency", "status", "value_date")
    return {
        **{name: columns[name] for name in said},
        "agreement_id": None,
        "source": "",
        "outcome": "",
        "country": "",
        "line": columns.get("line", 0),
        "decided_on": day_of_decision(columns, source.as_of),
        "reason": source.reason,
        "supersedes_id": columns.get("supersedes_id"),
        "withdrawn": False,
    }


_LEDGER_COLUMNS = (
    "type", "date", "amount", "currency", "value_date", "description", "description_translations",
    "provider_activity", "receiver_activity", "country", "sector", "flow_type", "finance_type", "aid_type",
    "tied_status", "reference",
)  # fmt: skip


def _entry(part: Part, _source: Source) -> dict[str, object]:
    columns = part.columns
    return {
        **{name: columns[name] for name in _LEDGER_COLUMNS},
        "provider_id": columns.get("provider_id"),
        "receiver_id": columns.get("receiver_id"),
        "agreement_id": columns.get("agreement_id"),
        "document": None,
        "assistance": None,
        "internal": False,
        "entry_kind": EntryKind.POSTING,
        "adjusts_id": None,
        "reason": "",
        "withheld_reason": None,
    }


_PLANNED_COLUMNS = (
    "kind", "period_start", "period_end", "amount", "currency", "value_date", "provider_activity", "receiver_activity",
)  # fmt: skip


def _planned(part: Part, _source: Source) -> dict[str, object]:
    columns = part.columns
    return {
        **{name: columns[name] for name in _PLANNED_COLUMNS},
        "provider_id": columns.get("provider_id"),
        "receiver_id": columns.get("receiver_id"),
        "note": None,
    }


_MAKERS: dict[str, Callable[[Part, Source], dict[str, object]]] = {
    "participants": _participant,
    "classifications": _classification,
    "contacts": _contact,
    "locations": _location,
    "documents": _document,
    "links": _location,
    "allocations": _allocation,
    "planned_payments": _planned,
    "ledger_entries": _entry,
}


#: tables whose rows people change, and those whose rows are appended
_KEPT, _RECORDED = ("contacts", "documents"), ("allocations", "ledger_entries")


def flat_rows(name: str, parts: Iterable[tuple[int, Part]], source: Source) -> list[dict[str, object]]:
    """The rows of parts in a table of :data:`FLAT`, each with the key of its project; all of one moment."""
    make = _MAKERS[name]
    alike = kept() if name in _KEPT else recorded(source) if name in _RECORDED else {}
    return [
        {
            **make(part, source),
            **alike,
            "project_id": project_id,
            "ordinal": part.ordinal,
            "remainder": part.remainder(),
        }
        for project_id, part in parts
    ]


def tree_row(name: str, part: Part, above: str, above_id: int) -> dict[str, object]:
    """The row of a part in a table of :data:`TREE`; ``above`` is the column that names the row above."""
    row = {**part.columns, above: above_id, "ordinal": part.ordinal, "remainder": part.remainder()}
    return {**row, **kept(), "note": None} if name == "results" else row


def number_lines(parts: list[Part]) -> None:
    """Tells apart budgets of the same period and type by their ``line``."""
    seen: Counter[tuple[dt.date | None, dt.date | None, AllocationKind]] = Counter()
    for part in parts:
        key = (part.columns["period_start"], part.columns["period_end"], part.columns["kind"])
        part.columns["line"] = seen[key]
        seen[key] += 1
