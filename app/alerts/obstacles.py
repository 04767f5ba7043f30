"""Alerts about obstacles to delivery: what an officer escalates is told to the head of the unit, once."""

from app.alerts import queries_obstacles
from app.alerts.queries_obstacles import Obstacle
from app.alerts.recording import Record, Recorded, Subject, record
from app.domain.evaluation.alerts import RungDue
from app.domain.evaluation.policy import Rung
from app.work import Work

_BATCH = 500
#: there is one step only: the day on which the officer asks for help
ESCALATED = Rung(name="delivery-obstacle", months_before=0, ask="Clear away what stands in the way.")


def record_obstacles(work: Work) -> list[dict[str, object]]:
    """Records what was escalated and is not in the record yet; gives what this run recorded anew."""
    made: list[Recorded] = []
    after = 0
    while True:
        with work.database.write(work.worker) as session:
            rows = queries_obstacles.escalated(session, work.as_of, after, _BATCH)
            if not rows:
                break
            work.held.guard(session)
            known = Record(session, "delivery", [row.id for row in rows])
            due = [
                (_subject(row), rung)
                for row in rows
                if not row.overtaken
                and (rung := RungDue(rung=ESCALATED, rung_date=row.noted_on, due=row.due_on, told=True)).key
                not in known.keys[row.id]
            ]
            made += record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
        after = rows[-1].id
    return [
        {
            "subject": "delivery",
            "note": one.subject.id,
            "rung": one.rung.rung.name,
            "rung_date": one.rung.rung_date.isoformat(),
            "due": one.rung.due.isoformat(),
        }
        for one in made
    ]


def _subject(row: Obstacle) -> Subject:
    """It names no officer, so that the head of the project's unit is told."""
    return Subject(
        kind="delivery",
        id=row.id,
        project_id=row.project_id,
        officer_id=None,
        words=f"{row.obstacle.rstrip('.')}. The problem: {row.problem.rstrip('.')}. Action: {row.action.rstrip('.')} "
        f"({row.owner}, by {row.due_on}).",
    )
