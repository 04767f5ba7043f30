"""A newer version of a file: what it changes, what it drops, what it leaves alone."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.base import table
from app.db.engine import Database
from app.db.funding import Agreement
from app.db.people import AuditEvent
from app.db.projects import Document, Participant, Project, ProjectRevision
from app.db.spending import Allocation, LedgerEntry
from app.domain.terms import EntryKind
from app.publishing.importing import run
from app.publishing.importing.account import FileReport
from tests.publishing.xml import ACTIVITY, canonical, write

TakeIn = Callable[..., FileReport]
PutOut = Callable[..., Path]
LATER = dt.date(2027, 1, 15)


def rows(database: Database, row_class: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(select(row_class).order_by(row_class.id)))


@pytest.fixture
def renew(take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> Callable[..., FileReport]:
    """Imports the sample, then a version with texts replaced; proves that the export is the newer file."""

    def do(*replacements: tuple[str, str]) -> FileReport:
        take_in(write(tmp_path, ACTIVITY))
        newer = ACTIVITY.replace("2024-05-06T07:08:09Z", "2025-01-02T03:04:05Z")
        for old, new in replacements:
            assert old in newer
            newer = newer.replace(old, new)
        path = write(tmp_path, newer, name="newer.xml")
        report = take_in(path, as_of=LATER)
        assert canonical(put_out("newer-out.xml")) == canonical(path)
        return report

    return do


def test_new_end_is_a_revision_that_names_the_import(database: Database, renew: Callable[..., FileReport]) -> None:
    report = renew(('type="3" iso-date="2027-12-31"', 'type="3" iso-date="2028-06-30"'))
    assert report.counts["activities_updated"] == 1
    ends = [each for each in rows(database, ProjectRevision) if each.field == "planned_end"]
    assert [(each.sequence, each.value, each.known_on, each.reason) for each in ends] == [
        (1, "2027-12-31", dt.date(2021, 1, 1), "import of file.xml"),
        (2, "2028-06-30", LATER, "import of newer.xml"),
    ]
    (project,) = rows(database, Project)
    assert project.planned_end == dt.date(2028, 6, 30)
    assert (project.content_version, project.content_changed_at) == (
        2,
        dt.datetime(2025, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    )


def test_change_is_in_the_audit_trail_with_both_values(database: Database, renew: Callable[..., FileReport]) -> None:
    renew(("<narrative>Better work</narrative>", "<narrative>Better work for all</narrative>"))
    with database.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.entity == "projects").order_by(AuditEvent.sequence.desc())  # type: ignore[attr-defined]
        ).first()
    assert event is not None
    assert event.before == {"title": "Better work", "content_changed_at": "2024-05-06T07:08:09+00:00"}
    assert event.after is not None
    assert (event.after["title"], event.after["file"]) == ("Better work for all", "newer.xml")


def test_vanished_transaction_is_withdrawn_and_the_others_keep_their_rows(
    database: Database, renew: Callable[..., FileReport]
) -> None:
    expenditure = """    <transaction>
      <transaction-type code="4"/><transaction-date iso-date="2021-03-31"/>
      <value currency="USD" value-date="2021-03-31">250</value>
    </transaction>
