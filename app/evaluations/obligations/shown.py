"""Obligations as they are answered: with the state of the day and the decisions about them."""

import datetime as dt

from sqlmodel import Session

from app.evaluations.obligations import queries_due, queries_facts, queries_institution
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import of_keys
from app.evaluations.obligations.schemas import DecisionOut, obligation_fields
from app.evaluations.obligations.views import views
from app.http.lists import Shown


def shown_by_id(session: Session, ids: list[int], today: dt.date) -> list[Shown]:
    """Obligations in the order of their keys given, with state and decisions; a constant number of statements."""
    rows = queries_due.by_ids(session, ids)
    others = sorted(set(ids) - {row.id for row in rows})
    duties = institution_views(session, today, of_keys(others)) if others else []
    decisions: dict[int, list[Shown]] = {key: [] for key in ids}
    in_force = {row.id: [row.waiver_id, row.reschedule_id] for row in rows}
    kept = queries_institution.rows(session, of_keys(others)) if others else []
    in_force |= {own.id: [own.waiver_id, own.reschedule_id] for own, _ in kept}
    for owner, row in queries_facts.decisions_about(session, in_force):
        shown = DecisionOut(
            kind=row.kind, reason=row.reason, approver=row.approver, decided_on=row.decided_on, due_on=row.new_due_on,
            taken_back_on=row.taken_back_on, taken_back_reason=row.back_reason,
        )  # fmt: skip
        decisions[owner].append(shown.model_dump())
    found = {one.row.id: obligation_fields(one) for one in views(session, rows, today)}
    found |= {one.row.id: obligation_fields(one) for one in duties}
    return [{**found[key], "decisions": decisions[key]} for key in ids if key in found]
