"""People sign in with a link that works once, and are signed out when they, or others, say so."""

import datetime as dt
import re

import pytest

from app.db.pages import SignInLink, WebSession
from app.db.people import User
from app.domain.terms import Role
from app.web import limits
from tests.api import Api
from tests.web.people import FROM_HERE, link, signed_in, stranger, user


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    limits.forget()


def test_a_link_signs_in_once_and_only_when_its_button_is_pressed(api: Api) -> None:
    user(api, Role.OFFICER, name="anna")
    path = link(api, "anna")
    first, second = stranger(api), stranger(api)
    assert first.get("/projects").headers["location"].startswith("/sign-in?to=%2Fprojects")
    # a mail scanner looks at the address, and uses nothing up
    assert first.get(path).status_code == 200
    assert "set-cookie" not in first.get(path).headers
    assert first.post(path, headers=FROM_HERE).headers["location"] == "/"
    assert first.get("/projects").status_code == 200
    refused = second.post(path, headers=FROM_HERE)
    assert refused.status_code == 403
    assert "used already" in refused.text
    assert second.get("/projects").status_code == 303


def test_a_link_is_good_for_fifteen_minutes_and_for_users_who_are_there(api: Api) -> None:
    user(api, Role.OFFICER, name="anna")
    late, gone = link(api, "anna"), link(api, "anna")
    with api.database.write("tests") as session:
        row = session.get(SignInLink, 1)
        assert row is not None
        row.expires_at = row.created_at
    assert stranger(api).post(late, headers=FROM_HERE).status_code == 403
    with api.database.write("tests") as session:
        person = session.get(User, 1)
        assert person is not None
        person.archived_at = dt.datetime.now(dt.UTC)
    assert stranger(api).post(gone, headers=FROM_HERE).status_code == 403


def test_a_session_ends_when_it_is_idle_too_old_ended_or_its_user_archived(light_api: Api) -> None:
    client = signed_in(light_api, Role.OFFICER)
    now = dt.datetime.now(dt.UTC)
    for column, value in (
        ("seen_at", now - dt.timedelta(hours=9)), ("expires_at", now), ("ended_at", now),
    ):  # fmt: skip
        with light_api.database.write("tests") as session:
            row = session.get(WebSession, 1)
            assert row is not None
            before = getattr(row, column)
            setattr(row, column, value)
        assert client.get("/projects").status_code == 303, column
        with light_api.database.write("tests") as session:
            row = session.get(WebSession, 1)
            assert row is not None
            setattr(row, column, before)
        assert client.get("/projects").status_code == 200
    with light_api.database.write("tests") as session:
        person = session.get(User, 1)
        assert person is not None
        person.archived_at = now
    assert client.get("/projects").status_code == 303


def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(light_api: Api) -> None:
    user(light_api, Role.OFFICER, name="anna")
    client = stranger(light_api)
    client.base_url = "https://earmark.example.org"
    cookie = client.post(link(light_api, "anna"), headers=FROM_HERE).headers["set-cookie"]
    assert cookie.startswith("__Host-earmark=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    secret = re.search(r"=([^;]+);", cookie)
    assert secret is not None
    with light_api.database.read() as session:
        row = session.get(WebSession, 1)
        assert row is not None
        assert secret[1] not in (row.hash, row.agent)


def test_a_cookie_opens_no_api_and_a_token_no_page(light_api: Api) -> None:
    client = signed_in(light_api)
    assert client.get("/api/v1/projects").status_code == 401
    assert light_api.client(Role.ADMIN, name="robot").get("http://testserver/projects").status_code in (303, 200)
    robot = stranger(light_api)
    robot.headers["Authorization"] = f"Bearer {light_api.token(Role.ADMIN)}"
    assert robot.get("/projects").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://testserver"}, 303),
    ],
)
def test_another_sites_form_changes_nothing(light_api: Api, headers: dict[str, str], status: int) -> None:
    client = signed_in(light_api)
    del client.headers["Sec-Fetch-Site"]
    assert (
        client.post("/views", data={"page": "projects", "name": "x", "query": ""}, headers=headers).status_code
        == status
    )


def test_guessing_is_slowed_down(light_api: Api) -> None:
    client = stranger(light_api)
    answers = [client.post("/sign-in/once/guess", headers=FROM_HERE) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [403] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "wait" in answers[-1].text
    said = stranger(light_api, "fr").post("/sign-in/once/guess", headers=FROM_HERE).text
    assert re.search("patientez [0-9]+ secondes", said)


def test_whoever_signs_out_is_out(light_api: Api) -> None:
    client = signed_in(light_api)
    cookie = client.cookies["earmark"]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    client.cookies.set("earmark", cookie)
    assert client.get("/projects").status_code == 303


def test_pages_carry_a_strict_policy_and_files_are_kept_for_a_year(light_api: Api) -> None:
    page = signed_in(light_api).get("/projects")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("same-origin", "private, no-store")
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        file = stranger(light_api).get(name)
        assert (file.status_code, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    # nothing on the page needs more than the policy allows
    assert " style=" not in page.text
    assert "<script>" not in page.text


def test_leads_only_to_own_pages(light_api: Api) -> None:
    user(light_api, Role.OFFICER, name="anna")
    for to in ("https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)"):
        answer = stranger(light_api).post(link(light_api, "anna"), data={"to": to}, headers=FROM_HERE)
        assert answer.headers["location"] == "/"


def test_what_somebody_typed_is_text_in_every_message_of_a_fault(light_api: Api) -> None:
    browser = signed_in(light_api, language="fr")
    page = browser.get('/projects?sort=<b onclick="x">typed</b>')
    assert page.status_code == 422
    assert "typed" in page.text
    assert "<b onclick" not in page.text
