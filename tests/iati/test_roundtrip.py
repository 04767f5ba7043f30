"""Reading and writing again changes nothing: the law of the library."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from iati.__main__ import main
from iati.copying import copy_records
from iati.model import Activity, Organisation
from iati.reader import open_records, parse_activity, parse_organisation
from iati.schema import SCHEMA_FILES, schema_for
from iati.source import SourceFault
from iati.writer import ActivitiesFile, write_activity, write_organisation
from tests.iati import samples, strategies
from tests.iati.mutants import files, mutants
from tests.reference import needs_reference

RELAXED = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def canonical(xml: bytes) -> bytes:
    """Canonical XML without comments, processing instructions and white space between elements."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, remove_blank_text=True, huge_tree=True)
    root = etree.fromstring(xml, parser)
    for element in root.iter():
        if len(element) and element.text and not element.text.strip():
            element.text = None
        if element.tail and not element.tail.strip():
            element.tail = None
    return etree.tostring(root, method="c14n")


def copied(xml: bytes) -> bytes:
    """The file after reading and writing; every fault fails."""
    out = io.BytesIO()
    assert copy_records(open_records(xml), out) == []
    return out.getvalue()


def in_file(inside: str, root: str = "") -> bytes:
    return f'<iati-activities version="2.03"{root}><iati-activity>{inside}</iati-activity></iati-activities>'.encode()


