"""Amounts are read by the currency of the record that a form is about, and nothing else is taken for an amount."""

import re
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import select

from app.db.funding import AgreementRevision, Instalment
from app.db.projects import Project, ProjectRevision
from app.db.spending import LedgerEntry
from app.domain.terms import Role
from tests import portfolio
from tests.api import Api, TestClient
from tests.web.people import signed_in
from tests.web.test_forms import NEW, fields

AGREEMENT = {
    "reference": "A1", "partner": "KWT", "title": "Wells", "preset": "project", "status": "signed",
    "signed_on": "2026-01-10", "starts_on": "2026-02-01", "ends_on": "2027-12-31", "currency": "kwd",
    "amount": "400",
}  # fmt: skip


def in_dinars(api: Api, language: str) -> TestClient:
    with api.database.write("tests") as session:
        portfolio.set_up(session).currency = "KWD"
    return signed_in(api, Role.ADMIN, name="olga", language=language)


def stored(client: TestClient, page: str, given: dict[str, str]) -> str:
    """The address that the form leads to once it is taken."""
    hidden = {name: unescape(value) for name, value in fields(client.get(page).text).items()}
    answer = client.post(page, data=hidden | given)
    assert answer.status_code == 303, re.findall(r'-fault">(.*?)</p>', answer.text, re.S)
    return str(answer.headers["location"])


@pytest.mark.parametrize(("language", "sign"), [("en", "."), ("fr", ","), ("es", ",")])
def test_dinars_are_taken_by_every_form_about_a_record_that_is_in_dinars(api: Api, language: str, sign: str) -> None:
    client = in_dinars(api, language)
    # nobody named a currency: that of the organisation
    stored(client, "/projects/new", NEW | {"total_budget": f"100{sign}255"})
    with api.database.read() as session:
        project = session.scalars(select(Project)).one()
        assert (project.total_budget, project.budget_currency) == (Decimal("100.255"), "KWD")
    at = f"/projects/{project.id}"
    spent = {"document": "EX-1", "type": "4", "date": "2026-02-01"}
    stored(client, f"{at}/transactions/new", spent | {"amount": f"10{sign}255", "currency": "kwd"})
    less = {"document": "EX-2", "date": "2026-02-02", "amount": f"-1{sign}250", "reason": "Refund"}
    stored(client, f"{at}/transactions/1/adjust", less)
    stored(client, f"{at}/encumbrances/new", spent | {"document": "EN-1", "amount": f"5{sign}125", "currency": "KWD"})
    stored(client, "/encumbrances/1/liquidate", {"document": "EX-3", "date": "2026-02-03", "amount": f"4{sign}125"})
    decided = {"field": "total_budget", "decided_on": "2026-01-15", "reason": "More wells"}
    stored(client, f"{at}/decisions/new", decided | {"value": f"200{sign}255"})
    stored(client, f"{at}/decisions/new", decided | {"value": f"300{sign}255 kwd", "decided_on": "2026-01-16"})
    with api.database.read() as session:
        told = list(session.scalars(select(ProjectRevision.value).where(ProjectRevision.field == "total_budget")))
        assert {"200.255 KWD", "300.255 KWD"} <= set(told)
    with api.database.read() as session:
        amounts = list(session.scalars(select(LedgerEntry.amount).where(LedgerEntry.currency == "KWD")))
        assert sorted(map(abs, amounts))[:1] == [Decimal("1.250")]
        assert {Decimal("10.255"), Decimal("-1.250"), Decimal("4.125")} <= set(amounts)


def test_parts_of_an_agreement_in_dinars_are_read_in_dinars(api: Api) -> None:
    client = in_dinars(api, "fr")
    with api.database.write("tests") as session:
        portfolio.partner(session, "KWT")
    at = stored(client, "/agreements/new", AGREEMENT)
    stored(client, f"{at}/instalments/new", {"due_on": "2026-03-01", "amount": "250,125"})
    stored(client, f"{at}/amendments/new", {"decided_on": "2026-05-01", "reason": "More", "amount": "500,125"})
    with api.database.read() as session:
        assert session.scalars(select(Instalment.amount)).one() == Decimal("250.125")
        assert Decimal("500.125") in session.scalars(select(AgreementRevision.amount)).all()


def test_what_is_asked_about_a_currency_without_decimals_can_be_typed(api: Api) -> None:
    with api.database.write("tests") as session:
        portfolio.set_up(session)
    client = signed_in(api, Role.ADMIN, name="olga", language="fr")
    given = NEW | {"currency": "xof", "total_budget": "1,234"}
    refused = client.post("/projects/new", data=fields(client.get("/projects/new").text) | given)
    fault = unescape(re.findall(r'id="f-total_budget-fault">(.*?)</p>', refused.text, re.S)[0])
    assert refused.status_code == 422
    assert "1,2340" not in fault
    assert re.findall(r"\b1234\b", fault) == ["1234"]


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("code", ["01.02", "1.250", "7.5", "7,5", "1,234", "0012"])
def test_the_code_of_an_officer_is_no_figure(api: Api, language: str, code: str) -> None:
    with api.database.write("tests") as session:
        portfolio.set_up(session)
    client = signed_in(api, Role.ADMIN, name="olga", language=language)
    stored(client, "/projects/new", NEW | {"total_budget": "1000", "unit": api_unit(api)})
    with api.database.write("tests") as session:
        project = session.scalars(select(Project)).one()
        right = portfolio.officer(session, code, project.unit_id or 0).id
        others = {"1.02", "1.25", "1.2500", "7.50", "1234", "12", "1.2340"} - {code}
        for other in sorted(others):
            portfolio.officer(session, other, project.unit_id or 0)
    decided = {"field": "officer", "decided_on": "2026-01-15", "reason": "Handed over", "value": code}
    stored(client, f"/projects/{project.id}/decisions/new", decided)
    with api.database.read() as session:
        assert session.scalars(select(Project)).one().officer_id == right


def api_unit(api: Api) -> str:
    api.unit("ROAF")
    return "ROAF"
