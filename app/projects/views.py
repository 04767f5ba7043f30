"""Projects and what hangs below them in the form in which they are answered."""

import zlib
from collections.abc import Iterable

from sqlmodel import Session

from app.db.base import key
from app.db.projects import Project
from app.db.renamed_codes import OFFICER, renamings
from app.errors import NotFound
from app.http.lists import Shown
from app.http.versions import etag
from app.projects import queries, queries_below
from app.projects.checks import SHARED
from app.projects.classified import SDG_VOCABULARIES


def show_project(session: Session, project_id: int) -> Shown:
    """A project as it is answered. Two statements.

    :raises NotFound: when there is none.
    """
    item = queries.show_project(session, project_id)
    if item is None:
        raise NotFound(f"There is no project {project_id}.")
    rows = queries.classifications(session, project_id)
    for field, kind in SHARED.items():
        item[field] = [
            {"code": row.code, "percentage": row.percentage, "vocabulary": row.vocabulary}
            for row in rows
            if row.kind == kind
        ]
    item["findings"] = item["findings"] or []
    item["sdg"] = [row.code for row in rows if row.kind == "tag" and row.vocabulary in SDG_VOCABULARIES.values()]
    item["markers"] = [
        {"code": row.code, "significance": row.significance, "vocabulary": row.vocabulary}
        for row in rows
        if row.kind == "policy-marker"
    ]
    return item


def project_versions(version: int, codes: tuple[str | None, ...]) -> tuple[int, int]:
    """What the ETag of a project rests on: its version, and what else is shown with it and stands elsewhere."""
    return version, zlib.crc32("\n".join(code or "" for code in codes).encode())


def project_etag(item: Shown) -> str:
    published = queries.PUBLISHED if item["identifier_frozen"] else None
    draft = queries.DRAFT if item["draft"] else None
    codes = (item["unit"], item["officer"], item["backstopping_unit"], item["parent"], published, draft)
    return etag(item["id"], *project_versions(item["version"], codes))


def show_locations(session: Session, project: Project) -> list[Shown]:
    found = []
    for row in queries_below.locations(session, key(project)):
        latitude, _, longitude = (row.position or "").partition(" ")
        found.append(
            {
                "id": row.id,
                "reference": row.reference,
                "name": row.name,
                "latitude": latitude or None,
                "longitude": longitude or None,
                "exactness": row.exactness,
                "location_class": row.location_class,
            }
        )
    return found


def show_links(session: Session, project: Project) -> list[Shown]:
    return [
        {"id": row.id, "type": row.type, "identifier": row.identifier}
        for row in queries_below.links(session, key(project))
    ]


def show_participants(session: Session, project: Project) -> list[Shown]:
    return [
        {
            "id": row.id,
            "organisation": organisation.name,
            "identifier": organisation.identifier,
            "role": row.role,
            "activity": row.activity,
        }
        for row, organisation in queries_below.participants(session, key(project))
    ]


def name_by_codes_of_now(session: Session, revisions: Iterable[Shown]) -> None:
    """Has decisions name officers by the codes that they have now, as all else that reads them does."""
    renamed = renamings(session)
    for one in revisions:
        if one["field"] == OFFICER:
            one["value"] = renamed.code(OFFICER, one["value"], one["recorded_at"])
