"""Comparing files by meaning: what counts as a difference, what does not, and how it is told."""

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.diff import Comparison, Difference, RootDifference, UnreadableError, compare
from iati.diff.meaning import XML_LANG
from tests.reference import needs_reference, reference

BASE = """
  <iati-activity default-currency="USD" xml:lang="en" last-updated-datetime="2024-01-01T00:00:00Z">
    <iati-identifier>XM-EX-1-A</iati-identifier>
    <title><narrative>Jobs for the young</narrative><narrative xml:lang="fr">Des emplois</narrative></title>
    <activity-date type="1" iso-date="2024-01-01"/>
    <sector code="11110" percentage="60"/><sector code="11120" percentage="40"/>
    <budget><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>
      <value value-date="2024-01-01">1000.10</value></budget>
    <transaction ref="T1" humanitarian="1"><transaction-type code="3"/><transaction-date iso-date="2024-02-01"/>
      <value value-date="2024-02-01" currency="EUR">50</value></transaction>
    <transaction ref="T2"><transaction-type code="3"/><transaction-date iso-date="2024-03-01"/>
      <value value-date="2024-03-01">70</value></transaction>
    <conditions attached="0"/>
    <x:note xmlns:x="https://x.example/"><x:first/><x:second/></x:note>
  </iati-activity>"""


def activities(*records: str, root: str = "") -> bytes:
    return f'<iati-activities version="2.03" {root}>{"".join(records)}</iati-activities>'.encode()


def named(identifier: str, title: str = "A title of an activity") -> str:
    return f"""<iati-activity><iati-identifier>{identifier}</iati-identifier>
      <title><narrative>{title}</narrative></title></iati-activity>"""


def differences(old: str, new: str) -> tuple[Difference, ...]:
    """The differences of BASE with ``old`` replaced by ``new``."""
    assert BASE.count(old) == 1
    (record,) = compare(activities(BASE), activities(BASE.replace(old, new))).changed_records()
    assert record.identifier == "XM-EX-1-A"
    return record.differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1000.10", "1000.1"),
        ("1000.10", "+01000.100"),
        ("1000.10", "\n      1000.10\n"),
        ('percentage="60"', 'percentage="60.0"'),
        ('humanitarian="1"', 'humanitarian="true"'),
        ('attached="0"', 'attached="false"'),
        ('ref="T1" humanitarian="1"', 'humanitarian="1" ref="T1"'),
        ("Jobs for the young", "  Jobs for\n   the young "),
        ("<narrative>Jobs", '<narrative xml:lang="en">Jobs'),
        ("<narrative>Jobs", '<narrative xml:lang="EN">Jobs'),
        (
            '<narrative>Jobs for the young</narrative><narrative xml:lang="fr">Des emplois</narrative>',
            '<narrative xml:lang="fr">Des emplois</narrative><narrative>Jobs for the young</narrative>',
        ),
        ('<value value-date="2024-03-01">', '<value value-date="2024-03-01" currency="USD">'),
        ('<sector code="11110"', '<sector vocabulary="1" code="11110"'),
        ("<budget>", '<budget type="1" status="1">'),
        (
            '<sector code="11110" percentage="60"/><sector code="11120" percentage="40"/>',
            '<sector code="11120" percentage="40"></sector>\n<!-- first --><sector percentage="60" code="11110"/>',
        ),
        ('xmlns:x="https://x.example/"><x:first/><x:second/></x:note>', 'xmlns:x="https://x.example/"><x:first/><x:second/></x:note>\n'),
        ("Jobs for the young", "Jobs <![CDATA[for]]> the young"),
        ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"),
        ("XM-EX-1-A", " XM-EX-1-A "),
    ],
)  # fmt: skip
def test_another_way_to_write_the_same_is_no_difference(old: str, new: str) -> None:
    assert BASE.count(old) == 1
    assert compare(activities(BASE), activities(BASE.replace(old, new))).same


