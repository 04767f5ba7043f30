"""The rows of the example portfolio's files, and what they say when they are read as the import reads them."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "app" / "example" / "portfolio"
TODAY = dt.date(2026, 11, 20)

#: The columns that make a row's key, by kind.
KEYS = {
    "units": ("code",),
    "officers": ("code",),
    "partners": ("code",),
    "pools": ("code",),
    "agreements": ("reference",),
    "projects": ("code",),
    "funding-shares": ("agreement", "project", "starts_on"),
    "revisions": ("project", "field", "decided_on"),
    "rates": ("currency", "effective_on"),
    "allocations": ("project", "fiscal_year", "source", "kind", "decided_on", "outcome", "country"),
    "instalments": ("agreement", "due_on"),
    "transactions": ("document",),
    "encumbrances": ("document",),
    "evaluations": ("reference",),
    "recommendations": ("reference",),
    "results-framework": ("framework", "level", "code"),
    "results": ("project", "result", "indicator", "period_start"),
    "documents": ("url",),
    "institutional-budget": ("kind", "country", "period_start"),
    "agreement-amendments": ("agreement", "decided_on"),
    "report-schedules": ("agreement", "kind"),
    "agreement-reports": ("agreement", "kind", "due_on"),
    "agreement-conditions": ("agreement", "code"),
    "agreement-repurposings": ("agreement", "decided_on"),
    "delivery-targets": ("scope", "code", "period", "decided_on"),
    "delivery-notes": ("project", "period", "noted_on"),
    "framework-agreements": ("code",),
    "protection-checks": ("partner", "checked_on"),
    "assistance-types": ("code",),
    "presets": ("code", "valid_from"),
    "country-programmes": ("code",),
    "oversight-reports": ("reference",),
    "assessment-scores": ("report", "section", "aspect", "item"),
    "recommendation-actions": ("recommendation", "text"),
    "frameworks": ("code",),
    "framework-targets": ("framework", "code", "period", "region"),
    "framework-tags": ("framework", "code", "project", "country_programme", "fiscal_year", "source"),
    "framework-crosswalk": ("from_framework", "from_code", "to_framework", "to_code"),
    "planned-payments": ("project", "receiver", "period_start", "kind"),
    "milestones": ("strategy", "code"),
    "result-records": ("reference",),
    "lessons": ("reference",),
    "risks": ("reference",),
    "indicator-targets": ("indicator", "period", "decided_on"),
}

Row = dict[str, str]


def _read() -> dict[str, list[Row]]:
    tables = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            tables[path.stem[3:]] = list(csv.DictReader(stream))
    return tables


TABLES = _read()


def codes(kind: str) -> set[str]:
    return {row[KEYS[kind][0]] for row in TABLES[kind]}


def shares(text: str) -> list[tuple[str, Decimal]]:
    pairs = (part.split(":") for part in text.split("|") if part)
    return [(code, Decimal(percent)) for code, percent in pairs]


def days(kind: str, *columns: str) -> Iterator[tuple[Row, list[dt.date | None]]]:
    for row in TABLES[kind]:
        yield row, [dt.date.fromisoformat(row[column]) if row[column] else None for column in columns]


def total(rows: Iterable[Row]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))


def rate(currency: str, day: dt.date) -> Decimal:
    """Local units per US dollar: the newest on or before the day."""
    known = [row for row in TABLES["rates"] if row["currency"] == currency and row["effective_on"] <= day.isoformat()]
    return Decimal(max(known, key=lambda row: row["effective_on"])["rate"]) if currency != "USD" else Decimal(1)


def is_transfer(row: Row) -> bool:
    return bool(row["project"] and row["pool"])


def current_allocations() -> dict[tuple[str, ...], Decimal]:
    """The newest decision by project, fiscal year, source, outcome and country."""
    newest: dict[tuple[str, ...], Row] = {}
    for row in sorted(TABLES["allocations"], key=lambda row: (row["decided_on"], row["kind"] == "revised")):
        newest[tuple(row[column] for column in ("project", "fiscal_year", "source", "outcome", "country"))] = row
    return {key: Decimal(row["amount"]) for key, row in newest.items()}
