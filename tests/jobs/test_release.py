"""The release of the timetable is prepared on its day, waits for a person unless that is unwanted, is told once."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.alerts.releases import is_its_day
from app.config import Settings
from app.db.alerts import Message
from app.db.base import table
from app.db.engine import Database
from app.db.organisation import Officer, Setup, Unit
from app.db.people import User
from app.db.projects import Project
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.jobs.runner import run_job
from app.jobs.timetable import job
from tests.portfolio import known
from tests.publishing.conftest import TODAY
from tests.publishing.releasing.office import Office


@pytest.fixture
def office(settings: Settings, database: Database) -> Office:
    use_codelists(known)
    office = Office(settings.model_copy(update={"release_schedule": "daily"}), database)
    with database.write("tests") as session:
        unit = Unit(code="PUB", name="Publications")
        session.add(unit)
        session.flush()
        officer = Officer(code="pia", name="Pia", email="pia@example.org", unit_id=unit.id or 0)
        session.add(officer)
        session.flush()
        session.add(User(name="pia", role=Role.PUBLISHER, officer_id=officer.id))
    return office


def run(office: Office, day: dt.date = TODAY) -> list[str]:
    """The events of a run."""
    report = run_job(office.database, office.settings, job("release"), day)
    recorded = report.content["recorded"]
    assert isinstance(recorded, list)
    return [each["event"] for each in recorded]


def subjects(office: Office) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(select(table(Message).c.subject).order_by(table(Message).c.id)))


def closings(office: Office) -> list[str]:
    with office.database.read() as session:
        payloads = session.scalars(select(table(Message).c.payload).order_by(table(Message).c.id))
        return [payload["notice"]["closing"] for payload in payloads]


def test_release_waits_for_a_person_and_is_told_once(office: Office) -> None:
    assert run(office) == ["release.prepared"]
    assert run(office) == []
    assert subjects(office) == ["Release 1 is prepared and waits for approval"]
    office.approve()
    office.change(Project, office.project.id, title="Changed after the approval")
    assert run(office, TODAY + dt.timedelta(days=1))[-1] == "release.published"
    assert b"Changed after" not in office.bytes_of("xm-dac-41302-activities", 1)
    assert [office.shown(number)["state"] for number in (1, 2)] == ["published", "prepared"]


def test_without_a_person_where_the_settings_say_so(office: Office) -> None:
    office.settings = office.settings.model_copy(update={"release_unattended": True})
    assert run(office) == ["release.prepared"], "nobody has compared the first one with what is published already"
    office.approve()
    office.publish()
    office.change(Project, office.project.id, title="Changed")
    assert run(office) == ["release.published"]
    assert run(office) == []
    office.withdraw("wrong figures")
    assert run(office) == ["release.prepared"], "what a person took back only a person brings back"
    assert office.shown()["state"] == "prepared"
    office.approve()
    office.publish()
    office.change(Project, office.project.id, title="Approved before the other was taken back")
    office.prepare()
    office.approve()
    office.withdraw("wrong figures again")
    assert run(office) == ["release.prepared", "release.failed"], "nor does what was approved before bring it back"
    assert run(office, TODAY + dt.timedelta(days=1))[-1] == "release.failed"
    waits = [closing for closing in closings(office) if "only when a person says so" in closing]
    assert len(waits) == 1, "it is told once, and says that no day changes it"
    office.approve()
    office.publish()
    with office.database.write("anna") as session:
        session.get_one(Setup, 1).approval_by_second_person = True
    office.change(Project, office.project.id, title="Another")
    assert run(office, TODAY + dt.timedelta(days=1)) == ["release.prepared"]


def test_each_dataset_that_was_taken_back_is_told_once(office: Office) -> None:
    office.settings = office.settings.model_copy(update={"release_schedule": ""})
    office.release()
    first, second = [row.dataset for row in office.public_rows()]
    office.change(Project, office.project.id, title="Approved before anything was taken back")
    office.prepare()
    office.approve()
    office.withdraw("wrong figures", first)
    assert run(office) == ["release.failed"]
    run(office, TODAY + dt.timedelta(days=1))
    assert len(subjects(office)) == 1
    office.withdraw("wrong as well", second)
    run(office, TODAY + dt.timedelta(days=2))
    run(office, TODAY + dt.timedelta(days=3))
    assert len(subjects(office)) == 2, "another one is other news"


def test_days_of_the_timetable() -> None:
    monday, first = dt.date(2026, 11, 23), dt.date(2026, 12, 1)
    assert [is_its_day(name, monday) for name in ("daily", "weekly", "monthly", "")] == [True, True, False, False]
    assert [is_its_day(name, first) for name in ("daily", "weekly", "monthly", "")] == [True, False, True, False]
