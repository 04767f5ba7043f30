"""Published files into the database: what is made of them, and what is refused."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlmodel import Session

from app.db.base import table
from app.db.bulk import AT_ONCE
from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision, FundingShare
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.people import AuditEvent
from app.db.projects import Classification, Project, ProjectRevision
from app.db.publishing import ImportRun
from app.db.results import PeriodValue
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import LOCAL, Actor
from app.domain.terms import AgreementStatus, AllocationKind, Origin, PartnerCategory, Role, Stage
from app.errors import NotAllowed
from app.publishing.importing import run
from app.publishing.importing.account import FileReport
from app.publishing.importing.organisations import category_of
from app.publishing.importing.record import TakenOver
from iati.batches import BATCH_BYTES
from tests.publishing.conftest import TODAY, sizes
from tests.publishing.xml import ACTIVITY, canonical, numbered, write
from tests.queries import count_queries

TakeIn = Callable[..., FileReport]


def all_rows(session: Session, row_class: Any) -> list[Any]:
    return list(session.scalars(select(row_class).order_by(row_class.id)))


def line_of(path: Path, identifier: str) -> int:
    """The line on which the activity of an identifier begins."""
    lines = path.read_text().splitlines()
    (at,) = [number for number, line in enumerate(lines, 1) if f"{identifier}</iati-identifier>" in line]
    return max(number for number, line in enumerate(lines[:at], 1) if "<iati-activity " in line)


def test_activity_becomes_a_project_with_everything_below_it(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    report = take_in(write(tmp_path, ACTIVITY))
    assert (report.counts["activities_created"], report.faults) == (1, [])
    with database.read() as session:
        (project,) = all_rows(session, Project)
        assert (project.code, project.origin, project.stage) == (
            "XM-DAC-41302-GLO-21-01",
            Origin.IMPORTED,
            Stage.IMPLEMENTATION,
        )
        assert (project.title, project.title_translations) == ("Better work", [["fr", "Mieux travailler"]])
        assert (project.planned_start, project.planned_end) == (dt.date(2021, 1, 1), dt.date(2027, 12, 31))
        assert (project.total_budget, project.budget_currency) == (Decimal("3000.10"), "USD")
        assert project.content_changed_at == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
        assert project.identifier_frozen
        classified = [(each.kind, each.code, each.percentage) for each in all_rows(session, Classification)]
        assert ("country", "UG", Decimal(40)) in classified
        assert ("tag", "8.5", None) in classified
        budgets = all_rows(session, Allocation)
        assert [(each.amount, each.kind, each.status, each.ordinal) for each in budgets] == [
            (Decimal("1000.10"), AllocationKind.ORIGINAL, "2", 0),
            (Decimal(2000), AllocationKind.ORIGINAL, None, 1),
        ]
        entries = all_rows(session, LedgerEntry)
        assert [(each.type, each.amount, each.currency, each.ordinal) for each in entries] == [
            ("11", Decimal(5000), "USD", 0),
            ("4", Decimal(250), "USD", 1),
            ("4", Decimal(250), "USD", 2),
        ]
        assert [(each.kind, each.value) for each in all_rows(session, PeriodValue)] == [
            ("target", "100"),
            ("actual", "90"),
        ]


def test_money_from_another_organisation_shows_a_partner_and_an_agreement(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, ACTIVITY))
    with database.read() as session:
        (partner,) = all_rows(session, Partner)
        assert (partner.code, partner.category) == ("XM-DAC-7", PartnerCategory.GOVERNMENT)
        (agreement,) = all_rows(session, Agreement)
        assert (agreement.reference, agreement.amount, agreement.currency) == (
            "XM-DAC-7/XM-DAC-7-4000",
            Decimal(5000),
            "USD",
        )
        assert (agreement.status, agreement.signed_on) == (AgreementStatus.SIGNED, dt.date(2021, 1, 15))
        assert (agreement.modality, agreement.category, agreement.aid_type) == ("I", 4, "C01")
        (share,) = all_rows(session, FundingShare)
        assert share.amount == Decimal(5000)
        paid = session.scalars(select(LedgerEntry.agreement_id).where(LedgerEntry.type == "11")).one()
        assert paid == agreement.id


def test_history_begins_with_what_the_file_says(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    with database.read() as session:
        told = {each.field: (each.value, each.known_on, each.reason) for each in all_rows(session, ProjectRevision)}
        events = session.scalars(select(AuditEvent).where(AuditEvent.entity == "projects")).all()
    assert told["planned_end"] == ("2027-12-31", dt.date(2021, 1, 1), "import of file.xml")
    assert told["actual_start"] == ("2021-02-01", dt.date(2021, 2, 1), "import of file.xml")
    assert told["total_budget"] == (
        "3000.10 USD",
        dt.date(2021, 1, 1),
        "import of file.xml: the sum of its budgets",
    )
    assert told["stage"] == ("implementation", dt.date(2021, 2, 1), "import of file.xml")
    assert [event.action for event in events] == ["import"]


def test_same_agreement_of_several_activities_is_one_with_a_share_each(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, numbered(1), numbered(2), name="first.xml"))
    take_in(write(tmp_path, numbered(3), name="second.xml"))
    with database.read() as session:
        (agreement,) = all_rows(session, Agreement)
        assert agreement.amount == Decimal(15000)
        assert [share.amount for share in all_rows(session, FundingShare)] == [Decimal(5000)] * 3
        revisions = [(each.sequence, each.amount) for each in all_rows(session, AgreementRevision)]
        assert revisions == [(1, Decimal(10000)), (2, Decimal(15000))]


def test_activity_that_breaks_the_schema_is_told_with_its_place(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    broken = numbered(2).replace('<activity-status code="2"/>', "")
    report = take_in(write(tmp_path, numbered(1), broken, numbered(3)))
    assert (report.counts["activities_created"], report.counts["drafts"]) == (3, 1)
    (fault,) = [each for each in report.faults if each.severity == "critical"]
    assert (fault.activity, fault.rule, fault.severity) == ("XM-DAC-41302-GLO-21-0002", "0.3.1", "critical")
    lines = (tmp_path / "file.xml").read_text().splitlines()
    assert fault.line is not None
    assert "activity-date" in lines[fault.line - 1]


def test_namespace_declared_inside_an_activity_breaks_nothing(
    take_in: TakeIn, put_out: Callable[..., Path], tmp_path: Path
) -> None:
    declared = ACTIVITY.replace("<iati-identifier>", '<iati-identifier xmlns:x="urn:x">')
    path = write(tmp_path, declared)
    report = take_in(path)
    assert (report.counts["activities_created"], report.faults) == (1, [])
    assert canonical(put_out()) == canonical(path)


@pytest.mark.parametrize(("root", "what"), [("activities", "activity"), ("organisations", "organisation")])
def test_a_file_without_a_record_is_told(take_in: TakeIn, tmp_path: Path, root: str, what: str) -> None:
    path = tmp_path / "empty.xml"
    path.write_text(f'<iati-{root} version="2.03"><other/></iati-{root}>', encoding="utf-8")
    report = take_in(path)
    assert report.has_faults
    assert f"The file holds no {what}: nothing was imported." in report.as_text()


def test_second_activity_of_the_same_identifier_is_refused(take_in: TakeIn, tmp_path: Path) -> None:
    report = take_in(write(tmp_path, numbered(1), numbered(1)))
    assert (report.counts["activities_created"], report.counts["activities_refused"]) == (1, 1)
    assert report.faults[0].rule == "earmark.import.duplicate-identifier"


def test_own_activity_that_differs_in_capital_letters_alone_is_told(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    own = numbered(1).replace("XM-DAC-41302-GLO", "XM-DAC-41302-Glo")
    assert take_in(write(tmp_path, numbered(1))).faults == []
    small = write(tmp_path, own, numbered(2), name="small.xml")
    # of others it is theirs to say
    assert "earmark.import.other-capitals" not in {each.rule for each in take_in(small, dry_run=True).faults}
    with database.write("tests") as session:
        reporter = session.scalars(select(Organisation).where(table(Organisation).c.identifier == "XM-DAC-41302")).one()
        session.add(Setup(id=1, organisation_id=reporter.id, currency="USD", language="en"))
    for _ in range(2):
        (told,) = [each for each in take_in(small).faults if each.rule == "earmark.import.other-capitals"]
        assert (told.activity, told.severity) == ("XM-DAC-41302-Glo-21-0001", "warning")
        assert told.message.startswith("There is an activity XM-DAC-41302-GLO-21-0001 here, ")


def test_capital_letters_are_looked_at_once_for_a_file_and_told_of_all_its_batches(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    whole = write(tmp_path, *(numbered(number) for number in range(1, 7)))
    # its first and its last activity differ from those before, and one of its own from another of it
    small = [numbered(number).replace("GLO-21", "Glo-21") for number in (1, 6, 7)]
    large = [numbered(number) for number in (2, 3, 7)]
    mixed = write(tmp_path, small[0], *large, small[2], small[1], name="mixed.xml")
    again = write(tmp_path, numbered(8), small[0], name="again.xml")
    (report,) = run.Importer(database, LOCAL, as_of=TODAY).run([whole]).files
    assert report.counts["activities_created"] == 6
    with database.write("tests") as session:
        reporter = session.scalars(select(Organisation).where(table(Organisation).c.identifier == "XM-DAC-41302")).one()
        session.add(Setup(id=1, organisation_id=reporter.id, currency="USD", language="en"))
    for dry_run in (True, False):
        with count_queries(database) as seen:
            files = run.Importer(database, LOCAL, as_of=TODAY, dry_run=dry_run).run([mixed, again]).files
        assert sum("lower(projects.iati_identifier)" in each for each in seen) == len(files)
        told = [
            [(each.activity, each.line) for each in one.faults if each.rule == "earmark.import.other-capitals"]
            for one in files
        ]
        expected = [(mixed, ("0001", "0007", "0006")), (again, ("0001",))]
        assert told == [
            [(f"XM-DAC-41302-Glo-21-{each}", line_of(path, f"Glo-21-{each}")) for each in those]
            for path, those in expected
        ]


def test_identifier_of_another_publisher_is_not_taken_over(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    before = sizes(database)
    stranger = ACTIVITY.replace('<reporting-org ref="XM-DAC-41302"', '<reporting-org ref="XM-DAC-1"')
    report = take_in(write(tmp_path, stranger))
    assert report.faults[0].rule == "earmark.import.other-publisher"
    assert sizes(database)["content versions"] == before["content versions"]
    with database.read() as session:
        reporter = session.get_one(Organisation, all_rows(session, Project)[0].reporting_org_id)
        assert reporter.identifier == "XM-DAC-41302"


def test_publisher_that_says_its_former_identifier_goes_on(take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    renamed = ACTIVITY.replace('<reporting-org ref="XM-DAC-41302"', '<reporting-org ref="XM-DAC-1"').replace(
        '<other-identifier ref="107000" type="A1"/>', '<other-identifier ref="XM-DAC-41302" type="B1"/>'
    )
    assert take_in(write(tmp_path, renamed)).counts["activities_updated"] == 1


def test_dry_run_tells_everything_and_stores_nothing(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    before = sizes(database)
    report = take_in(write(tmp_path, numbered(1), numbered(2)), dry_run=True)
    assert report.counts["activities_created"] == 2
    assert report.counts["ledger_entries_created"] == 6
    told = [(each["activity"], each["outcome"], each["rows"]["allocations"]) for each in report.changes]
    assert told == [
        ("XM-DAC-41302-GLO-21-0001", "created", {"new": 2, "gone": 0}),
        ("XM-DAC-41302-GLO-21-0002", "created", {"new": 2, "gone": 0}),
    ]
    assert sizes(database) == before


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"not xml", "0.1.1"),
        (b"<iati-activities version='2.03'><iati-activity>", "0.1.1"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><iati-activities version='2.03'/>", "0.1.1"),
        (b"<rss/>", "0.2.1"),
    ],
)
def test_file_that_cannot_be_read_is_one_fault(take_in: TakeIn, tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_bytes(content)
    report = take_in(path)
    assert report.broken
    assert [fault.rule for fault in report.faults] == [rule]


def test_missing_file_is_one_fault(take_in: TakeIn, tmp_path: Path) -> None:
    report = take_in(tmp_path / "nowhere.xml")
    assert report.broken
    assert "cannot be read" in report.faults[0].message


def test_cut_off_file_keeps_what_came_before(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    path = write(tmp_path, numbered(1), numbered(2))
    path.write_bytes(path.read_bytes()[:-2500])
    report = take_in(path)
    assert report.broken
    assert report.counts["activities_created"] == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<iati-identifier>XM", f"<iati-identifier>{'X' * 3000}"),
        (
            'role="1"><narrative>Netherlands',
            (
                f'role="1"><narrative>Netherlands</narrative></participating-org>'
                f'<participating-org role="1"><narrative>{"é" * 2000}'
            ),
        ),
        ('provider-activity-id="XM', f'provider-activity-id="{"Y" * 3000}'),
        ('tag code="8.5"', f'tag code="{"8" * 3000}"'),
    ],
)
def test_overlong_identifier_refuses_its_activity_only(take_in: TakeIn, tmp_path: Path, old: str, new: str) -> None:
    assert old in numbered(1)
    report = take_in(write(tmp_path, numbered(1).replace(old, new), numbered(2)))
    assert (report.counts["activities_created"], report.counts["activities_refused"]) == (1, 1)
    assert "at most 1000 bytes" in next(fault for fault in report.faults if fault.severity == "critical").message


def test_killed_import_leaves_whole_batches_and_goes_on_when_repeated(
    database: Database, take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *(numbered(number) for number in range(7)))
    monkeypatch.setattr(run, "BATCH", 3)
    store_batch = run.store_batch
    stored: list[int] = []

    def dies_in_the_second(session: Session, batch: list[Any], *rest: Any) -> None:
        store_batch(session, batch, *rest)
        stored.append(len(batch))
        if len(stored) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "store_batch", dies_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        take_in(path)
    with database.read() as session:
        assert len(all_rows(session, Project)) == 3
        assert [each.outcome for each in all_rows(session, ImportRun)] == ["failed"]
    monkeypatch.setattr(run, "store_batch", store_batch)
    report = take_in(path)
    # the account of the file as if nothing had happened, by the run that was stopped
    assert (report.counts["activities_created"], report.taken_up) == (7, 3)


def test_interrupted_import_tells_again_what_the_database_refused(
    database: Database, take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *(numbered(number) for number in range(7)))
    monkeypatch.setattr(run, "BATCH", 3)
    store_batch = run.store_batch
    deaths = ["GLO-21-0005"]

    def refuses_one(session: Session, batch: list[Any], *rest: Any) -> None:
        if deaths and any(each.identifier.endswith(deaths[0]) for each in batch):
            raise KeyboardInterrupt
        store_batch(session, batch, *rest)
        if any(each.identifier.endswith("GLO-21-0001") for each in batch):
            raise DataError("", {}, Exception("too much of it"))

    monkeypatch.setattr(run, "store_batch", refuses_one)
    with pytest.raises(KeyboardInterrupt):
        take_in(path)
    deaths.clear()
    report = take_in(path)
    assert (report.counts["activities_created"], report.counts["activities_refused"], report.taken_up) == (6, 1, 3)
    assert [fault.activity for fault in report.faults if fault.rule == "earmark.import.refused"] == [
        "XM-DAC-41302-GLO-21-0001"
    ]
    with database.read() as session:
        (kept,) = all_rows(session, ImportRun)
    assert (kept.outcome, kept.counts["activities_created"], kept.counts["activities_refused"]) == ("done", 6, 1)


def test_of_two_imports_of_one_file_at_once_one_stops_and_nothing_is_stored_twice(
    database: Database, take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *(numbered(number) for number in range(7)))
    monkeypatch.setattr(run, "BATCH", 3)
    others: list[FileReport] = []

    def overtake(_done: int, _total: int) -> None:
        if not others:
            others.append(take_in(path))

    with pytest.raises(TakenOver, match="Another import of the same file"):
        run.Importer(database, LOCAL, as_of=TODAY, progress=overtake).run([path])
    assert others[0].counts["activities_created"] == 7
    with database.read() as session:
        assert len(all_rows(session, Project)) == 7
        assert [each.outcome for each in all_rows(session, ImportRun)] == ["done"]


def test_batch_costs_the_same_number_of_statements_whatever_its_size(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, ACTIVITY))
    counted = []
    # both are more than what goes into the audit trail row by row
    for first, last in ((10, 62), (100, 163)):
        path = write(tmp_path, *(numbered(number) for number in range(first, last)))
        with count_queries(database) as seen:
            take_in(path)
        # what was read before is looked up for as much of the file as is held at a time
        looked = [each for each in seen if "FROM import_marks" in each]
        assert len(looked) <= 1 + path.stat().st_size // BATCH_BYTES
        # rows that are added to a table go to SQLite by 64, by 8 and one by one
        inserted = [each.partition(" VALUES ")[0] for each in seen if each.startswith("INSERT")]
        steps = [len(list(alike)) for _, alike in groupby(inserted)]
        assert max(steps) <= len(AT_ONCE)
        counted.append(len(seen) - len(looked) - len(inserted) + len(steps))
    assert counted[0] == counted[1]


def test_viewer_may_not_import(database: Database) -> None:
    with pytest.raises(NotAllowed):
        run.Importer(database, Actor(name="anna", role=Role.VIEWER), as_of=TODAY)


def test_import_works_before_the_organisation_is_set_up(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    with database.read() as session:
        assert session.execute(select(table(Project).c.id)).all() == []
    assert take_in(write(tmp_path, ACTIVITY)).counts["activities_created"] == 1
    assert LOCAL.role is Role.ADMIN


@pytest.mark.parametrize(
    ("identifier", "type_", "category"),
    [
        ("XM-DAC-7", "10", PartnerCategory.GOVERNMENT),
        ("XM-DAC-41122", "40", PartnerCategory.UN_ENTITY),
        ("XM-DAC-42001", None, PartnerCategory.EU),
        ("XM-DAC-46002", "40", PartnerCategory.IFI),
        ("US-EIN-1", "60", PartnerCategory.FOUNDATION),
        (None, "70", PartnerCategory.PRIVATE_SECTOR),
    ],
)
def test_category_of_a_funder_follows_from_identifier_and_type(
    identifier: str | None, type_: str | None, category: PartnerCategory
) -> None:
    assert category_of(identifier, type_) == (category, None)
