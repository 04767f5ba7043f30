"""A moment comes out of either database as the one that went in, in UTC."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, create_engine, func, literal, select

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


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 09:30:00", "2026-11-20 09:30:00.000000", "2026-11-20 09:30:00+00:00", "2026-11-20T12:30:00+03:00",
     "2026-11-20 09:30:00.000000+00:00", "2026-11-20 09:30:00.0+00:00", "2026-11-20 09:30Z"],
)  # fmt: skip
def test_what_was_written_into_a_file_by_other_means_is_the_same_moment(tmp_path: Path, text: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    kept = Table("kept", MetaData(), Column("at", UTCDateTime()))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (at TEXT)")
        connection.exec_driver_sql("INSERT INTO kept VALUES (?)", (text,))
        assert connection.scalar(select(kept.c.at)) == dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def test_no_moment_is_read_as_none(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(select(literal(None, UTCDateTime()))) is None
