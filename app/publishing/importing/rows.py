"""The table rows of an activity's parts."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeAlias

from app.db.base import Row, utc_now
from app.db.projects import Classification, Contact, Document, Findings, Link, Location, Participant
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, LedgerEntry, PlannedPayment
from app.domain.terms import AllocationKind, EntryKind, Grain, Origin
from app.publishing.importing.account import Source
from app.publishing.importing.figures import TotalBudget, day_of_decision
from app.publishing.importing.queries import OrganisationRow
from app.publishing.mapping.activity import CLASSIFICATION_EXTRAS, CONTACT, DOCUMENT, LINK, LOCATION
from app.publishing.mapping.money import BUDGET
from app.publishing.mapping.record import Part, Party, named
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.shape import Columns

#: columns that have one value in all rows of a batch
_Alike: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flat:
    """A table below a project whose rows nothing hangs below. Columns that are not named here hold nothing."""

    row_class: type[Row]
    #: columns that the part holds, or nothing
    said: tuple[str, ...]
    #: columns that follow from those of the part and the day of the import
    made: Mapping[str, Callable[[Columns, dt.date], object]] = field(default_factory=dict)
    alike: Callable[[Source], _Alike] = lambda _source: {}


def name_organisations(
    part: Part, organisations: Mapping[str, OrganisationRow], key_of: Callable[[Party], str]
) -> None:
    """Puts what the organisations' rows say into the columns that name them, with their keys."""
    for prefix, party in part.named:
        row = organisations[key_of(party)]
        ref, name, type_ = named(row)
        if part.said and (part.columns[f"{prefix}_ref"], part.columns[f"{prefix}_name"]) != (ref, name):
            part.said = False
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
    """A new project, made from a file; columns that are not named hold nothing."""
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
        "pilot": False,
        "south_south": False,
        "in_parts": False,
    }


#: tables below a project whose rows nothing hangs below
FLAT: Mapping[str, Flat] = {
    "participants": Flat(row_class=Participant, said=("organisation_id", "role", "activity")),
    "classifications": Flat(row_class=Classification, said=("kind", "code", *CLASSIFICATION_EXTRAS)),
    "contacts": Flat(row_class=Contact, said=CONTACT.columns, alike=lambda _source: {"released": True, **kept()}),
    "locations": Flat(row_class=Location, said=LOCATION.columns),
    "documents": Flat(row_class=Document, said=DOCUMENT.columns, alike=lambda _source: kept()),
    "links": Flat(row_class=Link, said=LINK.columns),
    "allocations": Flat(
        row_class=Allocation,
        said=(*BUDGET.columns, "line", "supersedes_id"),
        made={"decided_on": day_of_decision},
        alike=lambda source: {
            "source": "",
            "outcome": "",
            "country": "",
            "reason": source.reason,
            "withdrawn": False,
            **recorded(source),
        },
    ),
    "planned_payments": Flat(
        row_class=PlannedPayment,
        said=(
            "kind", "period_start", "period_end", "amount", "currency", "value_date", "provider_activity",
            "receiver_activity", "provider_id", "receiver_id",
        ),
    ),
    "ledger_entries": Flat(
        row_class=LedgerEntry,
        said=(
            "type", "date", "amount", "currency", "value_date", "description", "description_translations",
            "provider_activity", "receiver_activity", "country", "sector", "flow_type", "finance_type", "aid_type",
            "tied_status", "reference", "provider_id", "receiver_id", "agreement_id",
        ),
        alike=lambda source: {
            "internal": False,
            "entry_kind": EntryKind.POSTING,
            "reason": "",
            **recorded(source),
        },
    ),
}  # fmt: skip


def flat_columns(name: str, below: Sequence[tuple[int, Part]], source: Source) -> dict[str, Sequence[object]]:
    """The rows of parts in a table of :data:`FLAT` by column, each with the key of its project; all of one moment."""
    flat, parts = FLAT[name], [part for _, part in below]
    columns = _said_by(parts, flat.said)
    for column, make in flat.made.items():
        columns[column] = [make(part.columns, source.as_of) for part in parts]
    return {
        **columns,
        **{column: [value] * len(parts) for column, value in flat.alike(source).items()},
        "project_id": [project_id for project_id, _ in below],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A table of the logframe. Columns that are not named here hold nothing."""

    row_class: type[Row]
    #: the column that names the row above
    above: str
    said: tuple[str, ...]
    alike: Callable[[], _Alike] = dict


#: tables of the logframe, from the top
TREE: Mapping[str, Level] = {
    "results": Level(row_class=Result, above="project_id", said=RESULT.columns, alike=kept),
    "indicators": Level(row_class=Indicator, above="result_id", said=INDICATOR.columns),
    "indicator_baselines": Level(row_class=Baseline, above="indicator_id", said=BASELINE.columns),
    "indicator_periods": Level(row_class=IndicatorPeriod, above="indicator_id", said=PERIOD.columns),
    "period_values": Level(row_class=PeriodValue, above="period_id", said=("kind", *MEASUREMENT.columns)),
}


def level_columns(name: str, below: Sequence[tuple[int, Part]]) -> dict[str, Sequence[object]]:
    """The rows of parts in a table of :data:`TREE` by column, each with the key of the row above."""
    level, parts = TREE[name], [part for _, part in below]
    return {
        **_said_by(parts, level.said),
        **{column: [value] * len(parts) for column, value in level.alike().items()},
        level.above: [key for key, _ in below],
    }


def _said_by(parts: Sequence[Part], names: Iterable[str]) -> dict[str, Sequence[object]]:
    """What all tables hold of parts: some of their columns, their places, and what no column says."""
    said = [part.columns for part in parts]
    columns: dict[str, Sequence[object]] = {name: list(map(dict.get, said, repeat(name))) for name in names}
    columns["ordinal"] = [part.ordinal for part in parts]
    columns["remainder"] = [part.remainder() for part in parts]
    return columns


def number_lines(parts: list[Part]) -> None:
    """Tells apart budgets of the same period and type by their ``line``."""
    seen: Counter[tuple[dt.date | None, dt.date | None, AllocationKind]] = Counter()
    for part in parts:
        key = (part.columns["period_start"], part.columns["period_end"], part.columns["kind"])
        part.columns["line"] = seen[key]
        seen[key] += 1
