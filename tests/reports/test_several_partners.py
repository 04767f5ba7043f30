"""An agreement of several partners counts for each by its part."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement
from app.db.partners import Partner
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Screening
from app.errors import InvalidInput
from app.funding import service
from app.funding.schemas import AgreementIn
from app.publishing.codes import code_checker
from app.reports.service import run
from app.spending.ledger import put_transaction
from app.spending.schemas import TransactionIn
from tests import portfolio
from tests.portfolio import TODAY

BODY = {
    "reference": "A-1", "partner": "NLD", "title": "Joint", "preset": "project", "status": "signed",
    "signed_on": "2025-01-15", "currency": "USD", "amount": "1000",
}  # fmt: skip


@pytest.fixture
def store(database: Database) -> Database:
    use_codelists(code_checker(None))
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("NLD", "SWE", "NOR"):
            portfolio.partner(session, code)
        portfolio.project(session, "P1")
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
