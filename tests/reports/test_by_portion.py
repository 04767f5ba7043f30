"""What is known by portion of the projects is what is read of all of them at once, whatever was stored by whomever."""

import datetime as dt
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database, open_database
from app.db.organisation import Unit
from app.db.portions import BITS, Portions
from app.db.projects import Project
from app.db.spending import Allocation, LedgerEntry
from app.db.unchanged import known
from app.domain.terms import EntryKind, Stage
from app.reports.blocks import Summed
from app.reports.queries_allocations import AllocatedSum, Wanted, allocated_by_portion, allocated_sums
from app.reports.queries_classes import OFFICER, PARTNER, UNIT
from app.reports.queries_ledger import LedgerSum, Window, spent_by_portion, spent_sums
from tests import portfolio
from tests.queries import count_queries

#: keys of projects in three portions, the second of which follows the first: where some are read together, these two
KEYS = (1, 2, 3, (1 << BITS) - 1, 1 << BITS, (1 << BITS) + 1, 21 << BITS)
#: this one is archived, and the others are not
LEFT = KEYS[3]
ACTIVE = tuple(key for key in KEYS if key != LEFT)
TODAY = dt.date(2026, 6, 30)
_numbers = count(1)


def another(database: Database) -> Database:
    """Another process, as good as: it shares nothing with this one."""
    return open_database(Settings(database_url=database.engine.url.render_as_string(hide_password=False)))


def fill(session: Session) -> None:
    portfolio.set_up(session)
    units = [portfolio.unit(session, code) for code in ("ROAF", "ROAP")]
    officers = [portfolio.officer(session, f"O{place}", unit.id) for place, unit in enumerate(units) if unit.id]
    for name in ("FI", "SE"):
        partner = portfolio.partner(session, name)
        assert partner.id is not None
        portfolio.agreement(session, f"A-{name}", partner.id)
    for key in KEYS:
        begun(session, key, unit_id=units[key % 2].id, officer_id=officers[key % 2].id)


def called(key: int) -> str:
    return f"XX-OWN-P{key}"


def begun(session: Session, key: int, **values: Any) -> None:
    given: dict[str, Any] = {
        "code": f"P{key}", "title": f"Project {key}", "stage": Stage.IMPLEMENTATION, "reporting_org_id": 1,
        "iati_identifier": called(key), **values,
    }  # fmt: skip
    session.add(Project(id=key, **given))
    session.flush()


def post(session: Session, chance: random.Random, **values: Any) -> LedgerEntry:
    given: dict[str, Any] = {
        "project_id": chance.choice(ACTIVE), "document": f"D{next(_numbers)}", "type": chance.choice("344"),
        "date": dt.date(2026, chance.randint(1, 6), 15), "amount": Decimal(chance.randint(1, 99999)).scaleb(-2),
        "currency": chance.choice(("USD", "EUR")), "agreement_id": chance.choice((None, 1, 2)),
        # money for an activity that is kept here is no expenditure
        "receiver_activity": chance.choice((None, None, called(chance.choice(KEYS)))), **values,
    }  # fmt: skip
    row = LedgerEntry(**given)
    session.add(row)
    session.flush()
    return row


def allocate(session: Session, chance: random.Random, **values: Any) -> Allocation:
    given: dict[str, Any] = {
        "project_id": chance.choice(ACTIVE), "period_start": dt.date(2026, chance.choice((1, 4)), 1),
        "period_end": dt.date(2026, 12, 31), "source": "RB", "kind": chance.choice(("original", "revised")),
        "decided_on": dt.date(2026, chance.randint(1, 6), 1), "amount": Decimal(chance.randint(1, 9999)),
        "currency": chance.choice(("USD", "EUR")), "agreement_id": chance.choice((None, 1, 2)), **values,
    }  # fmt: skip
    row = Allocation(**given)
    session.add(row)
    session.flush()
    return row


def adjust(session: Session, chance: random.Random) -> None:
    row = post(session, chance)
    session.add(
        LedgerEntry(
            project_id=row.project_id, type=row.type, date=row.date, amount=-row.amount, currency=row.currency,
            entry_kind=EntryKind.ADJUSTMENT, adjusts_id=row.id, reason="twice", agreement_id=row.agreement_id,
            receiver_activity=row.receiver_activity,
        )
    )  # fmt: skip


