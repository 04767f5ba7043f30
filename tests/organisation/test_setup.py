import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.partners import Organisation
from app.domain.access import LOCAL, Actor
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.errors import Conflict, InvalidInput, NotAllowed, NotSetUp
from app.organisation.queries import get_setup
from app.organisation.schemas import SetupIn
from app.organisation.service import put_setup

ILO = SetupIn(org_id="XM-DAC-41302", name="International Labour  Organization", type="40", currency="USD")


@pytest.fixture(autouse=True)
def codes() -> None:
    use_codelists(lambda _list, code: code in {"40", "USD", "en", "C01", "10"})


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


def test_the_identifier_never_changes(database: Database) -> None:
    with database.write("anna") as session:
        put_setup(session, LOCAL, ILO)
    with database.write("anna") as session, pytest.raises(Conflict, match="cannot change"):
        put_setup(session, LOCAL, ILO.model_copy(update={"org_id": "XM-DAC-41301"}))


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