def test_dates_with_equal_zones_are_equal_and_with_other_zones_are_not() -> None:
    old = BASE.replace('type="1" iso-date="2024-01-01"', 'type="1" iso-date="2024-01-01Z"')
    assert old != BASE
    assert compare(activities(old), activities(old.replace("2024-01-01Z", "2024-01-01+00:00"))).same
    assert not compare(activities(old), activities(old.replace("2024-01-01Z", "2024-01-01+01:00"))).same
    assert not compare(activities(old), activities(BASE)).same


def test_a_prefix_is_only_a_name() -> None:
    renamed = BASE.replace("x:", "y:").replace("xmlns:x", "xmlns:y")
    assert renamed != BASE
    assert compare(activities(BASE), activities(renamed)).same
    assert not compare(activities(BASE), activities(BASE.replace("https://x.example/", "https://y.example/"))).same


def test_order_inside_foreign_elements_is_kept() -> None:
    (found,) = differences("<x:first/><x:second/>", "<x:second/><x:first/>")
    assert (found.kind, found.path) == ("changed", "{https://x.example/}note")


def test_a_default_that_moves_to_its_elements_is_no_difference_but_a_changed_one_is() -> None:
    explicit = (
        BASE.replace('default-currency="USD" ', "")
        .replace('value-date="2024-01-01">', 'value-date="2024-01-01" currency="USD">')
        .replace('value-date="2024-03-01">', 'value-date="2024-03-01" currency="USD">')
    )
    assert compare(activities(BASE), activities(explicit)).same
    found = differences('default-currency="USD"', 'default-currency="EUR"')
    assert [(each.path, each.old, each.new) for each in found] == [
        ("@default-currency", "USD", "EUR"),
        ("budget/value/@currency", "USD", "EUR"),
        ("transaction/value/@currency", "USD", "EUR"),
    ]
    assert found[2].identity.startswith('transaction ref "T2"')


def test_a_changed_default_that_nothing_inherits_is_still_told() -> None:
    record = named("A").replace("<iati-activity>", '<iati-activity default-currency="USD">')
    (changed,) = compare(activities(record), activities(record.replace("USD", "EUR"))).changed_records()
    assert [each.path for each in changed.differences] == ["@default-currency"]


def test_a_changed_amount_is_told_with_its_transaction_and_lines() -> None:
    (found,) = differences(">50<", ">51.00<")
    assert found == Difference(
        kind="changed",
        path="transaction/value/text()",
        identity='transaction ref "T1", transaction-type "3", transaction-date "2024-02-01", value "51"',
        old="50",
        new="51.00",
        old_line=10,
        new_line=10,
    )


def test_an_added_and_a_removed_element_are_quoted() -> None:
    added = differences("<activity-date", '<activity-date type="2" iso-date="2024-01-05"/><activity-date')
    assert [(each.kind, each.path, each.old) for each in added] == [("added", "activity-date", None)]
    assert added[0].new is not None
    assert 'type="2"' in added[0].new
    (removed,) = differences('<sector code="11120" percentage="40"/>', "")
    assert (removed.kind, removed.path, removed.identity, removed.new) == (
        "removed",
        "sector",
        'sector vocabulary "1", code "11120"',
        None,
    )


def test_an_attribute_that_comes_or_goes_is_added_or_removed() -> None:
    (gone,) = differences(' humanitarian="1"', "")
    assert (gone.kind, gone.path, gone.old, gone.new) == ("removed", "transaction/@humanitarian", "1", None)


def test_a_text_in_another_language_is_told_by_its_language() -> None:
    (found,) = differences("Des emplois", "Du travail")
    assert (found.path, found.identity) == ("title/narrative/text()", 'narrative language "fr"')


def test_transactions_without_reference_are_paired_by_type_and_date() -> None:
    bare = BASE.replace(' ref="T1"', "").replace(' ref="T2"', "")
    (record,) = compare(activities(bare), activities(bare.replace(">70<", ">71<"))).changed_records()
    (found,) = record.differences
    assert (found.path, found.old, found.new) == ("transaction/value/text()", "70", "71")


