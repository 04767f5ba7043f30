"""Runs a job: under its lease, with its history, for a day."""

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger

from app.causes import caused_by
from app.config import Settings
from app.db.alerts import JobRun
from app.db.base import key, utc_now
from app.db.engine import Database
from app.db.leases import lease, worker_name
from app.jobs import queries
from app.tracing import span
from app.work import Result, Work

log = logging.getLogger("earmark.jobs")

#: seconds that a run asked for by hand waits for another worker at the same job
PATIENCE = 90.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """A line of the timetable."""

    name: str
    #: what it does, in a few words
    purpose: str
    run: Callable[[Work], Result]
    #: when it runs, given the name of the time zone; None: when it is asked for
    schedule: Callable[[str], BaseTrigger] | None
    #: once for each local day, however often the clock shows its hour
    once_a_day: bool = True
    #: asked by the timetable before it begins, so that a job with nothing to do leaves no trace; None: always runs
    wanted: Callable[[Database], bool] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A run that is over."""

    run: int
    as_of: dt.date
    content: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        return {"run": self.run, "as_of": self.as_of.isoformat(), **self.content}


def run_job(database: Database, settings: Settings, job: Job, as_of: dt.date, *, patience: float = PATIENCE) -> Report:
    """Runs a job now, and keeps that it ran and what came of it.

    :raises LeaseHeld: when another worker is at it and does not end within ``patience`` seconds.
    """
    worker = worker_name()
    with lease(database, f"job:{job.name}", worker, patience=patience) as held:
        with database.write(worker) as session:
            held.guard(session)
            queries.fail_lost_runs(session, job.name, utc_now())
            run = JobRun(job=job.name, as_of=as_of, worker=worker)
            session.add(run)
            session.flush()
            run_id = key(run)
        with caused_by(f"{job.name}-{run_id}"), span(f"job {job.name}"):
            try:
                result = job.run(Work(database=database, settings=settings, as_of=as_of, run_id=run_id, held=held))
            except Exception as error:
                _finish(database, run_id, "failed", {}, error)
                raise
            _finish(database, run_id, "done", result.summary, None)
        return Report(run=run_id, as_of=as_of, content=result.content)


def _finish(
    database: Database, run_id: int, outcome: str, summary: Mapping[str, object], error: Exception | None
) -> None:
    with database.write("jobs") as session:
        run = session.get_one(JobRun, run_id)
        run.outcome, run.summary, run.finished_at = outcome, dict(summary), utc_now()
        if error is not None:
            run.error = "".join(traceback.format_exception_only(error)).strip()
    if error is not None:
        log.error("job %s failed: %s", run.job, run.error)
