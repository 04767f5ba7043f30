"""Portions of the projects: those whose keys lie side by side, which are told together what was stored of them.

A statement that asks :func:`of_portions` is run with any number of them, and says of each row which one it is of.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

from sqlalchemy import JSON, BigInteger, ColumnElement, Integer, and_, bindparam, cast, true

from app.db.among import KEYS, LOOKED_UP, among, among_given
from app.db.json_lists import json_texts

Told = TypeVar("Told")

#: keys of projects that agree but for their last bits are a portion; ``migrations/stamped.py`` has the same
BITS = 9


class Some(Protocol):
    """Some of the projects, as statements are told of them."""

    def holds(self, project_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether the key is of one of them, in a statement that is run with what is :attr:`given`."""

    @property
    def given(self) -> Mapping[str, object]:
        """The parameters of such a statement."""


@dataclass(frozen=True, slots=True)
class OfKeys:
    """Those with these keys."""

    keys: Sequence[int]

    def holds(self, project_id: ColumnElement[int]) -> ColumnElement[bool]:
        return among(project_id, self.keys) if self._is_few else among_given(project_id)

    @property
    def given(self) -> Mapping[str, object]:
        return {} if self._is_few else {KEYS: self.keys}

    @property
    def _is_few(self) -> bool:
        return len(self.keys) <= LOOKED_UP


@dataclass(frozen=True, slots=True)
class Where:
    """Those of which the database says so."""

    holds: Callable[[ColumnElement[int]], ColumnElement[bool]]

    @property
    def given(self) -> Mapping[str, object]:
        return {}


#: every one
ALL = Where(lambda _project_id: true())


@dataclass(frozen=True, slots=True)
class Portions:
    """Some of the projects, by portion: those whose keys follow each other in a span of ``1 << bits`` are one."""

    #: rising
    numbers: Sequence[int]
    bits: int = BITS

    @property
    def given(self) -> Mapping[str, object]:
        """The parameters of statements with :func:`of_portions`."""
        return {_FIRSTS: [number << self.bits for number in self.numbers], _SIZE: 1 << self.bits, _BITS: self.bits}

    def of(self, project_id: int) -> int:
        """The number of the portion that a project is in."""
        return project_id >> self.bits

    def holds(self, project_id: ColumnElement[int]) -> ColumnElement[bool]:
        """As :func:`of_portions`."""
        return of_portions(project_id)

    def apart(self, rows: Iterable[Told], project_id: Callable[[Told], int]) -> Iterator[tuple[int, list[Told]]]:
        """Rows that come in the order of their projects, by portion: the number with the rows; holds those of one."""
        return ((number, list(own)) for number, own in groupby(rows, key=lambda row: project_id(row) >> self.bits))


_FIRSTS, _SIZE, _BITS = "firsts_of_portions", "size_of_portions", "bits_of_portions"


#: the portions that a statement is run with; it names them beside its tables
_portions = json_texts(bindparam(_FIRSTS, type_=JSON)).table_valued("value", name="portions")
_first = cast(_portions.c.value, BigInteger)

#: the number of a portion, in a statement that says something of each and nothing of single rows
NUMBER: ColumnElement[int] = _first.bitwise_rshift(bindparam(_BITS, type_=Integer))


def of_portions(project_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the key is of a project of the portions that the statement is run with, by :attr:`Portions.given`: joins
    these, each of which finds its rows by an index."""
    return and_(project_id >= _first, project_id < _first + bindparam(_SIZE, type_=BigInteger))


def number_of(project_id: ColumnElement[int]) -> ColumnElement[int]:
    """The number of the portion that a project is in."""
    return project_id.bitwise_rshift(bindparam(_BITS, type_=Integer))