"""
    report = renew((expenditure * 2, expenditure))
    assert report.counts["ledger_entries_withdrawn"] == 1
    assert report.counts["ledger_entries_created"] == 0
    entries = rows(database, LedgerEntry)
    (gone,) = [each for each in entries if each.entry_kind is EntryKind.WITHDRAWAL]
    assert (gone.amount, gone.date, gone.reason) == (
        Decimal(-250),
        dt.date(2021, 3, 31),
        "import of newer.xml: no longer in the file",
    )
    assert gone.adjusts_id in {each.id for each in entries if each.type == "4"}
    assert sum(each.amount for each in entries if each.type == "4") == 250


def test_new_commitment_raises_its_agreement(database: Database, renew: Callable[..., FileReport]) -> None:
    first = '<transaction ref="C1">'
    second = """<transaction ref="C2">
      <transaction-type code="11"/><transaction-date iso-date="2025-01-15"/>
      <value currency="USD" value-date="2025-01-15">700</value>
      <provider-org ref="XM-DAC-7" provider-activity-id="XM-DAC-7-4000">
        <narrative>Netherlands</narrative>
      </provider-org>
    </transaction>
    """
    report = renew((first, second + first))
    assert report.counts["ledger_entries_created"] == 1
    (agreement,) = rows(database, Agreement)
    assert agreement.amount == Decimal(5700)
    kept = [each for each in rows(database, LedgerEntry) if each.reference == "C1"]
    assert [each.ordinal for each in kept] == [1]


def test_changed_budget_supersedes_the_old_figure(database: Database, renew: Callable[..., FileReport]) -> None:
    renew(
        (
            '<value currency="USD" value-date="2021-01-01">1000.10<',
            '<value currency="USD" value-date="2024-09-01">1500<',
        )
    )
    first, _second, new = rows(database, Allocation)
    assert (new.supersedes_id, new.amount, new.decided_on, new.line) == (
        first.id,
        Decimal(1500),
        dt.date(2024, 9, 1),
        first.line,
    )
    (project,) = rows(database, Project)
    assert project.total_budget == Decimal(3500)
    totals = [each.value for each in rows(database, ProjectRevision) if each.field == "total_budget"]
    assert totals == ["3000.10 USD", "3500 USD"]


def test_vanished_budget_is_withdrawn(database: Database, renew: Callable[..., FileReport]) -> None:
    budget = """    <budget type="1">
      <period-start iso-date="2022-01-01"/><period-end iso-date="2022-12-31"/>
      <value value-date="2021-01-01">2000</value>
    </budget>
