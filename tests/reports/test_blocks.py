"""Sums in blocks: each amount once, under its project, interval, currency and day of its rate."""

import datetime as dt
from decimal import Decimal

from app.reports.blocks import Block, Blocks, Summed

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
        Block(2, "USD", None, [7], [TWO]),
        Block(2, "EUR", DAY, [7, 8], [THREE, TWO]),
        Block(1, "EUR", DAY, [8], [ONE]),
        Block(2, "EUR", NEXT, [8], [TWO]),
    ]
    assert Summed((), found).projects() == {7, 8, 9}


def test_no_rows_make_no_sums() -> None:
    blocks = Blocks(("project_id", "currency", "rate_day"), [1])
    assert blocks.found() == []
    blocks.add([(7, "EUR", DAY, ONE)])
    assert blocks.found() == [Block(1, "EUR", DAY, [7], [ONE])]
