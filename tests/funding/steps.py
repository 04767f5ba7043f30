"""What the tests do with agreements, in one line each."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision, FundingShare
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL, Actor
from app.funding import service, shares
from app.funding.schemas import AgreementIn, FundingShareIn

TODAY = dt.date(2026, 11, 20)


def agreement(**changes: Any) -> AgreementIn:
    """An agreement of 1,000 EUR, signed on 2026-01-15, unless told otherwise."""
    return AgreementIn.model_validate(
        {
            "reference": "NLD-1",
            "partner": "NLD",
            "title": "Living wages",
            "preset": "project",
            "status": "signed",
            "signed_on": "2026-01-15",
            "currency": "EUR",
            "amount": "1000",
            **changes,
        }
    )


def put(database: Database, body: AgreementIn, *, today: dt.date = TODAY) -> tuple[str, Agreement]:
    with database.write("tests") as session:
        result = service.put_agreement(session, LOCAL, body, today=today)
        return result.outcome, result.row


def share(database: Database, project: str, *, today: dt.date = TODAY, actor: Actor = LOCAL, **changes: Any) -> str:
    body = FundingShareIn.model_validate({"agreement": "NLD-1", "project": project, **changes})
    with database.write(actor.name) as session:
        return shares.put_funding_share(session, actor, body, today=today).outcome


def _share(session: Session, project: str) -> tuple[Agreement, FundingShare]:
    found = session.scalars(
        select(FundingShare).join(Project, Project.id == FundingShare.project_id).where(Project.code == project)  # type: ignore[arg-type]
    ).one()
    return session.get_one(Agreement, found.agreement_id), found


def end_share(database: Database, project: str, *, today: dt.date = TODAY) -> None:
    with database.write("tests") as session:
        shares.archive_share(session, LOCAL, *_share(session, project), today=today)


def restore_share(database: Database, project: str, *, today: dt.date = TODAY) -> None:
    with database.write("tests") as session:
        shares.restore_share(session, LOCAL, *_share(session, project), today=today)


def ledger(database: Database) -> list[tuple[str, str, str, str]]:
    """Document, project, day and amount of every row, in the order of posting."""
    with database.read() as session:
        rows = session.execute(
            select(LedgerEntry, Project.code)
            .join(Project, Project.id == LedgerEntry.project_id)  # type: ignore[arg-type]
            .order_by(LedgerEntry.id)  # type: ignore[arg-type]
        ).all()
        return [(row.document or "", code, row.date.isoformat(), format(row.amount, "f")) for row, code in rows]


def receive(database: Database, project: str, amount: str, *, currency: str = "EUR") -> None:
    with database.write("tests") as session:
        found = session.scalars(select(Project).where(Project.code == project)).one()  # type: ignore[arg-type]
        kept = session.scalars(select(Agreement)).one()
        session.add(
            LedgerEntry(
                project_id=found.id or 0,
                agreement_id=kept.id,
                type="1",
                date=dt.date(2026, 2, 1),
                amount=Decimal(amount),
                currency=currency,
            )
        )


def revisions(database: Database) -> list[tuple[str, str, str]]:
    """Day, status and amount of every revision, in the order of recording."""
    with database.read() as session:
        rows = session.scalars(select(AgreementRevision).order_by(AgreementRevision.sequence))  # type: ignore[arg-type]
        return [(row.known_on.isoformat(), row.status.value, format(row.amount, "f")) for row in rows]
