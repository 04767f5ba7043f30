"""What the tests of releases share."""

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.codes import use_codelists
from tests.portfolio import known
from tests.publishing.releasing.office import Office


@pytest.fixture
def office(settings: Settings, database: Database) -> Office:
    use_codelists(known)
    return Office(settings, database)