def test_one_of_two_identical_transactions_that_vanishes_is_told_once() -> None:
    row = '<transaction><transaction-type code="3"/><value value-date="2024-01-01">5</value></transaction>'
    one, two = (BASE.replace("<conditions", row * count + "<conditions") for count in (1, 2))
    (record,) = compare(activities(two), activities(one)).changed_records()
    assert [(each.kind, each.path) for each in record.differences] == [("removed", "transaction")]


def test_records_are_added_removed_changed_and_their_order_does_not_count() -> None:
    old = activities(named("A"), named("B"), named("C"))
    new = activities(named("D"), named("C", "Another title"), named("A"))
    comparison = compare(old, new)
    assert not comparison.same
    assert [record.identifier for record in comparison.added] == ["D"]
    assert [record.identifier for record in comparison.removed] == ["B"]
    assert [record.identifier for record in comparison.changed_records()] == ["C"]
    assert (comparison.changed, comparison.unchanged) == (1, 1)
    assert comparison.removed[0].line == 2
    assert compare(old, activities(named("C"), named("A"), named("B"))).same


def test_records_that_share_an_identifier_are_paired_by_meaning_first() -> None:
    old = activities(named("A", "one"), named("A", "two"), named("A", "three"))
    new = activities(named("A", "three"), named("A", "  one "), named("A", "four"))
    comparison = compare(old, new)
    (record,) = comparison.changed_records()
    assert [(each.old, each.new) for each in record.differences] == [("two", "four")]
    assert comparison.unchanged == 2
    again = compare(old, activities(named("A", "one")))
    assert [record.identifier for record in again.removed] == ["A", "A"]


def test_records_without_identifier_are_the_same_only_when_they_mean_the_same() -> None:
    old, new = named("", "one"), named("", "two")
    assert compare(activities(old), activities(old.replace("one", " one"))).same
    comparison = compare(activities(old), activities(new))
    assert (len(comparison.added), len(comparison.removed), comparison.changed) == (1, 1, 0)


def test_the_root_is_compared_but_for_the_time_of_its_making() -> None:
    old = activities(named("A"), root='generated-datetime="2024-01-01T00:00:00"')
    new = activities(named("A"), root='generated-datetime="2025-01-01T00:00:00"')
    assert compare(old, new).same
    assert compare(old, new.replace(b"2.03", b"2.02")).root == (
        RootDifference(what="@version", old="2.03", new="2.02"),
    )
    stray = activities(named("A"), '<x:y xmlns:x="https://x.example/"/>')
    assert [each.what for each in compare(old, stray).root] == ["between records"]
    assert [each.old is None for each in compare(stray, old).root] == [False]


def test_organisation_files_are_compared_by_their_own_identifier() -> None:
    def organisation(amount: str, status: str) -> bytes:
        return f"""<iati-organisations version="2.03"><iati-organisation default-currency="USD">
          <organisation-identifier>XM-EX-1</organisation-identifier>
          <total-budget{status}><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>
          <value value-date="2024-01-01">{amount}</value></total-budget></iati-organisation>
          </iati-organisations>""".encode()

    assert compare(organisation("5", ""), organisation("5.00", ' status="1"')).same
    (record,) = compare(organisation("5", ""), organisation("6", "")).changed_records()
    assert [(record.identifier, each.path) for each in record.differences] == [("XM-EX-1", "total-budget/value/text()")]
    assert compare(organisation("5", ""), activities(named("XM-EX-1"))).root[0].what == "file type"


