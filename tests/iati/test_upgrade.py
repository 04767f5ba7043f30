"""Older files brought up to 2.03, with a list of what changed."""

import io
from pathlib import Path

import pytest
from lxml import etree

from iati.__main__ import main
from iati.reader import open_records
from iati.schema import schema_for
from iati.upgrade import Change, NotUpgradable, Upgrade, upgrade_records

ACTIVITY = """<iati-activity>
<iati-identifier>A</iati-identifier>
<reporting-org ref="X" type="10"><narrative>X</narrative></reporting-org>
<title><narrative>T</narrative></title>
<description><narrative>D</narrative></description>
<participating-org role="1"/>
<activity-status code="2"/>
<activity-date type="1" iso-date="2024-01-01"/>
{}
</iati-activity>"""


def activities(version: str, inside: str = "") -> bytes:
    return f'<iati-activities version="{version}">\n{ACTIVITY.format(inside)}\n</iati-activities>'.encode()


def upgraded(xml: bytes) -> tuple[Upgrade, etree._Element]:
    out = io.BytesIO()
    upgrade = upgrade_records(open_records(xml), out)
    root = etree.fromstring(out.getvalue())
    assert root.get("version") == "2.03"
    assert schema_for(str(root.tag)).validate(root)
    return upgrade, root


@pytest.mark.parametrize("version", ["2.01", "2.02"])
def test_most_content_only_needs_the_new_version(version: str) -> None:
    upgrade, root = upgraded(activities(version, '<default-aid-type code="C01"/>'))
    assert upgrade == Upgrade(
        changes=(Change(path="/iati-activities/@version", message=f"{version} becomes 2.03"),), faults=()
    )
    assert [child.tag for child in root[0]][-1] == "default-aid-type"


def test_file_of_the_present_version_is_unchanged() -> None:
    result = (
        '<result type="1"><title><narrative>R</narrative></title><indicator measure="1"><title><narrative>I</narrative>'
        '</title><baseline year="2020" value=""/></indicator></result>'
    )
    upgrade, root = upgraded(activities("2.03", result))
    assert upgrade == Upgrade(changes=(), faults=())
    assert root.find(".//baseline").get("value") == ""


def test_empty_figures_of_results_are_taken_out() -> None:
    result = (
        '<result type="1"><title><narrative>R</narrative></title><indicator measure="1"><title><narrative>I</narrative>'
        '</title><baseline year="2020" value=""/><period><period-start iso-date="2020-01-01"/><period-end '
        'iso-date="2020-12-31"/><target value=" "/><actual value="0"/></period></indicator></result>'
    )
    upgrade, root = upgraded(activities("2.02", result))
    place = "/iati-activities/iati-activity[1]/result[1]/indicator[1]"
    assert [change.path for change in upgrade.changes[1:]] == [
        f"{place}/baseline[1]/@value",
        f"{place}/period[1]/target[1]/@value",
    ]
    assert root.find(".//baseline").get("value") is None
    assert root.find(".//target").get("value") is None
    assert root.find(".//actual").get("value") == "0"


def test_foreign_element_behind_the_countries_of_an_organisation_document_is_moved() -> None:
    xml = b"""<iati-organisations version="2.02" xmlns:x="urn:x"><iati-organisation>
    <organisation-identifier>X</organisation-identifier><name><narrative>N</narrative></name>
    <reporting-org ref="X" type="10"><narrative>N</narrative></reporting-org>
    <document-link url="u" format="f"><title><narrative>T</narrative></title><category code="B01"/>
    <recipient-country code="KE"/><x:note/></document-link></iati-organisation></iati-organisations>"""
    upgrade, root = upgraded(xml)
    assert upgrade.faults == ()
    assert [change.message for change in upgrade.changes[1:]] == [
        "<x:note> stands behind elements that must follow it; it is moved before them"
    ]
    assert [etree.QName(child).localname for child in root.find(".//document-link")][-2:] == [
        "note",
        "recipient-country",
    ]


@pytest.mark.parametrize("version", ["1.05", "2.04", ""])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(NotUpgradable, match=r"only 2\.01, 2\.02 can be upgraded to 2\.03"):
        upgrade_records(open_records(activities(version)), io.BytesIO())


def test_command_lists_changes_and_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "old.xml", tmp_path / "new.xml"
    source.write_bytes(activities("2.01"))
    assert main(["upgrade", str(source), "--out", str(target)]) == 0
    assert capsys.readouterr().out == "/iati-activities/@version: 2.01 becomes 2.03\n"
    assert etree.parse(str(target)).getroot().get("version") == "2.03"


def test_command_tells_what_it_had_to_leave_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "old.xml"
    source.write_bytes(activities("2.02", "<colour/>"))
    assert main(["upgrade", str(source), "--out", str(tmp_path / "new.xml")]) == 1
    assert ":10: /iati-activities/iati-activity[1]/colour: the element <colour> is not" in capsys.readouterr().err


def test_refused_file_leaves_the_target_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "old.xml", tmp_path / "new.xml"
    source.write_bytes(activities("1.05"))
    target.write_text("as it was")
    assert main(["upgrade", str(source), "--out", str(target)]) == 1
    assert target.read_text() == "as it was"
    assert "version 1.05" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.xml", "old.xml"]


@pytest.mark.parametrize("command", ["roundtrip", "upgrade"])
def test_missing_file_is_wrong_usage(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, str(tmp_path / "none.xml")]) == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["roundtrip", "upgrade"])
def test_file_that_is_not_xml_is_told_with_its_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.xml"
    source.write_text("\nnot xml")
    assert main([command, str(source)]) == 1
    assert capsys.readouterr().err.startswith(f"{source}:2: ")
