"""What went to the organisation itself: the domain and the database say the same of every row."""

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.engine import Database
from app.db.ledger import is_expenditure, is_internal
from app.db.lookups import organisation_named
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain import ledger as rule
from app.domain.ledger import House, Party
from app.domain.terms import EntryKind
from tests import portfolio

#: the other side: organisation (by the name below), activity
ORGANISATIONS = (
    "own", "own, without its identifier", "own, in small letters", "own, as before", "own, as before in small letters",
    "own, in letters of its own", "nearly as before", "nearly in its letters", "another", None,
)  # fmt: skip
ACTIVITIES = ("KEPT", "XX-OWN-ELSEWHERE", "XX-OWNER-1", "XX-OTHER-1", None)
TYPES = ("1", "2", "3", "4", "11")


def put_entries(session: Session) -> tuple[House, dict[int, tuple[str, Party, Party]]]:
    """A row for every kind of counterpart on either side; by key what it says."""
    setup = portfolio.set_up(session)
    home = portfolio.project(session, "HOME")
    portfolio.project(session, "KEPT").iati_identifier = "KEPT"
    named = {
        "own": setup.organisation_id,
        "own, without its identifier": portfolio.organisation(session, None, "own  ORGANISATION").id,
        "own, in small letters": portfolio.organisation(session, "xx-own", "Somebody's own").id,
        "own, as before": portfolio.organisation(session, "XX-BEFORE", "Before").id,
        "own, as before in small letters": portfolio.organisation(session, "xx-before", "before").id,
        "own, in letters of its own": portfolio.organisation(session, "xx-Ö", "Ours").id,
        # a sign that stands for any other in patterns, and a letter that is not the same in every alphabet
        "nearly as before": portfolio.organisation(session, "XX_BEFORE", "Nearly").id,
        "nearly in its letters": portfolio.organisation(session, "XX-ö", "Not ours").id,
        "another": portfolio.organisation(session, "XX-OTHER", "Another").id,
        None: None,
    }
    session.get_one(Organisation, setup.organisation_id).former_identifiers = ["XX-OLDEST", "XX-BEFORE", "XX-Ö"]
    said: dict[int, tuple[str, Party, Party]] = {}
    for type_, organisation, activity, is_receiver in product(TYPES, ORGANISATIONS, ACTIVITIES, (True, False)):
        party = Party(organisation=named[organisation], activity=activity)
        side = "receiver" if is_receiver else "provider"
        row = LedgerEntry(
            project_id=home.id or 0,
            type=type_,
            date=dt.date(2021, 1, 1),
            amount=Decimal(1),
            currency="USD",
            entry_kind=EntryKind.POSTING,
            recorded_by="tests",
            **{f"{side}_id": party.organisation, f"{side}_activity": party.activity},
        )
        session.add(row)
        session.flush()
        said[row.id or 0] = (type_, rule.NOBODY if is_receiver else party, party if is_receiver else rule.NOBODY)
    house = House(
        organisations=frozenset(key or 0 for name, key in named.items() if name is not None and name.startswith("own")),
        identifiers=frozenset({"XX-OWN"}),
        activities=frozenset({"KEPT", home.iati_identifier}),
    )
    return house, said


def test_the_database_and_the_domain_agree_on_what_went_to_the_organisation_itself(database: Database) -> None:
    entry, project = table(LedgerEntry), table(Project)
    with database.write("tests") as session:
        house, said = put_entries(session)
        found = session.execute(
            select(entry.c.id, is_internal(entry, project), is_expenditure(entry, project)).join_from(
                entry, project, project.c.id == entry.c.project_id
            )
        ).all()
    assert len(found) == len(said)
    for key, internal, spent in found:
        type_, provider, receiver = said[key]
        expected = rule.is_internal(type_, house, provider=provider, receiver=receiver)
        assert (bool(internal), bool(spent)) == (expected, type_ in rule.SPENDING and not expected), said[key]


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (Party(organisation=1), True),
        (Party(organisation=2, activity="XX-OWN-9"), False),
        (Party(organisation=2, activity="KEPT"), True),
        (Party(activity="XX-OWN-9"), True),
        (Party(activity="XX-OWNER-9"), False),
        (rule.NOBODY, False),
    ],
)
def test_an_organisation_knows_itself_by_key_by_a_kept_activity_and_by_the_form(party: Party, expected: bool) -> None:
    house = House(organisations=frozenset({1}), identifiers=frozenset({"XX-OWN"}), activities=frozenset({"KEPT"}))
    assert house.is_itself(party) is expected
    assert rule.is_internal("3", house, receiver=party) is expected
    assert rule.is_internal("1", house, provider=party) is expected
    assert not rule.is_internal("4", house, receiver=party)


def test_an_identifier_in_other_letters_or_a_former_one_names_the_organisation_that_has_it(database: Database) -> None:
    with database.write("tests") as session:
        own = portfolio.set_up(session).organisation_id
        session.get_one(Organisation, own).former_identifiers = ["XX-BEFORE", "XX-Ö"]
        session.flush()
        for text in ("XX-OWN", "xx-own", "XX-BEFORE", "xx-before", "XX-Ö", "xx-Ö", "Own Organisation"):
            assert organisation_named(session, text).id == own, text
        for text in ("XX-OWN-1", "XX-BEFOR", "XX%", "xx-ow_", "XX_BEFORE", "xx-ö", 'XX-BEFORE", "XX-Ö'):
            assert organisation_named(session, text).id != own, text
