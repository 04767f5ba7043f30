"""Rows of statements as values of classes of their own, so that whoever reads them is checked.

A class of this kind is a frozen dataclass, or a named tuple, whose fields are the labels of the selected columns in
their order. Whether they are is looked at once a statement; a row then costs no more than its fields.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from sqlalchemy import Result
from sqlmodel import Session

from app.db.base import Statement

Shape = TypeVar("Shape")

#: rows that are fetched together: one by one they take a tenth longer
_TOGETHER = 500


def each_shaped(shape: Callable[..., Shape], result: Result[*tuple[object, ...]]) -> Iterator[Shape]:
    """The rows of the result as ``shape``, one after the other, as far as the statement lets them come.

    :raises TypeError: when the columns are not those of the class: the statement or the class is wrong.
    """
    labels, fields = tuple(result.keys()), getattr(shape, "__match_args__", ())
    if labels != fields:
        raise TypeError(f"the columns {', '.join(labels)} are not the fields {', '.join(fields)}")
    return (shape(*row) for part in result.partitions(_TOGETHER) for row in part)


def shaped(shape: Callable[..., Shape], result: Result[*tuple[object, ...]]) -> list[Shape]:
    """All rows of the result as ``shape``."""
    return list(each_shaped(shape, result))


def first_shaped(shape: Callable[..., Shape], result: Result[*tuple[object, ...]]) -> Shape | None:
    """The first row of the result; None when there is none."""
    return next(each_shaped(shape, result), None)


def streamed(
    session: Session, shape: Callable[..., Shape], statement: Statement, given: Mapping[str, object]
) -> Iterator[Shape]:
    """The rows of one statement as ``shape``, some hundreds of which are held at a time, however many they are."""
    # whoever stops asking leaves nothing open
    with session.execute(statement, given, execution_options={"yield_per": _TOGETHER}) as result:
        yield from each_shaped(shape, result)


class InOrder(Generic[Shape]):
    """Rows that come in the order of their owners, taken as far as somebody has come; holds those of one."""

    def __init__(self, rows: Iterator[Shape], owner: Callable[[Shape], int]) -> None:
        self._rows, self._owner = rows, owner
        self._next = next(rows, None)

    def of(self, owner: int) -> list[Shape]:
        """Those of an owner; it is asked for owners with rising keys."""
        found: list[Shape] = []
        while self._next is not None and (whose := self._owner(self._next)) <= owner:
            if whose == owner:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found
