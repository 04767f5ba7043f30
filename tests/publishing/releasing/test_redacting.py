"""What somebody decides to withhold is in no release, is listed with its reason, and the decision stays on record."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.db.base import table
from app.db.partners import Partner
from app.db.projects import Contact, Document
from app.db.publishing import Redaction
from app.domain.access import LOCAL
from app.domain.terms import PartnerCategory, Screening
from app.errors import InvalidInput, NotFound
from app.publishing.releasing.redacting import Part, decide
from app.publishing.releasing.withheld import decisions, withheld_now
from tests.publishing.conftest import TODAY
from tests.publishing.releasing.office import Office, day

CODE = "GLO/21/01/NLD"
ACTIVITIES = "xm-dac-41302-activities"


def say(
    office: Office, part: Part, subject: int | None, *, withheld: bool = True, until: dt.date | None = None
) -> None:
    with office.database.write("anna") as session:
        decide(
            session, LOCAL, project=CODE, part=part, subject=subject, withheld=withheld, reason="safety", until=until
        )


def test_every_part_can_be_withheld_and_released_again(office: Office) -> None:
    parts = {
        Part.TRANSACTION: office.post("3", day("2026-01-05"), "777", receiver_id=office.donor.id),
        Part.AMOUNT: office.allocate(2026, "888"),
    }
    project = office.project.id or 0
    parts[Part.CONTACT] = office.add(
        Contact(project_id=project, ordinal=0, type="1", email="amina@example.org", released=True)
    ).id
    parts[Part.DOCUMENT] = office.add(
        Document(
            project_id=project, ordinal=0, url="https://example.org/plan.pdf", format="application/pdf", title="Plan",
            category="A02",
        )
    ).id  # fmt: skip
    signs = {
        Part.TRANSACTION: b">777<", Part.AMOUNT: b">888<", Part.CONTACT: b"amina@", Part.DOCUMENT: b"plan.pdf"
    }  # fmt: skip
    with office.database.write("anna") as session:
        office.add_project(session, "OTHER/1")
    office.release()
    for sign in signs.values():
        assert sign in office.bytes_of(ACTIVITIES)
    for part, key in parts.items():
        say(office, part, key)
    office.release()
    assert [sign for sign in signs.values() if sign in office.bytes_of(ACTIVITIES)] == []
    assert sorted(office.lines("withheld")) == sorted(
        f"{CODE}: {reason}" for reason in ("safety", "safety", "safety", "safety")
    )
    say(office, Part.PROJECT, None, until=day("2027-01-01"))
    office.release()
    assert b"GLO-21-01-NLD" not in office.bytes_of(ACTIVITIES)
    with office.database.read() as session:
        shown = [(each["part"], each["subject"], each["until"]) for each in withheld_now(session, TODAY)]
        assert sorted(shown, key=str) == sorted(
            [*((part.value, key, None) for part, key in parts.items()), ("project", None, "2027-01-01")], key=str
        )
        assert len(withheld_now(session, day("2027-01-01"), CODE)) == len(parts)
        assert withheld_now(session, TODAY, "OTHER/1") == []
    assert office.lines("withheld") == [f"{CODE}: under embargo until 2027-01-01"]
    say(office, Part.PROJECT, None, withheld=False)
    for part, key in parts.items():
        say(office, part, key, withheld=False)
    office.release()
    assert [sign for sign in signs.values() if sign not in office.bytes_of(ACTIVITIES)] == []
    with office.database.read() as session:
        kept = session.execute(select(table(Redaction).c.subject_kind, table(Redaction).c.withheld)).all()
        assert withheld_now(session, TODAY) == []
        assert [each["withheld"] for each in decisions(session, CODE)] == [False] * 5 + [True] * 5
    assert len(kept) == 10


def test_embargo_of_a_part_ends_by_itself(office: Office) -> None:
    key = office.post("3", day("2026-01-05"), "777", receiver_id=office.donor.id)
    say(office, Part.TRANSACTION, key, until=day("2026-12-01"))
    office.release()
    assert b">777<" not in office.bytes_of(ACTIVITIES)
    assert office.lines("withheld") == [f"{CODE}: safety (until 2026-12-01)"]
    office.release(as_of=day("2026-12-01"))
    assert b">777<" in office.bytes_of(ACTIVITIES)


def test_what_is_no_part_of_the_project_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="1 fault"):
        say(office, Part.CONTACT, 99)
    with pytest.raises(InvalidInput) as refused, office.database.write("anna") as session:
        decide(session, LOCAL, project="NONE", part=Part.PROJECT, subject=None, withheld=True, reason="x")
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("/project", "project.unknown")]


def test_what_screening_holds_back_is_listed_as_withheld(office: Office) -> None:
    """The list is what the next release leaves out on purpose, whoever or whatever decided it."""
    posting = office.post("3", day("2026-01-05"), "777", receiver_id=office.donor.id)
    office.add(
        Partner(
            organisation_id=office.donor.id or 0, code="DONOR", category=PartnerCategory.PRIVATE_SECTOR,
            screening=Screening.PENDING,
        )
    )  # fmt: skip
    office.release()
    with office.database.read() as session:
        listed = withheld_now(session, TODAY)
        assert {(each["part"], each["subject"]) for each in listed} >= {("transaction", posting)}
        assert sorted(f"{each['project']}: {each['reason']}" for each in listed) == sorted(office.lines("withheld"))
        assert withheld_now(session, TODAY, CODE) == listed
        assert withheld_now(session, TODAY, office.project.iati_identifier) == listed
        with pytest.raises(NotFound, match="no project NOPE"):
            withheld_now(session, TODAY, "NOPE")
