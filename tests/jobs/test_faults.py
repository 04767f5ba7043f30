"""The worker killed at any moment, against a real mail server: nothing lost, nothing doubled in the record."""

import datetime as dt
import os
import random
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.db.alerts import Alert, AlertEvent, JobRun, Message, MessageAlert
from app.domain.evaluation.policy import LADDERS
from app.domain.evaluation.terms import Kind
from app.domain.periods import add_months
from app.domain.terms import DeliveryState
from tests.jobs import worker
from tests.jobs.conftest import Jobs, Mailbox
from tests.processes import forking

#: how often the worker is killed; a long run is asked for through the environment
KILLS = int(os.environ.get("EARMARK_FAULT_RUNS", "12"))
FIRST = dt.date(2026, 1, 1)
STEP = dt.timedelta(days=5)


def portfolio_of(jobs: Jobs, last: dt.date) -> Counter[tuple[str, str, str, dt.date]]:
    """Projects whose evaluations fall due all along, and every rung that must be recorded by the last day."""
    span = (last - FIRST).days
    for number in range(40):
        end = FIRST + dt.timedelta(days=30 + number * max(1, span // 40))
        start = end - dt.timedelta(days=1400)
        jobs.project(f"P{number}", start=str(start), end=str(end), budget="2000000")
    expected: Counter[tuple[str, str, str, dt.date]] = Counter()
    for row in jobs.due(str(FIRST), within=20_000):
        assert row.due is not None
        for rung in LADDERS[Kind(str(row.kind))]:
            if add_months(row.due, -rung.months_before) <= last:
                expected[row.project, str(row.kind), rung.name, row.due] += 1
    return expected


def test_killed_at_points_of_its_work_every_alert_is_once_in_the_record_and_none_is_lost(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], tmp_path: Path
) -> None:
    chance = random.Random(KILLS)
    last = FIRST + STEP * KILLS
    expected = portfolio_of(jobs, last)
    assert len(expected) > 40
    settings = {"database_url": jobs.settings.database_url, **smtp}
    killed, most, day = 0, 100, FIRST
    through = tmp_path / "through"
    while killed < KILLS:
        point = chance.randint(1, most)
        process = forking.Process(target=worker.run_alerts, args=(settings, str(day), point, str(through)))
        process.start()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            killed += 1
            most *= 2
        else:
            assert process.exitcode == 0
            # it was through before: the next one dies sooner
            most = int(through.read_text(encoding="utf-8"))
        # now and then the same day is taken up again, now and then days are missed
        day += STEP * chance.choice([0, 1, 1, 2])
        day = min(day, last)
    jobs.run(last, **smtp)
    jobs.run(last, **smtp)
    _check(jobs, mailbox, expected)


def _check(jobs: Jobs, mailbox: Mailbox, expected: Counter[tuple[str, str, str, dt.date]]) -> None:
    labels = {row.obligation: (row.project, str(row.kind)) for row in jobs.due(str(FIRST), within=20_000)}
    with jobs.database.read() as session:
        alerts = list(session.scalars(select(Alert)))
        links = list(session.scalars(select(MessageAlert)))
        messages = {message.id: message for message in session.scalars(select(Message))}
        silent = set(session.scalars(select(AlertEvent.alert_id).where(AlertEvent.kind == "suppressed")))
        running = [run for run in session.scalars(select(JobRun)) if run.outcome == "running"]
    recorded = Counter((*labels[alert.subject_id], alert.rung, alert.due_on) for alert in alerts)
    assert recorded == expected, "every rung, once"
    told = Counter(link.alert_id for link in links if link.purpose == "digest")
    to_tell = {alert.id for alert in alerts if alert.told_by_id is None} - silent
    assert to_tell <= set(told), "whatever is to be told is told"
    assert set(told.values()) == {1}, "by one message"
    settled = {DeliveryState.SENT, DeliveryState.MERGED, DeliveryState.WITHDRAWN}
    assert {message.state for message in messages.values()} <= settled
    arrived = Counter(mailbox.ids)
    sent = {message.message_id for message in messages.values() if message.state is DeliveryState.SENT}
    assert set(arrived) == sent, "no message lost, none invented"
    for link in links:
        assert link.left_out or _teller(messages, link).state is DeliveryState.SENT, "told, or on record why not"
    texts: dict[str, set[str]] = defaultdict(set)
    for mail in mailbox.mails:
        texts[mail["Message-ID"]].add(mail.get_body(("plain",)).get_content())
    assert all(len(found) == 1 for found in texts.values()), "what came twice is the same"
    assert running == [], "no run is left behind as running"


def _teller(messages: dict[int | None, Message], link: MessageAlert) -> Message:
    """The message that tells an alert: the one it was put into, or the one that was merged into."""
    message = messages[link.message_pk]
    return message if message.merged_into_id is None else messages[message.merged_into_id]


def test_two_workers_at_once_record_and_tell_nothing_twice(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    last = dt.date(2026, 9, 1)
    expected = portfolio_of(jobs, last)
    settings = {"database_url": jobs.settings.database_url, **smtp}
    for day in ("2026-02-01", "2026-06-01", "2026-09-01"):
        moment = time.time() + 0.5
        pair = [forking.Process(target=worker.run_alerts_at, args=(settings, day, moment)) for _ in range(2)]
        for process in pair:
            process.start()
        for process in pair:
            process.join()
        assert [process.exitcode for process in pair] == [0, 0]
    _check(jobs, mailbox, expected)
    assert max(Counter(mailbox.ids).values()) == 1
