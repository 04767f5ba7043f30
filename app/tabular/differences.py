"""What a file says otherwise than the last one of the same source: new, changed and missing rows.

Rows are compared by their key. What is missing is told, and nothing is done about it: a posted row is taken back by a
correction, which a person decides. What only binds, an encumbrance, is ended where that is asked for. A file that
shares no row with the last one covers something else, another month perhaps, so that nothing of the last one is missing
in it.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.base import key as key_of
from app.db.bulk import add_rows
from app.db.imports import TableImport, TableImportLine
from app.domain.access import Actor
from app.tabular import queries_imports as queries

#: so many rows are listed of each kind of difference; the counts are of all
LISTED = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A row that the ledger has otherwise; what it became."""

    key: str
    row: int
    #: in words: what the correction says
    change: str

    def as_dict(self) -> dict[str, object]:
        return {"document": self.key, "row": self.row, "change": self.change}


@dataclass(frozen=True, kw_only=True, slots=True)
class LastFile:
    """The file of the same source that went in last."""

    id: int
    file: str
    at: dt.datetime
    by: str
    rows: int

    def as_dict(self) -> dict[str, object]:
        return {"file": self.file, "at": self.at.isoformat(timespec="seconds"), "by": self.by, "rows": self.rows}


@dataclass(kw_only=True, slots=True)
class Differences:
    """What changed since the last file; counts are of all rows, lists end at ``LISTED``."""

    source: str
    #: the file that this one is compared with; None: it is the first one
    since: LastFile | None = None
    new: int = 0
    changed: int = 0
    changes: list[Changed] = field(default_factory=list)
    #: rows that stand in both files
    common: int = 0
    missing: int = 0
    absent: list[queries.Absent] = field(default_factory=list)
    #: how many of the missing ones were ended by it, as was asked
    released: int = 0

    def as_dict(self) -> dict[str, object]:
        return {
            "source": self.source,
            "since": None if self.since is None else self.since.as_dict(),
            "common": self.common,
            "new": self.new,
            "changed": self.changed,
            "changes": [each.as_dict() for each in self.changes],
            "missing": self.missing,
            "absent": [each.as_dict() for each in self.absent],
            "released": self.released,
        }


class Comparison:
    """Compares one file, while it goes in, with the last one of its source."""

    def __init__(self, session: Session, actor: Actor, *, kind: str, source: str, file: str) -> None:
        self.session, self.kind = session, kind
        self.found = Differences(source=source)
        if (last := queries.newest_import(session, kind, source)) is not None:
            self.found.since = LastFile(
                id=key_of(last), file=last.file, at=last.recorded_at, by=last.recorded_by, rows=last.rows
            )
        self.run = TableImport(kind=kind, source=source, file=file, recorded_by=actor.name)
        session.add(self.run)
        session.flush()

    def repeated(self, lines: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Notes the keys of rows: (key, number of the row). Those that stand above already: row → the earlier row."""
        first: dict[str, int] = {}
        again: dict[int, int] = {}
        for key, row in lines:
            if key in first:
                again[row] = first[key]
            else:
                first[key] = row
        for key, row in queries.rows_of(self.session, key_of(self.run), first).items():
            again[first.pop(key)] = row
        added = [(key_of(self.run), key, row) for key, row in first.items()]
        add_rows(self.session, TableImportLine, ("import_id", "key", "row"), added)
        return again

    def change(self, key: str, row: int, what: str) -> None:
        self.found.changed += 1
        if len(self.found.changes) < LISTED:
            self.found.changes.append(Changed(key=key, row=row, change=what))

    def end(
        self,
        *,
        rows: int,
        created: int,
        updated: int,
        unchanged: int,
        vanish: Callable[[Sequence[str]], int] | None = None,
    ) -> Differences:
        """What is missing, and the counts of the run; the lines of the last file are no longer needed.

        ``vanish`` ends what is missing, where that is asked for, and gives how much; what then still binds is missing
        in the next file too.
        """
        found, since, run = self.found, self.found.since, self.run
        found.new = created
        run.rows, run.created, run.updated, run.unchanged = rows, created, updated, unchanged
        if since is not None:
            found.common = queries.in_both(self.session, since.id, key_of(run))
            if found.common:
                found.missing = queries.count_lines(self.session, since.id) - found.common
                found.absent = queries.absent(self.session, self.kind, since.id, key_of(run), LISTED)
                if vanish is not None:
                    found.released = vanish(queries.absent_keys(self.session, since.id, key_of(run)))
                    queries.carry_binding(self.session, since.id, key_of(run))
            queries.forget_lines(self.session, since.id)
        self.session.flush()
        return found
