"""Imports a table: every row through the rules of its kind, all of them or none, every fault with its place."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from app.db.engine import Database
from app.domain.access import Actor
from app.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, step
from app.inputs import faults as input_faults
from app.tabular.files import TableRow, read_table
from app.tabular.kinds import Kind


@dataclass(kw_only=True, slots=True)
class TableReport:
    """What an import did, or would do."""

    kind: str
    file: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    #: whether anything was stored
    stored: bool = False
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "file": self.file,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "stored": self.stored,
            "faults": [fault.as_dict() for fault in self.faults],
        }


class _TakeBack(Exception):
    """Leaves the transaction without storing anything."""


def import_table(
    database: Database,
    actor: Actor,
    kind: Kind,
    path: Path,
    *,
    today: dt.date,
    dry_run: bool = False,
    row_wise: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> TableReport:
    """Reads ``path`` as a table of ``kind`` and stores its rows.

    All or nothing by default; with ``row_wise`` good rows stay and the bad ones are listed; with ``dry_run`` nothing
    stays. A row may name one that stands further down: rows that fail are tried again as long as others succeed.
    """
    report = TableReport(kind=kind.name, file=str(path))
    try:
        rows = list(read_table(path, kind.columns, kind.required))
    except InvalidInput as error:
        report.faults = error.faults
        return report
    report.rows = len(rows)
    report.faults += _repeated_keys(kind, rows)
    try:
        with database.write(actor.name) as session:
            _store(session, actor, kind, rows, report, today, progress)
            if dry_run or (report.faults and not row_wise):
                raise _TakeBack
    except _TakeBack:
        return report
    report.stored = report.created + report.updated > 0
    return report


def _store(
    session: Session,
    actor: Actor,
    kind: Kind,
    rows: list[TableRow],
    report: TableReport,
    today: dt.date,
    progress: Callable[[int, int], None],
) -> None:
    outcomes: Counter[str] = Counter()
    repeated = {fault.row for fault in report.faults}
    waiting = [row for row in rows if row.number not in repeated]
    faults: dict[int, list[Fault]] = {}
    while waiting:
        faults = {}
        for row in waiting:
            try:
                with session.begin_nested():
                    outcomes[kind.put(session, actor, kind.parse(row.cells), today).outcome] += 1
                    session.flush()
            except (ValidationError, InvalidInput, Conflict, NotFound, NotAllowed, IntegrityError, DataError) as error:
                faults[row.number] = _faults(error, row.number)
            progress(sum(outcomes.values()), len(rows))
        if len(faults) == len(waiting):
            break
        waiting = [row for row in waiting if row.number in faults]
    report.faults += [fault for found in faults.values() for fault in found]
    report.faults.sort(key=lambda fault: (fault.row or 0, fault.column))
    report.created, report.updated, report.unchanged = (
        outcomes["created"],
        outcomes["updated"],
        outcomes["unchanged"],
    )


def _repeated_keys(kind: Kind, rows: list[TableRow]) -> list[Fault]:
    """Two rows with one key would overwrite each other within the file."""
    first: dict[tuple[str, ...], int] = {}
    faults = []
    for row in rows:
        key = tuple(row.cells.get(column, "") for column in kind.key)
        if key in first:
            faults.append(
                Fault(
                    row=row.number,
                    pointer=step(kind.key[0]),
                    rule="table.repeated-key",
                    message=f"Row {first[key]} has the same {', '.join(kind.key)}: keep one of the two.",
                )
            )
        else:
            first[key] = row.number
    return faults


def _faults(error: Exception, row: int) -> list[Fault]:
    """What is wrong with a row, whatever refused it."""
    match error:
        case ValidationError():
            found = input_faults(error)
        case InvalidInput() | Conflict() if error.faults:
            found = error.faults
        case IntegrityError() | DataError():
            message = "The database refuses the row: it contradicts another row or a rule of its table."
            found = [Fault(rule="table.refused", message=message)]
        case _:
            found = [Fault(rule=type(error).__name__.lower(), message=str(error))]
    return [fault.in_row(row) for fault in found]
