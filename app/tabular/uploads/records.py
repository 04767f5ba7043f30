"""What the rows of a file change: records before and after, field by field, in the columns of their table.

Both sides are read from the table that goes out, so that a difference is one of what is kept, and not of how it was
typed: ``1.500,00`` is no change of ``1500``.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.money import plain
from app.domain.notation import PLAIN, Notation
from app.domain.periods import FiscalCalendar
from app.errors import Fault
from app.sheets import Cell
from app.tabular.cells import SheetCell
from app.tabular.columns import Form
from app.tabular.forms import CellFault, clears, read_cell
from app.tabular.header import TableRow
from app.tabular.kinds import Kind
from app.tabular.outgoing import table_out
from app.tabular.uploads.schemas import FieldChange, RecordChange, Understood

#: so many records are listed, and so many characters of a value
LISTED: Final = 400
LONGEST: Final = 300
#: so many cells are shown back as they were understood
SAMPLES: Final = 12

_READ_BY_NOTATION: Final = frozenset({Form.NUMBER, Form.PERCENT, Form.DAY, Form.WHOLE})

Key = tuple[str, ...]
Standing = dict[Key, dict[str, str]]


class Records:
    """Follows one file: given its rows on their way in, and the store before and after them."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.notation = PLAIN
        self.understood: list[Understood] = []
        self._seen: set[str] = set()
        self._rows: dict[Key, int] = {}
        self._before: Standing = {}

    def before(
        self, session: Session, rows: Iterator[TableRow | Fault], notation: Notation
    ) -> Iterator[TableRow | Fault]:
        """Takes down how the records of the rows stand; gives the rows on.

        Kinds of which some thousands of rows go in together are read as they come, and their records are not compared.
        """
        self.notation = notation
        if self.kind.many is not None:
            return self._sampled(rows)
        fiscal = self._fiscal(session)
        listed = list(self._sampled(rows))
        for row in listed:
            if isinstance(row, TableRow):
                self._rows.setdefault(self.kind.key_of(row.cells, notation, fiscal=fiscal), row.number)
        self._before = self._standing(session, fiscal)
        return iter(listed)

    def after(self, session: Session) -> tuple[list[RecordChange], str]:
        """The records that differ by now, in the order of the rows; and a digest of all of them."""
        if self.kind.many is not None:
            return [], ""
        session.flush()
        after = self._standing(session, self._fiscal(session))
        found = [
            self._change(row, key, self._before.get(key), now)
            for key, row in sorted(self._rows.items(), key=lambda each: each[1])
            if (now := after.get(key)) is not None and now != self._before.get(key)
        ]
        content = json.dumps([each.model_dump() for each in found], sort_keys=True)
        return found, hashlib.sha256(content.encode()).hexdigest()

    def _fiscal(self, session: Session) -> FiscalCalendar | None:
        return calendar_of(the_setup(session)) if self.kind.names_period else None

    def _standing(self, session: Session, fiscal: FiscalCalendar | None) -> Standing:
        found: Standing = {}
        table = table_out(session, self.kind)
        for cells in table.rows:
            row = {name: _text(cell) for name, cell in zip(table.columns, cells, strict=True)}
            key = self.kind.key_of(row, fiscal=fiscal)
            if key in self._rows:
                found[key] = row
        return found

    def _change(self, row: int, key: Key, before: Mapping[str, str] | None, after: Mapping[str, str]) -> RecordChange:
        was = before or {}
        fields = [
            FieldChange(name=name, before=_short(was.get(name, "")), after=_short(value))
            for name, value in after.items()
            if value != was.get(name, "")
        ]
        fields += [
            FieldChange(name=name, before=_short(value), after="")
            for name, value in was.items()
            if value and name not in after
        ]
        named = " · ".join(part for part in key if part)
        return RecordChange(row=row, key=_short(named), outcome="updated" if before else "created", fields=fields)

    def _sampled(self, rows: Iterator[TableRow | Fault]) -> Iterator[TableRow | Fault]:
        for row in rows:
            if isinstance(row, TableRow) and len(self.understood) < SAMPLES:
                self._sample(row)
            yield row

    def _sample(self, row: TableRow) -> None:
        """Notes cells of text that were read otherwise than they were typed; of each way to write some."""
        for name, cell in row.cells.items():
            column = self.kind.column(name)
            if column.is_list or column.form not in _READ_BY_NOTATION or not isinstance(cell, str):
                continue
            if clears(cell, column) or len(self.understood) >= SAMPLES:
                continue
            try:
                read = str(read_cell(cell, column, self.notation))
            except CellFault:
                continue
            shape = f"{name} {''.join('9' if sign.isdigit() else sign for sign in cell)}"
            if read != cell.strip() and shape not in self._seen:
                self._seen.add(shape)
                told = Understood(row=row.number, column=name, form=column.form.value, typed=_short(cell), read=read)
                self.understood.append(told)


def typed(row: TableRow | None, column: str) -> str:
    """A cell as it was typed, for a message."""
    cell = row.cells.get(column) if row is not None else None
    return _short(cell.shown if isinstance(cell, SheetCell) else cell if isinstance(cell, str) else "")


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            text = plain(cell)
            return text.rstrip("0").rstrip(".") if "." in text else text
        case dt.date():
            return cell.isoformat()
    return str(cell)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
