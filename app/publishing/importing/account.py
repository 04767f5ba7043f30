"""What an import did: counts, faults and changes, file by file."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from app.db.projects import Findings

#: places of one kind of fault that are named
_FIRST = 5
#: wordings of one kind of fault that are printed, and that programs are told
_WORDINGS, _MESSAGES = 10, 100
#: outcomes of a dry run, for people
_OUTCOMES = {"updated": "would change", "kept": "left as it is here; --overwrite would change"}
#: why a record stays that follows the schema, where a file has faults in its place that need no decision
RIGHT_HERE = "The record follows the schema here and stays so; this file does not."
#: why a record stays that was imported from a file, mended perhaps, and has not changed since
NOTHING_NEW = "It was last imported from this very file, which brings nothing new."
#: what differs between faults of one kind: quoted values, numbers and days, and what is left out
_VALUES = re.compile(r"“[^”]*”|'[^']*'|[0-9][0-9.,:TZ-]*|(?<=left out): .*\Z", re.DOTALL)


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
    #: XPath of the place in the file; empty where it is not known
    path: str = ""

    @property
    def kind(self) -> tuple[str, str, str]:
        """What faults that are told together have in common."""
        return (self.severity, self.rule, _VALUES.sub("\0", self.message))

    @property
    def values(self) -> list[str]:
        """What may tell it from others of its kind, of which each has as many."""
        return [found.rstrip(".,:") for found in _VALUES.findall(self.message)]

    @property
    def place(self) -> str:
        """Line and activity, for people."""
        where = "the file" if self.line is None else f"line {self.line}"
        return f"{where} ({' '.join(self.activity.split())})" if self.activity else where


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultGroup:
    """Faults of one kind: the first of them, how many there are, and where."""

    first: ImportFault
    count: int
    #: activities that have one
    activities: int
    #: the first few
    places: tuple[ImportFault, ...]
    #: where they differ in what they quote: the first fault of each wording, and how many say the same
    wordings: tuple[tuple[ImportFault, int], ...] = ()

    def as_dict(self) -> dict[str, object]:
        first = self.first
        return {
            "activity": first.activity,
            "line": first.line,
            "rule": first.rule,
            "severity": first.severity,
            "message": first.message,
            "path": first.path,
            "count": self.count,
            "activities": self.activities,
            "places": [{"activity": each.activity, "line": each.line, "path": each.path} for each in self.places],
            "messages": [
                {"message": each.message, "count": count, "activity": each.activity, "line": each.line}
                for each, count in self.wordings[:_MESSAGES]
            ],
        }

    def as_lines(self) -> list[str]:
        first = self.first
        if self.count == 1:
            return [f"  {first.place}: {first.severity} {first.rule}: {first.message}"]
        if self.wordings:
            shown = self.wordings[:_WORDINGS]
            more = len(self.wordings) - len(shown)
            return [
                f"  {self.count} times: {first.severity} {first.rule}: {first.message} And likewise:",
                *(
                    f"      {values}: {_times(count)}{each.place}"
                    for values, (each, count) in zip(self._told_apart(), shown, strict=True)
                ),
                *([f"      and {more} more"] if more else []),
            ]
        places = ", ".join(each.place for each in self.places)
        more_places = f" and {self.count - len(self.places)} more" if self.count > len(self.places) else ""
        return [
            f"  {self.count} times: {first.severity} {first.rule}: {first.message}",
            f"      {places}{more_places}",
        ]

    def _told_apart(self) -> list[str]:
        """Of each wording the values that are not the same in all of them."""
        values = [each.values for each, _ in self.wordings[:_WORDINGS]]
        differing = [place for place, column in enumerate(zip(*values, strict=True)) if len(set(column)) > 1]
        return [" ".join(some[place] for place in differing or range(len(some))) for some in values]


def _times(count: int) -> str:
    return "" if count == 1 else f"{count} times, first in "


def grouped(faults: Iterable[ImportFault]) -> list[FaultGroup]:
    """Faults by their kind, in the order in which the kinds are first met."""
    kinds: dict[tuple[str, str, str], list[ImportFault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    return [
        FaultGroup(
            first=some[0],
            count=len(some),
            activities=len({each.activity for each in some if each.activity}),
            places=tuple(some[:_FIRST]),
            wordings=_wordings(some),
        )
        for some in kinds.values()
    ]


def _wordings(faults: Sequence[ImportFault]) -> tuple[tuple[ImportFault, int], ...]:
    """The first fault of each wording with the number of those that say the same; empty where all do."""
    counts = Counter(each.message for each in faults)
    if len(counts) == 1:
        return ()
    firsts = {each.message: each for each in reversed(faults)}
    return tuple((firsts[message], count) for message, count in counts.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """What a column of an activity holds here, and in the file."""

    field: str
    here: object
    file: object

    def __str__(self) -> str:
        return f"{self.field} {_quoted(self.here)} → {_quoted(self.file)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """What becomes, or would become, of an activity: column by column, element by element."""

    fields: tuple[FieldChange, ...] = ()
    #: elements that only the file has, and that only the record has: (element, what it says)
    added: tuple[tuple[str, str], ...] = ()
    lost: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "fields": [{"field": each.field, "here": each.here, "file": each.file} for each in self.fields],
            "added": [{"element": name, "says": text} for name, text in self.added],
            "lost": [{"element": name, "says": text} for name, text in self.lost],
        }

    def as_lines(self) -> list[str]:
        return [
            *(str(each) for each in self.fields),
            *(f"loses {name}: {text}" for name, text in self.lost),
            *(f"gets {name}: {text}" for name, text in self.added),
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A record that a file says otherwise of, and that was left as it is here."""

    activity: str
    line: int
    #: a sentence: why
    reason: str
    #: what was changed here: (place, day, who)
    changed: tuple[tuple[str, dt.date, str], ...]
    #: names of what file and record say otherwise
    differs: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "activity": self.activity,
            "line": self.line,
            "reason": self.reason,
            "changed_here": [{"field": name, "on": on.isoformat(), "by": who} for name, on, who in self.changed],
            "differs": list(self.differs),
        }

    def __str__(self) -> str:
        return f"line {self.line} ({self.activity}): left as it is here. {self.reason}"


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
    #: activities_created, activities_updated, activities_unchanged, activities_refused, …; rows by table; of these,
    #: ``drafts`` are kept back from publication, ``repairable`` could be mended by themselves, ``repaired`` were
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[ImportFault] = field(default_factory=list)
    #: whether every change is listed (dry runs), or only counted, so that memory does not follow the file
    detailed: bool = False
    #: what would change: {"activity", "outcome", "columns", "rows": {table: {"new": n, "gone": n}},
    #: "fields": [{"field", "here", "file"}], "added" and "lost": [{"element", "says"}]};
    #: of records that are left as they are, what --overwrite would change
    changes: list[dict[str, object]] = field(default_factory=list)
    #: the same for people: (activity, outcome, what changes)
    details: list[tuple[str, str, Changed]] = field(default_factory=list)
    #: records that were left as they are here
    kept: list[Kept] = field(default_factory=list)
    #: the file could not be read to its end
    broken: bool = False
    #: activities that an interrupted import of the file had stored, which this one took up
    taken_up: int | None = None

    @property
    def name(self) -> str:
        """The file without its folder."""
        return PurePath(self.file).name

    def no_draft(self, findings: Findings | None) -> None:
        """A record that was read with these findings is not stored with them: it is no draft by this file."""
        if findings:
            self.counts["drafts"] -= 1
            self.counts["repairable"] -= all(each["repairable"] for each in findings)

    def tell_right(self, activity: str, line: int, findings: Findings | None) -> None:
        """A record that follows the schema, and a file that tells it with these findings: it is no draft by that."""
        self.no_draft(findings)
        self.faults.append(
            ImportFault(
                activity=activity, line=line, rule="earmark.import.right-here", severity="advisory", message=RIGHT_HERE
            )
        )

    def mended(self, repairs: Sequence[ImportFault]) -> None:
        """A record is what its file says with these repairs, if there are any."""
        self.counts["repaired"] += bool(repairs)
        self.faults.extend(repairs)

    def change(
        self,
        activity: str,
        outcome: str,
        columns: list[str],
        rows: dict[str, dict[str, int]],
        changed: Changed | None = None,
    ) -> None:
        """What becomes of an activity; kept when details are wanted."""
        self.counts[f"activities_{outcome}"] += 1
        if self.detailed:
            said = {"activity": activity, "outcome": outcome, "columns": columns, "rows": rows}
            self.changes.append({**said, **(changed or Changed()).as_dict()})
            self.details.append((activity, outcome, changed or Changed()))

    def mark(self) -> tuple[Counter[str], tuple[int, int, int, int]]:
        """What is told so far, for :meth:`take_back`."""
        return self.counts.copy(), (len(self.faults), len(self.changes), len(self.details), len(self.kept))

    def take_back(self, mark: tuple[Counter[str], tuple[int, int, int, int]]) -> None:
        """Forgets what was told since the mark."""
        self.counts, (faults, changes, details, kept) = mark
        del self.faults[faults:], self.changes[changes:], self.details[details:], self.kept[kept:]

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
        """A few lines for people: counts first, then what became of drafts, then every kind of fault with places."""
        done = ", ".join(
            f"{count} {name.removeprefix('activities_')}"
            for name, count in sorted(self.counts.items())
            if name.startswith(("activities_", "organisation_files_")) and count
        )
        lines = [f"{self.file} ({self.file_type or 'not IATI'}, {self.version or 'no version'}): {done or 'nothing'}"]
        lines.extend(f"  {change}" for change in self.upgrades)
        lines.extend(f"  {sentence}" for sentence in self._of_drafts())
        lines.extend(f"  {each}" for each in self.kept)
        if self.kept:
            lines.append(
                "  To have what the file says instead, import it with --overwrite; with --dry-run it lists every field."
            )
        for activity, outcome, changed in self.details:
            if told := changed.as_lines():
                lines.append(f"  {activity}: {_OUTCOMES.get(outcome, outcome)}")
                lines.extend(f"      {each}" for each in told)
        for group in grouped(self.faults):
            lines.extend(group.as_lines())
        return "\n".join(lines)

    def _of_drafts(self) -> list[str]:
        drafts, repairable, repaired = (self.counts[name] for name in ("drafts", "repairable", "repaired"))
        told = []
        if repaired:
            one = "1 record was mended (--repair)."
            told.append(one if repaired == 1 else f"{repaired} records were mended (--repair).")
        if drafts:
            one = (
                "1 record was kept as a draft: stored, but held back from publication until mended, in a newer file or "
                "here."
            )
            several = (
                f"{drafts} records were kept as drafts: stored, but held back from publication until mended, in a "
                "newer file or here."
            )
            told.append(one if drafts == 1 else several)
        if repairable:
            told.append(f"{repairable} of them need no decision: import the file again with --repair to mend them.")
        return told

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "file_type": self.file_type,
            "version": self.version,
            "sha256": self.sha256,
            "upgrades": self.upgrades,
            "counts": dict(sorted(self.counts.items())),
            "activities_refused": self.counts["activities_refused"],
            "activities_kept": self.counts["activities_kept"],
            "kept": [each.as_dict() for each in self.kept],
            "faults": [group.as_dict() for group in grouped(self.faults)],
            "changes": self.changes,
        }


