"""Reads of projects, and the lists of what hangs below them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, case, literal, select
from sqlmodel import Session

from app.db.agreements import givers
from app.db.allocations import effective_allocations
from app.db.base import key, table
from app.db.evaluations import EvaluationProject
from app.db.funding import FundingShare
from app.db.identifiers import is_frozen
from app.db.lookups import row_by
from app.db.meant import with_other_capitals
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.people import AuditEvent
from app.db.projects import (
    Classification,
    Contact,
    Document,
    Project,
    ProjectRevision,
)
from app.db.publishing import PublishedActivity
from app.db.shapes import shaped
from app.db.spending import Encumbrance, LedgerEntry
from app.db.together import row_keyed, rows_below
from app.errors import NotFound
from app.http.lists import (
    Listing,
    Shown,
    at_least,
    at_most,
    contains_in_any_language,
    equals,
    in_words,
    sort,
    unless_archived,
)


def find_project(session: Session, code: str) -> Project | None:
    return row_by(session, Project, "code", code)


def project_named(session: Session, code: str) -> Project:
    """The project with a code; ``NotFound`` when there is none."""
    if (found := find_project(session, code)) is None:
        raise NotFound(f"There is no project {code}.")
    return found


def get_project(session: Session, project_id: int) -> Project:
    """The project; ``NotFound`` when there is none."""
    if (found := session.get(Project, project_id)) is None:
        raise NotFound(f"There is no project {project_id}.")
    return found


def identifier_taken(session: Session, identifier: str, *, except_id: int | None) -> str | None:
    """Code of another project that has, or once had, the identifier."""
    holder = row_by(session, Project, "iati_identifier", identifier)
    if holder is None or holder.id == except_id:
        had = row_by(session, PublishedActivity, "identifier", identifier)
        holder = None if had is None else session.get_one(Project, had.project_id)
    return None if holder is None or holder.id == except_id else holder.code


def identifier_in_other_capitals(session: Session, identifier: str, *, except_id: int | None) -> str | None:
    """Identifier of another project that differs from this one in capital letters alone."""
    own = None if except_id is None else session.get_one(Project, except_id).iati_identifier
    return with_other_capitals(session, Project, "iati_identifier", identifier, instead_of=own)


def has_figures(session: Session, project_id: int) -> bool:
    """Whether money (posted, encumbered, or allocated and not withdrawn) or an evaluation is recorded for it."""
    entry, encumbrance, covered = table(LedgerEntry).c, table(Encumbrance).c, table(EvaluationProject).c
    allocated = effective_allocations(dt.date.max).subquery().c
    return any(
        session.execute(found.limit(1)).first() is not None
        for found in (
            select(entry.id).where(entry.project_id == project_id),
            select(encumbrance.id).where(encumbrance.project_id == project_id, encumbrance.archived_at.is_(None)),
            select(allocated.amount).where(allocated.project_id == project_id),
            select(covered.evaluation_id).where(covered.project_id == project_id),
        )
    )


def classifications(session: Session, project_id: int) -> Sequence[Classification]:
    row = table(Classification).c
    return rows_below(session, Classification, "project_id", project_id, row.kind, row.ordinal, row.id)


def parents(session: Session, project: Project) -> list[int]:
    """Keys of a project and of all that stand above it, as they stand by now."""
    found: list[int] = []
    current: Project | None = project
    while current is not None and key(current) not in found:
        found.append(key(current))
        current = None if current.parent_id is None else row_keyed(session, Project, current.parent_id)
    return found


@dataclass(frozen=True, slots=True)
class CountingAllocation:
    """An allocation that counts on a day."""

    amount: Decimal
    currency: str
    decided_on: dt.date


def allocations_of(session: Session, project_id: int, as_of: dt.date) -> list[CountingAllocation]:
    """The allocations of a project that count on a day."""
    counting = effective_allocations(as_of).subquery().c
    statement = select(counting.amount, counting.currency, counting.decided_on)
    return shaped(CountingAllocation, session.execute(statement.where(counting.project_id == project_id)))


_project, _unit, _officer = table(Project), table(Unit), table(Officer)
_backstopping, _parent = _unit.alias("backstopping"), _project.alias("parent")


def _has_country(code: object) -> ColumnElement[bool]:
    row = table(Classification).c
    return _project.c.id.in_(select(row.project_id).where(row.kind == "country", row.code == code))


def working_towards(outcome: object) -> ColumnElement[bool]:
    """That a project works towards an outcome, or towards several of which it is one (``1:60|2:40``)."""
    told = literal("|") + _project.c.outcome
    return (_project.c.outcome == outcome) | told.contains(f"|{outcome}:", autoescape=True)


def _funded_by(partner_code: object) -> ColumnElement[bool]:
    share, giver, partner = table(FundingShare), givers(), table(Partner)
    return _project.c.id.in_(
        select(share.c.project_id)
        .join(giver, giver.c.agreement_id == share.c.agreement_id)
        .join(partner, partner.c.id == giver.c.partner_id)
        .where(partner.c.code == partner_code, share.c.archived_at.is_(None))
    )


def _of_unit(code: object) -> ColumnElement[bool]:
    return _project.c.unit_id == select(_unit.c.id).where(_unit.c.code == code).scalar_subquery()


def _of_officer(code: object) -> ColumnElement[bool]:
    return _project.c.officer_id == select(_officer.c.id).where(_officer.c.code == code).scalar_subquery()


def _updated_by(day: object) -> ColumnElement[bool]:
    if not isinstance(day, dt.date):
        raise TypeError("a filter by day takes a day")
    return _project.c.updated_at <= dt.datetime.combine(day, dt.time.max, dt.UTC)


def is_published() -> ColumnElement[bool]:
    """Whether the world has seen an activity of the project."""
    seen = table(PublishedActivity).c
    return select(seen.id).where(seen.project_id == _project.c.id).exists()


_LINE = (
    _project.c.id,
    _project.c.grain,
    _project.c.origin,
    _project.c.code,
    _project.c.iati_identifier,
    _project.c.title,
    _project.c.stage.label("status"),
    _project.c.planned_start,
    _project.c.planned_end,
    _project.c.actual_start,
    _project.c.actual_end,
    _project.c.total_budget,
    _project.c.budget_currency.label("currency"),
    _unit.c.code.label("unit"),
    _officer.c.code.label("officer"),
    _project.c.outcome,
    _project.c.version,
    _project.c.archived_at,
    _project.c.updated_at,
    is_published().label("published"),
    _project.c.findings.is_not(None).label("draft"),
)

PROJECTS = Listing(
    name="projects",
    statement=select(*_LINE)
    .select_from(_project)
    .outerjoin(_unit, _unit.c.id == _project.c.unit_id)
    .outerjoin(_officer, _officer.c.id == _project.c.officer_id),
    key=_project.c.id,
    sorts={
        "code": sort(_project.c.code),
        "title": sort(_project.c.title),
        "status": sort(_project.c.stage),
        "planned_start": sort(_project.c.planned_start),
        "planned_end": sort(_project.c.planned_end),
        "updated_at": sort(_project.c.updated_at),
        "id": sort(_project.c.id),
    },
    filters={
        "archived": unless_archived(_project.c.archived_at),
        "code": equals(_project.c.code),
        "status": equals(_project.c.stage),
        "grain": equals(_project.c.grain),
        "unit": _of_unit,
        "officer": _of_officer,
        "outcome": working_towards,
        "country_programme": equals(_project.c.country_programme),
        "country": _has_country,
        "draft": lambda draft: _project.c.findings.is_not(None) if draft else _project.c.findings.is_(None),
        "partner": _funded_by,
        "planned_end_from": at_least(_project.c.planned_end),
        "planned_end_to": at_most(_project.c.planned_end),
        "open_end": lambda wanted: _project.c.planned_end.is_(None) if wanted else _project.c.planned_end.is_not(None),
        "updated_to": _updated_by,
        "published": lambda wanted: is_published() if wanted else ~is_published(),
        "q": contains_in_any_language(_project.c.code, _project.c.title, texts=_project.c.title_translations),
    },
    usual_sort="code",
)


#: further columns of a single project
_DETAILS = (
    "title_translations", "description", "description_translations", "gender_marker", "mid_term_agreed", "pilot",
    "humanitarian", "south_south", "phase", "country_programme", "operationally_closed_on", "financially_closed_on",
    "former_identifiers", "activity_scope", "collaboration_type", "flow_type", "finance_type",
    "aid_type", "tied_status", "withheld_reason", "embargo_until", "note", "created_at", "findings",
)  # fmt: skip


def show_project(session: Session, project_id: int) -> Shown | None:
    """All that a project's own record says, but for its classifications. One statement."""
    row = session.execute(
        select(
            *_LINE,
            *(_project.c[name] for name in _DETAILS),
            is_frozen().label("identifier_frozen"),
            _backstopping.c.code.label("backstopping_unit"),
            _parent.c.code.label("parent"),
        )
        .select_from(_project)
        .outerjoin(_unit, _unit.c.id == _project.c.unit_id)
        .outerjoin(_officer, _officer.c.id == _project.c.officer_id)
        .outerjoin(_backstopping, _backstopping.c.id == _project.c.backstopping_unit_id)
        .outerjoin(_parent, _parent.c.id == _project.c.parent_id)
        .where(_project.c.id == project_id)
    ).one_or_none()
    return None if row is None else in_words(dict(row._mapping), tuple(row._fields))


