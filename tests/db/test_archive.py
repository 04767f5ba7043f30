"""A backup holds everything, and comes back on either database, whole or not at all."""

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.config import Settings
from app.db import schema
from app.db.archive import backup, restore
from app.db.engine import Database, open_database
from app.db.partners import Organisation
from app.db.people import AuditEvent
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.db.tables import metadata
from app.domain.terms import Stage
from app.errors import Conflict, InvalidInput


def fill(database: Database) -> None:
    with database.write("anna") as session:
        reporter = Organisation(identifier="XM-EX-1", name="Büro für Ähnliches", name_key="büro für ähnliches")
        session.add(reporter)
        session.flush()
        parent = Project(
            code="A/1", iati_identifier="XM-EX-1-A-1", reporting_org_id=reporter.id or 0, title="Parent",
            title_translations=[["fr", "Parente"]], stage=Stage.CLOSED, iati_remainder={"b": [1, {"a": None}]},
        )  # fmt: skip
        child = Project(
            code="A/2", iati_identifier="XM-EX-1-A-2", reporting_org_id=reporter.id or 0, title="Child",
            stage=Stage.PIPELINE, planned_start=dt.date(2021, 2, 28),
        )  # fmt: skip
        session.add_all([parent, child])
        session.flush()
        # the earlier row refers to the later one, so rows cannot simply be loaded in order
        parent.parent_id = child.id
        session.add(
            LedgerEntry(
                project_id=child.id,
                type="4",
                date=dt.date(2021, 3, 1),
                amount=Decimal("-0.100000000001"),
                currency="USD",
            )
        )


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


def test_a_backup_comes_back_on_either_database(database: Database, empty_database_url: str, tmp_path: Path) -> None:
    fill(database)
    rows = backup(database, tmp_path / "office.backup")
    other = open_database(Settings(database_url=empty_database_url))
    assert restore(other, tmp_path / "office.backup") == rows
    assert everything(other) == everything(database)
    assert schema.differences(other) == []
    with other.write("bela") as session:  # new keys go on after the old ones
        session.add(Organisation(identifier="XM-EX-2", name="Second", name_key="second"))
    with other.read() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 2
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 6
    other.dispose()


def test_a_backup_goes_only_into_an_empty_database(database: Database, tmp_path: Path) -> None:
    fill(database)
    backup(database, tmp_path / "office.backup")
    with database.write("bela") as session:
        session.add(Organisation(identifier="XM-EX-2", name="Second", name_key="second"))
    with pytest.raises(Conflict, match="not empty"):
        restore(database, tmp_path / "office.backup")


def test_the_same_backup_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    fill(database)
    rows = backup(database, tmp_path / "office.backup")
    before = everything(database)
    assert restore(database, tmp_path / "office.backup") == rows
    assert everything(database) == before


@pytest.mark.parametrize("damage", ["cut", "altered", "other"])
def test_a_damaged_backup_is_refused_and_nothing_is_loaded(database: Database, tmp_path: Path, damage: str) -> None:
    fill(database)
    path = tmp_path / "office.backup"
    backup(database, path)
    content = gzip.decompress(path.read_bytes())
    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-40])
        case "altered":
            path.write_bytes(gzip.compress(content.replace(b"Parente", b"Parenti")))
        case "other":
            path.write_bytes(gzip.compress(b'{"format":"something else"}\n'))
    empty = open_database(Settings(database_url=f"sqlite:///{tmp_path / 'restored.db'}"))
    with pytest.raises(InvalidInput, match="cannot be restored"):
        restore(empty, path)
    if schema.current(empty):
        assert all(not rows for rows in everything(empty).values())
    empty.dispose()