def supersede(session: Session, chance: random.Random) -> None:
    row = allocate(session, chance)
    allocate(
        session, chance, project_id=row.project_id, period_start=row.period_start, agreement_id=row.agreement_id,
        kind=row.kind, decided_on=row.decided_on, supersedes_id=row.id, withdrawn=chance.random() < 0.5,
    )  # fmt: skip


def some(session: Session, chance: random.Random) -> Project:
    return session.get_one(Project, chance.choice(ACTIVE))


def redate(session: Session, chance: random.Random) -> None:
    some(session, chance).planned_end = dt.date(2027, chance.randint(1, 12), 1)


def move(session: Session, chance: random.Random) -> None:
    project = some(session, chance)
    project.unit_id = chance.choice(session.scalars(select(table(Unit).c.id)).all())


def archive(session: Session, _chance: random.Random) -> None:
    """Archives a project, or restores it."""
    left = session.scalar(select(table(Project).c.archived_at).where(table(Project).c.id == LEFT))
    values = {"at": None if left else "2026-06-01 00:00:00+00:00", "id": LEFT}
    session.execute(text("UPDATE projects SET archived_at = :at, version = version + 1 WHERE id = :id"), values)


def rename_activity(session: Session, chance: random.Random) -> None:
    some(session, chance).iati_identifier = f"XX-OWN-N{next(_numbers)}"


def begin_project(session: Session, chance: random.Random) -> None:
    highest = session.scalar(select(func.max(table(Project).c.id))) or 0
    key = highest + chance.choice((1, 1 << BITS))
    begun(session, key, unit_id=session.get_one(Project, 1).unit_id)
    post(session, chance, project_id=key)
    allocate(session, chance, project_id=key)


def give_agreement_away(session: Session, _chance: random.Random) -> None:
    session.execute(text("UPDATE agreements SET partner_id = 3 - partner_id WHERE id = 1"))


CHANGES: tuple[Callable[[Session, random.Random], object], ...] = (
    post, post, adjust, allocate, supersede, redate, move, archive, rename_activity, begin_project, give_agreement_away,
)  # fmt: skip


class Undone(Exception):
    """Takes a transaction back."""


@contextmanager
def writing(store: Database, ended: str) -> Iterator[Session]:
    """A transaction that is stored, or taken back in whole or in part."""
    try:
        with store.write("tests") as session:
            if ended == "part":
                with session.begin_nested() as part:
                    yield session
                    part.rollback()
                return
            yield session
            if ended == "whole":
                raise Undone
    except Undone:
        pass


def window(over: str) -> Window:
    return Window(
        starts=(dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2027, 1, 1)),
        since=dt.date(2026, 1, 1),
        until=TODAY,
        currency="USD",
        over=frozenset({over} if over else ()),
    )


def wanted(over: str) -> Wanted:
    return Wanted(
        first=dt.date(2026, 1, 1),
        last=dt.date(2026, 12, 31),
        as_of=TODAY,
        recorded_at=None,
        currency="USD",
        over=frozenset({over} if over else ()),
        edges=frozenset({dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2027, 1, 1)}),
    )


def in_order(sums: Summed[LedgerSum] | Summed[AllocatedSum]) -> list[str]:
    assert not sums.blocks
    return sorted(map(repr, sums.rows))


def assert_the_same(database: Database) -> None:
    with database.read() as session:
        for over in ("", UNIT, OFFICER, PARTNER):
            spent, allocated = window(over), wanted(over)
            assert in_order(spent_by_portion(session, spent)) == in_order(spent_sums(session, spent)), over
            assert in_order(allocated_by_portion(session, allocated)) == in_order(allocated_sums(session, allocated))


def test_sums_by_portion_are_those_of_all_projects_whatever_is_stored(database: Database) -> None:
    chance = random.Random(11)
    with database.write("tests") as session:
        fill(session)
        for _ in range(30):
            post(session, chance)
            allocate(session, chance)
        post(session, chance, project_id=LEFT)
    assert_the_same(database)
    other = another(database)
    for number in range(60):
        store = chance.choice((database, other))
        with writing(store, chance.choice(("stored", "stored", "part", "whole"))) as session:
            CHANGES[number % len(CHANGES)](session, chance)
            if number % 5 == 0:
                # who writes sees what is not stored yet, and others do not
                assert in_order(spent_by_portion(session, window(UNIT))) == in_order(spent_sums(session, window(UNIT)))
                assert_the_same(database)
        assert_the_same(database)
    other.dispose()


