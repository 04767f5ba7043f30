"""My work: what needs a person today, gathered from what every noun says is due."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from urllib.parse import urlencode

from app.domain.terms import RecommendationStatus
from app.evaluations.obligations.due import DueRow
from app.http.lists import Shown
from app.language.i18n import mark
from app.reports.frame import Cell, ReportTable
from app.web.queries_duties import ProjectName

#: days ahead that are looked at
AHEAD = 90
#: expected delivery in percent of the allocation below which a project is a task
THRESHOLD = "70"
#: from so many on tasks of one project and kind are one line
_SEVERAL = 3
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
    currency: str = ""
    #: kind of evaluation and its number, where it is one
    evaluation: str = ""
    number: int = 0
    #: others of the same project and kind, which are shown with this one, the first of them
    others: Sequence["Task"] = ()

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
    """What is owed and open, or cannot be told, in the order of the rows; and how many are beyond the first ones.

    Several of one project and kind, such as the annual reviews that nobody noted, are one line.
    """
    alike: dict[tuple[str, str | None], list[DueRow]] = {}
    for row in rows:
        alike.setdefault((row.project, row.kind), []).append(row)
    tasks: list[Task] = []
    shown = 0
    for group in alike.values():
        if len(tasks) >= most:
            break
        shown += len(group)
        of_group = [_owed(row) for row in group]
        tasks += [replace(of_group[0], others=of_group[1:])] if len(group) >= _SEVERAL else of_group
    return tasks, len(rows) - shown


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
    return Task(
        kind=mark("Agreement"),
        subject=str(row["agreement"]),
        due=dt.date.fromisoformat(str(row["due"])),
        why=row["item"] if isinstance(row["item"], str) else "",
        address="/agreements?" + urlencode({"reference": str(row["agreement"])}),
        state=str(row["state"]),
        of_rules=True,
        amount=None if row["amount"] is None else Decimal(str(row["amount"])),
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
