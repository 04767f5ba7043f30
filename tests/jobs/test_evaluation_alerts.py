"""Alerts about evaluations: each rung once, none missing, told to the right person, whatever nights are missed."""

import datetime as dt
import random
from collections import Counter

import pytest
from sqlalchemy import select

from app.db.alerts import Alert, AlertEvent, Message, MessageAlert, Subscription
from app.db.base import table
from app.db.organisation import Officer
from app.db.projects import Project
from app.domain.evaluation.policy import LADDERS
from app.domain.evaluation.terms import Kind
from app.domain.periods import add_months
from app.errors import Conflict
from tests import portfolio
from tests.deep import seeds
from tests.jobs.conftest import Jobs

ONE_DAY = dt.timedelta(days=1)


def alerts(jobs: Jobs) -> list[Alert]:
    with jobs.database.read() as session:
        return list(session.scalars(select(Alert).order_by(table(Alert).c.id)))


def messages(jobs: Jobs) -> list[Message]:
    with jobs.database.read() as session:
        return list(session.scalars(select(Message).order_by(table(Message).c.id)))


def events(jobs: Jobs, kind: str) -> list[AlertEvent]:
    with jobs.database.read() as session:
        return list(session.scalars(select(AlertEvent).where(table(AlertEvent).c.kind == kind)))


def note(jobs: Jobs, alert_id: int, kind: str, until: str | None = None) -> None:
    with jobs.database.write("tests") as session:
        end = dt.date.fromisoformat(until) if until else None
        session.add(AlertEvent(alert_id=alert_id, kind=kind, until=end, recorded_by="ofc"))


def test_rung_of_the_day_is_recorded_and_told_and_an_immediate_second_run_finds_nothing(jobs: Jobs) -> None:
    project = jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    first = jobs.run("2026-06-30")
    obligation = jobs.obligation(project).id
    assert [{name: row[name] for name in ("obligation", "project", "kind", "rung", "rung_date")} for row in
            first["recorded"]] == [
        {"obligation": obligation, "project": "P1", "kind": "final", "rung": "plan-and-budget",
         "rung_date": "2026-06-30"}
    ]  # fmt: skip
    assert first["messages"] == 1
    second = jobs.run("2026-06-30")
    assert (second["recorded"], second["messages"]) == ([], 0)
    assert second["run"] > first["run"]


def test_a_missed_month_loses_nothing_and_one_message_tells_the_newest(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    assert jobs.rungs("2026-06-29") == []
    assert jobs.rungs("2027-01-15") == [
        "P1 final plan-and-budget 2026-06-30",
        "P1 final terms-of-reference 2026-10-30",
        "P1 final team 2026-12-30",
    ]
    (message,) = messages(jobs)
    assert [line["rung"] for line in message.payload["lines"]] == ["team"]
    assert message.recipient == "ofc@unit.example.org"
    told = [alert.rung for alert in alerts(jobs) if alert.told_by_id is None]
    assert told == ["team"]


@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(2))
def test_over_four_hundred_days_with_missed_nights_each_rung_comes_once_and_none_is_missing(
    jobs: Jobs, seed: int
) -> None:
    chance = random.Random(seed)
    first = dt.date(2026, 1, 1)
    expected = Counter()
    for number in range(12):
        start = first - dt.timedelta(days=chance.randrange(200, 900))
        end = first + dt.timedelta(days=chance.randrange(30, 900))
        jobs.project(f"P{number}", start=str(start), end=str(end), budget="2000000")
    jobs.run(first)
    last = first + dt.timedelta(days=400)
    for row in jobs.due(str(first), within=4000):
        assert row.due is not None
        for rung in LADDERS[Kind(str(row.kind))]:
            day = add_months(row.due, -rung.months_before)
            if first < day <= last:
                expected[row.project, row.kind, rung.name, str(day)] += 1
    found: Counter[tuple[str, str, str, str]] = Counter()
    day = first
    while day < last:
        day = min(last, day + dt.timedelta(days=chance.choice([1, 1, 1, 2, 3, 9, 40])))
        for row in jobs.run(day)["recorded"]:
            found[row["project"], row["kind"], row["rung"], row["rung_date"]] += 1
    assert found == expected
    assert sum(expected.values()) > 20
    keys = [(alert.subject_id, alert.rung, alert.due_on) for alert in alerts(jobs)]
    assert len(keys) == len(set(keys))


def test_first_run_over_an_old_portfolio_records_all_and_tells_only_what_is_of_this_year(jobs: Jobs) -> None:
    jobs.project("OLD", start="2015-01-01", end="2016-12-31", budget="600000")
    jobs.project("NEW", start="2025-01-01", end="2026-12-31", budget="600000")
    result = jobs.run("2026-11-20")
    assert Counter(row["project"] for row in result["recorded"]) == {"OLD": 6, "NEW": 5}
    assert result["messages"] == 1
    assert [line["project"] for line in messages(jobs)[0].payload["lines"]] == ["NEW"]
    assert len(events(jobs, "suppressed")) == 1


