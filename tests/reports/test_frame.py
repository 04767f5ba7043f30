"""Rows of a table are made of its columns whenever they are asked for."""

import pytest

from app.reports.frame import Rows

COLUMNS = {"project": ["A", "B", "C"], "allocation": ["1.00", None, "3.00"]}
MADE = (
    {"project": "A", "allocation": "1.00"},
    {"project": "B", "allocation": None},
    {"project": "C", "allocation": "3.00"},
)


def test_rows_are_what_their_columns_say() -> None:
    rows = Rows(COLUMNS)
    assert rows == MADE
    assert rows == Rows(COLUMNS)
    assert rows != MADE[:2]
    assert (len(rows), rows[1], rows[-1], rows[1:]) == (3, MADE[1], MADE[2], MADE[1:])
    assert [list(row) for row in rows] == [["project", "allocation"]] * 3
    assert (rows.column("project"), rows.column("rate")) == (["A", "B", "C"], [None, None, None])
    assert repr(rows) == repr(MADE)


def test_a_table_without_rows_has_none() -> None:
    assert Rows({}) == Rows({"project": []}) == ()
    assert not Rows({"project": []})


def test_columns_of_different_lengths_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        Rows({"project": ["A", "B"], "rate": ["1"]})
