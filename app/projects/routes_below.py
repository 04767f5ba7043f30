"""What hangs below a project: revisions, documents, contacts, locations, participants, links, its audit trail."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.projects import Contact, Document, Project
from app.domain.access import Actor
from app.errors import NotFound
from app.http.access import Writer
from app.http.fields import Id, IfMatch
from app.http.lists import ListOf, Shown, one, page
from app.http.once import Idempotent
from app.http.parts import Part, Record, Summaries, add_and_change_part, on_any_day
from app.http.router import CHANGES, CREATES, GETS, LISTS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, locked, single
from app.projects import documents, parts, planned, queries, revisions, views
from app.projects.answers import (
    AuditOut,
    AuditPage,
    ContactOut,
    ContactPage,
    DocumentOut,
    DocumentPage,
    LinksOut,
    LocationsOut,
    ParticipantsOut,
    RevisionOut,
    RevisionPage,
)
from app.projects.routes import held_project
from app.projects.schemas import (
    ContactIn,
    ContactPatch,
    DocumentIn,
    DocumentPatch,
    LinksIn,
    LocationsIn,
    ParticipantsIn,
    ProjectDocumentIn,
    ProjectRevisionIn,
    RevisionIn,
)
from app.projects.schemas_planned import PlannedPaymentsIn, PlannedPaymentsOut

below = api_router("/projects/{project_id}", "projects")
documents_router = api_router("/documents", "documents")

_CREATES = CREATES | problems(404)


@below.get("/revisions", summary="List revisions", response_model=ListOf[RevisionOut], responses=LISTS_BELOW)
def list_revisions(
    request: Request, project_id: Id, session: Reading, query: Annotated[RevisionPage, Query()]
) -> Response:
    queries.get_project(session, project_id)
    of_project = queries.of_project(queries.REVISIONS, project_id)
    found = page(session, queries.REVISIONS, query, of_project, scope=str(project_id))
    views.name_by_codes_of_now(session, found.items)
    return found.response(request)


@below.post("/revisions", summary="Record a decision", status_code=201, response_model=RevisionOut, responses=_CREATES)
def create_revision(
    project_id: Id, body: ProjectRevisionIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        project = queries.get_project(session, project_id)
        whole = RevisionIn.model_construct(project=project.code, **body.model_dump())
        row = revisions.create_revision(session, actor, whole, today=today)
        shown = RevisionOut(
            field=row.field,
            sequence=row.sequence,
            decided_on=row.known_on,
            value=row.value,
            reason=row.reason,
            note=row.note,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        return Response(shown.model_dump_json(), 201, _JSON)

    return once.answer(session, work)


_JSON = {"content-type": "application/json"}


@below.get("/audit", summary="Audit trail of a project", response_model=ListOf[AuditOut], responses=LISTS_BELOW)
def list_audit(request: Request, project_id: Id, session: Reading, query: Annotated[AuditPage, Query()]) -> Response:
    queries.get_project(session, project_id)
    of_project = queries.of_project(queries.AUDIT, project_id)
    return page(session, queries.AUDIT, query, of_project, scope=str(project_id)).response(request)


def _create_contact(session: Session, actor: Actor, project: Project, body: ContactIn, /, **_day: dt.date) -> Contact:
    return parts.create_contact(session, actor, project, body)


def _update_contact(
    session: Session, actor: Actor, project: Project, row: Contact, body: ContactPatch, /, **_day: dt.date
) -> None:
    parts.update_contact(session, actor, project, row, body)


CONTACT = Part(
    record=Record(row=Project, one="project", key="project_id"),
    row=Contact,
    path="/contacts",
    listing=queries.CONTACTS,
    shown=ContactOut,
    query=ContactPage,
    one="contact",
    name="contact",
    names="contacts",
    key="contact_id",
    summaries=Summaries(
        list="List contacts",
        show="Show a contact",
        write="Add a contact",
        change="Change a contact",
        archive="Archive a contact",
        restore="Restore a contact",
    ),
    archive=on_any_day(parts.archive_contact),
    restore=on_any_day(parts.restore_contact),
)
add_and_change_part(below, CONTACT, ContactIn, ContactPatch, _create_contact, _update_contact)


@below.get("/documents", summary="List documents", response_model=ListOf[DocumentOut], responses=LISTS_BELOW)
def list_project_documents(
    request: Request, project_id: Id, session: Reading, query: Annotated[DocumentPage, Query()]
) -> Response:
    queries.get_project(session, project_id)
    of_project = queries.of_project(queries.DOCUMENTS, project_id)
    return page(session, queries.DOCUMENTS, query, of_project, scope=str(project_id)).response(request)


@below.post("/documents", summary="Add a document", status_code=201, response_model=DocumentOut, responses=_CREATES)
def create_project_document(
    request: Request, project_id: Id, body: ProjectDocumentIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        project = queries.get_project(session, project_id)
        whole = DocumentIn.model_validate({"project": project.code, **body.model_dump(exclude_unset=True)})
        row = documents.create_document(session, actor, whole)
        return _document(request, session, key(row), location=f"/api/v1/documents/{row.id}")

    return once.answer(session, work)


Shower = Callable[[Session, Project], Sequence[Shown]]


def _parts(request: Request, session: Session, project_id: int, show: Shower) -> Response:
    """All parts of one kind, under the ETag of their project."""
    project = queries.get_project(session, project_id)
    versions = views.project_versions(project.version, queries.named_codes(session, project_id))
    return single(request, {"items": show(session, project)}, tag=etag(project_id, *versions))


@below.get("/locations", summary="Show the locations", response_model=LocationsOut, responses=GETS)
def list_locations(request: Request, project_id: Id, session: Reading) -> Response:
    return _parts(request, session, project_id, views.show_locations)


@below.put("/locations", summary="Replace the locations", response_model=LocationsOut, responses=CHANGES)
def replace_locations(
    request: Request, project_id: Id, body: LocationsIn, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    parts.replace_locations(session, actor, held_project(session, project_id, if_match), body.items)
    return _parts(request, session, project_id, views.show_locations)


@below.get("/participants", summary="Show the participants", response_model=ParticipantsOut, responses=GETS)
def list_participants(request: Request, project_id: Id, session: Reading) -> Response:
    return _parts(request, session, project_id, views.show_participants)


@below.put("/participants", summary="Replace the participants", response_model=ParticipantsOut, responses=CHANGES)
def replace_participants(
    request: Request, project_id: Id, body: ParticipantsIn, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    parts.replace_participants(session, actor, held_project(session, project_id, if_match), body.items)
    return _parts(request, session, project_id, views.show_participants)


@below.get("/links", summary="Show the related activities", response_model=LinksOut, responses=GETS)
def list_links(request: Request, project_id: Id, session: Reading) -> Response:
    return _parts(request, session, project_id, views.show_links)


@below.put("/links", summary="Replace the related activities", response_model=LinksOut, responses=CHANGES)
def replace_links(
    request: Request, project_id: Id, body: LinksIn, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    parts.replace_links(session, actor, held_project(session, project_id, if_match), body.items)
    return _parts(request, session, project_id, views.show_links)


@below.get(
    "/planned-payments",
    summary="Show the payments that are planned to other organisations",
    response_model=PlannedPaymentsOut,
    responses=GETS,
)
def list_planned(request: Request, project_id: Id, session: Reading) -> Response:
    return _parts(request, session, project_id, planned.show_planned)


@below.put(
    "/planned-payments",
    summary="Replace the payments that are planned to other organisations",
    response_model=PlannedPaymentsOut,
    responses=CHANGES,
)
def replace_planned(
    request: Request, project_id: Id, body: PlannedPaymentsIn, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    planned.replace_planned(session, actor, held_project(session, project_id, if_match), body.items)
    return _parts(request, session, project_id, planned.show_planned)


@documents_router.get("", summary="List documents", response_model=ListOf[DocumentOut], responses=LISTS)
def list_documents(request: Request, session: Reading, query: Annotated[DocumentPage, Query()]) -> Response:
    return page(session, queries.DOCUMENTS, query).response(request)


@documents_router.get("/{document_id}", summary="Show a document", response_model=DocumentOut, responses=GETS)
def get_document(request: Request, document_id: Id, session: Reading) -> Response:
    return _document(request, session, document_id)


@documents_router.post("", summary="Add a document", status_code=201, response_model=DocumentOut, responses=CREATES)
def create_document(request: Request, body: DocumentIn, actor: Writer, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        row = documents.create_document(session, actor, body)
        return _document(request, session, key(row), location=f"{request.url.path}/{row.id}")

    return once.answer(session, work)


@documents_router.patch("/{document_id}", summary="Change a document", response_model=DocumentOut, responses=CHANGES)
def update_document(
    request: Request,
    document_id: Id,
    body: DocumentPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, Document, document_id, if_match, name="document")
    documents.update_document(session, actor, row, body)
    return _document(request, session, document_id)


@documents_router.delete("/{document_id}", summary="Archive a document", response_model=DocumentOut, responses=CHANGES)
def archive_document(
    request: Request, document_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Document, document_id, if_match, name="document")
    documents.archive_document(session, actor, row)
    return _document(request, session, document_id)


@documents_router.post(
    "/{document_id}/restore", summary="Restore a document", response_model=DocumentOut, responses=CHANGES
)
def restore_document(
    request: Request, document_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Document, document_id, if_match, name="document")
    documents.restore_document(session, actor, row)
    return _document(request, session, document_id)


def _document(request: Request, session: Session, document_id: int, *, location: str | None = None) -> Response:
    item = one(session, queries.DOCUMENTS, queries.DOCUMENTS.key == document_id)
    if item is None:
        raise NotFound(f"There is no document {document_id}.")
    status = 200 if location is None else 201
    return single(request, item, tag=etag(document_id, item["version"]), status=status, location=location)
