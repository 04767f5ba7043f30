"""Identifiers at the command line: put right, frozen, changed with the former one kept; no activity leaves unseen."""

import re

from lxml import etree

from tests.cli.program import Program

DAY = ("--as-of", "2026-11-20")
OFFICE = ("--name", "Example organisation", "--type", "40", "--currency", "USD", "--aid-type", "C01")


def identifiers(xml: bytes) -> list[str]:
    return [str(each) for each in etree.fromstring(xml).xpath("//iati-identifier/text()")]


def test_a_mistyped_organisation_identifier_is_put_right_by_init_until_something_is_published(
    light_office: Program,
) -> None:
    light_office.inside("init", "--org-id", "XM-EX-2", *OFFICE)
    assert identifiers(light_office.inside("export", "activities", *DAY).out) == [
        "XM-EX-2-GLO-24-01-NLD", "XM-EX-2-RAF-24-02-NLD"
    ]  # fmt: skip
    refused = light_office.inside("init", "--org-id", "XM-EX-3", *OFFICE, status=1)
    assert "earmark organisation identifier XM-EX-3 --reason" in refused.err
    done = light_office.inside("organisation", "identifier", " XM-EX-3\u200b", "--reason", "Registered elsewhere")
    assert "The organisation is now XM-EX-3. " in done.err
    assert "begins with XM-EX, which is on no list of registers" in done.err
    assert "published ones that keep their identifiers: 2" in done.err
    exported = light_office.inside("export", "activities", *DAY)
    assert identifiers(exported.out) == ["XM-EX-2-GLO-24-01-NLD", "XM-EX-2-RAF-24-02-NLD"]
    assert etree.fromstring(exported.out).xpath("//other-identifier[@type='B1']/@ref") == ["XM-EX-2", "XM-EX-2"]
    (light_office.folder / "a.xml").write_bytes(exported.out)
    light_office.inside("validate", "a.xml", *DAY)
    light_office.inside("db", "check")


def test_a_changed_identifier_is_told_and_its_former_one_goes_out(light_office: Program) -> None:
    light_office.inside("export", "activities", "--out", "a.xml", *DAY)
    change = ("project", "identifier", "RAF/24/02/NLD", "XM-EX-1-SKILLS", "--reason", "It named a person")
    assert "XM-EX-1-RAF-24-02-NLD" in light_office.inside(*change).err
    exported = light_office.inside("export", "activities", *DAY)
    assert "RAF/24/02/NLD: The activity XM-EX-1-RAF-24-02-NLD is called XM-EX-1-SKILLS from now on." in exported.err
    former = etree.fromstring(exported.out).xpath("//other-identifier[@type='A3']/@ref")
    assert former == ["XM-EX-1-RAF-24-02-NLD"]
    assert "There is no project NONE." in light_office.inside(*change[:2], "NONE", *change[3:], status=1).err
    light_office.inside("db", "check")


def test_what_a_file_no_longer_holds_is_listed(light_office: Program) -> None:
    light_office.inside("export", "activities", "--out", "a.xml", *DAY)
    row = "RAF/24/02/NLD,Skills,implementation,Safety of staff"
    table = light_office.write("p.csv", "code,title,status,withheld_reason", row)
    light_office.inside("import", "csv", "projects", table)
    said = light_office.inside("export", "activities", "--out", "b.xml", *DAY).err
    gone = r"gone: RAF/24/02/NLD \(XM-EX-1-RAF-24-02-NLD\): Safety of staff \(set on \d{4}-\d\d-\d\d by command line\)"
    assert re.search(gone, said), said
    assert "gone" not in light_office.inside("export", "activities", "--project", "GLO/24/01/NLD", *DAY).err


def test_an_export_without_activities_writes_nothing(earmark: Program) -> None:
    earmark.inside("init", "--org-id", "XM-EX-1", *OFFICE)
    (earmark.folder / "a.xml").write_text("before")
    refused = earmark.inside("export", "activities", "--out", "a.xml", *DAY, status=1)
    assert refused.err == "No file was written: there is no activity yet; add projects, or import published files.\n"
    assert (earmark.folder / "a.xml").read_text() == "before"
    assert earmark.inside("export", "activities", *DAY, status=1).out == b""
