"""Rules of change for money: appended allocations and postings, adjustments, closed periods, rates, budgets."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.db.base import key
from app.db.engine import Database
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import LOCAL, Actor
from app.domain.terms import EntryKind, Role
from app.errors import Conflict, InvalidInput, NotAllowed
from app.spending import budgets, service
from app.spending.schemas import (
    AllocationIn,
    EncumbranceIn,
    EncumbrancePatch,
    InstitutionalBudgetIn,
    LiquidationIn,
    RateIn,
    TransactionIn,
    TransactionPatch,
)
from tests import portfolio
from tests.portfolio import TODAY

POSTING = {
    "document": "EX-1", "project": "P", "type": "expenditure", "date": "2026-03-31", "amount": "100.10",
    "currency": "USD",
}  # fmt: skip
DECISION = {
    "project": "P", "fiscal_year": "2026", "kind": "original", "decided_on": "2026-01-15", "amount": "500",
    "currency": "USD",
}  # fmt: skip


def post(session: Session, **values: Any) -> Any:
    return service.put_transaction(session, LOCAL, TransactionIn.model_validate({**POSTING, **values}), today=TODAY)


def allocate(session: Session, **values: Any) -> Any:
    return service.put_allocation(session, LOCAL, AllocationIn.model_validate({**DECISION, **values}), today=TODAY)


def rules(error: pytest.ExceptionInfo[InvalidInput]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.rule) for fault in error.value.faults}


def ledger(session: Session) -> list[LedgerEntry]:
    return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))  # type: ignore[arg-type]


def counting(session: Session, as_of: dt.date = TODAY) -> list[Decimal]:
    rows = effective_allocations(as_of).subquery()
    return sorted(session.scalars(select(rows.c.amount)))


def test_a_transaction_is_posted_once(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        assert [post(session).outcome for _ in range(2)] == ["created", "unchanged"]
        (entry,) = ledger(session)
        assert (entry.type, entry.amount, entry.recorded_by) == ("4", Decimal("100.10"), LOCAL.name)


@pytest.mark.parametrize(
    ("values", "pointer", "rule"),
    [
        ({"project": "NONE"}, "/project", "project.unknown"),
        ({"project": None}, "/project", "transaction.where"),
        ({"pool": "P"}, "/pool", "pool.unknown"),
        ({"agreement": "NONE"}, "/agreement", "agreement.unknown"),
        ({"date": "2026-11-21"}, "/date", "transaction.future-date"),
        ({"value_date": "2026-11-21"}, "/value_date", "transaction.future-date"),
        ({"amount": "0"}, "/amount", "transaction.zero"),
        ({"country": "QQ"}, "/country", "code.unknown"),
        ({"sector": "00000"}, "/sector", "code.unknown"),
        ({"adjusts": "NONE", "reason": "x"}, "/adjusts", "transaction.unknown"),
        ({"date": "2025-12-31"}, "/date", "transaction.closed-period"),
    ],
)
def test_what_cannot_be_posted_is_refused_with_its_place(
    database: Database, values: dict[str, Any], pointer: str, rule: str
) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session, closed_until=dt.date(2025, 12, 31))
        portfolio.project(session, "P")
        with pytest.raises(InvalidInput) as error:
            post(session, **values)
        assert rules(error) == {(pointer, rule)}
        assert ledger(session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "1000000000000000"),
        ("amount", "0.1234567890123"),
        ("amount", 12.5),
        ("amount", "NaN"),
        ("amount", "1e5"),
        ("currency", "QQQ"),
        ("date", "2026-02-30"),
        ("type", "payment"),
        ("description", "bell \x07"),
        ("description", ""),
    ],
)
def test_absurd_values_do_not_even_reach_the_rules(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        TransactionIn.model_validate({**POSTING, field: value})
    assert {found["loc"][0] for found in error.value.errors()} == {field}


def test_an_amount_that_changed_in_the_table_is_adjusted_by_the_difference(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        outcomes = [post(session, amount=amount).outcome for amount in ("100.10", "90", "90", "120")]
        assert outcomes == ["created", "updated", "unchanged", "updated"]
        entries = ledger(session)
        assert [(entry.document, entry.amount) for entry in entries] == [
            ("EX-1", Decimal("100.10")),
            ("EX-1~1", Decimal("-10.10")),
            ("EX-1~2", Decimal("30.00")),
        ]
        assert {entry.entry_kind for entry in entries[1:]} == {EntryKind.ADJUSTMENT}
        assert all(entry.adjusts_id == entries[0].id and entry.reason for entry in entries[1:])


def test_a_posted_row_keeps_everything_but_its_amount(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        portfolio.project(session, "Q")
        post(session)
        with pytest.raises(InvalidInput) as error:
            post(session, project="Q", date="2026-04-01", description="Other")
        assert rules(error) == {
            ("/project", "transaction.posted"),
            ("/date", "transaction.posted"),
            ("/description", "transaction.posted"),
        }


def test_a_change_through_the_api_is_refused_and_points_to_adjustments(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        row = post(session).row
        with pytest.raises(Conflict) as error:
            service.update_transaction(LOCAL, row, TransactionPatch.model_validate({"amount": "5"}))
        assert [(fault.pointer, "adjusts = EX-1" in fault.message) for fault in error.value.faults] == [
            ("/amount", True)
        ]


def test_an_adjustment_names_its_row_and_says_why(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        original = post(session).row
        with pytest.raises(InvalidInput) as error:
            post(session, document="EX-2", adjusts="EX-1", amount="-5", type="disbursement", currency="EUR")
        assert rules(error) == {
            ("/reason", "adjustment.reason"),
            ("/type", "adjustment.type"),
            ("/currency", "adjustment.currency"),
        }
        made = post(session, document="EX-2", adjusts="EX-1", amount="-5", reason="Counted twice").row
        assert (made.entry_kind, made.adjusts_id) == (EntryKind.ADJUSTMENT, original.id)
        # the table with the row and its adjustment may be loaded again
        assert post(session).outcome == "unchanged"


def test_a_transfer_has_one_side_in_the_pool_and_one_in_the_project(database: Database) -> None:
    with database.write("anna") as session:
        setup = portfolio.set_up(session)
        project, pool = portfolio.project(session, "P"), portfolio.pool(session, "RBSA")
        out = post(session, document="TR-1", pool="RBSA", type="disbursement").row
        into = post(session, document="TR-2", pool="RBSA", type="1").row
        assert (out.project_id, out.internal, out.receiver_id, out.receiver_activity) == (
            pool.id, True, setup.organisation_id, project.iati_identifier,
        )  # fmt: skip
        assert (into.project_id, into.internal, into.provider_id, into.provider_activity) == (
            project.id, True, setup.organisation_id, pool.iati_identifier,
        )  # fmt: skip
        assert post(session, document="TR-1", pool="RBSA", type="disbursement").outcome == "unchanged"
        with pytest.raises(InvalidInput) as error:
            post(session, document="TR-3", pool="RBSA", type="expenditure")
        assert rules(error) == {("/type", "transaction.transfer")}


def test_counterparts_are_found_by_partner_code_identifier_or_name(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        partner = portfolio.partner(session, "NLD")
        known = portfolio.organisation(session, "GH-COA-1", "Ghana Works")
        named = [
            post(session, document=f"D-{place}", type="3", receiver=name).row.receiver_id
            for place, name in enumerate(("NLD", "GH-COA-1", "ghana  works", "Unheard of", "unheard of"))
        ]
        assert named[:3] == [partner.organisation_id, known.id, known.id]
        assert named[3] == named[4]
        assert session.get_one(Organisation, named[3]).name == "Unheard of"


def test_an_officer_posts_for_the_own_unit_only(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        own = portfolio.unit(session, "OWN")
        portfolio.unit(session, "OTHER")
        portfolio.project(session, "P", unit="OTHER")
        officer = Actor(name="bela", role=Role.OFFICER, unit_id=own.id)
        body = TransactionIn.model_validate(POSTING)
        with pytest.raises(NotAllowed):
            service.create_transaction(session, officer, body, today=TODAY)
        with pytest.raises(NotAllowed):
            service.put_rate(session, officer, RateIn.model_validate(RATE))
        evaluator = Actor(name="cora", role=Role.EVALUATOR)
        with pytest.raises(NotAllowed):
            service.create_transaction(session, evaluator, body, today=TODAY)


def test_a_corrected_allocation_supersedes_and_a_revised_one_counts(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        outcomes = [allocate(session, amount=amount).outcome for amount in ("500", "500", "550")]
        assert outcomes == ["created", "unchanged", "updated"]
        assert counting(session) == [Decimal(550)]
        allocate(session, kind="revised", decided_on="2026-06-30", amount="400")
        assert counting(session) == [Decimal(400)]
        assert counting(session, dt.date(2026, 6, 29)) == [Decimal(550)]
        assert counting(session, dt.date(2026, 1, 14)) == []


def test_of_one_day_the_revised_allocation_counts_and_lines_stand_apart(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        allocate(session, kind="revised", amount="400")
        allocate(session, amount="500")
        allocate(session, country="KE", amount="7")
        allocate(session, source="RB", amount="9")
        assert counting(session) == [Decimal(7), Decimal(9), Decimal(400)]


def test_a_withdrawn_allocation_is_none(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        row: Allocation = allocate(session).row
        service.withdraw_allocation(session, LOCAL, row, reason="Wrong project")
        assert counting(session) == []
        with pytest.raises(Conflict, match="already"):
            service.withdraw_allocation(session, LOCAL, row, reason="Again")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"fiscal_year": "2006-07"}, "/fiscal_year"),
        ({"fiscal_year": "2026-13-01..2026-01-01"}, "/fiscal_year"),
        ({"decided_on": "2026-11-21"}, "/decided_on"),
        ({"project": "NONE"}, "/project"),
        ({"country": "QQ"}, "/country"),
    ],
)
def test_an_allocation_that_cannot_be_is_refused(database: Database, values: dict[str, str], pointer: str) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        with pytest.raises(InvalidInput) as error:
            allocate(session, **values)
        assert {place for place, _ in rules(error)} == {pointer}


def test_an_allocation_belongs_to_the_agreement_that_its_source_names(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        agreement = portfolio.agreement(session, "NLD-1", portfolio.partner(session, "NLD").id or 0)
        assert allocate(session, source="NLD-1").row.agreement_id == agreement.id
        assert allocate(session, source="RB").row.agreement_id is None


ENCUMBRANCE = {"document": "EN-1", "project": "P", "date": "2026-02-01", "amount": "40", "currency": "USD"}


def test_an_advance_becomes_expenditure_when_it_is_liquidated(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        body = EncumbranceIn.model_validate({**ENCUMBRANCE, "kind": "advance"})
        row = service.put_encumbrance(session, LOCAL, body, today=TODAY).row
        assert service.put_encumbrance(session, LOCAL, body, today=TODAY).outcome == "unchanged"
        assert ledger(session) == []
        too_much = LiquidationIn.model_validate({"document": "EX-9", "date": "2026-03-01", "amount": "41"})
        with pytest.raises(InvalidInput) as error:
            service.liquidate_encumbrance(session, LOCAL, row, too_much, today=TODAY)
        assert rules(error) == {("/amount", "encumbrance.exceeded")}
        spent = too_much.model_copy(update={"amount": Decimal("38.5")})
        entry = service.liquidate_encumbrance(session, LOCAL, row, spent, today=TODAY)
        assert (entry.type, entry.amount, row.released_on) == ("4", Decimal("38.5"), dt.date(2026, 3, 1))
        with pytest.raises(Conflict, match="ended"):
            service.liquidate_encumbrance(session, LOCAL, row, spent, today=TODAY)


def test_what_an_advance_was_spent_for_stands_under_its_agreement_and_country(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        agreement = portfolio.agreement(session, "A-1", key(portfolio.partner(session, "NLD")))
        portfolio.project(session, "P")
        body = EncumbranceIn.model_validate({**ENCUMBRANCE, "kind": "advance"})
        row = service.put_encumbrance(session, LOCAL, body, today=TODAY).row
        spent = {"document": "EX-1", "date": "2026-03-01", "amount": "40", "agreement": "A-9"}
        with pytest.raises(InvalidInput) as error:
            service.liquidate_encumbrance(session, LOCAL, row, LiquidationIn.model_validate(spent), today=TODAY)
        assert rules(error) == {("/agreement", "agreement.unknown")}
        said = {"country": "KE", "sector": "11220", "assistance": "training", "value_date": "2026-02-27"}
        liquidation = LiquidationIn.model_validate({**spent, **said, "agreement": "A-1"})
        entry = service.liquidate_encumbrance(session, LOCAL, row, liquidation, today=TODAY)
        assert (entry.agreement_id, entry.country, entry.sector) == (agreement.id, "KE", "11220")
        assert (entry.assistance, entry.value_date) == ("training", dt.date(2026, 2, 27))


def test_an_encumbrance_ends_after_it_begins(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        row = service.create_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ENCUMBRANCE), today=TODAY)
        with pytest.raises(InvalidInput) as error:
            change = EncumbrancePatch.model_validate({"released_on": "2026-01-31"})
            service.update_encumbrance(session, LOCAL, row, change, today=TODAY)
        assert rules(error) == {("/released_on", "encumbrance.dates-order")}
        with pytest.raises(Conflict):
            service.create_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ENCUMBRANCE), today=TODAY)


RATE = {"currency": "EUR", "effective_on": "2026-01-01", "rate": "0.853"}


def test_a_corrected_rate_stands_behind_the_first(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        puts = [
            service.put_rate(session, LOCAL, RateIn.model_validate({**RATE, "rate": rate}))
            for rate in ("0.853", "0.8530", "0.86")
        ]
        assert [put.outcome for put in puts] == ["created", "unchanged", "updated"]
        assert puts[-1].row.sequence == 2
        with pytest.raises(InvalidInput):
            service.put_rate(session, LOCAL, RateIn.model_validate({**RATE, "currency": "USD", "rate": "2"}))
    with pytest.raises(ValidationError):
        RateIn.model_validate({**RATE, "rate": "0"})


BUDGET = {
    "kind": "total", "period_start": "2026-01-01", "period_end": "2026-12-31", "amount": "645300000", "currency": "USD",
}  # fmt: skip


def test_the_institutional_budget_has_one_figure_for_each_day(database: Database) -> None:
    def put(session: Session, **values: str) -> str:
        body = InstitutionalBudgetIn.model_validate({**BUDGET, **values})
        return budgets.put_institutional_budget(session, LOCAL, body, today=TODAY).outcome

    with database.write("anna") as session:
        portfolio.set_up(session)
        assert [put(session), put(session), put(session, amount="1")] == ["created", "unchanged", "updated"]
        assert put(session, kind="country", country="KE") == "created"
        assert put(session, kind="expenditure") == "created"
        for values, rule in (
            ({"period_start": "2026-06-01"}, "institutional-budget.overlap"),
            ({"kind": "country"}, "institutional-budget.country"),
            ({"country": "KE"}, "institutional-budget.country"),
            ({"period_end": "2025-12-31"}, "period"),
        ):
            with pytest.raises(InvalidInput) as error:
                put(session, **values)
            assert rule in {found for _, found in rules(error)}


def test_the_unit_of_a_project_decides_who_may_allocate(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        own = portfolio.unit(session, "OWN")
        project: Project = portfolio.project(session, "P", unit="OWN")
        assert project.unit_id == own.id
        officer = Actor(name="bela", role=Role.OFFICER, unit_id=own.id)
        body = AllocationIn.model_validate(DECISION)
        assert service.put_allocation(session, officer, body, today=TODAY).outcome == "created"
