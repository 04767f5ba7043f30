"""Obligations as they are answered: with the state of the day and the decisions about them."""

import datetime as dt

from sqlmodel import Session

from app.evaluations.obligations import queries_due, queries_facts
from app.evaluations.obligations.schemas import DecisionOut, obligation_fields
from app.evaluations.obligations.views import views
from app.http.lists import Shown


def shown_by_id(session: Session, ids: list[int], today: dt.date) -> list[Shown]:
    """Obligations in the order of their keys given, with state and decisions; a constant number of statements."""
    rows = queries_due.by_ids(session, ids)
    decisions: dict[int, list[Shown]] = {key: [] for key in ids}
    in_force = {row.id: [row.waiver_id, row.reschedule_id] for row in rows}
    for owner, row in queries_facts.decisions_about(session, in_force):
        shown = DecisionOut(
            kind=row.kind, reason=row.reason, approver=row.approver, decided_on=row.decided_on, due_on=row.new_due_on,
            taken_back_on=row.taken_back_on, taken_back_reason=row.back_reason,
        )  # fmt: skip
        decisions[owner].append(shown.model_dump())
    found = {view.row.id: {**obligation_fields(view), "decisions": decisions[view.row.id]} for view in
             views(session, rows, today)}  # fmt: skip
    return [found[key] for key in ids if key in found]
