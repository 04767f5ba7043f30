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

TODAY = dt.date(2026, 11, 20)


@dataclass(frozen=True, kw_only=True)
class Example:
    """The example portfolio in a database, and what its import told of each file, by the file's name."""

    database: Database
    reports: Mapping[str, TableReport]


# its tests go to one process, so that it is loaded once: see tests/dealing.py
@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """For tests that change nothing of it."""
    use_codelists(code_checker(None))
    with empty_copy(request, request.param, tmp_path_factory.mktemp("example")) as database:
        with database.write("anna") as session:
            put_setup(session, LOCAL, demo.ORGANISATION)
        reports = {
            path.name: import_table(database, LOCAL, kind(path.stem.split("-", 1)[1]), path, today=TODAY)
            for path in sorted(demo.PORTFOLIO.glob("*.csv"))
        }
        yield Example(database=database, reports=reports)
