"""A moment comes out of either database as the one that went in, in UTC."""

import datetime as dt

import pytest
from sqlalchemy import func, literal, select

from app.db.engine import Database
from app.db.types import UTCDateTime

NAIROBI = dt.timezone(dt.timedelta(hours=3))


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 20, 9, 30, 1, 123, tzinfo=dt.UTC),
        dt.datetime(2027, 1, 1, 1, 15, tzinfo=NAIROBI),
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.UTC),
    ],
)
def test_a_moment_is_read_as_it_was_written(database: Database, moment: dt.datetime) -> None:
    kept = literal(moment, UTCDateTime())

    with database.read() as session:
        plain, greatest = session.execute(select(kept, func.max(kept))).one()

    assert plain == greatest == moment
    assert plain.tzinfo is greatest.tzinfo is dt.UTC


def test_no_moment_is_read_as_none(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(select(literal(None, UTCDateTime()))) is None
