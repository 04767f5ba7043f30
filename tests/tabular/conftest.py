"""The example portfolio, loaded once for each database as users load it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from app import demo
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.organisation.service import put_setup
from app.publishing.codes import code_checker
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests.conftest import empty_copy
from tests.postgres import PostgresServer

TODAY = dt.date(2026, 11, 20)


@dataclass(frozen=True, kw_only=True)
class Example:
    """The example portfolio in a database, and what its import told of each file, by the file's name."""

    database: Database
    reports: Mapping[str, TableReport]


# its tests go to one process, so that it is loaded once for each kind of database: see tests/dealing.py
@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest) -> Example:
    """For tests that change nothing of it."""
    use_codelists(code_checker(None))
    loaded: Example = request.getfixturevalue(f"example_in_{request.param}")
    return loaded


@pytest.fixture(scope="session")
def example_in_sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with empty_copy(request, "sqlite", tmp_path_factory.mktemp("example")) as database:
        yield _loaded(database)


@pytest.fixture(scope="session")
def example_in_postgresql(
    request: pytest.FixtureRequest, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Example]:
    """Is taken away before the server ends that it asks for."""
    with empty_copy(request, "postgresql", tmp_path_factory.mktemp("example")) as database:
        yield _loaded(database)


def _loaded(database: Database) -> Example:
    use_codelists(code_checker(None))
    with database.write("anna") as session:
        put_setup(session, LOCAL, demo.ORGANISATION)
    reports = {
        path.name: import_table(database, LOCAL, kind(path.stem.split("-", 1)[1]), path, today=TODAY)
        for path in sorted(demo.PORTFOLIO.glob("*.csv"))
    }
    return Example(database=database, reports=reports)