def test_pipeline_project_is_alerted_from_the_day_it_begins(jobs: Jobs) -> None:
    jobs.project(start="2026-06-01", end="2027-05-31", budget="600000", status="pipeline")
    assert jobs.rungs("2026-11-01") == []
    assert jobs.rungs("2026-11-02") == []
    jobs.decide_stage("P1", "implementation")
    assert jobs.rungs("2026-11-03") == [
        "P1 final plan-and-budget 2026-05-31",
        "P1 final terms-of-reference 2026-09-30",
    ]


def test_what_is_done_or_waived_is_not_alerted(jobs: Jobs) -> None:
    project = jobs.project("P1", start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.project("P2", start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.refresh()
    jobs.waive(jobs.obligation(project).id or 0)
    jobs.done("E2", "2026-11-19", projects="P2", independence="internal")
    assert jobs.rungs("2026-12-31") == []


def test_evaluation_that_is_taken_back_brings_the_alerts_that_were_due_meanwhile(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.done("E1", "2026-06-01", independence="internal")
    assert jobs.rungs("2026-11-01") == []
    jobs.evaluation("E1", independence="internal", status="cancelled", cancelled_on="2026-11-02")
    assert len(jobs.rungs("2026-11-02")) == 2


def test_moved_end_starts_the_ladder_to_the_new_date_and_withdraws_the_old_alert(jobs: Jobs) -> None:
    jobs.project(start="2025-01-01", end="2026-12-31", budget="600000")
    jobs.run("2026-06-30")
    jobs.decide("P1", "planned_end", "2026-07-10", "2027-12-31")
    assert jobs.rungs("2026-07-20") == []
    assert jobs.rungs("2026-12-31") == ["P1 final plan-and-budget 2026-12-31"]
    jobs.run("2027-01-10")
    assert not events(jobs, "escalated"), "the alert of the old date is withdrawn, and that of the new one is young"


def test_reschedule_withdraws_alerts_and_begins_a_ladder_of_its_own(jobs: Jobs) -> None:
    project = jobs.project(start="2025-01-01", end="2026-12-31", budget="600000")
    jobs.run("2026-06-30")
    jobs.reschedule(jobs.obligation(project).id or 0, to="2027-10-31", on="2026-07-01")
    assert jobs.rungs("2026-10-30") == []
    assert jobs.rungs("2026-10-31") == ["P1 final plan-and-budget 2026-10-31"]
    jobs.run("2026-11-05")
    assert not events(jobs, "escalated")
    assert len(events(jobs, "suppressed")) >= 1


def test_head_of_the_unit_is_told_once_when_nothing_happens(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.run("2026-06-30")
    assert jobs.run("2026-07-13")["messages"] == 0
    assert jobs.run("2026-07-14")["messages"] == 1
    assert jobs.run("2026-07-15")["messages"] == 0
    last = messages(jobs)[-1]
    assert (last.recipient, last.payload["purpose"]) == ("head@unit.example.org", "escalation")


@pytest.mark.parametrize("what", ["acknowledged", "begun"])
def test_head_is_not_told_when_somebody_acts(jobs: Jobs, what: str) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.run("2026-06-30")
    if what == "acknowledged":
        note(jobs, alerts(jobs)[0].id or 0, "acknowledged")
    else:
        jobs.evaluation("E1", independence="internal", status="terms-of-reference")
    assert jobs.run("2026-08-30")["messages"] == 0


def test_snoozed_alert_comes_back_once_after_its_silence(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.run("2026-06-30")
    note(jobs, alerts(jobs)[0].id or 0, "snoozed", until="2026-07-31")
    assert jobs.run("2026-07-31")["messages"] == 0
    assert jobs.run("2026-08-01")["messages"] == 1
    assert messages(jobs)[-1].subject.startswith("Reminder: P1: ")
    assert jobs.run("2026-08-02")["messages"] == 0
    assert jobs.run("2026-08-14")["messages"] == 1, "the head, two weeks after the silence"


def test_one_digest_tells_an_officer_everything_and_an_unsubscribed_one_gets_none(jobs: Jobs) -> None:
    with jobs.database.write("tests") as session:
        unit = portfolio.unit(session, "B")
        portfolio.officer(session, "quiet", unit.id or 0)
    for number in range(5):
        jobs.project(f"P{number}", start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.project("Q", start="2026-01-01", end="2027-06-30", budget="600000", officer="quiet")
    with jobs.database.write("tests") as session:
        session.add(Subscription(email="quiet@unit.example.org", digests=False))
    assert jobs.run("2026-06-30")["messages"] == 1
    (message,) = messages(jobs)
    assert [line["project"] for line in message.payload["lines"]] == ["P0", "P1", "P2", "P3", "P4"]


def test_head_gets_the_digest_where_a_project_has_no_officer_or_the_officer_has_left(jobs: Jobs) -> None:
    jobs.project("P1", start="2026-01-01", end="2027-06-30", budget="600000", officer=None)
    jobs.run("2026-06-30")
    jobs.project("P2", start="2026-01-01", end="2027-07-31", budget="600000")
    with jobs.database.write("tests") as session:
        officer = session.scalars(select(Officer)).one()
        officer.archived_at = officer.created_at
    jobs.run("2026-07-31")
    assert [message.recipient for message in messages(jobs)][:1] == ["head@unit.example.org"]
    assert {message.recipient for message in messages(jobs)} == {"head@unit.example.org"}


def test_alert_without_anybody_to_be_told_is_recorded_all_the_same(jobs: Jobs) -> None:
    project = jobs.project(start="2026-01-01", end="2027-06-30", budget="600000", officer=None)
    with jobs.database.write("tests") as session:
        session.get_one(Project, project).unit_id = None
    result = jobs.run("2026-06-30")
    assert (len(result["recorded"]), result["messages"]) == (1, 0)


def test_every_message_tells_alerts_that_no_other_one_tells(jobs: Jobs) -> None:
    for number in range(8):
        jobs.project(f"P{number}", start="2025-01-01", end=f"2027-0{number + 1}-15", budget="3000000")
    day = dt.date(2026, 1, 1)
    while day < dt.date(2027, 12, 31):
        jobs.run(day)
        day += 25 * ONE_DAY
    with jobs.database.read() as session:
        links = list(session.scalars(select(MessageAlert)))
    assert len(links) > 20
    assert len({(link.alert_id, link.purpose) for link in links}) == len(links)
    assert len({message.message_id for message in messages(jobs)}) == len(messages(jobs))


def test_loaded_policy_does_not_flood_but_tells_from_its_activation_on(jobs: Jobs) -> None:
    jobs.project(start="2025-01-01", end="2026-12-31", budget="600000")
    jobs.run("2025-01-01")
    jobs.policy(
        "policy: default\ntitle: Own\nsource: board\nconfidence: stated\nin_force: {from: 2005-12-01}\n"
        "ladders:\n  final:\n    - {rung: early, months_before: 20, ask: Begin.}\n"
        "    - {rung: last, months_before: 1, ask: End.}\n"
        "rules:\n  - id: all-final\n    require: {kind: final, independence: independent}\n"
        "    source: board\n    confidence: stated\n",
        activation_on=dt.date(2026, 1, 1),
    )
    result = jobs.run("2026-01-01")
    assert [row["rung"] for row in result["recorded"]] == ["early"]
    assert result["messages"] == 0
    assert jobs.run("2026-11-30")["messages"] == 1


def test_an_alert_whose_transaction_ends_after_a_run_began_is_told_by_the_next(jobs: Jobs) -> None:
    if jobs.database.is_sqlite:
        pytest.skip("writers take turns there")
    project = jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.refresh("2026-06-30")
    owed, officer = jobs.obligation(project), jobs.due(within=1000)[0].officer
    with jobs.database.write("another worker") as session:
        row = session.scalars(select(Officer).where(table(Officer).c.code == officer)).one()
        day = dt.date(2026, 1, 1)
        session.add(
            Alert(
                subject_kind="obligation",
                subject_id=owed.id or 0,
                project_id=project,
                officer_id=row.id,
                rung="early",
                rung_on=day,
                due_on=owed.due_on or day,
                as_of=dt.date(2026, 6, 30),
                message="Come early.",
            )
        )
        session.flush()
        assert jobs.run("2026-06-30")["messages"] == 1
    keys = {alert.rung: alert.id or 0 for alert in alerts(jobs)}
    assert keys["early"] < keys["plan-and-budget"]
    assert jobs.run("2026-07-01")["messages"] == 1
    assert jobs.run("2026-07-02")["messages"] == 0


def test_a_past_day_is_judged_by_what_was_known_on_it_or_refused(jobs: Jobs) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.project("P2", start="2026-01-01", end="2027-09-30", budget="600000")
    jobs.refresh("2026-11-20")
    assert jobs.rungs("2026-06-30") == ["P1 final plan-and-budget 2026-06-30"], "nothing was learnt since"
    jobs.decide("P2", "planned_end", "2026-10-15", "2027-03-31")
    jobs.refresh("2026-11-20")
    with pytest.raises(Conflict, match=r"on 2026-10-14 other facts were known of P2: .* Run it for 2026-11-20 or a"):
        jobs.run("2026-10-14")
    assert len(alerts(jobs)) == 1, "nothing is recorded"
    assert "P2" in " ".join(jobs.rungs("2026-10-15"))