#: stands in a project's version once its identifier is frozen
PUBLISHED = "published"
#: stands in it while the project is a draft
DRAFT = "draft"


def named_codes(session: Session, project_id: int) -> tuple[str | None, ...]:
    """What is shown with a project and stands elsewhere: codes of unit, officer, backstopping unit and parent, whether
    it was published, and whether it is a draft, which ends when what is below it is mended."""
    frozen = case((is_frozen(), PUBLISHED))
    draft = case((_project.c.findings.is_not(None), DRAFT))
    row = session.execute(
        select(_unit.c.code, _officer.c.code, _backstopping.c.code, _parent.c.code, frozen, draft)
        .select_from(_project)
        .outerjoin(_unit, _unit.c.id == _project.c.unit_id)
        .outerjoin(_officer, _officer.c.id == _project.c.officer_id)
        .outerjoin(_backstopping, _backstopping.c.id == _project.c.backstopping_unit_id)
        .outerjoin(_parent, _parent.c.id == _project.c.parent_id)
        .where(_project.c.id == project_id)
    ).one()
    return tuple(row)


_revision, _event, _document, _contact = (table(row) for row in (ProjectRevision, AuditEvent, Document, Contact))

REVISIONS = Listing(
    name="revisions",
    statement=select(
        _revision.c.field, _revision.c.sequence, _revision.c.known_on.label("decided_on"), _revision.c.value,
        _revision.c.reason, _revision.c.note, _revision.c.recorded_at, _revision.c.recorded_by,
    ),
    key=_revision.c.id,
    sorts={"decided_on": sort(_revision.c.known_on), "recorded_at": sort(_revision.c.recorded_at)},
    filters={"field": equals(_revision.c.field)},
    usual_sort="decided_on",
)  # fmt: skip

