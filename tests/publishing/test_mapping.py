"""Elements and columns: what was read comes out again, and what is changed shows."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.terms import AllocationKind, Stage
from app.publishing.importing.account import FileReport
from app.publishing.importing.new import Incoming
from app.publishing.importing.reader import Activities
from app.publishing.mapping.activity import ACTIVITY, CONTACT, COUNTRY, DOCUMENT, LINK, LOCATION, PARTICIPANT, SECTOR
from app.publishing.mapping.money import BUDGET, TRANSACTION
from app.publishing.mapping.record import Part, every_part, made_whole, take_apart
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.shape import Shape
from app.publishing.mapping.straight import take_plain
from iati.generated.reader import read_activity
from iati.lexical import BLANKS, LexicalError
from iati.model import Budget, IsoDate, Narrative, Narratives, ParticipatingOrg, Transaction, Value
from iati.reader import parse_activity, read_activities
from iati.reading import Element, Reading
from iati.source import Fragment, open_document, parse_fragment
from iati.writer import write_activity
from tests.publishing.xml import ACTIVITY as SAMPLE
from tests.publishing.xml import activities
from tests.reference import needs_reference, reference

texts = st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=("Cs",)), min_size=1, max_size=12)
# XML's white space around an identifier is not part of it
identifiers = texts.filter(lambda text: text == text.strip(BLANKS))
codes = st.text(alphabet="ABCXYZ0123456789-", min_size=1, max_size=8)
days = st.dates()
amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4)
pairs = st.lists(texts, min_size=2, max_size=2)
translations = st.lists(pairs, max_size=2)
names = st.none() | st.tuples(texts, st.just(()))

#: what a column may hold, by name; further columns are codes or absent
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("title", "code", "role", "identifier", "url", "format", "category"), texts),
    "iati_identifier": identifiers,
    **dict.fromkeys(("type", "measure", "currency"), codes),
    **dict.fromkeys(("date", "value_date", "period_start", "period_end", "starts_on", "ends_on"), st.none() | days),
    **dict.fromkeys(("planned_start", "planned_end", "actual_start", "actual_end"), st.none() | days),
    **dict.fromkeys(("iso_date", "document_date"), st.none() | days),
    **dict.fromkeys(("title_translations", "description_translations"), translations),
    **dict.fromkeys(("description", "comment", "value"), st.none() | texts),
    "amount": amounts,
    "percentage": st.none() | amounts,
    "stage": st.sampled_from(list(Stage)),
    # a file knows two kinds; rephasing and carry-over go out as revised
    "kind": st.sampled_from([kind for kind in AllocationKind if kind.published is kind]),
    **dict.fromkeys(("humanitarian", "aggregation", "ascending"), st.none() | st.booleans()),
    "year": st.integers(1900, 2100),
    "dimensions": st.none() | st.dictionaries(texts, texts, min_size=1, max_size=2),
    "content_changed_at": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    "default_currency": st.none() | codes,
}

SHAPES: list[Shape[Any]] = [
    ACTIVITY, PARTICIPANT, COUNTRY, SECTOR, CONTACT, LOCATION, DOCUMENT, LINK, BUDGET, TRANSACTION, RESULT, INDICATOR,
    BASELINE, PERIOD, MEASUREMENT,
]  # fmt: skip


def columns_of(shape: Shape[Any], draw: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for bind in shape.binds:
        strategy = VALUES.get(bind.column, st.none() | codes)
        if bind.column.endswith("_name"):
            strategy = names if found[bind.named_by] is None else names.filter(lambda name: name is not None)
        if bind.column == "description_translations" and shape is not ACTIVITY:
            strategy = st.none() | st.lists(pairs, min_size=1, max_size=2)
        found[bind.column] = draw(strategy)
    for prefix in ("reporting", "organisation"):
        if f"{prefix}_type" in found and found[f"{prefix}_ref"] is None and found[f"{prefix}_name"] is None:
            found[f"{prefix}_type"] = None
    for name in ("title", "description"):
        if found.get(f"{name}_translations") and not found[name]:
            found[f"{name}_translations"] = [] if shape is ACTIVITY or name == "title" else None
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.node.__name__)
@settings(max_examples=50)
@given(data=st.data())
def test_what_is_rendered_from_columns_says_these_columns(shape: Shape[Any], data: st.DataObject) -> None:
    columns = columns_of(shape, data.draw)
    assert shape.extract(shape.render(columns)) == columns


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.node.__name__)
@settings(max_examples=50)
@given(data=st.data())
def test_short_way_to_an_element_gives_what_its_binds_give(shape: Shape[Any], data: st.DataObject) -> None:
    columns, other = columns_of(shape, data.draw), columns_of(shape, data.draw)
    assert shape.render(columns) == shape.render_by_binds(columns)
    for element in (shape.render(columns), shape.render(other)):
        assert element == shape.render(columns) or not shape.says_all(element, columns)
        plain = shape.read_plain(element)
        assert plain is None or (
            element == shape.render(plain) and [*plain.items()] == [*shape.extract(element).items()]
        )
        element.foreign_attributes = (("x:note", "kept"),)
        assert not shape.says_all(element, columns)
        assert shape.read_plain(element) is None


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.node.__name__)
@settings(max_examples=50)
@given(data=st.data())
def test_columns_that_change_show_in_an_element_that_has_a_remainder(shape: Shape[Any], data: st.DataObject) -> None:
    first, second = columns_of(shape, data.draw), columns_of(shape, data.draw)
    element = shape.render(first)
    element.foreign_attributes = (("x:note", "kept"), ("xmlns:x", "urn:x"))
    remainder = json.loads(json.dumps(shape.remainder(element, first)))
    assert remainder is not None
    assert shape.build(first, remainder) == element
    changed = shape.build(second, remainder)
    assert shape.extract(changed) == second
    assert changed.foreign_attributes == element.foreign_attributes


PLAIN = """<iati-activity><iati-identifier>A</iati-identifier><transaction ref="R">
  <transaction-type code="3"/><transaction-date iso-date="2021-01-15"/>
  <value currency="USD" value-date="2021-01-16">5000.10</value><description><narrative>Words</narrative></description>
  <provider-org ref="XM-DAC-7" provider-activity-id="P"><narrative>Netherlands</narrative></provider-org>
  <receiver-org ref="XM-DAC-8"/><sector code="16020"/><recipient-country code="KE"/><flow-type code="10"/>
  <finance-type code="110"/><aid-type code="C01"/><tied-status code="5"/></transaction></iati-activity>"""


OTHERS: dict[type, tuple[object, ...]] = {
    str: ("", " 2021-01-15", "XM-DAC-7", None),
    list: ([],),
    tuple: ((), (("x:note", "kept"),)),
}


def elements_in(node: object) -> Iterator[Any]:
    if is_dataclass(node):
        yield node
        for field in fields(node):
            yield from elements_in(getattr(node, field.name))
    elif isinstance(node, list):
        for each in node:
            yield from elements_in(each)


def test_transaction_is_plain_while_its_columns_say_all_of_it() -> None:
    def transaction() -> Transaction:
        return parse_activity(PLAIN.encode()).transaction[0]

    assert TRANSACTION.read_plain(transaction()) == TRANSACTION.extract(transaction())
    tried = 0
    for at, found in enumerate(elements_in(transaction())):
        blank = type(found)()
        for field in (each for each in fields(found) if each.name != "foreign_at"):
            for value in OTHERS.get(type(getattr(found, field.name)), OTHERS[str]):
                if value is None and getattr(blank, field.name) is not None:
                    continue
                changed = transaction()
                setattr([*elements_in(changed)][at], field.name, value)
                with suppress(TypeError, AttributeError):  # a text in the place of an element, which no file gives
                    columns, plain = TRANSACTION.extract(changed), TRANSACTION.read_plain(changed)
                    if plain is not None or TRANSACTION.says_all(changed, columns):
                        tried += 1
                        assert plain is None or plain == columns
                        assert TRANSACTION.render(columns) == changed, (found, field.name, value)
    assert tried > 20


def parts_of(xml: str) -> list[Part]:
    return list(every_part(take_apart(parse_activity(xml.encode()))))


def test_every_element_of_an_activity_comes_back_from_its_row() -> None:
    parts = parts_of(SAMPLE)
    assert len(parts) > 20
    for part in parts:
        assert part.shape.build(part.columns, part.remainder(), "USD") == part.element


def test_literal_stays_while_it_means_the_same_and_goes_when_the_amount_changes() -> None:
    budget = Budget(
        type="1",
        period_start=IsoDate(iso_date="2021-01-01Z"),
        period_end=IsoDate(iso_date="2021-12-31"),
        value=Value(text=" +01000.10 ", currency="USD", value_date="2021-01-01"),
    )
    columns = BUDGET.extract(budget)
    assert columns["amount"] == Decimal("1000.10")
    remainder = BUDGET.remainder(budget, columns)
    assert BUDGET.build({**columns, "amount": Decimal("1000.1")}, remainder).value == budget.value
    changed = BUDGET.build({**columns, "amount": Decimal("1000.2")}, remainder)
    assert changed.value == Value(text="1000.2", currency="USD", value_date="2021-01-01")
    assert changed.period_start == budget.period_start


def test_amount_without_currency_has_the_one_of_its_activity_until_that_changes() -> None:
    transaction = Transaction(value=Value(text="5"))
    columns = TRANSACTION.extract(transaction, "EUR")
    assert columns["currency"] == "EUR"
    remainder = TRANSACTION.remainder(transaction, columns)
    assert TRANSACTION.build(columns, remainder, "EUR").value == Value(text="5")
    assert TRANSACTION.build(columns, remainder, "USD").value == Value(text="5", currency="EUR")


def test_name_that_the_file_writes_otherwise_is_kept_until_another_organisation_takes_the_place() -> None:
    element = ParticipatingOrg(ref="XM-DAC-7", role="1", narrative=[Narrative(text="The Netherlands")])
    columns = PARTICIPANT.extract(element)
    columns["organisation_name"] = ("Netherlands", ())
    remainder = PARTICIPANT.remainder(element, columns)
    assert PARTICIPANT.build(columns, remainder) == element
    other = {**columns, "organisation_ref": "XM-DAC-10", "organisation_name": ("Sweden", ())}
    assert PARTICIPANT.build(other, remainder).narrative == [Narrative(text="Sweden")]


def test_renamed_organisation_shows_where_only_something_else_was_unmodelled() -> None:
    element = ParticipatingOrg(ref="XM-DAC-7", role="1", crs_channel_code="10000", narrative=[Narrative(text="Old")])
    columns = PARTICIPANT.extract(element)
    remainder = PARTICIPANT.remainder(element, columns)
    renamed = PARTICIPANT.build({**columns, "organisation_name": ("New", ())}, remainder)
    assert renamed == ParticipatingOrg(
        ref="XM-DAC-7", role="1", crs_channel_code="10000", narrative=[Narrative(text="New")]
    )


def test_translations_are_kept_in_their_order() -> None:
    element = DOCUMENT.node(
        title=Narratives(
            narrative=[Narrative(text="A"), Narrative(lang="fr", text="B"), Narrative(lang="fr", text="C")]
        )
    )
    assert DOCUMENT.extract(element)["title_translations"] == [["fr", "B"], ["fr", "C"]]


@pytest.mark.parametrize("text", ["1" * 60, "0." + "1" * 60])
def test_absurd_amount_is_told_and_read_as_none(text: str) -> None:
    unread: list[LexicalError] = []
    columns = BUDGET.extract(Budget(value=Value(text=text)), "", unread)
    assert columns["amount"] is None
    assert "at most" in str(unread[0])


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("name", ["fcdo-activity.xml", "dportal-XI-IATI-WBTF.xml", "beis-activity.xml"])
def test_every_element_of_a_real_file_comes_back_from_its_row(name: str) -> None:
    path = reference("iati", "real", name)
    assert path is not None
    seen = 0
    for record in read_activities(path):
        assert record.model is not None
        whole = take_apart(record.model)
        currency = whole.columns["default_currency"] or ""
        for part in every_part(whole):
            seen += 1
            remainder = json.loads(json.dumps(part.remainder()))
            assert part.shape.build(part.columns, remainder, currency) == part.element
        if seen < 2_000:
            check_read_straight(write_activity(record.model).encode())
    assert seen > 20


def check_read_straight(xml: bytes) -> list[int]:
    """Transactions that are read from the tree into columns are those that are read as elements; gives their places."""
    tree, activity = parse_fragment(Fragment(xml, 1, 0)), parse_activity(xml)
    whole, plain = take_apart(activity), take_plain(tree)
    rest = read_activity(cast("Element", tree), Reading(b""))
    straight = take_apart(rest, beside=plain)
    for one, other in zip(straight.parts["ledger_entries"], whole.parts["ledger_entries"], strict=True):
        assert (one.ordinal, one.columns, one.named) == (other.ordinal, other.columns, other.named)
        assert one.remainder() == other.remainder()
    assert straight.loose == whole.loose
    assert made_whole(rest, straight).transaction == activity.transaction
    return sorted(plain)


def test_plain_transactions_are_read_straight_in_their_places_among_the_others() -> None:
    plain = "<transaction><transaction-type code='4'/><transaction-date iso-date='2021-01-01'/><value currency='USD'%s>"
    end = "</value>%s</transaction>"
    others = (
        (" value-date='2021-01-01Z'", "5", ""),
        ("", "5.10", "<description><narrative>A</narrative></description><provider-org ref='X-1'/>"),
        ("", "+5", ""),
        ("", "", ""),
        ("", "7", "<description><narrative xml:lang='fr'>A</narrative></description>"),
        ("", "8", "<provider-org ref='X-1'><narrative>X</narrative></provider-org><sector code='1'/>"),
        ("", "9", "<sector code='1'/><sector code='2'/>"),
        ("", "10", "<description/>"),
        ("", "11", "<receiver-org ref='X-1'><narrative>X-1</narrative></receiver-org>"),
        ("", "12", "<receiver-org><narrative>X</narrative></receiver-org><aid-type code='C01' vocabulary='1'/>"),
        ("", "13", "<aid-type code='C01'/><tied-status code='5'/>"),
    )
    rows = "".join(plain % dated + amount + end % more for dated, amount, more in others)
    xml = f"<iati-activity><iati-identifier>A</iati-identifier>{rows}</iati-activity>"
    assert check_read_straight(xml.encode()) == [1, 5, 10]


def test_white_space_behind_comments_is_found_where_it_stands_beside_plain_transactions() -> None:
    rest = (
        "<transaction-type code='4'/><transaction-date iso-date='2021-01-01'/><value value-date='2021-01-01'>5</value>"
    )
    blank = "<flow-type code='10'><!-- x -->\n</flow-type>"
    rows = [
        f"<transaction>{rest}</transaction>",
        f"<transaction humanitarian='1'>{rest}<flow-type code='10'/></transaction>",
        f"<transaction humanitarian='1'>{rest}{blank}</transaction>",
    ]
    xml = activities(SAMPLE.replace("<document-link", "".join(rows) + "<document-link", 1))
    with open_document(xml) as document:
        (read,) = Activities(document, FileReport(file="a.xml"), as_of=dt.date(2026, 1, 1))
    assert isinstance(read, Incoming)
    *_, without, last = read.whole.parts["ledger_entries"]
    assert "blank" not in json.dumps(without.remainder())
    assert "blank" in json.dumps(last.remainder())
