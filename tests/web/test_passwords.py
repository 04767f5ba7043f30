"""Where an office chooses passwords, guessing them is hopeless, and nobody learns who has one."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.config import Settings
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.errors import InvalidInput
from app.web import limits
from app.web.signin import passwords
from tests.api import Api, TestClient
from tests.web.people import FROM_HERE, stranger, user

GOOD = "correct horse battery"


@pytest.fixture
def browser(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    # how dear a guess is follows from the defaults of the library, and is not what is looked at here
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    limits.forget()
    user(api, Role.OFFICER, name="anna")
    with api.database.write("tests") as session:
        passwords.set_password(session, LOCAL, "anna", GOOD)
    chosen: Settings = api.settings.model_copy(update={"sign_in": "links,passwords"})
    api.app.state.settings = chosen
    yield stranger(api)
    limits.forget()


def sent(browser: TestClient, name: str, password: str) -> int:
    given = {"name": name, "password": password}
    return browser.post("/sign-in/password", data=given, headers=FROM_HERE).status_code


def test_the_right_password_signs_in_and_wrong_ones_are_counted(browser: TestClient, api: Api) -> None:
    assert "With a password" in browser.get("/sign-in").text
    assert sent(browser, "anna", GOOD) == 303
    assert browser.get("/projects").status_code == 200
    other = stranger(api)
    assert {sent(other, "anna", "wrong"), sent(other, "nobody", GOOD), sent(other, "", "")} == {403}
    for _ in range(passwords.MOST - 3):
        sent(other, "anna", "wrong")
    # the address has used up its attempts, whatever the name, and even the right password waits
    assert {sent(other, "anna", GOOD), sent(other, "nobody", "x")} == {429}


def test_passwords_that_are_easily_guessed_are_refused(light_api: Api) -> None:
    user(light_api, Role.OFFICER, name="anna")
    for weak in ("short", "I am Anna, really", "x" * 2000):
        with pytest.raises(InvalidInput), light_api.database.write("tests") as session:
            passwords.set_password(session, LOCAL, "anna", weak)


def test_passwords_are_off_unless_they_are_chosen(light_api: Api) -> None:
    limits.forget()
    client = stranger(light_api)
    assert "With a password" not in client.get("/sign-in").text
    assert sent(client, "anna", GOOD) == 404
