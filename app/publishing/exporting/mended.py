"""A draft is one no longer when the activity that is composed from its record follows the schema."""

from sqlmodel import Session

from app.db.base import utc_now
from app.publishing.exporting import queries, queries_rows
from app.publishing.exporting.compose import compose
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.rendering import rendered_project
from iati.source import Fragment, parse_fragment
from iati.validator.schema import SchemaCheck


def end_mended(session: Session, drafts: list[int]) -> list[int]:
    """Ends those drafts whose record, as it is in the session, follows the schema; gives their keys."""
    projects = queries_rows.projects_keyed(session, drafts)
    today = utc_now().date()
    rows, setup = fetch(session, projects, today), queries.setup(session)
    check = SchemaCheck("iati-activities", None)
    mended = []
    for project in projects:
        xml = rendered_project(project, compose(project, rows, setup, today)).xml
        if xml is not None and not check.record(parse_fragment(Fragment(xml.encode(), 1, 0))):
            mended.append(project["id"])
    queries.end_drafts(session, mended)
    return mended
