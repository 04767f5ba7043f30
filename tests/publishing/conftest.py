"""What the tests of publishing share."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.base import metadata
from app.db.engine import Database
from app.domain.access import LOCAL
from app.publishing.exporting.activities_file import export_activities
from app.publishing.importing.account import FileReport
from app.publishing.importing.run import Importer

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def take_in(database: Database) -> Callable[..., FileReport]:
    """Imports one file."""

    def take(path: Path, *, as_of: dt.date = TODAY, **asked: bool) -> FileReport:
        importer = Importer(database, LOCAL, as_of=as_of, **asked)
        (report,) = importer.run([path]).files
        return report

    return take


@pytest.fixture
def put_out(database: Database, tmp_path: Path) -> Callable[..., Path]:
    """Exports all activities into a file."""

    def put(name: str = "out.xml", *, as_of: dt.date = TODAY) -> Path:
        path = tmp_path / name
        export_activities(database, path, as_of=as_of)
        return path

    return put


def sizes(database: Database) -> dict[str, int]:
    """How many rows every table holds, and the sum of the content versions of projects."""
    with database.read() as session:
        counts = {
            name: session.scalar(select(func.count()).select_from(each)) or 0
            for name, each in metadata.tables.items()
            if name not in ("import_runs", "fragments", "published_activities")
        }
        project = metadata.tables["projects"].c
        counts["content versions"] = session.scalar(select(func.sum(project.content_version))) or 0
        return counts
