"""My work: what needs a person today, gathered from what every noun says is due."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import nsmallest
from itertools import takewhile
from urllib.parse import urlencode

from app.domain.alike import gathered
from app.domain.money import EXACT
from app.domain.terms import RecommendationStatus
from app.evaluations.obligations.due import DueRow
from app.evaluations.obligations.views import CANNOT_TELL
from app.http.lists import Shown
from app.language.i18n import mark
from app.reports.frame import Cell, ReportTable
from app.web.queries_duties import ProjectName

#: days ahead that are looked at
AHEAD = 90
#: expected delivery in percent of the allocation below which a project is a task
THRESHOLD = "70"
OPEN = [RecommendationStatus.OPEN, RecommendationStatus.IN_PROGRESS]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do: what, when, why, and where it is done. ``kind`` is translated where it is shown."""

    kind: str
    subject: str
    #: None: it has no day, and comes first
    due: dt.date | None
    why: str
    address: str
    #: a word about how it stands
    state: str = ""
    #: code of the project it is about, and the part of the project's page; empty: ``address`` leads there already
    project: str = ""
    part: str = ""
    #: title of that project
    title: str = ""
    #: ``why`` is a sentence of the rules, or of a report; else somebody wrote it
    of_rules: bool = False
    of_report: bool = False
    #: the amount it is about, where there is one
    amount: Decimal | None = None
    #: of a payment that came in part: the whole of it, of which ``amount`` is missing
    whole: Decimal | None = None
    currency: str = ""
    #: kind of evaluation and its number, where it is one
    evaluation: str = ""
    number: int = 0
    #: others of the same project and kind, which are shown with this one, the first of them
    others: Sequence["Task"] = ()

    @property
    def last_due(self) -> dt.date | None:
        """The last day of it and the others; None where none has one."""
        return max((each.due for each in (self, *self.others) if each.due is not None), default=None)

    def is_late(self, today: dt.date) -> bool:
        return self.due is not None and self.due < today


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose work is shown: an officer's, a unit's, or everybody's."""

    officer: str | None
    unit: str | None

    @property
    def everybody(self) -> bool:
        return self.officer is None and self.unit is None

    def has(self, officer: str | None, unit: str | None) -> bool:
        if self.officer is not None:
            return officer == self.officer
        return self.unit is None or unit == self.unit


def evaluations(rows: Sequence[DueRow], most: int) -> tuple[list[Task], int]:
    """What is owed and open, or cannot be told, the first due first; and how many are beyond the first ones.

    Several of one project and kind, such as the annual reviews that nobody noted, are one line. What cannot be told has
    a line of its own, which says what is not known. Tasks are made of the first lines alone: there may be thousands.
    """
    lines = gathered(rows, lambda row: None if row.state == CANNOT_TELL else (row.project, row.kind))
    first = nsmallest(most, lines, key=_place)
    tasks = [replace(_owed(line[0]), others=[_owed(row) for row in line[1:]]) for line in first]
    return tasks, len(rows) - counted(tasks)


def _place(line: Sequence[DueRow]) -> tuple[bool, dt.date, str]:
    """Where a line stands, as :func:`in_order` has its task."""
    return line[0].due is None, line[0].due or dt.date.max, line[0].project


def _owed(row: DueRow) -> Task:
    return Task(
        kind=mark("Evaluation"),
        subject=row.project,
        due=row.due,
        why=row.missing or row.reason,
        address=_found_by(row.project),
        state=row.state,
        project=row.project,
        part="evaluations",
        of_rules=True,
        evaluation=row.kind or "",
        number=row.number,
    )


def duties(table: ReportTable, officers: frozenset[str] | None, most: int) -> tuple[list[Task], int]:
    """What agreements ask for: reports, conditions, instalments; ``officers`` None: of everybody.

    Of a large portfolio the first ones alone are made, as :func:`in_order` has them, and how many more there are: the
    table has its rows by their days.
    """
    rows = [row for row in table.rows if officers is None or row["officer"] in officers]
    last = rows[most - 1]["due"] if len(rows) > most else None
    first = [*rows[:most], *takewhile(lambda row: row["due"] == last, rows[most:])]
    tasks = in_order(map(_asked_for, first))[:most]
    return tasks, len(rows) - len(tasks)


def _asked_for(row: Mapping[str, Cell]) -> Task:
    amount, received = (None if row[name] is None else Decimal(str(row[name])) for name in ("amount", "received"))
    in_part = amount is not None and bool(received)
    return Task(
        kind=mark("Agreement"),
        subject=str(row["agreement"]),
        due=dt.date.fromisoformat(str(row["due"])),
        why=row["item"] if isinstance(row["item"], str) else "",
        address="/agreements?" + urlencode({"reference": str(row["agreement"])}),
        state=str(row["state"]),
        of_rules=True,
        amount=EXACT.subtract(amount, received) if amount is not None and received is not None else amount,
        whole=amount if in_part else None,
        currency=str(row["currency"] or ""),
    )


def recommendations(items: Iterable[Shown]) -> list[Task]:
    """What was recommended and is not done."""
    return [
        Task(
            kind=mark("Recommendation"),
            subject=str(item["reference"]),
            due=item["due_on"] or item["response_due_on"],
            why=str(item["text"]),
            address="/recommendations?" + urlencode({"reference": str(item["reference"])}),
            state="" if item["response"] else "awaiting-response",
        )
        for item in items
    ]


def slow(remarks: Iterable[str], own: frozenset[str]) -> list[Task]:
    """Those of the projects whose spending will stay below the threshold."""
    found = []
    for remark in remarks:
        code, _, sentence = remark.partition(": ")
        if code in own and sentence:
            task = Task(
                kind=mark("Delivery"), subject=code, due=None, why=sentence, address=_found_by(code), project=code,
                part="money", of_report=True,
            )  # fmt: skip
            found.append(task)
    return found


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """By due day; what has none stands last."""
    return sorted(tasks, key=lambda task: (task.due is None, task.due or dt.date.max, task.kind, task.subject))


def _found_by(code: str) -> str:
    return "/projects?" + urlencode({"code": code})


def addressed(tasks: Sequence[Task], projects: Mapping[str, ProjectName]) -> list[Task]:
    """The tasks that are shown, with titles of projects and addresses that lead to the very part of each."""
    return [
        replace(task, address=f"/projects/{found.id}/{task.part}", title=found.title)
        if (found := projects.get(task.project)) is not None
        else task
        for task in tasks
    ]


def counted(tasks: Iterable[Task]) -> int:
    """How many tasks these lines tell of."""
    return sum(1 + len(task.others) for task in tasks)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with where it comes from."""

    label: str
    value: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Work:
    """The page."""

    heading: str
    tasks: Sequence[Task]
    #: how many there are, where the page shows the first of them only
    count: int
    #: how many of them stand in the lines
    shown: int
    figures: Sequence[Figure]