def test_two_that_write_at_once_and_end_in_another_order_than_they_began(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    chance = random.Random(3)
    with database.write("tests") as session:
        fill(session)
    other = another(database)
    with database.write("tests") as first:
        post(first, chance, project_id=1)
        with other.write("tests") as second:
            post(second, chance, project_id=2)
            allocate(second, chance, project_id=KEYS[-1])
            assert_the_same(database)
        assert_the_same(database)
        allocate(first, chance, project_id=KEYS[-1])
    assert_the_same(database)
    with database.write("tests") as session:
        session.execute(text("TRUNCATE ledger_entries CASCADE"))
    assert_the_same(database)
    other.dispose()


def test_a_file_that_was_put_back_is_read_again(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a file of SQLite")
    chance = random.Random(5)
    path = database.engine.url.database
    assert path is not None
    with database.write("tests") as session:
        fill(session)
        post(session, chance)
    database.dispose()
    shutil.copy(path, f"{path}.kept")
    for _ in range(2):
        with database.write("tests") as session:
            post(session, chance)
            allocate(session, chance)
        assert_the_same(database)
        database.dispose()
        shutil.copy(f"{path}.kept", path)
        assert_the_same(database)


def test_only_the_portion_is_read_of_which_something_was_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(2)
    read: list[Sequence[int]] = []
    given = Portions.given.fget
    assert given is not None

    def note(portions: Portions) -> Mapping[str, object]:
        read.append([number << portions.bits >> BITS for number in portions.numbers])
        return given(portions)

    monkeypatch.setattr(Portions, "given", property(note))
    with database.write("tests") as session:
        fill(session)
    assert_the_same(database)

    def statements() -> list[str]:
        read.clear()
        with database.read() as session, count_queries(database) as seen:
            spent_by_portion(session, window(UNIT))
            allocated_by_portion(session, wanted(UNIT))
        return [each for each in seen if "stamps" not in each]

    assert statements() == []
    with database.write("tests") as session:
        post(session, chance, project_id=KEYS[-1])
    # one of the ledger and one of allocations, of one portion; on PostgreSQL four are one
    last = 21 if database.is_sqlite else 20
    assert len(statements()) == 2
    assert read == [[last], [last]]
    assert statements() == []
    with database.write("tests") as session:
        session.get_one(Project, 1).planned_end = dt.date(2031, 1, 1)
    assert len(statements()) == 2
    assert read == [[0], [0]]
    with database.write("tests") as session:
        session.get_one(Project, 1).iati_identifier = "XX-OWN-OTHER"
    # what is money within the organisation hangs on the identifiers of all, which are read together
    assert len(statements()) == 2
    assert read == [[0, 1, last] if database.is_sqlite else [0, last], [0]]


def test_what_was_asked_before_there_was_any_project_does_not_stand_for_ever(database: Database) -> None:
    def asked() -> list[str]:
        with database.read() as session:
            return in_order(known(session, "asked", lambda fresh: spent_by_portion(fresh, window(UNIT))))

    assert asked() == []
    with database.write("tests") as session:
        fill(session)
        post(session, random.Random(7), receiver_activity=None)
    assert len(asked()) == 1


#: tables that are stamped by portion, and the column that tells the project
PORTIONED = {
    "allocations", "assessed_projects", "funding_shares", "ledger_entries", "obligations", "project_revisions",
    "projects",
}  # fmt: skip


def test_changes_of_these_tables_are_noted_by_portion(database: Database) -> None:
    """A migration that makes one of them anew on SQLite stamps it again; see ``migrations/stamped.py``."""
    with database.read() as session:
        if database.is_sqlite:
            listed = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_portioned_%'"
        else:
            listed = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_portioned_%'"
        found = list(session.scalars(text(listed)))
    assert set(found) == PORTIONED
    least = 3 if database.is_sqlite else 4
    assert all(found.count(name) >= least for name in PORTIONED)
