"""The door through which XML comes in: what it hands out, and what it refuses with which line."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.source import RECORDS, Document, Extra, Fragment, Limits, SourceFault, open_document, parse_fragment
from tests.reference import ROOT, needs_reference, reference

EVERYTHING = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand --><?pi x?>
<iati-activities version="2.03" xmlns:x="http://x.org/?a=1&amp;b" note='a > b'>
 <!-- </iati-activity> -->
 <iati-activity x:a="1" xml:lang="en"
   default-currency="USD"><title><narrative>A &amp; B <![CDATA[</iati-activity>]]> é</narrative></title>
   <!-- <iati-activity> --><?p </iati-activity>?></iati-activity><iati-activity/>
 <x:foo><x:bar>1</x:bar></x:foo>
</iati-activities>
<!-- end -->
"""


def records_of(source: bytes) -> tuple[int, SourceFault | None]:
    """How many records can be parsed before the first fault, and the fault."""
    count = 0
    try:
        for fragment in open_document(source):
            parse_fragment(fragment)
            count += 1
    except SourceFault as fault:
        return count, fault
    return count, None


def fault_of(source: bytes, limits: Limits | None = None) -> SourceFault:
    with pytest.raises(SourceFault) as caught:
        for fragment in open_document(source, limits or Limits()):
            parse_fragment(fragment, limits or Limits())
    return caught.value


def parser_verdict(source: bytes) -> int | None:
    """The line at which a parser finds the whole source not well formed, or None; missing namespaces do not count.

    A namespace that is not declared makes the parser silent about what is wrong after the root; then -1.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        for entry in parser.error_log:  # type: ignore[attr-defined]
            if entry.domain != etree.ErrorDomains.NAMESPACE:
                return int(entry.line)
        return -1
    return None


def in_file(inside: str, root: str = "") -> bytes:
    return f'<iati-activities version="2.03"{root}>{inside}</iati-activities>'.encode()


def test_root_is_known_before_any_record_is_read() -> None:
    document = open_document(EVERYTHING.encode())
    assert (document.file_type, document.version, document.encoding) == ("iati-activities", "2.03", "utf-8")
    assert document.attributes == {"version": "2.03", "note": "a > b"}
    assert document.nsmap == {"x": "http://x.org/?a=1&b"}
    assert document.line == 3


def test_records_are_cut_where_they_begin_and_end() -> None:
    first, second = open_document(EVERYTHING.encode())
    element = parse_fragment(first)
    assert (first.line, first.index) == (5, 0)
    assert element.get("{http://x.org/?a=1&b}a") == "1"
    assert element.findtext("title/narrative") == "A & B </iati-activity> é"
    assert (second.line, second.index) == (7, 1)
    assert parse_fragment(second).tag == "iati-activity"


def test_what_stands_beside_the_records_is_handed_out_too() -> None:
    source = in_file(
        "<?a b?><iati-activity/>stray<iati-activity/>\n<x:y><x:z/></x:y><![CDATA[section]]>", ' xmlns:x="urn:x"'
    )
    found = [
        (part.kind, part.before) if isinstance(part, Extra) else "record" for part in open_document(source).parts()
    ]
    assert found == [("instruction", 0), "record", ("text", 1), "record", ("element", 2), ("text", 2)]
    element = next(part for part in open_document(source).parts() if isinstance(part, Extra) and part.kind == "element")
    assert element.line == 2
    assert etree.fromstring(element.xml).tag == "{urn:x}y"


def test_a_namespace_the_record_declares_itself_is_left_alone() -> None:
    source = in_file('<iati-activity xmlns:x="urn:mine" x:a="1"/>', ' xmlns:x="urn:root"')
    assert parse_fragment(next(iter(open_document(source)))).attrib == {"{urn:mine}a": "1"}


def test_a_record_inside_a_record_does_not_end_it() -> None:
    source = in_file("<iati-activity><iati-activity>a</iati-activity><b/></iati-activity><iati-activity/>")
    fragments = list(open_document(source))
    assert len(fragments) == 2
    assert [child.tag for child in parse_fragment(fragments[0])] == ["iati-activity", "b"]


def test_an_element_named_like_the_root_inside_a_record_does_not_end_the_file() -> None:
    source = in_file("<iati-activity><iati-activities><a/></iati-activities></iati-activity><iati-activity/>")
    assert records_of(source) == (2, None)


def test_undeclared_prefix_is_part_of_the_name() -> None:
    (fragment,) = open_document(in_file('<iati-activity no:where="1"/>'))
    assert parse_fragment(fragment).get("no:where") == "1"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("utf-8-sig", "utf-8"),
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_every_usual_encoding_is_read(encoding: str, name: str) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\n' + in_file("\n<iati-activity><a>é</a></iati-activity>").decode()
    )
    document = open_document(text.encode(encoding))
    (fragment,) = document
    assert document.encoding == name
    assert (fragment.line, parse_fragment(fragment).findtext("a")) == (3, "é")


@pytest.mark.parametrize(
    ("source", "line", "part"),
    [
        (b"", 1, "empty"),
        (b"   \n", 2, "no XML element"),
        (b"hello", 1, "not XML"),
        (b"\n\nhello <iati-activities/>", 3, "Text stands before"),
        (b'<?xml version="1.0" encoding="utf-9"?><iati-activities/>', 1, "utf-9"),
        (b'<?xml version="1.0" encoding="UTF-16"?><iati-activities/>', 1, "not written in it"),
        (b'<?xml version="1.0" encoding="us-ascii"?>\n<iati-activities>\xff</iati-activities>', 2, "us-ascii"),
        (in_file("\n<iati-activity>\n\xff</iati-activity>").replace(b"\xc3\xbf", b"\xff"), 3, "not well-formed"),
        (in_file("\n<iati-activity>\x00</iati-activity>"), 2, "not well-formed"),
        (in_file("<iati-activity>&nbsp;</iati-activity>"), 1, "nbsp"),
        (in_file("<iati-activity/>\n</b>"), 2, "closes nothing"),
        (in_file("<iati-activity/>") + b"\n<b/>", 2, "after the end of the root"),
        (in_file("<iati-activity/>") + b"\n\ntext", 3, "after the end of the root"),
        (b"<iati-activities>\n<iati-activity>", 2, "not well-formed"),
        (b"<iati-activities>\n<!-- a -- b --></iati-activities>", 2, "not well-formed"),
        (b"<iati-activities\n version='1", 2, "not well-formed"),
        ("<iati-activities>\ud800</iati-activities>".encode("utf-16-le", "surrogatepass"), 1, "not well-formed"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(source: bytes, line: int, part: str) -> None:
    fault = fault_of(source)
    assert (fault.rule, fault.line) == ("0.1.1", line)
    assert part in fault.message


def test_utf_16_with_half_a_character_is_refused_after_the_records_before_it() -> None:
    source = b"\xff\xfe" + in_file("<iati-activity/>\n\n").decode().encode("utf-16-le") + b"\x00"
    assert records_of(source)[0] == 1
    assert fault_of(source).line == 3


@pytest.mark.parametrize("root", ["html", "organisations", "iati-activity"])
def test_another_root_is_refused_once_the_file_has_proved_well_formed(root: str) -> None:
    fault = fault_of(f"\n<{root}><b>\n</b></{root}>".encode())
    assert (fault.rule, fault.line) == ("0.2.1", 2)
    assert fault_of(f"\n<{root}><b>\n</c></{root}>".encode()).rule == "0.1.1"


BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<iati-activities version="2.03"><iati-activity><title>&b;</title></iati-activity></iati-activities>"""
EXTERNAL = """<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/secret">]><iati-activities>&x;</iati-activities>"""
PARAMETER = """<!DOCTYPE a SYSTEM "file:///etc/passwd"><iati-activities version="2.03"/>"""


