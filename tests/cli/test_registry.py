"""``earmark registry``: whether everything is set up, and a person's sign-in."""

from collections.abc import Iterator

import httpx
import pytest
import stamina
import typer
from pydantic import SecretStr

from app.publishing.registering.settings import SIGN_IN_FILE
from tests.cli.program import Program
from tests.publishing.registering.conftest import registered_at
from tests.stand_ins.registry import StandIn


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(identifier="XM-EX-1", org="own") as registry, stamina.set_testing(True, attempts=2, cap=True):
        yield registry


@pytest.fixture
def program(light_office: Program, stand_in: StandIn) -> Program:
    """The program of an office whose settings lead to the registry."""
    for name, value in registered_at(stand_in).items():
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        light_office.environment[f"EARMARK_{name.upper()}"] = text
    return light_office


def test_command_tells_it_in_words_and_as_json(program: Program, stand_in: StandIn) -> None:
    ran = program.inside("registry", "check")
    assert "ok       sign-in: The sign-in of earmark-client works." in ran.out.decode()
    assert "Nothing is published yet." in ran.err
    shown = program.inside("registry", "check", "--format", "json").json
    assert (shown["ready"], shown["datasets"]) == (True, [])
    empty = program.inside("registry", "check", status=1, EARMARK_REGISTRY_KIND="")
    assert empty.out.decode().startswith("missing  settings: EARMARK_REGISTRY_KIND is not set")
    program.inside("registry", "check", "--format", "xml", status=2)


def test_person_signs_in_on_the_command_line(
    program: Program, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {"EARMARK_REGISTRY_SIGN_IN": "person", "EARMARK_DATA_DIR": str(program.folder / "data")}
    told = program.inside("registry", "check", status=1, **person).out.decode()
    assert "Nobody has signed in to the registry yet: run earmark registry sign-in." in told
    shown: list[str] = []

    def goes_there(_text: str, **_options: object) -> str:
        address = next(word for word in "".join(shown).split() if "/authorize?" in word)
        return str(httpx.get(address, timeout=None).json()["goes_to"])

    monkeypatch.setattr(typer, "prompt", goes_there)
    monkeypatch.setattr("app.cli.registry.say", shown.append)
    program.inside("registry", "sign-in", **person)
    kept = program.folder / "data" / SIGN_IN_FILE
    first = kept.read_text()
    program.inside("registry", "check", "--format", "json", **person)
    assert kept.read_text() != first, "the provider takes each refresh token once"
    program.inside("registry", "sign-in", status=2)
