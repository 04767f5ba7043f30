"""The reader: records with faults beside them, whatever comes in."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iati.model import Activity, Narrative, Narratives
from iati.reader import (
    Fault,
    Record,
    open_records,
    parse_activity,
    parse_organisation,
    read_activities,
    read_organisations,
)
from iati.source import SourceFault
from iati.writer import ActivitiesFile, write_activity


def activities(*inside: str) -> bytes:
    records = "\n".join(f"<iati-activity>{each}</iati-activity>" for each in inside)
    return f'<iati-activities version="2.03">\n{records}\n</iati-activities>'.encode()


def faults(inside: str) -> list[tuple[int, str, str]]:
    [record] = read_activities(activities(inside))
    return [(fault.line, fault.path, fault.message) for fault in record.faults]


def test_narratives_keep_their_order_and_languages() -> None:
    [record] = read_activities(
        activities('<title><narrative xml:lang="fr">B</narrative><narrative> A </narrative><narrative/></title>')
    )
    assert record.model is not None
    assert record.model.title == Narratives(
        narrative=[Narrative(lang="fr", text="B"), Narrative(text=" A "), Narrative(text="")]
    )
    assert record.faults == ()


def test_root_is_told_with_names_as_written() -> None:
    file = read_activities(
        b'<?xml version="1.0"?>\n<iati-activities version="2.02" xmlns:a="urn:1" xmlns:b="urn:1" b:c="d" '
        b'generated-datetime="2024-01-01T00:00:00"/>'
    )
    assert file.root.name == "iati-activities"
    assert file.root.version == "2.02"
    assert file.root.line == 2
    assert set(file.root.attributes) == {
        ("xmlns:a", "urn:1"),
        ("xmlns:b", "urn:1"),
        ("b:c", "d"),
        ("generated-datetime", "2024-01-01T00:00:00"),
    }
    assert list(file) == []


def test_records_tell_their_line_and_place() -> None:
    first, second = read_activities(activities("<title/>", "\n<title/>"))
    assert (first.index, first.line) == (0, 2)
    assert (second.index, second.line) == (1, 3)


def test_unknown_element_is_reported_with_line_and_path() -> None:
    assert faults("\n<title/>\n<colour>red</colour>") == [
        (
            4,
            "/iati-activities/iati-activity[1]/colour",
            "the element <colour> is not in the standard here; it is left out: <colour>red</colour>",
        )
    ]


def test_unknown_attribute_is_reported() -> None:
    assert faults('<sector code="1" colour="red"/>') == [
        (
            2,
            "/iati-activities/iati-activity[1]/sector",
            "the attribute colour='red' is not in the standard; it is left out",
        )
    ]


def test_element_out_of_order_is_reported_and_read() -> None:
    [record] = read_activities(activities('<sector code="1"/><title/>'))
    assert "stands behind elements that must follow it" in record.faults[0].message
    assert not record.faults[0].lossy
    assert record.model is not None
    assert record.model.title == Narratives()
    assert record.model.sector[0].code == "1"


def test_element_that_repeats_where_one_is_allowed_is_reported() -> None:
    assert "only the last one is kept" in faults("<title/><title/>")[0][2]
    assert "only the last one is kept" in faults("<crs-add><loan-terms/><loan-terms/></crs-add>")[0][2]


@pytest.mark.parametrize(
    "inside",
    [
        "stray<title/>",
        "<title/>stray",
        "<title>stray</title>",
        '<activity-status code="2">stray</activity-status>',
        '<activity-status code="2"><x xmlns="urn:x"/>stray</activity-status>',
        "<budget><period-start/>stray</budget>",
    ],
)
def test_text_beside_elements_is_reported(inside: str) -> None:
    assert any("'stray' cannot stand beside elements" in message for _, _, message in faults(inside))


def test_element_inside_text_is_reported() -> None:
    [record] = read_activities(activities("<title><narrative>a<b>c</b>d</narrative></title>"))
    assert "cannot stand inside <narrative>" in record.faults[0].message
    assert record.model is not None
    assert record.model.title is not None
    assert record.model.title.narrative[0].text == "ad"


def test_prefix_without_declaration_is_an_unknown_name() -> None:
    messages = [message for _, _, message in faults('<x:note x:a="1"/><title x:b="2"/>')]
    assert messages == [
        'the element <x:note> is not in the standard here; it is left out: <x:note x:a="1"/>',
        "the attribute x:b='2' is not in the standard; it is left out",
    ]


def test_bad_record_does_not_stop_the_rest() -> None:
    first, broken, last = read_activities(activities("<title/>", "<title></wrong>", "<title/>"))
    assert first.faults == last.faults == ()
    assert broken.model is None
    assert broken.faults[0].line == 3
    assert last.model == Activity(title=Narratives())


def test_file_that_breaks_off_ends_with_a_record_that_says_so() -> None:
    *read, end = read_activities(activities("<title/>", "<title/>")[:-40])
    assert [record.model for record in read] == [Activity(title=Narratives())]
    assert end.model is None
    assert end.faults[0].line == 3


def test_text_and_unknown_elements_between_records_are_reported() -> None:
    file = read_activities(b"<iati-activities>\nstray\n<iati-activity/>\n<other/>\n<?a b?></iati-activities>")
    assert len(list(file)) == 1
    assert [(fault.line, fault.message) for fault in file.faults] == [
        (2, "text between records; it is left out"),
        (4, "the element <other> is not in the standard here; it is left out"),
    ]


def test_file_in_a_namespace_of_its_own_is_refused_with_what_to_take_out() -> None:
    with pytest.raises(SourceFault, match='Take xmlns="urn:x" out') as refused:
        read_activities(b'<iati-activities xmlns="urn:x"><iati-activity/></iati-activities>')
    assert refused.value.rule == "0.6.1"


def test_activity_in_a_namespace_of_its_own_is_told_and_the_next_is_read() -> None:
    first, second = read_activities(
        b'<iati-activities><iati-activity xmlns="urn:x"/><iati-activity/></iati-activities>'
    )
    assert first.model is None
    assert 'Take xmlns="urn:x" out' in first.faults[0].message
    assert first.faults[0].rule == "0.3.1"
    assert second.model is not None


def test_line_of_a_fault_is_right_beyond_65535_lines() -> None:
    [record] = read_activities(activities("\n" * 70_000 + "<title/>\n<colour/>"))
    assert record.faults[0].line == 70_003


def test_other_kind_of_file_is_refused() -> None:
    with pytest.raises(SourceFault, match="<iati-activities> was expected"):
        read_activities(b"<iati-organisations/>")
    with pytest.raises(SourceFault, match="<iati-organisations> was expected"):
        read_organisations(b"<iati-activities/>")


def test_single_record_is_read_from_its_xml() -> None:
    assert parse_activity(b"<iati-activity><title/></iati-activity>") == Activity(title=Narratives())
    with pytest.raises(SourceFault, match="<iati-organisation> was expected"):
        parse_organisation(b"<iati-activity/>")


def test_activity_of_a_file_with_namespaces_stands_on_its_own() -> None:
    [record] = read_activities(
        b'<iati-activities xmlns:a="urn:a" xmlns:unused="urn:u"><iati-activity><title a:b="1"/></iati-activity>'
        b"</iati-activities>"
    )
    assert record.model is not None
    assert record.model.foreign_attributes == (("xmlns:a", "urn:a"),)
    assert parse_activity(write_activity(record.model).encode()) == record.model


def test_source_is_closed_when_reading_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(activities("<title/>"))
    with read_activities(path) as file:
        assert len(list(file)) == 1


SEED = activities(
    '<title a="1"><narrative xml:lang="en">A &amp; B</narrative></title><x:y xmlns:x="urn:x" x:z="1">t<x:u/></x:y>',
    '<transaction ref="1"><value value-date="2024-01-01">1</value></transaction><!-- c --><![CDATA[ ]]>',
)


@settings(max_examples=300, deadline=None)
@given(st.integers(), st.integers(1, 8))
def test_damaged_bytes_give_faults_and_never_a_trace(seed: int, changes: int) -> None:
    rng = random.Random(seed)
    damaged = bytearray(SEED)
    for _ in range(changes):
        at = rng.randrange(len(damaged))
        match rng.randrange(4):
            case 0:
                damaged[at] = rng.randrange(256)
            case 1:
                del damaged[at : at + rng.randrange(1, 9)]
            case 2:
                damaged[at:at] = rng.choice(
                    [b"<", b">", b"&", b'"', b"\x00", b"<!--", b"]]>", b"</title>", b"<!DOCTYPE x>"]
                )
            case _:
                damaged[at:at] = damaged[rng.randrange(len(damaged)) :][: rng.randrange(1, 40)]
    try:
        records = list(open_records(bytes(damaged)))
    except SourceFault as refused:
        records = [Record(model=None, index=0, line=refused.line, faults=(Fault(message="", line=refused.line),))]
    for record in records:
        assert record.model is not None or record.faults
        assert all(fault.line >= 1 for fault in record.faults)
        if isinstance(record.model, Activity):
            with ActivitiesFile(io.BytesIO()) as copy:
                copy.write(record.model)


def test_element_named_like_the_root_inside_a_record_does_not_end_the_file() -> None:
    first, second = read_activities(activities("<iati-activities><x/></iati-activities>", "<title/>"))
    assert first.faults[0].message.startswith(
        "the element <iati-activities> is not in the standard here; it is left out"
    )
    assert second.model == Activity(title=Narratives())