@pytest.mark.parametrize(("source", "line"), [(BILLION_LAUGHS, 2), (EXTERNAL, 1), (PARAMETER, 1)])
def test_document_type_definitions_are_refused_unread(source: str, line: int) -> None:
    fault = fault_of(source.encode())
    assert (fault.rule, fault.line) == ("0.1.1", line)
    assert "<!DOCTYPE>" in fault.message


def test_a_definition_inside_the_root_is_no_markup() -> None:
    assert fault_of(in_file("\n<!DOCTYPE a><iati-activity/>")).line == 2


class Endless(io.RawIOBase):
    """A source that repeats a few bytes for a gigabyte, which nobody stores."""

    def __init__(self, head: bytes, repeated: bytes) -> None:
        self._blocks = self._make(head, repeated)
        self.given = 0

    def _make(self, head: bytes, repeated: bytes) -> Iterator[bytes]:
        yield head
        block = repeated * (65_536 // len(repeated))
        for _ in range((1 << 30) // len(block)):
            yield block

    def read(self, size: int = -1) -> bytes:
        block = next(self._blocks, b"")
        self.given += len(block)
        return block


@pytest.mark.parametrize(
    ("head", "repeated", "words"),
    [
        (b"<iati-activities><iati-activity>", b"<a>", "deep"),
        (b"<iati-activities><iati-activity>", b"<iati-activity>", "deep"),
        (b"<iati-activities>", b"<a>", "deep"),
        (b"<other>", b"<a>", "deep"),
        (b"<iati-activities a='", b"a > b ", "start tag"),
        (b"<iati-activities><iati-activity a='", b"> ", "start tag"),
        (b"<iati-activities>", b"text", "no end of what begins"),
        (b"<iati-activities><!--", b"comment ", "no end of what begins"),
        (b"<iati-activities><iati-activity><!--", b"comment ", "larger than"),
        (b"<iati-activities/>", b"    ", "no end of what begins"),
        (b"<iati-activities><iati-activity>", b"<a/>", "larger than"),
    ],
)
def test_a_gigabyte_of_one_thing_is_refused_after_little_of_it(head: bytes, repeated: bytes, words: str) -> None:
    limits = Limits(fragment_bytes=4 << 20, tag_bytes=1 << 18)
    source = Endless(head, repeated)
    with pytest.raises(SourceFault, match=words):
        for fragment in open_document(source, limits):  # type: ignore[arg-type]
            parse_fragment(fragment, limits)
    assert source.given < 20 << 20


def test_limits_are_the_callers() -> None:
    many = " ".join(f'a{n}="1"' for n in range(300))
    assert "attributes" in fault_of(in_file("", " " + many)).message
    assert "attributes" in fault_of(in_file(f"\n<iati-activity>{' ' * 40_000}<b {many}/></iati-activity>")).message
    assert (
        "10 deep"
        in fault_of(in_file(f"<iati-activity>{'<a>' * 11}{'</a>' * 11}</iati-activity>"), Limits(depth=10)).message
    )
    assert "larger than 100 bytes" in fault_of(in_file("<iati-activity/>" * 10), Limits(file_bytes=100)).message


def test_lines_are_right_beyond_what_the_parser_counts() -> None:
    inside = "\n" * 70_000 + "<a/>x\n<b>t</b>\n<c/>"
    (fragment,) = open_document(b"\n\n" + in_file(f"<iati-activity>{inside}</iati-activity>"))
    element = parse_fragment(fragment)
    assert [fragment.line_of(child) for child in element] == [70_003, 70_004, 70_005]


def test_a_file_that_is_handed_over_open_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(in_file("<iati-activity/>"))
    with path.open("rb") as stream:
        assert len(list(open_document(stream))) == 1
        assert not stream.closed
    with open_document(path) as document:
        assert isinstance(document, Document)


def test_a_source_cut_off_anywhere_fails_where_a_parser_would() -> None:
    source = EVERYTHING.encode()
    for end in range(len(source)):
        fault = records_of(source[:end])[1]
        line = parser_verdict(source[:end])
        if line is None:
            assert fault is None
        elif line > 0:
            assert fault is not None
            assert fault.line == line, source[:end][-40:]


MARKS = st.sampled_from(list(b"<>&\"'/ !?-[]x=\x00\xff\n"))


@settings(max_examples=750, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10_000), MARKS), min_size=1, max_size=3))
def test_a_damaged_source_is_refused_exactly_when_a_parser_refuses_it(damage: list[tuple[int, int, int]]) -> None:
    source = bytearray(EVERYTHING.encode())
    for kind, place, mark in damage:
        at = place % len(source)
        if kind == 0:
            source[at] = mark
        elif kind == 1:
            del source[at]
        else:
            source.insert(at, mark)
    fault = records_of(bytes(source))[1]
    verdict = parser_verdict(bytes(source))
    if fault is None or fault.rule == "0.2.1":
        assert verdict in {None, -1}
    elif "DOCTYPE" not in fault.message:
        assert verdict is not None
        assert fault.line >= 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_records_or_a_fault(source: bytes) -> None:
    count, fault = records_of(source)
    assert count == 0
    if fault is None:
        # now and then it is a file without a record
        assert etree.fromstring(source).tag in RECORDS
        return
    assert fault.rule in {"0.1.1", "0.2.1"}
    assert fault.line >= 1


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", sorted((ROOT / "iati" / "real").glob("*.xml")), ids=lambda path: path.name)
def test_real_files_are_cut_without_loss(path: Path) -> None:
    """Each record is the same tree as in the whole file, at the same line."""
    root = etree.parse(str(path), etree.XMLParser(remove_comments=True, resolve_entities=False)).getroot()
    whole = [child for child in root if child.tag in RECORDS.values()]
    fragments = list(open_document(path))
    assert len(fragments) == len(whole)
    for fragment, expected in zip(fragments, whole, strict=True):
        element = parse_fragment(fragment)
        assert etree.tostring(element, method="c14n", exclusive=True) == etree.tostring(
            expected, method="c14n", exclusive=True
        )
        for mine, theirs in zip(element.iter(), expected.iter(), strict=True):
            if theirs.sourceline < 65_535:  # beyond, the parser only estimates
                assert fragment.line_of(mine) == theirs.sourceline


@needs_reference
@pytest.mark.reference
def test_memory_follows_the_record_and_not_the_file() -> None:
    path = reference("iati", "real", "dportal-XM-DAC-41114.xml")
    assert path is not None
    largest = max(len(fragment.xml) for fragment in open_document(path))
    held = max(held_bytes(open_document(path)))
    assert held < 4 * (1 << 20) + largest


def held_bytes(document: Document) -> Iterator[int]:
    """Bytes of text that the scanner holds after each record."""
    for part in document.parts():
        if isinstance(part, Fragment):
            yield document._scan.window.size()
