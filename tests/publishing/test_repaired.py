"""What was mended when it was read: told where it is taken over, and no draft again by the same file."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.db.engine import Database
from app.db.projects import Project
from app.db.publishing import OrganisationFile
from app.domain.access import LOCAL
from app.publishing.importing import run
from app.publishing.importing.account import FileReport
from app.publishing.importing.run import Importer
from app.publishing.service import export_organisation
from tests.publishing.conftest import TODAY
from tests.publishing.test_drafts import put_out
from tests.publishing.test_organisation_file import RECORD
from tests.publishing.xml import canonical, numbered, write

TakeIn = Callable[..., FileReport]

RIGHT = numbered(2)
PADDED = RIGHT.replace('iso-date="', 'iso-date=" ', 1).replace(">5000.00<", ">6000.00<")
NAME = "<name><narrative>Agency</narrative></name>"
MISPLACED = RECORD.replace(NAME, "").replace("<total-budget", f"{NAME}<total-budget")
#: broken records of organisations that mend themselves; one of them says otherwise as long as it is not mended
ORGANISATIONS = [
    pytest.param(MISPLACED, id="which says the same"),
    pytest.param(RECORD.replace('iso-date="', 'iso-date=" ', 1), id="which is written otherwise"),
    pytest.param(RECORD.replace("<total-budget", '<total-budget status=""/><total-budget'), id="which says more"),
]


def the_project(session: Session) -> Project:
    return session.scalars(select(Project)).one()


@pytest.mark.parametrize(
    "why", ["archived", "another publisher", "former identifier", "several files", "changed here", "older"]
)
def test_what_was_not_taken_over_is_not_told_as_mended(
    database: Database, take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    first, broken = write(tmp_path, RIGHT, name="a.xml"), PADDED
    take_in(first)
    if why == "archived":
        with database.write("anna") as session:
            the_project(session).archived_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    elif why == "another publisher":
        broken = broken.replace('<reporting-org ref="XM-DAC-41302"', '<reporting-org ref="XM-DAC-1"')
    elif why == "former identifier":
        monkeypatch.setattr(run.store, "former_identifiers", lambda *_: {"XM-DAC-41302-GLO-21-0002": "XM-DAC-41302-N"})
    elif why == "changed here":
        with database.write("anna") as session:
            the_project(session).title = "Another"
        broken = broken.replace(">Better work<", ">Something else<")
    elif why == "older":
        broken = broken.replace('last-updated-datetime="2024', 'last-updated-datetime="2023')
    path = write(tmp_path, broken, name="b.xml")
    files = [first, path] if why == "several files" else [path]
    report = Importer(database, LOCAL, as_of=TODAY, mend=True).run(files).files[-1]
    assert report.counts["activities_refused"] + report.counts["activities_kept"] == 1
    assert report.counts["repaired"] == 0
    assert "earmark.import.repaired" not in {fault.rule for fault in report.faults}
    assert "mended" not in report.as_text()


def test_a_repaired_record_stays_for_that_also_where_something_else_was_changed_here(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    path = write(tmp_path, RIGHT.replace('iso-date="', 'iso-date=" ', 1))
    take_in(path, mend=True)
    with database.write("anna") as session:
        the_project(session).note = "Seen by Anna."
    (kept,) = take_in(path).kept
    assert kept.reason == "The record follows the schema here and stays so; this file does not."


def test_a_repaired_record_of_an_older_version_is_no_draft_again_by_the_same_file(
    take_in: TakeIn, tmp_path: Path
) -> None:
    path = write(tmp_path, RIGHT.replace('iso-date="', 'iso-date=" ', 1))
    path.write_text(path.read_text().replace('version="2.03"', 'version="2.02"'))
    assert take_in(path).counts["repairable"] == 1
    assert take_in(path, mend=True).counts["repaired"] == 1
    for _ in range(2):
        report = take_in(path)
        assert (report.counts["drafts"], report.counts["repairable"]) == (0, 0)
        assert "follows the schema here and stays so" in report.as_text()
        assert take_in(path, mend=True).counts["activities_unchanged"] == 1


@pytest.mark.parametrize("broken", ORGANISATIONS)
def test_a_record_of_an_organisation_that_was_mended_is_no_draft_again_by_the_same_file(
    database: Database, tmp_path: Path, broken: str
) -> None:
    path = tmp_path / "in.xml"
    path.write_text(broken)

    def read(**asked: bool) -> FileReport:
        return Importer(database, LOCAL, as_of=TODAY, **asked).run([path]).files[0]

    assert read().counts["drafts"] == 1
    assert read(mend=True).counts["repaired"] == 1
    for _ in range(2):
        report = read()
        assert (report.counts["drafts"], report.counts["repairable"]) == (0, 0)
        assert report.counts["organisation_files_kept"] + report.counts["organisation_files_unchanged"] == 1
        assert "follows the schema here and stays so" in report.as_text()
        with database.read() as session:
            assert session.scalars(select(OrganisationFile)).one().findings is None
        assert export_organisation(database, tmp_path / "out.xml", as_of=TODAY).held_back == []
        assert read(mend=True).counts["organisation_files_unchanged"] == 1
    # who wants the file's own words has them, as a draft
    assert read(overwrite=True).counts["drafts"] == ("more" not in broken and broken != MISPLACED)


def test_a_record_of_an_organisation_that_was_not_taken_over_is_not_told_as_mended(
    database: Database, tmp_path: Path
) -> None:
    right, broken = tmp_path / "right.xml", tmp_path / "broken.xml"
    right.write_text(RECORD)
    broken.write_text(MISPLACED.replace("2024-01-02T", "2023-01-02T").replace("1000.10", "900"))
    Importer(database, LOCAL, as_of=TODAY).run([right])
    (report,) = Importer(database, LOCAL, as_of=TODAY, mend=True).run([broken]).files
    assert (report.counts["organisation_files_kept"], report.counts["repaired"]) == (1, 0)
    _, report = Importer(database, LOCAL, as_of=TODAY, mend=True).run([right, broken]).files
    assert (report.counts["organisation_files_refused"], report.counts["repaired"]) == (1, 0)
    assert "earmark.import.repaired" not in {fault.rule for fault in report.faults}


# --- codes --------------------------------------------------------------------------------------------------------

LOOSE = (
    RIGHT.replace('<activity-status code="2"', '<activity-status code=" 2 "')
    .replace('<transaction-type code="11"', '<transaction-type code="\u00a011"')
    .replace('<sector code="16020"', '<sector code="16020\t"')
    .replace('<recipient-country code="KE"', '<recipient-country code="KE "')
)


def test_white_space_round_a_code_of_a_list_is_mended_and_stays_so(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    path = write(tmp_path, LOOSE)
    first = take_in(path)
    assert (first.counts["activities_created"], first.counts["drafts"], first.counts["repaired"]) == (1, 0, 0)
    assert "Use one that is, without the white space around it." in first.as_text()
    report = take_in(path, mend=True)
    assert (report.counts["activities_updated"], report.counts["repaired"]) == (1, 1)
    told = {fault.message for fault in report.faults if fault.rule == "earmark.import.repaired"}
    assert told == {
        f"White space was taken from around code of <{name}>."
        for name in ("activity-status", "transaction-type", "sector", "recipient-country")
    }
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(write(tmp_path, RIGHT, name="right.xml"))
    # the same file, read as it stands, is not told as if what differs had been changed here
    for note in (None, "Seen by Anna."):
        with database.write("anna") as session:
            the_project(session).note = note
        (kept,) = take_in(path).kept
        assert kept.reason == "It was last imported from this very file, which brings nothing new."
        assert take_in(path, mend=True).counts["activities_unchanged"] == 1
    assert take_in(path, overwrite=True).counts["activities_updated"] == 1
    # it says now what the record says, and is mended all the same
    assert take_in(path).counts["activities_unchanged"] == 1
    assert take_in(path, mend=True).counts["activities_updated"] == 1


def test_white_space_is_left_round_what_is_on_no_list(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    text = RIGHT.replace('<activity-status code="2"', '<activity-status code=" 77 "').replace(
        '<sector code="16020"', '<sector code=" own-1 " vocabulary="99"'
    )
    path = write(tmp_path, text)
    report = take_in(path, mend=True)
    assert (report.counts["activities_created"], report.counts["repaired"]) == (1, 0)
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(path)


def test_codes_are_mended_beside_faults_of_the_schema(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    path = write(tmp_path, LOOSE.replace('iso-date="', 'iso-date=" ', 1))
    assert take_in(path, mend=True).counts["repaired"] == 1
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(write(tmp_path, RIGHT, name="right.xml"))


def test_codes_of_a_record_of_an_organisation_are_mended_and_stay_so(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_text(RECORD.replace('<category code="B02"', '<category code=" B02"'))

    def read(**asked: bool) -> FileReport:
        return Importer(database, LOCAL, as_of=TODAY, **asked).run([path]).files[0]

    read()
    assert read(mend=True).counts["repaired"] == 1
    (kept,) = read().kept
    assert kept.reason == "It was last imported from this very file, which brings nothing new."
    assert read(mend=True).counts["organisation_files_unchanged"] == 1
