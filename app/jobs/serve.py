"""The scheduler: runs the timetable until it is told to stop.

Times are wall-clock times of the organisation's zone. When a clock goes back, an hour comes twice and the scheduler
calls twice; a job of the day looks into the history first and runs once. When the process was down at a job's hour, the
job runs as soon as it is up again. Several schedulers may run at once: leases let one of them work, and the others look
again until the day's work is done, so that it is done whichever of them dies.
"""

import datetime as dt
import logging
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.db.leases import LASTS, LeaseHeld
from app.errors import EarmarkError, StorageFailed
from app.jobs import queries
from app.jobs.runner import Job, Report, run_job
from app.jobs.timetable import JOBS

log = logging.getLogger("earmark.jobs")


def run_scheduled(
    database: Database, settings: Settings, job: Job, now: Callable[[], dt.datetime] = utc_now
) -> Report | None:
    """Runs a job that is due by the timetable; None when it was done for this local day.

    :raises LeaseHeld: when another worker is at it, or was and has not been gone for long enough.
    """
    today = now().astimezone(ZoneInfo(settings.timezone)).date()
    if job.once_a_day:
        with database.read() as session:
            if queries.was_done(session, job.name, today):
                return None
    if job.wanted is not None and not job.wanted(database):
        return None
    return run_job(database, settings, job, today, patience=0)


def run_and_log(database: Database, settings: Settings, job: Job) -> bool:
    """Runs a job that is due; gives whether it has to be looked at again soon, since the day's work is not done yet.

    A database that is away, as during a failover, fails no job. Neither does a lease that another worker holds: it may
    die at the work, or be this very worker, which could not give its lease back while the database was away. What goes
    wrong otherwise is in the log and in the history, and the timetable goes on.
    """
    try:
        report = run_scheduled(database, settings, job)
    except LeaseHeld:
        return job.once_a_day
    except StorageFailed as error:
        log.warning("job %s waits for its database: %s", job.name, error.message)
        return job.once_a_day
    except EarmarkError as error:
        log.error("job %s: %s: %s", job.name, error.title, error.message)
    else:
        if report is not None and job.once_a_day:
            log.info("job %s done for %s", job.name, report.as_of)
    return False


def run_until_done(scheduler: BaseScheduler, database: Database, settings: Settings, job: Job, looks: int = 0) -> None:
    """Runs a job that is due, and has the scheduler look at it again until somebody has done the day's work.

    A look costs one statement. No thread waits for it, and a worker that is told to stop leaves it to the others.
    """
    if run_and_log(database, settings, job):
        scheduler.add_job(
            run_until_done,
            DateTrigger(utc_now() + pause_after(looks)),
            args=(scheduler, database, settings, job, looks + 1),
            id=f"{job.name} again",
            replace_existing=True,
        )


def pause_after(looks: int) -> dt.timedelta:
    """How long until a job is looked at again: a second, two, four … at most a minute, which is what a lease lasts."""
    return min(dt.timedelta(seconds=1 << min(looks, 10)), LASTS)


def next_fire_time(trigger: BaseTrigger, now: dt.datetime) -> dt.datetime | None:
    """When a trigger fires next after ``now``."""
    found: dt.datetime | None = trigger.get_next_fire_time(None, now)
    return found


def missed(database: Database, settings: Settings, job: Job, now: dt.datetime) -> bool:
    """Whether a job of the day should have run by now on this local day, and has not."""
    if not job.once_a_day or job.schedule is None:
        return False
    local = now.astimezone(ZoneInfo(settings.timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = next_fire_time(job.schedule(settings.timezone), midnight)
    if first is None or first > local:
        return False
    with database.read() as session:
        return not queries.was_done(session, job.name, local.date())


def make_scheduler(database: Database, settings: Settings) -> BlockingScheduler:
    """The scheduler with every job of the timetable, not started."""
    scheduler = BlockingScheduler(
        timezone=settings.timezone,
        # a run that is late still runs, and once for all that it missed
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    now = utc_now()
    for job in JOBS:
        if job.schedule is None:
            continue
        options: dict[str, dt.datetime] = {}
        if missed(database, settings, job, now):
            options["next_run_time"] = now
        scheduler.add_job(
            run_until_done,
            job.schedule(settings.timezone),
            args=(scheduler, database, settings, job),
            id=job.name,
            **options,
        )
    return scheduler


def serve(database: Database, settings: Settings) -> None:
    """Runs the timetable until the process is told to stop; a job that is under way then ends first."""
    scheduler = make_scheduler(database, settings)
    asked: SimpleQueue[None] = SimpleQueue()

    def stop_when_asked() -> None:
        asked.get()
        log.info("told to stop: what is under way ends, nothing more begins")
        scheduler.shutdown()

    def tell(*_: object) -> None:
        # a signal comes in between anything, such as the writing of a line of the log: this alone is safe everywhere
        asked.put(None)

    # who stops it is there once there is something to stop; a signal that came before waits for it
    scheduler.add_listener(
        lambda _: threading.Thread(target=stop_when_asked, daemon=True).start(), EVENT_SCHEDULER_STARTED
    )
    signal.signal(signal.SIGTERM, tell)
    scheduler.start()
