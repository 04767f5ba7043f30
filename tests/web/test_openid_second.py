"""The sign-in against a provider that others wrote, as far as Node and it are there: it agrees with our reading."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.db.people import User
from app.domain.terms import Role
from app.web import limits
from app.web.signin import oidc
from tests import stand_ins
from tests.api import Api
from tests.stand_ins.openid import CLIENT, SECRET
from tests.web.people import stranger
from tests.web.test_openid import RULES

_HERE = Path(stand_ins.__file__).parent
_BACK = "http://testserver/sign-in/provider/back"


@dataclass(frozen=True, kw_only=True)
class Second:
    """The provider; ``order`` says what goes wrong with its tokens from now on."""

    issuer: str

    def order(self, name: str) -> None:
        assert httpx.get(f"{self.issuer}/order/{name}", trust_env=False).status_code == 200


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    node, folder = shutil.which("node"), os.environ.get("EARMARK_OIDC_PROVIDER")
    if node is None or not folder:
        pytest.skip(
            "the second provider is not here: install Node, then `npm install --prefix FOLDER oidc-provider@9`, "
            "and name it with EARMARK_OIDC_PROVIDER=FOLDER"
        )
    with subprocess.Popen(
        [node, str(_HERE / "provider.mjs"), folder, _BACK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        # what it has to say of itself goes before
        issuer = next((line.strip() for line in process.stdout if line.startswith("http")), "")
        assert issuer, process.stderr.read() if process.stderr else ""
        yield Second(issuer=issuer)
        process.terminate()


def opened(api: Api, second: Second, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    oidc.provider_of.cache_clear()
    limits.forget()
    api.app.state.settings = api.settings.model_copy(
        update={
            "oidc_issuer": second.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_mapping": rules,
            "oidc_allow_private": True,
            "oidc_timeout": 60.0,
        }
    )


def led_back(address: str) -> str:
    """Goes through the provider's own pages as a browser does; the path with which it leads back to ours."""
    with httpx.Client(trust_env=False, timeout=60) as browser:
        for _ in range(10):
            answer = browser.get(address)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["location"])
            if address.startswith("http://testserver/"):
                back = urlsplit(address)
                return f"{back.path}?{back.query}"
    raise AssertionError("the provider leads nowhere")


HOSTILE = ("wrong-issuer", "wrong-audience", "wrong-nonce", "wrong-key", "none", "expired", "other-subject")


def test_another_provider_agrees_and_what_it_answers_wrongly_signs_nobody_in(
    light_api: Api, second: Second, tmp_path: Path
) -> None:
    opened(light_api, second, tmp_path)
    for wrong in HOSTILE:
        second.order(wrong)
        browser = stranger(light_api)
        begun = browser.get("/sign-in/provider")
        refused = browser.get(led_back(begun.headers["location"]))
        assert refused.status_code == 403, wrong
        assert "could not be proven" in refused.text, wrong
        assert browser.get("/projects").status_code == 303, wrong
    second.order("")
    browser = stranger(light_api)
    begun = browser.get("/sign-in/provider", params={"to": "/projects"})
    arrived = browser.get(led_back(begun.headers["location"]))
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/projects")
    with light_api.database.read() as session:
        people = session.scalars(select(User).where(User.openid_subject == "s-2")).all()
    assert [(person.name, person.role) for person in people] == [("boris", Role.PUBLISHER)]
