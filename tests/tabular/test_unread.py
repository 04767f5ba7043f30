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


def test_a_file_in_which_every_code_is_another_costs_no_more_than_twice_the_first_rows() -> None:
    asked = []

    def ask(one: TableRow, _faulty: Collection[str]) -> list[Fault]:
        asked.append(one.number)
        return [Fault(pointer="/project", rule="project.unknown", message="There is no such project.")]

    rows = [(row(number, project=f"P{number}"), NOTHING) for number in range(3 * TRIED)]
    assert len(list(unknown_in(rows, ask))) == len(asked) == 2 * TRIED
