"""A file as a whole: what makes it invalid, how activities are called, one process or two, streamed or at once."""

import io
import re
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from lxml import etree

from iati.generated.reader import read_activity
from iati.model import Activity
from iati.reader import RecordsFile
from iati.schema import SchemaFault, schema_for
from iati.source import Fragment, Limits, open_document
from iati.validator import SEVERITIES, Finding, iter_findings, validate, validate_fragment
from iati.validator.beside import Rules
from iati.validator.hints import look_ahead
from iati.validator.labels import Labels
from tests.iati.validated import AS_OF, activity, file, findings, report, rules

RELATED = '<related-activity ref="{ref}" type="2"/>\n'


def critical(source: bytes) -> list[tuple[str, str, int]]:
    found = validate(source, as_of=AS_OF)
    assert found.valid is not any(each.severity == "critical" for each in found.findings)
    return [(each.rule, each.path, each.line) for each in found.findings if each.severity == "critical"]


def test_what_is_no_xml_is_all_that_is_said() -> None:
    broken = file(activity(places="")).replace(b"</iati-activities>", b"<oops>\n</iati-activities>")
    assert critical(broken) == [("0.1.1", "/", 13)]
    assert len(validate(broken, as_of=AS_OF).findings) == 1


def test_a_stream_of_findings_tells_what_came_before_the_break() -> None:
    broken = file(activity(sectors="")).replace(b"</iati-activities>", b"<oops>\n</iati-activities>")
    assert [each.rule for each in iter_findings(broken, as_of=AS_OF)] == ["6.2.2", "0.1.1"]


@pytest.mark.parametrize("end", ["", "<iati-activity><oops></iati-activity>"])
def test_rules_asked_while_a_file_is_read_say_what_they_say_by_themselves(end: str) -> None:
    """But for what breaks the schema, which whoever reads the file asks for."""
    told = activity(sectors="", attributes='humanitarian="maybe"'), activity(after_sector=RELATED.format(ref="XM-OLD"))
    former = activity(identifier="XM-DAC-41122-2", before_sector='<other-identifier ref="XM-OLD" type="A3"/>\n')
    source = file(*told, former, end, activity(places=""), root='version="draft"')
    with open_document(source) as document:
        asked = Rules(document, as_of=AS_OF, severities=SEVERITIES)
        valid: list[bool] = []

        def look(fragments: Sequence[Fragment], trees: Sequence[etree._Element]) -> None:
            valid.extend(asked.look(fragments, trees))

        records: RecordsFile[Activity] = RecordsFile(document, read_activity, watch=look)
        assert len([*records]) == 4 + bool(end)
        found = [*asked.findings(complete=not records.broken)]
    alone = [each for each in iter_findings(source, as_of=AS_OF) if each.path != "/iati-activities"]
    # what cannot be read is told by whoever reads
    assert found == [each for each in alone if each.rule != "0.1.1"]
    assert valid == ([False, True, False] if end else [False, True, False, True])


@pytest.mark.parametrize("root", [b"<html></html>", b"<organisations/>"])
def test_another_root_is_not_iati(root: bytes) -> None:
    assert critical(root) == [("0.2.1", "/", 1)]
    assert validate(root, as_of=AS_OF).file_type is None


@pytest.mark.parametrize("version", ["1.05", "2.04", "2.1", " 2.03"])
def test_other_versions_are_not_supported(version: str) -> None:
    found = report(activity(), root=f'version="{version}"')
    assert [each.rule for each in found.findings] == ["0.6.1"]
    assert (found.valid, found.version) == (False, version)


def test_a_root_without_version_breaks_the_schema_too() -> None:
    assert critical(file(activity(), root="")) == [("0.6.1", "/iati-activities", 1), ("0.3.1", "/iati-activities", 1)]


def test_records_from_a_collection_are_only_asked_for_the_version() -> None:
    collected = activity(attributes='xmlns:c="urn:collection" c:version="2.03"')
    assert critical(file(collected, root="")) == [("0.6.1", "/iati-activities", 1)]


def test_a_word_for_a_version_is_a_wrong_code_and_the_file_is_judged() -> None:
    found = report(activity(sectors=""), root='version="xx"')
    assert [(each.rule, each.severity) for each in found.findings] == [("9.1.1", "error"), ("6.2.2", "error")]
    assert found.valid


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (file(), [("0.3.1", "/iati-activities", 1)]),
        (file(activity(), root='version="2.03" odd="1"'), [("0.3.1", "/iati-activities", 1)]),
        (file(activity(), "\n<odd/>"), [("0.3.1", "/iati-activities", 14)]),
        (file(activity(), "\n\nodd"), [("0.3.1", "/iati-activities", 15)]),
        (file("<x:x xmlns:x='urn:x'/>", activity()), [("0.3.1", "/iati-activities", 2)]),
        (file(activity(), "<x:x xmlns:x='urn:x'/>"), []),
        (file(activity(), "<x:x xmlns:x='urn:x'/>\n", activity()), []),
        (file(activity(), "<?odd?><!-- odd -->"), []),
    ],
)
def test_the_root_follows_the_schema(source: bytes, expected: list[tuple[str, str, int]]) -> None:
    assert critical(source) == expected
    assert schema_for("iati-activities").validate(etree.fromstring(source)) is not bool(expected)


