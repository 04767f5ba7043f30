"""Rows of which a cell cannot be read: what else is wrong with them is told in the same run.

Such a row is tried with something in the place of the cell, and taken back. Of what its kind says to that, only codes
that nobody knows are faults of the row itself: they hang on no other cell.
"""

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.domain.access import Actor
from app.domain.notation import Notation
from app.errors import EarmarkError, Fault, InvalidInput
from app.tabular.cells import CellKind, CellValue, SheetCell
from app.tabular.forms import Form, text_of
from app.tabular.header import TableRow
from app.tabular.kinds import Kind

#: so many rows are tried: where more have faults, something is wrong with the file as a whole
TRIED: Final = 2000


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


__all__ = ["TRIED", "unknown_besides"]
