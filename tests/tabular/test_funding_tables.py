"""Agreements, shares and instalments go in together, and tell the story of rows that go in one by one."""

import datetime as dt
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.base import table
from app.db.dated import FundingShareRevision
from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision, FundingShare, Instalment
from app.db.people import AuditEvent
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.funding.presets import ship_presets
from app.people.audit import verify
from app.publishing.codes import code_checker
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY
from tests.queries import count_queries

_event = table(AuditEvent).c
_KEYS = re.compile(r"'(\w+_)?id': \d+|'recorded_at': '[^']*'")

AGREEMENTS = "reference,partner,title,preset,status,signed_on,starts_on,ends_on,currency,amount,support_cost_rate"
SHARES = "agreement,project,starts_on,ends_on,amount,percent,decided_on,note"
INSTALMENTS = "agreement,due_on,amount,decided_on,note"


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session, closed_until=dt.date(2019, 12, 31))
        ship_presets(session)
        for code in ("P/1", "P/2", "P/3"):
            portfolio.project(session, code)
        portfolio.partner(session, "NLD")
        portfolio.partner(session, "SWE")


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(code_checker(None))
    filled(database, fill)
    return database


def load(database: Database, name: str, rows: str, folder: Path, *, ahead: bool = True) -> TableReport:
    path = folder / f"{name}.csv"
    path.write_text(rows, encoding="utf-8")
    whole = kind(name) if ahead else replace(kind(name), ahead=None)
    return import_table(database, LOCAL, whole, path, today=TODAY, row_wise=True)


_TABLES = (
    (
        "agreements",
        f"{AGREEMENTS},further_partners,earmarked_for_refs,framework\n",
        (
            "{0}-1,NLD,One,project,signed,2024-02-01,2024-02-01,2027-01-31,USD,1000,13,,country:KE|project:P/9,F\n"
            "{0}-2,SWE,Two,project,pledged,,2025-01-01,2026-12-31,EUR,500,7,NLD:40,outcome:1,\n"
            "{0}-3,NOBODY,Three,project,signed,2024-02-01,,,USD,1000,,,,\n"
            "{0}-4,NLD,Four,nothing,signed,2024-02-01,,,USD,1000,,,,\n"
            "{0}-5,NLD,Five,project,completed,2018-02-01,2018-02-01,2018-12-31,USD,0,13,,,\n"
        ),
    ),
    (
        "funding-shares",
        SHARES + "\n",
        (
            "{0}-1,P/1,2024-02-01,,400,,,\n{0}-1,P/2,2024-02-01,,,50,,half\n{0}-1,P/3,2024-02-01,,200,,,too much\n"
            "{0}-2,P/1,,,,100,,\n{0}-9,P/1,,,,100,,\n{0}-1,P/9,,,10,,,\n"
        ),
    ),
    (
        "instalments",
        INSTALMENTS + "\n",
        (
            "{0}-1,2024-06-30,500,,first\n{0}-1,2025-06-30,500,,\n{0}-2,2025-06-30,100,2025-01-02,\n"
            "{0}-9,2025-06-30,5,,\n{0}-1,2025-06-30,5,2999-01-01,\n"
        ),
    ),
    # what stands is changed: amount, signature, ends; what the signature posts follows
    (
        "agreements",
        f"{AGREEMENTS},decided_on,reason,further_partners\n",
        (
            "{0}-1,NLD,One,project,signed,2024-02-01,2024-02-01,2027-06-30,USD,1200,13,2025-03-01,Extended,\n"
            "{0}-2,SWE,Two,project,signed,2025-05-01,2025-01-01,2026-12-31,EUR,500,7,,,NLD:40\n"
            "{0}-5,NLD,Five,project,pledged,,,,USD,0,13,,,\n"
            "{0}-6,NLD,Six,project,signed,2026-02-01,,,USD,10,,,,\n"
        ),
    ),
    # a day that was wrong, and a change in a closed period: what is refused leaves nothing behind
    (
        "agreements",
        f"{AGREEMENTS},decided_on\n",
        (
            "{0}-2,SWE,Two,project,signed,2025-05-02,2025-01-01,2026-12-31,EUR,500,7,\n"
            "{0}-7,NLD,Seven,project,signed,2019-05-02,2019-01-01,2026-12-31,EUR,500,7,\n"
        ),
    ),
    (
        "funding-shares",
        SHARES + "\n",
        (
            "{0}-1,P/1,2024-02-01,,300,,2025-04-01,less\n{0}-7,P/1,,,100,,,closed\n{0}-7,P/2,,,450,,2025-01-01,open\n"
            "{0}-1,P/3,2024-02-01,,200,,2025-04-02,\n"
        ),
    ),
    (
        "funding-shares",
        SHARES + "\n",
        "{0}-1,P/2,2024-02-01,,,40,2025-05-01,\n{0}-1,P/1,2024-02-01,,350,,2025-01-01,learnt late\n",
    ),
    # several decisions on one record
    ("funding-shares", SHARES + "\n", "{0}-6,P/1,,,5,,2026-02-01,\n{0}-6,P/1,,,6,,2026-03-01,\n{0}-6,P/2,,,1,,,\n"),
    (
        "instalments",
        INSTALMENTS + "\n",
        "{0}-1,2024-06-30,600,2024-03-01,more\n{0}-1,2025-06-30,500,,words\n{0}-6,2026-12-31,5,,\n",
    ),
    ("instalments", INSTALMENTS + "\n", "{0}-6,2026-11-30,5,2026-02-01,\n{0}-6,2026-11-30,6,2026-03-01,\n"),
)