AUDIT = Listing(
    name="audit events",
    statement=select(
        *(
            _event.c[name]
            for name in ("sequence", "at", "actor", "action", "entity", "entity_id", "before", "after", "hash")
        )
    ),
    key=_event.c.id,
    sorts={"sequence": sort(_event.c.sequence)},
    filters={"entity": equals(_event.c.entity), "action": equals(_event.c.action), "actor": equals(_event.c.actor)},
    usual_sort="-sequence",
)

_DOCUMENT = (
    "id", "url", "format", "title", "title_translations", "category", "language", "document_date", "country",
    "withheld_reason", "embargo_until", "note", "version", "archived_at",
)  # fmt: skip

DOCUMENTS = Listing(
    name="documents",
    statement=select(_project.c.code.label("project"), *(_document.c[name] for name in _DOCUMENT))
    .select_from(_document)
    .outerjoin(_project, _project.c.id == _document.c.project_id),
    key=_document.c.id,
    sorts={
        "id": sort(_document.c.id),
        "category": sort(_document.c.category),
        "document_date": sort(_document.c.document_date),
    },
    filters={
        "archived": unless_archived(_document.c.archived_at),
        "project": equals(_project.c.code),
        "category": equals(_document.c.category),
        "own": lambda own: _document.c.project_id.is_(None) if own else _document.c.project_id.is_not(None),
        "url": equals(_document.c.url),
    },
    usual_sort="id",
)

_CONTACT = (
    "id", "type", "organisation", "department", "person", "job_title", "telephone", "email", "website", "address",
    "released", "version", "archived_at",
)  # fmt: skip

CONTACTS = Listing(
    name="contacts",
    statement=select(*(_contact.c[name] for name in _CONTACT)),
    key=_contact.c.id,
    sorts={"id": sort(_contact.c.id), "person": sort(_contact.c.person)},
    filters={"archived": unless_archived(_contact.c.archived_at)},
    usual_sort="id",
)


def of_project(listed: Listing, project_id: int) -> ColumnElement[bool]:
    """The condition that narrows a list to one project."""
    if listed is AUDIT:
        return _event.c.aggregate == f"project:{project_id}"
    owner: ColumnElement[int] = listed.key.table.c.project_id
    return owner == project_id
