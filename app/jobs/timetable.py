"""The whole timetable, in one place. Hours are those of the time zone in the settings.

The nightly jobs run in hours that no clock change skips or repeats in most places; where one does, each runs once for
each local day all the same.
"""

from collections.abc import Callable

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app.alerts.daily import agreement_alerts, daily_alerts, delivery_alerts, evaluation_alerts, recommendation_alerts
from app.errors import UsageError
from app.jobs.housekeeping import (
    archive_audit,
    clear_release_files,
    deliver_outbox,
    has_something_to_deliver,
    has_table_waiting,
    recompute_obligations,
    seal_audit,
    tidy,
    work_off_uploads,
)
from app.jobs.runner import Job
from app.statements.job import delivery_statements
from app.work import Result, Work

Schedule = Callable[[str], BaseTrigger]


def _daily(hour: int, minute: int) -> Schedule:
    return lambda zone: CronTrigger(hour=hour, minute=minute, timezone=zone)


def _sundays(hour: int, minute: int) -> Schedule:
    return lambda zone: CronTrigger(day_of_week="sun", hour=hour, minute=minute, timezone=zone)


def _first_of_month(hour: int, minute: int) -> Schedule:
    return lambda zone: CronTrigger(day=1, hour=hour, minute=minute, timezone=zone)


def _every_minute(zone: str) -> BaseTrigger:
    return IntervalTrigger(minutes=1, timezone=zone)


def _publication_check(work: Work) -> Result:
    # loaded when it runs, as below: a job by hand is not to load all that is published with
    from app.alerts.publications import publication_check

    return publication_check(work)


def _scheduled_release(work: Work) -> Result:
    from app.alerts.releases import scheduled_release

    return scheduled_release(work)


JOBS: tuple[Job, ...] = (
    Job(
        name="evaluation-alerts",
        purpose="record and tell what evaluations ask for",
        run=evaluation_alerts,
        schedule=None,
    ),
    Job(
        name="recommendation-alerts",
        purpose="record and tell what recommendations ask for",
        run=recommendation_alerts,
        schedule=None,
    ),
    Job(
        name="agreement-alerts",
        purpose="record and tell what agreements ask for",
        run=agreement_alerts,
        schedule=None,
    ),
    Job(
        name="delivery-alerts",
        purpose="record and tell heads of units what stands in the way of delivery",
        run=delivery_alerts,
        schedule=None,
    ),
    Job(
        name="alerts",
        purpose="record and tell all of these, in one message to each person",
        run=daily_alerts,
        schedule=_daily(5, 15),
    ),
    Job(
        name="publication-check",
        purpose="look whether public files, registry and downloader agree",
        run=_publication_check,
        schedule=_daily(7, 15),
    ),
    Job(
        name="release",
        purpose="prepare and publish by the timetable of releases",
        run=_scheduled_release,
        schedule=_daily(2, 15),
    ),
    Job(
        name="deliver-outbox",
        purpose="send what waits in the outbox",
        run=deliver_outbox,
        schedule=_every_minute,
        once_a_day=False,
        wanted=has_something_to_deliver,
    ),
    Job(
        name="table-uploads",
        purpose="check and store the tables that wait",
        run=work_off_uploads,
        schedule=_every_minute,
        once_a_day=False,
        wanted=has_table_waiting,
    ),
    Job(
        name="delivery-statements",
        purpose="freeze the delivery of last month, and of last year",
        run=delivery_statements,
        schedule=_daily(5, 0),
    ),
    Job(name="seal-audit", purpose="seal the audit trail", run=seal_audit, schedule=_daily(4, 15)),
    Job(
        name="archive-audit",
        purpose="bring old events of the audit trail into files",
        run=archive_audit,
        schedule=_first_of_month(3, 45),
    ),
    Job(name="tidy", purpose="remove old stored answers and runs", run=tidy, schedule=_daily(4, 30)),
    Job(
        name="release-files",
        purpose="remove bytes of releases that nobody can ask for again",
        run=clear_release_files,
        schedule=_daily(4, 45),
    ),
    Job(
        name="recompute-obligations",
        purpose="judge every project anew",
        run=recompute_obligations,
        schedule=_sundays(6, 30),
    ),
)


def job(name: str) -> Job:
    """The job of that name; ``UsageError`` names the others."""
    for found in JOBS:
        if found.name == name:
            return found
    raise UsageError(f"There is no job {name!r}. Jobs: {', '.join(found.name for found in JOBS)}.")
