"""Units and officers, and a portfolio that goes from one officer to another in one step."""

import datetime as dt

import pytest
from sqlalchemy import column, select

from app.db.engine import Database
from app.db.organisation import Officer
from app.db.partners import Organisation
from app.db.projects import Project, ProjectRevision
from app.domain.access import LOCAL
from app.domain.terms import Stage
from app.errors import Conflict, InvalidInput
from app.people import service
from app.people.schemas import HandoverIn, OfficerIn, UnitIn

TODAY = dt.date(2026, 11, 20)


def officer(code: str) -> OfficerIn:
    return OfficerIn(code=code, name=code.upper(), email=f"{code}@example.org", unit="ROAF")


def fill(database: Database, *codes: str) -> None:
    """Two officers; ``ann`` has a project for each of the codes since 2024."""
    with database.write("tests") as session:
        service.create_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa"))
        ann = service.create_officer(session, LOCAL, officer("ann"))
        service.create_officer(session, LOCAL, officer("bob"))
        own = Organisation(identifier="XX-1", name="Own", name_key="own")
        session.add(own)
        session.flush()
        for code in codes:
            project = Project(
                code=code,
                iati_identifier=f"XX-1-{code}",
                reporting_org_id=own.id or 0,
                title=code,
                stage=Stage.IMPLEMENTATION,
                officer_id=ann.id,
                unit_id=ann.unit_id,
            )
            session.add(project)
            session.flush()
            session.add(
                ProjectRevision(
                    project_id=project.id or 0,
                    field="officer",
                    sequence=1,
                    known_on=dt.date(2024, 3, 1),
                    value="ann",
                    reason="Begun",
                )
            )


def hand_over(database: Database, body: HandoverIn) -> list[str]:
    with database.write("tests") as session:
        ann = session.scalars(select(Officer).where(column("code") == "ann")).one()
        return service.hand_over(session, LOCAL, ann, body, today=TODAY)


def test_a_second_import_of_a_unit_or_officer_changes_what_differs(database: Database) -> None:
    with database.write("tests") as session:
        outcomes = [
            service.put_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa")).outcome,
            service.put_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa")).outcome,
            service.put_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa", head="Baraka")).outcome,
            service.put_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa")).outcome,
            service.put_officer(session, LOCAL, officer("ann")).outcome,
            service.put_officer(session, LOCAL, officer("ann")).outcome,
            service.put_officer(session, LOCAL, officer("ann").model_copy(update={"name": "Ann B"})).outcome,
        ]
    assert outcomes == ["created", "unchanged", "updated", "unchanged", "created", "unchanged", "updated"]


def test_an_officer_needs_a_unit_that_is_there(database: Database) -> None:
    with pytest.raises(InvalidInput) as refused, database.write("tests") as session:
        service.put_officer(session, LOCAL, officer("ann"), pointer="/0")
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("/0/unit", "unit.unknown")]


def test_a_portfolio_is_handed_over_with_a_revision_for_each_project(database: Database) -> None:
    fill(database, "B/2", "A/1")
    codes = hand_over(database, HandoverIn(to="bob", decided_on=dt.date(2026, 11, 1), reason="Left"))
    assert codes == ["A/1", "B/2"]
    with database.read() as session:
        bob = session.scalars(select(Officer).where(column("code") == "bob")).one()
        assert {project.officer_id for project in session.scalars(select(Project))} == {bob.id}
        rows = session.scalars(select(ProjectRevision).where(column("sequence") == 2)).all()
        assert {(row.known_on, row.value, row.reason, row.recorded_by) for row in rows} == {
            (dt.date(2026, 11, 1), "bob", "Left", LOCAL.name)
        }
        assert len(rows) == 2


@pytest.mark.parametrize(
    ("to", "decided_on", "faults"),
    [
        ("eve", None, {("/to", "officer.unknown")}),
        ("ann", None, {("/to", "officer.same")}),
        ("bob", dt.date(2026, 11, 21), {("/decided_on", "date.future")}),
        # the project's officer was decided on after that day, so that the handover would not be the newest decision
        ("eve", dt.date(2024, 2, 1), {("/to", "officer.unknown"), ("/decided_on", "revision.not-the-newest")}),
    ],
)
def test_a_handover_that_cannot_hold_is_refused_whole(
    database: Database, to: str, decided_on: dt.date | None, faults: set[tuple[str, str]]
) -> None:
    fill(database, "A/1")
    with pytest.raises(InvalidInput) as refused:
        hand_over(database, HandoverIn(to=to, decided_on=decided_on, reason="Left"))
    assert {(fault.pointer, fault.rule) for fault in refused.value.faults} == faults


def test_an_officer_with_running_projects_is_not_taken_out_of_use(database: Database) -> None:
    fill(database, "A/1")
    with database.write("tests") as session:
        ann = session.scalars(select(Officer).where(column("code") == "ann")).one()
        with pytest.raises(Conflict, match="hand the portfolio over"):
            service.archive_officer(session, LOCAL, ann)
        service.hand_over(session, LOCAL, ann, HandoverIn(to="bob", reason="Left"), today=TODAY)
        service.archive_officer(session, LOCAL, ann)
        assert ann.archived_at is not None
