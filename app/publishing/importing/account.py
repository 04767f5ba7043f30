"""What an import did: counts, faults and changes, file by file."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportFault:
    """One fault of a file: in which activity, on which line, which rule, and what to do."""

    #: IATI identifier; None when the fault is the file's, or the activity has none
    activity: str | None
    #: line of the file, from 1; None when the fault is about the file as a whole
    line: int | None
    rule: str
    severity: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "activity": self.activity,
            "line": self.line,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
        }


@dataclass(kw_only=True, slots=True)
class FileReport:
    """What came of one file."""

    file: str
    file_type: str | None = None
    #: version of the standard in which the file was written
    version: str | None = None
    sha256: str = ""
    #: what was changed to bring an older version up to 2.03
    upgrades: list[str] = field(default_factory=list)
    #: activities_created, activities_updated, activities_unchanged, activities_refused, …; rows by table
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[ImportFault] = field(default_factory=list)
    #: whether every change is listed (dry runs), or only counted, so that memory does not follow the file
    detailed: bool = False
    #: what would change: {"activity", "outcome", "columns", "rows": {table: {"new": n, "gone": n}}}
    changes: list[dict[str, Any]] = field(default_factory=list)
    #: the file could not be read to its end
    broken: bool = False

    def change(self, activity: str, outcome: str, columns: list[str], rows: dict[str, dict[str, int]]) -> None:
        """What becomes of an activity; kept when details are wanted."""
        self.counts[f"activities_{outcome}"] += 1
        if self.detailed:
            self.changes.append({"activity": activity, "outcome": outcome, "columns": columns, "rows": rows})

    def upgrade(self, change: str) -> None:
        """Something that was changed to bring the file up to the present version; told once."""
        if change not in self.upgrades:
            self.upgrades.append(change)

    def refuse(self, activity: str | None, line: int | None, rule: str, message: str) -> None:
        """An activity that is reported and not stored."""
        self.counts["activities_refused"] += 1
        self.faults.append(ImportFault(activity=activity, line=line, rule=rule, severity="critical", message=message))

    @property
    def has_faults(self) -> bool:
        """Whether something was not stored, or is wrong by the standard's rules."""
        return self.broken or any(fault.severity in ("critical", "error") for fault in self.faults)

    def as_text(self) -> str:
        """A few lines for people: counts first, then every fault with its line."""
        done = ", ".join(
            f"{count} {name.removeprefix('activities_')}"
            for name, count in sorted(self.counts.items())
            if name.startswith(("activities_", "organisation_files_")) and count
        )
        lines = [f"{self.file} ({self.file_type or 'not IATI'}, {self.version or 'no version'}): {done or 'nothing'}"]
        lines.extend(f"  {change}" for change in self.upgrades)
        for fault in self.faults:
            place = f"line {fault.line}" if fault.line is not None else "file"
            lines.append(f"  {place}: {fault.activity or '-'}: {fault.severity} {fault.rule}: {fault.message}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "file_type": self.file_type,
            "version": self.version,
            "sha256": self.sha256,
            "upgrades": self.upgrades,
            "counts": dict(sorted(self.counts.items())),
            "activities_refused": self.counts["activities_refused"],
            "faults": [fault.as_dict() for fault in self.faults],
            "changes": self.changes,
        }


@dataclass(kw_only=True, slots=True)
class ImportReport:
    """What came of an import."""

    files: list[FileReport] = field(default_factory=list)
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The file that an import reads, as history names it."""

    name: str
    sha256: str
    #: day of the import: dates of decisions never lie behind it
    as_of: dt.date
    #: who imports
    actor: str

    @property
    def reason(self) -> str:
        return f"import of {self.name}"
