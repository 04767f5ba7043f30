"""What several of the reports' tests ask."""

import pytest

from app.db.engine import Database
from tests.reports.printed import fill
from tests.reports.test_delivery import spend


@pytest.fixture(scope="module")
def books(shared_database: Database) -> Database:
    """The books of printed tables, with what was spent."""
    with shared_database.write("tests") as session:
        fill(session)
        spend(session, "E1", "FIELD", "2019-07-01", "100", agreement="N1", country="KE", sector="16020")
        spend(session, "E2", "FIELD", "2020-02-01", "60.03", agreement="N1")
        spend(session, "E3", "FIELD", "2020-03-01", "-20", agreement="N1")
        spend(session, "E4", "DESK", "2020-03-31", "40", agreement="BUS")
        spend(session, "E5", "DESK", "2020-04-01", "10")
        spend(session, "E6", "DESK", "2020-05-01", "5", agreement="CORE")
    return shared_database
