"""What is public now, as registries are to know it."""

from app.config import Settings
from app.db.engine import Database
from app.publishing.registering import queries
from app.publishing.registering.files import PublishedFile

_LONGEST = 255


def published_files(database: Database, settings: Settings) -> list[PublishedFile]:
    """Every public file, by the name of its dataset."""
    with database.read() as session:
        rows = queries.published(session)
        names = queries.names_of(session, {row.reporting_org for row in rows})
    return [
        PublishedFile(
            dataset=row.dataset,
            address=f"{settings.address}/iati/{row.dataset}.xml",
            file_type=row.file_type,
            reporting_org=row.reporting_org,
            title=title_of(names.get(row.reporting_org) or row.reporting_org, row.part),
            records=row.records,
            sha256=row.sha256,
            content_at=row.content_at,
        )
        for row in rows
    ]


def title_of(organisation: str, part: str) -> str:
    """The name of a dataset for people: whose it is, and which part of it."""
    title = f"{organisation}: {part}" if part else organisation
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
