"""The worker of tables that were handed in: one after the other of each kind, checked or stored."""

import datetime as dt
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlmodel import Session

from app.db.base import key
from app.db.engine import Database
from app.db.leases import Held, LeaseHeld, LeaseLost, lease, worker_name
from app.db.uploads import TableUpload
from app.domain.access import Actor
from app.domain.notation import Notation
from app.errors import EarmarkError, Fault, InvalidInput
from app.tabular.files import read_table
from app.tabular.header import TableRow
from app.tabular.kinds import Kind
from app.tabular.registry import kind as find_kind
from app.tabular.service import TableReport, import_table
from app.tabular.settings import FileSettings
from app.tabular.uploads import queries
from app.tabular.uploads.records import LISTED, Records, typed
from app.tabular.uploads.schemas import FaultTold, FieldChange, RecordChange, UploadReport
from app.tabular.uploads.service import ENDED, RUNNING, lease_name, settings_of, turn, write_file

log = logging.getLogger("earmark.uploads")

#: so many faults are kept; all are counted
FAULTS: Final = 2000
#: seconds between two notes of progress
_PAUSE: Final = 1.0
#: rules of files that are no table, so that no cell of them can be marked
_UNREADABLE: Final = frozenset(
    f"table.{rule}"
    for rule in ("format", "protected", "size", "binary", "encoding", "setting", "empty", "sheet", "sheets",
                 "hidden-sheet", "header-below")
)  # fmt: skip


def work_off(database: Database, today: dt.date) -> int:
    """Works at what waits, as long as something does; gives how many tables that were."""
    done, passed = 0, set[int]()
    while True:
        with database.read() as session:
            upload = queries.first_waiting(session, passed)
        if upload is None:
            return done
        passed.add(key(upload))
        worker = worker_name()
        RUNNING.add(worker)
        try:
            with lease(database, lease_name(upload.kind), worker, patience=0) as held:
                done += _work(database, key(upload), held, today)
            ENDED.append(worker)
        except LeaseHeld:
            # whoever has it looks for the next one afterwards
            continue
        except LeaseLost:
            log.warning("upload %s: another worker took it over", key(upload))
        finally:
            RUNNING.discard(worker)


def _work(database: Database, upload_id: int, held: Held, today: dt.date) -> bool:
    with database.write(held.holder) as session:
        held.guard(session)
        upload = session.get_one(TableUpload, upload_id)
        if upload.state not in queries.WAITING:
            return False
        turn(upload, "storing" if upload.state == "ordered" else "checking")
        upload.worker = held.holder
    try:
        _Run(database, upload, held, today).run()
    except LeaseLost:
        raise
    except EarmarkError as error:
        _failed(database, upload_id, held, error.message)
    except Exception:  # whatever it was, whoever handed the table in is told
        log.exception("upload %s failed", upload_id)
        _failed(database, upload_id, held, "Something went wrong here, and nothing was stored.")
    return True


def _failed(database: Database, upload_id: int, held: Held, why: str) -> None:
    with database.write(held.holder) as session:
        held.guard(session)
        upload = session.get_one(TableUpload, upload_id)
        if upload.state in queries.WORKING:
            turn(upload, "failed")
            upload.why = why


