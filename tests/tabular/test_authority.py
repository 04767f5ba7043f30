"""Tables open no door that single records keep shut: an officer of a unit, rows that touch another one."""

from pathlib import Path

import pytest

from app.db.engine import Database
from app.domain.access import Actor
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY
from tests.tabular.two_units import fill

#: kind of table, its header, a row of the own unit's, and rows that touch another unit
TABLES = {
    "projects": ("code,title,status,unit", "OWN/1,Work,implementation,OWN", ["OWN/1,Work,implementation,OTHER"]),
    "agreements": (
        "reference,partner,title,preset,status,signed_on,currency,amount",
        "A-OWN,NLD,Changed,project,signed,2020-01-01,USD,1000",
        [
            "A-OTHER,NLD,Changed,project,signed,2020-01-01,USD,1000",
            "A-BOTH,NLD,Changed,project,signed,2020-01-01,USD,1000",
        ],
    ),
    "report-schedules": (
        "agreement,kind,first_due",
        "A-OWN,financial,2027-01-01",
        ["A-OTHER,financial,2027-01-01", "A-BOTH,financial,2027-01-01"],
    ),
    "agreement-amendments": (
        "agreement,decided_on,reason,ends_on",
        "A-OWN,2026-01-01,Extended,2030-12-31",
        ["A-OTHER,2026-01-01,Extended,2030-12-31", "A-BOTH,2026-01-01,Extended,2030-12-31"],
    ),
    "funding-shares": (
        "agreement,project,starts_on,percent",
        "A-OWN,OWN/1,2026-01-01,0",
        ["A-OTHER,OWN/1,2026-01-01,0", "A-OWN,OTHER/1,2026-01-01,0", "A-BOTH,OWN/1,2026-01-01,0"],
    ),
    "instalments": ("agreement,due_on,amount", "A-OWN,2027-01-01,5", ["A-OTHER,2027-01-01,5", "A-BOTH,2027-01-01,5"]),
    "allocations": (
        "project,fiscal_year,source,kind,decided_on,amount,currency",
        "OWN/1,2026,A-BOTH,original,2026-01-01,5,USD",
        ["OWN/1,2026,A-OTHER,original,2026-01-01,5,USD", "OTHER/1,2026,A-BOTH,original,2026-01-01,5,USD"],
    ),
    "transactions": (
        "document,project,pool,agreement,type,date,amount,currency",
        "T-1,OWN/1,,A-BOTH,expenditure,2026-01-31,5,USD",
        [
            "T-1,OWN/1,,A-OTHER,expenditure,2026-01-31,5,USD",
            "T-1,OWN/1,RBSA,,disbursement,2026-01-31,5,USD",
            "T-1,OWN/1,RBSA,,incoming-funds,2026-01-31,5,USD",
        ],
    ),
    "evaluations": (
        "reference,kind,independence,projects,status",
        "E-1,final,self,OWN/1,planned",
        ["E-1,final,self,OWN/1|OTHER/1,planned", "E-1,final,self,OTHER/1,planned"],
    ),
}


@pytest.fixture
def officer(database: Database) -> Actor:
    use_codelists(portfolio.known)
    return Actor(name="bela", role=Role.OFFICER, unit_id=filled(database, fill))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_asks_for_every_side_of_its_rows(database: Database, officer: Actor, tmp_path: Path, name: str) -> None:
    header, own, others = TABLES[name]
    file = tmp_path / f"{name}.csv"

    def messages(row: str) -> list[str]:
        file.write_text(f"{header}\n{row}\n", encoding="utf-8")
        return [fault.message for fault in import_table(database, officer, kind(name), file, today=TODAY).faults]

    for row in others:
        (told,) = messages(row)
        assert "an administrator may" in told, row
    assert messages(own) == []
