"""``earmark import iati``, ``export``, ``validate`` and ``codelists``: published files in and out."""

from pathlib import Path

from lxml import etree

from tests.cli.program import Program
from tests.publishing.xml import numbered, write

DAY = ("--as-of", "2026-11-20")


def test_what_is_exported_is_valid_and_comes_back_the_same(office: Program, empty_database_url: str) -> None:
    exported = office.once("export", "activities", "--out", "a.xml", *DAY)
    assert exported.out == b""
    first = (office.folder / "a.xml").read_bytes()
    assert office.inside("export", "activities", *DAY).out == first
    identifiers = etree.fromstring(first).xpath("//iati-identifier/text()")
    assert identifiers == ["XM-EX-1-GLO-24-01-NLD", "XM-EX-1-RAF-24-02-NLD"]
    one = office.inside("export", "activities", "--project", "RAF/24/02/NLD", *DAY).out
    assert etree.fromstring(one).xpath("//iati-identifier/text()") == ["XM-EX-1-RAF-24-02-NLD"]
    office.inside("export", "organisation", "--out", "o.xml", *DAY)
    validated = office.once("validate", "a.xml", "o.xml", "--format", "json", *DAY).json
    assert [(each["file"], each["file_type"], each["valid"]) for each in validated] == [
        ("a.xml", "iati-activities", True), ("o.xml", "iati-organisations", True)
    ]  # fmt: skip
    assert set(validated[0]["summary"]) == {"critical", "error", "warning", "advisory"}
    elsewhere = Program(empty_database_url, office.folder)
    elsewhere.inside("db", "upgrade")
    elsewhere.inside("import", "iati", "a.xml")
    assert elsewhere.inside("export", "activities", *DAY).out == first


def test_files_of_any_kind_are_told_with_lines_and_never_stop_the_others(office: Program) -> None:
    office.inside("export", "activities", "--out", "good.xml", *DAY)
    good = (office.folder / "good.xml").read_bytes()
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    bad = {
        "malformed.xml": b'<iati-activities version="2.03">\n<iati-activity></iati-activities>',
        "laughs.xml": b'<!DOCTYPE x [<!ENTITY e0 "ha">' + entities + b"]>\n<iati-activities>&e11;</iati-activities>",
        "deep.xml": b'<iati-activities version="2.03">' + b"<a>" * 200_000,
        "encoding.xml": b'<?xml version="1.0"?><iati-activities version="2.03">\xe9</iati-activities>',
        "html.xml": b"<html><body/></html>",
        "empty.xml": b"",
        "cut.xml": good[: len(good) - 400],
        "old.xml": b'<iati-activities version="1.05"/>',
    }
    for name, content in bad.items():
        (office.folder / name).write_bytes(content)
    told = office.inside("import", "iati", *bad, "good.xml", "--format", "json", status=1).json
    assert [each["file"] for each in told] == [*bad, "good.xml"]
    for each in told[:-1]:
        worst = [fault for fault in each["faults"] if fault["severity"] == "critical"]
        assert worst, each
        assert all({"activity", "line", "rule", "severity", "message"} < set(fault) for fault in worst)
        assert all(isinstance(fault["line"], int) for fault in worst)
    assert told[0]["faults"][0]["line"] == 2
    assert told[-1]["counts"]["activities_unchanged"] == 2
    assert [fault for fault in told[-1]["faults"] if fault["severity"] == "critical"] == []
    said = office.inside("import", "iati", "malformed.xml", "good.xml", "--dry-run", status=1)
    assert "Nothing was stored (--dry-run)." in said.err
    office.inside("import", "iati", "good.xml")
    office.inside("db", "check")


