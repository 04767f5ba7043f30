"""Imports a table: every row through the rules of its kind, all of them or none, every fault with its place."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from app.db.bulk import take_turns
from app.db.engine import Database
from app.domain.access import Actor
from app.domain.keys import seen_or_as_it_is
from app.domain.notation import Notation
from app.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, step
from app.inputs import THOUSANDS
from app.tabular.cells import CellValue, SheetCell
from app.tabular.files import read_table
from app.tabular.header import Table, TableRow
from app.tabular.kinds import Kind
from app.tabular.mapping.apply import Mapped, Skipped
from app.tabular.mapping.load import settings_of
from app.tabular.mapping.model import Mapping
from app.tabular.settings import UNSAID, FileSettings
from app.tabular.zeros import LostZeros


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
    #: remarks on rows that were taken in all the same
    findings: list[Fault] = field(default_factory=list)
    #: rows that were left out because the mapping or an option says so
    skipped: list[Skipped] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        further = {"skipped": [each.as_dict() for each in self.skipped]} if self.skipped else {}
        return further | {
            "kind": self.kind,
            "file": self.file,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "stored": self.stored,
            "faults": [fault.as_dict() for fault in self.faults],
            "findings": [finding.as_dict() for finding in self.findings],
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
    settings: FileSettings = UNSAID,
    mapping: Mapping | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> TableReport:
    """Reads ``path`` as a table of ``kind`` and stores its rows; ``mapping`` turns a file of another system into one.

    All or nothing by default; with ``row_wise`` good rows stay and the bad ones are listed; with ``dry_run`` nothing
    stays. A row may name one that stands further down: rows that fail are tried again as long as others succeed.
    """
    report = TableReport(kind=kind.name, file=str(path))
    rows: list[TableRow] = []
    try:
        read, mapped = _read(path, kind, settings, mapping)
        for each in read.rows:
            if isinstance(each, Fault):
                report.faults.append(each)
            else:
                rows.append(each)
                report.faults += each.faults
    except InvalidInput as error:
        report.faults = error.faults
        return report
    report.rows = len(rows)
    report.faults += _repeated_keys(kind, rows)
    try:
        with database.write(actor.name) as session:
            # one that was killed may still be ending on the server: what came of it is seen only then
            take_turns(session, f"table:{kind.name}")
            _store(session, actor, kind, rows, report, today, read.settings.notation, progress)
            if dry_run or (report.faults and not row_wise):
                raise _TakeBack
    except _TakeBack:
        pass
    else:
        report.stored = report.created + report.updated > 0
    report.skipped = _left_out(read, mapped)
    if mapped is not None:
        report.faults = [mapped.told(fault) for fault in report.faults]
        report.findings = [mapped.told(finding) for finding in report.findings]
    return report


def _read(path: Path, kind: Kind, settings: FileSettings, mapping: Mapping | None) -> tuple[Table, Mapped | None]:
    """The rows of the file in our columns."""
    if mapping is None:
        return read_table(path, kind.columns, kind.required, settings), None
    settings = settings.filled_from(settings_of(mapping.file))
    read = read_table(path, frozenset(), mapping.needed, settings, others_ignored=True)
    mapped = Mapped(mapping, read.settings.notation)
    read.rows = mapped.rows(read.rows)
    return read, mapped


def _left_out(read: Table, mapped: Mapped | None) -> list[Skipped]:
    found = mapped.left_out() if mapped is not None else []
    if read.passed_over:
        found.append(Skipped("hidden in the workbook", len(read.passed_over), read.passed_over[0]))
    return found


def _store(
    session: Session,
    actor: Actor,
    kind: Kind,
    rows: list[TableRow],
    report: TableReport,
    today: dt.date,
    notation: Notation,
    progress: Callable[[int, int], None],
) -> None:
    outcomes: Counter[str] = Counter()
    faulty = {fault.row for fault in report.faults}
    waiting = [row for row in rows if row.number not in faulty]
    report.faults += [fault for row in rows if row.number in faulty for fault in _unread(kind, row, notation)]
    faults: dict[int, list[Fault]] = {}
    zeros = LostZeros(session)
    while waiting:
        faults = {}
        for row in waiting:
            try:
                with session.begin_nested():
                    put = kind.put(session, actor, kind.parse(row.cells, notation), today)
                    session.flush()
                    outcomes[put.outcome] += 1
                    report.findings += [finding.in_row(row.number) for finding in put.findings]
            except (InvalidInput, Conflict, NotFound, NotAllowed, IntegrityError, DataError) as error:
                faults[row.number] = _faults(kind, error, row.number)
            progress(sum(outcomes.values()), len(rows))
        if len(faults) == len(waiting):
            break
        waiting = [row for row in waiting if row.number in faults]
    cells = {row.number: row.cells for row in waiting}
    report.faults += [
        zeros.asked(fault, cells[number].get(fault.column)) for number, found in faults.items() for fault in found
    ]
    report.findings.sort(key=lambda finding: (finding.row or 0, finding.column))
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
        key = tuple(_key_part(row.cells.get(column, "")) for column in kind.key)
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


def _unread(kind: Kind, row: TableRow, notation: Notation) -> list[Fault]:
    """What else is wrong in the cells of a row that is refused already."""
    try:
        kind.parse(row.cells, notation)
    except InvalidInput as error:
        return _faults(kind, error, row.number)
    return []


def _key_part(cell: CellValue) -> str:
    match cell:
        case str():
            return seen_or_as_it_is(cell)
        case SheetCell():
            return cell.shown
    return ""


def _faults(kind: Kind, error: Exception, row: int) -> list[Fault]:
    """What is wrong with a row, whatever refused it."""
    match error:
        case InvalidInput() | Conflict() if error.faults:
            found = error.faults
        case IntegrityError() | DataError():
            message = "The database refuses the row: it contradicts another row or a rule of its table."
            found = [Fault(rule="table.refused", message=message)]
        case _:
            found = [Fault(rule=type(error).__name__.lower(), message=str(error))]
    return [kind.explained(_with_options(fault)).in_row(row) for fault in found]


def _with_options(fault: Fault) -> Fault:
    """Of an amount that can be read in two ways, the options that say for the whole file which one is meant."""
    if fault.rule != THOUSANDS:
        return fault
    advice = (
        "or say how the file is written: --decimal . (the point parts decimals) or --grouping . (it parts thousands)"
    )
    return replace(fault, message=f"{fault.message.rstrip('.')}; {advice}.")
