"""Sums of the database as reports take them up: one by one, or in blocks of many projects."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain, compress
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
    #: of each of them; None: it has none in the interval
    amounts: Sequence[Decimal | None]


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
        return len(self.rows) + sum(sum(_known(block.amounts)) for block in self.blocks)

    def projects(self) -> set[int]:
        """Keys of the projects that sums name."""
        # many blocks name the same list
        lists = {id(block.project_ids): block.project_ids for block in self.blocks}
        return {row.project_id for row in self.rows}.union(*lists.values())


def together(parts: Sequence[Summed[Sum]]) -> Summed[Sum]:
    """Sums of some projects and of others as they would be read of all together."""
    found: dict[tuple[int, str, dt.date | None], list[Block]] = {}
    for part in parts:
        for block in part.blocks:
            found.setdefault((block.interval, block.currency, block.rate_day), []).append(block)

    # those of all projects name them by the same list
    @cache
    def named(whose: tuple[int, ...]) -> Sequence[int]:
        return list(chain.from_iterable(lists[each] for each in whose))

    lists = {id(block.project_ids): block.project_ids for part in parts for block in part.blocks}
    blocks = [
        some[0]
        if len(some) == 1
        else Block(
            *key, named(tuple([id(each.project_ids) for each in some])), [*chain(*(each.amounts for each in some))]
        )
        for key, some in found.items()
    ]
    return Summed([row for part in parts for row in part.rows], blocks)


class Blocks:
    """Puts rows with a column for each interval into blocks, a batch at a time."""

    def __init__(self, fields: Sequence[str], intervals: Sequence[int]) -> None:
        """``fields``: what columns say a sum is of; ``intervals``: of which the columns behind them are."""
        self._project, self._currency, self._day = map(fields.index, ("project_id", "currency", "rate_day"))
        self._width, self._intervals = len(fields), intervals
        self._reported = ""
        #: of what needs no rate of exchange, and is all of one currency: the projects, and a column for each interval
        self._own: list[list[Any]] = [[] for _ in (None, *intervals)]
        #: rows of the others, by currency and day of the rate
        self._foreign: dict[tuple[str, dt.date], list[Sequence[Any]]] = {}

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        day = self._day
        own = [row for row in rows if row[day] is None]
        if own:
            self._reported = own[0][self._currency]
            columns = list(zip(*own, strict=True))
            for before, more in zip(self._own, (columns[self._project], *columns[self._width :]), strict=True):
                before.extend(more)
        if len(own) < len(rows):
            currency, found = self._currency, self._foreign
            for row in rows:
                if row[day] is not None:
                    key = row[currency], row[day]
                    if key in found:
                        found[key].append(row)
                    else:
                        found[key] = [row]

    def found(self) -> list[Block]:
        """The blocks; those of the same projects name them by the same list."""
        everyone, *own = self._own
        blocks = [
            Block(interval, self._reported, None, everyone, amounts)
            for interval, amounts in zip(self._intervals, own, strict=True)
            if any(_known(amounts))
        ]
        for key, rows in self._foreign.items():
            columns = list(map(list, zip(*rows, strict=True)))
            whose = columns[self._project]
            for interval, amounts in zip(self._intervals, columns[self._width :], strict=True):
                known = _known(amounts)
                # a day of a rate is one of few intervals
                if all(known):
                    blocks.append(Block(interval, *key, whose, amounts))
                elif any(known):
                    blocks.append(Block(interval, *key, list(compress(whose, known)), list(compress(amounts, known))))
        return blocks


def _known(amounts: Sequence[Decimal | None]) -> list[bool]:
    """Which of them are there; to compare a decimal with None would take longer than all else that is done to it."""
    return [amount is not None for amount in amounts]
