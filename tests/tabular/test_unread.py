"""Codes that nobody knows, in rows of which another cell cannot be read: told of every row, asked for once."""

from collections.abc import Collection

from app.errors import Fault
from app.tabular.header import TableRow
from app.tabular.unread import TRIED, unknown_in

NOTHING: frozenset[str] = frozenset()


def row(number: int, **cells: str) -> TableRow:
    return TableRow(number=number, cells=dict(cells))


def test_unknown_codes_are_told_of_every_row_and_asked_for_once() -> None:
    count = 3 * TRIED
    rows = [
        (row(number, document=f"D{number}", project="GONE" if number % 2 else "P", unit="U"), NOTHING)
        for number in range(count)
    ]
    rows[-1] = (row(count - 1, document="D", project="P", unit="LATE"), NOTHING)
    asked: list[int] = []

    def ask(one: TableRow, _faulty: Collection[str]) -> list[Fault]:
        asked.append(one.number)
        wrong = [name for name in ("project", "unit") if one.cells[name] in ("GONE", "LATE")]
        return [Fault(pointer=f"/{name}", rule=f"{name}.unknown", message=f"There is no {name}.") for name in wrong]

    told = {one.number: [fault.column for fault in faults] for one, faults in unknown_in(rows, ask)}
    assert told == {number: ["project"] for number in range(1, count - 1, 2)} | {count - 1: ["unit"]}
    assert asked == [*range(TRIED), count - 1]


def test_what_another_column_decides_about_is_asked_anew() -> None:
    rows = [(row(number, framework="A", code="1"), NOTHING) for number in range(TRIED)]
    rows[0] = (row(0, framework="A", code="9"), NOTHING)
    rows += [(row(TRIED, framework="B", code="9"), NOTHING), (row(TRIED + 1, framework="A", code="7"), NOTHING)]

    def ask(one: TableRow, _faulty: Collection[str]) -> list[Fault]:
        known = (one.cells["framework"], one.cells["code"]) in {("A", "1"), ("B", "9")}
        return [] if known else [Fault(pointer="/code", rule="framework.unknown", message="It has no such item.")]

    assert [one.number for one, _ in unknown_in(rows, ask)] == [0, TRIED + 1]


def test_a_code_of_a_record_is_asked_about_however_many_there_are() -> None:
    rows = [(row(number, document=f"D{number}", project=f"P{number % 500}"), NOTHING) for number in range(TRIED)]
    rows.append((row(TRIED, document="D", project="NOPE"), NOTHING))

    def ask(one: TableRow, _faulty: Collection[str]) -> list[Fault]:
        wrong = one.cells["project"] == "NOPE"
        return [Fault(pointer="/project", rule="project.unknown", message="There is none.")] if wrong else []

    assert [one.number for one, _ in unknown_in(rows, ask)] == [TRIED]


def test_a_file_in_which_every_code_is_another_costs_no_more_than_twice_the_first_rows() -> None:
    asked = []

    def ask(one: TableRow, _faulty: Collection[str]) -> list[Fault]:
        asked.append(one.number)
        return [Fault(pointer="/project", rule="project.unknown", message="There is no such project.")]

    rows = [(row(number, project=f"P{number}"), NOTHING) for number in range(3 * TRIED)]
    assert len(list(unknown_in(rows, ask))) == len(asked) == 2 * TRIED
