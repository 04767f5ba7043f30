"""Obligations as people see them on a day: with the state that evaluations, waivers and the day make of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar

from sqlmodel import Session

from app.db.portions import Some
from app.db.shapes import InOrder
from app.domain.evaluation.facts import CannotTell, EvaluationFacts, Obligation
from app.domain.evaluation.records import Standing
from app.domain.evaluation.states import met_anyway, outlook, serving_kinds
from app.domain.evaluation.terms import Kind, Stage, State
from app.evaluations.obligations import queries_due, queries_facts
from app.evaluations.obligations.facts import evaluation_facts, standing_of, unknown_of
from app.evaluations.obligations.rows import DecisionRow, InstitutionRow, ObligationRow, OwedRow

#: state of what cannot be judged
CANNOT_TELL = "cannot-tell"

_CHUNK = 5000

#: what may satisfy an obligation of a kind by which nothing else would do
_ALONE = {kind.value: serving_kinds(kind) for kind in Kind}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An obligation that follows from the facts of another day than the ones that are kept, in the columns of a row."""

    #: key of the kept row that is the same obligation; None: none is
    id: int | None
    project_id: int
    project: str
    project_title: str
    stage: Stage
    unit_id: int | None
    unit: str | None
    officer_id: int | None
    officer: str | None
    key: str
    #: None when nothing at all can be told
    kind: str | None
    number: int
    independence: str | None
    due_on: dt.date | None
    reason: str
    rules: list[str]
    missing: str | None


Shown = TypeVar("Shown", OwedRow, Line, InstitutionRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class View(Generic[Shown]):
    """An obligation on a day."""

    #: as it is kept, or as it follows from the facts of another day
    row: Shown
    #: a :class:`State`, or :data:`CANNOT_TELL`
    state: str
    #: None for what cannot be told
    standing: Standing | None = None
    #: with the due date and the independence that count on the day, and the reason for them
    obligation: Obligation | None = None
    #: the evaluation that tells the state
    evaluation: EvaluationFacts | None = None

    @property
    def is_open(self) -> bool:
        return self.state != CANNOT_TELL and State(self.state).is_open

    @property
    def is_settled_unknown(self) -> bool:
        """Whether nobody knows if it is owed, and nobody needs to any more."""
        return self.obligation is None and self.state != CANNOT_TELL

    @property
    def due(self) -> dt.date | None:
        return self.row.due_on if self.obligation is None else self.obligation.due

    @property
    def independence(self) -> str | None:
        """What is asked on the day."""
        return self.row.independence if self.obligation is None else self.obligation.independence.value

    @property
    def reason(self) -> str:
        return self.row.reason if self.obligation is None else self.obligation.reason

    @property
    def reference(self) -> str | None:
        """Of the evaluation that tells the state."""
        return None if self.evaluation is None else self.evaluation.reference


class Evaluations:
    """Evaluations of some projects, by project."""

    def __init__(self) -> None:
        self._of: dict[int, dict[int, EvaluationFacts]] = defaultdict(dict)

    def load(self, session: Session, project_ids: Iterable[int], kinds: Iterable[Kind] = Kind) -> None:
        """Adds those of the projects, of these kinds; a statement for every five thousand projects."""
        ids, wanted = sorted(set(project_ids)), sorted(kind.value for kind in kinds)
        for start in range(0, len(ids), _CHUNK):
            for row in queries_due.evaluations_of(session, ids[start : start + _CHUNK], wanted):
                self._of[row.project_id][row.id] = evaluation_facts(row)

    def of(self, project_id: int) -> Collection[EvaluationFacts]:
        return self._of[project_id].values() if project_id in self._of else ()


def views(session: Session, rows: Sequence[OwedRow], as_of: dt.date) -> list[View[OwedRow]]:
    """The rows with their states; the number of statements follows that of kinds and of five thousands of rows."""
    serving: dict[frozenset[Kind], set[int]] = defaultdict(set)
    for row in rows:
        if _is_untold(row):
            if "if_agreed" in row.terms:
                serving[_ALONE[row.kind or ""]].add(row.project_id)
            if (once := row.terms.get("if_once")) is not None:
                serving[frozenset(map(Kind, once["kinds"]))].add(row.project_id)
        else:
            if not ("cycle" in row.terms or "or_kinds" in row.terms):
                serving[_ALONE[row.kind or ""]].add(row.project_id)
                continue
            cycle = row.terms.get("cycle")
            others = [Kind(kind) for kind in row.terms.get("or_kinds", ())]
            cycle_kinds = [] if cycle is None else [Kind(kind) for kind in cycle["kinds"]]
            serving[serving_kinds(row.told_kind, others, cycle_kinds)].add(row.project_id)
    evaluations = Evaluations()
    for kinds, projects in serving.items():
        evaluations.load(session, projects, kinds)
    decisions = decisions_in_force(session, rows)
    return [view(row, decisions, evaluations.of(row.project_id), as_of) for row in rows]


def views_in_order(session: Session, some: Some, rows: Iterable[OwedRow], as_of: dt.date) -> Iterator[View[OwedRow]]:
    """The same of rows of some projects, which come in the order of these: two statements, however many they are."""
    of_project = attrgetter("project_id")
    evaluations = InOrder(queries_due.evaluations_in_order(session, some), of_project)
    decisions = InOrder(queries_due.decisions_in_order(session, some), of_project)
    for project_id, own in groupby(rows, key=of_project):
        covering = [evaluation_facts(row) for row in evaluations.of(project_id)]
        in_force = {decision.id: decision for decision in decisions.of(project_id)}
        yield from [view(row, in_force, covering, as_of) for row in own]


def decisions_in_force(session: Session, rows: Iterable[ObligationRow]) -> dict[int, DecisionRow]:
    """The decisions that count about these kept obligations, by key."""
    ids = sorted({key for row in rows for key in (row.waiver_id, row.reschedule_id) if key is not None})
    return {
        decision.id: decision
        for start in range(0, len(ids), _CHUNK)
        for decision in queries_facts.decisions_by_key(session, ids[start : start + _CHUNK])
    }


def _is_untold(row: ObligationRow) -> bool:
    """Whether the row says that something cannot, or could not, be judged."""
    return row.status == CANNOT_TELL or row.key.startswith("?")


def view(
    row: OwedRow, decisions: Mapping[int, DecisionRow], evaluations: Collection[EvaluationFacts], as_of: dt.date
) -> View[OwedRow]:
    """``evaluations``: of the project."""
    if _is_untold(row):
        if row.status != CANNOT_TELL:
            return View(row=row, state=State.LAPSED.value)
        return of_unknown(row, unknown_of(row, row.project), evaluations, as_of)
    return of_standing(row, standing_of(row, row.project, decisions), evaluations, as_of)


def of_unknown(
    row: Shown, unknown: CannotTell, evaluations: Collection[EvaluationFacts], as_of: dt.date
) -> View[Shown]:
    """What cannot be told, or is done so that nobody needs to know."""
    met = met_anyway(unknown, evaluations, as_of)
    if met is None:
        return View(row=row, state=CANNOT_TELL)
    # what is asked once in the cycle has no evaluation of its own: the question falls away, and the final stands beside
    state = State.DONE if unknown.if_once is None else State.LAPSED
    return View(row=row, state=state.value, evaluation=met)


def of_standing(
    row: Shown, standing: Standing, evaluations: Collection[EvaluationFacts], as_of: dt.date
) -> View[Shown]:
    found = outlook(standing, evaluations, as_of)
    return View(
        row=row,
        state=found.state,
        standing=standing,
        obligation=found.obligation,
        evaluation=found.evaluation,
    )
