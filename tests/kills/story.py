"""What a database and a folder tell after a command, in a form in which two runs can be compared.

Every row of every table in the order in which it was written, and every file. Nothing is left out but what stands in
``IGNORED``, each with its reason.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, exists, inspect, literal, select, union_all

from app.config import Settings
from app.db.engine import open_database
from app.db.tables import metadata
from app.db.types import UTCDateTime
from app.people.audit import verify

_MOMENT = "the moment at which it was written: no two runs have the same"
_WORKER = "machine, process and chance number of the worker: each process has its own"
_CHAIN = "covers the moment and the keys; the chains are recomputed instead (they must verify)"

#: (table, column) → why it is not compared. "*" for every table. What is ignored is still compared for being there.
IGNORED: dict[tuple[str, str], str] = {
    **{
        ("*", name): _MOMENT
        for name in (
            "at",
            "created_at",
            "recorded_at",
            "started_at",
            "updated_at",
            "finished_at",
            "archived_at",
            "content_changed_at",
        )
    },
    ("releases", "approved_at"): _MOMENT,
    ("releases", "published_at"): _MOMENT,
    ("public_files", "changed_at"): _MOMENT,
    ("messages", "next_attempt_at"): _MOMENT,
    ("messages", "claimed_until"): _MOMENT,
    ("messages", "sent_at"): _MOMENT,
    ("messages", "composed_at"): _MOMENT,
    ("messages", "cause"): "names the run that made it, which may be the one that was killed",
    ("leases", "expires_at"): _MOMENT,
    ("audit_events", "hash"): _CHAIN,
    ("audit_events", "previous_hash"): _CHAIN,
    ("leases", "holder"): _WORKER,
    ("leases", "fence"): "rises whenever the lease is taken: the killed run took it as well",
    ("assessments", "watermark"): "holds the newest keys of the facts, which have gaps where work was undone",
    ("job_runs", "worker"): _WORKER,
    ("job_runs", "summary"): "counts what one run did; the killed one did the rest, and what they did is compared",
    ("alerts", "recorded_by"): _WORKER,
    ("alerts", "run_id"): "the run that recorded it, which may be the one that was killed",
    ("alert_events", "recorded_by"): _WORKER,
    ("messages", "message_id"): "a chance number, so that no two mails of the world have the same",
}

#: keys that are kept without a constraint of the database, and the tables they point to
KEYS = {
    ("obligations", "waiver_id"): "obligation_decisions",
    ("obligations", "reschedule_id"): "obligation_decisions",
    ("assessments", "rate_id"): "exchange_rates",
    ("alerts", "subject_id"): "obligations",
}

#: rows that are not compared: table → (column, value, why)
IGNORED_ROWS = {
    "job_runs": ("outcome", "failed", "a run that was killed stays in the history of the job as one that failed"),
}

#: tables whose order is not that of keys: table → (column, why)
ORDERED = {
    "import_runs": ("finished_at", "a run that is taken up began before those that the second command begins"),
}

Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """All rows by table, and all files by name with the digest of what they hold."""

    tables: dict[str, Rows]
    files: dict[str, str]

    def differences(self, other: "Story") -> list[str]:
        """Where two stories differ; empty when they do not."""
        found = [
            f"file {name}: {self.files.get(name, 'absent')} | {other.files.get(name, 'absent')}"
            for name in sorted(self.files.keys() | other.files.keys())
            if self.files.get(name) != other.files.get(name)
        ]
        for name in sorted(self.tables.keys() | other.tables.keys()):
            ours, theirs = self.tables.get(name), other.tables.get(name)
            if ours is None or theirs is None:
                found.append(f"table {name}: {'absent' if ours is None else len(ours)} | "
                             f"{'absent' if theirs is None else len(theirs)}")  # fmt: skip
                continue
            if len(ours) != len(theirs):
                found.append(f"{name}: {len(ours)} | {len(theirs)} rows")
            for place, (one, two) in enumerate(zip(ours, theirs, strict=False), start=1):
                found += [
                    f"{name} {place}.{column}: {one[column]!r} | {two[column]!r}"
                    for column in one
                    if one[column] != two[column]
                ]
        return found


def story(url: str, folder: Path) -> Story:
    """What stands in a database and a folder. The audit trail must verify."""
    database = open_database(Settings(database_url=url, _env_file=None))  # type: ignore[call-arg]
    try:
        with database.read() as session:
            present = set(inspect(session.connection()).get_table_names())
            tables = _tables(session.connection(), present)
            if "audit_events" in present:
                assert verify(session) == []
    finally:
        database.dispose()
    files = {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.is_file()}
    return Story(tables=tables, files=files)


def _digest(path: Path) -> str:
    content = path.read_bytes()
    # the envelope of a compressed file names its moment
    return hashlib.sha256(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).hexdigest()[:12]


def _tables(connection: Connection, present: set[str]) -> dict[str, Rows]:
    there = [each for each in metadata.sorted_tables if each.name in present]
    # most are empty, which the database says of all of them at once
    filled = set(connection.scalars(union_all(*map(_if_filled, there)))) if there else set()
    kept = {
        each.name: list(connection.execute(select(each).order_by(each.c.id)).mappings()) if each.name in filled else []
        for each in there
    }
    for name, (column, value, _why) in IGNORED_ROWS.items():
        kept[name] = [row for row in kept.get(name, ()) if row[column] != value]
    for name, (moment, _why) in ORDERED.items():
        kept.get(name, []).sort(key=lambda row, moment=moment: (row[moment] is None, row[moment] or row["id"]))
    # a database does not take the numbers of undone rows back, so rows are called by their place
    places = {name: {row["id"]: place for place, row in enumerate(rows, start=1)} for name, rows in kept.items()}
    return {name: [_row(metadata.tables[name], row, places) for row in rows] for name, rows in kept.items()}


def _if_filled(each: Table) -> Select[tuple[str]]:
    """The table's name where it has a row, and else nothing."""
    return select(literal(each.name)).where(exists(select(literal(1)).select_from(each)))