@pytest.mark.parametrize(
    ("before", "after", "path", "message"),
    [
        ('iso-date="2024-01-01"', 'iso-date="soon"', "/activity-date[1]",
         "Write a date such as 2024-01-31 for iso-date of <activity-date> instead of “soon”."),
        (' iso-date="2024-01-01"', "", "/activity-date[1]",
         "Add the attribute iso-date to <activity-date>; the standard requires it."),
        ('<activity-status code="2"/>', '<activity-status code="2" odd="1"/>', "/activity-status",
         "Remove odd of <activity-status>; the standard has no such attribute there."),
        ("<title><narrative>Water</narrative></title>", "", "/description",
         "Add <title> before <description>; the standard requires it in <iati-activity>."),
        ("<narrative>Water</narrative>", "", "/title", "Add <narrative> to <title>; the standard requires it there."),
        ("<title>", "<title>odd", "/title",
         "Remove the text “odd” that stands directly in <title>; only elements may stand there."),
    ],
)  # fmt: skip
def test_a_broken_schema_is_explained(before: str, after: str, path: str, message: str) -> None:
    (finding,) = [each for each in findings(activity().replace(before, after)) if each.rule == "0.3.1"]
    assert finding.path.removeprefix("/iati-activities/iati-activity[1]") == path
    assert finding.message == message
    assert finding.line > 2


def test_a_record_that_is_broken_everywhere_is_not_explained_forever() -> None:
    odd = [each for each in findings(activity(after_sector="<odd a='1'/>" * 5000)) if each.rule == "0.3.1"]
    assert len(odd) <= 201


def test_identifiers_that_repeat_are_an_error_of_the_file_and_get_a_number() -> None:
    repeated = activity(sectors='<sector code="x"/>\n')
    found = [(each.rule, each.activity) for each in findings(activity(), repeated, repeated)]
    assert found == [
        ("1.1.2", "file"),
        ("9.76.1", "XM-DAC-41122-1"),
        ("1.1.2", "file"),
        ("9.76.1", "XM-DAC-41122-1(2)"),
    ]
    named = [each.activity for each in findings(activity(), activity(sectors=""), activity(sectors=""))]
    assert named == ["file", "XM-DAC-41122-1(2)", "file", "XM-DAC-41122-1(3)"]


def test_an_activity_without_identifier_has_a_name_too() -> None:
    found = findings(activity(identifier="", sectors=""))
    assert {each.activity for each in found} == {"noIdentifier"}


def test_findings_of_codes_are_numbered_by_themselves() -> None:
    labels = Labels(count_codes=True)
    assert [labels.for_codes("A", faulty=faulty) for faulty in (False, True, False, True)] == ["A", "A", "A(2)", "A(3)"]
    organisations = Labels(count_codes=False)
    assert [organisations.for_codes("A", faulty=True) for _ in range(2)] == ["A", "A"]


def test_references_inside_the_file_are_found_in_both_directions() -> None:
    first = activity(after_sector=RELATED.format(ref="XM-DAC-41122-2"))
    second = activity(identifier="XM-DAC-41122-2", after_sector=RELATED.format(ref="XM-DAC-41122-1"))
    assert rules(first, second) == []
    assert rules(first) == ["1000.0.6"]


def test_an_identifier_in_a_comment_misleads_nobody() -> None:
    commented = "<!-- <iati-identifier>XM-DAC-41122-9</iati-identifier> -->"
    source = file(activity(after_sector=RELATED.format(ref="XM-DAC-41122-9")), commented)
    hints = look_ahead(source)
    assert hints is not None
    assert "XM-DAC-41122-9" in hints.identifiers
    assert [each.rule for each in validate(source, as_of=AS_OF).findings] == ["1000.0.6"]
    assert [each.rule for each in validate(io.BytesIO(source), as_of=AS_OF).findings] == ["1000.0.6"]


@pytest.mark.parametrize(
    "identifier", ["XM-DAC-41122-<![CDATA[2]]>", "XM-DAC-41122-<!-- -->2", "XM-DAC-41122-&#50;", "XM-DAC-41122-<?p?>2"]
)
def test_an_identifier_that_is_written_oddly_is_found(identifier: str) -> None:
    first = activity(after_sector=RELATED.format(ref="XM-DAC-41122-2"))
    assert [rule for rule in rules(first, activity(identifier=identifier)) if rule.startswith("1000")] == []


