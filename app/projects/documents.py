"""Documents of projects and of the organisation itself."""

from sqlmodel import Session

from app.db import archiving
from app.db.projects import Document, Project
from app.db.put import Put
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, Sent, sent
from app.projects import queries, queries_below, texts
from app.projects.schemas import DocumentIn

_CODELISTS = {
    "category": "DocumentCategory",
    "format": "FileFormat",
    "language": "Language",
    "country": "Country",
}
_PLAIN = (
    "url", "format", "category", "language", "document_date", "country", "withheld_reason", "embargo_until", "note",
)  # fmt: skip


def create_document(session: Session, actor: Actor, body: DocumentIn, *, pointer: str = "") -> Document:
    """A new document; ``Conflict`` when the same address stands there already."""
    put = put_document(session, actor, body, pointer=pointer)
    if put.outcome != "created":
        raise Conflict(
            "This address is among the documents already.",
            [Fault(pointer=f"{pointer}/url", rule="document.exists", message="Update the document that has it.")],
        )
    return put.row


def put_document(session: Session, actor: Actor, body: DocumentIn, *, pointer: str = "") -> Put[Document]:
    """Creates or updates by project and address."""
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    project = queries.find_project(session, body.project) if body.project else None
    if body.project and project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    values = sent(body)
    _check(faults, values)
    faults.refuse()
    _require_owner(actor, project)
    project_id = project.id if project else None
    kept = queries_below.find_document(session, project_id, body.url)
    if kept is not None:
        _apply(kept, values)
        changed = session.is_modified(kept)
        session.flush()
        return Put(kept, "updated" if changed else "unchanged")
    row = Document(
        project_id=project_id,
        ordinal=queries_below.next_ordinal(session, Document, project_id),
        url=body.url,
        format=body.format,
        title=body.title,
        category=body.category,
    )
    _apply(row, values)
    session.add(row)
    session.flush()
    return Put(row, "created")


def update_document(session: Session, actor: Actor, row: Document, body: Input, *, pointer: str = "") -> Document:
    """Changes what the body (a ``DocumentPatch``) sets; a document stays with its project."""
    actor.require(Right.WRITE)
    _require_owner(actor, queries.get_project(session, row.project_id) if row.project_id else None)
    faults = FaultList(pointer)
    values = sent(body)
    if "project" in values:
        faults.add("project", "document.stays", "A document stays where it is: archive it and add it to the other.")
    _check(faults, values)
    faults.refuse()
    _apply(row, values)
    session.flush()
    return row


def archive_document(session: Session, actor: Actor, row: Document) -> Document:
    actor.require(Right.WRITE)
    _require_owner(actor, queries.get_project(session, row.project_id) if row.project_id else None)
    archiving.archive(session, row)
    return row


def restore_document(session: Session, actor: Actor, row: Document) -> Document:
    """Brings an archived document back; ``Conflict`` when its address was added again in the meantime."""
    actor.require(Right.WRITE)
    _require_owner(actor, queries.get_project(session, row.project_id) if row.project_id else None)
    if row.archived_at is not None and queries_below.find_document(session, row.project_id, row.url) is not None:
        raise Conflict("This address is among the documents again: change that document, or archive it first.")
    archiving.restore(session, row)
    return row


def _require_owner(actor: Actor, project: Project | None) -> None:
    """Documents of the organisation belong to no unit."""
    actor.require_unit(project.unit_id if project else None)


def _check(faults: FaultList, values: Sent) -> None:
    for name, codelist in _CODELISTS.items():
        if (code := values.get(name)) is not None and not known_code(codelist, code):
            faults.add(name, "code.unknown", unlisted(codelist, code))


def _apply(row: Document, values: Sent) -> None:
    for name in _PLAIN:
        if name in values:
            setattr(row, name, values[name])
    texts.apply(row, values)