class _Run:
    """One check, or one storing, of one table."""

    def __init__(self, database: Database, upload: TableUpload, held: Held, today: dt.date) -> None:
        self.database, self.upload, self.held, self.today = database, upload, held, today
        self.kind = find_kind(upload.kind)
        self.storing = upload.state == "storing"
        self.records = Records(self.kind)
        self.changes: list[RecordChange] = []
        self.digest = ""
        self.moved = False
        self.noted_at = time.monotonic()

    def run(self) -> None:
        with tempfile.NamedTemporaryFile(suffix=Path(self.upload.file).suffix.lower()[:8]) as file:
            with self.database.read() as session:
                actor = queries.actor_of(session, self.upload.user_id)
                write_file(session, key(self.upload), file)
            if actor is None:
                raise InvalidInput([], "Whoever handed the table in may no longer sign in.")
            self._import(Path(file.name), actor)

    def _import(self, path: Path, actor: Actor) -> None:
        settings = settings_of(self.upload)
        self.path, self.settings = path, settings
        report = import_table(
            self.database,
            actor,
            self.kind,
            path,
            today=self.today,
            dry_run=not self.storing,
            row_wise=self.upload.row_wise and self.storing,
            settings=settings,
            progress=self._progress,
            watch=self,
            file=self.upload.file,
        )
        with self.database.write(self.held.holder) as session:
            self.held.guard(session)
            upload = session.get_one(TableUpload, key(self.upload))
            if upload.state == "stored":
                return
            upload.report, upload.digest = self._told(report).model_dump(mode="json"), self.digest
            upload.faults = len(report.faults)
            turn(upload, "checked")

    # --- what the import asks (``app.tabular.service.Watch``)

    def before(
        self, session: Session, rows: Iterator[TableRow | Fault], notation: Notation
    ) -> Iterator[TableRow | Fault]:
        return self.records.before(session, rows, notation)

    def keeps(self, session: Session, report: TableReport) -> bool:
        self.changes, self.digest = self.records.after(session)
        if report.differences is not None and not self.changes:
            self.changes = [
                RecordChange(
                    row=each.row,
                    key=each.key,
                    outcome="updated",
                    fields=[FieldChange(name="", before="", after=each.change)],
                )
                for each in report.differences.changes
            ]
        if not self.storing or (report.faults and not self.upload.row_wise):
            return True
        self.moved = self.digest != self.upload.digest
        if self.moved:
            return False
        self.held.guard(session)
        upload = session.get_one(TableUpload, key(self.upload))
        upload.report = self._told(report).model_dump(mode="json")
        turn(upload, "stored")
        session.flush()
        return True

    def _progress(self, done: int, total: int) -> None:
        """Notes how far it is; on SQLite nobody else can write meanwhile."""
        if self.database.is_sqlite or time.monotonic() - self.noted_at < _PAUSE:
            return
        self.noted_at = time.monotonic()
        with self.database.write(self.held.holder) as session:
            self.held.guard(session)
            queries.note_progress(session, key(self.upload), self.held.holder, done, total)

    def _told(self, report: TableReport) -> UploadReport:
        notation = self.records.notation
        values = typed_values(self.path, self.kind, self.settings, report.faults[:FAULTS] + report.findings[:FAULTS])
        return UploadReport(
            rows=report.rows,
            created=report.created,
            updated=report.updated,
            unchanged=report.unchanged,
            skipped=sum(each.rows for each in report.skipped),
            fault_count=len(report.faults),
            faulty_rows=report.faulty_rows,
            faults=[_told(fault, values) for fault in report.faults[:FAULTS]],
            findings=[_told(finding, values) for finding in report.findings[:FAULTS]],
            records=self.changes[:LISTED],
            record_count=len(self.changes),
            understood=self.records.understood,
            decimal=notation.decimal or "",
            grouping=notation.grouping,
            dates=notation.dates.value,
            readable=not any(fault.rule in _UNREADABLE for fault in report.faults),
            moved=self.moved,
        )


Values = dict[tuple[int | None, str], str]


def typed_values(path: Path, kind: Kind, settings: FileSettings, faults: list[Fault]) -> Values:
    """What stands in the cells that faults name, as it was typed; reads as far as the last of them."""
    wanted: dict[int, set[str]] = {}
    for fault in faults:
        if fault.row is not None and fault.column:
            wanted.setdefault(fault.row, set()).add(fault.column)
    found: Values = {}
    last = max(wanted, default=0)
    try:
        for row in read_table(path, kind.columns, kind.required, settings).rows:
            if isinstance(row, TableRow):
                if row.number > last:
                    break
                found |= {(row.number, name): typed(row, name) for name in wanted.get(row.number, ())}
    except InvalidInput:
        # the header or the file as a whole: its faults name what they mean
        return found
    return found


def _told(fault: Fault, values: Values) -> FaultTold:
    value = values.get((fault.row, fault.column), "")
    return FaultTold(row=fault.row, column=fault.column, value=value, rule=fault.rule, message=fault.message)
