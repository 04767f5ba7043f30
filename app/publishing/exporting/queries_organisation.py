"""What the organisation file needs: budgets, documents, evaluations of no single project, imported records."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session

from app.db.base import Row, table
from app.db.evaluations import Evaluation
from app.db.partners import Organisation
from app.db.projects import Document, Findings
from app.db.publishing import OrganisationFile
from app.db.shapes import shaped
from app.db.spending import InstitutionalBudget

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Read = TypeVar("Read", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A line of the organisation's own budget, or the total of a period."""

    kind: str
    country: str
    period_start: dt.date
    period_end: dt.date
    #: reference of the line; empty: the total
    line: str
    line_title: str | None
    amount: Decimal
    currency: str
    status: str
    value_date: dt.date
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the organisation itself."""

    id: int
    url: str
    format: str
    title: str
    title_translations: list[list[str]]
    category: str
    language: str | None
    document_date: dt.date | None
    country: str | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A published evaluation of the institution or of a country."""

    reference: str
    title: str | None
    scope: str
    country: str | None
    report_url: str | None
    response_url: str | None
    completed_on: dt.date | None
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class OwnRow:
    """The organisation itself."""

    identifier: str | None
    name: str
    name_translations: list[list[str]]
    type: str | None
    updated_at: dt.datetime


def _rows(
    session: Session, row_class: type[Row], kind: type[Read], *conditions: ColumnElement[bool], order: Sequence[str]
) -> list[Read]:
    target = table(row_class).c
    statement = select(*(target[each.name] for each in fields(kind))).where(*conditions)
    return shaped(kind, session.execute(statement.order_by(*(target[name] for name in order))))


def budgets(session: Session) -> list[BudgetRow]:
    """Lines of the organisation's own budget, by kind, country and period; the total of a period before its lines.

    What outcomes need is no part of it.
    """
    target = table(InstitutionalBudget).c
    published = and_(target.archived_at.is_(None), target.kind != "need")
    return _rows(session, InstitutionalBudget, BudgetRow, published, order=("kind", "country", "period_start", "line"))


def documents(session: Session) -> list[DocumentRow]:
    """Documents of the organisation itself."""
    target = table(Document).c
    conditions = (target.project_id.is_(None), target.evaluation_id.is_(None), target.archived_at.is_(None))
    return _rows(session, Document, DocumentRow, *conditions, order=("ordinal", "id"))


def evaluations(session: Session) -> list[EvaluationRow]:
    """Published evaluations of the institution or of a country."""
    target = table(Evaluation).c
    conditions = (
        target.scope != "project",
        target.published.is_(True),
        target.archived_at.is_(None),
        or_(target.report_url.is_not(None), target.response_url.is_not(None)),
    )
    return _rows(session, Evaluation, EvaluationRow, *conditions, order=("reference",))


def organisation(session: Session, key: int) -> OwnRow:
    """The organisation's own row."""
    return _rows(session, Organisation, OwnRow, table(Organisation).c.id == key, order=("id",))[0]


class ImportedRecord(NamedTuple):
    """A record of a published organisation file."""

    organisation_id: int
    #: identifier of the organisation, else its name
    name: str
    #: the model as JSON
    document: dict[str, object]
    #: why it is a draft; None: it is none
    findings: Findings | None


def records(session: Session) -> list[ImportedRecord]:
    """Imported organisation records, by identifier."""
    stored, named = table(OrganisationFile), table(Organisation)
    statement = (
        select(
            stored.c.organisation_id,
            func.coalesce(named.c.identifier, named.c.name),
            stored.c.document,
            stored.c.findings,
        )
        .join(named, named.c.id == stored.c.organisation_id)
        .where(stored.c.archived_at.is_(None))
        .order_by(named.c.identifier, named.c.name_key)
    )
    return [ImportedRecord(*row) for row in session.execute(statement)]
