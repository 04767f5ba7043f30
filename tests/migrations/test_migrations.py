from pathlib import Path

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db import schema
from app.db.engine import open_database
from app.db.tables import metadata
from app.domain.terms import PartnerCategory
from app.errors import StorageFailed
from tests.postgres import MIGRATED, PostgresServer


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


#: migrations that take something away on purpose, which nobody uses any more since the version before
CONTRACTS = {"2026_11_25_replayed_obligations"}

_COLUMNS = text("""
    SELECT t.name AS of_table, c.name, c."notnull" AND c.dflt_value IS NULL AS needed
    FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
""")


def test_a_migration_adds_and_the_version_before_goes_on_beside_it(tmp_path: Path) -> None:
    """It names every column that was there, and fills none that is new: nothing of it may go or be asked for."""
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path / 'steps.db'}"))
    offences = []
    with database.engine.connect() as connection, connection.begin():
        steps = ScriptDirectory.from_config(schema.config(connection)).walk_revisions()
        with Operations.context(MigrationContext.configure(connection, opts={"target_metadata": metadata})):
            before: dict[tuple[str, str], bool] = {}
            for step in reversed(list(steps)):
                step.module.upgrade()
                now = {(row.of_table, row.name): bool(row.needed) for row in connection.execute(_COLUMNS)}
                tables = {of_table for of_table, _ in before}
                gone = [(step.revision, "takes away", *column) for column in before.keys() - now.keys()]
                asked = [
                    (step.revision, "asks for", *column)
                    for column, needed in now.items()
                    if needed and column[0] in tables and not before.get(column, False)
                ]
                offences += [] if step.revision in CONTRACTS else gone + asked
                before = now
    database.dispose()
    assert offences == []


_PROJECT = """
    INSERT INTO projects (id, version, created_at, updated_at, code, iati_identifier, grain, origin, identifier_frozen,
        former_identifiers, reporting_org_id, title, title_translations, description_translations, stage, pilot,
        south_south, content_version, content_changed_at)
    VALUES (:key, 1, :at, :at, :code, 'XX-' || CAST(:key AS TEXT), 'project', 'own', FALSE, '[]', 1, 'T', '[]', '[]',
        'implementation', FALSE, FALSE, 1, :at)
"""
_EVENT = """
    INSERT INTO calendar_events (project_id, name, sequence, day, cancelled, summary, description, changed_at)
    VALUES (:project, :name, 0, '2027-01-01', FALSE, 'S', 'D', :at)
"""


def test_partners_keep_their_categories_through_every_change_of_the_words(empty_database_url: str) -> None:
    database = open_database(Settings(database_url=empty_database_url))
    schema.migrate(database)
    at = "2026-01-01 00:00:00"

    def add(key: int, category: str) -> None:
        with database.write("tests") as session:
            session.execute(
                text(
                    "INSERT INTO organisations (id, version, created_at, updated_at, name, name_key, "
                    "name_translations, former_identifiers) VALUES (:key, 1, :at, :at, :name, :name_key, '[]', '[]')"
                ),
                {"key": key, "at": at, "name": f"o{key}", "name_key": f"o{key}"},
            )
            session.execute(
                text(
                    "INSERT INTO partners (id, version, created_at, updated_at, code, organisation_id, category, "
                    "screening, framework_themes) VALUES (:key, 1, :at, :at, :code, :key, :category, 'cleared', '[]')"
                ),
                {"key": key, "at": at, "code": f"p{key}", "category": category},
            )

    for key, category in enumerate(PartnerCategory, start=1):
        add(key, category.value)
    with pytest.raises(DBAPIError):
        add(99, "no-category")
    schema.migrate(database, "2026_11_25_watched_calendars", down=True)
    with pytest.raises(DBAPIError):
        add(99, "other-non-state")
    schema.migrate(database)
    with database.read() as session:
        kept = session.execute(text("SELECT category FROM partners ORDER BY id")).scalars().all()
    added = {"employers-organisation", "workers-organisation", "other-non-state"}
    assert kept == ["social-partner" if one.value in added else one.value for one in PartnerCategory]
    assert schema.differences(database) == []
    database.dispose()


def test_events_of_calendars_keep_the_ids_under_which_programs_have_them(empty_database_url: str) -> None:
    database = open_database(Settings(database_url=empty_database_url))
    schema.migrate(database)
    schema.migrate(database, "2026_11_29_40_portions", down=True)
    with database.write("tests") as session:
        own = "INSERT INTO organisations (id, version, created_at, updated_at, name, name_key, name_translations, "
        own += "former_identifiers) VALUES (1, 1, :at, :at, 'Own', 'own', '[]', '[]')"
        session.execute(text(own), {"at": "2026-01-01 00:00:00"})
        for place, code in enumerate(("P/1", "P-1"), start=1):
            session.execute(text(_PROJECT), {"key": place, "code": code, "at": "2026-01-01 00:00:00"})
        for project, name in ((1, "final"), (2, "final"), (None, "unit ROAF/2026")):
            session.execute(text(_EVENT), {"project": project, "name": name, "at": "2026-01-01 00:00:00"})
    schema.migrate(database)
    with database.read() as session:
        uids = session.execute(text("SELECT uid FROM calendar_events ORDER BY id")).scalars().all()
    assert uids == ["P-1.final", "P-1.final.2", "institution.unit-ROAF-2026"]
    assert schema.differences(database) == []
    database.dispose()


def test_an_upgrade_holds_up_nobody_and_tells_whom_it_waited_for(postgres: PostgresServer) -> None:
    name = "in_use"
    database = open_database(Settings(database_url=postgres.create(name, template=MIGRATED)))
    with psycopg.connect(postgres.dsn(name)) as other:
        # what every migration changes
        other.execute("LOCK TABLE alembic_version IN EXCLUSIVE MODE")
        told = r"nothing was changed.*earmark \(process \d+\) has had alembic_version in use for .*LOCK TABLE"
        with pytest.raises(StorageFailed, match=told):
            schema.migrate(database, "-1", down=True, waits=0.05)
        assert schema.current(database) == schema.head()
    schema.migrate(database, "-1", down=True)
    assert schema.current(database) != schema.head()
    database.dispose()
    postgres.drop(name)
