"""The timetable under clock changes, missed hours and clocks that jump; leases and their fences."""

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select, update

from app.db.alerts import JobRun, Lease
from app.db.base import table, utc_now
from app.db.engine import Database
from app.db.leases import LeaseHeld, LeaseLost, clock_of, is_gone, lease, worker_name
from app.errors import StorageFailed
from app.jobs.runner import Job, run_job
from app.jobs.serve import make_scheduler, missed, next_fire_time, pause_after, run_scheduled, run_until_done
from app.jobs.timetable import JOBS
from app.jobs.timetable import job as find_job
from app.work import Result, Work
from tests.jobs.conftest import Jobs

ZURICH = ZoneInfo("Europe/Zurich")


def counting(ran: list[dt.date], hour: int = 2, minute: int = 30) -> Job:
    def work(given: Work) -> Result:
        ran.append(given.as_of)
        return Result(content={"days": len(ran)}, summary={})

    return Job(
        name="counting",
        purpose="count",
        run=work,
        schedule=lambda zone: CronTrigger(hour=hour, minute=minute, timezone=zone),
    )


def fire_times(job: Job, zone: str, first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """When the scheduler would call the job in a span."""
    trigger, found, before = job.schedule(zone), [], None
    now = first
    while (following := trigger.get_next_fire_time(before, now)) is not None and following <= last:
        found.append(following)
        before, now = following, following
    return found


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Zurich", dt.date(2026, 10, 25)),  # 02:30 comes twice
        ("Europe/Zurich", dt.date(2026, 3, 29)),  # 02:30 does not come
        ("America/New_York", dt.date(2026, 11, 1)),
        ("UTC", dt.date(2026, 10, 25)),
    ],
)
def test_job_of_the_night_runs_once_on_each_local_day_whatever_the_clock_does(
    jobs: Jobs, zone: str, night: dt.date
) -> None:
    ran: list[dt.date] = []
    job = counting(ran)
    settings = jobs.settings.model_copy(update={"timezone": zone})
    noon = dt.datetime.combine(night, dt.time(12), ZoneInfo(zone))
    calls = fire_times(job, zone, noon - dt.timedelta(days=2), noon + dt.timedelta(days=2))
    # the hour that comes twice calls twice in some versions of the scheduler: so here it does
    for moment in sorted([*calls, *(call + dt.timedelta(hours=1) for call in calls)]):
        run_scheduled(jobs.database, settings, job, now=lambda moment=moment: moment.astimezone(dt.UTC))
    days = [night + dt.timedelta(days=offset) for offset in (-1, 0, 1, 2)]
    assert ran == days


def test_night_that_was_missed_is_made_up_for_when_the_process_comes_back(jobs: Jobs) -> None:
    ran: list[dt.date] = []
    job = counting(ran)
    settings = jobs.settings.model_copy(update={"timezone": "Europe/Zurich"})
    before = dt.datetime(2026, 11, 20, 2, 29, tzinfo=ZURICH)
    after = dt.datetime(2026, 11, 20, 9, 0, tzinfo=ZURICH)
    assert not missed(jobs.database, settings, job, before)
    assert missed(jobs.database, settings, job, after)
    run_scheduled(jobs.database, settings, job, now=lambda: after)
    assert ran == [dt.date(2026, 11, 20)]
    assert not missed(jobs.database, settings, job, after)
    assert missed(jobs.database, settings, job, after + dt.timedelta(days=1))


def test_clock_that_jumps_back_over_midnight_runs_nothing_twice(jobs: Jobs) -> None:
    ran: list[dt.date] = []
    job = counting(ran)
    for moment in ("2026-11-20T02:30", "2026-11-21T02:30", "2026-11-20T02:30", "2026-11-21T02:30"):
        run_scheduled(jobs.database, jobs.settings, job, now=lambda m=moment: dt.datetime.fromisoformat(m + "+00:00"))
    assert ran == [dt.date(2026, 11, 20), dt.date(2026, 11, 21)]