def test_a_stamp_counts_unless_it_is_ignored() -> None:
    moved = BASE.replace("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
    assert compare(activities(BASE), activities(moved)).changed == 1
    assert compare(activities(BASE), activities(moved), ignore_stamp=True).same


def test_a_broken_file_is_named_with_its_line() -> None:
    with pytest.raises(UnreadableError) as caught:
        compare(activities(BASE), b"<iati-activities version='2.03'>\n<iati-activity><a></iati-activity>")
    assert caught.value.fault.line == 2


WORDS = st.text("abc é&<", max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=5), st.randoms(use_true_random=False))
def test_shuffled_records_are_the_same_file_and_another_record_is_a_difference(
    titles: list[str], shuffle: random.Random
) -> None:
    records = [
        named(f"A-{index % 3}", title.replace("&", "&amp;").replace("<", "&lt;")) for index, title in enumerate(titles)
    ]
    moved = records[:]
    shuffle.shuffle(moved)
    assert compare(activities(*records), activities(*moved)).same
    longer = compare(activities(*records), activities(*moved, named("B")))
    assert [record.identifier for record in longer.added] == ["B"]
    assert (longer.changed, len(longer.removed), longer.unchanged) == (0, 0, len(records))


def _restated(record: etree._Element, shuffle: random.Random) -> None:
    """Write the record in another way: children in another order, defaults written out, no white space."""
    language, currency = record.get(XML_LANG), record.get("default-currency")
    for element in record.iter(etree.Element):
        if str(element.tag).startswith("{"):
            continue
        if element.tag == "narrative" and language and element.get(XML_LANG) is None:
            element.set(XML_LANG, language.upper())
        if element.tag == "value" and currency and element.get("currency") is None:
            element.set("currency", currency)
        if len(element) and not (element.text or "").strip():
            element.text = None
        attributes = list(element.attrib.items())
        shuffle.shuffle(attributes)
        element.attrib.clear()
        element.attrib.update(attributes)
        children = list(element)
        shuffle.shuffle(children)
        for child in children:
            if not (child.tail or "").strip():
                child.tail = "\n"
            element.append(child)


MUTATIONS: tuple[Callable[[etree._Element], None], ...] = (
    lambda element: element.getparent().remove(element),  # type: ignore[union-attr]
    lambda element: element.addnext(copy.deepcopy(element)),
    lambda element: element.set("code", "9"),
    lambda element: element.set(XML_LANG, "es"),
    lambda element: element.attrib.clear(),
    lambda element: setattr(element, "text", "7"),
    lambda element: setattr(element, "tail", "stray"),
    lambda element: setattr(element, "tag", "{https://z.example/}other"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(MUTATIONS)), min_size=1, max_size=3))
def test_whatever_changes_is_told_and_both_ways_round(
    mutations: list[tuple[int, Callable[[etree._Element], None]]],
) -> None:
    root = etree.fromstring(activities(BASE))
    for at, mutate in mutations:
        below = list(root[0].iterdescendants()) if len(root) else []
        if below:
            mutate(below[at % len(below)])
    old, new = activities(BASE), etree.tostring(root)
    forth, back = compare(old, new), compare(new, old)
    assert forth.same == back.same
    assert (len(forth.added), len(forth.removed)) == (len(back.removed), len(back.added))
    for there, here in zip(forth.changed_records(), back.changed_records(), strict=True):
        assert there.differences
        assert {each.path for each in there.differences} == {each.path for each in here.differences}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1400), st.binary(max_size=8), st.integers(0, 8))
def test_damaged_bytes_are_compared_or_refused_but_never_break_the_comparison(at: int, put: bytes, cut: int) -> None:
    whole = activities(BASE)
    damaged = whole[:at] + put + whole[at + cut :]
    line = 1
    try:
        list(compare(whole, damaged).changed_records())
    except UnreadableError as error:
        line = error.fault.line
    assert 1 <= line <= damaged.count(b"\n") + 1


