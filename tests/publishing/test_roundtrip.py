"""What went in comes out: activity by activity, byte by byte, again and again."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.config import Settings
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.publishing.exporting.activities_file import export_activities
from app.publishing.importing.account import FileReport
from app.publishing.importing.run import Importer
from iati.schema import schema_for
from tests.publishing.conftest import TODAY, sizes
from tests.publishing.xml import ACTIVITY, activities, canonical, numbered, write
from tests.queries import count_queries
from tests.reference import needs_reference, reference

TakeIn = Callable[..., FileReport]
PutOut = Callable[..., Path]

#: what a file may hold that no column does
ODD = (
    ACTIVITY.replace("GLO-21-01", "GLO-ODD")
    .replace(">1000.10<", "> +01000.100 <")
    .replace('iso-date="2021-02-01"', 'iso-date="2021-02-01Z"')
    .replace("<iati-identifier>XM-DAC-41302-GLO-ODD<", "<iati-identifier>\n  XM-DAC-41302-GLO-ODD <")
    .replace("<policy-marker", '<humanitarian-scope type="1" vocabulary="1-2" code="X"/><policy-marker')
    .replace(
        '<participating-org ref="XM-DAC-7" type="10" role="1"><narrative>Netherlands</narrative></participating-org>',
        '<participating-org ref="XM-DAC-7" type="10" role="1"><narrative>The Netherlands</narrative>'
        "<narrative xml:lang='fr'>Pays-Bas</narrative></participating-org>"
        '<participating-org role="1"/><participating-org type="10" role="1"><narrative>Nameless</narrative>'
        "</participating-org>",
    )
    .replace("</iati-activity>", '<x:extra xmlns:x="urn:x" x:a="1"><x:b>c</x:b></x:extra></iati-activity>')
    .replace('<iati-activity last-updated-datetime="2024-05-06T07:08:09Z"', '<iati-activity hierarchy="2"')
)


@pytest.fixture
def other_database(migrated_sqlite: Path, tmp_path: Path) -> Database:
    """Another one, with nothing in it."""
    path = shutil.copy(migrated_sqlite, tmp_path / "other.db")
    return open_database(Settings(database_url=f"sqlite:///{path}"))


def test_exported_activities_are_the_imported_ones(take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> None:
    path = write(tmp_path, ACTIVITY, ODD)
    take_in(path)
    assert canonical(put_out()) == canonical(path)


def test_namespaces_of_the_root_go_with_its_activities(take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> None:
    path = tmp_path / "spaces.xml"
    path.write_bytes(activities(ACTIVITY, root=' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'))
    take_in(path)
    exported = put_out()
    assert canonical(exported) == canonical(path)
    assert take_in(exported).counts["activities_unchanged"] == 1


def test_export_is_valid_and_ordered_by_identifier(take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> None:
    take_in(write(tmp_path, numbered(3), numbered(1), ODD, numbered(2)))
    tree = etree.parse(str(put_out()))
    assert schema_for("iati-activities").validate(tree)
    identifiers = [str(each.text).strip() for each in tree.getroot().iter("iati-identifier")]
    assert identifiers == sorted(identifiers)
    assert len(identifiers) == 4
    assert tree.getroot().get("generated-datetime") == "2024-05-06T07:08:09Z"


def test_importing_the_same_file_twice_writes_nothing(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    path = write(tmp_path, ACTIVITY, ODD)
    take_in(path)
    before = sizes(database)
    report = take_in(path)
    assert report.counts["activities_unchanged"] == 2
    assert sizes(database) == before


def test_importing_the_own_export_changes_nothing(
    database: Database, take_in: TakeIn, put_out: PutOut, tmp_path: Path
) -> None:
    take_in(write(tmp_path, ACTIVITY, ODD))
    before = sizes(database)
    exported = put_out("first.xml")
    report = take_in(exported)
    assert report.counts["activities_unchanged"] == 2
    assert sizes(database) == before
    assert put_out("second.xml").read_bytes() == exported.read_bytes()


def test_export_of_an_export_in_a_fresh_database_has_the_same_bytes(
    take_in: TakeIn, put_out: PutOut, other_database: Database, tmp_path: Path
) -> None:
    take_in(write(tmp_path, ACTIVITY, ODD))
    exported = put_out()
    other = other_database
    Importer(other, LOCAL, as_of=TODAY).run([exported])
    again = tmp_path / "again.xml"
    export_activities(other, again, as_of=TODAY)
    other.dispose()
    assert again.read_bytes() == exported.read_bytes()


def test_white_space_that_canonical_form_keeps_is_kept(take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> None:
    blank = ACTIVITY.replace('<actual value="90"/>', '<actual value="90">\n </actual>')
    path = write(tmp_path, blank)
    take_in(path)
    assert b'<actual value="90">\n </actual>' in put_out().read_bytes()


def test_export_costs_the_same_number_of_statements_whatever_the_size_of_a_batch(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, numbered(1)))
    counted: list[int] = []
    for first, last in ((2, 3), (3, 40)):
        take_in(write(tmp_path, *(numbered(number) for number in range(first, last))))
        with count_queries(database) as seen:
            export_activities(database, tmp_path / "out.xml", as_of=TODAY, store=False)
        counted.append(len(seen))
    assert counted[0] == counted[1]


@pytest.fixture(scope="module")
def real_files() -> list[Path]:
    names = (
        "fcdo-activity.xml", "beis-activity.xml", "dportal-XI-IATI-WBTF.xml", "dportal-CH-4.xml", "gdihub-activity.xml",
        "dportal-XM-DAC-41304.xml", "dportal-NZ-1.xml", "dportal-XM-DAC-41121.xml", "worldbank-sv.xml",
    )  # fmt: skip
    return [path for name in names if (path := reference("iati", "real", name)) is not None]


@needs_reference
@pytest.mark.reference
def test_real_files_come_out_as_they_went_in(
    database: Database, tmp_path: Path, put_out: PutOut, real_files: list[Path]
) -> None:
    reports = Importer(database, LOCAL, as_of=TODAY).run(real_files).files
    stored = {name for report in reports for name in ("created",) if report.counts[f"activities_{name}"]}
    assert stored
    exported = put_out()
    assert etree.XMLSchema(etree.parse(str(_official_schema()))).validate(etree.parse(str(exported)))
    found = canonical(exported)
    wanted: dict[str, Any] = {}
    for path in real_files:
        wanted |= {identifier: xml for identifier, xml in canonical(path).items() if identifier not in wanted}
    assert len(found) > 200
    assert {identifier for identifier, xml in found.items() if wanted[identifier] != xml} == set()
    before = sizes(database)
    Importer(database, LOCAL, as_of=TODAY).run([*real_files, exported])
    assert sizes(database) == before


def _official_schema() -> Path:
    path = reference("iati", "standard-2.03", "xsd", "iati-activities-schema.xsd")
    assert path is not None
    return path
