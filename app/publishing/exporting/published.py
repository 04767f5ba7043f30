"""What the world has seen: identifiers that went out, and what a new file would take back or call otherwise.

An identifier counts as seen from the moment a file with it is complete, whichever file that was. A file of the whole
portfolio is compared with all that was seen; one of chosen projects takes nothing back.
"""

import json
import tempfile
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Self

from sqlmodel import Session

from app.db.base import utc_now
from app.db.engine import Database
from app.errors import StorageFailed
from app.publishing.exporting import queries, queries_published
from app.publishing.exporting.account import ExportAccount, Gone, Remark
from app.publishing.exporting.queries_published import Missing
from app.publishing.exporting.rows import BriefRow

#: activities that are looked up, and identifiers that are stored, together
_BATCH = 500
#: bytes of identifiers that are kept in memory until the file is complete; more wait in a temporary file
_IN_MEMORY = 1 << 20


class Seen:
    """The identifiers of one file that the world has not seen yet. Memory does not grow with their number."""

    def __init__(self) -> None:
        self.batch: list[BriefRow] = []
        self.reporters: dict[int, str | None] = {}
        self.waiting = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+b")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.waiting.close()

    def add(self, session: Session, project: BriefRow, account: ExportAccount) -> None:
        """An activity that was written."""
        self.batch.append(project)
        if len(self.batch) == _BATCH:
            self.look(session, account)

    def look(self, session: Session, account: ExportAccount) -> None:
        """Sets aside what of the batch is new; a known identifier under another organisation is told."""
        if not self.batch:
            return
        unknown = {each["reporting_org_id"] for each in self.batch} - self.reporters.keys()
        if unknown:
            found = queries.organisations(session, unknown)
            self.reporters.update({key: row.identifier for key, row in found.items()})
        known = queries_published.recorded(session, [each["id"] for each in self.batch])
        for each in self.batch:
            identifier, reporter = each["iati_identifier"], self.reporters[each["reporting_org_id"]]
            if identifier in known and known[identifier] == reporter:
                continue
            before = known.get(identifier)
            if before is not None:
                message = f"{identifier} is reported by {reporter} from now on; before it was reported by {before}."
                remark = Remark(rule="earmark.export.other-reporter", project=each["code"], message=message)
                account.findings.append(remark)
            self.waiting.write(json.dumps([identifier, each["id"], reporter]).encode() + b"\n")
        self.batch = []

    def store(self, database: Database, account: ExportAccount) -> None:
        """Records what went out, once the file is complete. The file stays as it is when the database refuses."""
        try:
            for rows in self._rows():
                with database.write("export") as session:
                    queries_published.record(session, rows)
        except StorageFailed as error:
            message = f"The file is complete, but which identifiers it holds was not recorded: {error.message}"
            account.findings.append(Remark(rule="earmark.export.not-recorded", message=message))

    def _rows(self) -> Iterator[list[dict[str, object]]]:
        self.waiting.seek(0)
        now, rows = utc_now(), []
        for line in self.waiting:
            identifier, project_id, reporter = json.loads(line)
            rows.append(
                {
                    "identifier": identifier,
                    "project_id": project_id,
                    "reporting_org": reporter,
                    "recorded_at": now,
                    "recorded_by": "export",
                }
            )
            if len(rows) == _BATCH:
                yield rows
                rows = []
        if rows:
            yield rows


def compare(session: Session, account: ExportAccount) -> None:
    """Tells what of all that the world has seen a file of the whole portfolio does not hold, or calls otherwise."""
    left_out = {each.project: each.reason for each in account.exclusions if each.what == "activity"}
    for each in account.held_back:
        left_out[each.project] = f"{left_out[each.project]} {each.reason}" if each.project in left_out else each.reason
    for missing in queries_published.missing(session, left_out):
        account.gone.append(
            Gone(
                project=missing.code,
                identifier=missing.identifier,
                reason=_why(session, missing, left_out.get(missing.code)),
            )
        )
    for renamed in queries_published.renamed(session):
        if renamed.code not in left_out:
            message = f"The activity {renamed.before} is called {renamed.after} from now on."
            account.findings.append(Remark(rule="earmark.export.renamed", project=renamed.code, message=message))


def archived(session: Session, identifiers: Collection[str]) -> dict[str, str]:
    """Of what was published elsewhere, by its identifiers, since when and by whom it is archived here."""
    return {each.identifier: _why(session, each, None) for each in queries_published.archived(session, identifiers)}


def _why(session: Session, missing: Missing, left_out: str | None) -> str:
    """Why it is gone, since when and by whom, as far as it is on record."""
    fields = ("archived_at",) if missing.archived_at is not None else ("withheld_reason", "embargo_until")
    event = queries_published.newest_events(session, missing.project_id, fields)
    since = "" if event is None else f" on {event[0].date()} by {event[1]}"
    if missing.archived_at is not None:
        return f"archived{since or f' on {missing.archived_at.date()}'}"
    return f"{left_out} (set{since})" if since else str(left_out)
