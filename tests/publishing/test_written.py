"""An element is the same XML whether it is put together of its columns or written as an element of the model."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from app.domain.terms import AllocationKind
from app.publishing.exporting import budgets, logframe, parts
from app.publishing.mapping.written import Written
from iati.writer import UnwritableText

ALL: tuple[Written[object], ...] = (
    *(each for module in (budgets, logframe, parts) for each in vars(module).values() if isinstance(each, Written)),
    *(each for _, each in parts._CLASSIFICATIONS.values()),
)
texts = some.none() | some.sampled_from(
    ("", "A&B", '"<x>"', "a\nb", "Éé – %s", "\ue000", "\ue0000\ue001", "\r", "\x01")
)
days = some.none() | some.just(dt.date(2026, 1, 31))
amounts = some.none() | some.sampled_from((Decimal("-1.50"), Decimal(0), Decimal(7)))
flags = some.none() | some.booleans()
DAYS = ("period_start", "period_end", "value_date", "document_date", "iso_date", "starts_on", "ends_on")
TYPED = {
    **dict.fromkeys(DAYS, days),
    "kind": some.sampled_from((AllocationKind.ORIGINAL, AllocationKind.REVISED)),
    "year": some.integers(0, 3000),
    "amount": amounts,
    "percentage": amounts,
    "aggregation": flags,
    "ascending": flags,
    "organisation_name": some.none() | some.just(("A&B", (("fr", "&"),))),
    "title_translations": some.lists(some.just(["fr", "B&A"]), max_size=2),
    "dimensions": some.none() | some.just({"age": "<5"}),
}


@some.composite
def rows(draw: some.DrawFn) -> dict[str, object]:
    names = {bind.column for written in ALL for bind in written.shape.binds}
    return {name: draw(TYPED.get(name, texts)) for name in sorted(names)}


def written_at_once(written: Written[object], columns: Mapping[str, object]) -> str | None:
    try:
        return written.xml(columns)
    except UnwritableText:
        return None


def written_as_element(written: Written[object], columns: Mapping[str, object]) -> str | None:
    try:
        return written.whole(written.element(columns))
    except UnwritableText:
        return None


@settings(max_examples=25, deadline=None)
@given(columns=rows())
def test_pieces_of_columns_are_what_the_writer_writes(columns: dict[str, object]) -> None:
    assert len(ALL) > 10
    for written in ALL:
        assert written_at_once(written, columns) == written_as_element(written, columns), columns
