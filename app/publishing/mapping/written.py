"""The XML of elements straight from their columns, without making elements first.

Of most columns it is known which attribute or child says their value and nothing else. What stands around such a value
is cut, once, out of what the one writer there is wrote of an element that says nothing else. So an element is put
together of its pieces; what is seldom said is left to the writer.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, cast

from app.publishing.mapping.said import GAP, amount_xml, around_amount
from app.publishing.mapping.shape import Bind, Node, Remainder, Shape
from iati.lexical import format_decimal
from iati.markup import attribute, text
from iati.writer import write_element

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: elements that are remembered of one kind
_MOST_REMEMBERED = 10_000
#: the columns of the child ``value``
_VALUE: Final = ("amount", "currency", "value_date")

#: an element's values by column
Row = Mapping[str, object]
_of_value: Callable[[Row], tuple[Decimal | None, str | None, dt.date | None]] = itemgetter(*_VALUE)


class Unmade(ABC):
    """An element of an activity that is kept as what it says, until somebody asks for it."""

    __slots__ = ()

    @abstractmethod
    def element(self) -> object:
        """It as an element of the model."""

    @abstractmethod
    def xml(self) -> str:
        """It as it stands in an activity. Raises UnwritableText, which names no place."""


class _Piece(NamedTuple):
    """What an element says of one column."""

    column: str
    #: what it says nothing of
    blank: object
    #: told a value: what stands for it between the two
    said: Callable[..., str]
    before: str
    after: str


def _child(piece: _Piece, empty: str) -> Callable[[Row], str]:
    """What writes a column that a child says. ``empty``: what stands there for an empty text."""
    column, blank, said, before, after = piece

    def of(columns: Row) -> str:
        value = columns[column]
        if value is None or value == blank:
            return ""
        text = said(value)
        return f"{before}{text}{after}" if text else empty

    return of


class Written(Generic[Node]):
    """The XML of the elements of one shape that have one name."""

    def __init__(self, shape: Shape[Node], name: str, depth: int = 1, *, alike: bool = False) -> None:
        """``depth``: elements that they stand in. ``alike``: many say the same, amounts apart, and are written once.

        No other column of such elements may hold a decimal: 0.00 and 0 are equal, and yet not written alike.
        """
        self.shape, self._name, self._pad = shape, name, "\n" + "  " * (depth + 1)
        self._head = self.whole(shape.node()).removesuffix("/>")
        self._end = f"{self._pad}</{name}>"
        self._attributes: list[_Piece] = []
        self._children: list[Callable[[Row], str]] = []
        alone = {bind.field: bind for bind in shape.binds if bind.field}
        further = {bind.continues: bind for bind in shape.binds if bind.continues}
        valued = {"value"} & {each.field for each in shape.together}
        for each in fields(cast("type[DataclassInstance]", shape.node)):
            if each.name in further:
                self._children.append(self._in_languages(alone[each.name], further[each.name]))
            elif each.name in alone:
                self._add(alone[each.name])
            elif each.name in valued:
                self._children.append(_value)
        told = {bind.column for bind in (*alone.values(), *further.values())} | set(_VALUE if valued else ())
        self._apart = [(bind.column, bind.blank) for bind in shape.binds if bind.column not in told]
        self._others = tuple(name for name in shape.columns if name != "amount" or not valued)
        self._of_others = itemgetter(*self._others)
        self._around = lru_cache(_MOST_REMEMBERED)(self._around_of) if alike and valued else None
        self._alike = lru_cache(_MOST_REMEMBERED)(self._of_values) if alike else self._of_values

    def of(self, columns: Row, remainder: Remainder | None = None, currency: str = "") -> Unmade | Node:
        """As :meth:`Shape.build`; what is said by columns alone waits until somebody asks for it."""
        return _Filled(self, columns) if remainder is None else self.shape.overlay(columns, remainder, currency)

    def element(self, columns: Row) -> Node:
        """An element that says these columns and nothing else."""
        return self.shape.render(columns)

    def built(self, columns: Row, remainder: Remainder | None) -> str:
        """The element that the columns and the remainder make together."""
        return self.xml(columns) if remainder is None else self.whole(self.shape.overlay(columns, remainder))

    def xml(self, columns: Row, inside: str = "") -> str:
        """The element. ``inside``: the XML of elements that it holds besides, which stand behind its own children."""
        if self._around is not None and (amount := _of_value(columns)[0]) is not None:
            before, after = self._around(self._of_others(columns))
            return f"{before}{format_decimal(amount)}{after}"
        for column, blank in self._apart:
            if columns[column] != blank:
                if inside:
                    raise TypeError(f"{self._name} cannot be written around other elements")
                return self._alike(*[columns[name] for name in self.shape.columns])
        body = "".join([child(columns) for child in self._children]) + inside
        return f"{self._start(columns)}>{body}{self._end}" if body else f"{self._start(columns)}/>"

    def _start(self, columns: Row) -> str:
        head = self._head
        for column, blank, said, before, after in self._attributes:
            value = columns[column]
            if value is not None and value != blank:
                head = f"{head}{before}{said(value)}{after}"
        return head

    def _around_of(self, values: tuple[object, ...]) -> tuple[str, str]:
        """An element that has an amount, before and behind it; ``values``: of its other columns."""
        columns = dict(zip(self._others, values, strict=True))
        at = self._children.index(_value)
        inside = [
            "".join([child(columns) for child in some]) for some in (self._children[:at], self._children[at + 1 :])
        ]
        _amount, currency, value_date = _of_value({**columns, "amount": None})
        before, after = around_amount(currency, value_date)
        return f"{self._start(columns)}>{inside[0]}{before}", f"{after}{inside[1]}{self._end}"

    def _of_values(self, *values: object) -> str:
        return self.whole(self.shape.render(dict(zip(self.shape.columns, values, strict=True))))

    def whole(self, element: Node) -> str:
        """An element that is made already."""
        return write_element(element, self._name, self._pad)

    def _inside(self, element: Node) -> str:
        """What the writer writes of an element between its tags."""
        return self.whole(element)[len(self._head) + 1 : -len(self._end)]

    def _add(self, bind: Bind[Node]) -> None:
        """A column that one attribute or child says."""
        if bind.held is not None:
            self._children.append(self._child(bind, bind.held))
            return
        whole = self.whole(self.shape.node(**{bind.field: GAP}))
        before, _gap, after = whole[len(self._head) : -len("/>")].partition(GAP)
        self._attributes.append(_Piece(bind.column, bind.blank, bind.text or attribute, before, after))

    def _child(self, bind: Bind[Node], held: Callable[[str], object]) -> Callable[[Row], str]:
        """A column that one child says."""
        node, field = self.shape.node, bind.field
        before, _gap, after = self._inside(node(**{field: held(GAP)})).partition(GAP)
        said = bind.text or (attribute if before.endswith('"') else text)
        return _child(_Piece(bind.column, bind.blank, said, before, after), self._inside(node(**{field: held("")})))

    def _in_languages(self, first: Bind[Node], further: Bind[Node]) -> Callable[[Row], str]:
        """A column that one child says, and another one with the further languages of its text."""
        if first.held is None:
            raise TypeError(f"{first.column} has no languages")
        piece, node = self._child(first, first.held), self.shape.node

        def of(columns: Row) -> str:
            if columns[further.column] == further.blank:
                return piece(columns)
            element = node()
            if columns[first.column] != first.blank:
                first.write(element, columns[first.column])
            further.write(element, columns[further.column])
            return self._inside(element)

        return of


class _Filled(Unmade, Generic[Node]):
    """An element that its columns say whole."""

    __slots__ = ("_columns", "_written")

    def __init__(self, written: Written[Node], columns: Row) -> None:
        self._written, self._columns = written, columns

    def element(self) -> Node:
        return self._written.element(self._columns)

    def xml(self) -> str:
        return self._written.xml(self._columns)


def _value(columns: Row) -> str:
    return amount_xml(*_of_value(columns))
