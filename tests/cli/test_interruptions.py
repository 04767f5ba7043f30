"""Full disks: nothing half-written, and the same command completes the work."""

from tests.cli.program import Program

#: more than the disk below takes, of a page for every few rows
ROWS = 600


def units(program: Program) -> str:
    return program.write("units.csv", "code,name", *(f"U{number},Unit {number}" for number in range(ROWS)))


def test_full_disk_is_told_and_leaves_the_database_as_it_was(light_office: Program) -> None:
    file = units(light_office)
    told = light_office("import", "csv", "units", file, status=1, largest_file=100_000)
    assert "nothing was stored" in told.err
    assert light_office.inside("db", "check").text == ""
    assert light_office.inside("import", "csv", "units", file, "--format", "json").json["created"] == ROWS
