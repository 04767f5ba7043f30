"""``earmark import csv``: tables in, faults out."""

import csv
import io

from app.tabular.registry import KINDS
from tests.cli.program import Program

UNITS = ("code;name;region", "U1;First;africa", "U2;;asia", "U1;Again;")
FAULTS = [
    {"row": 3, "column": "name", "rule": "required", "message": "This is required."},
    {
        "row": 4,
        "column": "code",
        "rule": "table.repeated-key",
        "message": "Row 2 has the same code: keep one of the two.",
    },
]


def test_a_table_with_faults_is_kept_out_whole_or_row_by_row(office: Program) -> None:
    file = office.write("units.csv", *UNITS)
    told = office.inside("import", "csv", "units", file, "--format", "json", status=1).json
    assert told == {
        "kind": "units", "file": file, "rows": 3, "created": 1, "updated": 0, "unchanged": 0, "stored": False,
        "faults": FAULTS, "findings": [],
    }  # fmt: skip
    said = office.inside("import", "csv", "units", file, status=1)
    assert said.text.splitlines()[0] == (
        "units.csv: 3 rows; 1 would be created, 0 would be updated, 0 unchanged, 2 with faults"
    )
    assert said.text.splitlines()[3:] == [
        "3    name    This is required.",
        "4    code    Row 2 has the same code: keep one of the two.",
    ]
    assert said.err.startswith("Nothing was stored")
    tried = office.inside("import", "csv", "units", file, "--row-wise", "--dry-run", "--format", "json", status=1).json
    assert (tried["created"], tried["stored"]) == (1, False)
    kept = office.inside("import", "csv", "units", file, "--row-wise", "--format", "json", status=1).json
    assert (kept["created"], kept["stored"], kept["faults"]) == (1, True, FAULTS)
    again = office.inside("import", "csv", "units", file, "--row-wise", "--format", "json", status=1).json
    assert (again["created"], again["unchanged"], again["stored"]) == (0, 1, False)
    good = office.write("good.csv", "code,name,region", "U1,Renamed,africa", "U9,Ninth,")
    assert office.inside("import", "csv", "units", good).text == (
        "good.csv: 2 rows; 1 created, 1 updated, 0 unchanged, 0 with faults\n"
    )
    # of many findings of one kind the first are told, and the rows of the others
    items = [f"2026-27,indicator,1.{number},Laws,3,results" for number in range(1, 10)]
    framework = office.write("framework.csv", "framework,level,code,title,target,unit", *items)
    lines = office.inside("import", "csv", "results-framework", framework).text.splitlines()
    assert lines[3:] == [
        "2    baseline_value  Indicator 1.1 has no baseline.",
        "3    baseline_value  Indicator 1.2 has no baseline.",
        "4    baseline_value  Indicator 1.3 has no baseline.",
        "…    baseline_value  6 more of the kind, in rows 5 to 10.",
    ]


def test_behind_many_faults_stands_what_kinds_of_them_there_are(office: Program) -> None:
    rows = [f"U{number},{'' if number % 3 else f'Unit {number}'}," for number in range(90)]
    file = office.write("units.csv", "code,name,region", *rows, *rows[:5])
    lines = office.inside("import", "csv", "units", file, status=1).text.splitlines()
    place = lines.index("")
    # all of them one by one, and behind them what they come to
    told, kinds = lines[3:place], lines[place + 3 :]
    assert len(told) == 63 + 5
    assert kinds[0].startswith("63      name    This is required.")
    assert kinds[0].endswith("  3 to 4, 6 to 7, 9 to 10, 12 to 13 and further on")
    assert kinds[1].startswith("5       code    Row 2 has the same code: keep one of the two.")
    assert kinds[1].endswith("92 to 96")
    few = office.write("few.csv", *UNITS)
    assert "the first of their kind" not in office.inside("import", "csv", "units", few, status=1).text


def test_bad_cells_of_a_project_are_told_in_words(office: Program) -> None:
    file = office.write(
        "projects.csv",
        "code,title,status,planned_start,planned_end,total_budget,currency,unit,countries,sectors",
        "P1,A,implementation,2022-01-01,2021-01-01,5,USD,NOPE,KE:60|TZ:39,99999",
        "P2,B,nostatus,01/02/2021,2021-02-30,-5,ZZZ,GVA,XX,16020",
        "P3,C,implementation,2022-01-01,2023-01-01,1e9,USD,GVA,KE,16020",
    )
    faults = office.inside("import", "csv", "projects", file, "--format", "json", status=1).json["faults"]
    places = {(fault["row"], fault["column"]) for fault in faults}
    assert places >= {(2, "unit"), (2, "planned_end"), (2, "sectors"), (2, "countries")}
    assert places >= {(3, "status"), (3, "planned_start"), (3, "planned_end"), (3, "total_budget"), (3, "currency")}
    assert places >= {(4, "total_budget")}


def test_files_that_are_no_tables_are_told_apart(light_office: Program) -> None:
    contents = {
        b"": "The file is empty",
        b"\xff\xfe\x00": "not utf-16",
        b'code,name\nU9,"open\n': "never closed",
        b"code,name,colour\nU9,a,red\n": "There is no column “colour” here.",
        b"name\nU9\n": "code",
        b"code,name\nU9,a\x01b\n": "U+0001",
    }
    for content, says in contents.items():
        (light_office.folder / "units.csv").write_bytes(content)
        assert says in light_office.inside("import", "csv", "units", "units.csv", status=1).text, content
    assert "there is no such file" in light_office.inside("import", "csv", "units", "absent.csv", status=2).err
    assert "name the FILE" in light_office.inside("import", "csv", "units", status=2).err


def test_every_kind_prints_a_template_that_its_own_reader_takes(light_office: Program) -> None:
    listed = light_office.inside("import", "kinds").text
    for kind in KINDS:
        ran = light_office.inside("import", "csv", kind.name, "--template")
        header, example = csv.reader(io.StringIO(ran.text))
        assert kind.name in listed
        assert len(header) == len(example)
        assert set(kind.required) <= set(header)
        assert all(f"{name}: " in ran.err for name in header if name in kind.columns)


def test_a_file_of_another_system_is_read_with_its_mapping(office: Program) -> None:
    template = office.inside("import", "csv", "units", "--mapping-template").text
    assert "columns:" in template
    mapping = office.write("units.yaml", "columns: {code: Kürzel, name: Name}", "skip: [{column: Name, begins: Summe}]")
    file = office.write("fremd.csv", "Liste der Büros", "Kürzel;Name;Rest", "U9;Neunte;x", ";Summe: 1;")
    told = office.inside("import", "csv", "units", file, "--mapping", mapping, "--format", "json").json
    assert (told["created"], told["skipped"]) == (
        1, [{"condition": "Name begins Summe", "rows": 1, "first": 4}],
    )  # fmt: skip
    office.write("wrong.yaml", "columns: {code: Kürzel}", "colums: {}")
    said = office.inside("import", "csv", "units", file, "--mapping", "wrong.yaml", status=1).err
    assert "Line 2" in said
    (office.folder / "latin.yaml").write_bytes("columns: {code: Kürzel}".encode("latin-1"))
    assert "UTF-8" in office.inside("import", "csv", "units", file, "--mapping", "latin.yaml", status=2).err