def test_dry_run_of_several_files_tells_what_importing_them_does(light_office: Program) -> None:
    """Also of an activity that two of them have: the dry run sees what the files before it would have stored."""
    for name, numbers in (("first.xml", (1, 2)), ("second.xml", (2, 3)), ("third.xml", (3, 4))):
        write(
            light_office.folder,
            *(numbered(each).replace("Better work", f"{name} {each}") for each in numbers),
            name=name,
        )
    together = ("import", "iati", "first.xml", "second.xml", "third.xml", "--format", "json")
    before = light_office.inside("export", "activities", *DAY).out
    tried = light_office.inside(*together, "--dry-run", status=1).json
    assert light_office.inside("export", "activities", *DAY).out == before
    done = light_office.inside(*together, status=1).json
    told = [{name: each[name] for name in ("file", "counts", "faults")} for each in done]
    assert [{name: each[name] for name in ("file", "counts", "faults")} for each in tried] == told
    assert [each["counts"]["activities_created"] for each in done] == [2, 1, 1]
    refused = [fault for each in done[1:] for fault in each["faults"] if fault["rule"].endswith("several-files")]
    assert [fault["activity"][-4:] for fault in refused] == ["0002", "0003"]


def test_an_export_that_cannot_be_written_leaves_what_was_there(light_office: Program) -> None:
    kept = light_office.folder / "a.xml"
    kept.write_text("before")
    rows = [f"X/{number},Long,{'word ' * 3000},pipeline,2027-01-01,16020,KE" for number in range(4)]
    long = light_office.write("long.csv", "code,title,description,status,planned_start,sectors,countries", *rows)
    light_office.inside("import", "csv", "projects", long)
    assert len(light_office.inside("export", "activities", *DAY).out) > 50_000
    full = light_office("export", "activities", "--out", "a.xml", *DAY, status=1, largest_file=50_000)
    assert "a.xml cannot be written: File too large." in full.err
    assert kept.read_text() == "before"
    for target, says in (
        ("/dev/full", "The disk is full: /dev/full was not written."),
        ("none/a.xml", "none/a.xml cannot be written: there is no folder none."),
        ("/proc/a.xml", "/proc/a.xml cannot be written"),
    ):
        for call in (("export", "activities"), ("export", "organisation"), ("report", "delivery")):
            assert says in light_office.inside(*call, "--out", target, *DAY, status=1).err
    assert Path("/dev/full").is_char_device()
    leftovers = {path.name for path in light_office.folder.iterdir()} - {"a.xml", "data", "long.csv"}
    assert {name for name in leftovers if not name.startswith("light.db")} == set()


def test_a_link_stays_a_link(light_office: Program) -> None:
    (light_office.folder / "published").mkdir()
    (light_office.folder / "a.xml").symlink_to("published/a.xml")
    light_office.inside("export", "activities", "--out", "a.xml", *DAY)
    assert (light_office.folder / "a.xml").is_symlink()
    assert (light_office.folder / "published" / "a.xml").stat().st_size > 1000


def test_projects_that_cannot_be_published_are_held_back_with_the_reason(light_office: Program) -> None:
    file = light_office.write("p.csv", "code,title,status,planned_start", "X/1,Without words,implementation,2026-01-01")
    light_office.inside("import", "csv", "projects", file)
    ran = light_office.inside("export", "activities", *DAY, status=1)
    assert "held back: X/1: The project has no description." in ran.err
    assert len(etree.fromstring(ran.out)) == 2
    assert "NOPE" in light_office.inside("export", "activities", "--project", "NOPE", *DAY, status=1).err


def test_codelists_are_shown_and_refreshed_whole_or_not_at_all(light_office: Program) -> None:
    assert "Country" in light_office.inside("codelists", "show").text
    assert "\n16020  " in light_office.inside("codelists", "show", "sector").text
    assert "XM-DAC-41302" in light_office.inside("codelists", "show", "publishers").text.splitlines()
    assert "did you mean Country" in light_office.inside("codelists", "show", "Countri", status=1).err
    lists = light_office.folder / "lists"
    lists.mkdir()
    assert "there is no codelist" in light_office.inside("codelists", "update", "lists", status=1).err
    (lists / "Country.xml").write_text(
        '<codelist name="Country"><metadata><name><narrative>Country</narrative></name></metadata><codelist-items>'
        "<codelist-item><code>ZZ</code><name><narrative>Nowhere</narrative></name></codelist-item>"
        "</codelist-items></codelist>"
    )
    told = light_office.inside("codelists", "update", "lists")
    assert "ZZ" in told.text
    assert "\nZZ    Nowhere" in light_office.inside("codelists", "show", "Country").text
    (lists / "Sector.xml").write_text("<codelist")
    assert "Sector.xml" in light_office.inside("codelists", "update", "lists", status=1).err
