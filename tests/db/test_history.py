"""Every change leaves a trace that cannot be altered, and marks what is published."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.db.audit import Change, event_hash
from app.db.engine import Database
from app.db.partners import Organisation
from app.db.people import AuditEvent
from app.db.projects import Participant, Project
from app.db.spending import LedgerEntry
from app.domain.terms import Stage


def organisation(name: str = "Ministry") -> Organisation:
    return Organisation(identifier=f"XX-{name}", name=name, name_key=name.lower())


def project(reporter: Organisation, code: str = "GLO/21/01/XYZ") -> Project:
    return Project(
        code=code,
        iati_identifier=code.replace("/", "-"),
        reporting_org_id=reporter.id or 0,
        title="Better work",
        stage=Stage.IMPLEMENTATION,
    )


def store(database: Database) -> tuple[int, int]:
    with database.write("anna") as session:
        reporter = organisation("Reporter")
        session.add(reporter)
        session.flush()
        kept = project(reporter)
        session.add(kept)
        session.flush()
        return kept.id or 0, reporter.id or 0


def test_a_change_is_recorded_with_author_and_both_values(database: Database) -> None:
    project_id, _ = store(database)
    with database.write("bela") as session:
        kept = session.get_one(Project, project_id)
        kept.title = "Better work for all"
    with database.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.aggregate == f"project:{project_id}").order_by(AuditEvent.sequence)
        ).all()
        assert [(event.actor, event.action) for event in events] == [("anna", "create"), ("bela", "update")]
        assert (events[1].before, events[1].after) == ({"title": "Better work"}, {"title": "Better work for all"})
        assert session.get_one(Project, project_id).version == 2


def test_each_event_of_a_chain_covers_the_one_before(database: Database) -> None:
    project_id, _ = store(database)
    for title in ("One", "Two", "Three"):
        with database.write("anna") as session:
            session.get_one(Project, project_id).title = title
    with database.read() as session:
        previous = ""
        for event in session.scalars(
            select(AuditEvent).where(AuditEvent.aggregate == f"project:{project_id}").order_by(AuditEvent.sequence)
        ):
            change = Change(
                aggregate=event.aggregate,
                action=event.action,
                entity=event.entity,
                entity_id=event.entity_id,
                before=event.before,
                after=event.after,
            )
            assert event.previous_hash == previous
            assert event.hash == event_hash(previous, event.sequence, event.at, event.actor, change)
            previous = event.hash
        assert previous


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events"])
def test_the_database_refuses_to_alter_the_trail(database: Database, statement: str) -> None:
    store(database)
    with pytest.raises(DBAPIError, match="appended and never changed"), database.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_failed_transaction_leaves_neither_change_nor_trace(database: Database) -> None:
    project_id, _ = store(database)
    with pytest.raises(RuntimeError), database.write("anna") as session:
        session.get_one(Project, project_id).title = "Never"
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.get_one(Project, project_id).title == "Better work"
        assert session.scalar(select(func.count()).where(AuditEvent.action == "update")) == 0


def test_a_renamed_partner_marks_the_projects_that_name_it(database: Database) -> None:
    project_id, reporter_id = store(database)
    with database.write("anna") as session:
        implementer = organisation("Implementer")
        session.add(implementer)
        session.flush()
        session.add(Participant(project_id=project_id, organisation_id=implementer.id, role="4", ordinal=0))
        other = project(session.get_one(Organisation, reporter_id), "OTHER/1")
        other.reporting_org_id = implementer.id or 0
        session.add(other)
    with database.read() as session:
        before = dict(session.execute(select(Project.code, Project.content_version)).all())
    with database.write("anna") as session:
        session.scalars(select(Organisation).where(Organisation.name == "Implementer")).one().name = "Renamed"
    with database.read() as session:
        after = dict(session.execute(select(Project.code, Project.content_version)).all())
    assert {code: after[code] - before[code] for code in before} == {"GLO/21/01/XYZ": 1, "OTHER/1": 1}


def test_what_is_not_published_does_not_move_the_date_of_the_publication(database: Database) -> None:
    project_id, _ = store(database)
    with database.write("anna") as session:
        session.get_one(Project, project_id).note = "internal"
    with database.read() as session:
        kept = session.get_one(Project, project_id)
        assert (kept.content_version, kept.content_changed_at) == (1, None)
    with database.write("anna") as session:
        session.add(
            LedgerEntry(
                project_id=project_id, type="4", date=dt.date(2021, 3, 1), amount=Decimal("1000.10"), currency="USD"
            )
        )
    with database.read() as session:
        kept = session.get_one(Project, project_id)
        assert kept.content_version == 2
        assert kept.content_changed_at is not None


def test_a_project_is_marked_once_and_not_for_what_was_taken_back(database: Database) -> None:
    project_id, reporter_id = store(database)
    with database.write("bela") as session:
        kept = session.get_one(Project, project_id)
        other = project(session.get_one(Organisation, reporter_id), code="OTHER")
        session.add(other)
        for title in ("Better", "Still better"):
            with session.begin_nested():
                kept.title = title
        kept.title = "Best"
        savepoint = session.begin_nested()
        session.add(Participant(project_id=other.id or 0, organisation_id=reporter_id, role="4", ordinal=1))
        session.flush()
        savepoint.rollback()
        before = other.content_version
    with database.read() as session:
        assert session.get_one(Project, project_id).content_version == 2
        assert session.get_one(Project, other.id).content_version == before
