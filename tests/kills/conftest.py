"""Theatres on both databases."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.db.archive import backup
from app.db.engine import open_database
from tests.cli.office import fill
from tests.jobs.conftest import Mailbox, mailbox, smtp  # noqa: F401  fixtures
from tests.kills.doors import Door
from tests.kills.theatre import Theatre
from tests.postgres import MIGRATED, PostgresServer

_numbers = itertools.count()


@pytest.fixture
def open_theatre(
    request: pytest.FixtureRequest, empty_database_url: str, tmp_path: Path, migrated_sqlite: Path
) -> Iterator[Callable[[Door], Theatre]]:
    """Makes the theatre of a door on the database of this test."""
    opened: list[str] = []
    on_sqlite = empty_database_url.startswith("sqlite")

    def office(url: str) -> None:
        database = open_database(Settings(database_url=url, _env_file=None))  # type: ignore[call-arg]
        fill(database)
        backup(database, tmp_path / "office.gz")
        database.dispose()

    def on_a_file(room: Path) -> tuple[Callable[[str], str], Callable[[str], None], str]:
        start = room / "start.db"
        shutil.copy(migrated_sqlite, start)

        def copy(name: str) -> str:
            path = room / f"{name}.db"
            if start.exists():
                shutil.copy(start, path)
            return f"sqlite:///{path}"

        def drop(name: str) -> None:
            for path in room.glob(f"{name}.db*"):
                path.unlink()

        return copy, drop, f"sqlite:///{start}"

    def on_a_server() -> tuple[Callable[[str], str], Callable[[str], None], str]:
        server: PostgresServer = request.getfixturevalue("postgres")
        start = f"start{next(_numbers)}"
        opened.append(start)
        url = server.create(start, template=MIGRATED)
        return (lambda name: server.create(name, template=start)), server.drop, url

    def make(door: Door) -> Theatre:
        room = tmp_path / door.name
        room.mkdir()
        copy, drop, start = on_a_file(room) if on_sqlite else on_a_server()
        office(start)
        if door.empty and on_sqlite:
            (room / "start.db").unlink()
        elif door.empty:
            server: PostgresServer = request.getfixturevalue("postgres")
            copy = server.create
        settings: dict[str, str] = {}
        if door.mails:
            settings = {f"EARMARK_{name.upper()}": str(value) for name, value in _smtp(request).items()}
        theatre = Theatre(door, room, copy, drop, settings)
        door.files(theatre.prepared)
        shutil.copy(tmp_path / "office.gz", theatre.prepared)
        return theatre

    yield make
    for name in opened:
        request.getfixturevalue("postgres").drop(name)


def _smtp(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue("smtp")
    return found
