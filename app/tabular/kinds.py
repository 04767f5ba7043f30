"""The kinds of table: each an input model of a feature, its key, and the function that puts a row.

Columns, their order, which are required and what they mean follow from the model, so a table and the API's JSON body
cannot drift apart.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, Self

from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from app.db.put import Outcome, Put
from app.domain.access import Actor
from app.domain.currency_signs import currency_meant, may_be_shown
from app.domain.keys import seen_or_as_it_is
from app.domain.notation import PLAIN, Notation
from app.domain.periods import FiscalCalendar, PeriodError
from app.domain.written_periods import parse_period
from app.errors import Fault, InvalidInput, step
from app.inputs import Input, fault_of
from app.tabular.cells import CellValue, SheetCell, code_in
from app.tabular.columns import Column, Form, column_of, list_advice, text_of
from app.tabular.forms import CellFault, Content, clears, is_plain_text, is_text, read_cell
from app.tabular.last_remarks import OfTheWhole
from app.translated import language_field, texts_of

PutFunction = Callable[[Session, Actor, Any, dt.date], Put[object]]


class Many(Protocol):
    """Puts rows of a table together, as long as an import lasts."""

    def post(self, bodies: Sequence[BaseModel]) -> list[Outcome | None]:
        """What came of each row; None: it needs a closer look, and is put alone."""


ManyFunction = Callable[[Session, Actor, dt.date], Many]
#: reads, for a batch, what the put function asks for of each of the rows
AheadFunction = Callable[[Session, Sequence[Any]], None]
#: gives how many were ended
VanishFunction = Callable[[Session, Actor, Sequence[str], dt.date], int]


class Columns(frozenset[str]):
    """The columns of a model, and beside ``title`` also ``title_nl`` in every language there is."""

    texts: tuple[str, ...]

    def __new__(cls, model: type[BaseModel]) -> Self:
        columns = super().__new__(cls, (*model.model_fields, *_former(model)))
        columns.texts = texts_of(model)
        return columns

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and language_field(name, self.texts) is not None)


def _former(model: type[BaseModel]) -> Mapping[str, str]:
    """Names that columns of the model had before, and still may have: former → present."""
    return model.former_names if issubclass(model, Input) else {}


#: a text in a further language
_UNKNOWN = Column(form=Form.TEXT, is_clearable=True)
#: the columns that a kind takes beyond those of its model hold figures
_FURTHER = Column(form=Form.NUMBER)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of table."""

    name: str
    model: type[BaseModel]
    #: columns that tell one row from another
    key: tuple[str, ...]
    #: session, actor, row, today → what came of it
    put: PutFunction
    #: name of the field that takes all further columns (regions of a results framework); None: they are refused
    further: str | None = None
    #: puts thousands of rows together; None: each goes alone
    many: ManyFunction | None = None
    #: what lets rows be put in batches, by the same function; None: each is stored before the next one is looked at
    ahead: AheadFunction | None = None
    #: whether ``put`` may remark on a row of which nothing changes
    remarks: bool = True
    #: it does so only where the record says something in this column of which the row says nothing; None: wherever
    remarks_beyond: str | None = None
    #: a remark on what rows make together; None: each is of its row
    of_the_whole: OfTheWhole | None = None
    #: whether a file is compared with the last one of the same source, by its first column
    compared: bool = False
    #: session, actor, first columns of rows that the newest file has no more, day → ends them; None: they stay
    vanish: VanishFunction | None = None
    #: whether a row may stand several times with the same cells, such as a rate for each country that has the currency
    repeats: bool = False
    #: column of the key that may be given another value where both rows count: a printed plan measures several things
    #: under one code; None: only one of them can be right
    parted_by: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns; empty when any name may stand in the header."""
        return frozenset() if self.further else Columns(self.model)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(name for name, field in self.model.model_fields.items() if field.is_required())

    def parse(self, cells: Mapping[str, CellValue], notation: Notation = PLAIN) -> BaseModel:
        """The row as the feature takes it.

        :raises InvalidInput: with every fault of the row, each pointing to its column.
        """
        values: dict[str, Content | dict[str, str] | None] = {}
        further: dict[str, str] = {}
        faults: list[Fault] = []
        texts = self._texts
        for name, cell in cells.items():
            if name in texts and is_text(cell):  # as most are
                values[name] = cell
                continue
            column = self.column(name)
            if is_plain_text(cell, column):
                values[name] = cell
                continue
            if clears(cell, column):
                values[name] = [] if column.is_list else None
                continue
            try:
                content = read_cell(cell, column, notation)
            except CellFault as error:
                faults.append(Fault(pointer=step(name), rule="table.cell", message=str(error)))
                continue
            if column is _FURTHER:
                further[name] = str(content)
            else:
                values[name] = content
        if self.further and further:
            values[self.further] = further
        faults += self._seen_otherwise(cells)
        unread = {fault.column for fault in faults}
        try:
            model = self.model.model_validate(values)
        except ValidationError as error:
            faults += [fault for fault in self._faults(error, cells) if fault.column not in unread]
        if faults:
            raise InvalidInput(faults)
        return model

    def _seen_otherwise(self, cells: Mapping[str, CellValue]) -> Iterator[Fault]:
        """Amounts that are seen with a side of the booking, or with another currency than the one of the row."""
        for name in self._money:
            cell = cells.get(name)
            if not isinstance(cell, SheetCell) or not (cell.currency or cell.side or cell.multiple):  # as most are
                continue
            if cell.side:
                message = (
                    f"The cell shows {cell.text} with {cell.side}, a side of the booking: give it a format without "
                    "one, and write the amount with a minus sign where it takes away."
                )
                yield Fault(pointer=step(name), rule="table.cell", message=message)
                continue
            if cell.multiple and cell.instead is None:  # else it is told already
                message = (
                    f"The cell shows {cell.text} with {cell.multiple}, which may be thousands or millions: write all "
                    "digits of the amount, and give the cell a format without it."
                )
                yield Fault(pointer=step(name), rule="table.cell", message=message)
                continue
            said = currency_meant(code_in(cells.get("currency")))
            if cell.currency and said and not may_be_shown(said, cell.currency):
                message = (
                    f"The cell shows its amount in {cell.currency} and the currency of the row is {said}: correct the "
                    "one that is wrong, or give the cell a format without a currency."
                )
                yield Fault(pointer=step(name), rule="table.currency", message=message)

    def key_of(
        self, cells: Mapping[str, CellValue], notation: Notation = PLAIN, *, fiscal: FiscalCalendar | None
    ) -> tuple[str, ...]:
        """What the row is told from others by, the same however it is written; ``fiscal`` says what a period is."""
        plain = self._plain_in_key
        return tuple(
            [
                seen_or_as_it_is(cell)
                if is_text(cell := cells.get(name, "")) and name in plain
                else self._key_part(name, cell, notation, fiscal)
                for name in self.key
            ]
        )

    def _key_part(self, name: str, cell: CellValue, notation: Notation, fiscal: FiscalCalendar | None) -> str:
        column = self._columns[name]
        try:
            content = str(read_cell(cell, column, notation)) if cell and not clears(cell, column) else ""
        except CellFault:
            # the cell is a fault of its own
            content = cell if isinstance(cell, str) else cell.shown if isinstance(cell, SheetCell) else ""
        key = seen_or_as_it_is(content)
        key = key if column.meant is None else column.meant(key)
        if column.is_period and fiscal is not None:
            try:
                period = parse_period(key, fiscal)
            except PeriodError:
                return key
            return f"{period.start}..{period.end}"
        return key

    @cached_property
    def _plain_in_key(self) -> frozenset[str]:
        """Columns of the key whose texts are taken as they stand."""
        columns = ((name, self._columns[name]) for name in self.key)
        return frozenset(
            name for name, column in columns if column.takes_text and not column.is_period and column.meant is None
        )

    @cached_property
    def names_period(self) -> bool:
        """Whether a period is part of the key."""
        return any(self._columns[name].is_period for name in self.key)

    def column(self, name: str) -> Column:
        """How the cells of a column are read."""
        return self._columns.get(name, _FURTHER if self.further else _UNKNOWN)

    @cached_property
    def _columns(self) -> dict[str, Column]:
        columns = {name: column_of(field) for name, field in self.model.model_fields.items() if name != self.further}
        return columns | {former: columns[present] for former, present in _former(self.model).items()}

    @cached_property
    def _texts(self) -> frozenset[str]:
        """Names of the columns that hold single texts."""
        return frozenset(name for name, column in self._columns.items() if column.takes_text)

    @cached_property
    def _money(self) -> tuple[str, ...]:
        """Names of the columns with amounts in the currency of the row."""
        if "currency" not in self.model.model_fields or self.name == "rates":
            return ()
        return tuple(name for name, column in self._columns.items() if column.form is Form.NUMBER)

    def _faults(self, error: ValidationError, cells: Mapping[str, CellValue]) -> Iterator[Fault]:
        """What the model refuses, by the column of the file."""
        written = {present: former for former, present in _former(self.model).items() if former in cells}
        for found in error.errors(include_url=False):
            place = found["loc"][1:] if found["loc"][:1] == (self.further,) else found["loc"]
            place = (written.get(str(place[0]), place[0]), *place[1:]) if place else place
            yield fault_of(found, place)

    def explained(self, fault: Fault) -> Fault:
        """The fault; of an item of a list with how a list is written."""
        column = self._columns.get(fault.column)
        if column is None or not column.is_list or fault.pointer.count("/") < 2:
            return fault
        return replace(fault, message=f"{fault.message} {list_advice(column)}.")

    def template(self) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        """Header, an example row, and for each column what it means."""
        header = [name for name in self.model.model_fields if name != self.further]
        example, meanings = [], []
        for name in header:
            field = self.model.model_fields[name]
            example.append(text_of(field.examples[0]) if field.examples else "")
            marks = "required" if field.is_required() else "optional"
            if name in self.key:
                marks += ", part of the key"
            meaning = f"{field.description or name.replace('_', ' ').capitalize()} ({marks})"
            if (column := self._columns[name]).is_list:
                meaning += f". {list_advice(column)}"
            meanings.append((name, meaning))
        if self.further:
            meanings.append(("…", f"every further column is one of the {self.further}"))
        meanings += [
            (f"{text}_xx", f"{text.capitalize()} in any other language, by its code, such as {text}_nl")
            for text in texts_of(self.model)
        ]
        return header, example, meanings
