"""Files with faults that leave a record as it is: it is no draft by them, and is not told as one."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.engine import Database
from app.db.projects import Document, Project
from app.domain.access import LOCAL
from app.publishing.importing import run
from app.publishing.importing.account import FileReport
from app.publishing.importing.run import Importer
from tests.publishing.conftest import TODAY
from tests.publishing.test_drafts import MISPLACED, NO_STATUS
from tests.publishing.test_organisation_file import RECORD
from tests.publishing.xml import numbered, write

TakeIn = Callable[..., FileReport]

RIGHT = numbered(2)
PADDED = RIGHT.replace('iso-date="', 'iso-date=" ', 1)
IDENTIFIER = "XM-DAC-41302-GLO-21-0002"


def the_project(database: Database) -> Project:
    with database.read() as session:
        return session.scalars(select(Project)).one()


def test_a_record_that_was_always_right_is_not_told_as_mended(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, RIGHT))
    report = take_in(write(tmp_path, MISPLACED, name="misplaced.xml"))
    assert (report.counts["activities_unchanged"], report.counts["drafts"], report.counts["repairable"]) == (1, 0, 0)
    (told,) = [each for each in report.faults if each.rule == "earmark.import.right-here"]
    assert told.message == "The record follows the schema here and stays so; this file does not."
    assert "mended" not in report.as_text()
    assert the_project(database).findings is None


def test_a_broken_file_that_comes_after_the_right_one_is_told_with_the_day_of_its_import(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    broken = write(tmp_path, PADDED)
    assert take_in(broken).counts["drafts"] == 1
    take_in(write(tmp_path, RIGHT, name="right.xml"))
    report = take_in(broken)
    assert (report.counts["activities_kept"], report.counts["drafts"], report.counts["repairable"]) == (1, 0, 0)
    (kept,) = report.kept
    assert kept.reason.startswith("This file was imported on ")
    assert kept.reason.endswith(" already, and another one since.")
    assert the_project(database).findings is None


@pytest.mark.parametrize("broken", [NO_STATUS, MISPLACED], ids=["to be decided", "mends itself"])
@pytest.mark.parametrize("why", ["archived", "another publisher", "former identifier", "database"])
def test_what_is_refused_is_no_draft(
    database: Database, take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str, broken: str
) -> None:
    take_in(write(tmp_path, RIGHT))
    with database.write("anna") as session:
        project = session.scalars(select(Project)).one()
        if why == "archived":
            project.archived_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    if why == "another publisher":
        broken = broken.replace('<reporting-org ref="XM-DAC-41302"', '<reporting-org ref="XM-DAC-1"')
    elif why == "former identifier":
        monkeypatch.setattr(run.store, "former_identifiers", lambda *_: {IDENTIFIER: "XM-DAC-41302-NEW"})
    elif why == "database":

        def refuse(*_: object) -> None:
            raise IntegrityError("INSERT", {}, Exception("refused"))

        monkeypatch.setattr(run, "store_batch", refuse)
    report = take_in(write(tmp_path, broken, name="broken.xml"))
    assert report.counts["activities_refused"] == 1
    assert (report.counts["drafts"], report.counts["repairable"]) == (0, 0)
    assert "draft" not in report.as_text()


def test_what_a_second_file_tells_otherwise_is_refused_and_no_draft(database: Database, tmp_path: Path) -> None:
    paths = [write(tmp_path, RIGHT, name="a.xml"), write(tmp_path, MISPLACED.replace(">250<", ">300<"), name="b.xml")]
    _one, two = Importer(database, LOCAL, as_of=TODAY, overwrite=True).run(paths).files
    assert two.counts["activities_refused"] == 1
    assert (two.counts["drafts"], two.counts["repairable"]) == (0, 0)


def enter_document(database: Database) -> None:
    key = the_project(database).id
    assert key is not None
    with database.write("anna") as session:
        document = Document(
            project_id=key, ordinal=9, url="https://ilo.example/b.pdf", format="application/pdf", title="B",
            category="A02",
        )  # fmt: skip
        session.add(document)


def test_a_mended_file_ends_the_draft_of_a_record_with_documents_that_were_entered_here(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, MISPLACED))
    enter_document(database)
    report = take_in(write(tmp_path, RIGHT, name="right.xml"))
    assert (report.counts["activities_updated"], report.counts["drafts"]) == (1, 0)
    assert the_project(database).findings is None


def test_a_record_with_documents_that_were_entered_here_is_no_draft_by_misplaced_elements(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, RIGHT))
    enter_document(database)
    report = take_in(write(tmp_path, MISPLACED, name="misplaced.xml"))
    assert (report.counts["activities_unchanged"], report.counts["drafts"], report.counts["repairable"]) == (1, 0, 0)
    assert the_project(database).findings is None


@pytest.mark.parametrize("why", ["older", "another file"])
def test_a_record_of_an_organisation_that_is_left_as_it_is_is_no_draft(
    database: Database, tmp_path: Path, why: str
) -> None:
    right, broken = tmp_path / "right.xml", tmp_path / "broken.xml"
    right.write_text(RECORD)
    name = "<name><narrative>Agency</narrative></name>"
    misplaced = RECORD.replace(name, "").replace("<total-budget", f"{name}<total-budget").replace("1000.10", "900")
    broken.write_text(misplaced.replace("2024-01-02T", "2023-01-02T"))
    if why == "older":
        Importer(database, LOCAL, as_of=TODAY).run([right])
        (report,) = Importer(database, LOCAL, as_of=TODAY).run([broken]).files
        assert report.counts["organisation_files_kept"] == 1
    else:
        _, report = Importer(database, LOCAL, as_of=TODAY).run([right, broken]).files
        assert report.counts["organisation_files_refused"] == 1
    assert "0.3.1" in {fault.rule for fault in report.faults}
    assert (report.counts["drafts"], report.counts["repairable"]) == (0, 0)
