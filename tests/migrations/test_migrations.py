from app.config import Settings
from app.db import schema
from app.db.engine import open_database


def test_tables_after_all_migrations_are_the_tables_of_the_program(empty_database_url: str) -> None:
    database = open_database(Settings(database_url=empty_database_url))
    assert schema.differences(database) == ["there are no tables yet: run `earmark db upgrade`"]
    schema.migrate(database)
    assert schema.current(database) == schema.head()
    assert schema.differences(database) == []
    database.dispose()


def test_migrations_go_back_to_nothing_and_forward_again(empty_database_url: str) -> None:
    database = open_database(Settings(database_url=empty_database_url))
    schema.migrate(database)
    schema.migrate(database, "base", down=True)
    assert schema.current(database) is None
    schema.migrate(database)
    assert schema.differences(database) == []
    database.dispose()
