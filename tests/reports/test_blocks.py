"""Sums in blocks: each amount once, under its project, interval, currency and day of its rate."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.reports.blocks import Block, Blocks, Summed, together
from app.reports.queries_ledger import LedgerSum

DAY, NEXT = dt.date(2024, 3, 1), dt.date(2024, 3, 2)
ONE, TWO, THREE = Decimal("1.10"), Decimal(2), Decimal(-3)


def test_rows_of_several_batches_stand_in_blocks() -> None:
    blocks = Blocks(("project_id", "currency", "rate_day"), [1, 2])
    blocks.add([(7, "USD", None, ONE, TWO), (7, "EUR", DAY, None, THREE)])
    blocks.add([(8, "EUR", DAY, ONE, TWO), (8, "EUR", NEXT, None, TWO)])
    blocks.add([(8, "USD", None, THREE, None), (9, "USD", None, TWO, None)])
    blocks.add([])
    found = blocks.found()
    assert found == [
        Block(1, "USD", None, [7, 8, 9], [ONE, THREE, TWO]),
        Block(2, "USD", None, [7, 8, 9], [TWO, None, None]),
        Block(1, "EUR", DAY, [8], [ONE]),
        Block(2, "EUR", DAY, [7, 8], [THREE, TWO]),
        Block(2, "EUR", NEXT, [8], [TWO]),
    ]
    sums: Summed[LedgerSum] = Summed((), found)
    assert sums.projects() == {7, 8, 9}
    assert len(sums) == 8, "what is not there is no sum, and keeps nothing from being remembered"


def test_no_rows_make_no_sums() -> None:
    blocks = Blocks(("project_id", "currency", "rate_day"), [1])
    assert blocks.found() == []
    blocks.add([(7, "EUR", DAY, ONE)])
    assert blocks.found() == [Block(1, "EUR", DAY, [7], [ONE])]


def test_sums_of_some_projects_and_of_others_are_those_of_all() -> None:
    rows: list[tuple[Any, ...]] = [
        (7, "USD", None, ONE, TWO),
        (8, "USD", None, THREE, None),
        (9, "USD", None, TWO, None),
    ]
    rows += [(7, "EUR", DAY, None, THREE), (9, "EUR", DAY, ONE, TWO), (9, "EUR", NEXT, TWO, None)]
    parts: list[Summed[LedgerSum]] = []
    for some in ({7, 8}, {9}, set[int]()):
        blocks = Blocks(("project_id", "currency", "rate_day"), [1, 2])
        blocks.add([row for row in rows if row[0] in some])
        parts.append(Summed((), blocks.found()))
    whole = Blocks(("project_id", "currency", "rate_day"), [1, 2])
    whole.add(rows)
    found = together(parts)
    assert sorted(told(found)) == sorted(told(Summed((), whole.found())))
    own = [block for block in found.blocks if block.currency == "USD" and len(block.project_ids) == 3]
    assert len({id(block.project_ids) for block in own}) == 1, "they are numbered once"


def told(sums: Summed[LedgerSum]) -> Iterator[tuple[int, str, str, int, Decimal]]:
    for interval, currency, day, whose, amounts in sums.blocks:
        for who, amount in zip(whose, amounts, strict=True):
            if amount is not None:
                yield interval, currency, str(day), who, amount
