import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.publishing import PublishedActivity
from app.domain.access import LOCAL, Actor
from app.domain.codes import use_codelists
from app.domain.terms import Role, Stage
from app.errors import Conflict, InvalidInput, NotAllowed, NotSetUp
from app.organisation.queries import get_setup
from app.organisation.schemas import SetupIn
from app.organisation.service import put_setup

ILO = SetupIn(org_id="XM-DAC-41302", name="International Labour  Organization", type="40", currency="USD")


@pytest.fixture(autouse=True)
def codes() -> None:
    use_codelists(lambda _list, code: code in {"40", "USD", "en", "fr", "C01", "10"})


def test_nothing_works_before_the_set_up(database: Database) -> None:
    with database.read() as session, pytest.raises(NotSetUp, match="earmark init"):
        get_setup(session)


def test_set_up_twice_changes_nothing_the_second_time(database: Database) -> None:
    outcomes = []
    for _ in range(2):
        with database.write("anna") as session:
            outcomes.append(put_setup(session, LOCAL, ILO).outcome)
    assert outcomes == ["created", "unchanged"]
    with database.read() as session:
        organisation = session.scalars(select(Organisation)).one()
        assert (organisation.identifier, organisation.name_key) == ("XM-DAC-41302", "international labour organization")


def test_a_changed_default_is_an_update(database: Database) -> None:
    with database.write("anna") as session:
        put_setup(session, LOCAL, ILO)
    with database.write("anna") as session:
        put = put_setup(session, LOCAL, ILO.model_copy(update={"default_aid_type": "C01", "languages": ["fr", "en"]}))
        assert put.outcome == "updated"
        assert (put.row.default_aid_type, put.row.languages) == ("C01", ["en", "fr"])


def test_every_language_of_the_set_up_is_one_that_the_standard_knows(database: Database) -> None:
    odd = ILO.model_copy(update={"languages": ["fr", "zz"], "name_translations": [("fr", "OIT"), ("qq", "ILO")]})
    with database.write("anna") as session, pytest.raises(InvalidInput) as refused:
        put_setup(session, LOCAL, odd)
    assert [fault.pointer for fault in refused.value.faults] == ["/languages/1", "/name_translations/1/0"]


def _project(code: str, identifier: str, own: int) -> Project:
    return Project(code=code, iati_identifier=identifier, reporting_org_id=own, title=code, stage=Stage.PIPELINE)


def test_a_mistyped_identifier_is_put_right_while_nothing_is_published(database: Database) -> None:
    with database.write("anna") as session:
        own = put_setup(session, LOCAL, ILO).row.organisation_id
        for code, identifier in (("A/1", "XM-DAC-41302-A-1"), ("B", "ELSEWHERE-B")):
            session.add(_project(code, identifier, own))
    right = ILO.model_copy(update={"org_id": "XM-DAC-41301"})
    with database.write("anna") as session:
        assert put_setup(session, LOCAL, right).outcome == "updated"
    with database.read() as session:
        organisation = session.scalars(select(Organisation)).one()
        # nobody has seen it, so that nobody is told of it
        assert (organisation.identifier, organisation.former_identifiers) == ("XM-DAC-41301", [])
        named = {row.code: row.iati_identifier for row in session.scalars(select(Project))}
        assert named == {"A/1": "XM-DAC-41301-A-1", "B": "ELSEWHERE-B"}
    with database.write("anna") as session:
        assert put_setup(session, LOCAL, right).outcome == "unchanged"


def test_the_right_identifier_may_be_known_from_a_file(database: Database) -> None:
    with database.write("anna") as session:
        own = put_setup(session, LOCAL, ILO).row.organisation_id
        session.add(
            Project(code="A", iati_identifier="XM-DAC-41302-A", reporting_org_id=own, title="A", stage=Stage.PIPELINE)
        )
        session.add(Organisation(identifier="XM-DAC-41301", name="ILO", name_key="ilo"))
    with database.write("anna") as session:
        put_setup(session, LOCAL, ILO.model_copy(update={"org_id": "XM-DAC-41301"}))
    with database.read() as session:
        setup = get_setup(session)
        organisation = session.get_one(Organisation, setup.organisation_id)
        assert (organisation.identifier, organisation.name) == ("XM-DAC-41301", ILO.name)
        project = session.scalars(select(Project)).one()
        assert (project.iati_identifier, project.reporting_org_id) == ("XM-DAC-41301-A", organisation.id)


def test_a_published_identifier_is_refused_with_the_way_out(database: Database) -> None:
    with database.write("anna") as session:
        own = put_setup(session, LOCAL, ILO).row.organisation_id
        project = Project(
            code="A", iati_identifier="XM-DAC-41302-A", reporting_org_id=own, title="A", stage=Stage.PIPELINE
        )
        session.add(project)
        session.flush()
        session.add(PublishedActivity(identifier="XM-DAC-41302-A", project_id=project.id or 0))
    with database.write("anna") as session, pytest.raises(Conflict) as refused:
        put_setup(session, LOCAL, ILO.model_copy(update={"org_id": "XM-DAC-41301"}))
    assert "earmark organisation identifier XM-DAC-41301 --reason" in refused.value.faults[0].message


def test_an_identifier_that_would_take_another_activitys_is_refused(database: Database) -> None:
    with database.write("anna") as session:
        own = put_setup(session, LOCAL, ILO).row.organisation_id
        for code, identifier in (("A", "XM-DAC-41302-A"), ("B", "XM-DAC-41301-A")):
            session.add(_project(code, identifier, own))
    with database.write("anna") as session, pytest.raises(InvalidInput) as refused:
        put_setup(session, LOCAL, ILO.model_copy(update={"org_id": "XM-DAC-41301"}))
    assert [fault.message for fault in refused.value.faults] == [
        "A would be called XM-DAC-41301-A as B is: give it another code first."
    ]


def test_an_organisation_known_from_a_file_becomes_the_own_one(database: Database) -> None:
    with database.write("anna") as session:
        session.add(Organisation(identifier="XM-DAC-41302", name="ILO", name_key="ilo"))
    with database.write("anna") as session:
        put_setup(session, LOCAL, ILO)
    with database.read() as session:
        assert [row.name for row in session.scalars(select(Organisation))] == ["International Labour  Organization"]


def test_every_unknown_code_is_listed(database: Database) -> None:
    body = ILO.model_copy(update={"type": "77", "default_flow_type": "999"})
    with database.write("anna") as session, pytest.raises(InvalidInput) as refused:
        put_setup(session, LOCAL, body)
    assert [fault.pointer for fault in refused.value.faults] == ["/type", "/default_flow_type"]


def test_only_administrators_set_up(database: Database) -> None:
    with database.write("anna") as session, pytest.raises(NotAllowed):
        put_setup(session, Actor(name="anna", role=Role.OFFICER), ILO)
