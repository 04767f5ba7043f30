"""Support cost is in the figures of delivery or out of them, as is asked, by the rate of each agreement on the day."""

import datetime as dt
from decimal import Decimal

import pytest

from app.db.engine import Database
from app.db.funding import AgreementRevision
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import AgreementStatus
from app.errors import InvalidInput
from app.reports.service import run
from app.spending.schemas import AllocationIn, EncumbranceIn, TransactionIn
from app.spending.service import put_allocation, put_encumbrance, put_transaction
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY

#: what each project is given and spends: (source of the allocation, amount), (agreement of the posting, amount)
MONEY = {
    "P/13": (("A-13", "1130"), ("A-13", "565")),
    "P/7": (("A-7", "1070"), (None, "214")),
    "P/OWN": (("Own resources", "100"), (None, "50")),
    "P/MIX": (("A-13", "113"), (None, "10")),
}


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        partner = portfolio.partner(session, "NLD").id or 0
        agreements = {
            "A-13": portfolio.agreement(session, "A-13", partner, "100000").id or 0,
            "A-7": portfolio.agreement(session, "A-7", partner, "100000", support_cost_rate=Decimal(7)).id or 0,
        }
        for code, ((source, allocated), (agreement, spent)) in MONEY.items():
            project = portfolio.project(session, code).id or 0
            funding = {"P/13": ["A-13"], "P/7": ["A-7"], "P/MIX": ["A-13", "A-7"]}.get(code, [])
            for reference in funding:
                portfolio.share(session, agreements[reference], project, "10")
            body = {"project": code, "fiscal_year": "2026", "source": source, "kind": "original", "currency": "USD"}
            allocation = AllocationIn.model_validate({**body, "decided_on": "2026-01-05", "amount": allocated})
            put_allocation(session, LOCAL, allocation, today=TODAY)
            posting = {"document": f"D-{code}", "project": code, "type": "4", "date": "2026-03-01", "currency": "USD"}
            entry = TransactionIn.model_validate({**posting, "agreement": agreement, "amount": spent})
            put_transaction(session, LOCAL, entry, today=TODAY)
        bound = {"document": "E-1", "project": "P/13", "date": "2026-02-01", "amount": "113", "currency": "USD"}
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(bound), today=TODAY)


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def delivery(database: Database, by: str = "project", as_of: dt.date = TODAY, **options: str) -> dict[str, object]:
    with database.read() as session:
        variant = "(expenditure+encumbrance)/allocation"
        return run(
            session, "delivery", period="2026", as_of=as_of, by=(by,), variant=variant, options=options
        ).as_dict()


def figures(shown: dict[str, object], by: str = "project") -> dict[str, tuple[str, str, str]]:
    rows: list[dict[str, str]] = shown["rows"]  # type: ignore[assignment]
    return {row[by]: (row["allocation"], row["expenditure"], row["encumbrance"]) for row in rows}


def test_support_cost_is_left_out_by_the_rate_of_each_agreement(office: Database) -> None:
    shown = delivery(office, support_cost="out")
    assert figures(shown) == {
        "P/13": ("1000.00", "500.00", "100.00"),
        "P/7": ("1000.00", "200.00", "0.00"),
        "P/OWN": ("100.00", "50.00", "0.00"),
        "P/MIX": ("100.00", "10.00", "0.00"),
    }
    assert "left out" in str(shown["definition"])
    assert "names no agreement" in str(shown["remarks"])
    as_recorded = delivery(office)
    assert figures(as_recorded)["P/13"] == ("1130", "565", "113")
    assert "included on both sides" in str(as_recorded["definition"])
    assert "remarks" not in as_recorded
    assert figures(delivery(office, support_cost="in")) == figures(as_recorded)


def test_however_it_is_grouped_it_comes_to_the_same(office: Database) -> None:
    of_projects = delivery(office, support_cost="out")["totals"]
    for by in ("unit", "source", "partner", "country", "outcome", "month"):
        totals = delivery(office, by, support_cost="out")["totals"]
        assert {name: totals[name] for name in ("allocation", "expenditure", "encumbrance")} == {  # type: ignore[index]
            name: of_projects[name]
            for name in ("allocation", "expenditure", "encumbrance")  # type: ignore[index]
        }


def test_the_rate_is_that_of_the_day(office: Database) -> None:
    with office.write("anna") as session:
        for sequence, (day, rate) in enumerate((("2026-01-01", "13"), ("2026-06-01", "0")), 1):
            revision = AgreementRevision(
                agreement_id=1, sequence=sequence, known_on=dt.date.fromisoformat(day), reason="Agreed",
                amount=Decimal(100000), status=AgreementStatus.SIGNED, support_cost_rate=Decimal(rate), category=4,
            )  # fmt: skip
            session.add(revision)
    assert figures(delivery(office, as_of=dt.date(2026, 5, 1), support_cost="out"))["P/13"][0] == "1000.00"
    assert figures(delivery(office, support_cost="out"))["P/13"][0] == "1130.00"


def test_a_choice_that_there_is_not_is_refused(office: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        delivery(office, support_cost="maybe")
    assert refused.value.faults[0].pointer == "/query/support_cost"