class OnceOnly(io.RawIOBase):
    """A source that cannot go back, such as a pipe."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)

    def seekable(self) -> bool:
        return False


def test_a_source_that_is_read_once_gives_the_same_findings() -> None:
    source = file(
        activity(after_sector=RELATED.format(ref="XM-DAC-41122-2")),
        activity(identifier="XM-DAC-41122-2", after_sector=RELATED.format(ref="nowhere")),
    )
    assert validate(OnceOnly(source), as_of=AS_OF) == validate(source, as_of=AS_OF)  # type: ignore[arg-type]


def many(count: int) -> bytes:
    """A file with a fault of every kind here and there."""
    parts = []
    for n in range(count):
        ref = f"XM-DAC-41122-{(n * 7) % (count + 3)}"
        parts.append(
            activity(
                identifier=f"XM-DAC-41122-{n % (count - 2)}",
                sectors='<sector code="x"/>\n' if n % 3 else "",
                after_sector=RELATED.format(ref=ref),
            )
        )
        if n % 50 == 7:
            parts.append("<odd/>")
    return file(*parts)


def test_two_processes_find_what_one_finds_in_the_same_order() -> None:
    source = many(900)
    alone = validate(source, as_of=AS_OF)
    assert len(alone.findings) > 900
    assert validate(source, as_of=AS_OF, jobs=2) == alone
    broken = source.replace(b"</iati-activities>", b"<oops></iati-activities>")
    assert list(iter_findings(broken, as_of=AS_OF, jobs=2)) == list(iter_findings(broken, as_of=AS_OF))


def test_processes_can_be_asked_for_from_a_thread() -> None:
    source = many(60)
    results = []
    thread = threading.Thread(target=lambda: results.append(validate(source, as_of=AS_OF, jobs=2)))
    thread.start()
    thread.join()
    assert results == [validate(source, as_of=AS_OF)]


def test_threads_do_not_mix_up_what_they_validate() -> None:
    sources = [file(activity(identifier=f"XM-DAC-41122-{n}", sectors="<odd/>" if n % 2 else "")) for n in range(8)]
    alone = [validate(source, as_of=AS_OF) for source in sources]
    results: dict[int, list[object]] = {}

    def work(n: int) -> None:
        results[n] = [validate(sources[n], as_of=AS_OF) for _ in range(30)]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(sources))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found == [alone[n]] * 30 for n, found in results.items())
    assert len(results) == len(sources)


def test_one_record_can_be_validated_by_itself() -> None:
    found = validate_fragment(activity(sectors="", after_sector=RELATED.format(ref="elsewhere")).encode(), as_of=AS_OF)
    assert [(each.rule, each.activity, each.line) for each in found] == [("6.2.2", "XM-DAC-41122-1", 1)]
    assert [each.rule for each in validate_fragment(b"<iati-activity><a></iati-activity>", as_of=AS_OF)] == ["0.1.1"]
    with pytest.raises(ValueError, match="iati-organisation"):
        validate_fragment(b"<iati-activity/>", as_of=AS_OF, file_type="iati-organisations")


def test_an_organisation_file_has_rules_of_its_own() -> None:
    organisation = b"""<iati-organisations version="2.03"><iati-organisation>
    <organisation-identifier> XM-DAC-41122</organisation-identifier><name><narrative>Office</narrative></name>
    <reporting-org ref="ZZ-1" type="40"><narrative>Office</narrative></reporting-org>
    <recipient-country-budget><recipient-country code="QQ"/><period-start iso-date="2024-01-01"/>
    <period-end iso-date="2025-06-30"/><value value-date="2024-01-01">1</value><budget-line><value
    value-date="2030-01-01">1</value><narrative>Line</narrative></budget-line></recipient-country-budget>
    </iati-organisation></iati-organisations>"""
    found = validate(organisation, as_of=AS_OF)
    assert found.valid
    assert sorted({each.rule for each in found.findings}) == [
        *("1.12.1", "1.18.8", "11.3.1", "4.5.1", "7.5.3", "7.8.2", "9.103.1"),
    ]


def test_another_folder_of_schemas_is_used_when_named(tmp_path: Path) -> None:
    (tmp_path / "iati-activities-schema.xsd").write_text(
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="iati-activities"><xsd:complexType>'
        '<xsd:sequence/><xsd:attribute name="version"/></xsd:complexType></xsd:element></xsd:schema>'
    )
    assert "0.3.1" in {each.rule for each in validate(file(activity()), as_of=AS_OF, schemas=tmp_path).findings}
    with pytest.raises(SchemaFault):
        validate(file(activity()), as_of=AS_OF, schemas=tmp_path / "absent")


def test_limits_are_handed_on() -> None:
    found = validate(file(activity()), as_of=AS_OF, limits=Limits(file_bytes=10))
    assert [(each.rule, each.line) for each in found.findings] == [("0.1.1", 1)]


def test_a_finding_is_one_line_of_json() -> None:
    finding = Finding(
        rule="6.2.2", severity="error", category="geo", activity='A"B', path="/a", line=3, message="Å\n“x”."
    )
    assert finding.to_json() == (
        '{"rule": "6.2.2", "severity": "error", "category": "geo", "activity": "A\\"B", "path": "/a", "line": 3, '
        '"message": "\\u00c5\\n\\u201cx\\u201d."}'
    )
    assert SEVERITIES == ("critical", "error", "warning", "advisory")
    assert not re.search(r"[^\x00-\x7f]", finding.to_json())
