"""What somebody should look at in agreements, pools and implementing partners."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.db.base import key
from app.db.engine import Database
from app.db.partners import Partner
from app.db.projects import Participant, Project
from app.db.spending import Allocation
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import AllocationKind, PartnerCategory, ProtectionResult, Screening
from app.errors import InvalidInput
from app.funding import frameworks, service
from app.funding.frameworks import FrameworkAgreementIn
from app.funding.schemas import AgreementIn
from app.partners.protection import ProtectionCheckIn, put_protection_check
from app.publishing.codes import code_checker
from app.reports.service import run
from app.spending.allocations import put_allocation
from app.spending.assistance import AssistanceTypeIn, put_assistance_type
from app.spending.ledger import put_transaction
from app.spending.schemas import AllocationIn, TransactionIn
from tests import portfolio
from tests.portfolio import TODAY


@pytest.fixture
def store(database: Database) -> Database:
    use_codelists(code_checker(None))
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.partner(session, "NLD")
        portfolio.project(session, "P1", planned_start="2025-01-01", planned_end="2026-12-31")
        portfolio.pool(session, "RBSA")
    return database


def agree(database: Database, reference: str, **values: object) -> list[str]:
    """An agreement of 1,000 USD; gives what is remarked of it."""
    body = {
        "reference": reference, "partner": "NLD", "title": reference, "preset": "project", "status": "signed",
        "signed_on": "2025-01-15", "currency": "USD", "amount": "1000", "starts_on": "2025-02-01",
        "ends_on": "2026-12-31", **values,
    }  # fmt: skip
    with database.write("tests") as session:
        put = service.put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)
        return [finding.rule for finding in put.findings]


def allocate(database: Database, source: str, amount: str, **values: object) -> None:
    body = {
        "project": "P1", "fiscal_year": "2025", "source": source, "kind": "original", "decided_on": "2025-02-01",
        "amount": amount, "currency": "USD", **values,
    }  # fmt: skip
    with database.write("tests") as session:
        put_allocation(session, LOCAL, AllocationIn.model_validate(body), today=TODAY)


def found(database: Database, as_of: dt.date = TODAY) -> list[tuple[str, str, str]]:
    with database.read() as session:
        report = run(session, "agreement-findings", as_of=as_of)
        return [(str(row["finding"]), str(row["subject"]), str(row["message"])) for row in report.rows]


def test_an_agreement_is_over_allocated_from_the_decision_on_that_makes_it_so(store: Database) -> None:
    agree(store, "A-1", gross=False, support_cost_rate="13")
    allocate(store, "A-1", "1000")
    allocate(store, "A-1", "130", fiscal_year="2026", decided_on="2025-03-01")
    assert found(store) == []
    allocate(store, "A-1", "200", fiscal_year="2026", kind="carry-over", reason="Late start", decided_on="2025-12-31")
    assert found(store, dt.date(2025, 12, 30)) == []
    message = "1200.00 USD of A-1 are allocated, which holds 1130.00: 70.00 too much."
    added = "What was rephased or carried over in P1 of A-1 by 2025-12-31 adds 70.00 USD to the total: lower another "
    added += "year by as much, or enter it as revised."
    assert found(store) == [("moved", "P1", added), ("over-allocated", "A-1", message)]
    # the year that the money comes from is lowered, by the same kind of decision on another day
    allocate(store, "A-1", "930", kind="carry-over", reason="Late start", decided_on="2026-01-15")
    assert found(store) == []


def test_an_agreement_is_for_what_its_framework_agreement_is_about(store: Database) -> None:
    body = {"code": "F-1", "partner": "NLD", "title": "Decent work", "themes": ["Decent Work", "country:KE"]}
    with store.write("tests") as session:
        frameworks.put_framework_agreement(session, LOCAL, FrameworkAgreementIn.model_validate(body))
    agree(store, "A-1", framework="F-1", earmarked_for_refs=["theme:decent work", "country:KE", "region:298"])
    assert found(store) == []
    agree(store, "A-2", framework="F-1", earmarked_for_refs=["theme:Migration", "country:UG"])
    message = (
        "A-2 is for theme:Migration and country:UG, and F-1 is about Decent Work, country:KE: amend one of the two."
    )
    assert found(store) == [("framework", "A-2", message)]


def test_what_is_spent_behind_the_end_of_an_agreement_is_told_until_it_is_extended(store: Database) -> None:
    agree(store, "A-1")
    agree(store, "A-2", ends_on="2025-06-30")

    def spend(document: str, agreement: str, day: str, amount: str) -> None:
        body = {
            "document": document, "project": "P1", "agreement": agreement, "type": "expenditure", "date": day,
            "amount": amount, "currency": "USD",
        }  # fmt: skip
        with store.write("tests") as session:
            put_transaction(session, LOCAL, TransactionIn.model_validate(body), today=TODAY)

    spend("D-1", "A-2", "2025-06-30", "10")
    spend("D-2", "A-1", "2025-09-01", "7")
    assert found(store) == []
    spend("D-3", "A-2", "2025-07-01", "20.50")
    spend("D-4", "A-2", "2025-08-15", "4")
    told = "24.50 USD of A-2 are spent from 2025-07-01 to 2025-08-15, and it ended on 2025-06-30: amend the agreement, "
    told += "or post them to what pays for them."
    assert found(store) == [("spent-late", "A-2", told)]
    assert found(store, dt.date(2025, 6, 30)) == []
    # a donor who extends it makes all of it right; one who cancels leaves what came later
    agree(store, "A-2", ends_on="2025-12-31", decided_on="2025-10-01", reason="Extended")
    assert found(store) == []
    assert [each[:2] for each in found(store, dt.date(2025, 9, 30))] == [("spent-late", "A-2")]
    agree(store, "A-1", status="cancelled", decided_on="2025-08-31", reason="Withdrawn")
    told = "7.00 USD of A-1 are spent on 2025-09-01, and it was cancelled on 2025-08-31: amend the agreement, or post "
    assert found(store) == [("spent-late", "A-1", told + "them to what pays for them.")]


def test_a_pool_passes_on_no_more_than_it_holds(store: Database) -> None:
    agree(store, "A-1", preset="rbsa", support_cost_rate="7")
    with store.write("tests") as session:
        pool = session.scalars(select(Project).where(Project.code == "RBSA")).one()  # type: ignore[arg-type]
        portfolio.share(session, 1, key(pool))
    allocate(store, "RBSA", "1000")
    assert found(store) == []
    allocate(store, "RBSA", "1", fiscal_year="2026")
    assert [each[:2] for each in found(store)] == [("over-allocated", "RBSA")]


def test_rephasing_and_carry_over_are_revisions_with_a_reason(store: Database) -> None:
    allocate(store, "RB", "100")
    with pytest.raises(InvalidInput) as refused:
        allocate(store, "RB", "60", kind="rephasing", decided_on="2025-06-30")
    assert [fault.pointer for fault in refused.value.faults] == ["/reason"]
    allocate(store, "RB", "60", kind="rephasing", decided_on="2025-06-30", reason="Elections")
    with store.read() as session:
        assert [row.kind for row in session.scalars(select(Allocation))] == [
            AllocationKind.ORIGINAL,
            AllocationKind.REPHASING,
        ]
        for day, amount in ((dt.date(2025, 6, 29), "100"), (dt.date(2025, 6, 30), "60")):
            (row,) = run(session, "delivery", period="2025", as_of=day, by=("source",)).rows
            assert Decimal(str(row["allocation"])) == Decimal(amount)


def test_agreements_keep_to_their_framework_agreement(store: Database) -> None:
    body = {"code": "F", "partner": "NLD", "title": "Programme", "starts_on": "2025-01-01", "ends_on": "2026-06-30"}

    def hold(ceiling: str, currency: str) -> None:
        entered = FrameworkAgreementIn.model_validate({**body, "ceiling": ceiling, "currency": currency})
        with store.write("tests") as session:
            frameworks.put_framework_agreement(session, LOCAL, entered)

    hold("1500", "USD")
    assert agree(store, "A-1", framework="F") == ["agreement.outside-framework"]
    assert agree(store, "A-2", framework="F", ends_on="2026-06-30") == []
    assert found(store) == [
        ("framework", "A-1", "A-1 ends on 2026-12-31, after 2026-06-30, the last day of F."),
        ("framework", "F", "Agreements under F (2) come to 2000 USD: 500 more than its ceiling."),
    ]
    hold("1500", "XAF")
    assert found(store)[0] == (
        "cannot-tell", "F", "Whether F keeps its ceiling cannot be told: a rate of exchange is missing."
    )  # fmt: skip


def test_whoever_is_paid_or_implements_has_a_check_on_protection_in_force(store: Database) -> None:
    with store.write("tests") as session:
        portfolio.partner(session, "NGO", PartnerCategory.OTHER_NON_STATE)
        session.flush()
        body = {"document": "D1", "project": "P1", "type": "disbursement", "date": "2025-05-01", "amount": "5"}
        put_transaction(
            session,
            LOCAL,
            TransactionIn.model_validate({**body, "currency": "USD", "receiver": "NGO"}),
            today=TODAY,
        )
        union = portfolio.partner(session, "UNION", PartnerCategory.WORKERS_ORGANISATION)
        session.add(Participant(project_id=1, organisation_id=union.organisation_id, role="4", ordinal=1))
    assert [each[:2] for each in found(store)] == [("unprotected", "NGO"), ("unprotected", "UNION")]
    for code, day, result, until in (
        ("NGO", "2025-06-01", ProtectionResult.PASSED, "2025-12-31"),
        ("UNION", "2025-06-01", ProtectionResult.PASSED, None),
        ("NGO", "2026-02-01", ProtectionResult.FAILED, None),
    ):
        check = {"partner": code, "checked_on": day, "result": result, "valid_until": until, "reason": "Visit"}
        with store.write("tests") as session:
            put_protection_check(session, LOCAL, ProtectionCheckIn.model_validate(check), today=TODAY)
    assert found(store, dt.date(2025, 12, 31)) == []
    assert "its check ended on 2025-12-31" in found(store, dt.date(2026, 1, 1))[0][2]
    assert "failed the check of 2026-02-01" in found(store)[0][2]


def test_donors_below_full_cost_and_partners_not_cleared_are_listed(store: Database) -> None:
    agree(store, "A-1", support_cost_rate="7")
    with store.write("tests") as session:
        partner = session.scalars(select(Partner)).one()
        partner.screening = Screening.REFUSED
    assert [each[:2] for each in found(store)] == [("below-full-cost", "A-1"), ("unscreened", "A-1")]


def test_types_of_assistance_are_those_of_the_organisation_once_it_has_a_list(store: Database) -> None:
    def spend(document: str, assistance: str) -> None:
        body = {
            "document": document, "project": "P1", "type": "expenditure", "date": "2025-05-01", "amount": "5",
            "currency": "USD", "assistance": assistance,
        }  # fmt: skip
        with store.write("tests") as session:
            put_transaction(session, LOCAL, TransactionIn.model_validate(body), today=TODAY)

    spend("D1", "whatever")
    with store.write("tests") as session:
        for code in ("training", "experts"):
            put_assistance_type(session, LOCAL, AssistanceTypeIn(code=code, name=code.capitalize()))
    spend("D2", "training")
    spend("D1", "whatever")
    with pytest.raises(InvalidInput) as refused:
        spend("D3", "travel")
    assert [fault.message for fault in refused.value.faults] == [
        "travel is not a type of assistance: write one of experts, training, or add it to the list."
    ]
    with store.read() as session:
        rows = run(session, "delivery", period="2025", as_of=TODAY, by=("assistance",)).rows
        assert [(row["assistance"], Decimal(str(row["expenditure"]))) for row in rows] == [
            ("training", 5),
            ("whatever", 5),
        ]
