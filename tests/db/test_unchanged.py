"""What was read once is read again after anything was stored, by whomever."""

from sqlalchemy import func, select
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database, open_database
from app.db.organisation import Unit
from app.db.unchanged import known


def test_what_was_read_stands_until_somebody_stores_something(database: Database) -> None:
    read: list[int] = []

    def units(store: Database) -> int:
        with store.read() as session:
            return known(session, "units", lambda: count(session))

    def count(session: Session) -> int:
        read.append(session.scalar(select(func.count()).select_from(table(Unit))) or 0)
        return read[-1]

    assert [units(database) for _ in range(3)] == [0, 0, 0]
    assert len(read) == 1
    # by a connection of the same process, which may be the very one that read
    with database.write("tests") as session:
        session.add(Unit(code="A", name="A"))
    assert [units(database) for _ in range(2)] == [1, 1]
    # by another process, as good as: it shares nothing with this one
    other = open_database(Settings(database_url=database.engine.url.render_as_string(hide_password=False)))
    with other.write("tests") as session:
        session.add(Unit(code="B", name="B"))
        session.flush()
        assert units(database) == 1, "what is not stored yet is seen by nobody else"
        assert known(session, "units", lambda: count(session)) == 2, "but by who stores it"
    assert units(database) == 2
    other.dispose()
    # what was taken back has changed nothing
    try:
        with database.write("tests") as session:
            session.add(Unit(code="C", name="C"))
            session.flush()
            raise RuntimeError
    except RuntimeError:
        pass
    assert units(database) == 2
    # a snapshot that is older than the newest change sees, and keeps, only what was before
    with database.read() as old:
        assert count(old) == 2
        with database.write("tests") as session:
            session.add(Unit(code="D", name="D"))
        assert known(old, "units", lambda: count(old)) == 2
    assert units(database) == 3