def _quoted(value: object) -> str:
    return "nothing" if value is None or value in ("", []) else f"“{_shown(value)}”"


def _shown(value: object) -> str:
    """What a field says; of several things one behind the other, of texts in languages the language first."""
    if not isinstance(value, list | tuple):
        return str(value)
    return "; ".join(": ".join(map(str, each)) if isinstance(each, list | tuple) else str(each) for each in value)


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

    #: what the file says of when it was made
    generated_at: dt.datetime | None = None
    #: what was changed here since gives way to the file
    overwrite: bool = False
    #: the file tells its activities whole: what it lacks is gone
    whole: bool = False
    #: iati-activities or iati-organisations
    type: str = "iati-activities"
    #: repairs are made: the same file may say otherwise than before
    mend: bool = False

    @property
    def reason(self) -> str:
        return f"import of {self.name}"

    def older(self, said: dt.datetime | None, stored: dt.datetime | None, generated: dt.datetime | None) -> str:
        """Why the file speaks of the past; empty when it does not.

        ``said`` and ``stored``: when the record was last updated, by the file and by what is stored; ``generated``:
        when the file was made that was stored last. The file's own date decides where the record's dates do not.
        """
        if said is not None and stored is not None and said != stored:
            if said > stored:
                return ""
            return f"The file is older: it was last updated {_moment(said)}, what is stored {_moment(stored)}."
        if self.generated_at is not None and generated is not None and self.generated_at < generated:
            return f"The file is older: it was made {_moment(self.generated_at)}, the last one {_moment(generated)}."
        return ""

    def origin(self, last_updated: dt.datetime | None) -> dict[str, str]:
        """What events note of the file and of the activity's own date, so that an older file is known as such."""
        moments = {"last_updated": last_updated, "generated": self.generated_at}
        told = {name: moment.isoformat() for name, moment in moments.items() if moment is not None}
        return {"file": self.name, "sha256": self.sha256, **told}


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")


def several_files(elsewhere: str, what: Literal["activity", "record"]) -> str:
    """That two files of one import tell the same thing in different ways, and what to do."""
    if what == "activity":
        return (
            f"{elsewhere} has this activity too and was read first; what this file says otherwise was left out, so "
            "that neither takes back what the other says. Join both into one activity and import that."
        )
    return (
        f"{elsewhere} has this record too and was read first; what this file says otherwise was left out, so that "
        "neither takes back what the other says. Join both into one record and import that."
    )
