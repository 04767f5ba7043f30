"""Alerts after which nothing happened: the head of the unit is told, once."""

import datetime as dt

from app.alerts import messages, queries
from app.alerts.rows import Alerted
from app.alerts.standing import Standing, standings
from app.db import bulk
from app.db.alerts import AlertEvent
from app.db.base import table, utc_now
from app.domain.evaluation.alerts import PATIENCE_DAYS, AlertFacts, Attention, attention
from app.domain.evaluation.terms import State
from app.work import Work

_BATCH = 500


def escalate(work: Work, *kinds: str) -> int:
    """Tells heads of units of alerts about subjects of these kinds; gives the number of messages."""
    until = work.as_of - dt.timedelta(days=PATIENCE_DAYS)
    after = sent = 0
    while True:
        with work.database.write(work.worker) as session:
            rows = queries.impatient(session, kinds, until, after, _BATCH)
            if not rows:
                return sent
            work.held.guard(session)
            seen = standings(session, rows, work.as_of)
            verdicts = [(row, _attention(row, seen[row.id], work.as_of)) for row in rows]
            events = [
                {
                    "alert_id": row.id,
                    "kind": "escalated" if verdict is Attention.ESCALATE else "suppressed",
                    "reason": "" if verdict is Attention.ESCALATE else queries.SETTLED,
                    "recorded_at": utc_now(),
                    "recorded_by": work.worker,
                }
                for row, verdict in verdicts
                if verdict in (Attention.ESCALATE, Attention.WITHDRAWN)
            ]
            column = table(AlertEvent).c.alert_id
            new = {row.alert_id for row in bulk.insert_missing(session, AlertEvent, events, column)}
            late = [row for row, verdict in verdicts if verdict is Attention.ESCALATE and row.id in new]
            sent += messages.tell_heads(session, work, late)
        after = rows[-1].id


def _attention(row: Alerted, standing: Standing, as_of: dt.date) -> Attention:
    if standing.over:
        return Attention.WITHDRAWN
    recorded_on = max(row.as_of, standing.owed_again_on or row.as_of)
    facts = AlertFacts(due=row.due_on, recorded_on=recorded_on, snoozed_until=row.snoozed_until)
    return attention(facts, State.UNDER_WAY if standing.begun else State.OVERDUE, row.due_on, as_of)