def test_rows_that_go_in_together_tell_the_story_of_rows_that_go_in_alone(office: Database, tmp_path: Path) -> None:
    told = []
    for prefix, ahead in (("zza", True), ("zzb", False)):
        story = []
        with office.read() as session:
            before = session.scalar(select(func.max(_event.id))) or 0
        for name, header, rows in _TABLES:
            for _again in range(2):
                report = load(office, name, header + rows.format(prefix), tmp_path, ahead=ahead)
                faults = [(each.row, each.column, each.message) for each in (*report.faults, *report.findings)]
                story.append(repr((name, report.created, report.updated, report.unchanged, faults)).replace(prefix, ""))
        chains: dict[str, list[str]] = defaultdict(list)
        with office.read() as session:
            events = (
                select(table(AuditEvent))
                .where(_event.id > before, _event.entity != "table_imports")
                .order_by(_event.id)
            )
            for event in session.execute(events):
                kept = [_KEYS.sub("", repr(each)) for each in (event.before, event.after)]
                chains[event.entity].append(f"{event.action} {kept}".replace(prefix, ""))
            entry = table(LedgerEntry).c
            entries = select(entry.document, entry.date, entry.amount).order_by(entry.document)
            posted = [
                tuple(row) for row in session.execute(entries.where(func.coalesce(entry.document, "").contains(prefix)))
            ]
            assert verify(session) == []
        told.append((story, dict(chains), repr(posted).replace(prefix, "")))
    assert told[0][0] == told[1][0]
    assert told[0][1] == told[1][1]
    assert told[0][2] == told[1][2]


def test_tables_of_agreements_take_as_many_statements_whatever_their_length(office: Database, tmp_path: Path) -> None:
    tables = (
        ("agreements", f"{AGREEMENTS}\n", "{0}-{1},NLD,One,project,signed,2024-02-01,,,USD,1000,13\n"),
        ("funding-shares", SHARES + "\n", "{0}-{1},P/1,2024-02-01,,400,,,\n"),
        ("instalments", INSTALMENTS + "\n", "{0}-{1},2024-06-30,500,,\n"),
        # what stands is changed
        ("agreements", f"{AGREEMENTS}\n", "{0}-{1},NLD,One,project,signed,2024-02-01,,,USD,1100,13\n"),
        ("funding-shares", SHARES + "\n", "{0}-{1},P/1,2024-02-01,,300,,,\n"),
        ("instalments", INSTALMENTS + "\n", "{0}-{1},2024-06-30,600,,\n"),
    )
    asked = []
    # SQLite is given 64, 8 and 1 in a statement: both have some of each
    for prefix, number in (("A", 64 + 8 + 1), ("B", 2 * 64 + 8 + 1)):
        counts = []
        for name, header, row in tables:
            with count_queries(office) as statements:
                report = load(office, name, header + "".join(row.format(prefix, n) for n in range(number)), tmp_path)
            assert (report.faults, report.created + report.updated) == ([], number)
            counts.append(len(statements))
        asked.append(counts)
    assert asked[1] == asked[0]
    assert count(office, Agreement) == 210
    assert count(office, AgreementRevision) == 420
    assert count(office, FundingShareRevision) == 420
    assert count(office, FundingShare) == count(office, Instalment) == 210
    assert count(office, LedgerEntry) == 420


def count(database: Database, row: type[object]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table(row))) or 0  # type: ignore[arg-type]
