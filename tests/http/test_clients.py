"""A client made from the description by a generator that knows nothing of Earmark speaks to the service."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from app.domain.terms import Role
from tests.api import Api
from tests.serving import served


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.syspath_prepend(tmp_path)
    yield "made_client"
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_client"]:
        del sys.modules[name]


def test_a_generated_client_lists_makes_and_is_told_what_is_wrong(light_api: Api, package: str, tmp_path: Path) -> None:
    source = tmp_path / "openapi.json"
    source.write_bytes(light_api.stranger().get("/openapi.json").content)
    # no formatting afterwards; files that are no JSON are taken for bytes
    told = set(re.findall(r'"((?:text|application)/[\w.+-]+)":\{', source.read_text(encoding="utf-8")))
    files = {kind for kind in told if not kind.endswith("json") and kind != "text/html"}
    settings = ConfigFile(post_hooks=[], content_type_overrides=dict.fromkeys(files, "application/octet-stream"))
    config = Config.from_sources(settings, MetaType.NONE, source, "utf-8", True, tmp_path / package)
    problems = generate(config=config)
    assert [f"{each.header} {each.detail}" for each in problems] == []

    def made(name: str) -> ModuleType:
        return importlib.import_module(f"{package}.{name}")

    token = light_api.token(Role.ADMIN)
    with served(light_api.app) as address:
        client = made("client").AuthenticatedClient(base_url=address, token=token)
        unit = made("models").UnitIn(code="ROAF", name="Regional Office for Africa")
        create = made("api.units_and_officers.create_unit")
        assert create.sync_detailed(client=client, body=unit).status_code == 201
        listed = made("api.units_and_officers.list_units").sync(client=client)
        assert [each.code for each in listed.items] == ["ROAF"]
        again = create.sync(client=client, body=unit)
        assert type(again).__name__ == "Problem"
        assert again.status in (409, 422)
        assert again.errors[0].pointer == "/code"
        assert made("api.users.get_me").sync(client=client).role.value == "admin"
        client.get_httpx_client().close()
