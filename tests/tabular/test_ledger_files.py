"""The ledger's files: posted together or row by row, once each, compared with the last one, and never guessed."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.base import table
from app.db.engine import Database
from app.db.imports import TableImport, TableImportLine
from app.db.people import AuditEvent
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.people.audit import verify
from app.projects.service import archive_project
from app.tabular import storing
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from app.tabular.settings import said
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY
from tests.queries import count_queries

HEADER = "document,project,type,date,amount,currency,description\n"


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session, closed_until=dt.date(2025, 12, 31))
        for code in ("P/1", "P/2", "000412"):
            portfolio.project(session, code)
        portfolio.pool(session, "RBSA")
        partner = portfolio.partner(session, "NLD")
        portfolio.agreement(session, "A-1", partner.id or 0)


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def load(
    database: Database,
    folder: Path,
    content: str | bytes,
    *,
    name: str = "file.csv",
    dry_run: bool = False,
    row_wise: bool = False,
    source: str | None = None,
    **words: str | int,
) -> TableReport:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    settings = said(**words)  # type: ignore[arg-type]
    return import_table(
        database, LOCAL, kind("transactions"), path, today=TODAY, settings=settings,
        dry_run=dry_run, row_wise=row_wise, source=source,
    )  # fmt: skip


def row(document: str, amount: str = "10", project: str = "P/1", date: str = "2026-03-01", text: str = "") -> str:
    return f"{document},{project},expenditure,{date},{amount},USD,{text}\n"


def amounts(database: Database) -> dict[str | None, Decimal]:
    entry = table(LedgerEntry).c
    with database.read() as session:
        return {row.document: row.amount for row in session.execute(select(entry.document, entry.amount))}


def count(database: Database, row_class: type[TableImport | TableImportLine | AuditEvent]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table(row_class))) or 0


def test_a_file_tells_what_changed_since_the_last_one_of_its_source(office: Database, tmp_path: Path) -> None:
    first = load(office, tmp_path, HEADER + row("D-1") + row("D-2") + row("D-3"), name="a.csv", source="sap")
    assert first.differences is not None
    assert (first.created, first.differences.since, first.differences.new) == (3, None, 3)
    # another source is another story
    load(office, tmp_path, HEADER + row("X-1"), name="x.csv", source="other")
    content = HEADER + row("D-1") + row("D-2", "12.50") + row("D-4")
    for dry_run in (True, False):
        found = load(office, tmp_path, content, name="b.csv", source="sap", dry_run=dry_run).differences
        assert found is not None
        assert found.since is not None
        told = found.as_dict()
        assert {
            name: told[name] for name in ("source", "common", "new", "changed", "changes", "missing", "absent")
        } == {
            "source": "sap",
            "common": 2,
            "new": 1,
            "changed": 1,
            "changes": [{"document": "D-2", "row": 3, "change": "The amount is 12.50 USD, not 10."}],
            "missing": 1,
            "absent": [{"document": "D-3", "project": "P/1", "date": "2026-03-01", "amount": "10", "currency": "USD"}],
        }
        assert found.since.file.endswith("a.csv")
    assert amounts(office) == {
        "D-1": 10, "D-2": 10, "D-2~1": Decimal("2.5"), "D-3": 10, "X-1": 10, "D-4": 10,
    }  # fmt: skip
    # the same once more changes nothing, and the next month has nothing to do with it
    again = load(office, tmp_path, content, name="b.csv", source="sap")
    assert (again.unchanged, again.stored) == (3, False)
    other = load(office, tmp_path, HEADER + row("E-1", date="2026-04-01"), name="c.csv", source="sap").differences
    assert other is not None
    assert (other.common, other.missing, other.absent) == (0, 0, [])
    assert count(office, TableImportLine) == 2, "the keys of the newest file of each source alone are kept"
    with office.read() as session:
        assert verify(session) == []


def test_rows_that_need_a_closer_look_stand_among_plain_ones(office: Database, tmp_path: Path) -> None:
    content = (
        "document,project,pool,agreement,type,date,amount,currency,receiver,adjusts,reason\n"
        "C-1,P/1,,,expenditure,2026-03-02,-4,USD,,D-1,Refund\n"
        "D-1,P/1,,A-1,expenditure,2026-03-01,10,USD,Builders,,\n"
        "T-1,P/1,RBSA,,disbursement,2026-03-01,7,USD,,,\n"
        "G-1,,RBSA,,incoming-funds,2026-03-01,9,USD,,,\n"
        "D-2,P/2,,,expenditure,2026-03-01,5,USD,Builders,,\n"
    )
    report = load(office, tmp_path, content)
    assert (report.faults, report.created) == ([], 5)
    entry, project = table(LedgerEntry).c, table(Project).c
    with office.read() as session:
        found = {
            document: tuple(rest)
            for document, *rest in session.execute(
                select(
                    entry.document, project.code, entry.internal, entry.adjusts_id.is_not(None), entry.agreement_id,
                    entry.receiver_id.is_not(None),
                ).join(project.id.table, project.id == entry.project_id)
            )
        }  # fmt: skip
        events = session.scalars(
            select(table(AuditEvent).c.aggregate).where(table(AuditEvent).c.entity == "ledger_entries")
        )
        assert len(list(events)) == 5
    assert found == {
        "D-1": ("P/1", False, False, 1, True),
        "C-1": ("P/1", False, True, 1, True),
        "T-1": ("RBSA", True, False, None, True),
        "G-1": ("RBSA", False, False, None, False),
        "D-2": ("P/2", False, False, None, True),
    }
    assert load(office, tmp_path, content).unchanged == 5


def test_every_fault_is_told_and_nothing_goes_in_unless_row_by_row(office: Database, tmp_path: Path) -> None:
    load(office, tmp_path, HEADER + row("0017") + row("D-0"))
    content = (
        HEADER
        + row("D-1")
        + row("D-2", project="P/9")
        + row("D-3", project="412")
        + row("D-4", date="2026-12-31")
        + row("D-5", date="2025-06-30")
        + row("D-6", "0")
        + row("D-7", "1.500")
        + row("D-1")
        + row("17")
        + row("D-0", text="Another text")
        + row("D-8", date="01/02/2026")
        + row("D-9", date="46000")
        + row("D-10", "=1+1")
        + row("D-11", "#REF!")
        + row("D-12", '"1,000"')
        + row("D-13", "1\u00a0000")
        + row("D-14")
    )
    report = load(office, tmp_path, content)
    told = [(fault.row, fault.column, fault.rule) for fault in report.faults]
    assert told == [
        (3, "project", "project.unknown"),
        (4, "project", "project.unknown"),
        (5, "date", "transaction.future-date"),
        (6, "date", "transaction.closed-period"),
        (7, "amount", "transaction.zero"),
        (8, "amount", "amount.thousands"),
        (9, "document", "table.repeated-key"),
        (10, "document", "transaction.lost-zeros"),
        (11, "description", "transaction.posted"),
        (12, "date", "table.cell"),
        (13, "date", "table.cell"),
        (14, "amount", "table.cell"),
        (15, "amount", "table.cell"),
        (16, "amount", "table.cell"),
        (17, "amount", "table.cell"),
    ]
    said_ = {fault.row: fault.message for fault in report.faults}
    assert "Row 2 has the same document" in said_[9]
    assert "Is 000412 meant?" in said_[4]
    assert "0017 is posted already" in said_[10]
    for number, parts in {
        12: ("--dates dmy", "--dates mdy"),
        13: ("--dates serial",),
        17: ("--grouping space",),
    }.items():
        assert all(part in said_[number] for part in parts)
    assert set(amounts(office)) == {"0017", "D-0"}
    kept = load(office, tmp_path, content, row_wise=True)
    assert (kept.created, kept.stored, set(amounts(office))) == (2, True, {"0017", "D-0", "D-1", "D-14"})


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8-sig", {}), ("utf-16", {}), ("latin-1", {"encoding": "latin-1"}),
        ("windows-1252", {"encoding": "windows-1252"}), ("utf-16-le", {"encoding": "utf-16-le"}),
    ],
)  # fmt: skip
def test_a_file_is_read_in_its_encoding(office: Database, tmp_path: Path, encoding: str, words: dict[str, str]) -> None:
    content = (HEADER + row("Café-1", text="für Übung")).encode(encoding)
    report = load(office, tmp_path, content, **words)
    assert (report.faults, report.created) == ([], 1)
    if words:
        [fault] = load(office, tmp_path, content).faults
        assert fault.rule == "table.encoding"


def test_a_wrong_header_is_told_whole(office: Database, tmp_path: Path) -> None:
    faults = load(office, tmp_path, "Voucher,project,type,date,amount,amount\nD-1,P/1,4,2026-01-01,1,1\n").faults
    assert {(fault.column, fault.rule) for fault in faults} == {
        ("Voucher", "table.unknown-column"), ("amount", "table.repeated-column"), ("", "table.missing-column"),
    }  # fmt: skip


def test_a_file_full_of_faults_is_not_read_to_its_end(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "BATCH", 2)
    monkeypatch.setattr(storing, "MOST_FAULTY", 3)
    content = HEADER + "".join(row(f"D-{number}", "much") for number in range(20))
    report = load(office, tmp_path, content)
    assert (report.rows, len(report.faults), report.faults[-1].rule) == (4, 5, "table.too-many")
    assert report.faults[-1].row == 6
    assert (report.stopped, report.faulty_rows) == (True, 4)
    assert load(office, tmp_path, content, row_wise=True).rows == 20
    # of a file that was read to its end nothing was left out
    short = load(office, tmp_path, HEADER + "".join(row(f"D-{number}", "much") for number in range(4)))
    assert (short.rows, len(short.faults)) == (4, 4)


def test_rows_are_told_apart_over_the_borders_of_batches(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "BATCH", 2)
    content = HEADER + row("D-1") + row("D-2") + row("D-3") + row("D-1") + row("D-4")
    report = load(office, tmp_path, content, row_wise=True)
    assert [(fault.row, fault.message) for fault in report.faults] == [
        (5, "Row 2 has the same document: keep one of the two.")
    ]
    assert (report.created, set(amounts(office))) == (4, {"D-1", "D-2", "D-3", "D-4"})


def test_a_file_marks_each_of_its_projects_once(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "BATCH", 2)
    rows = [row("D-1"), row("D-2", project="P/2"), row("D-3"), row("D-4"), row("D-5", "many"), row("0017"), row("017")]
    load(office, tmp_path, HEADER + "".join(rows), row_wise=True)
    project = table(Project).c
    versions = select(project.code, project.content_version)
    with office.read() as session:
        marked = {each.code: each.content_version for each in session.execute(versions)}
    assert marked == {"P/1": 2, "P/2": 2, "000412": 1, "RBSA": 1}


def test_two_new_numbers_of_one_file_that_differ_by_zeros_are_asked_about_as_they_are_one_by_one(
    office: Database, tmp_path: Path
) -> None:
    for first, second in (("0017", "017"), ("19", "019"), ("0021", "21"), ("00", "0")):
        content = HEADER + row("D-1") + row(first) + row(second)
        report = load(office, tmp_path, content, dry_run=True)
        found = [(fault.row, fault.rule) for fault in report.faults]
        assert found == [(4, "transaction.lost-zeros")], (first, second)
        assert f"{first} is posted already" in report.faults[0].message
    load(office, tmp_path, HEADER + row("0017") + row("017") + row("17"), row_wise=True)
    assert set(amounts(office)) == {"0017"}


def test_nothing_is_posted_to_what_is_archived(office: Database, tmp_path: Path) -> None:
    with office.write("anna") as session:
        archive_project(session, LOCAL, session.scalars(select(Project).where(table(Project).c.code == "P/2")).one())
    report = load(office, tmp_path, HEADER + row("D-1") + row("D-2", project="P/2"), row_wise=True)
    assert [(fault.row, fault.rule) for fault in report.faults] == [(3, "archived")]
    assert amounts(office) == {"D-1": 10}


def test_rows_with_faults_take_as_many_statements_however_many_they_are(office: Database, tmp_path: Path) -> None:
    header = "document,project,type,date,amount,currency,agreement,adjusts,reason,assistance\n"
    asked = []
    # both fewer than SQLite is given in one statement
    for prefix, number in (("A", 20), ("B", 60)):
        rows = []
        for n in range(number):
            project, adjusts = ("P/9", "") if n % 2 else ("P/1", f"{prefix}-{n + 1}")
            agreement, day = "A-9" if n % 3 else "A-1", "2025-03-01" if n % 5 else "2026-03-01"
            rows.append(f"{prefix}-{n},{project},expenditure,{day},10,USD,{agreement},{adjusts},Refund,staff\n")
        with count_queries(office) as statements:
            report = load(office, tmp_path, header + "".join(rows), row_wise=True, source=prefix)
        assert (report.created, len({fault.row for fault in report.faults})) == (0, number)
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_rows_that_need_a_closer_look_go_in_together_as_they_do_alone(office: Database, tmp_path: Path) -> None:
    header = "document,project,pool,agreement,type,date,amount,currency,receiver,adjusts,reason\n"
    rows = (
        "{0}-1,P/1,,,expenditure,2026-03-01,{1},USD,,,\n"
        "{0}-2,P/2,,A-1,expenditure,2026-03-01,5,USD,NLD,,\n"
        "{0}-4,P/1,,,expenditure,2026-03-02,-4,USD,{0} Builders,{0}-1,Refund\n"
        "{0}-5,P/1,,,expenditure,2026-03-02,-1,USD,,{0}-4,Of the refund\n"
        "{0}-6,P/1,,,expenditure,2026-03-02,-1,USD,,{0}-9,Not there\n"
        "{0}-7,P/1,RBSA,,disbursement,2026-03-01,7,USD,,,\n"
        "{0}-8,P/9,,,expenditure,2025-03-02,0,USD,,,\n"
    )
    told = []
    event = table(AuditEvent).c
    for prefix, ahead in (("zza", True), ("zzb", False)):
        story = []
        with office.read() as session:
            before = session.scalar(select(func.max(event.id))) or 0
        for amount in ("10", "12", "12.50"):
            path = tmp_path / "ledger.csv"
            path.write_text(header + rows.format(prefix, amount), encoding="utf-8")
            whole = kind("transactions") if ahead else replace(kind("transactions"), ahead=None)
            report = import_table(office, LOCAL, whole, path, today=TODAY, row_wise=True)
            faults = [(fault.row, fault.column, fault.message) for fault in report.faults]
            story.append((report.created, report.updated, report.unchanged, faults))
        with office.read() as session:
            kept = select(event.entity, event.action, event.before, event.after).where(event.id > before)
            story += [tuple(each) for each in session.execute(kept.order_by(event.id)) if each[0] != "table_imports"]
            assert verify(session) == []
        told.append(re.sub(rf"'(\w+_)?id': [0-9]+|{prefix}|'recorded_at': '[^']*'", "", repr(story)))
    assert told[0] == told[1]


def test_encumbrances_that_stand_as_the_file_says_are_not_looked_at_one_by_one(
    office: Database, tmp_path: Path
) -> None:
    path = tmp_path / "bound.csv"

    def put(count: int, ended: str = "") -> tuple[TableReport, int]:
        rows = [f"B{number},P/1,2026-02-01,10,USD,{ended if number == 1 else ''}\n" for number in range(1, count + 1)]
        path.write_text("document,project,date,amount,currency,released_on\n" + "".join(rows), encoding="utf-8")
        with count_queries(office) as counted:
            report = import_table(office, LOCAL, kind("encumbrances"), path, today=TODAY)
        return report, sum("SAVEPOINT" in statement for statement in counted)

    put(12, ended="2026-03-01")
    report, savepoints = put(1, ended="2026-03-01")
    assert (report.unchanged, report.findings, savepoints) == (1, [], 0)
    # one that ended and stands in the file without its end is remarked on, and it alone is looked at
    report, savepoints = put(12)
    assert (report.unchanged, [finding.rule for finding in report.findings]) == (12, ["encumbrance.ended"])
    assert savepoints == put(1)[1]


def test_a_voucher_that_is_reversed_under_its_own_number_is_asked_back(office: Database, tmp_path: Path) -> None:
    """Nothing is left of it in the finance system; the difference between the two would leave the opposite here."""
    assert load(office, tmp_path, f"{HEADER}V1,P/1,expenditure,2026-03-01,50,USD,x\n").created == 1
    (fault,) = load(office, tmp_path, f"{HEADER}V1,P/1,expenditure,2026-03-01,-50,USD,x\n").faults
    assert (fault.row, fault.column, fault.rule) == (2, "amount", "transaction.reversed")
    assert "V1 is posted with 50 and stands here with the other sign" in fault.message
    # another amount is the voucher as it stands now
    assert load(office, tmp_path, f"{HEADER}V1,P/1,expenditure,2026-03-01,-49,USD,x\n").updated == 1
