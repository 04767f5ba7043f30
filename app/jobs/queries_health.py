"""What tells whether an installation has what it needs."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import Session

from app.db.alerts import Message
from app.db.base import table
from app.db.evaluations import EvaluationPolicy
from app.db.organisation import Officer, Setup, Unit
from app.db.partners import Organisation, Partner
from app.db.people import AuditSeal, User
from app.db.projects import Project
from app.db.publishing import PublicFile
from app.db.shapes import shaped
from app.db.spending import ExchangeRate
from app.domain.terms import DeliveryState, Role


@dataclass(frozen=True, slots=True)
class Stock:
    """How much there is of what everything else needs."""

    organisation: str | None
    #: last day that is closed in the books
    closed_until: dt.date | None
    units: int
    officers: int
    users: int
    administrators: int
    partners: int
    projects: int
    policies: int
    #: day of the newest rate of exchange
    newest_rate: dt.date | None
    files_in_public: int
    waiting: int
    failed: int
    sealed_at: dt.datetime | None


def stock(session: Session) -> Stock:
    """All of it in one statement."""
    setup, organisation, user, message = table(Setup), table(Organisation), table(User), table(Message)
    public = table(PublicFile)

    def number(of: type[Unit | Officer | Partner | Project]) -> ScalarSelect[int]:
        row = table(of)
        return select(func.count()).select_from(row).where(row.c.archived_at.is_(None)).scalar_subquery()

    people = select(func.count()).select_from(user).where(user.c.archived_at.is_(None))
    messages = select(func.count()).select_from(message)
    own = select(organisation.c.name).join_from(setup, organisation, organisation.c.id == setup.c.organisation_id)
    found = session.execute(
        select(
            own.scalar_subquery().label("organisation"),
            select(setup.c.closed_until).scalar_subquery().label("closed_until"),
            number(Unit).label("units"),
            number(Officer).label("officers"),
            people.scalar_subquery().label("users"),
            people.where(user.c.role == Role.ADMIN).scalar_subquery().label("administrators"),
            number(Partner).label("partners"),
            number(Project).label("projects"),
            select(func.count()).select_from(table(EvaluationPolicy)).scalar_subquery().label("policies"),
            select(func.max(table(ExchangeRate).c.effective_on)).scalar_subquery().label("newest_rate"),
            select(func.count()).select_from(public).where(public.c.file_id.is_not(None)).scalar_subquery()
            .label("files_in_public"),
            messages.where(message.c.state == DeliveryState.WAITING).scalar_subquery().label("waiting"),
            messages.where(message.c.state == DeliveryState.FAILED).scalar_subquery().label("failed"),
            select(func.max(table(AuditSeal).c.at)).scalar_subquery().label("sealed_at"),
        )
    )  # fmt: skip
    return shaped(Stock, found)[0]
