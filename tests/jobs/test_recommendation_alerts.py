"""Alerts about recommendations: the response and what was agreed, each rung once; and what housekeeping removes."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.db.alerts import Alert, JobRun, Message
from app.db.base import utc_now
from app.db.people import IdempotencyKey, User
from app.domain.access import LOCAL
from app.domain.terms import DeliveryState, Role
from app.evaluations.recommendations import put_recommendation
from app.evaluations.schemas import RecommendationIn
from tests.jobs.conftest import Jobs

JOB = "recommendation-alerts"


def recommended(jobs: Jobs, **values: Any) -> None:
    """A recommendation of a report that was accepted on 1 June 2026, so that the response is due on 13 July."""
    jobs.project(start="2025-01-01", end="2026-06-30")
    jobs.done("E1", "2026-06-01", independence="independent")
    change(jobs, **values)


def change(jobs: Jobs, **values: Any) -> None:
    body = {"reference": "R1", "evaluation": "E1", "text": "Hand the tools over.", **values}
    with jobs.database.write("tests") as session:
        put_recommendation(session, LOCAL, RecommendationIn.model_validate(body), today=jobs.today)


def rungs(jobs: Jobs, as_of: str) -> list[str]:
    return [f"{row['subject']} {row['rung']} {row['rung_date']}" for row in jobs.run(as_of, JOB)["recorded"]]


def test_response_is_asked_for_ahead_on_the_day_and_when_late_each_once(jobs: Jobs) -> None:
    recommended(jobs)
    assert rungs(jobs, "2026-06-12") == []
    assert rungs(jobs, "2026-06-13") == ["response response-ahead 2026-06-13"]
    assert rungs(jobs, "2026-06-14") == []
    assert rungs(jobs, "2026-09-30") == [
        "response response-due 2026-07-13",
        "response response-late 2026-08-13",
    ]
    with jobs.database.read() as session:
        texts = [message.payload["lines"][0]["text"] for message in session.scalars(select(Message))]
    by_when = "The response to recommendation R1 is due on 13 Jul 2026."
    passed = "The due date of the response to recommendation R1 passed on 13 Jul 2026."
    assert texts == [
        f"Prepare the management response. {by_when} Recommended: Hand the tools over.",
        f"The management response is late. {passed} Recommended: Hand the tools over.",
    ]


def test_what_was_accepted_is_followed_until_it_is_done(jobs: Jobs) -> None:
    recommended(jobs, response="accepted", response_on="2026-06-10", due_on="2026-10-31", owner="Programme manager")
    assert rungs(jobs, "2026-10-31") == [
        "recommendation action-ahead 2026-09-30",
        "recommendation action-due 2026-10-31",
    ]
    change(jobs, status="done")
    assert rungs(jobs, "2027-06-30") == []


def test_rejected_recommendation_asks_for_nothing(jobs: Jobs) -> None:
    recommended(jobs, response="rejected", response_on="2026-06-10", due_on="2026-10-31")
    assert rungs(jobs, "2027-06-30") == []


def test_alerts_of_both_jobs_are_each_told_by_one_message(jobs: Jobs) -> None:
    recommended(jobs)
    jobs.project("P2", start="2025-01-01", end="2026-12-31")
    for day in ("2026-06-30", "2026-07-13", "2026-07-20", "2026-12-31"):
        jobs.run(day)
        jobs.run(day, JOB)
    with jobs.database.read() as session:
        told = [
            line["alert"]
            for message in session.scalars(select(Message))
            if message.payload["purpose"] == "digest"
            for line in message.payload["lines"]
        ]
        alerts = session.scalars(select(Alert)).all()
    assert sorted(told) == sorted(alert.id or 0 for alert in alerts if alert.told_by_id is None)
    assert len(told) == len(set(told)) > 4


def test_tidy_removes_old_answers_and_old_runs_that_recorded_nothing(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    kept = jobs.run("2026-06-30")["run"]
    gone = jobs.run("2026-06-30")["run"]
    long_ago = utc_now() - dt.timedelta(days=400)
    with jobs.database.write("tests") as session:
        for run in session.scalars(select(JobRun)):
            run.started_at = long_ago
        user = User(name="u", role=Role.VIEWER)
        session.add(user)
        session.flush()
        for key, moment in (("old", long_ago), ("new", utc_now())):
            session.add(
                IdempotencyKey(user_id=user.id or 0, key=key, request_hash="", status=200, body="", created_at=moment)
            )
        for number, moment in (("old", long_ago - dt.timedelta(days=700)), ("new", long_ago)):
            sent = {"state": DeliveryState.SENT, "sent_at": moment, "payload": {"text": number}}
            session.add(Message(message_id=f"<{number}@x>", channel="mail", recipient="u@example.org", **sent))
    result = jobs.run("2026-11-20", "tidy")
    assert (result["answers"], result["runs"], result["texts"]) == (1, 1, 1)
    assert jobs.run("2026-11-20", "tidy", message_keep_days=0).get("texts") is None
    with jobs.database.read() as session:
        assert session.get(JobRun, gone) is None
        assert session.get(JobRun, kept) is not None
        assert [key.key for key in session.scalars(select(IdempotencyKey))] == ["new"]
        texts = {each.message_id: each.payload for each in session.scalars(select(Message)) if each.sent_at}
        assert texts == {"<old@x>": None, "<new@x>": {"text": "new"}}


def test_audit_trail_is_sealed_and_obligations_are_judged_anew(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    assert jobs.run("2026-11-20", "seal-audit")["sealed"] > 0
    assert jobs.run("2026-11-22", "recompute-obligations") | {"run": 0} == {
        "run": 0, "as_of": "2026-11-22", "projects": 1, "changed": 1,
    }  # fmt: skip
