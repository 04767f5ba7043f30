"""What the organisation file needs: budgets, documents, evaluations of no single project, imported records."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session

from app.db.base import Row, table
from app.db.evaluations import Evaluation
from app.db.partners import Organisation
from app.db.projects import Document, Findings
from app.db.publishing import OrganisationFile
from app.db.spending import InstitutionalBudget
from app.publishing.exporting.queries import Columns

_BUDGET = (
    "id", "kind", "country", "period_start", "period_end", "line", "line_title", "amount", "currency", "status",
    "value_date", "updated_at",
)  # fmt: skip
_DOCUMENT = (
    "id", "url", "format", "title", "title_translations", "category", "language", "document_date", "country",
    "withheld_reason", "embargo_until", "remainder", "updated_at",
)  # fmt: skip
_EVALUATION = (
    "id", "reference", "title", "scope", "country", "report_url", "response_url", "completed_on", "updated_at",
)  # fmt: skip


def _rows(
    session: Session,
    row_class: type[Row],
    names: tuple[str, ...],
    *conditions: ColumnElement[bool],
    order: Sequence[ColumnElement[object]],
) -> list[Columns]:
    target = table(row_class).c
    statement = select(*(target[name] for name in names)).where(*conditions).order_by(*order)
    return [dict(zip(names, row, strict=True)) for row in session.execute(statement)]


def budgets(session: Session) -> list[Columns]:
    """Lines of the organisation's own budget, by kind, country and period; the total of a period before its lines.

    What outcomes need is no part of it.
    """
    target = table(InstitutionalBudget).c
    order = (target.kind, target.country, target.period_start, target.line)
    published = and_(target.archived_at.is_(None), target.kind != "need")
    return _rows(session, InstitutionalBudget, _BUDGET, published, order=order)


def documents(session: Session) -> list[Columns]:
    """Documents of the organisation itself."""
    target = table(Document).c
    conditions = (target.project_id.is_(None), target.evaluation_id.is_(None), target.archived_at.is_(None))
    return _rows(session, Document, _DOCUMENT, *conditions, order=(target.ordinal, target.id))


def evaluations(session: Session) -> list[Columns]:
    """Published evaluations of the institution or of a country."""
    target = table(Evaluation).c
    conditions = (
        target.scope != "project",
        target.published.is_(True),
        target.archived_at.is_(None),
        or_(target.report_url.is_not(None), target.response_url.is_not(None)),
    )
    return _rows(session, Evaluation, _EVALUATION, *conditions, order=(target.reference,))


def organisation(session: Session, key: int) -> Columns:
    """The organisation's own row."""
    names = ("id", "identifier", "name", "name_translations", "type", "updated_at")
    return _rows(session, Organisation, names, table(Organisation).c.id == key, order=(table(Organisation).c.id,))[0]


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
