"""How large the portfolio is, and what outcomes still need."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.db.base import utc_now
from app.db.engine import Database
from app.db.partners import Partner
from app.db.revisions import append
from app.domain.access import LOCAL
from app.domain.terms import PartnerCategory, Screening
from app.errors import InvalidInput
from app.funding.schemas import AgreementIn, FundingShareIn
from app.funding.service import put_agreement
from app.funding.shares import put_funding_share
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from app.spending.budgets import put_institutional_budget
from app.spending.schemas import AllocationIn, InstitutionalBudgetIn, RateIn
from app.spending.service import put_allocation, put_rate
from tests import portfolio
from tests.conftest import nothing_stays
from tests.portfolio import TODAY
from tests.queries import count_queries


def report(session: Session, name: str, period: str | None = None, *by: str, as_of: dt.date = TODAY) -> ReportTable:
    return run(session, name, period=period, as_of=as_of, by=by)


def row(table: ReportTable, value: str | None) -> list[Cell]:
    """The figures of the row of this value."""
    (found,) = [each for each in table.rows if each[table.columns[0]] == value]
    return [found[name] for name in table.columns[1:]]


def agree(session: Session, reference: str, partner: str, amount: str, **values: Any) -> None:
    body = {"reference": reference, "partner": partner, "title": reference, "preset": "project", "status": "signed"}
    body |= {"signed_on": "2024-01-10", "currency": "USD", "amount": amount, **values}
    put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)


def share(session: Session, agreement: str, project: str, **values: Any) -> None:
    body = FundingShareIn.model_validate({"agreement": agreement, "project": project, **values})
    put_funding_share(session, LOCAL, body, today=TODAY)


def need(session: Session, outcome: str, amount: str, country: str | None = None, year: str = "2025") -> None:
    body = {"kind": "need", "line": outcome, "period_start": f"{year}-01-01", "period_end": f"{year}-12-31"}
    body |= {"amount": amount, "currency": "USD", "country": country}
    put_institutional_budget(session, LOCAL, InstitutionalBudgetIn.model_validate(body), today=TODAY)


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Database:
    """Three projects, two partners, two units."""
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
        for code, region in (("AFRICA", "africa"), ("ASIA", "asia")):
            portfolio.unit(session, code).region = region
        session.flush()
        countries = [{"code": "GH", "percentage": "25"}, {"code": "CI", "percentage": "75"}]
        long = {"planned_start": "2024-01-01", "planned_end": "2026-12-31"}
        money = {"total_budget": "1000", "currency": "USD"}
        portfolio.project(session, "COCOA", unit="AFRICA", outcome="3", countries=countries, **long, **money)
        portfolio.project(session, "COTTON", unit="AFRICA", outcome="3", countries=[{"code": "GH"}], **long)
        portfolio.project(
            session, "GARMENT", unit="ASIA", outcome="4", status="closed", planned_start="2019-01-01",
            planned_end="2020-12-31", total_budget="90", currency="EUR",
        )  # fmt: skip
        portfolio.pool(session, "RBSA")
        for code in ("NLD", "SWE"):
            portfolio.partner(session, code)
        agree(session, "N-1", "NLD", "300", starts_on="2025-01-01", ends_on="2026-12-31")
        agree(session, "S-1", "SWE", "40")
        agree(session, "S-2", "SWE", "50", status="pledged", signed_on=None, decided_on="2025-03-01")
        agree(session, "A-1", "SWE", "7", preset="assessed", signed_on="2025-02-01")
        share(session, "N-1", "COCOA", percent="100")
        share(session, "S-1", "COCOA", percent="50", starts_on="2025-01-01", ends_on="2025-12-31")
        share(session, "S-2", "COTTON", percent="100")
        share(session, "A-1", "COTTON", percent="100")
    return shared_database


@pytest.fixture
def session(office: Database) -> Iterator[Session]:
    """A writing session on what the tests share, of which nothing stays."""
    with nothing_stays(office) as session:
        yield session


def test_projects_partners_and_countries_count_once(session: Session) -> None:
    table = report(session, "portfolio")
    assert table.columns == ("stage", "projects", "partners", "countries", "budget")
    assert [each["stage"] for each in table.rows] == ["implementation", "closed"]
    assert row(table, "implementation") == [2, 2, 2, "1000.00"]
    assert row(table, "closed") == [1, 0, 0, None]
    assert table.totals == {"projects": 3, "partners": 2, "countries": 2, "budget": None}
    assert "There is no rate of EUR on or before 2026-11-20." in table.remarks
    assert "1 project states no total budget." in table.remarks
    rate = RateIn.model_validate({"currency": "EUR", "effective_on": "2026-01-01", "rate": "0.9"})
    put_rate(session, LOCAL, rate)
    table = report(session, "portfolio")
    assert table.totals["budget"] == "1100.00"
    assert [str(rate) for rate in table.rates] == ["EUR 0.9 per USD from 2026-01-01"]


def test_a_portfolio_holds_what_runs_in_the_period(session: Session) -> None:
    assert report(session, "portfolio", "2020").totals["projects"] == 1
    assert report(session, "portfolio", "2021..2023").totals["projects"] == 0
    assert row(report(session, "portfolio", "2025", "region"), "africa") == [2, 2, 2, "1000"]
    assert row(report(session, "portfolio", None, "unit"), "ASIA") == [1, 0, 0, None]


def test_projects_are_counted_by_the_kind_of_their_partners(session: Session) -> None:
    portfolio.partner(session, "ACME", PartnerCategory.PRIVATE_SECTOR)
    portfolio.partner(session, "GIVE", PartnerCategory.FOUNDATION)
    for code in ("ACME", "GIVE"):
        session.scalars(select(Partner).where(Partner.code == code)).one().screening = Screening.CLEARED  # type: ignore[arg-type]
        agree(session, f"{code}-1", code, "10")
    share(session, "ACME-1", "COCOA", percent="50")
    share(session, "ACME-1", "COTTON", starts_on="2026-01-01", percent="50")
    share(session, "GIVE-1", "COCOA", percent="100")
    table = report(session, "portfolio", "2025", "category")
    found = {each["category"]: tuple(each[name] for name in table.columns[1:]) for each in table.rows}
    assert found == {
        "foundation": (1, 1, 2, "1000"),
        "government": (2, 2, 2, "1000"),
        "private-sector": (2, 1, 2, "1000"),
    }
    assert table.totals == {"projects": 2, "partners": 4, "countries": 2, "budget": "1000"}
    assert "2 projects stand in several rows." in table.remarks
    by_funding = report(session, "portfolio", None, "funding")
    assert row(by_funding, "non-state")[:2] == [2, 2]
    assert row(by_funding, "state")[:2] == [2, 2]
    assert row(by_funding, None)[:2] == [1, 0]


def test_a_signature_that_was_not_on_record_at_a_moment_is_none_then(session: Session) -> None:
    """What was pledged when the moment passed was signed later, on a day before it."""
    body = {"status": "pledged", "signed_on": None, "decided_on": "2020-01-10"}
    agree(session, "G-1", "SWE", "10", **body)
    share(session, "G-1", "GARMENT", percent="100")
    session.flush()
    moment = utc_now()
    agree(session, "G-1", "SWE", "10", signed_on="2020-02-01", decided_on="2020-02-01")
    session.flush()

    def signed(**known: dt.datetime) -> tuple[Cell, ...]:
        table = run(session, "portfolio", as_of=TODAY, by=("signed", "unit"), **known)
        return tuple(each["signed"] for each in table.rows if each["unit"] == "ASIA")

    assert signed() == ("2020",)
    assert signed(recorded_at=moment) == (None,)
    assert run(session, "approvals", period="2020", as_of=TODAY, recorded_at=moment).rows == ()
    assert len(run(session, "approvals", period="2020", as_of=TODAY).rows) == 1


def test_a_portfolio_is_told_as_known_on_the_day(session: Session) -> None:
    cocoa = portfolio.project(session, "COCOA")
    changes: dict[str, str | None] = {"total_budget": "1500 USD", "stage": "finalisation"}
    append(session, cocoa, changes, known_on=dt.date(2026, 6, 1), reason="Second phase", recorded_by="tests")
    session.flush()
    assert row(report(session, "portfolio"), "finalisation") == [1, 2, 2, "1500.00"]
    before = report(session, "portfolio", None, as_of=dt.date(2026, 5, 31))
    assert row(before, "implementation") == [2, 2, 2, "1000.00"]
    assert row(report(session, "portfolio", None, as_of=dt.date(2025, 2, 28)), "implementation")[1] == 2


def test_a_gap_is_what_is_needed_less_what_is_there_signed_and_pledged(session: Session) -> None:
    need(session, "3", "1000")
    allocation = {"project": "COCOA", "fiscal_year": "2025", "source": "RB", "kind": "original", "amount": "100"}
    allocation |= {"decided_on": "2025-01-05", "currency": "USD"}
    put_allocation(session, LOCAL, AllocationIn.model_validate(allocation), today=TODAY)
    table = report(session, "pipeline", "2025")
    assert table.columns == ("outcome", "needed", "assessed", "signed", "pledged", "gap")
    # half of N-1 by days, the share of S-1, the pledge of March, RB and the assessed contribution
    assert row(table, "3") == ["1000.00", "107.00", "170.00", "50.00", "673.00"]
    assert table.totals["gap"] == "673.00"
    assert row(report(session, "pipeline", "2025", as_of=dt.date(2025, 2, 28)), "3")[3] == "0.00"


def test_a_gap_is_shared_out_over_countries(session: Session) -> None:
    need(session, "3", "400", "GH")
    need(session, "3", "600", "CI")
    table = report(session, "pipeline", "2025", "country")
    assert row(table, "GH") == ["400.00", "7.00", "42.50", "50.00", "300.50"]
    assert row(table, "CI") == ["600.00", "0.00", "127.50", "0.00", "472.50"]
    assert table.totals == report(session, "pipeline", "2025").totals


def test_money_for_an_outcome_counts_before_it_has_a_project(session: Session) -> None:
    need(session, "5", "100")
    agree(session, "N-5", "NLD", "30", signed_on="2025-05-01", earmarked_for="5")
    assert row(report(session, "pipeline", "2025"), "5") == ["100.00", "0.00", "30.00", "0.00", "70.00"]


def test_a_need_names_its_outcome(session: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        need(session, None, "1")  # type: ignore[arg-type]
    assert [fault.rule for fault in refused.value.faults] == ["institutional-budget.need"]


def test_both_need_a_constant_number_of_statements(session: Session, office: Database) -> None:
    def ask() -> list[int]:
        counts = []
        for name in ("portfolio", "pipeline"):
            session.expire_all()
            with count_queries(office) as seen:
                report(session, name, "2025")
            counts.append(len(seen))
        return counts

    # what was renamed since decisions were made is read once in a transaction
    ask()
    before = ask()
    for number in range(5):
        portfolio.project(session, f"MORE/{number}", outcome="3")
        share(session, "N-1", f"MORE/{number}", percent="0")
    session.flush()
    assert ask() == before
    assert max(before) <= 11
