"""Imports a table: all of its rows or none, every fault with its place, and what changed since the last one."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final, Protocol

from sqlmodel import Session

from app.db.bulk import take_turns
from app.db.engine import Database
from app.db.lookups import keeping_lookups
from app.domain.access import Actor
from app.domain.codes import remembering_codes
from app.domain.notation import Notation
from app.errors import Fault, InvalidInput, UsageError
from app.pace import without_searches
from app.tabular.account import TableReport
from app.tabular.files import read_table
from app.tabular.header import Table, TableRow
from app.tabular.kinds import Kind
from app.tabular.mapping.apply import Mapped, Skipped
from app.tabular.mapping.load import settings_of
from app.tabular.mapping.model import Mapping
from app.tabular.settings import UNSAID, FileSettings
from app.tabular.storing import Storing

#: rows of a short table
SHORT: Final = 5000


class _TakeBack(Exception):
    """Leaves the transaction without storing anything."""


class Watch(Protocol):
    """Looks on while a table goes in, within its transaction."""

    def before(
        self, session: Session, rows: Iterator[TableRow | Fault], notation: Notation
    ) -> Iterator[TableRow | Fault]:
        """Given the rows before any is stored; gives them on."""

    def keeps(self, session: Session, report: TableReport) -> bool:
        """Given what would be stored; whether it stays, as far as the watch is concerned."""


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
    source: str | None = None,
    release_vanished: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    watch: Watch | None = None,
    file: str | None = None,
) -> TableReport:
    """Reads ``path`` as a table of ``kind`` and stores its rows; ``mapping`` turns a file of another system into one.

    All or nothing by default; with ``row_wise`` good rows stay and the bad ones are listed; with ``dry_run`` nothing
    stays. ``source`` names the system or report that the file comes from: it is compared with the last one;
    ``release_vanished`` ends what that one had and this one lacks. ``watch`` looks on, and may take everything back.
    ``file`` is what the file is called, if not by its path.

    :raises UsageError: when rows of the kind cannot be ended so.
    """
    if release_vanished and kind.vanish is None:
        raise UsageError(
            f"Rows of {kind.name} are not ended by a file that lacks them: only encumbrances are, and what was "
            "posted is taken back by a correction."
        )
    report = TableReport(kind=kind.name, file=file or str(path))
    try:
        read, mapped = _read(path, kind, settings, mapping)
        if kind.many is None:
            # short tables are read before anybody has to wait for the database; of a long one the rest is not held
            read.rows = chain(list(islice(read.rows, SHORT)), read.rows)
    except InvalidInput as error:
        report.faults = error.faults
        return report
    try:
        with (
            database.write(actor.name) as session,
            keeping_lookups(session),
            remembering_codes(),
        ):
            # one that was killed may still be ending on the server: what came of it is seen only then
            take_turns(session, f"table:{kind.name}")
            storing = Storing(
                session,
                actor,
                kind,
                report,
                today=today,
                notation=read.settings.notation,
                row_wise=row_wise,
                source=source or (mapping.source if mapping is not None else None) or "",
                release_vanished=release_vanished,
                progress=progress,
            )
            rows = read.rows if watch is None else watch.before(session, read.rows, read.settings.notation)
            with without_searches():
                storing.store(rows)
            report.skipped = _left_out(read, mapped)
            if watch is not None and not watch.keeps(session, report):
                raise _TakeBack
            if dry_run or (report.faults and not row_wise):
                raise _TakeBack
    except _TakeBack:
        pass
    except InvalidInput as error:
        # a part of the file that cannot be read at all; what went before it was taken back
        report.faults = [*report.faults, *error.faults]
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
        found.append(Skipped("hidden or struck through in the workbook", len(read.passed_over), read.passed_over[0]))
    return found


__all__ = ["TableReport", "import_table"]