def test_local_day_and_not_the_day_of_greenwich_counts(jobs: Jobs) -> None:
    ran: list[dt.date] = []
    settings = jobs.settings.model_copy(update={"timezone": "Pacific/Auckland"})
    evening = dt.datetime(2026, 11, 20, 20, 0, tzinfo=dt.UTC)
    run_scheduled(jobs.database, settings, counting(ran), now=lambda: evening)
    assert ran == [dt.date(2026, 11, 21)]


def test_scheduler_knows_every_job_with_its_next_time(jobs: Jobs) -> None:
    scheduler = make_scheduler(jobs.database, jobs.settings)
    timed = [job for job in JOBS if job.schedule is not None]
    assert {job.id for job in scheduler.get_jobs()} == {job.name for job in timed}
    now = utc_now()
    for job in timed:
        assert job.schedule is not None
        following = next_fire_time(job.schedule("Europe/Zurich"), now)
        assert following is not None
        assert now - dt.timedelta(minutes=1) < following < now + dt.timedelta(days=8)


def test_outbox_with_nothing_to_send_leaves_no_history(jobs: Jobs) -> None:
    assert run_scheduled(jobs.database, jobs.settings, find_job("deliver-outbox")) is None
    with jobs.database.read() as session:
        assert session.scalars(select(JobRun)).all() == []


