"""Rows of which a cell cannot be read: what else is wrong with them is told in the same run.

Such a row is tried with something in the place of the cell, and taken back. Of what its kind says to that, only codes
that nobody knows are faults of the row itself: they hang on no other cell.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.db.meant import CODES
from app.domain.access import Actor
from app.domain.notation import Notation
from app.errors import EarmarkError, Fault, InvalidInput
from app.tabular.cells import CellKind, CellValue, SheetCell, code_in
from app.tabular.columns import Form, text_of
from app.tabular.header import TableRow
from app.tabular.kinds import Kind

#: so many rows are tried; of those behind them the cells are compared, and only what was not met yet is tried
TRIED: Final = 2000
#: so many rows are held for that
HELD: Final = 20_000
#: a column that had no more different values is one of codes, as are those that name a record by its code alone
_CODES: Final = 200
_OF_CODES: Final = {rule.partition(".")[0]: rule for rule in CODES}


#: a row, and what codes nobody knows in it
Unknown: TypeAlias = tuple[TableRow, list[Fault]]
#: a row, and the columns in which it has faults
Unread: TypeAlias = tuple[TableRow, frozenset[str]]


def unknown_in(rows: Sequence[Unread], ask: Callable[[TableRow, Collection[str]], list[Fault]]) -> Iterator[Unknown]:
    """What else is wrong with rows, told by ``ask`` of a row; of many rows a code is asked for once.

    The first rows are all asked about. Behind them a code that was told is told again where nothing else of the row
    decides about it, and a row is asked about where a column of codes holds one that was not met: a file that is broken
    as a whole costs twice the first rows at most.
    """
    told: dict[tuple[str, str], Fault] = {}
    met: dict[str, set[str]] = defaultdict(set)
    #: columns in which a code was not known
    doubted: set[str] = set()
    asked = 0
    for place, (row, faulty) in enumerate(rows):
        codes = {name: code_in(cell) for name, cell in row.cells.items() if name not in faulty}
        if place < TRIED or (asked < 2 * TRIED and _is_new(codes, met, doubted)):
            asked += 1
            found = ask(row, faulty)
            told |= {
                (fault.column, codes[fault.column]): fault
                for fault in found
                if fault.column in codes and _OF_CODES.get(fault.column) == fault.rule
            }
            doubted |= {fault.column for fault in found if fault.column in codes}
            for name, code in codes.items():
                met[name].add(code)
        else:
            found = [told[each] for each in codes.items() if each in told]
        if found:
            yield row, found


def _is_new(codes: Mapping[str, str], met: Mapping[str, set[str]], doubted: Collection[str]) -> bool:
    return any(
        code not in met[name]
        for name, code in codes.items()
        if name in doubted or name in _OF_CODES or len(met.get(name, ())) <= _CODES
    )


class _TakenBack(Exception):
    """Takes back what a row would change."""


def unknown_besides(
    session: Session, actor: Actor, kind: Kind, row: TableRow, faulty: Collection[str], notation: Notation, day: dt.date
) -> list[Fault]:
    """Faults on codes that nobody knows, in cells beside those of the columns ``faulty``."""
    try:
        body = kind.parse(row.cells, notation)
    except InvalidInput:
        try:
            body = kind.parse(_filled(kind, row, faulty), notation)
        except InvalidInput:
            return []
    faults: list[Fault] = []
    try:
        with suppress(_TakenBack), session.begin_nested():
            kind.put(session, actor, body, day)
            session.flush()
            raise _TakenBack
    except InvalidInput as error:
        faults = error.faults
    except (EarmarkError, SQLAlchemyError):
        # what stands in the place of the cell is refused for its own sake
        pass
    return [fault for fault in faults if fault.rule.endswith("unknown") and fault.column not in faulty]


def _filled(kind: Kind, row: TableRow, faulty: Collection[str]) -> dict[str, CellValue]:
    """The cells of the row that can be read, and examples where one is needed."""
    cells = {name: cell for name, cell in row.cells.items() if name not in faulty}
    for name in kind.required - cells.keys():
        if examples := kind.model.model_fields[name].examples:
            cells[name] = _cell(text_of(examples[0]), kind.column(name).form)
    return cells


def _cell(text: str, form: Form) -> CellValue:
    """An example as a cell that says the same whatever the notation of the file."""
    kinds = {Form.NUMBER: CellKind.NUMBER, Form.PERCENT: CellKind.NUMBER, Form.DAY: CellKind.DAY}
    return SheetCell(kind=kinds[form], text=text, seen=text, first_day=dt.date(1899, 12, 30)) if form in kinds else text


__all__ = ["HELD", "Unread", "unknown_besides", "unknown_in"]
