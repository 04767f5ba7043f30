"""Whatever comes in: never a trace, never a wait, never the network, always a finding with a line."""

import copy
import random
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.validator import Report, validate
from tests.iati.test_source import BILLION_LAUGHS, EVERYTHING, EXTERNAL, PARAMETER, Endless
from tests.iati.validated import AS_OF, activity, file
from tests.reference import ROOT, needs_reference

RELAXED = settings(max_examples=75, deadline=None, suppress_health_check=list(HealthCheck))
UNREADABLE = {"0.1.1", "0.2.1"}
CASES = sorted((ROOT / "iati" / "cases" / "xsd").glob("should-fail/*.xml"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("validation reached for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def judged(source: bytes) -> Report:
    """The report, after checking what holds for every report."""
    report = validate(source, as_of=AS_OF)
    lines = source.count(b"\n") + 1
    for finding in report.findings:
        assert 1 <= finding.line <= lines + 1
        assert finding.message
        assert finding.path.startswith("/")
    assert report.valid is not any(each.severity == "critical" for each in report.findings)
    # what cannot be read to its end is told by one finding, and nothing else is said of it
    assert len(report.findings) == 1 or not UNREADABLE & {each.rule for each in report.findings}
    return report


@pytest.mark.parametrize("source", [BILLION_LAUGHS, EXTERNAL, PARAMETER])
def test_definitions_and_entities_are_never_followed(source: str) -> None:
    (finding,) = judged(source.encode()).findings
    assert finding.rule == "0.1.1"
    assert "<!DOCTYPE>" in finding.message


def test_inclusions_and_schema_locations_are_never_followed() -> None:
    located = activity(
        attributes='xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://x.org http://x.org/x.xsd" xsi:noNamespaceSchemaLocation="http://127.0.0.1:9/a.xsd"',
        after_sector='<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>',
    )
    report = judged(b'<?xml-stylesheet href="http://127.0.0.1:9/a.xsl"?>' + file(located))
    assert "root:" not in str(report)


def test_a_gigabyte_of_nesting_is_refused_at_once() -> None:
    source = Endless(b'<iati-activities version="2.03"><iati-activity>', b"<a>")
    report = validate(source, as_of=AS_OF)  # type: ignore[arg-type]
    assert [each.rule for each in report.findings] == ["0.1.1"]
    assert source.given < 8 << 20


def test_a_file_cut_off_anywhere_is_a_finding() -> None:
    source = file(activity(), activity(identifier="XM-DAC-41122-2", sectors=""))
    for end in range(len(source)):
        assert [each.rule for each in judged(source[:end]).findings] == ["0.1.1"]


def test_nothing_at_all_is_a_finding() -> None:
    for source in (b"", b"\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"<", b"<?xml version='1.0'?>", b"<!---->"):
        assert [each.rule for each in judged(source).findings] == ["0.1.1"], source


def test_zero_bytes_and_broken_characters_are_findings_at_their_line() -> None:
    for odd in (b"\x00", b"\xff", b"\xed\xa0\x80", b"\x01", b"&#0;", b"&#x1F;", b"\xef\xbf\xbf"):
        source = file(activity()).replace(b"Water", b"Wa" + odd + b"ter")
        (finding,) = judged(source).findings
        assert (finding.rule, finding.line) == ("0.1.1", 5), odd


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_other_encodings_are_validated_alike(encoding: str) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-be")
    text = file(activity(sectors="", places='<recipient-country code="é"/>')).decode()
    source = f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(encoding)
    assert [(each.rule, each.line) for each in validate(source, as_of=AS_OF).findings] == [("6.2.2", 3), ("9.50.1", 12)]


def test_an_element_with_very_many_attributes_is_refused() -> None:
    many = " ".join(f'x:a{n}="1"' for n in range(100_000))
    report = judged(file(activity(attributes=f'xmlns:x="urn:x" {many}')))
    assert [each.rule for each in report.findings] == ["0.1.1"]


def test_a_very_long_value_does_not_fill_the_report() -> None:
    report = judged(file(activity(places=f'<recipient-country code="{"x" * 500_000}"/>')))
    assert [each.rule for each in report.findings] == ["9.50.1"]
    assert len(report.findings[0].message) < 400


@RELAXED
@given(st.binary(max_size=300))
def test_any_bytes_are_judged(source: bytes) -> None:
    assert not judged(source).valid


@RELAXED
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_are_judged(damage: list[tuple[int, int, int]]) -> None:
    source = bytearray(file(activity(), activity(identifier="XM-DAC-41122-2")) + EVERYTHING.encode()[-12:])
    for kind, place, value in damage:
        at = place % len(source)
        if kind == 0:
            source[at] = value
        elif kind == 1:
            del source[at]
        else:
            source.insert(at, value)
    report = judged(bytes(source))
    # the same bytes have the same report, whatever was judged before
    assert report == judged(bytes(source))


TEXT = st.sampled_from("aZ09 -/&<>\"'|?.,:%éß中\U0001f600\u00a0\u2028\t\n")
NAMES = st.sampled_from(
    ["iati-activities", "iati-activity", "iati-identifier", "reporting-org", "title", "narrative", "sector", "value",
     "transaction", "transaction-date", "budget", "period-start", "result", "indicator", "baseline", "period", "target",
     "recipient-region", "other-identifier", "crs-add", "channel-code", "{urn:x}y", "a"]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["version", "code", "vocabulary", "percentage", "ref", "type", "iso-date", "value", "measure", "currency",
         "{http://www.w3.org/XML/1998/namespace}lang", "{urn:x}version"]
    ),
    st.text(TEXT, max_size=12) | st.sampled_from(["1", "2.03", "2030-01-01"]),
    max_size=4,
)  # fmt: skip


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> etree._Element:
    element = etree.Element(draw(NAMES), draw(ATTRIBUTES))
    if draw(st.booleans()):
        element.text = draw(st.text(TEXT, max_size=8))
    if depth < 3:
        for child in draw(st.lists(trees(depth=depth + 1), max_size=3)):
            element.append(child)
    return element


@RELAXED
@given(st.lists(trees(), max_size=4))
def test_any_tree_is_judged(children: list[etree._Element]) -> None:
    root = etree.Element("iati-activities", version="2.03")
    root.extend(copy.deepcopy(child) for child in children)
    report = judged(etree.tostring(root))
    assert report.valid is not any(each.rule.startswith("0.") for each in report.findings)


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_every_case_that_should_fail_says_where(path: Path) -> None:
    faults = [each for each in judged(path.read_bytes()).findings if each.rule == "0.3.1"]
    assert faults
    assert all(each.line > 1 for each in faults)


def _is_xml(source: bytes) -> bool:
    """Whether another parser reads it to its end."""
    try:
        etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return False
    return True


@needs_reference
@pytest.mark.reference
def test_real_files_with_bytes_changed_are_judged() -> None:
    rng = random.Random(20261120)
    for path in sorted((ROOT / "iati" / "real").glob("*.xml")):
        content = path.read_bytes()
        if len(content) > 500_000:
            continue
        for _ in range(4):
            damaged = bytearray(content)
            for _ in range(rng.randrange(1, 20)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            report = judged(bytes(damaged))
            unreadable = UNREADABLE & {each.rule for each in report.findings}
            assert bool(unreadable) is not _is_xml(bytes(damaged)), path
