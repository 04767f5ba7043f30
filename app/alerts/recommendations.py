"""Alerts about recommendations: the management response, and what was agreed to be done."""

import datetime as dt

from app.alerts import queries
from app.alerts.followup import LADDERS, due_of
from app.alerts.recording import CATCH_UP_MONTHS, Record, Recorded, Subject, record
from app.alerts.rows import Recommended
from app.domain.evaluation.alerts import rungs_towards
from app.domain.periods import add_months
from app.work import Work

_BATCH = 500


def record_recommendations(work: Work) -> list[dict[str, object]]:
    """Records the rungs of open recommendations; gives what this run recorded anew."""
    recorded: list[Recorded] = []
    after = 0
    while True:
        with work.database.write(work.worker) as session:
            rows = queries.open_recommendations(session, after, _BATCH)
            if not rows:
                break
            work.held.guard(session)
            ids = [row.id for row in rows]
            for kind, ladder in LADDERS.items():
                known = Record(session, kind, ids)
                due = []
                for row in rows:
                    day = due_of(row, kind)
                    if day is None:
                        continue
                    activation = add_months(work.as_of, -CATCH_UP_MONTHS)
                    subject = _subject(row, kind, day)
                    rungs = rungs_towards(day, ladder, work.as_of, known.keys[row.id], activation)
                    due += [(subject, rung) for rung in rungs]
                recorded += record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
        after = rows[-1].id
    return [
        {
            "subject": one.subject.kind,
            "recommendation": one.subject.id,
            "rung": one.rung.rung.name,
            "rung_date": one.rung.rung_date.isoformat(),
            "due": one.rung.due.isoformat(),
        }
        for one in recorded
    ]


def _subject(row: Recommended, kind: str, day: dt.date) -> Subject:
    owner = f" Owner: {row.owner}." if row.owner else ""
    return Subject(
        kind=kind,
        id=row.id,
        project_id=row.project_id,
        officer_id=row.officer_id,
        unit_id=row.unit_id,
        words=f"Recommendation {row.reference}, due {day}: {row.text}{owner}",
    )
