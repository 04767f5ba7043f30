"""Obligations as people see them on a day: with the state that evaluations, waivers and the day make of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.domain.evaluation.facts import EvaluationFacts, Obligation
from app.domain.evaluation.records import Standing
from app.domain.evaluation.states import best_evaluation, serving_kinds, state_of, with_reschedule
from app.domain.evaluation.terms import Kind, State
from app.evaluations.obligations import queries_due, queries_facts
from app.evaluations.obligations.facts import evaluation_facts, standing_of

#: state of what cannot be judged
CANNOT_TELL = "cannot-tell"

_CHUNK = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """An obligation on a day."""

    #: of the query ``joined``: the obligation's columns with the project's
    row: Any
    #: a :class:`State`, or :data:`CANNOT_TELL`
    state: str
    #: None for what cannot be told
    standing: Standing | None = None
    #: with the due date that counts: an approved reschedule has moved it
    obligation: Obligation | None = None
    #: the evaluation that tells the state, with its reference
    evaluation: EvaluationFacts | None = None
    reference: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state != CANNOT_TELL and State(self.state).is_open


class Evaluations:
    """Evaluations of some projects, by project, with their references."""

    def __init__(self) -> None:
        self._of: dict[int, dict[int, EvaluationFacts]] = defaultdict(dict)
        self.references: dict[int, str] = {}

    def load(self, session: Session, project_ids: Iterable[int], kinds: Iterable[Kind] = Kind) -> None:
        """Adds those of the projects, of these kinds; a statement for every five thousand projects."""
        ids, wanted = sorted(set(project_ids)), sorted(kind.value for kind in kinds)
        for start in range(0, len(ids), _CHUNK):
            for row in queries_due.evaluations_of(session, ids[start : start + _CHUNK], wanted):
                self._of[row.project_id][row.id] = evaluation_facts(row)
                self.references[row.id] = row.reference

    def of(self, project_id: int) -> Collection[EvaluationFacts]:
        return self._of[project_id].values() if project_id in self._of else ()


def views(session: Session, rows: Sequence[Any], as_of: dt.date) -> list[View]:
    """The rows with their states; the number of statements follows that of kinds and of five thousands of rows."""
    serving: dict[frozenset[Kind], set[int]] = defaultdict(set)
    for row in rows:
        if not _is_untold(row):
            others = (Kind(kind) for kind in (row.terms or {}).get("or_kinds", ()))
            serving[serving_kinds(Kind(row.kind), others)].add(row.project_id)
    evaluations = Evaluations()
    for kinds, projects in serving.items():
        evaluations.load(session, projects, kinds)
    decisions: dict[int, list[Any]] = defaultdict(list)
    ids = [row.id for row in rows if row.decided]
    for start in range(0, len(ids), _CHUNK):
        for decision in queries_facts.decisions(session, ids[start : start + _CHUNK]):
            decisions[decision.obligation_id].append(decision)
    return [view(row, decisions[row.id], evaluations, as_of) for row in rows]


def _is_untold(row: Any) -> bool:
    """Whether the row says that something cannot, or could not, be judged."""
    return bool(row.status == CANNOT_TELL or row.key.startswith("?"))


def view(row: Any, decisions: Sequence[Any], evaluations: Evaluations, as_of: dt.date) -> View:
    if _is_untold(row):
        return View(row=row, state=CANNOT_TELL if row.status == CANNOT_TELL else State.LAPSED.value)
    return of_standing(row, standing_of(row, row.project, decisions), evaluations, as_of)


def of_standing(row: Any, standing: Standing, evaluations: Evaluations, as_of: dt.date) -> View:
    covering = evaluations.of(row.project_id)
    obligation = with_reschedule(standing, as_of)
    best = best_evaluation(obligation, covering, as_of)
    return View(
        row=row,
        state=state_of(standing, covering, as_of),
        standing=standing,
        obligation=obligation,
        evaluation=best,
        reference=None if best is None else evaluations.references[best.id],
    )
