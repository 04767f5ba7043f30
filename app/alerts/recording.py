"""Writes alerts into the record: each rung once, whoever comes first."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.alerts import queries
from app.db import bulk
from app.db.alerts import Alert, AlertEvent
from app.db.base import table, utc_now
from app.domain.evaluation.alerts import RungDue, RungKey

_alert = table(Alert).c

#: on the first run over what was imported, rungs older than this are recorded and nobody is told
CATCH_UP_MONTHS = 12
#: the words kept with an alert that nobody is told of
BEFORE_ACTIVATION = "reached before alerts came into use"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What alerts are about."""

    #: obligation | recommendation | response | plan | duty | delivery | risk
    kind: str
    id: int
    project_id: int | None
    officer_id: int | None
    #: the sentence an alert tells, without its rung
    words: str
    #: of a duty, what it is through all changes
    name: str = ""
    #: of what belongs to no project: whose head is told where there is no officer
    unit_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A rung that this run recorded."""

    subject: Subject
    rung: RungDue


class Record:
    """What is in the record about some subjects."""

    def __init__(self, session: Session, kind: str, ids: Sequence[int]) -> None:
        self.keys: dict[int, set[RungKey]] = defaultdict(set)
        self.newest: dict[tuple[int, dt.date], tuple[dt.date, int]] = {}
        for row in queries.recorded_alerts(session, kind, ids):
            self.keys[row.subject_id].add(RungKey(row.rung, row.due_on))
            place = (row.subject_id, row.due_on)
            self.newest[place] = max(self.newest.get(place, (dt.date.min, 0)), (row.rung_on, row.id))


def record(
    session: Session, due: Sequence[tuple[Subject, RungDue]], known: Record, *, as_of: dt.date, run_id: int, worker: str
) -> list[Recorded]:
    """Records rungs; of those that another worker recorded meanwhile nothing is said.

    The newest rung of a subject is told; the others refer to it. Where none is told (the rungs lie before alerts came
    into use) the newest carries an event that says so.
    """
    now = utc_now()

    def row(subject: Subject, rung: RungDue, told_by: int | None) -> dict[str, object]:
        ask = rung.rung.ask or rung.rung.name
        return {
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "project_id": subject.project_id,
            "officer_id": subject.officer_id,
            "unit_id": subject.unit_id,
            "rung": rung.rung.name,
            "rung_on": rung.rung_date,
            "due_on": rung.due,
            "as_of": as_of,
            "told_by_id": told_by,
            "message": f"{ask} {subject.words}",
            "run_id": run_id,
            "recorded_at": now,
            "recorded_by": worker,
        }

    newest: dict[tuple[int, dt.date], tuple[Subject, RungDue]] = {}
    for subject, rung in due:
        newest[subject.id, rung.due] = (subject, rung)
    heads = [
        row(subject, rung, None if rung.told else (known.newest.get(place) or (None, None))[1])
        for place, (subject, rung) in newest.items()
    ]
    made = _insert(session, heads)
    leaders = {(key[0], key[2]): made[key] for key in made}
    rest = [
        row(
            subject,
            rung,
            leaders.get((subject.id, rung.due)) or (known.newest.get((subject.id, rung.due)) or (0, None))[1],
        )
        for subject, rung in due
        if newest[subject.id, rung.due][1] is not rung
    ]
    made |= _insert(session, rest)
    silent = [
        {
            "alert_id": made[subject.id, rung.rung.name, rung.due],
            "kind": "suppressed",
            "reason": BEFORE_ACTIVATION,
            "recorded_at": now,
            "recorded_by": worker,
        }
        for place, (subject, rung) in newest.items()
        if not rung.told and place not in known.newest and (subject.id, rung.rung.name, rung.due) in made
    ]
    bulk.insert_missing(session, AlertEvent, silent, table(AlertEvent).c.id)
    return [
        Recorded(subject=subject, rung=rung) for subject, rung in due if (subject.id, rung.rung.name, rung.due) in made
    ]


def _insert(session: Session, rows: list[dict[str, object]]) -> dict[tuple[int, str, dt.date], int]:
    returned = (_alert.id, _alert.subject_id, _alert.rung, _alert.due_on)
    found = bulk.insert_missing(session, Alert, rows, *returned)
    return {(row.subject_id, row.rung, row.due_on): row.id for row in found}
