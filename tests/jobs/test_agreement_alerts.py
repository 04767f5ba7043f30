"""What agreements ask for goes the way of evaluations: each rung once, one message a person, calendar and report."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.alerts.calendar import of_duties
from app.db.alerts import Message
from app.db.base import key, table
from app.db.funding import Agreement, Instalment
from app.db.partners import Partner
from app.db.people import User
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import Role, Screening
from app.errors import InvalidInput
from app.funding import amendments, duties
from app.funding.schemas import AmendmentIn
from app.funding.schemas_duties import AgreementReportIn, ConditionIn, ReportScheduleIn
from app.reports.duties import gather
from app.reports.frame import ReportTable
from app.reports.queries_duties import Scope
from app.reports.service import run
from tests import portfolio
from tests.evaluations.world import World
from tests.jobs.conftest import Jobs
from tests.queries import count_queries

REFERENCE = "A-NLD-1"


def agreed(world: World) -> int:
    """An agreement of NLD with project P1 from 2026 to 2027, with half-yearly reports and a final one."""
    project = world.project(start="2026-01-01", end="2027-12-31", budget="100")
    world.signed(project, "2026-01-01", ends_on=dt.date(2027, 12, 31))
    with world.database.write("tests") as session:
        body = {"agreement": REFERENCE, "kind": "financial", "first_due": "2026-06-30", "every_months": 6}
        duties.put_schedule(session, LOCAL, ReportScheduleIn.model_validate({**body, "final_months": 3}))
    return project


def send(world: World, due_on: str, submitted_on: str) -> list[str]:
    """A report is sent; gives what is remarked."""
    body = {"agreement": REFERENCE, "kind": "financial", "due_on": due_on, "submitted_on": submitted_on}
    with world.database.write("tests") as session:
        today = dt.date.fromisoformat(submitted_on)
        put = duties.put_report(session, LOCAL, AgreementReportIn.model_validate(body), today=today)
        return [finding.rule for finding in put.findings]


def report(world: World, as_of: str, *by: str, **options: str) -> ReportTable:
    with world.database.read() as session:
        return run(session, "agreements-due", as_of=dt.date.fromisoformat(as_of), by=by, options=options)


def rows(world: World, as_of: str, **options: str) -> list[tuple[object, ...]]:
    return [(row["kind"], row["due"], row["state"]) for row in report(world, as_of, **options).rows]


def test_reports_fall_due_by_the_schedule_and_each_rung_is_recorded_once(jobs: Jobs) -> None:
    agreed(jobs)

    def rungs(as_of: str) -> list[str]:
        return [f"{row['kind']} {row['rung']} {row['due']}" for row in jobs.run(as_of, "agreement-alerts")["recorded"]]

    # by unit and officer: whose project the agreement funds
    (by_unit,), (by_officer,) = (report(jobs, "2026-07-02", dimension).rows for dimension in ("unit", "officer"))
    assert (by_unit["unit"], by_officer["officer"], by_unit["not_sent"]) == ("UNIT", "ofc", 1)
    assert len(rows(jobs, "2026-07-02", unit="UNIT", officer="ofc")) == 1
    with pytest.raises(InvalidInput) as refused:
        rows(jobs, "2026-07-02", officer="nobody", partner="XXX")
    assert [fault.rule for fault in refused.value.faults] == ["officer.unknown", "partner.unknown"]
    assert rungs("2026-04-29") == []
    assert rungs("2026-04-30") == ["financial-report report-ahead 2026-06-30"]
    assert rungs("2026-04-30") == []
    # what was missed is recorded together, and the newest is told
    assert rungs("2026-07-30") == [
        "financial-report report-draft 2026-06-30",
        "financial-report report-due 2026-06-30",
        "financial-report report-late 2026-06-30",
    ]
    assert send(jobs, "2026-06-30", "2026-08-03") == []
    assert rungs("2026-09-30") == []
    # the end moves, and the final report with it
    with jobs.database.write("tests") as session:
        body = {"agreement": REFERENCE, "decided_on": "2026-09-01", "reason": "Longer", "ends_on": "2028-06-30"}
        amendments.put_amendment(session, LOCAL, AmendmentIn.model_validate(body), today=dt.date(2026, 9, 1))
    finals = [row["due"] for row in report(jobs, "2026-09-30", within="2000").rows if "final" in str(row["item"])]
    assert finals == ["2028-09-30"]
    finals = [row["due"] for row in report(jobs, "2026-08-31", within="2000").rows if "final" in str(row["item"])]
    assert finals == ["2028-03-31"]
    with jobs.database.read() as session:
        lines = [message.payload["lines"][0]["text"] for message in session.scalars(select(Message))]
    passed = f"The due date of the financial report of {REFERENCE} (NLD) passed on 30 Jun 2026."
    assert lines[-1] == f"The report to the donor is late. {passed}"


def test_evaluations_and_agreements_are_told_in_one_message_a_day(jobs: Jobs) -> None:
    agreed(jobs)
    project = jobs.project("P2", start="2024-01-01", end="2026-07-31", budget="100000")
    assert project
    recorded = jobs.run("2026-07-01", "alerts")
    kinds = {str(row.get("subject", "obligation")) for row in recorded["recorded"]}
    assert kinds == {"obligation", "duty"}
    assert recorded["messages"] == 1
    with jobs.database.read() as session:
        (message,) = session.scalars(select(Message)).all()
        assert message.recipient == "ofc@unit.example.org"
        assert sorted({line["project"] for line in message.payload["lines"]}) == ["P1", "P2"]
    # nothing happened for two weeks: the head of the unit is told, once, of both
    later = jobs.run("2026-07-15", "alerts")
    assert later["messages"] >= 1
    with jobs.database.read() as session:
        head = [message for message in session.scalars(select(Message)) if message.recipient.startswith("head")]
    assert len(head) == 1
    assert {line["project"] for line in head[0].payload["lines"]} == {"P1", "P2"}


def test_a_duty_of_an_agreement_without_an_officer_is_told_somebody_all_the_same(jobs: Jobs) -> None:
    def told(as_of: str) -> list[str]:
        jobs.run(as_of, "alerts")
        with jobs.database.read() as session:
            return [message.recipient for message in session.scalars(select(Message).order_by(Message.id))]  # type: ignore[arg-type]

    with jobs.database.write("tests") as session:
        sweden = portfolio.partner(session, "SWE")
        portfolio.agreement(session, "A-SWE", key(sweden), ends_on=dt.date(2026, 12, 31))
    # it funds no project yet, and nobody administers: the head of the first unit
    (head,) = told("2026-07-01")
    assert head.startswith("head")
    # an agreement of the same partner has a project, whose officer is told
    project = jobs.project(start="2026-01-01", end=None, budget=None)
    with jobs.database.write("tests") as session:
        other = portfolio.agreement(session, "A-SWE-2", key(sweden))
        portfolio.share(session, key(other), project)
        portfolio.agreement(session, "A-SWE-3", key(sweden), ends_on=dt.date(2027, 3, 31))
    assert "ofc@unit.example.org" in told("2026-10-02")
    assert {row["officer"] for row in report(jobs, "2026-10-02", within="400").rows} == {"ofc"}


def test_what_concerns_no_project_is_told_the_head_of_the_unit_whose_calendar_shows_it(jobs: Jobs) -> None:
    with jobs.database.write("tests") as session:
        elsewhere = portfolio.unit(session, "AAA")
        elsewhere.head_email = "head@aaa.example.org"
        administrator = portfolio.officer(session, "adm", key(elsewhere))
        session.add(User(name="adm", role=Role.ADMIN, officer_id=administrator.id))
        sweden = portfolio.partner(session, "SWE")
        sweden.screening, sweden.cleared_until = Screening.CLEARED, dt.date(2026, 12, 31)
        portfolio.agreement(session, "A-SWE", key(sweden), ends_on=dt.date(2026, 12, 31))
    # a project of the unit, without an officer, is funded by another agreement of the partner
    project = jobs.project(start="2026-01-01", end=None, budget=None, officer=None)
    with jobs.database.write("tests") as session:
        portfolio.share(session, key(portfolio.agreement(session, "A-SWE-2", key(sweden))), project)
        unit = session.get_one(Project, project).unit_id
    with jobs.database.read() as session:
        shown = {entry.name for entry in of_duties(session, dt.date(2026, 10, 2), officer_id=None, unit_id=unit)}
        assert not of_duties(session, dt.date(2026, 10, 2), officer_id=None, unit_id=key(elsewhere))
    assert {name.partition("-")[0] for name in shown} == {"agreement", "clearance"}
    jobs.run("2026-10-02", "alerts")
    with jobs.database.read() as session:
        messages = list(session.scalars(select(Message)))
    assert {message.recipient for message in messages} == {"head@unit.example.org"}
    assert sum(len(message.payload["lines"]) for message in messages if message.payload) == 2


def test_a_report_of_several_partners_counts_for_each_and_once_in_the_total(jobs: Jobs) -> None:
    agreed(jobs)
    with jobs.database.write("tests") as session:
        portfolio.partner(session, "SWE")
        session.scalars(select(Agreement)).one().further_partners = ["SWE:40"]
    jobs.signed(jobs.project(start="2026-01-01", code="P2"), "2026-01-01", "FRA", ends_on=dt.date(2027, 12, 31))
    send(jobs, "2026-06-30", "2026-07-01")
    send(jobs, "2026-12-30", "2026-12-30")

    def shares(*by: str, **options: str) -> tuple[list[list[object]], object]:
        told = report(jobs, "2027-01-31", *by, **options)
        counted = ("reports_due", "on_time", "sent_late", "on_time_share")
        return [[row[name] for name in (*by, *counted)] for row in told.rows], told.totals["reports_due"]

    half = [2, 1, 1, "50.00"]
    assert shares("partner") == ([["FRA", 0, 0, 0, None], ["NLD", *half], ["SWE", *half]], 2)
    assert shares("partner", partner="SWE") == ([["SWE", *half]], 2)
    assert shares("partner", partner="NLD") == ([["NLD", *half]], 2)
    reports = [row for row in shares("kind", "partner")[0] if row[0] == "financial-report"]
    assert reports == [["financial-report", "NLD", *half], ["financial-report", "SWE", *half]]


def test_every_kind_of_duty_is_listed_until_it_is_seen_to(jobs: Jobs) -> None:
    project = agreed(jobs)
    with jobs.database.write("tests") as session:
        kept = session.scalars(select(Agreement)).one()
        partner = session.scalars(select(Partner)).one()
        partner.framework_agreement, partner.framework_ends_on = "Programme 2024–26", dt.date(2026, 12, 31)
        partner.screening, partner.cleared_until = Screening.CLEARED, dt.date(2026, 10, 31)
        for due_on in (dt.date(2026, 2, 28), dt.date(2026, 8, 31)):
            session.add(Instalment(agreement_id=key(kept), due_on=due_on, amount=Decimal(100)))
        for date, amount in ((dt.date(2026, 3, 10), 100), (dt.date(2026, 9, 1), 40)):
            session.add(
                LedgerEntry(
                    project_id=project,
                    agreement_id=kept.id,
                    type="1",
                    date=date,
                    amount=Decimal(amount),
                    currency="USD",
                )
            )
        body = {"agreement": REFERENCE, "code": "4.2", "text": "Host agreement", "due_on": "2026-09-15"}
        duties.put_condition(session, LOCAL, ConditionIn.model_validate(body), today=dt.date(2026, 9, 1))
    send(jobs, "2026-06-30", "2026-06-29")
    assert rows(jobs, "2026-08-31", within="30") == [
        ("instalment", "2026-08-31", "ahead"),
        ("condition", "2026-09-15", "ahead"),
    ]
    with count_queries(jobs.database) as queries:
        assert rows(jobs, "2026-09-30", within="500") == [
            ("instalment", "2026-08-31", "partly paid"),
            ("condition", "2026-09-15", "late"),
            ("clearance-end", "2026-10-31", "ahead"),
            ("financial-report", "2026-12-30", "ahead"),
            ("framework-end", "2026-12-31", "ahead"),
            ("financial-report", "2027-06-30", "ahead"),
            ("financial-report", "2027-12-30", "ahead"),
            ("agreement-end", "2027-12-31", "ahead"),
        ]
    # one of them tells how the tables stand
    assert len(queries) <= 17
    (shares,) = report(jobs, "2027-02-01", "partner").rows
    assert (shares["partner"], shares["reports_due"], shares["on_time"], shares["on_time_share"]) == (
        "NLD",
        2,
        1,
        "50.00",
    )
    assert shares["not_sent"] == 1
    with jobs.database.read() as session:
        briefing = run(session, "partner-briefing", as_of=dt.date(2026, 9, 30), options={"partner": "NLD"})
    told = [(row["item"], row["state"]) for row in briefing.rows if row["section"] == "duty"]
    assert told[0] == (f"{REFERENCE}: condition 4.2: Host agreement", "late")
    assert "NLD: end of Programme 2024–26" in {item for item, _ in told}
    jobs.signed(jobs.project(start="2026-01-01", code="P2"), "2026-01-01", "FRA", ends_on=dt.date(2029, 12, 31))
    day, until = dt.date(2026, 9, 30), dt.date(2027, 1, 31)
    with jobs.database.write("tests") as session:
        other = session.scalars(select(Partner).where(table(Partner).c.code == "FRA")).one()
        other.screening, other.cleared_until = Screening.CLEARED, dt.date(2026, 11, 30)
    with jobs.database.read() as session:
        soon = gather(session, day, scope=Scope(ends_by=until))
        # an agreement that only ends, and later, is left out; what ends of its partner goes to its project all the same
        assert soon == [duty for duty in gather(session, day) if (duty.kind, duty.due.year) != ("agreement-end", 2029)]
        assert ("FRA", "clearance-end", "ofc") in {(duty.partner, duty.kind, duty.officer) for duty in soon}


def test_a_report_sent_for_a_day_that_is_not_due_is_remarked(jobs: Jobs) -> None:
    agreed(jobs)
    assert send(jobs, "2026-07-31", "2026-07-31") == ["report.unscheduled"]


def test_what_falls_due_is_read_anew_only_where_something_was_stored(jobs: Jobs) -> None:
    project = agreed(jobs)

    def listed() -> tuple[list[tuple[object, ...]], str]:
        """What the list holds, and the statements that it took."""
        with count_queries(jobs.database) as seen:
            found = rows(jobs, "2026-06-30", within="90")
        return found, "\n".join(seen)

    reports: list[tuple[object, ...]] = [("financial-report", "2026-06-30", "ahead")]
    assert listed()[0] == reports
    with jobs.database.write("tests") as session:
        agreement = session.scalars(select(Agreement)).one()
        session.add(Instalment(agreement_id=key(agreement), due_on=dt.date(2026, 6, 1), amount=Decimal(100)))
        values = {"project_id": project, "agreement_id": agreement.id, "type": "1", "currency": "USD"}
        session.add(LedgerEntry(date=dt.date(2026, 6, 2), amount=Decimal(40), **values))
    found, asked = listed()
    assert found == [("instalment", "2026-06-01", "partly paid"), *reports]
    assert "first_due" in asked
    # money that comes in changes no terms, nor with whom they are
    with jobs.database.write("tests") as session:
        session.add(LedgerEntry(date=dt.date(2026, 6, 5), amount=Decimal(60), **values))
    found, asked = listed()
    assert found == reports
    assert "FROM ledger_entries" in asked
    assert "first_due" not in asked
    assert "officer_id" not in asked
    # nor does a project that goes to another officer, but the officer is another one
    with jobs.database.write("tests") as session:
        officer = portfolio.officer(session, "late", key(portfolio.unit(session, "LATE")))
        session.get_one(Project, project).officer_id = officer.id
    with count_queries(jobs.database) as seen:
        assert [row["officer"] for row in report(jobs, "2026-06-30", within="90").rows] == ["late"]
    assert "first_due" not in "\n".join(seen)
    send(jobs, "2026-06-30", "2026-06-29")
    assert listed()[0] == []
