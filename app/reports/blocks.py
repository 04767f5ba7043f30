"""Sums of the database as reports take them up: one by one, or in blocks of many projects."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

#: sums by the number of their interval
Amounts = Sequence[tuple[int, Decimal]]


class Block(NamedTuple):
    """Sums of many projects in one interval, in one currency and by one rate."""

    #: number of the interval
    interval: int
    currency: str
    #: day of the rate of exchange; None where none is needed
    rate_day: dt.date | None
    project_ids: Sequence[int]
    #: of each of them
    amounts: Sequence[Decimal]


class OfProject(Protocol):
    """A sum."""

    @property
    def project_id(self) -> int: ...


Sum = TypeVar("Sum", bound=OfProject)


@dataclass(frozen=True, slots=True)
class Summed(Generic[Sum]):
    """Sums: one by one, and in blocks those of which the project says all that a report tells apart."""

    rows: Sequence[Sum] = ()
    blocks: Sequence[Block] = ()

    def __len__(self) -> int:
        return len(self.rows) + sum(len(block.project_ids) for block in self.blocks)

    def projects(self) -> set[int]:
        """Keys of the projects that sums name."""
        return {row.project_id for row in self.rows}.union(*(block.project_ids for block in self.blocks))


class Blocks:
    """Puts rows with a column for each interval into blocks, a batch at a time."""

    def __init__(self, fields: Sequence[str], intervals: Sequence[int]) -> None:
        """``fields``: what columns say a sum is of; ``intervals``: of which the columns behind them are."""
        self._project, self._currency, self._day = map(fields.index, ("project_id", "currency", "rate_day"))
        self._width, self._intervals = len(fields), intervals
        self._reported = ""
        #: of what needs no rate of exchange, and is all of one currency: the projects, and a column for each interval
        self._own: list[list[Any]] = [[] for _ in (None, *intervals)]
        #: the others, by interval, currency and day of the rate
        self._foreign: dict[tuple[int, str, dt.date], tuple[list[int], list[Decimal]]] = {}

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        day = self._day
        own = [row for row in rows if row[day] is None]
        if own:
            self._reported = own[0][self._currency]
            columns = list(zip(*own, strict=True))
            for before, more in zip(self._own, (columns[self._project], *columns[self._width :]), strict=True):
                before.extend(more)
        if len(own) < len(rows):
            self._add_foreign([row for row in rows if row[day] is not None])

    def _add_foreign(self, rows: Sequence[Sequence[Any]]) -> None:
        width, found = self._width, self._foreign
        for row in rows:
            for interval, amount in zip(self._intervals, row[width:], strict=True):
                if amount is not None:
                    key = interval, row[self._currency], row[self._day]
                    if key not in found:
                        found[key] = [], []
                    whose, amounts = found[key]
                    whose.append(row[self._project])
                    amounts.append(amount)

    def found(self) -> list[Block]:
        """The blocks; those of all projects name them by the same list."""
        everyone, *columns = self._own
        blocks: list[Block] = []
        for interval, amounts in zip(self._intervals, columns, strict=True):
            if not everyone:
                break
            known = [amount is not None for amount in amounts]
            if all(known):
                blocks.append(Block(interval, self._reported, None, everyone, amounts))
            else:
                some = list(compress(everyone, known)), list(compress(amounts, known))
                blocks.append(Block(interval, self._reported, None, *some))
        return blocks + [Block(*key, *each) for key, each in self._foreign.items()]
