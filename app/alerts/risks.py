"""Alerts about risks: reviews that fall due, to whoever owns the risk; what is escalated, to the head of the unit."""

from app.alerts.followup import RISK_ESCALATED, RISK_LADDER
from app.alerts.recording import CATCH_UP_MONTHS, Record, Recorded, Subject, record
from app.domain.evaluation.alerts import RungDue, rungs_towards
from app.domain.periods import add_months
from app.projects import queries_risks as queries
from app.projects.queries_risks import Watched
from app.work import Work

_BATCH = 500


def record_risks(work: Work) -> list[dict[str, object]]:
    """Records the rungs of open risks; gives what this run recorded anew."""
    made: list[Recorded] = []
    after = 0
    activation = add_months(work.as_of, -CATCH_UP_MONTHS)
    while True:
        with work.database.write(work.worker) as session:
            rows = queries.open_risks(session, work.as_of, after, _BATCH)
            if not rows:
                break
            work.held.guard(session)
            known = Record(session, "risk", [row.id for row in rows])
            due: list[tuple[Subject, RungDue]] = []
            for row in rows:
                keys = known.keys[row.id]
                rungs = rungs_towards(row.review_on, RISK_LADDER, work.as_of, keys, activation)
                due += [(_subject(row, row.owner_id), rung) for rung in rungs]
                if row.escalated_on is not None and row.escalated_on <= work.as_of:
                    on = row.escalated_on
                    step = RungDue(rung=RISK_ESCALATED, rung_date=on, due=on, told=on >= activation)
                    if step.key not in keys:
                        due.append((_subject(row, None), step))
            made += record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
        after = rows[-1].id
    return [
        {
            "subject": "risk",
            "risk": one.subject.id,
            "rung": one.rung.rung.name,
            "rung_date": one.rung.rung_date.isoformat(),
            "due": one.rung.due.isoformat(),
        }
        for one in made
    ]


def _subject(row: Watched, officer_id: int | None) -> Subject:
    what = row.event
    words = f"Risk {row.reference} of the unit {row.unit}, to be reviewed by {row.review_on}: {what}."
    if row.project:
        words = f"Risk {row.reference} of the project {row.project}, to be reviewed by {row.review_on}: {what}."
    return Subject(
        kind="risk",
        id=row.id,
        project_id=None,
        officer_id=officer_id,
        unit_id=row.unit_id,
        words=words,
    )