"""
    renew((budget, ""))
    (gone,) = [each for each in rows(database, Allocation) if each.withdrawn]
    assert (gone.amount, gone.decided_on) == (Decimal(0), LATER)


def test_replaced_participant_goes_and_a_vanished_document_is_archived(
    database: Database, renew: Callable[..., FileReport]
) -> None:
    renew(
        (
            '<participating-org ref="XM-DAC-7" type="10" role="1"><narrative>Netherlands',
            '<participating-org ref="XM-DAC-10" type="10" role="1"><narrative>Sweden',
        ),
        ('<document-link url="https://ilo.example/a.pdf"', '<document-link url="https://ilo.example/b.pdf"'),
    )
    assert len(rows(database, Participant)) == 2
    old, new = rows(database, Document)
    assert (old.url, old.archived_at is None) == ("https://ilo.example/a.pdf", False)
    assert (new.url, new.archived_at) == ("https://ilo.example/b.pdf", None)


def test_another_order_moves_places_only(database: Database, take_in: TakeIn, put_out: PutOut, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    countries = (
        '    <recipient-country code="KE" percentage="60"/>\n',
        '    <recipient-country code="UG" percentage="40.0"/>\n',
    )
    turned = ACTIVITY.replace("".join(countries), "".join(reversed(countries)))
    path = write(tmp_path, turned, name="turned.xml")
    report = take_in(path, as_of=LATER)
    assert report.counts["activities_updated"] == 0
    assert canonical(put_out("out2.xml")) == canonical(path)


def test_dry_run_of_a_newer_file_lists_what_would_change(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    newer = write(tmp_path, ACTIVITY.replace("Better work", "Best work").replace(">250<", ">251<"), name="newer.xml")
    report = take_in(newer, as_of=LATER, dry_run=True)
    assert report.changes == [
        {
            "activity": "XM-DAC-41302-GLO-21-01",
            "outcome": "updated",
            "columns": ["title"],
            "rows": {"ledger_entries": {"new": 2, "gone": 2}},
            "fields": [{"field": "title", "here": "Better work", "file": "Best work"}],
            "added": [{"element": "transaction", "says": "4 2021-03-31 USD 2021-03-31 251"}] * 2,
            "lost": [{"element": "transaction", "says": "4 2021-03-31 USD 2021-03-31 250"}] * 2,
        }
    ]
    with database.read() as session:
        assert session.scalars(select(table(Project).c.title)).all() == ["Better work"]


def test_yearly_files_of_an_activity_stand_beside_each_other_unless_one_is_the_whole(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    head, tail = ACTIVITY[: ACTIVITY.index("<budget")], ACTIVITY[ACTIVITY.index("<document-link") :]

    def file(year: int, *amounts: str, updated: str) -> Path:
        """A file of one year, a transaction in each of its months from January on."""
        money = "".join(
            f'<transaction><transaction-type code="4"/><transaction-date iso-date="{year}-{month:02}-28"/>'
            f'<value currency="USD" value-date="{year}-{month:02}-28">{amount}</value></transaction>'
            for month, amount in enumerate(amounts, start=1)
        )
        activity = (head + money + tail).replace("2024-05-06T07:08:09Z", f"{updated}T00:00:00Z")
        return write(tmp_path, activity, name=f"{year}-{updated}.xml")

    def stands() -> dict[int, Decimal]:
        found: dict[int, Decimal] = {}
        for row in rows(database, LedgerEntry):
            found[row.date.year] = found.get(row.date.year, Decimal(0)) + row.amount
        return found

    take_in(file(2021, "10", "20", updated="2024-01-01"))
    tried = take_in(file(2022, "1", "2", updated="2024-02-01"), dry_run=True)
    (told,) = [fault.message for fault in tried.faults if fault.rule == "earmark.import.other-part"]
    assert told == (
        "2 transactions and budgets of 2021-01-28 to 2021-02-28: not in this file, which tells of 2022-01-28 to "
        "2022-02-28; they stay, as told by another file of the activity. If this file is the whole activity, import it "
        "with --whole."
    )
    take_in(file(2022, "1", "2", updated="2024-02-01"))
    assert stands() == {2021: 30, 2022: 3}
    # a corrected file of one year speaks for its own days
    take_in(file(2022, "1", "5", updated="2024-03-01"))
    assert stands() == {2021: 30, 2022: 6}
    take_in(file(2021, "10", "20", "40", updated="2024-04-01"))
    assert stands() == {2021: 70, 2022: 6}
    assert (
        take_in(file(2022, "1", "5", updated="2024-05-01"), dry_run=True, whole=True).counts["ledger_entries_withdrawn"]
        == 3
    )
    # the very file that was imported last may be the whole too
    take_in(file(2022, "1", "5", updated="2024-05-01"))
    assert stands() == {2021: 70, 2022: 6}
    take_in(file(2022, "1", "5", updated="2024-05-01"), whole=True)
    assert stands() == {2021: 0, 2022: 6}
    # and from then on files are whole again
    take_in(file(2022, "1", updated="2024-06-01"))
    assert stands() == {2021: 0, 2022: 1}


@pytest.mark.parametrize("currency", ["EURO", "us", "1,234.5", "US$", "x" * 300])
def test_a_currency_that_is_none_is_mended_by_a_newer_file(
    database: Database, take_in: TakeIn, put_out: PutOut, tmp_path: Path, currency: str
) -> None:
    odd = ACTIVITY.replace(
        '<value currency="USD" value-date="2021-01-15">', f'<value currency="{currency}" value-date="2021-01-15">'
    )
    assert currency in odd
    take_in(write(tmp_path, odd, name="odd.xml"))
    mended = write(tmp_path, ACTIVITY.replace("2024-05-06", "2024-06-06"), name="mended.xml")
    report = take_in(mended, as_of=LATER)
    assert not [each.message for each in report.faults if each.rule == "earmark.import.refused"]
    assert report.counts["activities_updated"] == 1
    assert canonical(put_out("out.xml")) == canonical(mended)
    assert take_in(mended, as_of=LATER).counts["activities_unchanged"] == 1
    kinds = [(each.entry_kind, each.currency) for each in rows(database, LedgerEntry)]
    assert (EntryKind.WITHDRAWAL, currency) in kinds
    # and back again: an export holds nothing but what stands
    again = ACTIVITY.replace("2024-05-06", "2024-07-06").replace("5000.00", "6000.00")
    take_in(write(tmp_path, again, name="again.xml"), as_of=LATER)
    assert (
        take_in(write(tmp_path, odd.replace("2024-05-06", "2024-08-06"), name="odd2.xml"), as_of=LATER).counts[
            "activities_refused"
        ]
        == 0
    )
    last = write(tmp_path, again.replace("2024-07-06", "2024-09-06"), name="last.xml")
    assert take_in(last, as_of=LATER).counts["activities_refused"] == 0
    assert canonical(put_out("last-out.xml")) == canonical(last)


def test_what_the_database_refuses_is_told_without_its_words(
    take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("CHECK constraint failed: ck_ledger_entries_currency_is_code"))

    monkeypatch.setattr(run, "store_batch", refuse)
    (told,) = [each for each in take_in(write(tmp_path, ACTIVITY)).faults if each.rule == "earmark.import.refused"]
    assert "ck_" not in told.message
    assert "show it to who runs the program" in told.message
    assert "refused the activity XM-DAC-41302-GLO-21-01" in caplog.text
