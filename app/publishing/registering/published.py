"""What is public now, as registries are to know it."""

from collections.abc import Mapping

from app.config import Settings
from app.db.engine import Database
from app.publishing.registering import queries
from app.publishing.registering.files import PublishedFile
from app.publishing.releasing.queries import FileRow, PublicRow, public_files

_LONGEST = 255


def published_files(database: Database, settings: Settings) -> list[PublishedFile]:
    """Every public file, by the name of its dataset."""
    with database.read() as session:
        rows = [row for row in public_files(session) if row.file_id is not None]
        names = queries.names_of(session, {row.reporting_org for row in rows})
    return [as_public(row, names, settings) for row in rows]


def as_public(row: PublicRow | FileRow, names: Mapping[str, str], settings: Settings) -> PublishedFile:
    """A file as registries are to know it. ``names``: of organisations by identifier."""
    return PublishedFile(
        dataset=row.dataset,
        address=address_of(row.dataset, settings),
        file_type=row.file_type or "",
        reporting_org=row.reporting_org,
        title=title_of(names.get(row.reporting_org) or row.reporting_org, row.part or ""),
        records=row.activities or 0,
        sha256=row.sha256 or "",
        content_at=row.content_at,
        changed_at=row.changed_at if isinstance(row, PublicRow) else None,
    )


def address_of(dataset: str, settings: Settings) -> str:
    """The public address of a dataset's file."""
    return f"{settings.files_address}/{dataset}.xml"


def title_of(organisation: str, part: str) -> str:
    """The name of a dataset for people: whose it is, and which part of it."""
    title = f"{organisation}: {part}" if part else organisation
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
