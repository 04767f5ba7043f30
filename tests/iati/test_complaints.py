"""What is wrong with a file is told in words that an officer can act on, and no command ends in a trace."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from iati.__main__ import main
from iati.source import SourceFault, open_document, parse_fragment
from iati.validator.schema import SchemaCheck
from tests.iati.validated import activity, file, findings

ROOT = '<iati-activities version="2.03">'


def told(source: bytes) -> tuple[int, str]:
    """Line and sentence of what makes a source unreadable."""
    with pytest.raises(SourceFault) as refused:
        for fragment in open_document(source):
            parse_fragment(fragment)
    return refused.value.line, refused.value.message


def with_title(xml: str) -> bytes:
    title = f"<title><narrative>{xml}</narrative></title>"
    return f"{ROOT}\n<iati-activity>\n{title}</iati-activity></iati-activities>".encode()


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        ("R & D", "a bare “&” stands in the text; write it as &amp;"),
        ("R&D costs", "a bare “&” stands in the text; write it as &amp;"),
        ("5 < 6", "a bare “<” stands in the text; write it as &lt;"),
        ("a&nbsp;b", "“&nbsp;” is a code of web pages, which XML does not know; write the character itself"),
        ("a\x0bb", "the character number 11 stands here, which no XML file may hold"),
        ("&#11;", "the character number 11 stands here, which no XML file may hold"),
        ("&#xZZ;", "“&#x…;” names no character here"),
        ("a]]>b", "“]]>” stands in the text; write it as ]]&gt;"),
        ("<a x=1/>", "the value of an attribute stands without quotes"),
        ("<a x/>", 'the attribute “x” has no value; write name="value"'),
        ("<a x='1' x='2'/>", "the attribute “x” stands twice in one element; keep one"),
        ("<a x='1'y='2'/>", "a blank is missing between two attributes"),
        ("<a x='1<2'/>", "a bare “<” stands in the value of an attribute"),
        ("<b>bold", "<b>, opened in line 3, is not closed before </narrative>; close it"),
        ("<!-- a -- b -->", "a comment holds “--” inside; take it out"),
        ('<?xml version="1.0"?>', "an XML declaration “<?xml …?>” stands inside the file"),
        ("a" * 11_000_000, "a text is longer than 10 million characters"),
        (f"<a x='{'a' * 10_100_000}'/>", "an attribute, comment or text here is longer than 10 million characters"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_a_text_that_is_not_well_formed_is_explained(xml: str, sentence: str) -> None:
    line, message = told(with_title(xml))
    assert line == 3
    assert sentence in message
    assert "xmlParse" not in message
    assert "XML_PARSE_HUGE" not in message


def test_bytes_that_are_no_text_say_how_to_save_the_file() -> None:
    line, message = told(with_title("Título").replace("í".encode(), b"\xed"))
    assert line == 3
    assert "save the file as UTF-8" in message


def test_a_file_that_breaks_off_says_what_was_open() -> None:
    _line, message = told(f"{ROOT}\n<iati-activity>\n<title>".encode())
    assert "the file ends inside <title>, which was opened in line 3; it seems to be cut off" in message


def zipped(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (gzip.compress(b"<iati-activities/>", mtime=0), "compressed file (gzip)"),
        (zipped("xl/workbook.xml"), "workbook"),
        (zipped("word/document.xml"), "text document"),
        (zipped("activities.xml"), "archive (zip)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"\n<!doctype HTML>\n<HTML><body>404<br></body></HTML>", "web page"),
        (b"<html><body>404<br></body></html>", "web page"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "web page"),
        (b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "workbook"),
        (b'{"activities": []}', "JSON"),
        (b"code,title,status\nP1,Water,2\n", "table (CSV)"),
        (b"code;title;status\nP1;<Water>;2\n", "table (CSV)"),
        (b"<iati-activity/>", "one activity without its root"),
        (b"<error>no such dataset</error>", "error message of a web service"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_of_another_kind_is_named(source: bytes, words: str) -> None:
    assert words in told(source)[1]


def namespaced(prefix: str) -> bytes:
    """A file whose root is in a namespace, with its record, or without it where there is a prefix."""
    if prefix:
        inside = f"<{prefix}:iati-activity/></{prefix}:iati-activities>"
        return f'<{prefix}:iati-activities xmlns:{prefix}="urn:x" version="2.03">{inside}'.encode()
    return file(activity(), root='xmlns="urn:x" version="2.03"')


@pytest.mark.parametrize(
    ("prefix", "todo"),
    [("", 'Take xmlns="urn:x" out.'), ("i", 'Take the prefix “i:” off their names, and xmlns:i="urn:x" out.')],
)
@pytest.mark.parametrize("command", ["validate", "roundtrip", "upgrade", "score", "diff"])
def test_a_root_in_a_namespace_is_told_by_every_command(
    command: str, prefix: str, todo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, plain = tmp_path / "ns.xml", tmp_path / "plain.xml"
    source.write_bytes(namespaced(prefix))
    plain.write_bytes(file(activity()))
    others = [str(plain)] if command == "diff" else []
    assert main([command, str(source), *others]) == 1
    printed = capsys.readouterr()
    assert todo in printed.out + printed.err
    assert "names no version" not in printed.out + printed.err


@pytest.mark.parametrize("command", ["validate", "roundtrip", "upgrade", "score", "diff"])
def test_a_record_in_a_namespace_is_told_by_every_command(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, plain = tmp_path / "ns.xml", tmp_path / "plain.xml"
    source.write_bytes(file(activity(), activity().replace("<iati-activity", '<iati-activity xmlns="urn:x"')))
    plain.write_bytes(file(activity()))
    others = [str(plain)] if command == "diff" else []
    assert main([command, str(source), *others]) == 1
    printed = capsys.readouterr()
    assert 'Take xmlns="urn:x" out' in printed.out + printed.err


@pytest.mark.parametrize("command", ["validate", "roundtrip", "upgrade", "score", "diff"])
@pytest.mark.parametrize(
    "source",
    [b"", b"\x00" * 100, b"\x1f\x8b", b"<html>", b"[1]", b"<iati-activities>&amp;</iati-activities>"],
    ids=range(6),
)
def test_no_command_ends_in_a_trace(
    command: str, source: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, plain = tmp_path / "a.xml", tmp_path / "plain.xml"
    path.write_bytes(source)
    plain.write_bytes(file(activity()))
    assert main([command, str(path), *([str(plain)] if command == "diff" else [])]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


DOCUMENT = '<document-link url="u" format="f"><title><narrative>D</narrative></title>'
NAMESPACED = (
    "<title> is in the namespace “urn:x”, but the elements of IATI are in none, so no program finds them. "
    'Take xmlns="urn:x" out.'
)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("</iati-activity>", DOCUMENT + '<language code="en"/></document-link></iati-activity>',
         "Add <category> before <language>; the standard requires it in <document-link>."),
        ('<activity-status code="2"/>', '<activity-status code="2"/><activity-status code="3"/>',
         "<activity-status> stands more than once in <iati-activity>; the standard allows one. Keep one of them."),
        ('<activity-status code="2"/>', '<activity-status code="2"/><tiltle/>',
         "<tiltle> is no element of the standard in <iati-activity>; perhaps <title> is meant."),
        ('<activity-status code="2"/>', '<activity-status code="2"/><colour/>',
         "Remove <colour>; the standard has no such element."),
        ('<activity-status code="2"/>', '<activity-status code="2"/><baseline/>',
         "Remove <baseline> from <iati-activity>; the standard has it in <indicator>."),
        ('<activity-status code="2"/>', '<activity-status code="2"/><q:x/>',
         'The prefix of <q:x> is declared nowhere: add xmlns:q="…" to the root, or remove it.'),
        ("<title>", '<title xmlns="urn:x">',
         NAMESPACED),
        ("<narrative>Water</narrative>", "<narrative><b>Water</b></narrative>",
         "Take the elements out of <narrative>; only text may stand there."),
        ('iso-date="2024-01-01"', 'iso-date=""',
         "Write a date such as 2024-01-31 for iso-date of <activity-date>; it is empty."),
        ('iso-date="2024-01-01"', 'iso-date=" 2024-01-01"',
         "Take the white space from around iso-date of <activity-date>, which is “2024-01-01”."),
        ('iso-date="2024-01-01"', 'iso-date=" 2024-13-01"',
         "Write a date such as 2024-01-31 for iso-date of <activity-date> instead of “2024-13-01”."),
        ('xml:lang="en"', 'xml:lang="in English"',
         "Write a language such as en or pt-BR for xml:lang of <iati-activity> instead of “in English”."),
    ],
)  # fmt: skip
def test_a_broken_schema_says_what_to_do(before: str, after: str, message: str) -> None:
    xml = activity()
    assert before in xml
    broken = [each.message for each in findings(xml.replace(before, after, 1)) if each.rule == "0.3.1"]
    assert broken == [message]


def test_elements_out_of_order_say_where_they_belong() -> None:
    link = '<document-link url="u" format="f"><category code="A01"/><title><narrative>D</narrative></title>'
    link += "</document-link>"
    (message,) = [
        each.message
        for each in findings(activity().replace("</iati-activity>", f"{link}</iati-activity>"))
        if each.rule == "0.3.1"
    ]
    assert message == ("Move <category> behind <title>: the order in <document-link> is <title>, <category>.")


@pytest.mark.parametrize(
    ("identifier", "messages"),
    [
        ("\n XM-EX-1-A\n",
         {"1.1.21": "The identifier “XM-EX-1-A” does not begin with that of the reporting organisation. "
                    "Remove the white space before it.",
          "1.3.1": "Remove the white space before and after the identifier “XM-EX-1-A”."}),
        ("XM-EX-1-A ", {"1.3.1": "Remove the white space after the identifier “XM-EX-1-A”."}),
        ("XM-EX-2-A",
         {"1.1.21": "The identifier “XM-EX-2-A” does not begin with that of the reporting organisation. "
                    "Begin it with “XM-EX-1-”, or name the former organisation identifier in an other-identifier of "
                    "type B1."}),
    ],
)  # fmt: skip
def test_white_space_round_an_identifier_is_told_as_such(identifier: str, messages: dict[str, str]) -> None:
    xml = (
        f"<iati-activity><iati-identifier>{identifier}</iati-identifier>"
        '<reporting-org ref="XM-EX-1" type="40"><narrative>X</narrative></reporting-org></iati-activity>'
    )
    found = {each.rule: each.message for each in findings(xml) if each.rule in ("1.1.21", "1.3.1")}
    assert found == messages
    assert all(message.isprintable() for message in found.values())


def test_an_identifier_is_asked_to_begin_with_no_empty_ref() -> None:
    xml = (
        "<iati-activity><iati-identifier>XM-EX-1-A</iati-identifier>"
        '<reporting-org ref=" " type="40"><narrative>X</narrative></reporting-org></iati-activity>'
    )
    (message,) = [each.message for each in findings(xml) if each.rule == "1.1.21"]
    assert message.endswith("Give the reporting-org its ref, and begin the identifier with it and a hyphen.")


def test_a_schema_that_asks_for_more_than_ours_is_still_put_in_words(tmp_path: Path) -> None:
    """Folders with other schema files may use facets that the standard's own do not."""
    (tmp_path / "iati-activities-schema.xsd").write_text(
        """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="iati-activity"><xsd:complexType>
        <xsd:attribute name="one"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:enumeration value="a"/>
        <xsd:enumeration value="b"/></xsd:restriction></xsd:simpleType></xsd:attribute>
        <xsd:attribute name="short"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:maxLength value="2"/>
        </xsd:restriction></xsd:simpleType></xsd:attribute>
        <xsd:attribute name="much"><xsd:simpleType><xsd:restriction base="xsd:int"><xsd:minInclusive value="5"/>
        </xsd:restriction></xsd:simpleType></xsd:attribute>
        <xsd:attribute name="form"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:pattern value="[A-Z]+"/>
        </xsd:restriction></xsd:simpleType></xsd:attribute>
        </xsd:complexType></xsd:element></xsd:schema>"""
    )
    check = SchemaCheck("iati-activities", tmp_path)
    (fragment,) = open_document(
        f'{ROOT}<iati-activity one="c" short="long" much="4" form="a1">text<x/></iati-activity>'
        "</iati-activities>".encode()
    )
    messages = [fault.message for fault in check.record(parse_fragment(fragment))]
    assert messages == [
        "Write one of 'a', 'b' for one of <iati-activity> instead of “c”.",
        "Write a text of at most 2 characters for short of <iati-activity> instead of “long”.",
        "Write a number of 5 or more for much of <iati-activity> instead of “4”.",
        "Write a value of the form [A-Z]+ for form of <iati-activity> instead of “a1”.",
        "Leave <iati-activity> empty; the standard allows nothing inside.",
    ]


@pytest.mark.parametrize("end", ["<value cu", '<value currency="US', "<value", "<", "</val", '<value currency="USD"'])
def test_a_file_that_was_cut_off_inside_a_tag_is_told_so(end: str) -> None:
    line, message = told(f"{ROOT}\n<iati-activity>\n<title/>\n{end}".encode())
    assert (line, "it seems to be cut off, so fetch or save it again" in message) == (4, True)


def test_what_is_wrong_before_the_place_where_a_file_is_cut_off_is_told_first() -> None:
    assert "write it as &amp;" in told(f"{ROOT}\n<iati-activity>\n<title>R & D</title>\n<val".encode())[1]


def test_a_second_file_behind_the_first_is_told_with_what_to_do() -> None:
    whole = f"{ROOT}<iati-activity/></iati-activities>"
    assert "keep one root, or make files of their own" in told(f"{whole}\n{whole}".encode())[1]