def test_run_is_kept_with_day_outcome_and_what_came_of_it(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    run = jobs.run("2026-06-30")["run"]
    with jobs.database.read() as session:
        kept = session.get_one(JobRun, run)
    assert (kept.job, str(kept.as_of), kept.outcome) == ("evaluation-alerts", "2026-06-30", "done")
    assert kept.summary["recorded"] == 1
    assert kept.finished_at is not None


def test_failed_run_is_kept_with_its_error_and_frees_the_lease(jobs: Jobs) -> None:
    def fail(_work: Work) -> Result:
        raise ValueError("the roof fell in")

    job = Job(name="failing", purpose="fail", run=fail, schedule=lambda zone: CronTrigger(hour=1, timezone=zone))
    for _ in range(2):
        with pytest.raises(ValueError, match="roof"):
            run_job(jobs.database, jobs.settings, job, dt.date(2026, 11, 20), patience=0)
    with jobs.database.read() as session:
        runs = session.scalars(select(JobRun)).all()
    assert [(run.outcome, run.error) for run in runs] == [("failed", "ValueError: the roof fell in")] * 2


def test_lease_is_for_one_at_a_time(database: Database) -> None:
    first = lease(database, "work", "a:1:x", patience=0)
    with first, pytest.raises(LeaseHeld), lease(database, "work", "b:1:y", patience=0):
        raise AssertionError("two hold it")
    with lease(database, "work", "b:1:y", patience=0) as held:
        assert held.fence == 2


def test_holder_whose_time_ran_out_writes_nothing_more(database: Database) -> None:
    with lease(database, "work", "a:1:x", patience=0) as slow:
        with database.write("tests") as session:
            session.execute(update(table(Lease)).values(expires_at=utc_now() - dt.timedelta(seconds=1)))
        with lease(database, "work", "b:1:y", patience=0) as quick:
            with database.write("tests") as session:
                quick.guard(session)
            with pytest.raises(LeaseLost), database.write("tests") as session:
                slow.guard(session)


@pytest.mark.parametrize("hours", [-2, 2])
def test_workers_whose_clocks_differ_agree_about_leases_and_about_what_is_due(
    database: Database, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """By the clock of the server. A database in a file has the workers of one machine, and its clock."""
    right, wrong = clock_of(database)(), utc_now() + dt.timedelta(hours=hours)
    monkeypatch.setattr("app.db.queries_leases.utc_now", lambda: wrong)
    with lease(database, "work", "a:1:x", patience=0) as held:
        with database.write("tests") as session:
            held.guard(session)
        if not database.is_sqlite:
            monkeypatch.undo()
        with pytest.raises(LeaseHeld), lease(database, "work", "b:1:y", patience=0):
            raise AssertionError("it was taken over")
    with lease(database, "work", "b:1:y", patience=0) as taken:
        assert taken.fence == 2
    assert database.is_sqlite or abs(clock_of(database)() - right) < dt.timedelta(hours=1)


def test_lease_of_a_process_that_is_gone_is_free_at_once(database: Database) -> None:
    host, _, rest = worker_name().partition(":")
    number, _, mark = rest.partition(":")
    assert not is_gone(f"{host}:{number}:{mark}")
    assert not is_gone(f"elsewhere:{number}:{mark}")
    gone = f"{host}:{2**22 + 1}:{mark}"
    assert is_gone(gone)
    with database.write("tests") as session:
        session.add(Lease(name="work", holder=gone, expires_at=utc_now() + dt.timedelta(hours=1)))
    with lease(database, "work", "b:1:y", patience=0) as held:
        assert held.fence == 2


def test_work_that_takes_long_keeps_its_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: dict[str, Any] = {"now": time.monotonic()}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    with lease(database, "work", "a:1:x", patience=0) as held:
        with database.read() as session:
            first = session.scalars(select(Lease)).one().expires_at
        held.renew()
        clock["now"] += 30
        held.renew()
        with database.read() as session:
            assert session.scalars(select(Lease)).one().expires_at > first


def test_a_day_s_work_is_looked_at_again_until_somebody_has_done_it(jobs: Jobs) -> None:
    """By a worker whose database went away, lease in hand; then by another while the first is dead and not yet gone."""
    ran: list[dt.date] = []
    counted = counting(ran).run

    def work(given: Work) -> Result:
        result = counted(given)
        if len(ran) == 1:
            raise StorageFailed("The database cannot be reached.")
        return result

    def looked() -> dict[str, dt.datetime]:
        """What is to be looked at after one more look, with its moment."""
        scheduler = BackgroundScheduler()
        run_until_done(scheduler, jobs.database, jobs.settings, job)
        return {each.id: each.trigger.run_date for each in scheduler.get_jobs()}

    job = replace(counting(ran), run=work)
    before = utc_now()
    assert before < looked()["counting again"] <= utc_now() + pause_after(0)
    # so it stands when the lease could not be given back; its holder is this very process, which is not gone
    with jobs.database.write("tests") as session:
        session.execute(update(table(Lease)).values(holder=worker_name(), expires_at=utc_now() + dt.timedelta(hours=1)))
    assert set(looked()) == {"counting again"}
    assert len(ran) == 1
    with jobs.database.write("tests") as session:
        session.execute(update(table(Lease)).values(expires_at=utc_now()))
    assert looked() == {}
    assert looked() == {}
    with jobs.database.read() as session:
        run = table(JobRun).c
        outcomes = session.scalars(select(run.outcome).where(run.job == "counting").order_by(run.id)).all()
    assert outcomes == ["failed", "done"]
    assert [pause_after(looks).total_seconds() for looks in (0, 1, 5, 6, 4000)] == [1, 2, 32, 60, 60]


#: a worker that is told to stop in the midst of writing a line, when nothing else can be written there
IN_THE_MIDST = """
import signal, sys
from app.cli import main

class Midst:
    def __init__(self, stream):
        self.stream, self.writing = stream, False

    def write(self, text):
        if self.writing:
            raise RuntimeError("reentrant call")
        self.writing = True
        self.stream.write(text)
        if "Scheduler started" in text:
            signal.raise_signal(signal.SIGTERM)
        self.writing = False

    def flush(self):
        self.stream.flush()

sys.stderr = Midst(sys.stderr)
main()
"""


def test_a_worker_that_is_told_to_stop_ends_whenever_that_is(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "earmark.db"
    shutil.copy(migrated_sqlite, path)
    environment = os.environ | {"EARMARK_DATABASE_URL": f"sqlite:///{path}", "EARMARK_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", IN_THE_MIDST, "jobs", "serve"]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    assert "told to stop" in ended.stderr
