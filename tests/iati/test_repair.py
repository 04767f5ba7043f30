"""Repairs that cannot be wrong, and what they leave alone."""

import pytest
from lxml import etree

from iati.repair import repair, trim_codes
from iati.source import open_document, parse_fragment
from iati.validator.schema import SchemaCheck
from tests.iati.validated import activity, file

DOCUMENT = '<document-link url="u" format="f"><title><narrative>D</narrative></title><category code="A01"/>'


def record(xml: str) -> etree._Element:
    (fragment,) = open_document(file(xml))
    return parse_fragment(fragment)


def faults(element: etree._Element) -> int:
    return len(SchemaCheck("iati-activities", None).record(element))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<title>", '<activity-status code="2"/><title>',
         ["The elements of <iati-activity> were put into the order of the standard."]),
        ('iso-date="2024-01-01"', 'iso-date="\u00a02024-01-01\u200b"',
         ["White space was taken from around iso-date of <activity-date>."]),
        # XML Schema takes these away, and the programs that check files do not
        ('iso-date="2024-01-01"', 'iso-date=" 2024-01-01 "',
         ["White space was taken from around iso-date of <activity-date>."]),
        ("<iati-activity ", '<iati-activity last-updated-datetime=" 2024-01-01T00:00:00Z" ',
         ["White space was taken from around last-updated-datetime of <iati-activity>."]),
        ("<title>", "\u00a0<title>", ["White space was taken from between the elements of <iati-activity>."]),
        ("<title>", "<title>\ufeff", ["White space was taken from between the elements of <title>."]),
        ("</iati-activity>", '<budget><value currency=" "/></budget></iati-activity>',
         ["<budget> held nothing and was taken out of <iati-activity>."]),
        ("</iati-activity>",
         DOCUMENT + "<document-date/></document-link></iati-activity>",
         ["<document-date> held nothing and was taken out of <document-link>."]),
    ],
)  # fmt: skip
def test_what_says_nothing_is_mended_and_told(old: str, new: str, told: list[str]) -> None:
    xml = activity()
    if "activity-status" in new:
        xml = xml.replace('<activity-status code="2"/>', "", 1)
    element = record(xml.replace(old, new, 1))
    assert faults(element)
    assert [each.message for each in repair(element)] == told
    assert not faults(element)
    assert repair(element) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<activity-status code="2"/>', '<activity-status code="2"/><activity-status code="3"/>'),
        ('<activity-status code="2"/>', '<activity-status code="2" odd="1"/>'),
        ('iso-date="2024-01-01"', 'iso-date="2024 -01-01"'),
        ('iso-date="2024-01-01"', 'iso-date=""'),
        ('iso-date="2024-01-01"', 'iso-date=" "'),
        ('iso-date="2024-01-01"', 'iso-date="\u00a0"'),
        ('iso-date="2024-01-01"', 'iso-date=" 01/02/2021 "'),
        ("<iati-activity ", '<iati-activity humanitarian="\u00a0perhaps" '),
        ("<title><narrative>Water</narrative></title>", "<title/>"),
        ("<title>", "odd<title>"),
        ("</iati-activity>", '<budget><value currency="USD"/></budget></iati-activity>'),
    ],
)
def test_what_needs_a_decision_is_left_alone(old: str, new: str) -> None:
    element = record(activity().replace(old, new, 1))
    before = etree.tostring(element)
    assert faults(element)
    assert repair(element) == []
    assert etree.tostring(element) == before


def test_elements_of_other_namespaces_stay_where_the_standard_lets_them() -> None:
    foreign = '<x:x xmlns:x="urn:x">said</x:x>'
    element = record(activity().replace("</iati-activity>", f"{foreign}</iati-activity>"))
    assert not faults(element)
    assert repair(element) == []
    moved = record(activity().replace("<title>", f"{foreign}<title>"))
    assert faults(moved)
    assert len(repair(moved)) == 1
    assert not faults(moved)
    assert str(moved[-1].tag) == "{urn:x}x"


def test_white_space_round_a_language_is_taken_too() -> None:
    element = record(activity().replace("<narrative>Water", '<narrative xml:lang=" fr\u00a0">Water', 1))
    assert [each.message for each in trim_codes(element)] == [
        "White space was taken from around xml:lang of <narrative>."
    ]
    assert b'<narrative xml:lang="fr">Water' in etree.tostring(element)
