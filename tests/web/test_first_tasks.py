"""Of thousands of tasks the first page makes the first ones alone, and counts the others."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.db.engine import Database
from app.domain.access import LOCAL
from app.evaluations.obligations.due import DueRow
from app.reports.frame import ReportTable
from app.spending.schemas import TransactionIn
from app.spending.service import create_transaction
from app.web import queries
from app.web.views import work
from tests import portfolio
from tests.portfolio import TODAY

DAY = dt.date(2026, 1, 1)


def _table(days: list[int]) -> ReportTable:
    """What agreements ask for, by its days; those of a day stand in the order of partners."""
    rows: list[dict[str, Any]] = [
        {
            "agreement": f"A-{number * 7 % len(days):03}",
            "due": (DAY + dt.timedelta(days=day)).isoformat(),
            "officer": "ANA" if number % 2 else None,
            "item": "report",
            "state": "late",
            "amount": None,
            "received": None,
            "currency": None,
        }
        for number, day in enumerate(sorted(days))
    ]
    return ReportTable(
        report="agreements-due", definition="", period="", periods=(), as_of=DAY, columns=(), rows=rows, totals={}
    )


@pytest.mark.parametrize("officers", [None, frozenset({"ANA"}), frozenset[str]()])
def test_the_first_tasks_are_those_that_would_be_first_of_all(officers: frozenset[str] | None) -> None:
    table = _table([number // 10 for number in range(100)])
    everything, none_left = work.duties(table, officers, 1000)
    assert none_left == 0
    for most in (1, 4, 10, 15, 100):
        first, beyond = work.duties(table, officers, most)
        assert first == work.in_order(everything)[:most]
        assert len(first) + beyond == len(everything)


def _owed(project: str, kind: str, number: int, due: dt.date) -> DueRow:
    return DueRow(
        obligation=None, project=project, title=project, unit=None, officer=None, kind=kind, number=number,
        independence="self", state="overdue", window_opens=None, due=due, late=None, reason="Owed", rules=(),
    )  # fmt: skip


def test_many_evaluations_of_one_project_and_kind_are_one_line_that_counts_all_of_them() -> None:
    day = dt.date(2020, 3, 1)
    rows = [_owed("A", "annual-review", number, day.replace(year=2020 + number)) for number in range(1, 6)]
    rows[1:1] = [_owed("B", "final", 0, day), _owed("A", "final", 0, day)]
    tasks, beyond = work.evaluations(rows, 40)
    assert [(task.project, task.evaluation, len(task.others)) for task in tasks] == [
        ("A", "final", 0), ("B", "final", 0), ("A", "annual-review", 4),
    ]  # fmt: skip
    assert (tasks[2].due, tasks[2].last_due) == (dt.date(2021, 3, 1), dt.date(2025, 3, 1))
    assert (work.counted(tasks), beyond) == (7, 0)
    # two are two lines, and what is beyond the first lines is counted
    few, beyond = work.evaluations([*rows[:2], rows[3]], 2)
    assert (work.counted(few), beyond) == (2, 1)


def test_a_later_one_of_two_does_not_push_out_what_is_due_before_it() -> None:
    pair = [_owed("A", "annual-review", year, dt.date(year, 1, 1)) for year in (2024, 2027)]
    rows = [pair[0], _owed("B", "final", 0, dt.date(2024, 2, 1)), pair[1]]
    first, beyond = work.evaluations(rows, 2)
    assert ([task.project for task in first], beyond) == (["A", "B"], 1)
    everything, _ = work.evaluations(rows, 40)
    assert everything == work.in_order(everything)


def test_what_cannot_be_told_has_a_line_of_its_own_and_a_line_of_several_ends_on_a_day() -> None:
    owed = [_owed("A", "annual-review", year, dt.date(year, 1, 1)) for year in (2024, 2025, 2026)]
    unknown = replace(owed[0], number=9, due=None, state="cannot-tell", missing="budget")
    tasks, beyond = work.evaluations([*owed, unknown], 40)
    assert [(task.state, len(task.others), task.why) for task in tasks] == [
        ("overdue", 2, "Owed"), ("cannot-tell", 0, "budget"),
    ]  # fmt: skip
    assert (tasks[0].last_due, work.counted(tasks), beyond) == (dt.date(2026, 1, 1), 4, 0)
    dayless, _ = work.evaluations([*owed, replace(owed[0], due=None)], 40)
    assert dayless[0].last_due == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("received", "missing", "whole"), [(None, "250000", None), ("0", "250000", None), ("100000", "150000", "250000")]
)
def test_of_an_instalment_that_came_in_part_the_rest_is_asked_for(
    received: str | None, missing: str, whole: str | None
) -> None:
    table = _table([0])
    row = {**table.rows[0], "amount": "250000", "received": received, "currency": "USD"}
    (task,), _ = work.duties(replace(table, rows=[row]), None, 40)
    assert (task.amount, task.whole) == (Decimal(missing), None if whole is None else Decimal(whole))


def test_the_newest_posting_is_known_after_each_one(database: Database) -> None:
    days = []
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("P", "Q"):
            portfolio.project(session, code)
    with database.read() as session:
        days.append(queries.newest_posting(session))
    for number, (code, day) in enumerate((("P", "2025-03-01"), ("Q", "2026-05-01"), ("P", "2026-02-01"))):
        body = {"document": f"D{number}", "project": code, "type": "4", "date": day, "amount": "1", "currency": "USD"}
        with database.write("tests") as session:
            create_transaction(session, LOCAL, TransactionIn.model_validate(body), today=TODAY)
        with database.read() as session:
            days.append(queries.newest_posting(session))
    assert days == [None, dt.date(2025, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 5, 1)]
