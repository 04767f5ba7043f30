"""What a flat table is: columns with types and meanings, a key, references, and how its rows are read.

Names of tables and columns are a promise to whoever built a sheet on them: they are added to, not changed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TypeAlias

from sqlmodel import Session

from app.domain.money import MissingRate, Money, Rates, round_places
from app.sheets import Cell

#: decimals of amounts in the currency of the organisation; the amount as entered stands beside them, exact
CONVERTED_DECIMALS = 4


class ColumnKind(StrEnum):
    """The type of a column, in the words of the Frictionless table schema."""

    TEXT = "string"
    AMOUNT = "number"
    INTEGER = "integer"
    DAY = "date"
    MOMENT = "datetime"
    FLAG = "boolean"


@dataclass(frozen=True, kw_only=True, slots=True)
class FlatColumn:
    """A column of a flat table."""

    name: str
    kind: ColumnKind
    #: what it means, in a sentence
    meaning: str
    required: bool = False
    #: the only values there are; empty: any
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Columns that name a row of another table, or of this one; empty where it names none."""

    columns: tuple[str, ...]
    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """The day that is looked from, and the organisation's currency with the rates that lead to it."""

    #: None: as things stand, decisions with a day to come among them
    as_of: dt.date | None
    today: dt.date
    currency: str
    rates: Rates

    @property
    def day(self) -> dt.date:
        return self.as_of or self.today

    def converted(self, amount: Decimal, currency: str, day: dt.date) -> Decimal | None:
        """The amount in the organisation's currency by the rates of ``day``; None where a rate is missing."""
        found = self.rates.convert(Money(amount, currency), self.currency, day)
        return None if isinstance(found, MissingRate) else round_places(found.amount, CONVERTED_DECIMALS)

    def rate(self, currency: str, day: dt.date) -> Decimal | None:
        """Units of a currency per US dollar on a day; None where none is known."""
        return self.rates.on(currency, day)


#: what a statement gives for a column
Given: TypeAlias = "Cell | Enum | list[str]"
#: a row by the names of its columns; a name that is left out is an empty cell
FlatRow: TypeAlias = Mapping[str, Given]
#: reads the rows of a table, some at a time
Read: TypeAlias = Callable[[Session, Outlook], Iterator[Sequence[FlatRow]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class FlatTable:
    """A flat table."""

    name: str
    title: str
    #: what one row is, and what to know when adding up
    meaning: str
    columns: tuple[FlatColumn, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    #: whether a day to look from changes what it holds
    dated: bool = False
    #: whether its rows follow from facts that have to be worked out before they are read
    of_obligations: bool = False
    read: Read

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def rows(self, session: Session, outlook: Outlook) -> Iterator[list[Cell]]:
        """The rows as cells, in the order of the columns. Holds a batch at a time."""
        names = self.names
        for batch in self.read(session, outlook):
            for row in batch:
                yield [cell(row.get(name)) for name in names]


def cell(value: Given) -> Cell:
    """A value as it goes out: words for enumerations, moments in universal time, lists as ``a|b``."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list):
        return "|".join(value) or None
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return None if value == "" else value


def text(name: str, meaning: str, *, required: bool = False, values: tuple[str, ...] = ()) -> FlatColumn:
    return FlatColumn(name=name, kind=ColumnKind.TEXT, meaning=meaning, required=required, values=values)


def amount(name: str, meaning: str, *, required: bool = False) -> FlatColumn:
    """A number with every digit that was entered."""
    return FlatColumn(name=name, kind=ColumnKind.AMOUNT, meaning=meaning, required=required)


def integer(name: str, meaning: str, *, required: bool = False) -> FlatColumn:
    return FlatColumn(name=name, kind=ColumnKind.INTEGER, meaning=meaning, required=required)


def day(name: str, meaning: str, *, required: bool = False) -> FlatColumn:
    return FlatColumn(name=name, kind=ColumnKind.DAY, meaning=meaning, required=required)


def flag(name: str, meaning: str) -> FlatColumn:
    return FlatColumn(name=name, kind=ColumnKind.FLAG, meaning=meaning)


def moment(name: str, meaning: str) -> FlatColumn:
    return FlatColumn(name=name, kind=ColumnKind.MOMENT, meaning=meaning)


def words(terms: type[Enum]) -> tuple[str, ...]:
    """The words of an enumeration, as the only values of a column."""
    return tuple(str(term.value) for term in terms)


def to(table: str, key: str, *, by: str | None = None) -> Reference:
    """A column that names a row of another table; ``by`` where it is not called as the table."""
    return Reference(columns=(by or table,), table=table, keys=(key,))
