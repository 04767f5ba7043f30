"""The description of the flat tables that programs read: a Frictionless tabular data package (``datapackage.json``)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.tabular.flat.shape import FlatColumn, FlatTable

#: what JSON holds
Described: TypeAlias = "dict[str, Described] | list[Described] | str | int | bool"

_ABOUT = (
    "Flat tables of a portfolio of development cooperation. Days are ISO dates, moments are in universal time, amounts "
    "are decimal numbers with every digit that was entered. In CSV a text that a spreadsheet would take for a formula "
    "has an apostrophe before it. Lists in one cell are separated by |."
)
#: Frictionless needs a form for the true and false of this program's CSV, and says so itself
_BOOLEANS: dict[str, Described] = {"trueValues": ["true"], "falseValues": ["false"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A file of a table, as it was written."""

    path: str
    size: int
    #: SHA-256 of its bytes
    sha256: str


def package(
    tables: Sequence[FlatTable],
    *,
    as_of: dt.date | None,
    currency: str,
    addresses: Mapping[str, str],
    files: Mapping[str, Written] | None = None,
) -> dict[str, Described]:
    """The description of tables whose files are at ``addresses``, by name of the table.

    References to tables that are not among them are left out: a package speaks of itself alone.
    """
    names = {table.name for table in tables}
    described: dict[str, Described] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "profile": "tabular-data-package",
        "name": "earmark-tables",
        "title": "Earmark flat tables",
        "description": _ABOUT,
        "reportingCurrency": currency,
        "resources": [
            _resource(table, addresses[table.name], names, None if files is None else files[table.name])
            for table in tables
        ],
    }
    return described if as_of is None else described | {"asOf": as_of.isoformat()}


def _resource(table: FlatTable, address: str, names: set[str], file: Written | None) -> Described:
    resource: dict[str, Described] = {
        "name": table.name,
        "title": table.title,
        "description": table.meaning,
        "profile": "tabular-data-resource",
        "path": address,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": schema(table, names),
    }
    return resource if file is None else resource | {"bytes": file.size, "hash": f"sha256:{file.sha256}"}


def schema(table: FlatTable, names: set[str]) -> Described:
    """The table schema: fields, primary key, and references to the tables that are there."""
    described: dict[str, Described] = {
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list[Described](table.key),
    }
    references: list[Described] = [
        {
            "fields": list[Described](each.columns),
            # Frictionless writes a reference to the table itself as an empty name
            "reference": {
                "resource": "" if each.table == table.name else each.table,
                "fields": list[Described](each.keys),
            },
        }
        for each in table.references
        if each.table in names
    ]
    return described | {"foreignKeys": references} if references else described


def _field(table: FlatTable, column: FlatColumn) -> Described:
    constraints: dict[str, Described] = {"required": True} if column.required else {}
    if table.key == (column.name,):
        constraints["unique"] = True
    if column.values:
        constraints["enum"] = list[Described](column.values)
    field: dict[str, Described] = {
        "name": column.name,
        "type": column.kind.value,
        "description": column.meaning,
    }
    if column.kind.value == "boolean":
        field |= _BOOLEANS
    return field | {"constraints": constraints} if constraints else field
