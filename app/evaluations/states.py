"""Obligations as people see them on a day: with the state that evaluations, waivers and the day make of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.domain.evaluation.facts import EvaluationFacts, Obligation
from app.domain.evaluation.records import Standing
from app.domain.evaluation.states import best_evaluation, state_of, with_reschedule
from app.domain.evaluation.terms import State
from app.evaluations import queries_due, queries_facts
from app.evaluations.facts import evaluation_facts, standing_of

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

    def __init__(self, session: Session, project_ids: Iterable[int]) -> None:
        self.of: dict[int, list[EvaluationFacts]] = defaultdict(list)
        self.references: dict[int, str] = {}
        ids = sorted(set(project_ids))
        for start in range(0, len(ids), _CHUNK):
            for row in queries_due.evaluations_of(session, ids[start : start + _CHUNK]):
                self.of[row.project_id].append(evaluation_facts(row))
                self.references[row.id] = row.reference


def views(session: Session, rows: Sequence[Any], as_of: dt.date) -> list[View]:
    """The rows with their states; two statements for every five thousand (one, where nobody has decided anything)."""
    evaluations = Evaluations(session, (row.project_id for row in rows))
    decisions: dict[int, list[Any]] = defaultdict(list)
    ids = [row.id for row in rows if row.decided]
    for start in range(0, len(ids), _CHUNK):
        for decision in queries_facts.decisions(session, ids[start : start + _CHUNK]):
            decisions[decision.obligation_id].append(decision)
    return [view(row, decisions[row.id], evaluations, as_of) for row in rows]


def view(row: Any, decisions: Sequence[Any], evaluations: Evaluations, as_of: dt.date) -> View:
    if row.status == CANNOT_TELL or row.key.startswith("?"):
        return View(row=row, state=CANNOT_TELL if row.status == CANNOT_TELL else State.LAPSED.value)
    return of_standing(row, standing_of(row, row.project, decisions), evaluations, as_of)


def of_standing(row: Any, standing: Standing, evaluations: Evaluations, as_of: dt.date) -> View:
    covering = evaluations.of.get(row.project_id, [])
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
