"""The nightly alerts about evaluations: recorded, told in one digest an officer, escalated when nothing happens.

Each step takes up where an interrupted run stopped: what is recorded is not recorded again, what is recorded and not
yet told gets its message, and messages wait in the outbox until they are sent.
"""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.alerts import messages, queries
from app.alerts.queries import Alerted
from app.alerts.recording import Record, Subject, record
from app.db import bulk
from app.db.alerts import AlertEvent
from app.db.base import table, utc_now
from app.db.engine import modest_memory
from app.domain.evaluation.alerts import PATIENCE_DAYS, AlertFacts, Attention, attention, may_alert, rungs_due
from app.domain.evaluation.policy import Rung
from app.domain.evaluation.terms import Stage, State
from app.domain.evaluation.words import why_owed
from app.domain.periods import add_months
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.recompute import refresh
from app.evaluations.obligations.rows import OwedRow
from app.evaluations.obligations.views import View, views
from app.evaluations.policies.rulebook import InUse, in_use
from app.work import Result, Work

#: obligations looked at in one transaction
_BATCH = 500
#: on the first run over what was imported, rungs older than this are recorded and nobody is told
CATCH_UP_MONTHS = 12


def evaluation_alerts(work: Work) -> Result:
    """Recomputes what has changed, records every rung that was reached, and tells of it."""
    refresh(work.database, work.as_of, progress=lambda _done, _all: work.held.renew())
    recorded = _record_all(work)
    escalated = _escalate(work)
    told = messages.tell(work)
    sent = messages.send(work)
    counts = {
        "recorded": len(recorded),
        "messages": told.messages + escalated,
        "sent": sent.sent,
        "failed": sent.failed,
    }
    return Result(
        content={"recorded": recorded, "messages": told.messages + escalated, "delivery": sent.as_dict()},
        summary={**counts, "escalated": escalated, "nobody": told.nobody, "handled": told.handled},
    )


def _record_all(work: Work) -> list[dict[str, object]]:
    """Records the rungs of every obligation that is to be looked at, batch by batch; gives what was recorded."""
    with work.database.read() as session:
        used, keys = in_use(session), queries_due.to_look_at(session, work.as_of)
    listed: list[dict[str, object]] = []
    for start in range(0, len(keys), _BATCH):
        with work.database.write(work.worker) as session, modest_memory(session):
            work.held.guard(session)
            rows = queries_due.still_to_look_at(session, work.as_of, keys[start : start + _BATCH])
            listed += _record_batch(session, work, used, rows)
    return listed


def _record_batch(session: Session, work: Work, used: InUse, rows: Sequence[OwedRow]) -> list[dict[str, object]]:
    known = Record(session, "obligation", [row.id for row in rows])
    due, looked = [], []
    for one in views(session, rows, work.as_of):
        ladder = used.ladder(one.row.rules, one.row.told_kind)
        activation = one.row.activation_on or add_months(work.as_of, -CATCH_UP_MONTHS)
        alerted = may_alert(Stage(one.row.stage), State(one.state))
        if alerted and one.obligation is not None:
            rungs = rungs_due(one.obligation, ladder, work.as_of, known.keys[one.row.id], activation)
            due += [(_subject(one), rung) for rung in rungs]
        next_on = _look_on(one, ladder, work.as_of)
        looked.append({"row_id": one.row.id, "look_on": next_on, "activation_on": activation})
    made = record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
    queries.looked_at(session, looked)
    labels = {row.id: row for row in rows}
    return [
        {
            "obligation": one.subject.id,
            "project": labels[one.subject.id].project,
            "kind": labels[one.subject.id].kind,
            "rung": one.rung.rung.name,
            "rung_date": one.rung.rung_date.isoformat(),
            "due": one.rung.due.isoformat(),
            "told": one.rung.told,
        }
        for one in made
    ]


def _subject(one: View[OwedRow]) -> Subject:
    row = one.row
    noun = f"{row.kind} {row.number}" if row.number else row.kind
    why = why_owed(one.reason, row.rules)
    return Subject(
        kind="obligation",
        id=row.id,
        project_id=row.project_id,
        officer_id=row.officer_id,
        words=f"{row.project}: {noun} evaluation ({one.independence}), due {one.due}. {why}",
    )


def _look_on(one: View[OwedRow], ladder: tuple[Rung, ...], as_of: dt.date) -> dt.date | None:
    """The next day on which a rung is reached; a project in the pipeline is looked at every night, until it begins."""
    if one.obligation is None:
        return None
    if Stage(one.row.stage) is Stage.PIPELINE:
        return as_of
    ahead = [day for rung in ladder if (day := add_months(one.obligation.due, -rung.months_before)) > as_of]
    return min(ahead, default=None)


def _escalate(work: Work) -> int:
    """Tells heads of units of alerts after which nothing happened; gives the number of messages."""
    until = work.as_of - dt.timedelta(days=PATIENCE_DAYS)
    after = sent = 0
    while True:
        with work.database.write(work.worker) as session:
            rows = queries.impatient(session, until, after, _BATCH)
            if not rows:
                return sent
            work.held.guard(session)
            seen = {
                one.row.id: one
                for one in views(session, queries_due.by_ids(session, [row.subject_id for row in rows]), work.as_of)
            }
            verdicts = [(row, _attention(row, seen.get(row.subject_id), work.as_of)) for row in rows]
            events = [
                {
                    "alert_id": row.id,
                    "kind": "escalated" if verdict is Attention.ESCALATE else "suppressed",
                    "reason": "" if verdict is Attention.ESCALATE else "settled, or moved to another date",
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


def _attention(row: Alerted, one: View[OwedRow] | None, as_of: dt.date) -> Attention:
    if one is None or one.obligation is None:
        return Attention.WITHDRAWN
    facts = AlertFacts(due=row.due_on, recorded_on=row.as_of, snoozed_until=row.snoozed_until)
    return attention(facts, State(one.state), one.obligation.due, as_of)