FILES = ["dportal-XM-DAC-41304.xml", "ifad-activity.xml", "fcdo-activity.xml", "org-asian-dev-bank-org.xml"]


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("name", FILES)
def test_a_real_file_restated_is_the_same_and_every_single_change_is_found(name: str) -> None:
    path = reference("iati", "real", name)
    assert path is not None
    shuffle = random.Random(name)
    tree = etree.parse(path, etree.XMLParser(remove_comments=True))
    for record in list(tree.getroot())[:60]:
        _restated(record, shuffle)
    restated = etree.tostring(tree)
    assert compare(path, restated).same
    for change in (_change_a_text, _change_an_attribute, _drop_an_element):
        altered = etree.fromstring(restated)
        what = change(altered, shuffle)
        comparison = compare(restated, etree.tostring(altered))
        (found,) = comparison.changed_records()
        assert found.differences, what


def _pick(root: etree._Element, shuffle: random.Random, fits: Callable[[etree._Element], bool]) -> etree._Element:
    identifiers = {"iati-identifier", "organisation-identifier"}
    return shuffle.choice(
        [each for record in root for each in record.iterdescendants() if each.tag not in identifiers and fits(each)]
    )


def _change_a_text(root: etree._Element, shuffle: random.Random) -> str:
    element = _pick(root, shuffle, lambda each: bool((each.text or "").strip()))
    element.text = f"{element.text} 7x"
    return str(element.tag)


def _change_an_attribute(root: etree._Element, shuffle: random.Random) -> str:
    element = _pick(root, shuffle, lambda each: bool(each.attrib))
    name = shuffle.choice(list(element.attrib))
    element.set(name, f"{element.get(name)}7x")
    return f"{element.tag}/@{name!s}"


def _drop_an_element(root: etree._Element, shuffle: random.Random) -> str:
    element = _pick(root, shuffle, lambda each: True)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    return str(element.tag)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "iati", "diff", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_command_prints_json_and_tells_by_its_status(tmp_path: Path) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "new.xml"
    old.write_bytes(activities(BASE, named("B")))
    new.write_bytes(activities(BASE.replace(">50<", ">60<"), named("C")))
    done = run(old, new, "--format", "json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["same"] is False
    assert answer["summary"] == {"added": 1, "removed": 1, "changed": 1, "unchanged": 0}
    assert answer["old"] == {"file": str(old), "file_type": "iati-activities", "version": "2.03", "records": 2}
    assert [record["identifier"] for record in answer["added"] + answer["removed"]] == ["C", "B"]
    assert answer["changed"][0]["differences"][0]["new"] == "60"
    same = run(old, old, "--format", "json")
    assert (same.returncode, json.loads(same.stdout)["same"], json.loads(same.stdout)["changed"]) == (0, True, [])


def test_the_command_prints_text(tmp_path: Path) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "new.xml"
    old.write_bytes(activities(BASE))
    new.write_bytes(activities(BASE.replace(">50<", ">60<"), named("C")))
    done = run(old, new)
    identity = 'transaction ref "T1", transaction-type "3", transaction-date "2024-02-01", value "60"'
    assert done.stdout.splitlines() == [
        f"+ C ({new}:15)",
        f"~ XM-EX-1-A ({new}:2)",
        f"    transaction/value/text() [{identity}]: “50” → “60”",
        "Different: 1 added, 0 removed, 1 changed, 0 unchanged.",
    ]
    assert run(new, new).stdout == "Same meaning: 0 added, 0 removed, 0 changed, 2 unchanged.\n"


def test_the_command_tells_wrong_usage_and_broken_files_apart(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(activities(BASE))
    bad.write_bytes(b"<iati-activities>")
    assert run(good).returncode == 2
    assert run(good, tmp_path / "absent.xml").returncode == 2
    broken = run(good, bad, "--format", "json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["faults"][0]["file"] == str(bad)
    assert "bad.xml: line 1" in broken.stderr


def test_details_can_be_asked_for_twice() -> None:
    comparison: Comparison = compare(activities(named("A", "one")), activities(named("A", "two")))
    assert list(comparison.changed_records()) == list(comparison.changed_records())
