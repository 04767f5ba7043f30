"""A portfolio of obligations whose facts change, for the tests that tell what becomes of them."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.domain.evaluation.changes import reconcile
from app.domain.evaluation.facts import EvaluationFacts, ProjectFacts
from app.domain.evaluation.records import (
    BecameInterim,
    Changes,
    Created,
    Lapsed,
    Restated,
    Standing,
    Superseded,
)
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.states import state_of
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, State
from tests.domain.evaluation.cases import (
    BOOK,
    assessed,
    day,
    evaluation,
    policy,
    project,
    rule,
)

S = EvaluationStatus

#: a clause of a partner by which the mid-term is external
CLAUSE = policy("clause-nl", rule("mid", Kind.MID_TERM, Independence.EXTERNAL), owner="NL")


@dataclass
class Portfolio:
    """Keeps obligations the way a database would: rows are added, closed and pointed at, never removed."""

    facts: ProjectFacts
    book: Rulebook = BOOK
    evaluations: list[EvaluationFacts] = field(default_factory=list)
    rows: dict[int, Standing] = field(default_factory=dict)

    def recompute(self, as_of: str | date, cause: str | date | None = None, because: str = "") -> Changes:
        today = as_of if isinstance(as_of, date) else day(as_of)
        caused = day(cause) if isinstance(cause, str) else cause
        changes = reconcile(
            self.rows.values(),
            assessed(self.facts, self.book),
            self.facts,
            self.evaluations,
            as_of=today,
            cause_date=caused,
            because=because,
        )
        for change in changes.changes:
            match change:
                case Created(obligation=new):
                    self._add(Standing(id=0, obligation=new))
                case Superseded(id=number, successor=new):
                    was, moved = self.rows[number].obligation, self.rows[number].reschedule
                    # a date that was moved goes over to what takes its place, as in a replay
                    stays = moved if moved is not None and was.due <= new.due < moved.due else None
                    successor = self._add(Standing(id=0, obligation=new, reschedule=stays))
                    self.rows[number] = replace(self.rows[number], superseded_by=successor)
                case Restated(id=number, obligation=new):
                    self.rows[number] = replace(self.rows[number], obligation=new)
                case Lapsed(id=number, reason=reason, at_end=end):
                    self.rows[number] = replace(self.rows[number], lapsed_because=reason, lapsed_at_end=end)
                case BecameInterim(evaluation=number):
                    self.evaluations = [
                        replace(one, kind=Kind.INTERIM) if one.id == number else one for one in self.evaluations
                    ]
        return changes

    def revise(self, as_of: str, cause: str | None = None, because: str = "", **facts: Any) -> Changes:
        self.facts = replace(self.facts, **facts)
        return self.recompute(as_of, cause or as_of, because)

    def current(self, kind: Kind, ordinal: int = 0) -> Standing | None:
        found = [
            row
            for row in self.rows.values()
            if row.is_current and (row.obligation.kind, row.obligation.ordinal) == (kind, ordinal)
        ]
        assert len(found) < 2
        return found[0] if found else None

    def due(self, kind: Kind, ordinal: int = 0) -> str | None:
        found = self.current(kind, ordinal)
        return None if found is None else found.obligation.due.isoformat()

    def states(self, as_of: str) -> dict[int, State]:
        return {number: state_of(row, self.evaluations, day(as_of)) for number, row in self.rows.items()}

    def _add(self, standing: Standing) -> int:
        number = len(self.rows) + 1
        self.rows[number] = replace(standing, id=number)
        return number


def three_years(budget: int = 3_000_000, **facts: Any) -> Portfolio:
    """2024-03-01 to 2027-02-28: mid-term (1) due 2025-08-30, final (2) due 2027-02-28."""
    portfolio = Portfolio(project("2024-03-01", "2027-02-28", budget, **facts))
    assert len(portfolio.recompute("2024-03-01").changes) == len(portfolio.rows)
    return portfolio


def under_way(finished: str | None, planned_end: str = "2025-07-31") -> Portfolio:
    """The mid-term is in the field when the end moves by three years, to a midpoint of 2027-03-01."""
    portfolio = three_years()
    portfolio.evaluations = [
        evaluation(Kind.MID_TERM, S.FIELD_WORK, Independence.INTERNAL, planned_end=day(planned_end))
    ]
    changes = portfolio.revise("2025-06-15", planned_end=day("2030-02-28"))
    assert any(isinstance(change, BecameInterim) and change.evaluation == 1 for change in changes.changes)
    if finished:
        done = replace(portfolio.evaluations[0], status=S.FINAL, completed_on=day(finished))
        portfolio.evaluations = [done]
    return portfolio
