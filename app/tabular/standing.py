"""What of a table that comes in stands already, letter for letter as the table that goes out has it.

Records that were taken over from a publication may hold what nobody could type here: percentages that do not make a
hundred, codes of no list, two indicators of one title. A table that went out goes in again all the same, and a row of
which one cell was changed is judged by that cell: what stands is not asked about anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from app.db.among import chunks
from app.domain.periods import FiscalCalendar
from app.errors import Fault
from app.sheets import plain_text, written
from app.tabular.cells import CellKind, CellValue, SheetCell
from app.tabular.header import TableRow
from app.tabular.kinds import Kind
from app.tabular.outgoing import table_out

Key = tuple[str, ...]
#: cells by column, without the empty ones, as a file has them that was sent from here
Cells = Mapping[str, str]

_NUMBERS: Final = frozenset((CellKind.NUMBER, CellKind.PERCENT))


class Standing:
    """Rows on their way in beside what stands of their records."""

    def __init__(self, session: Session, kind: Kind, fiscal: FiscalCalendar | None) -> None:
        self.session, self.kind, self.fiscal = session, kind, fiscal
        self._found: dict[Key, list[Cells]] = {}

    def look_up(self, keys: Iterable[Key]) -> None:
        """Reads how the records of ``keys`` stand, some at a time; what was read before is forgotten."""
        wanted = {key for key in keys if key[0]}
        self._found = {}
        for part in chunks({key[0] for key in wanted}):
            table = table_out(self.session, self.kind, only=part)
            for row in table.rows:
                named = zip(table.columns, map(written, row), strict=True)
                cells = {name: text for name, cell in named if (text := plain_text(cell).strip())}
                key = self.kind.key_of(cells, fiscal=self.fiscal)
                if key in wanted:
                    self._found.setdefault(key, []).append(cells)

    def says_all(self, row: TableRow, key: Key, *, repeated: bool) -> bool:
        """Whether a record says all that the row says; of a repeated key, where the records repeat it as well."""
        found = self._found.get(key, [])
        if row.faults or len(found) <= repeated:
            return False
        return any(all(_same(cell, cells.get(name, "")) for name, cell in row.cells.items()) for cells in found)

    def says_more(self, row: TableRow, key: Key, column: str) -> bool:
        """Whether a record says something in a column of which the row says nothing."""
        return column not in row.cells and any(column in cells for cells in self._found.get(key, ()))

    def spared(self, row: TableRow, key: Key, faults: Sequence[Fault]) -> TableRow | None:
        """The row without the cells that have faults and say what stands; None: no cell is such a one."""
        found = self._found.get(key, [])
        if len(found) != 1:
            return None
        asked = {fault.column for fault in faults} - self.kind.required - set(self.kind.key)
        stand = {name for name in asked & row.cells.keys() if _same(row.cells[name], found[0].get(name, ""))}
        if not stand:
            return None
        return replace(row, cells={name: cell for name, cell in row.cells.items() if name not in stand})


def _same(cell: CellValue, standing: str) -> bool:
    match cell:
        case str():
            # 500.000 may stand for half a million: text is the same only when every sign of it is
            return cell.strip() == standing
        case SheetCell(kind=kind) if kind in _NUMBERS:
            return _number(cell.text) == _number(standing) or cell.shown == standing
        case SheetCell(kind=CellKind.DAY | CellKind.MONTH | CellKind.TRUTH):
            return cell.text == standing
    return False


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text
