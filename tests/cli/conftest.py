"""The program on each database: with empty tables, or with a small office in them."""

import shutil
from pathlib import Path

import pytest

from app.config import Settings
from app.db.engine import open_database
from tests.cli.office import fill
from tests.cli.program import Program
from tests.filled import filled


@pytest.fixture
def earmark(database_url: str, tmp_path: Path) -> Program:
    """The program on a database with all tables and nothing in them."""
    return Program(database_url, tmp_path)


@pytest.fixture(scope="session")
def filled_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the office in it, to be copied."""
    path = tmp_path_factory.mktemp("office") / "office.db"
    shutil.copy(migrated_sqlite, path)
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Program:
    """The program with an office that is set up: a unit, a partner, an agreement, projects, money."""
    if database_url.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("filled_sqlite"), database_url.removeprefix("sqlite:///"))
    else:
        _fill(database_url)
    return Program(database_url, tmp_path)


@pytest.fixture
def light_office(filled_sqlite: Path, tmp_path: Path) -> Program:
    """The same on SQLite alone, for what no database takes part in."""
    shutil.copy(filled_sqlite, tmp_path / "light.db")
    return Program(f"sqlite:///{tmp_path / 'light.db'}", tmp_path)


def _fill(database_url: str) -> None:
    database = open_database(Settings(database_url=database_url, _env_file=None))  # type: ignore[call-arg]
    filled(database, fill)
    database.dispose()
