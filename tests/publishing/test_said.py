"""A transaction is the same XML whether it is put together of pieces or written as an element."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.publishing.mapping.said import Kind, Said, element_of, transactions_xml
from iati.lexical import format_decimal
from iati.standard.description import Type
from iati.validator.schema import complaints
from iati.values import types
from iati.writer import UnwritableText, write_transaction

texts = some.none() | some.sampled_from(("", "A&B", '"<x>"', "a\nb", "Éé – %s", "\ue000", "\ue0000\ue001", "\x01"))
sides = some.tuples(texts, some.none() | some.tuples(some.just("Ministry"), some.sampled_from(((), (("fr", "&"),)))))
kinds = some.builds(
    Kind,
    provider=sides, provider_activity=texts, receiver=sides, receiver_activity=texts, sector=texts, country=texts,
    flow_type=texts, finance_type=texts, aid_type=texts, tied_status=texts,
    earmarking=some.none() | some.just(("1", "A")),
)  # fmt: skip
said = some.builds(
    Said,
    ref=texts, type=texts, date=some.none() | some.just("2026-01-31"), amount=some.sampled_from(("", "-1.50", "7")),
    currency=texts, value_date=some.none() | some.just("2026-01-30"), description=texts,
    kind=some.just(Kind()) | kinds,
)  # fmt: skip


@settings(max_examples=60)
@given(said=said)
def test_pieces_are_what_the_writer_writes(said: Said) -> None:
    try:
        written = write_transaction(element_of(said))
    except UnwritableText:
        written = None
    pieced: str | None
    try:
        (pieced,) = transactions_xml([said]).every
    except UnwritableText:
        pieced = None
    assert pieced == written


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("transaction-type/@code", Type.STRING),
        ("transaction-date/@iso-date", Type.DATE),
        ("value/@currency", Type.STRING),
        ("value/@value-date", Type.DATE),
        ("value/text()", Type.DECIMAL),
    ],
)
def test_texts_of_regular_transactions_are_of_types_that_are_written_from_values_or_take_any_text(
    place: str, kind: Type
) -> None:
    assert types()[f"iati-activity/transaction/{place}"] is kind


regular = some.builds(
    Said,
    ref=some.none(), type=some.sampled_from(("4", "A&B", " x\n")), date=some.dates().map(dt.date.isoformat),
    amount=some.decimals(allow_nan=False, allow_infinity=False).map(format_decimal),
    currency=some.sampled_from(("USD", "&", "…")), value_date=some.dates().map(dt.date.isoformat),
    description=some.none(), kind=some.just(Kind()),
)  # fmt: skip
ACTIVITY = (
    '<iati-activity><iati-identifier>X-1</iati-identifier><reporting-org ref="X" type="10"><narrative>X</narrative>'
    "</reporting-org><title><narrative>T</narrative></title><description><narrative>D</narrative></description>"
    '<participating-org role="1"/><activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/>{}'
    "</iati-activity>"
)


@settings(max_examples=25, deadline=None)
@given(first=regular, second=regular, kind=kinds)
def test_regular_transactions_of_one_kind_follow_the_schema_together_or_break_it_together(
    first: Said, second: Said, kind: Kind
) -> None:
    both = [each._replace(kind=kind) for each in (first, second)]
    try:
        told = transactions_xml(both)
    except UnwritableText:
        return
    assert told.to_check == told.every[:1], "the second is not asked"
    found = [complaints(ACTIVITY.format(each).encode()) for each in told.every]
    assert found[0] == found[1]
