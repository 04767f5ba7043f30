"""The daily look: what does not agree any more is told once, to those who publish."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.alerts import publications
from app.db.alerts import Message
from app.db.base import utc_now
from app.db.organisation import Officer, Unit
from app.db.people import User
from app.domain.terms import Role
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.outbox.mail import compose
from app.outbox.transport import Outgoing
from app.publishing.registering.files import PublishedFile
from tests.publishing.registering.conftest import Office
from tests.stand_ins.registry import meta

DAY = dt.date(2026, 11, 25)


def run(office: Office, day: dt.date = DAY) -> dict[str, Any]:
    settings = office.settings.model_copy(update={"webhook_url": "https://hooks.example.org/x"})
    return run_job(office.database, settings, job("publication-check"), day).as_dict()


def told(office: Office) -> list[Message]:
    with office.database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


@pytest.fixture
def published(office: Office, monkeypatch: pytest.MonkeyPatch) -> PublishedFile:
    """A file that is public, registered and downloaded; two people publish, one of them has an address."""
    file = office.public(changed_at=utc_now() - dt.timedelta(days=2))
    monkeypatch.setattr(publications, "published_files", lambda *_: [file])
    office.register(file)
    office.stand_in.poll()
    with office.database.write("tests") as session:
        unit = Unit(code="GVA", name="Geneva")
        session.add(unit)
        session.flush()
        officer = Officer(code="ana", name="Ana", email="ana@example.org", unit_id=unit.id)
        session.add(officer)
        session.flush()
        session.add(User(name="ana", role=Role.PUBLISHER, officer_id=officer.id))
        session.add(User(name="machine", role=Role.PUBLISHER))
        other = Officer(code="bob", name="Bob", email="bob@example.org", unit_id=unit.id)
        session.add(other)
        session.flush()
        session.add(User(name="bob", role=Role.OFFICER, officer_id=other.id))
    return file


@pytest.mark.usefixtures("published")
def test_what_agrees_is_not_told(office: Office) -> None:
    assert run(office) == {"run": 1, "as_of": "2026-11-25", "datasets": 1, "recorded": [], "messages": 0}
    assert told(office) == []


@pytest.mark.usefixtures("published")
def test_what_agrees_no_more_is_told_once_and_again_only_after_it_agreed(office: Office) -> None:
    (entry,) = office.stand_in.of("own-activities")
    meta(entry)["visibility"] = "private"
    office.stand_in.files.clear()
    first = run(office)
    assert {one["topic"] for one in first["recorded"]} == {"dataset", "address", "arrival"}
    assert first["messages"] == 2
    mail, hook = told(office)
    assert (mail.channel, mail.recipient, hook.channel) == ("mail", "ana@example.org", "webhook")
    assert run(office, DAY + dt.timedelta(days=1))["recorded"] == []
    meta(entry)["visibility"] = "public"
    run(office, DAY + dt.timedelta(days=2))
    meta(entry)["visibility"] = "private"
    again = run(office, DAY + dt.timedelta(days=3))
    assert [one["topic"] for one in again["recorded"]] == ["dataset"]
    assert len(told(office)) == 4
    assert hook.payload is not None
    assert hook.payload["event"] == "publication.disagrees"
    text = compose(
        Outgoing(id=1, message_id=mail.message_id, channel="mail", recipient=mail.recipient, subject=mail.subject,
                 thread=mail.thread, payload=mail.payload or {}, attempts=0, claimed_until=utc_now(),
                 composed_at=utc_now()),
        office.settings,
    )  # fmt: skip
    assert text["List-Unsubscribe"] is None
    body = text.get_body(("plain",))
    assert body is not None
    assert "Dear Ana," in body.get_content()
    assert "* own-activities is public and hidden in the registry: publish again." in body.get_content()


def test_run_that_died_after_telling_tells_nothing_twice(
    office: Office, published: PublishedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.stand_in.files.clear()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("app.jobs.runner._finish", killed)
        with pytest.raises(KeyboardInterrupt):
            run(office)
    assert len(told(office)) == 2
    assert run(office)["messages"] == 0
    assert len(told(office)) == 2


@pytest.mark.usefixtures("published")
def test_publication_that_is_not_taken_within_a_day_is_late(office: Office) -> None:
    office.stand_in.index.clear()
    (late,) = run(office)["recorded"]
    assert "does not know this dataset yet" in late["message"]
    assert "more than a day ago" in late["message"]


@pytest.mark.usefixtures("published")
def test_without_a_registry_addresses_of_an_office_of_its_own_are_nobodys_business(office: Office) -> None:
    office.settings = office.settings.model_copy(update={"registry_kind": "", "public_url": "http://10.0.0.7:8000"})
    office.stand_in.seen.clear()
    office.stand_in.files.clear()
    assert run(office)["recorded"] == []
    office.settings = office.settings.model_copy(update={"public_url": "https://data.example.org"})
    assert [one["topic"] for one in run(office)["recorded"]] == ["address"]
    assert office.stand_in.seen == [], "no registry is asked"


def test_without_anything_published_nothing_is_asked(office: Office) -> None:
    assert run(office)["datasets"] == 0
    assert office.stand_in.seen == []
