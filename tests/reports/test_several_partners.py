"""An agreement of several partners counts for each by its part."""

import io
from decimal import Decimal

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement
from app.db.partners import Organisation, Partner
from app.db.portions import OfKeys
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Screening
from app.errors import InvalidInput
from app.evaluations.obligations.queries_facts import funders
from app.funding import service
from app.funding.schemas import AgreementIn, FundingShareIn, InstalmentIn
from app.funding.shares import put_funding_share, put_instalment
from app.publishing.codes import code_checker
from app.publishing.exporting.activities_file import export_activities
from app.reports.service import run
from app.spending.ledger import put_transaction
from app.spending.schemas import RateIn, TransactionIn
from app.spending.service import put_rate
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY

BODY = {
    "reference": "A-1", "partner": "NLD", "title": "Joint", "preset": "project", "status": "signed",
    "signed_on": "2025-01-15", "currency": "USD", "amount": "1000",
}  # fmt: skip


def fill(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("NLD", "SWE", "NOR"):
            portfolio.partner(session, code)
        session.scalars(select(Organisation).where(Organisation.identifier == "XX-OWN")).one().type = "40"  # type: ignore[arg-type]
        portfolio.project(session, "P1", description="Wages", planned_start="2025-01-01", planned_end="2026-12-31")


@pytest.fixture
def store(database: Database) -> Database:
    use_codelists(code_checker(None))
    filled(database, fill)
    return database


def agree(database: Database, **values: object) -> None:
    with database.write("tests") as session:
        service.put_agreement(session, LOCAL, AgreementIn.model_validate({**BODY, **values}), today=TODAY)


def test_approvals_and_delivery_by_partner_follow_the_parts(store: Database) -> None:
    agree(store, further_partners=["SWE:40", "NOR:10.5 %"])
    with store.write("tests") as session:
        assert session.scalars(select(Agreement)).one().further_partners == ["SWE:40", "NOR:10.5"]
        portfolio.share(session, 1, 1)
        body = {"document": "D1", "project": "P1", "agreement": "A-1", "type": "expenditure", "date": "2025-05-01"}
        spent = TransactionIn.model_validate({**body, "amount": "200", "currency": "USD"})
        put_transaction(session, LOCAL, spent, today=TODAY)
    with store.read() as session:
        rows = run(session, "approvals", period="2025", as_of=TODAY, by=("partner",)).rows
        assert {row["partner"]: Decimal(str(row["total"])) for row in rows} == {
            "NLD": Decimal("495"),
            "SWE": Decimal("400"),
            "NOR": Decimal("105"),
        }
        rows = run(session, "delivery", period="2025", as_of=TODAY, by=("partner",)).rows
        assert {row["partner"]: Decimal(str(row["expenditure"])) for row in rows} == {
            "NLD": Decimal("99"),
            "SWE": Decimal("80"),
            "NOR": Decimal("21"),
        }


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        (["SWE"], "/further_partners/0"),
        (["SWE:0"], "/further_partners/0"),
        (["SWE:40", "FIN:10"], "/further_partners/1"),
        (["NLD:40"], "/further_partners/0"),
        (["SWE:40", "SWE:10"], "/further_partners/1"),
        (["SWE:60", "NOR:40"], "/further_partners"),
    ],
)
def test_parts_that_cannot_be_are_refused(store: Database, parts: list[str], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        agree(store, further_partners=parts)
    assert [fault.pointer for fault in refused.value.faults] == [place]


def test_every_partner_is_cleared_before_it_signs(store: Database) -> None:
    with store.write("tests") as session:
        partner = session.scalars(select(Partner).where(Partner.code == "SWE")).one()  # type: ignore[arg-type]
        partner.screening = Screening.PENDING
    with pytest.raises(InvalidInput) as refused:
        agree(store, further_partners=["SWE:40"], signed_on="2026-02-01")
    assert "SWE" in refused.value.faults[0].message


def test_each_partner_of_an_agreement_has_its_own_lines_in_reports_and_publications(store: Database) -> None:
    agree(store, further_partners=["SWE:40", "NOR:10"])
    with store.write("tests") as session:
        body = FundingShareIn.model_validate({"agreement": "A-1", "project": "P1", "percent": "100"})
        put_funding_share(session, LOCAL, body, today=TODAY)
        instalment = InstalmentIn.model_validate({"agreement": "A-1", "due_on": "2025-06-30", "amount": "300"})
        put_instalment(session, LOCAL, instalment, today=TODAY)
        # Sweden pays its part itself; of what came without a name everybody gave a part
        for document, amount, provider in (("R1", "80", "SWE"), ("R2", "100", None)):
            receipt = {"document": document, "project": "P1", "agreement": "A-1", "type": "incoming-funds"}
            receipt |= {"date": "2025-06-01", "amount": amount, "currency": "USD", "provider": provider}
            put_transaction(session, LOCAL, TransactionIn.model_validate(receipt), today=TODAY)
        session.scalars(select(Partner).where(Partner.code == "NOR")).one().screening = Screening.PENDING  # type: ignore[arg-type]
    with store.read() as session:
        rows = run(session, "contributors", period="2025", as_of=TODAY, options={"basis": "receipts"}).rows
        assert {row["partner"]: row["amount"] for row in rows} == {"NLD": "50.00", "SWE": "120.00", "NOR": "10.00"}
        briefing = run(session, "partner-briefing", period="2025", as_of=TODAY, options={"partner": "SWE"}).rows
        told = {row["section"]: row for row in briefing}
        assert (told["agreement"]["amount"], told["agreement"]["received"]) == ("400.00", "120.00")
        assert told["agreement"]["state"] == "signed, 40 % of it beside NLD, NOR"
        assert (told["instalment"]["amount"], told["instalment"]["state"]) == ("120.00", "paid")
        assert "A-1: unscreened" in [row["item"] for row in briefing if row["section"] == "finding"]
        assert run(session, "portfolio", period=None, as_of=TODAY).totals["partners"] == 3
        (project,) = session.scalars(select(Project.id))  # type: ignore[call-overload]
        assert [sorted(codes) for codes in funders(session, OfKeys([project])).values()] == [["NLD", "NOR", "SWE"]]
    out = io.BytesIO()
    account = export_activities(store, out, as_of=TODAY)
    root = etree.fromstring(out.getvalue())
    funding = [each.findtext("narrative") for each in root.iterfind(".//participating-org[@role='1']")]
    assert funding == ["NLD", "SWE"]
    given = [
        (each.find("transaction-type").get("code"), each.findtext("provider-org/narrative"), each.findtext("value"))
        for each in root.iterfind(".//transaction")
    ]
    assert sorted(given) == [
        ("1", "NLD", "50.00"),
        ("1", "SWE", "40.00"),
        ("1", "SWE", "80"),
        ("11", "NLD", "500.00"),
        ("11", "SWE", "400.00"),
    ]
    assert "part of NOR in transaction 1" in {each.what for each in account.exclusions}


def test_what_a_partner_pays_in_its_own_currency_stands_against_its_instalments(store: Database) -> None:
    agree(store, further_partners=["SWE:40", "NOR:10"])
    with store.write("tests") as session:
        put_rate(session, LOCAL, RateIn.model_validate({"currency": "NOK", "effective_on": "2025-01-01", "rate": "3"}))
        body = InstalmentIn.model_validate({"agreement": "A-1", "due_on": "2025-06-30", "amount": "500"})
        put_instalment(session, LOCAL, body, today=TODAY)
        for document, amount, currency, provider in (("R1", "100", "NOK", "NOR"), ("R2", "90", "USD", None)):
            receipt = {"document": document, "project": "P1", "agreement": "A-1", "type": "incoming-funds"}
            receipt |= {"date": "2025-06-01", "amount": amount, "currency": currency, "provider": provider}
            put_transaction(session, LOCAL, TransactionIn.model_validate(receipt), today=TODAY)
    with store.read() as session:
        (whole,) = run(session, "receipts", period="2025", as_of=TODAY).rows
        assert (whole["received"], whole["late"]) == ("123.33", "376.67")
        (duty,) = run(session, "agreements-due", period="2025", as_of=TODAY).rows
        assert (duty["state"], duty["received"]) == ("partly paid", "123.33")
        table = run(session, "receipts", period="2025", as_of=TODAY, by=("partner",))
        figures = {row["partner"]: (row["agreed"], row["received"], row["due"], row["late"]) for row in table.rows}
        assert figures == {
            "NLD": ("500.00", "45.00", "250.00", "205.00"),
            "SWE": ("400.00", "36.00", "200.00", "164.00"),
            "NOR": ("100.00", "42.33", "50.00", "7.67"),
        }
        assert table.totals["received"] == "123.33"
        (own,) = run(session, "receipts", period="2025", as_of=TODAY, options={"partner": "NOR"}).rows
        assert (own["agreement"], own["received"]) == ("A-1", "42.33")
        briefing = run(session, "partner-briefing", period="2025", as_of=TODAY, options={"partner": "NOR"}).rows
        (paid,) = [row for row in briefing if row["section"] == "instalment"]
        assert (paid["amount"], paid["received"]) == ("50.00", "42.33")
        assert str(paid["state"]).startswith("partly paid")


def test_an_instalment_is_paid_by_its_value_in_another_currency_and_what_is_put_right_on_a_day_was_never_otherwise(
    store: Database,
) -> None:
    agree(store, currency="EUR", further_partners=["SWE:33.33"])
    paid = ("R1", "2025-06-01", "114.94"), ("R2", "2025-08-01", "-114.94"), ("R3", "2025-08-01", "114.94")
    with store.write("tests") as session:
        rate = {"currency": "EUR", "effective_on": "2025-01-01", "rate": "0.87"}
        put_rate(session, LOCAL, RateIn.model_validate(rate))
        for due_on, amount in (("2025-06-30", "39.99"), ("2025-07-31", "60.01")):
            body = InstalmentIn.model_validate({"agreement": "A-1", "due_on": due_on, "amount": amount})
            put_instalment(session, LOCAL, body, today=TODAY)
        for place, (document, day, amount) in enumerate(paid):
            receipt = {"document": document, "project": "P1", "agreement": "A-1", "type": "incoming-funds"}
            receipt |= {"date": day, "amount": amount, "currency": "USD", "value_date": f"2025-0{6 + place}-01"}
            put_transaction(session, LOCAL, TransactionIn.model_validate(receipt), today=TODAY)
    with store.read() as session:
        assert run(session, "agreements-due", period="2025", as_of=TODAY).rows == ()
        (whole,) = run(session, "receipts", period="2025", as_of=TODAY).rows
        assert (whole["late"], whole["days_late"]) == ("0.00", None)
        for row in run(session, "receipts", period="2025", as_of=TODAY, by=("partner",)).rows:
            assert (row["late"], row["days_late"]) == ("0.00", None), row
        for partner in ("NLD", "SWE"):
            briefing = run(session, "partner-briefing", period="2025", as_of=TODAY, options={"partner": partner})
            lines = [row for row in briefing.rows if row["section"] == "instalment"]
            assert [(row["amount"] == row["received"], row["state"]) for row in lines] == [(True, "paid")] * 2
            assert {"EUR", "USD"} & {rate.currency for rate in briefing.rates}


def test_the_parts_of_receipts_make_the_total_as_they_are_printed(store: Database) -> None:
    agree(store, amount="100.01", further_partners=["SWE:50"])
    with store.read() as session:
        table = run(session, "receipts", period="2025", as_of=TODAY, by=("partner",))
        parts = [Decimal(str(row["agreed"])) for row in table.rows]
        assert sum(parts) == Decimal(str(table.totals["agreed"])) == Decimal("100.01")


def test_what_came_without_a_rate_is_told_where_instalments_are_late(store: Database) -> None:
    agree(store)
    with store.write("tests") as session:
        for due_on in ("2025-06-30", "2025-09-30"):
            body = InstalmentIn.model_validate({"agreement": "A-1", "due_on": due_on, "amount": "500"})
            put_instalment(session, LOCAL, body, today=TODAY)
        receipt = {"document": "R1", "project": "P1", "agreement": "A-1", "type": "incoming-funds"}
        receipt |= {"date": "2025-06-01", "amount": "100", "currency": "NOK"}
        put_transaction(session, LOCAL, TransactionIn.model_validate(receipt), today=TODAY)
    with store.read() as session:
        due = run(session, "agreements-due", period="2025", as_of=TODAY)
        assert [row["received"] for row in due.rows] == ["0", "0"]
        briefing = run(session, "partner-briefing", period="2025", as_of=TODAY, options={"partner": "NLD"})
        for table in (due, briefing):
            assert table.remarks.count("There is no rate of NOK on or before 2025-06-01.") == 1
