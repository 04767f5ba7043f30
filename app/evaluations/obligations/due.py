"""The due list and the calendar of a year, as of any day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.rates import stored_rates
from app.domain.evaluation.facts import CannotTell, Obligation
from app.domain.evaluation.obligations import assess, bases_used
from app.domain.evaluation.records import Standing
from app.domain.evaluation.states import is_listed
from app.domain.evaluation.terms import State
from app.errors import Fault, InvalidInput
from app.evaluations.obligations import queries_due, queries_facts
from app.evaluations.obligations.facts import load, standing_of
from app.evaluations.obligations.views import CANNOT_TELL, Evaluations, View, of_standing, views
from app.evaluations.policies.rulebook import in_use

_CHUNK = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRow:
    """One line of the due list."""

    #: key of the obligation; None when it follows from facts of another day than the ones computed
    obligation: int | None
    project: str
    title: str
    unit: str | None
    officer: str | None
    #: None when nothing at all can be told
    kind: str | None
    number: int
    independence: str | None
    state: str
    window_opens: dt.date | None
    due: dt.date | None
    late: dt.date | None
    reason: str
    rules: tuple[str, ...]
    #: reference of the evaluation that is planned or under way
    evaluation: str | None = None
    #: what is not known, for what cannot be told
    missing: str | None = None
    rescheduled: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        content: dict[str, Any] = {
            "project": self.project,
            "kind": self.kind,
            "independence": self.independence,
            "state": self.state,
            "window_opens": _iso(self.window_opens),
            "due": _iso(self.due),
            "late": _iso(self.late),
            "reason": self.reason,
            "rules": list(self.rules),
            "officer": self.officer,
            "evaluation": self.evaluation,
            "obligation": self.obligation,
            "unit": self.unit,
        }
        if self.number:
            content["number"] = self.number
        if self.missing is not None:
            content["missing"] = self.missing
        if self.rescheduled is not None:
            content["rescheduled"] = self.rescheduled
        return content


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def due(session: Session, as_of: dt.date, *, within: int = 0, unit: str | None = None) -> list[DueRow]:
    """What is open with its window opened, or due within so many days, and all that cannot be told; by due date.

    Call :func:`app.evaluations.obligations.recompute.refresh` before. Projects of which other facts were known on
    ``as_of`` than on the day of the computation are judged anew, in memory. Raises ``OverflowError`` for days outside
    the calendar.
    """
    if unit is not None and row_by(session, Unit, "code", unit) is None:
        raise InvalidInput([Fault(pointer="/query/unit", rule="unit.unknown", message=f"There is no unit {unit}.")])
    until = as_of + dt.timedelta(days=within)
    rows = queries_due.due_candidates(session, as_of, until, unit)
    otherwise = set(known_otherwise(session, as_of))
    found = views(session, [row for row in rows if row.project_id not in otherwise], as_of)
    found += judged_anew(session, sorted(otherwise), as_of, unit)
    listed = [
        due_row(one)
        for one in found
        if one.state == CANNOT_TELL
        or (one.standing is not None and is_listed(one.standing, State(one.state), as_of, within_days=within))
    ]
    return sorted(listed, key=_order)


def _order(row: DueRow) -> Any:
    return (row.due is None, row.due or dt.date.max, row.project, row.kind or "", row.number, row.obligation or 0)


def due_row(one: View) -> DueRow:
    row, obligation, standing = one.row, one.obligation, one.standing
    moved = standing.reschedule if standing is not None else None
    return DueRow(
        obligation=row.id,
        project=row.project,
        title=row.project_title,
        unit=row.unit,
        officer=row.officer,
        kind=row.kind,
        number=row.number,
        independence=row.independence,
        state=str(one.state),
        window_opens=obligation.opens if obligation else None,
        due=obligation.due if obligation else row.due_on,
        late=obligation.late if obligation else None,
        reason=row.reason,
        rules=tuple(row.rules),
        evaluation=one.reference,
        missing=row.missing,
        rescheduled=f"from {row.due_on} by {moved.approved_by}: {moved.reason}" if moved and obligation else None,
    )


def known_otherwise(session: Session, as_of: dt.date) -> list[int]:
    """Projects whose facts of the day differ from those their obligations were computed from."""
    last = queries_facts.last_assessment(session)
    if last is None:
        return []
    coming = queries_due.facts_coming(session, as_of)
    if as_of >= last.as_of:
        return coming
    return sorted({*coming, *queries_facts.projects_known_otherwise(session, as_of, last.as_of)})


def judged_anew(session: Session, ids: list[int], as_of: dt.date, unit: str | None) -> Iterator[View]:
    """What these projects owe by the facts of the day, judged in memory; ``unit`` leaves out other units' projects."""
    if not ids:
        return
    used = in_use(session)
    rates = stored_rates(session)
    bases = bases_used(used.rulebook)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        labels = {row.id: row for row in queries_due.project_labels(session, chunk, unit)}
        evaluations = Evaluations()
        evaluations.load(session, chunk)
        kept = _kept(session, chunk)
        for known in load(session, chunk, as_of, rates, bases).known:
            label = labels.get(known.id)
            if label is None:
                continue
            verdict = assess(known.facts, used.rulebook, rates)
            for obligation in verdict.obligations:
                standing = kept.get((known.id, obligation.kind, obligation.ordinal, obligation.due))
                row = _row(label, obligation, standing)
                yield of_standing(row, standing or Standing(id=0, obligation=obligation), evaluations, as_of)
            for unknown in verdict.cannot_tell:
                yield View(row=_row(label, unknown, None), state=CANNOT_TELL)


def _kept(session: Session, ids: list[int]) -> dict[Any, Standing]:
    """Kept obligations by (project, kind, number, due), so that decisions about them are not forgotten."""
    decisions: dict[int, list[Any]] = defaultdict(list)
    for decision in queries_facts.decisions_of_projects(session, ids):
        decisions[decision.obligation_id].append(decision)
    found: dict[Any, Standing] = {}
    for row in queries_facts.obligations(session, ids):
        if row.status == "open":
            standing = standing_of(row, "", decisions[row.id])
            found[row.project_id, standing.obligation.kind, row.number, row.due_on] = standing
    return found


def _row(label: Any, owed: Obligation | CannotTell, standing: Standing | None) -> Any:
    """What the query of kept obligations would have given."""
    common = {
        "id": standing.id if standing else None,
        "project_id": label.id,
        "project": label.project,
        "project_title": label.project_title,
        "stage": label.stage,
        "officer_id": label.officer_id,
        "unit_id": label.unit_id,
        "unit": label.unit,
        "officer": label.officer,
        "kind": owed.kind.value if owed.kind else None,
        "reason": owed.reason,
        "rules": list(owed.rules),
        "due_on": owed.due,
    }
    if isinstance(owed, CannotTell):
        return SimpleNamespace(**common, number=0, independence=None, missing="; ".join(owed.missing))
    return SimpleNamespace(**common, number=owed.ordinal, independence=owed.independence.value, missing=None)
