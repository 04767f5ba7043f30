"""Reads of projects and what hangs below them."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.db.base import table
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation, Partner
from app.db.people import AuditEvent
from app.db.projects import (
    Classification,
    Contact,
    Document,
    Link,
    Location,
    Participant,
    Project,
    ProjectRevision,
)
from app.db.spending import ExchangeRate
from app.domain.terms import Grain, Stage
from app.errors import NotFound


def find_project(session: Session, code: str) -> Project | None:
    return session.scalars(select(Project).where(table(Project).c.code == code)).first()


def get_project(session: Session, project_id: int) -> Project:
    """The project; ``NotFound`` when there is none."""
    if (found := session.get(Project, project_id)) is None:
        raise NotFound(f"There is no project {project_id}.")
    return found


def lock_project(session: Session, project_id: int) -> Project:
    """The project, locked until the transaction ends, so that two writers take turns."""
    found = session.scalars(
        select(Project)
        .where(table(Project).c.id == project_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound(f"There is no project {project_id}.")
    return found


def identifier_taken(session: Session, identifier: str, *, except_id: int | None) -> str | None:
    """Code of another project that has, or once had, the identifier."""
    project = table(Project)
    former = cast(project.c.former_identifiers, String)
    quoted = '"' + identifier.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + '"'
    found = select(project.c.code).where(
        or_(project.c.iati_identifier == identifier, former.like(f"%{quoted}%", escape="\\"))
    )
    if except_id is not None:
        found = found.where(project.c.id != except_id)
    return session.scalars(found.limit(1)).first()


def revisions(session: Session, project_id: int) -> Sequence[ProjectRevision]:
    """All revisions of a project, by field and order of recording."""
    revision = table(ProjectRevision).c
    return session.scalars(
        select(ProjectRevision).where(revision.project_id == project_id).order_by(revision.field, revision.sequence)
    ).all()


def officer_code(session: Session, officer_id: int | None) -> str | None:
    if officer_id is None:
        return None
    return session.get_one(Officer, officer_id).code


def classifications(session: Session, project_id: int) -> Sequence[Classification]:
    row = table(Classification).c
    return session.scalars(
        select(Classification).where(row.project_id == project_id).order_by(row.kind, row.ordinal, row.id)
    ).all()


def parents(session: Session, project_id: int) -> list[int]:
    """Keys of a project and of all that stand above it."""
    found: list[int] = []
    current: int | None = project_id
    while current is not None and current not in found:
        found.append(current)
        current = session.scalars(select(table(Project).c.parent_id).where(table(Project).c.id == current)).first()
    return found


def allocations_of(session: Session, project_id: int, as_of: dt.date) -> list[Any]:
    """The allocations of a project that count on a day: amount, currency, decided_on."""
    counting = effective_allocations(as_of).subquery()
    return list(
        session.execute(
            select(counting.c.amount, counting.c.currency, counting.c.decided_on, counting.c.period_start).where(
                counting.c.project_id == project_id
            )
        )
    )


def rates_of(session: Session, currencies: Collection[str]) -> list[tuple[str, dt.date, Any]]:
    """Rates of exchange of the currencies, of each day the newest recorded last."""
    rate = table(ExchangeRate).c
    rows = session.execute(
        select(rate.currency, rate.effective_on, rate.rate)
        .where(rate.currency.in_(sorted(currencies)))
        .order_by(rate.currency, rate.effective_on, rate.sequence)
    )
    return [(row[0], row[1], row[2]) for row in rows]


_unit, _officer = table(Unit), table(Officer)

#: columns of a project that a list shows and may be sorted by
LINE = (
    "id", "version", "grain", "origin", "code", "iati_identifier", "title", "stage", "planned_start", "planned_end",
    "actual_start", "actual_end", "total_budget", "budget_currency", "outcome", "archived_at",
)  # fmt: skip


def project_lines() -> Select[Any]:
    """Projects as a list shows them, with the codes of unit and officer."""
    project = table(Project)
    return (
        select(*(project.c[name] for name in LINE), _unit.c.code.label("unit"), _officer.c.code.label("officer"))
        .select_from(project)
        .outerjoin(_unit, _unit.c.id == project.c.unit_id)
        .outerjoin(_officer, _officer.c.id == project.c.officer_id)
    )


def project_conditions(
    *,
    code: str | None = None,
    stage: Stage | None = None,
    grain: Grain | None = None,
    unit: str | None = None,
    officer: str | None = None,
    outcome: str | None = None,
    country: str | None = None,
    partner: str | None = None,
    text: str | None = None,
    archived: bool = False,
) -> list[ColumnElement[bool]]:
    """The conditions that the filters of the list stand for; every filter is an exact match but ``text``."""
    project = table(Project)
    found: list[ColumnElement[bool]] = [
        project.c.archived_at.is_not(None) if archived else project.c.archived_at.is_(None)
    ]
    exact = {"code": code, "stage": stage, "grain": grain, "outcome": outcome}
    found += [project.c[name] == value for name, value in exact.items() if value is not None]
    if unit is not None:
        found.append(project.c.unit_id == select(_unit.c.id).where(_unit.c.code == unit).scalar_subquery())
    if officer is not None:
        found.append(project.c.officer_id == select(_officer.c.id).where(_officer.c.code == officer).scalar_subquery())
    if country is not None:
        row = table(Classification).c
        found.append(project.c.id.in_(select(row.project_id).where(row.kind == "country", row.code == country)))
    if partner is not None:
        found.append(project.c.id.in_(_funded_by(partner)))
    if text:
        escaped = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(func.lower(project.c.title).like(f"%{escaped}%", escape="\\"))
    return found


def _funded_by(partner_code: str) -> Select[Any]:
    share, agreement, partner = table(FundingShare), table(Agreement), table(Partner)
    return (
        select(share.c.project_id)
        .join(agreement, agreement.c.id == share.c.agreement_id)
        .join(partner, partner.c.id == agreement.c.partner_id)
        .where(partner.c.code == partner_code, share.c.archived_at.is_(None))
    )


def names_of(session: Session, project: Project) -> tuple[str | None, str | None, str | None, str | None]:
    """Codes of unit, backstopping unit, officer and parent of a project. One query."""
    backstopping, parent = _unit.alias("backstopping"), table(Project).alias("parent")
    own = table(Project)
    row = session.execute(
        select(_unit.c.code, backstopping.c.code, _officer.c.code, parent.c.code)
        .select_from(own)
        .outerjoin(_unit, _unit.c.id == own.c.unit_id)
        .outerjoin(backstopping, backstopping.c.id == own.c.backstopping_unit_id)
        .outerjoin(_officer, _officer.c.id == own.c.officer_id)
        .outerjoin(parent, parent.c.id == own.c.parent_id)
        .where(own.c.id == project.id)
    ).one()
    return row[0], row[1], row[2], row[3]


def find_document(session: Session, project_id: int | None, url: str) -> Document | None:
    document = table(Document).c
    owner = document.project_id.is_(None) if project_id is None else document.project_id == project_id
    return session.scalars(
        select(Document).where(owner, document.url == url, document.archived_at.is_(None)).order_by(document.id)
    ).first()


def get_document(session: Session, document_id: int) -> Document:
    if (found := session.get(Document, document_id)) is None:
        raise NotFound(f"There is no document {document_id}.")
    return found


def documents(session: Session, project_id: int | None) -> Sequence[Document]:
    document = table(Document).c
    owner = document.project_id.is_(None) if project_id is None else document.project_id == project_id
    return session.scalars(
        select(Document).where(owner, document.archived_at.is_(None)).order_by(document.ordinal, document.id)
    ).all()


def contacts(session: Session, project_id: int) -> Sequence[Contact]:
    contact = table(Contact).c
    return session.scalars(
        select(Contact)
        .where(contact.project_id == project_id, contact.archived_at.is_(None))
        .order_by(contact.ordinal, contact.id)
    ).all()


def get_contact(session: Session, project_id: int, contact_id: int) -> Contact:
    found = session.get(Contact, contact_id)
    if found is None or found.project_id != project_id:
        raise NotFound(f"The project has no contact {contact_id}.")
    return found


def locations(session: Session, project_id: int) -> Sequence[Location]:
    row = table(Location).c
    return session.scalars(select(Location).where(row.project_id == project_id).order_by(row.ordinal, row.id)).all()


def links(session: Session, project_id: int) -> Sequence[Link]:
    row = table(Link).c
    return session.scalars(select(Link).where(row.project_id == project_id).order_by(row.ordinal, row.id)).all()


def participants(session: Session, project_id: int) -> Sequence[tuple[Participant, Organisation]]:
    row = table(Participant).c
    return [
        (found[0], found[1])
        for found in session.execute(
            select(Participant, Organisation)
            .join(table(Organisation), table(Organisation).c.id == row.organisation_id)
            .where(row.project_id == project_id)
            .order_by(row.ordinal, row.id)
        )
    ]


def next_ordinal(session: Session, row_class: type[Contact] | type[Document], project_id: int | None) -> int:
    """The place after the last sibling."""
    row = table(row_class).c
    owner = row.project_id.is_(None) if project_id is None else row.project_id == project_id
    last = session.scalar(select(func.max(row.ordinal)).where(owner))
    return 0 if last is None else last + 1


def audit_events(project_id: int) -> Select[Any]:
    """The trail of a project and all that hangs below it."""
    event = table(AuditEvent)
    return select(event).where(event.c.aggregate == f"project:{project_id}")
