"""Alerts about evaluations: the rungs of every obligation, each recorded once."""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.alerts import queries
from app.alerts.recording import CATCH_UP_MONTHS, Record, Subject, record
from app.db.engine import in_batches
from app.db.portions import OfKeys
from app.domain.evaluation.alerts import may_alert, rungs_due
from app.domain.evaluation.policy import Rung
from app.domain.evaluation.terms import Stage, State
from app.domain.evaluation.words import why_owed
from app.domain.periods import add_months
from app.errors import Conflict
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.due import known_otherwise
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import standing, to_look_at
from app.evaluations.obligations.queries_stamps import last_assessment
from app.evaluations.obligations.rows import InstitutionRow, OwedRow
from app.evaluations.obligations.views import View, views
from app.evaluations.policies.rulebook import InUse, in_use
from app.work import Work

#: obligations looked at in one transaction
_BATCH = 2000
#: projects that a message names
_NAMED = 5
#: an obligation of a project or of the institution
Seen = View[OwedRow] | View[InstitutionRow]


def record_evaluations(work: Work) -> list[dict[str, object]]:
    """Records the rungs of every obligation that is to be looked at, batch by batch; gives what was recorded anew.

    Obligations must follow the facts.

    :raises Conflict: for a past day on which other facts were known than those that the obligations follow from.
    """
    with work.database.read() as session:
        _require_known(session, work.as_of)
        used, keys = in_use(session), queries_due.to_look_at(session, work.as_of)
    listed: list[dict[str, object]] = []
    for start in range(0, len(keys), _BATCH):
        with work.database.write(work.worker) as session, in_batches(session):
            work.held.guard(session)
            rows = queries_due.still_to_look_at(session, work.as_of, keys[start : start + _BATCH])
            listed += _record_batch(session, work, used, views(session, rows, work.as_of))
    with work.database.write(work.worker) as session:
        duties = institution_views(session, work.as_of, standing(), to_look_at(work.as_of))
        if duties:
            work.held.guard(session)
            listed += _record_batch(session, work, used, duties)
    return listed


def _require_known(session: Session, as_of: dt.date) -> None:
    """Refuses a past day that the kept obligations would judge by what was learnt after it."""
    last = last_assessment(session)
    if last is None or as_of >= last.as_of or not (otherwise := known_otherwise(session, as_of)):
        return
    labels = queries_due.labels_in_order(session, OfKeys(otherwise[:_NAMED]), None)
    codes = [label.project for label in labels]
    known = ", ".join(codes) + (f" and {len(otherwise) - len(codes)} more" if len(otherwise) > len(codes) else "")
    raise Conflict(
        f"Evaluations are judged as of {last.as_of}, and on {as_of} other facts were known of "
        f"{known}: alerts of that day would tell what nobody knew yet. Run it for {last.as_of} or a "
        "later day: every step that was reached meanwhile is recorded then."
    )


def _record_batch(session: Session, work: Work, used: InUse, seen: Sequence[Seen]) -> list[dict[str, object]]:
    known = Record(session, "obligation", [one.row.id for one in seen])
    due, looked = [], []
    for one in seen:
        ladder = used.ladder(one.row.rules, one.row.told_kind)
        # what an earlier version of the policy demanded stands, and is told by the ladder of the newest one
        known_from = [day for day in (one.row.activation_on, used.active_from(one.row.rules)) if day is not None]
        activation = max(known_from, default=add_months(work.as_of, -CATCH_UP_MONTHS))
        alerted = may_alert(Stage(one.row.stage), State(one.state))
        if alerted and one.obligation is not None:
            rungs = rungs_due(one.obligation, ladder, work.as_of, known.keys[one.row.id], activation)
            due += [(_subject(one), rung) for rung in rungs]
        next_on = _look_on(one, ladder, work.as_of)
        looked.append({"row_id": one.row.id, "look_on": next_on, "activation_on": activation})
    made = record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
    queries.looked_at(session, looked)
    labels = {one.row.id: one.row for one in seen}
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


def _subject(one: Seen) -> Subject:
    row = one.row
    noun = f"{row.kind} {row.number}" if row.number else row.kind
    why = why_owed(one.reason, row.rules)
    return Subject(
        kind="obligation",
        id=row.id,
        project_id=row.project_id,
        officer_id=row.officer_id,
        unit_id=row.unit_id if row.project_id is None else None,
        words=f"{row.project}: {noun} evaluation ({one.independence}), due {one.due}. {why}",
    )


def _look_on(one: Seen, ladder: tuple[Rung, ...], as_of: dt.date) -> dt.date | None:
    """The next day on which a rung is reached; a project in the pipeline is looked at every night, until it begins."""
    if one.obligation is None:
        return None
    if Stage(one.row.stage) is Stage.PIPELINE:
        return as_of
    ahead = [day for rung in ladder if (day := add_months(one.obligation.due, -rung.months_before)) > as_of]
    return min(ahead, default=None)