HARD = {
    "repeated languages": in_file(
        '<title><narrative xml:lang="en">A</narrative><narrative xml:lang="en">B</narrative><narrative/></title>'
    ),
    "white space in text": in_file(
        "<iati-identifier>  A\n\t B </iati-identifier><title><narrative> </narrative></title>"
    ),
    "line breaks as references": in_file(
        '<title><narrative>x&#13;y</narrative></title><sector code="a&#10;b&#9;c&#13;d"/>'
    ),
    "character data sections": in_file("<title><narrative><![CDATA[<b> & ]]>]]&gt;</narrative></title>"),
    "comments inside text": in_file("<title><narrative>a<!-- b -->c<?d e?>f</narrative></title><!-- g -->"),
    "white space as only content": in_file(
        '<title> <?a b?>\n</title><activity-status code="2">\n \n</activity-status>'
    ),
    "white space around comments": in_file("<title> <!-- a -->\n</title><conditions> <!-- b --></conditions>"),
    "lexical numbers": in_file('<budget><value value-date="2024-01-01Z"> +1000.10 </value></budget><fss/>'),
    "foreign attributes": in_file(
        '<title a:b="1" c:e="2"><narrative c:d="&lt;">x</narrative></title>', ' xmlns:a="urn:a" xmlns:c="urn:a"'
    ),
    "foreign elements with own namespaces": in_file(
        '<title><narrative>x</narrative><q xmlns="urn:q" xmlns:r="urn:r" r:s="1">'
        '<t xmlns=""> u <r:v/> w </t></q></title>'
    ),
    "declaration on an inner element": in_file('<title xmlns:n="urn:n"><narrative n:a="1">x</narrative></title>'),
    "declaration that nobody uses": in_file(
        '<title xmlns:n="urn:n"><narrative>x</narrative></title>', ' xmlns:u="urn:u"'
    ),
    "prefix declared anew": in_file(
        '<title xmlns:a="urn:2"><narrative a:b="1">x</narrative><a:c/></title><a:d/>', ' xmlns:a="urn:1"'
    ),
    "instance attributes": in_file(
        '<title xsi:type="textRequiredType"><narrative xsi:nil="false">x</narrative></title>'
        '<location><point srsName="s"><pos xsi:type="xs:string">1 2</pos></point></location>',
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' xsi:noNamespaceSchemaLocation="x.xsd"',
    ),
    "xml attributes on any element": in_file(
        '<title xml:lang="en" xml:space="preserve"><narrative>x</narrative></title>'
    ),
    "foreign elements at the end of the file": (
        b'<iati-activities version="2.03" generated-datetime="2024-01-01T00:00:00Z" xmlns:a="urn:a" a:b="1">'
        b'<iati-activity/><a:c d="2"> text <e/></a:c></iati-activities>'
    ),
    "organisation identifier without rules": (
        b'<iati-organisations version="2.03"><iati-organisation xmlns:a="urn:a"><organisation-identifier b="1" a:c="2">'
        b" X <d/> Y <a:e>f</a:e> Z </organisation-identifier></iati-organisation></iati-organisations>"
    ),
    "foreign element before the countries of a document": (
        b'<iati-organisations version="2.03" xmlns:a="urn:a"><iati-organisation><document-link url="u" format="f">'
        b'<category code="A1"/><a:b/><recipient-country code="KE"/></document-link></iati-organisation>'
        b"</iati-organisations>"
    ),
    "declarations that say nothing": (
        b'<iati-activities version="2.03" xmlns=""><iati-activity xmlns=""><title xmlns=""><narrative xmlns="">'
        b"x</narrative></title></iati-activity></iati-activities>"
    ),
    "two prefixes for one namespace": (
        b'<iati-activities version="2.03" xmlns:a="urn:u" xmlns:b="urn:u" b:x="1" a:y="2"><iati-activity b:z="3"/>'
        b"</iati-activities>"
    ),
    "instructions and comments in foreign content": in_file('<x:a xmlns:x="urn:u">1<?p q?>2<!-- c -->3<x:b/>  </x:a>'),
    "prefix beyond the basic letters": in_file('<é:a xmlns:é="urn:u" é:b="1"/>'),
    "other encoding": in_file("<title><narrative>é</narrative></title>").decode().encode("utf-16"),
    "foreign elements between narratives": in_file(
        "<title><narrative>1</narrative><x:a/><x:b/><narrative>2</narrative><narrative>3</narrative><x:c/></title>",
        ' xmlns:x="urn:x"',
    ),
    "foreign elements between records": (
        b'<iati-activities version="2.03" xmlns:x="urn:x"><x:a/><iati-activity/><x:b/><iati-activity/>'
        b"</iati-activities>"
    ),
    "characters beyond the basic plane": in_file(
        "<title><narrative>\U0001f600 \u00e9 \u00a0 \u2028</narrative></title>"
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_file_is_unchanged(name: str) -> None:
    assert canonical(copied(HARD[name])) == canonical(HARD[name])


@pytest.mark.parametrize("root", samples.whole_files(), ids=lambda root: root.tag)
def test_file_with_everything_in_it_is_unchanged(root: etree._Element) -> None:
    assert canonical(copied(etree.tostring(root))) == canonical(etree.tostring(root))


def test_copy_of_a_copy_has_the_same_bytes() -> None:
    for xml in HARD.values():
        once = copied(xml)
        assert copied(once) == once


@RELAXED
@given(strategies.activities())
def test_random_activity_is_valid_and_comes_back_equal(activity: Activity) -> None:
    xml = write_activity(activity).encode()
    schema = schema_for("iati-activities")
    assert schema.validate(etree.fromstring(xml)), schema.error_log
    assert parse_activity(xml) == activity
    assert parse_activity(write_activity(activity, indent=False).encode()) == activity


@RELAXED
@given(strategies.organisations())
def test_random_organisation_is_valid_and_comes_back_equal(organisation: Organisation) -> None:
    xml = write_organisation(organisation).encode()
    schema = schema_for("iati-organisations")
    assert schema.validate(etree.fromstring(xml)), schema.error_log
    assert parse_organisation(xml) == organisation
    assert parse_organisation(write_organisation(organisation, indent=False).encode()) == organisation


@RELAXED
@given(strategies.activities())
def test_random_activity_in_a_file_keeps_its_canonical_form(activity: Activity) -> None:
    out = io.BytesIO()
    with ActivitiesFile(out, attributes=[strategies.DECLARED]) as file:
        file.write(activity)
    assert canonical(copied(out.getvalue())) == canonical(out.getvalue())


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", files("iati", "cases", "xsd", "should-pass"), ids=lambda path: path.stem[-60:])
def test_published_case_is_unchanged(path: Path) -> None:
    assert canonical(copied(path.read_bytes())) == canonical(path.read_bytes())


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", files("iati", "real"), ids=lambda path: path.stem)
def test_valid_real_file_is_unchanged_by_the_command(path: Path, tmp_path: Path) -> None:
    tree = etree.parse(str(path), etree.XMLParser(huge_tree=True))
    if not schema_for(str(tree.getroot().tag)).validate(tree):
        pytest.skip("does not follow the standard")
    out = tmp_path / "out.xml"
    assert main(["roundtrip", str(path), "--out", str(out)]) == 0
    assert canonical(out.read_bytes()) == canonical(path.read_bytes())


@pytest.mark.parametrize("seed", range(2))
def test_changed_file_that_is_still_valid_is_unchanged(seed: int) -> None:
    valid = 0
    for root in mutants(2_000 + seed, 120):
        xml = etree.tostring(root)
        if root.tag in SCHEMA_FILES and schema_for(root.tag).validate(root):
            assert canonical(copied(xml)) == canonical(xml)
            valid += 1
    assert valid > 10


def test_whatever_can_be_read_is_written_so_that_it_reads_the_same() -> None:
    refused = 0
    for root in mutants(3_000, 80):
        out = io.BytesIO()
        try:
            faults = copy_records(open_records(etree.tostring(root)), out)
        except SourceFault:
            refused += 1
            continue
        assert all(fault.line >= 1 for fault in faults)
        assert copied(out.getvalue()) == out.getvalue()
    assert refused < 10
