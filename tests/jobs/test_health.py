"""What an administrator is told about the installation: what is missing with the way out, and never a secret."""

import re
from pathlib import Path

from pydantic import SecretStr

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import open_database
from app.domain.terms import Role
from app.jobs.health import Check, State, look
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

SECRET = "very-secret-word"
#: what the test itself needs as it is
OURS = ("database_url", "public_url")


def test_what_is_missing_is_told_with_the_way_out_and_no_secret_is_told_at_all(light_api: Api, tmp_path: Path) -> None:
    example.fill(light_api)
    secrets = {
        name: SecretStr(SECRET)
        if isinstance(value, SecretStr)
        else f"https://user:{SECRET}@host.example/p?key={SECRET}"
        for name, value in light_api.settings
        if isinstance(value, SecretStr)
        or (name.endswith(("_url", "_key", "_issuer")) and name not in ("database_url", "public_url"))
    }
    light_api.app.state.settings = light_api.settings.model_copy(update={**secrets, "registry_kind": "ckan"})
    admin = light_api.client(Role.ADMIN)
    answer = admin.get("/health")
    assert SECRET not in answer.text
    checks = {each["name"]: each for each in answer.json()["checks"]}
    assert checks["database"]["state"] == "good"
    assert checks["projects"]["found"] == "1"
    assert "earmark jobs serve" in checks["timetable"]["advice"]
    assert "EARMARK_SMTP_HOST" in checks["mail"]["advice"]
    assert {each["name"] for each in answer.json()["settings"]} == {
        f"EARMARK_{name.upper()}" for name in Settings.model_fields
    }
    assert light_api.client(Role.OFFICER).get("/health").status_code == 403
    page = signed_in(light_api, Role.ADMIN, name="somebody", language="fr").get("/admin")
    assert page.status_code == 200
    assert SECRET not in page.text
    assert "https://host.example/p" in page.text
    # which database it is, is a part of a sentence, and is said in its language too
    assert re.search("le fichier /|la mémoire|la base PostgreSQL .+ sur ", page.text)
    assert signed_in(light_api, Role.VIEWER, name="else").get("/admin").status_code == 403


def test_a_database_without_tables_and_a_store_that_is_shut_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'none.db'}", release_store=Path("/proc/nowhere"), _env_file=None
    )  # type: ignore[call-arg]
    database = open_database(settings)
    found = look(database, settings, utc_now())
    database.dispose()
    assert found.state is State.BROKEN
    told: dict[str, Check] = {each.name: each for each in found.checks}
    assert "earmark db upgrade" in told["database"].advice
