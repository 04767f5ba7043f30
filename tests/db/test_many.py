"""Many keys at once: found, and changed each to values of its own."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.among import among
from app.db.base import table
from app.db.bulk import add_rows, change_rows
from app.db.engine import Database
from app.db.evaluations import Obligation
from app.db.organisation import Unit
from tests import portfolio

_obligation = table(Obligation).c


@pytest.fixture
def keys(database: Database) -> list[int]:
    """Three obligations of one project."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P")
        rows = [
            Obligation(project_id=project.id or 0, key=f"?{number}", kind="final", number=number, status="cannot-tell",
                       due_on=dt.date(2026, 1, number), reason="as it was", rules=["a/b"])
            for number in (1, 2, 3)
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        return [row.id or 0 for row in rows]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 64, 72, 150])
def test_rows_are_added_in_their_order_however_many_they_are(database: Database, count: int) -> None:
    made = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    rows = [(f"U{number}", f"Unit {number}", None, made, made, 1) for number in range(count)]
    with database.write("tests") as session:
        add_rows(session, Unit, ("code", "name", "note", "created_at", "updated_at", "version"), rows)
    with database.read() as session:
        unit = table(Unit).c
        assert list(session.scalars(select(unit.code).order_by(unit.id))) == [row[0] for row in rows]


def test_of_rows_of_which_one_is_refused_nothing_stays_in_the_part_that_added_them(database: Database) -> None:
    made = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    rows = [(f"U{number % 99}", "Unit", made, made, 1) for number in range(100)]
    with database.write("tests") as session:
        with pytest.raises(IntegrityError), session.begin_nested():
            add_rows(session, Unit, ("code", "name", "created_at", "updated_at", "version"), rows)
        assert session.scalars(select(table(Unit).c.id)).all() == []


@pytest.mark.parametrize("places", [[], [0], [0, 2], [0, 1, 2]])
def test_rows_are_found_by_their_keys_and_by_not_having_them(
    database: Database, keys: list[int], places: list[int]
) -> None:
    wanted = [keys[place] for place in places]
    with database.read() as session:
        found = session.scalars(select(_obligation.id).where(among(_obligation.id, wanted)))
        assert sorted(found) == wanted
        others = session.scalars(select(_obligation.id).where(~among(_obligation.id, wanted), _obligation.id > 0))
        assert sorted(others) == sorted(set(keys) - set(wanted))


def test_a_statement_that_is_kept_looks_for_the_keys_of_each_time(database: Database, keys: list[int]) -> None:
    with database.read() as session:
        for key in keys:
            for many in ([key], [key, -1]):
                assert list(session.scalars(select(_obligation.id).where(among(_obligation.id, many)))) == [key]


def test_each_row_gets_values_of_its_own_and_no_other_row_changes(database: Database, keys: list[int]) -> None:
    words = "quotes \"' and \\ and é"
    with database.write("tests") as session:
        change_rows(session, Obligation, [])
        change_rows(
            session,
            Obligation,
            [
                {"row_id": keys[0], "due_on": dt.date(2027, 2, 3), "reason": words, "rules": ["x/y", "é"], "number": 7},
                {"row_id": keys[2], "due_on": None, "reason": "", "rules": [], "number": 8},
            ],
        )
    with database.read() as session:
        rows = session.execute(
            select(_obligation.due_on, _obligation.reason, _obligation.rules, _obligation.number).order_by(
                _obligation.id
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        (dt.date(2027, 2, 3), words, ["x/y", "é"], 7),
        (dt.date(2026, 1, 2), "as it was", ["a/b"], 2),
        (None, "", [], 8),
    ]


def test_what_the_tables_forbid_is_refused_whole(database: Database, keys: list[int]) -> None:
    with pytest.raises(IntegrityError), database.write("tests") as session:
        change_rows(
            session, Obligation, [{"row_id": keys[0], "kind": "ex-post"}, {"row_id": keys[1], "kind": "nonsense"}]
        )
    with database.read() as session:
        assert set(session.scalars(select(_obligation.kind))) == {"final"}
