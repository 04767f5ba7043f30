"""What was changed here, an older file, and one activity in several files: nothing is overwritten unasked."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.partners import Organisation
from app.db.projects import Classification, Document, Project
from app.db.results import PeriodValue
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import AllocationKind, EntryKind, Stage
from app.publishing.importing import reader
from app.publishing.importing.account import FieldChange, FileReport
from app.publishing.importing.run import Importer
from app.publishing.mapping.record import Part, take_apart
from app.publishing.mapping.shape import Columns
from app.tabular.registry import kind
from app.tabular.service import import_table
from iati.lexical import LexicalError
from iati.model import Activity
from tests.api import Api
from tests.publishing.conftest import TODAY, sizes
from tests.publishing.xml import ACTIVITY, activities, numbered, write
from tests.queries import count_queries

TakeIn = Callable[..., FileReport]
IDENTIFIER = "XM-DAC-41302-GLO-21-01"
NEWER = ACTIVITY.replace("2024-05-06T07:08:09Z", "2025-01-02T03:04:05Z")


@pytest.fixture
def taken(take_in: TakeIn, tmp_path: Path) -> Path:
    """The sample, imported."""
    path = write(tmp_path, ACTIVITY)
    take_in(path)
    return path


def change(database: Database, row_class: Any, actor: str = "anna", **values: Any) -> None:
    """Changes the first row of a table, as a service does."""
    with database.write(actor) as session:
        row = session.scalars(select(row_class).order_by(row_class.id)).first()
        for name, value in values.items():
            setattr(row, name, value)


def enter(database: Database, row: Any) -> None:
    with database.write("anna") as session:
        session.add(row)


def posting(database: Database, amount: int = 1000) -> None:
    with database.read() as session:
        project = session.scalars(select(Project)).one()
    enter(
        database,
        LedgerEntry(
            project_id=project.id,
            document=f"N-{amount}",
            type="3",
            date=dt.date(2026, 10, 1),
            amount=Decimal(amount),
            currency="USD",
            description="New payment",
        ),
    )


def all_rows(database: Database, row_class: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(select(row_class).order_by(row_class.id)))


def outcome(report: FileReport) -> dict[str, int]:
    return {
        name.removeprefix("activities_"): count
        for name, count in report.counts.items()
        if count and name.startswith("activities_") and name != "activities_read"
    }


def test_same_file_again_leaves_what_was_changed_here_and_names_it(
    database: Database, take_in: TakeIn, taken: Path
) -> None:
    change(database, Project, title="Best work", stage=Stage.CLOSED)
    change(database, Project, actor="bob", actual_end=dt.date(2026, 6, 30))
    before = sizes(database)
    report = take_in(taken)
    assert outcome(report) == {"kept": 1}
    assert sizes(database) == before
    (kept,) = report.kept
    assert {(name, who) for name, _on, who in kept.changed} == {
        ("title", "anna"), ("status", "anna"), ("actual_end", "bob"),
    }  # fmt: skip
    told = report.as_text()
    assert IDENTIFIER in told
    assert "by anna: title, status; on" in told or "by anna: status, title; on" in told
    assert "--overwrite" in told
    assert not report.has_faults
    (project,) = all_rows(database, Project)
    assert (project.title, project.stage) == ("Best work", Stage.CLOSED)


def test_dry_run_lists_every_field_that_overwriting_replaces_and_overwriting_does(
    database: Database, take_in: TakeIn, taken: Path
) -> None:
    change(database, Project, title="Best work")
    change(database, Classification, code="TZ")
    report = take_in(taken, overwrite=True, dry_run=True)
    (told,) = report.changes
    assert {"field": "title", "here": "Best work", "file": "Better work"} in told["fields"]
    assert [each["says"] for each in told["lost"]] == ["TZ 60"]
    assert [each["says"] for each in told["added"]] == ["KE 60"]
    assert "title “Best work” → “Better work”" in report.as_text()
    assert outcome(take_in(taken, overwrite=True)) == {"updated": 1}
    (project,) = all_rows(database, Project)
    assert project.title == "Better work"
    assert outcome(take_in(taken)) == {"unchanged": 1}


def test_newer_file_is_followed_where_nothing_was_changed_here(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    change(database, Project, note="for ourselves", gender_marker=None)
    newer = write(tmp_path, NEWER.replace("Better work", "Better work for all"), name="newer.xml")
    assert outcome(take_in(newer)) == {"updated": 1}


def test_newer_file_leaves_a_record_that_was_changed_here(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    change(database, Project, title="Best work")
    newer = write(tmp_path, NEWER.replace("factories.", "all factories."), name="newer.xml")
    report = take_in(newer)
    assert outcome(report) == {"kept": 1}
    assert {"title", "description"} <= set(report.kept[0].differs)


def test_what_was_put_back_is_no_change(database: Database, take_in: TakeIn, taken: Path, tmp_path: Path) -> None:
    change(database, Project, title="Best work")
    change(database, Project, title="Better work")
    newer = write(tmp_path, NEWER.replace("Better work", "Better work for all"), name="newer.xml")
    assert outcome(take_in(newer)) == {"updated": 1}


@pytest.mark.parametrize("overwrite", [False, True])
def test_money_and_documents_that_were_entered_here_are_never_taken_away(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path, *, overwrite: bool
) -> None:
    posting(database)
    (project,) = all_rows(database, Project)
    enter(
        database,
        Allocation(
            project_id=project.id,
            period_start=dt.date(2026, 1, 1),
            period_end=dt.date(2026, 12, 31),
            kind=AllocationKind.ORIGINAL,
            decided_on=dt.date(2026, 1, 1),
            amount=Decimal(700),
            currency="USD",
        ),
    )
    enter(
        database,
        Document(
            project_id=project.id, ordinal=9, url="https://ilo.example/b.pdf", format="application/pdf", title="B",
            category="A02",
        ),
    )  # fmt: skip
    before = sizes(database)
    assert outcome(take_in(taken, overwrite=overwrite)) == {"unchanged": 1}
    assert sizes(database) == before
    newer = write(tmp_path, NEWER.replace("Better work", "Better work for all"), name="newer.xml")
    assert outcome(take_in(newer, overwrite=overwrite)) == {"updated": 1}
    assert [each.amount for each in all_rows(database, LedgerEntry) if each.type == "3"] == [Decimal(1000)]
    assert not [each for each in all_rows(database, LedgerEntry) if each.entry_kind is EntryKind.WITHDRAWAL]
    assert not [each for each in all_rows(database, Allocation) if each.withdrawn]
    assert all(each.archived_at is None for each in all_rows(database, Document))


def test_new_transactions_of_a_file_do_not_come_beside_those_entered_here_unasked(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    posting(database)
    newer = write(tmp_path, NEWER.replace(">250<", ">251<"), name="newer.xml")
    assert outcome(take_in(newer)) == {"kept": 1}
    report = take_in(newer, overwrite=True)
    assert outcome(report) == {"updated": 1}
    assert "earmark.import.entered-here" in {fault.rule for fault in report.faults}
    assert sum(each.amount for each in all_rows(database, LedgerEntry) if each.type == "3") == 1000


def test_transaction_that_was_corrected_here_stays_corrected(database: Database, take_in: TakeIn, taken: Path) -> None:
    first = next(each for each in all_rows(database, LedgerEntry) if each.type == "4")
    enter(
        database,
        LedgerEntry(
            project_id=first.project_id, type="4", date=first.date, amount=Decimal(-50), currency="USD",
            entry_kind=EntryKind.ADJUSTMENT,
            adjusts_id=first.id, reason="counted twice",
        ),
    )  # fmt: skip
    assert outcome(take_in(taken)) == {"kept": 1}
    assert sum(each.amount for each in all_rows(database, LedgerEntry) if each.type == "4") == 450


def test_of_a_corrected_transaction_that_vanishes_nothing_is_left(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    first = next(each for each in all_rows(database, LedgerEntry) if each.type == "4")
    correction = LedgerEntry(
        project_id=first.project_id, type="4", date=first.date, amount=Decimal(-50), currency="USD",
        entry_kind=EntryKind.ADJUSTMENT, adjusts_id=first.id, reason="counted twice",
    )  # fmt: skip
    enter(database, correction)
    without = re.sub(r'<transaction>\s*<transaction-type code="4"/>.*?</transaction>', "", NEWER, flags=re.DOTALL)
    take_in(write(tmp_path, without, name="newer.xml"), overwrite=True)
    spent = [each for each in all_rows(database, LedgerEntry) if each.type == "4"]
    assert {each.amount for each in spent if each.entry_kind is EntryKind.WITHDRAWAL} == {Decimal(-200), Decimal(-250)}
    assert sum(each.amount for each in spent) == 0


def test_logframe_and_names_of_organisations_stay_as_they_were_changed_here(
    database: Database, take_in: TakeIn, taken: Path
) -> None:
    change(database, PeriodValue, value="120")
    (kept,) = take_in(taken).kept
    assert [name for name, _on, _who in kept.changed] == ["result"]
    with database.write("anna") as session:
        row = session.scalars(select(Organisation).where(Organisation.identifier == "XM-DAC-7")).one()
        row.name = "Kingdom of the Netherlands"
    (kept,) = take_in(taken).kept
    assert {name for name, _on, _who in kept.changed} == {"result", "participating-org", "transaction"}
    assert {each.value for each in all_rows(database, PeriodValue)} >= {"120"}


def test_older_file_replaces_nothing_unasked(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, NEWER.replace("Better work", "Better work for all"), name="newer.xml"))
    older = write(tmp_path, ACTIVITY, numbered(2))
    report = take_in(older)
    assert outcome(report) == {"kept": 1, "created": 1}
    assert (
        "The file is older: it was last updated 2024-05-06 07:08, what is stored 2025-01-02 03:04." in report.as_text()
    )
    (told,) = take_in(older, dry_run=True).changes[:1]
    assert (told["outcome"], told["fields"][0]["file"]) == ("kept", "Better work")
    assert outcome(take_in(older, overwrite=True)) == {"updated": 1, "unchanged": 1}


def test_file_that_was_made_earlier_is_older_where_activities_have_no_date(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    undated = ACTIVITY.replace(' last-updated-datetime="2024-05-06T07:08:09Z"', "")
    paths = []
    for year, title in ((2025, "Better work for all"), (2024, "Better work")):
        path = tmp_path / f"{year}.xml"
        xml = undated.replace("Better work", title)
        path.write_bytes(activities(xml, root=f' generated-datetime="{year}-01-01T00:00:00Z"'))
        paths.append(path)
    take_in(paths[0])
    report = take_in(paths[1])
    assert outcome(report) == {"kept": 1}
    assert "The file is older: it was made" in report.as_text()


def test_activity_in_two_files_of_an_import_is_told_and_not_half_withdrawn(database: Database, tmp_path: Path) -> None:
    first = write(tmp_path, numbered(1), name="2024.xml")
    second = write(tmp_path, numbered(2), numbered(1).replace(">250<", ">300<"), name="2025.xml")
    one, two = Importer(database, LOCAL, as_of=TODAY, overwrite=True).run([first, second]).files
    assert (outcome(one), outcome(two)) == ({"created": 1}, {"created": 1, "refused": 1})
    (fault,) = [each for each in two.faults if each.rule == "earmark.import.several-files"]
    assert fault.message.startswith("2024.xml (line 3) has this activity too")
    assert fault.line is not None
    assert fault.line > 3
    assert not [each for each in all_rows(database, LedgerEntry) if each.entry_kind is EntryKind.WITHDRAWAL]
    assert two.has_faults


def test_same_activity_in_two_files_of_an_import_is_no_fault(database: Database, tmp_path: Path) -> None:
    paths = [write(tmp_path, numbered(1), name=name) for name in ("a.xml", "b.xml")]
    one, two = Importer(database, LOCAL, as_of=TODAY).run(paths).files
    assert (outcome(one), outcome(two)) == ({"created": 1}, {"unchanged": 1})


def test_file_that_was_imported_before_another_one_is_older_whatever_it_says_of_its_date(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    assert outcome(take_in(write(tmp_path, ACTIVITY.replace(">250<", ">251<"), name="b.xml"))) == {"updated": 1}
    report = take_in(taken)
    assert outcome(report) == {"kept": 1}
    assert "already, and another one since" in report.kept[0].reason
    assert not [each for each in all_rows(database, LedgerEntry) if each.amount == -251]


def test_what_was_changed_here_is_found_with_the_same_number_of_statements_whatever_there_is(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    counted = []
    for count in (10, 40):
        path = write(tmp_path, *(numbered(number) for number in range(count)), name=f"{count}.xml")
        take_in(path)
        with database.write("anna") as session:
            for each in session.scalars(select(Project)):
                each.title += f", changed {count}"
        with count_queries(database) as seen:
            assert take_in(path).counts["activities_kept"] == count
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_what_officers_change_through_the_api_and_in_tables_stays(
    api: Api, database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    client = api.client(name="olga")
    (project,) = all_rows(database, Project)
    place = f"/projects/{project.id}"
    before = client.get(place)
    said = {
        "title": "Best work", "status": "closed", "actual_end": "2026-06-30", "sectors": [{"code": "15110"}],
        "regions": [{"code": "298", "percentage": "100"}], "countries": [],
    }  # fmt: skip
    answer = client.patch(place, json=said, headers={"If-Match": before.headers["etag"]})
    assert answer.status_code == 200, answer.text
    table = tmp_path / "t.csv"
    table.write_text(
        "document,project,type,date,amount,currency,description\n"
        f"N-1,{IDENTIFIER},disbursement,2026-10-01,1000.00,USD,New payment\n"
        f"N-2,{IDENTIFIER},expenditure,2026-10-01,500.00,USD,New cost\n"
    )
    report = import_table(database, LOCAL, kind("transactions"), table, today=TODAY)
    assert (report.created, report.faults) == (2, [])
    changed, size = client.get(place).json(), sizes(database)
    (kept,) = take_in(taken).kept
    assert {name for name, _on, who in kept.changed if who == "olga"} == {
        "title", "status", "actual_end", "sector", "recipient-region", "recipient-country",
    }  # fmt: skip
    assert (client.get(place).json(), sizes(database)) == (changed, size)
    assert outcome(take_in(taken, overwrite=True)) == {"updated": 1}
    again = client.get(place).json()
    assert (again["title"], [each["code"] for each in again["sectors"]]) == ("Better work", ["16020"])
    assert {each.document for each in all_rows(database, LedgerEntry) if each.document} == {"N-1", "N-2"}
    assert not [each for each in all_rows(database, LedgerEntry) if each.entry_kind is EntryKind.WITHDRAWAL]


def test_total_budget_that_was_changed_here_stays_and_is_listed_when_overwritten(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path
) -> None:
    (project,) = all_rows(database, Project)
    stated = project.total_budget
    change(database, Project, total_budget=Decimal(9000))
    newer = write(tmp_path, NEWER.replace("factories.", "all factories."), name="newer.xml")
    (told,) = take_in(newer, overwrite=True, dry_run=True).changes
    assert {"field": "total_budget", "here": "9000 USD", "file": f"{stated} USD"} in told["fields"]
    assert outcome(take_in(newer)) == {"updated": 1}
    (project,) = all_rows(database, Project)
    assert project.total_budget == 9000


def test_text_that_was_read_before_is_not_read_again_unless_its_record_changed(
    database: Database, take_in: TakeIn, taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def watched(activity: Activity, *, blanks: bool, unread: list[LexicalError], beside: Mapping[int, Columns]) -> Part:
        read.append(activity)
        return take_apart(activity, blanks=blanks, unread=unread, beside=beside)

    monkeypatch.setattr(reader, "take_apart", watched)

    def again(path: Path, **asked: bool) -> tuple[dict[str, int], bool]:
        read.clear()
        return outcome(take_in(path, **asked)), bool(read)

    assert again(taken, dry_run=True) == ({"unchanged": 1}, False)
    assert again(taken) == ({"unchanged": 1}, False)
    spaced = write(tmp_path, ACTIVITY.replace("<title>", "<title >"), name="spaced.xml")
    assert again(spaced) == ({"unchanged": 1}, True)
    assert again(spaced) == ({"unchanged": 1}, False)
    change(database, Project, title="Best work")
    assert again(spaced) == ({"kept": 1}, True)
    change(database, Project, title="Better work")
    assert again(spaced) == ({"unchanged": 1}, True)
    text = NEWER.replace("Labour standards", "Labour rights")
    newer = write(tmp_path, text, name="newer.xml")
    assert again(newer) == ({"updated": 1}, True)
    assert again(newer) == ({"unchanged": 1}, True)
    assert again(newer) == ({"unchanged": 1}, False)
    assert again(spaced) == ({"kept": 1}, True)
    twice = write(tmp_path, text.replace("Better work", "Best work"), text, name="twice.xml")
    assert again(twice) == ({"updated": 1, "refused": 1}, True)
    assert again(write(tmp_path, text, text, name="doubled.xml"), overwrite=True)[0] == {"updated": 1, "refused": 1}
    assert again(newer) == ({"unchanged": 1}, True)
    change(database, Project, archived_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert again(newer) == ({"refused": 1}, True)


def test_texts_in_further_languages_are_listed_as_people_write_them() -> None:
    change = FieldChange(field="title", here=[["fr", "Eau"], ["es", "Agua"]], file=[])
    assert str(change) == "title “fr: Eau; es: Agua” → nothing"
