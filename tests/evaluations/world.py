"""Projects, evaluations and due lists in a line each, for tests that read as scenarios."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.evaluations import Obligation
from app.db.lookups import row_by
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Stage
from app.evaluations.obligations.due import DueRow, due
from app.evaluations.obligations.recompute import Outcome, refresh
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.evaluations.obligations.service import reschedule, take_back, waive
from app.evaluations.policies.service import put_policy
from app.evaluations.schemas import EvaluationIn
from app.evaluations.service import put_evaluation
from app.projects.revisions import put_revision
from app.projects.schemas import RevisionIn
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _begun(database: Database, *, policies: bool = False) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        if policies:
            portfolio.choose_policies(session)
        unit = portfolio.unit(session, "UNIT")
        unit.head, unit.head_email = "Head", "head@unit.example.org"
        portfolio.officer(session, "ofc", unit.id or 0)


def _begun_with_policies(database: Database) -> None:
    _begun(database, policies=True)


class World:
    """A database with the organisation set up, the policies of the start, one unit with a head, and one officer."""

    def __init__(self, database: Database, *, today: dt.date = TODAY, policies: bool = True) -> None:
        self.database = database
        self.today = today
        use_codelists(portfolio.known)
        filled(database, _begun_with_policies if policies else _begun)

    def project(self, code: str = "P1", start: str | None = "2024-03-01", end: str | None = "2027-02-28",
                budget: str | None = "500000", **values: Any) -> int:  # fmt: skip
        """A project; dates are planned ones."""
        given = {"planned_start": start, "planned_end": end, "total_budget": budget, "unit": "UNIT", "officer": "ofc"}
        body = {name: value for name, value in {**given, **values}.items() if value is not None}
        with self.database.write("tests") as session:
            return portfolio.project(session, code, **body).id or 0

    def signed(self, project_id: int, on: str, partner: str = "NLD", **values: Any) -> None:
        """An agreement with a partner, signed on a day, that funds the project."""
        with self.database.write("tests") as session:
            row = portfolio.partner(session, partner)
            agreement = portfolio.agreement(session, f"A-{partner}-{project_id}", row.id or 0, **values)
            agreement.signed_on = day(on)
            portfolio.share(session, agreement.id or 0, project_id)

    def decide(self, project: str, field: str, on: str, value: str | None, reason: str = "Decided.") -> None:
        body = RevisionIn.model_validate(
            {"project": project, "field": field, "decided_on": on, "value": value, "reason": reason}
        )
        with self.database.write("tests") as session:
            put_revision(session, LOCAL, body, today=self.today)

    def decide_stage(self, project: str, stage: str) -> None:
        with self.database.write("tests") as session:
            row = row_by(session, Project, "code", project)
            assert row is not None
            row.stage = Stage(stage)

    def evaluation(self, reference: str, projects: str = "P1", kind: str = "final", independence: str = "independent",
                   status: str = "planned", **values: Any) -> int:  # fmt: skip
        body = EvaluationIn.model_validate(
            {"reference": reference, "projects": projects.split("|"), "kind": kind, "independence": independence,
             "status": status, **values}
        )  # fmt: skip
        with self.database.write("tests") as session:
            return put_evaluation(session, LOCAL, body, today=self.today).row.id or 0

    def done(
        self, reference: str, on: str, projects: str = "P1", kind: str = "final", independence: str = "self"
    ) -> int:
        return self.evaluation(reference, projects, kind, independence, "final", completed_on=on)

    def policy(self, text: str, **values: Any) -> None:
        with self.database.write("tests") as session:
            put_policy(session, LOCAL, text, today=self.today, **values)

    def refresh(self, as_of: str | None = None) -> Outcome:
        return refresh(self.database, day(as_of) if as_of else self.today)

    def due(self, as_of: str | None = None, *, within: int = 0, refreshed: bool = True) -> list[DueRow]:
        if refreshed:
            self.refresh()
        with self.database.read() as session:
            return due(session, day(as_of) if as_of else self.today, within=within)

    def states(self, as_of: str | None = None) -> dict[str, str]:
        """Kind (with number) → state, of everything that is ever open or cannot be told."""
        return {self.noun(row): row.state for row in self.due(as_of, within=40_000)}

    @staticmethod
    def noun(row: Any) -> str:
        return f"{row.kind} {row.number}" if row.number else str(row.kind)

    def owed(self) -> list[str]:
        """What stands, as "kind independence due", in order of dates."""
        return [f"{self.noun(row)} {row.independence} {row.due}" for row in self.due(within=40_000)]

    def obligations(self, project_id: int) -> list[Obligation]:
        """Every obligation of a project, past ones included."""
        with self.database.read() as session:
            return list(session.scalars(select(Obligation).where(table(Obligation).c.project_id == project_id)))

    def obligation(self, project_id: int, kind: str = "final") -> Obligation:
        """The open obligation of a kind."""
        (found,) = [row for row in self.obligations(project_id) if row.kind == kind and row.status == "open"]
        return found

    def project_id(self, code: str) -> int:
        with self.database.read() as session:
            row = row_by(session, Project, "code", code)
            assert row is not None
            return row.id or 0

    def obligation_project(self, obligation_id: int) -> int:
        with self.database.read() as session:
            return session.get_one(Obligation, obligation_id).project_id

    def waive(self, obligation_id: int, on: str = "2026-11-01", **values: str) -> None:
        body = WaiverIn.model_validate({"reason": "Covered.", "approver": "Chief", "decided_on": on, **values})
        with self.database.write("tests") as session:
            waive(session, LOCAL, session.get_one(Obligation, obligation_id), body, today=self.today)

    def take_back(self, obligation_id: int, on: str) -> None:
        """The obligation's waiver holds no longer from the day on."""
        back = WaiverIn.model_validate({"reason": "The donor asks for it.", "approver": "Chief", "decided_on": on})
        with self.database.write("tests") as session:
            take_back(session, LOCAL, session.get_one(Obligation, obligation_id), back, today=self.today)

    def reschedule(self, obligation_id: int, to: str, on: str = "2026-11-01") -> None:
        body = RescheduleIn.model_validate({"reason": "Later.", "approver": "Chief", "decided_on": on, "due_on": to})
        with self.database.write("tests") as session:
            reschedule(session, LOCAL, session.get_one(Obligation, obligation_id), body, today=self.today)
