"""A small portfolio behind the pages: one project with money, an agreement, an evaluation and people of every role."""

import datetime as dt

from app.db.people import User
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.evaluations.schemas import EvaluationIn
from app.evaluations.service import create_evaluation
from app.funding.schemas import AgreementIn
from app.funding.service import put_agreement
from app.people.schemas import OfficerIn, UnitIn
from app.people.service import create_officer, create_unit
from app.projects.schemas import ProjectIn
from app.projects.service import create_project
from app.spending.allocations import create_allocation
from app.spending.ledger import create_transaction
from app.spending.schemas import AllocationIn, TransactionIn
from tests import portfolio
from tests.api import Api

DAY = dt.date(2026, 1, 5)
PROJECT = {
    "code": "RAF/1", "title": "Wells & pumps", "status": "implementation", "unit": "ROAF", "officer": "ann",
    "planned_start": "2025-01-01", "planned_end": "2026-12-31", "total_budget": "1500000", "currency": "USD",
    "description": "Clean water.",
    "countries": [{"code": "KE", "percentage": "60"}, {"code": "UG", "percentage": "40"}],
    "sectors": [{"code": "14030", "percentage": "100"}],
}  # fmt: skip
AGREEMENT = {
    "reference": "NLD-1", "partner": "NLD", "title": "Water", "preset": "project", "status": "signed",
    "signed_on": "2025-01-15", "currency": "USD", "amount": "1000000",
}  # fmt: skip


def fill(api: Api) -> None:
    """Puts the portfolio and a user of each role, named like it, into the database."""
    with api.database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.choose_policies(session)
        for role in Role:
            session.add(User(name=role.value, role=role))
        create_unit(session, LOCAL, UnitIn(code="ROAF", name="Regional Office for Africa"))
        create_officer(session, LOCAL, OfficerIn(code="ann", name="Ann", email="ann@example.org", unit="ROAF"))
        portfolio.partner(session, "NLD")
        put_agreement(session, LOCAL, AgreementIn.model_validate(AGREEMENT), today=DAY)
        create_project(session, LOCAL, ProjectIn.model_validate(PROJECT), today=DAY)
        allocation = {
            "project": "RAF/1", "fiscal_year": "2026", "source": "NLD-1", "kind": "original", "amount": "500000",
            "currency": "USD", "decided_on": "2026-01-05",
        }  # fmt: skip
        create_allocation(session, LOCAL, AllocationIn.model_validate(allocation), today=DAY)
        spent = {
            "document": "EX-1", "project": "RAF/1", "type": "expenditure", "date": "2026-01-04", "amount": "125000.50",
            "currency": "USD",
        }  # fmt: skip
        create_transaction(session, LOCAL, TransactionIn.model_validate(spent), today=DAY)
        evaluation = {
            "reference": "EV-1", "kind": "mid-term", "independence": "internal", "projects": ["RAF/1"],
            "status": "planned", "planned_end": "2026-06-30",
        }  # fmt: skip
        create_evaluation(session, LOCAL, EvaluationIn.model_validate(evaluation), today=DAY)