_ADDRESS = re.compile("/(alerts|duties|obligations|projects)/([0-9]+)")
#: what addresses call otherwise than tables
_TABLES = {"duties": "obligations"}

Places = Mapping[str, Mapping[int, int]]


def _row(table: Table, row: Mapping[str, Any], places: Places) -> dict[str, Any]:
    told = {column.name: _value(column, row[column.name], places) for column in table.columns}
    if table.name == "audit_events":
        entity = metadata.tables[row["entity"]]
        ends = (int(key) for key in row["entity_id"].split("-"))  # one event about rows that were added together
        told["entity_id"] = tuple(_place(places, entity.name, key) for key in ends)
        kind, _, key = row["aggregate"].partition(":")
        told["aggregate"] = (kind, _place(places, kind if kind in places else f"{kind}s", int(key)))
        for side in ("before", "after"):
            if row[side] is not None:
                told[side] = {
                    name: _value(entity.columns[name], value, places) if name in entity.columns else value
                    for name, value in row[side].items()
                }
    return told


def _value(column: Column[Any], value: Any, places: Places) -> Any:
    name = column.table.name
    if value and (("*", column.name) in IGNORED or (name, column.name) in IGNORED):
        return "…"
    if (name, column.name) == ("messages", "payload"):
        return _payload(value, places)
    target = name if column.primary_key else KEYS.get((name, column.name))
    for key in column.foreign_keys:
        target = key.column.table.name
    return _place(places, target, value) if target and value else value


def _payload(value: Any, places: Places) -> Any:
    """What a mail is composed of, with the keys of its alerts and the addresses that hold keys."""
    match value:
        case dict():
            return {
                name: _place(places, "alerts", inner) if name == "alert" else _payload(inner, places)
                for name, inner in value.items()
            }
        case list():
            return [_payload(inner, places) for inner in value]
        case str():
            return _ADDRESS.sub(
                lambda found: f"/{found[1]}/{_place(places, _TABLES.get(found[1], found[1]), int(found[2]))}", value
            )
    return value


def _place(places: Places, table: str, key: int) -> Any:
    return places.get(table, {}).get(key, f"{table} without row {key}")


def unexplained() -> list[str]:
    """Columns named here that no table has, and moments that are compared; empty when the lists are right."""
    named = {(table.name, column.name): column for table in metadata.sorted_tables for column in table.columns}
    found = [f"{table}.{name}" for table, name in (*IGNORED, *KEYS) if table != "*" and (table, name) not in named]
    return found + [
        f"{table}.{name} is ignored everywhere and no moment"
        for (table, name), column in named.items()
        if ("*", name) in IGNORED and not isinstance(column.type, UTCDateTime)
    ]
