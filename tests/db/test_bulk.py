"""Many rows at once: by the shortest way, and nothing of that way stays behind."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.db.among import among_texts
from app.db.audit import Change, append_events
from app.db.base import table, utc_now
from app.db.bulk import add_rows
from app.db.engine import Database
from app.db.partners import Organisation
from app.db.people import AuditEvent
from app.db.spending import LedgerEntry
from tests import portfolio

_COLUMNS = (
    "project_id", "document", "type", "date", "amount", "currency", "internal", "entry_kind", "reason", "recorded_at",
    "recorded_by",
)  # fmt: skip
_SETTINGS = ("plan_cache_mode", "enable_seqscan")


class Undone(Exception):
    """Leaves the transaction without storing anything."""


def _posting(project_id: int, number: int) -> list[Any]:
    day = dt.date(2026, 1, 5)
    return [project_id, f"D{number}", "4", day, Decimal(1), "USD", False, "posting", "", utc_now(), "tests"]


def test_keys_that_added_rows_name_are_looked_up_by_one_plan_and_statements_after_them_are_planned_as_before(
    database: Database,
) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL keeps plans")
    note = "SELECT " + " || ' ' || ".join(f"current_setting('{name}')" for name in _SETTINGS)
    with pytest.raises(Undone), database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P1")
        session.execute(text("CREATE TEMPORARY TABLE seen (said text)"))
        session.execute(
            text(
                "CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN INSERT INTO seen {note}; RETURN NULL; END $$"
            )
        )
        session.execute(text("CREATE TRIGGER noted AFTER INSERT ON ledger_entries EXECUTE FUNCTION pg_temp.note()"))
        before = session.execute(text(note)).scalar_one()
        add_rows(session, LedgerEntry, _COLUMNS, [_posting(project.id or 0, number) for number in range(3)])
        assert session.execute(text("SELECT said FROM seen")).scalar_one() == "force_generic_plan off"
        assert session.execute(text(note)).scalar_one() == before == "force_custom_plan on"
        raise Undone


def test_a_row_that_names_what_is_not_there_is_refused_and_statements_go_on_as_before(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P1")
        rows = [_posting(project.id or 0, 1), _posting(10**6, 2)]
        with pytest.raises(IntegrityError), session.begin_nested():
            add_rows(session, LedgerEntry, _COLUMNS, rows)
        add_rows(session, LedgerEntry, _COLUMNS, rows[:1])
        if not database.is_sqlite:
            assert [session.execute(text(f"SHOW {name}")).scalar_one() for name in _SETTINGS] == [
                "force_custom_plan",
                "on",
            ]


def test_texts_of_any_signs_are_found_among_many(database: Database) -> None:
    codes = ['A"', "B\\", '\\"', "{C}", "D,E", "NULL", " F", "G\nH", "i'j", "é€", '""', "\\N"]
    with database.write("tests") as session:
        for code in codes:
            session.add(Organisation(identifier=None, name=code, name_key=code))
        session.flush()
        column = table(Organisation).c.name
        for some in (codes, codes[:1], ["NULL"], [""], []):
            found = session.scalars(select(column).where(among_texts(session, column, some))).all()
            assert sorted(found) == sorted(set(some) & set(codes))


def test_objects_are_copied_as_they_are_stored_one_by_one(database: Database) -> None:
    after = {"b": 'é "quoted" \\ and\nlines\t', "a": [1, None, {"z": "x", "y": []}]}
    with database.write("tests") as session:
        changes = [
            Change(aggregate=f"x:{number}", action="create", entity="x", entity_id="1", after=after)
            for number in range(60)
        ]
        append_events(session, "tests", changes)
        append_events(
            session, "tests", [Change(aggregate="y", action="update", entity="x", entity_id="1", after=after)]
        )
        events = session.scalars(select(AuditEvent).where(table(AuditEvent).c.entity == "x")).all()
        assert {json.dumps(event.after) for event in events} == {json.dumps(after)}
        assert {event.before for event in events} == {None}
        raw = "SELECT count(*), count(before) FROM audit_events WHERE entity = 'x'"
        assert tuple(session.execute(text(raw)).one()) == (61, 61), "nothing is JSON's null, however it is added"
