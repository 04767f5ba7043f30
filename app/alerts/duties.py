"""Alerts about what agreements ask for: reports, conditions, instalments, and what is about to end."""

from app.alerts import queries
from app.alerts.followup import DUTY_LADDERS
from app.alerts.recording import CATCH_UP_MONTHS, Record, Recorded, Subject, record
from app.domain.duties import Duty
from app.domain.evaluation.alerts import rungs_towards
from app.domain.periods import add_months
from app.reports.duties import gather
from app.work import Work

_BATCH = 500


def record_duties(work: Work) -> list[dict[str, object]]:
    """Records the rungs of open duties; gives what this run recorded anew."""
    with work.database.read() as session:
        reached = [duty for duty in gather(session, work.as_of) if _is_reached(duty, work)]
    made: list[Recorded] = []
    activation = add_months(work.as_of, -CATCH_UP_MONTHS)
    for start in range(0, len(reached), _BATCH):
        batch = reached[start : start + _BATCH]
        with work.database.write(work.worker) as session:
            work.held.guard(session)
            ids = queries.duty_ids(session, batch)
            known = Record(session, "duty", sorted(ids.values()))
            due = [
                (_subject(duty, ids[duty.name]), rung)
                for duty in batch
                for rung in rungs_towards(
                    duty.due, DUTY_LADDERS[duty.kind], work.as_of, known.keys[ids[duty.name]], activation
                )
            ]
            made += record(session, due, known, as_of=work.as_of, run_id=work.run_id, worker=work.worker)
    names = {duty.name: duty for duty in reached}
    return [_told(one, names[one.subject.name]) for one in made]


def _is_reached(duty: Duty, work: Work) -> bool:
    """Whether it is open, and its first rung has come."""
    first = max(rung.months_before for rung in DUTY_LADDERS[duty.kind])
    return duty.state(work.as_of).is_open and add_months(duty.due, -first) <= work.as_of


def _subject(duty: Duty, key: int) -> Subject:
    whose = f"{duty.agreement} ({duty.partner})" if duty.agreement else duty.partner
    return Subject(
        kind="duty",
        id=key,
        project_id=duty.project_id,
        officer_id=duty.officer_id,
        unit_id=duty.unit_id if duty.project_id is None else None,
        words=f"{whose}: {duty.what}, due {duty.due}.",
        name=duty.name,
    )


def _told(one: Recorded, duty: Duty) -> dict[str, object]:
    return {
        "subject": "duty",
        "duty": one.subject.id,
        "agreement": duty.agreement,
        "partner": duty.partner,
        "kind": duty.kind.value,
        "rung": one.rung.rung.name,
        "rung_date": one.rung.rung_date.isoformat(),
        "due": one.rung.due.isoformat(),
    }
