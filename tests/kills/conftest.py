"""Theatres on both databases."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.db.archive import backup
from app.db.engine import open_database
from tests.cli.office import fill
from tests.jobs.conftest import Mailbox, mailbox, smtp  # noqa: F401  fixtures
from tests.kills.doors import Door
from tests.kills.theatre import Copy, Drop, Theatre
from tests.postgres import MIGRATED, PostgresServer


@pytest.fixture(scope="session")
def office_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A SQLite file with the office in it, to be copied, and its backup."""
    folder = tmp_path_factory.mktemp("theatre")
    shutil.copy(migrated_sqlite, folder / "start.db")
    return folder / "start.db", _filled(f"sqlite:///{folder / 'start.db'}", folder)


@pytest.fixture(scope="session")
def office_template(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The name of a database with the office in it, to be copied, and its backup."""
    return "theatre", _filled(postgres.create("theatre", template=MIGRATED), tmp_path_factory.mktemp("theatre"))


def _filled(url: str, folder: Path) -> Path:
    database = open_database(Settings(database_url=url, _env_file=None))  # type: ignore[call-arg]
    fill(database)
    backup(database, folder / "office.gz")
    database.dispose()
    return folder / "office.gz"


@pytest.fixture(params=["sqlite", "postgresql"])
def open_theatre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Door], Theatre]]:
    """Makes the theatre of a door on the database of this test."""

    def on_a_file(door: Door, room: Path) -> tuple[Copy, Drop, Path]:
        start, kept = request.getfixturevalue("office_file")

        def copy(name: str, other: str | None) -> str:
            path = room / f"{name}.db"
            if other is not None:
                # a process that ended may have left the newest of its work beside the file
                for part in room.glob(f"{other}.db*"):
                    shutil.copy(part, room / part.name.replace(other, name, 1))
            elif not door.empty:
                shutil.copy(start, path)
            return f"sqlite:///{path}"

        def drop(name: str) -> None:
            for path in room.glob(f"{name}.db*"):
                path.unlink()

        return copy, drop, kept

    def on_a_server(door: Door) -> tuple[Copy, Drop, Path]:
        server: PostgresServer = request.getfixturevalue("postgres")
        start, kept = request.getfixturevalue("office_template")
        beginning = "template0" if door.empty else start
        return (lambda name, other: server.create(name, template=other or beginning)), server.drop, kept

    def make(door: Door) -> Theatre:
        room = tmp_path / door.name
        room.mkdir()
        copy, drop, kept = on_a_file(door, room) if request.param == "sqlite" else on_a_server(door)
        settings: dict[str, str] = {}
        if door.mails:
            settings = {f"EARMARK_{name.upper()}": str(value) for name, value in _smtp(request).items()}
        theatre = theatres.enter_context(closing(Theatre(door, room, copy, drop, settings)))
        door.files(theatre.prepared)
        shutil.copy(kept, theatre.prepared)
        return theatre

    with ExitStack() as theatres:
        yield make


def _smtp(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue("smtp")
    return found
