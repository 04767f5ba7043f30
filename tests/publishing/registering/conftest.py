"""The application on a database, set up for a registry on this machine, with files that are public there."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stamina
from pydantic import SecretStr

from app.config import Settings
from app.db.engine import Database, open_database
from app.publishing.registering.files import PublishedFile, Registration, WithdrawnFile
from app.publishing.registering.service import register
from tests.api import Api
from tests.stand_ins import registry as played
from tests.stand_ins.registry import File, StandIn

ACTIVITIES = b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n</iati-activities>\n'
ORGANISATION = ACTIVITIES.replace(b"iati-activities", b"iati-organisations")
HEADERS = {"ETag": '"1"', "Last-Modified": "Wed, 25 Nov 2026 10:00:00 GMT"}


@dataclass
class Office:
    """An organisation that registers what it publishes."""

    database: Database
    settings: Settings
    stand_in: StandIn

    def public(self, name: str = "own-activities", body: bytes = ACTIVITIES, **changed: str) -> PublishedFile:
        """A file that lies at its public address."""
        self.stand_in.files[f"{name}.xml"] = File(body, {**HEADERS, "ETag": f'"{hashlib.sha256(body).hexdigest()}"'})
        kind = "iati-organisations" if b"iati-organisations" in body else "iati-activities"
        facts = {
            "dataset": name,
            "address": f"{self.stand_in.url}/files/{name}.xml",
            "file_type": kind,
            "reporting_org": "XX-OWN",
            "title": "Own organisation: activities",
            "records": 3,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        return PublishedFile(**(facts | changed))

    def register(
        self, *files: PublishedFile, withdrawn: tuple[str, ...] = (), dry_run: bool = False, **changed: object
    ) -> Registration:
        gone = [WithdrawnFile(dataset=name, reporting_org="XX-OWN") for name in withdrawn]
        settings = self.settings.model_copy(update=changed)
        return register(self.database, settings, files, withdrawn=gone, actor="publisher", dry_run=dry_run)

    def done(self, *files: PublishedFile, **more: object) -> dict[str, str]:
        """Dataset → outcome."""
        return {outcome.dataset: outcome.done for outcome in self.register(*files, **more).outcomes}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as registry, stamina.set_testing(True, attempts=3, cap=True):
        yield registry


def registered_at(stand_in: StandIn) -> dict[str, object]:
    """The settings that lead to a registry."""
    return {
        "registry_kind": "register-your-data",
        "registry_url": stand_in.url,
        "registry_issuer": stand_in.url,
        "registry_client_id": played.CLIENT,
        "registry_client_secret": SecretStr(played.SECRET),
        "registry_index_url": f"{stand_in.url}/index/datasets-full.json",
        "registry_allow_private": True,
        "registry_timeout": 600.0,
    }


@pytest.fixture
def light(migrated_sqlite: Path, tmp_path: Path, stand_in: StandIn) -> Iterator[Office]:
    """The same on SQLite alone, for what no database takes part in."""
    shutil.copy(migrated_sqlite, tmp_path / "light.db")
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'light.db'}", _env_file=None)  # type: ignore[call-arg]
    database = open_database(settings)
    Api(settings, database)
    yield Office(database, settings.model_copy(update=registered_at(stand_in)), stand_in)
    database.dispose()


@pytest.fixture
def office(settings: Settings, database: Database, stand_in: StandIn) -> Office:
    Api(settings, database)
    return Office(database, settings.model_copy(update=registered_at(stand_in)), stand_in)
