"""What the tests of publishing share."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select

from app.db.base import metadata
from app.db.engine import Database
from app.domain.access import LOCAL
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from app.publishing.importing.account import FileReport
from app.publishing.importing.run import Importer
from iati.schema import schema_for
from tests.publishing.own import Portfolio

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


@pytest.fixture
def portfolio(database: Database) -> Portfolio:
    return Portfolio(database)


class Published:
    """The exported file, asked by XPath below its only activity."""

    def __init__(self, path: Path, account: ExportAccount) -> None:
        self.tree = etree.parse(str(path))
        self.account = account
        self.path = path

    def all(self, path: str) -> list[Any]:
        return list(self.tree.getroot().xpath(f"iati-activity/{path}"))

    def table(self, element: str, *paths: str) -> list[tuple[str, ...]]:
        return [tuple("|".join(map(str, each.xpath(path))) for path in paths) for each in self.all(element)]


@pytest.fixture
def publish(database: Database, tmp_path: Path) -> Any:
    """Exports on a day; whatever the test does, the file is valid."""

    def do(as_of: dt.date = TODAY, **options: Any) -> Published:
        path = tmp_path / "own.xml"
        account = export_activities(database, path, as_of=as_of, **options)
        published = Published(path, account)
        assert not account.written or schema_for("iati-activities").validate(published.tree)
        return published

    return do


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
