"""Databases for the tests: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

import gc
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlmodel import Session

from app.config import Settings
from app.db import schema
from app.db.engine import Database, open_database
from app.domain.values import use_value_types
from app.publishing.codes import type_checker
from tests.deep import DEEP, deepen
from tests.engines import share_statements
from tests.filled import copy_tables
from tests.postgres import LEAST_LOG, MIGRATED, PostgresServer, binaries, in_memory

if TYPE_CHECKING:
    from tests.api import Api

# Speed is measured in benches, not in tests: a slow machine is no failure. A build that reports to others looks at the
# same examples each time; a person's runs look at new ones, and `make deep` at many.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    derandomize="CI" in os.environ and not DEEP,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")
# Hypothesis also tries the constants of all modules of the program that are loaded by then. Which these are hangs on
# the tests before in the same process, so that no two runs would look at the same examples; and to look through
# thousands of them for each kind of text took a fifth of the tests of the API's description.
if "_get_local_constants" not in vars(providers):
    raise RuntimeError("Hypothesis calls it otherwise by now: what looks through the program's constants?")
vars(providers)["_get_local_constants"] = providers.Constants

# Processes that tests start find bytecode. Where none is kept, as some images have it, each of them compiles the
# program anew, which is a fifth of what a command takes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# inputs ask the standard which texts may be published; a program sets this at its start
use_value_types(type_checker())
share_statements()

_numbers = count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Files together, see :mod:`tests.dealing`; other ways of dealing stay as they are."""
    from tests.dealing import ByFile

    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays: looking for cycles in it over and over would take a tenth of the collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it again and again took a sixth of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 10, 5)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests are dealt out, the long ones come first, so that none of them is waited for at the end.

    Those that are marked, then what is named in :mod:`tests.dealing`, then the files of many tests.
    """
    deepen(items)
    if hasattr(config, "workerinput"):
        from tests.dealing import EARLY

        sizes = Counter(item.path for item in items)

        def place(item: pytest.Item) -> tuple[bool, bool, int]:
            return item.get_closest_marker("slow") is None, not item.nodeid.startswith(EARLY), -sizes[item.path]

        items.sort(key=place)


@event.listens_for(Pool, "checkout")
def _leave_to_the_system(connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """No test cuts the power: a file of SQLite is written when the system likes, which on a disk is half the time."""
    if isinstance(connection, sqlite3.Connection) and "unsynced" not in record.info:
        connection.execute("PRAGMA synchronous=OFF")
        record.info["unsynced"] = True


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this run, with a migrated template database named ``migrated``."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL binaries on this machine")
    # each test has a database of its own, which is made of some hundred files
    with PostgresServer(folder, in_memory(), settings=LEAST_LOG) as server:
        migrated = open_database(Settings(database_url=server.create(MIGRATED)))
        schema.migrate(migrated)
        migrated.dispose()
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = open_database(Settings(database_url=f"sqlite:///{path}"))
    schema.migrate(database)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = f"empty{next(_numbers)}"
        yield server.create(name)
        server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and nothing in them."""
    if request.param == "sqlite":
        path = tmp_path / "earmark.db"
        copy_tables(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = server.lend()
        yield server.url(name)
        server.take_back(name)


@cache
def _usual_settings(_environment: frozenset[tuple[str, str]]) -> Settings:
    return Settings(_env_file=None)  # type: ignore[call-arg]


def settings_for(database_url: str, **others: object) -> Settings:
    """The settings of this environment with this database; the environment is read once for as long as it is the same.

    To look for each of the settings in it takes as long as many a test.
    """
    environment = frozenset(item for item in os.environ.items() if item[0] != "PYTEST_CURRENT_TEST")
    return _usual_settings(environment).model_copy(update={"database_url": database_url, **others})


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, release_store=tmp_path / "store")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A database with all tables and nothing in them."""
    database = open_database(settings)
    yield database
    database.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with all tables for the tests of a module that only look at what is put into it once.

    A module that asks for it has a fixture of its own that fills it, and tests that store nothing: they look, or
    work in :func:`nothing_stays`.
    """
    with empty_copy(request, request.param, tmp_path_factory.mktemp("shared")) as database:
        yield database


class _Enough(Exception):
    """Ends a transaction of which nothing stays."""


@contextmanager
def nothing_stays(database: Database) -> Iterator[Session]:
    """A writing session whose work is taken back at its end, for tests that add to what a module shares."""
    with suppress(_Enough), database.write("tests") as session:
        yield session
        raise _Enough


@contextmanager
def empty_copy(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Database]:
    """A database of a kind with all tables and nothing in them, which is taken away at the end."""
    if kind == "sqlite":
        path = folder / "earmark.db"
        copy_tables(request.getfixturevalue("migrated_sqlite"), path)
        database = open_database(settings_for(f"sqlite:///{path}"))
        yield database
        database.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.lend()
    database = open_database(settings_for(server.url(name)))
    yield database
    database.dispose()
    server.take_back(name)


@pytest.fixture
def api(settings: Settings, database: Database) -> "Api":
    """The whole application on a database, set up; ``api.client(Role.OFFICER)`` speaks to it."""
    from tests.api import Api

    return Api(settings, database)


@pytest.fixture
def light_api(migrated_sqlite: Path, tmp_path: Path) -> Iterator["Api"]:
    """The same on SQLite alone, for rules that no database takes part in."""
    from tests.api import Api

    path = tmp_path / "light.db"
    copy_tables(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}", release_store=tmp_path / "store")
    database = open_database(settings)
    yield Api(settings, database)
    database.dispose()
