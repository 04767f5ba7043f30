"""A form asks what the API asks, and tells its faults beside what was typed."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.db.pages import WebSession
from app.db.projects import Project
from app.domain.terms import Role
from tests.api import Api, TestClient
from tests.portfolio import set_up
from tests.web.people import FROM_HERE, link, signed_in, stranger, user

NEW = {"code": "RAF/26/01", "title": "Wells", "status": "implementation", "total_budget": "1,234,567.50"}


def fields(html: str) -> dict[str, str]:
    """Hidden fields of the form of a page."""
    form = html[html.index('class="sheet"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def end_session(api: Api) -> None:
    """As if eight hours had gone by."""
    with api.database.write("tests") as session:
        row = session.get(WebSession, 1)
        assert row is not None
        row.seen_at -= dt.timedelta(hours=9)


@pytest.fixture
def officer(api: Api) -> TestClient:
    with api.database.write("tests") as session:
        set_up(session)
    return signed_in(api, Role.OFFICER)


def test_a_project_is_stored_with_what_was_typed(officer: TestClient) -> None:
    asked = fields(officer.get("/projects/new").text)
    stored = officer.post(
        "/projects/new",
        data=asked | NEW | {"countries.code": ["KE", "UG", ""], "countries.percentage": ["60", "40", ""]},
    )
    assert stored.status_code == 303, stored.text
    listed = officer.get("/projects").text
    assert "RAF/26/01" in listed
    assert "1,234,567.50 USD" in listed
    assert "The project is stored." in listed
    # shown once
    assert "The project is stored." not in officer.get("/projects").text


def test_every_fault_stands_at_its_field_and_nothing_typed_is_lost(officer: TestClient) -> None:
    asked = fields(officer.get("/projects/new").text)
    typed = {"code": "A/1", "status": "walking", "total_budget": "12,5", "planned_end": "2026-02-30", "title": ""}
    refused = officer.post("/projects/new", data=asked | typed)
    assert refused.status_code == 422
    assert "<title>Fault:" in refused.text
    assert "There are 4 faults" in refused.text
    for field in ("title", "status", "total_budget", "planned_end"):
        assert f'href="#f-{field}"' in refused.text, field
        control = re.search(rf'<(?:input|select) id="f-{field}"[^>]*>', refused.text)
        assert control is not None
        assert 'aria-invalid="true"' in control[0]
    assert 'value="12,5"' in refused.text
    assert "is read only when it is written 12.5" in refused.text
    endless = officer.post("/projects/new", data=asked | NEW | {"total_budget": "9" * 40})
    assert (endless.status_code, "a quadrillion or more" in endless.text) == (422, True)
    for path, name in (("/projects/new", "_once"), ("/views", "name")):
        refused = officer.post(path, data=asked | NEW | {"page": "projects", name: "a\x00b"})
        assert (refused.status_code, "U+0000" in refused.text) == (422, True), path


def test_half_a_character_is_told_at_its_field_and_what_stood_there_already_is_left_alone(
    api: Api, officer: TestClient
) -> None:
    asked = fields(officer.get("/projects/new").text)
    # browsers send U+FFFD in place of half a character, and others its bytes
    for half in ("%EF%BF%BD", "%ED%A0%80"):
        refused = officer.post(
            "/projects/new",
            content=urlencode({name: text for name, text in (asked | NEW).items() if name != "title"})
            + f"&title=A{half}B",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert (refused.status_code, refused.text.count('href="#f-')) == (422, 1)
        assert 'href="#f-title">Title: A character did not arrive whole here (�): write it again.' in refused.text
    refused = officer.post("/views", data={"page": "projects", "name": "A\ufffdB", "query": ""})
    assert (refused.status_code, 'href="#f-name"' in refused.text) == (422, True)
    assert officer.post("/projects/new", data=asked | NEW).status_code == 303
    with api.database.write("tests") as session:
        project = session.get(Project, 1)
        assert project is not None
        project.description = "As it was imp\ufffdrted"
    page = officer.get("/projects/1/edit").text
    again = fields(page) | NEW | {"description": "As it was imp\ufffdrted", "title": "Deep wells"}
    again["_version"] = unescape(again["_version"])
    stored = officer.post("/projects/1/edit", data=again)
    assert stored.status_code == 303, stored.text


def test_what_is_said_of_a_field_is_not_what_stands_beside_it_anyway(api: Api, officer: TestClient) -> None:
    # the words that can be chosen
    assert "(or the IATI code)" not in officer.get("/projects/new").text
    # the bars that separate in a table, where each has a line
    marks = officer.get("/results/records/new").text
    assert "Example: disability<" in marks
    # in another language the label itself
    client = api.client(Role.ADMIN, name="maker")
    assert client.post("/projects", json={"code": "P", "title": "P", "status": "pipeline"}).status_code == 201
    french = signed_in(api, Role.ADMIN, name="fatou", language="fr")
    assert french.get("/projects/1/documents/new").text.count("Date du document") == 1


def test_sent_twice_it_is_stored_once(officer: TestClient) -> None:
    asked = fields(officer.get("/projects/new").text)
    first, second = (officer.post("/projects/new", data=asked | NEW) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]


def test_amounts_are_read_as_the_language_writes_them_and_shown_back(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    marie = signed_in(api, Role.OFFICER, language="fr")
    asked = fields(marie.get("/projects/new").text)
    refused = marie.post("/projects/new", data=asked | NEW | {"title": "", "total_budget": "1 234 567,5"})
    assert refused.status_code == 422
    assert "1\u202f234\u202f567,5" in refused.text
    doubtful = marie.post("/projects/new", data=asked | NEW | {"total_budget": "1,234,567.50"})
    assert doubtful.status_code == 422
    stored = marie.post("/projects/new", data=asked | NEW | {"total_budget": "1 234 567,5"})
    assert stored.status_code == 303, stored.text


@pytest.mark.parametrize(
    ("language", "typed", "asked_for"),
    [
        ("en", "1.234", ("1.2340", "1234")),
        ("fr", "1,234", ("1,2340", "1234")),
        ("fr", "1.234", ("1,2340", "1234")),
        ("es", "1,234", ("1,2340", "1234")),
        ("es", "100,000", ("100", "100000")),
        ("es", "1,234,567", ("1234567",)),
        ("es", "500.5", ("500,5",)),
    ],
)
def test_what_others_would_write_for_thousands_is_asked_back_with_both_readings_that_can_be_typed(
    api: Api, language: str, typed: str, asked_for: tuple[str, ...]
) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    officer = signed_in(api, Role.OFFICER, language=language)
    asked = fields(officer.get("/projects/new").text)
    refused = officer.post("/projects/new", data=asked | NEW | {"total_budget": typed})
    fault = unescape(re.findall(r'id="f-total_budget-fault">(.*?)</p>', refused.text, re.S)[0])
    assert refused.status_code == 422
    assert [each for each in asked_for if not re.search(rf"\b{each}\b", fault)] == []
    assert f'value="{typed}"' in refused.text
    # what is asked about is what was typed, and no other writing of it
    assert re.split("[“”«»]", fault)[1].strip() == typed
    # and each of them is taken as it is told
    for number, text in enumerate(asked_for):
        given = {"code": f"P{number}", "total_budget": text}
        stored = officer.post("/projects/new", data=fields(officer.get("/projects/new").text) | NEW | given)
        assert stored.status_code == 303, text


def test_dinars_have_thousandths_and_shares_are_no_thousands(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    officer = signed_in(api, Role.OFFICER, language="fr")
    given = {
        "total_budget": "1,234", "currency": "TND", "countries.code": ["KE", "UG"],
        "countries.percentage": ["33,333", "66,667"],
    }  # fmt: skip
    stored = officer.post("/projects/new", data=fields(officer.get("/projects/new").text) | NEW | given)
    assert stored.status_code == 303
    with api.database.read() as session:
        assert session.scalars(select(Project)).one().total_budget == Decimal("1.234")
    edit = re.findall(r'href="(/projects/\d+)', officer.get("/projects").text)[0] + "/edit"
    page = officer.get(edit).text
    assert [part for part in ("1,2340", "33,333", "66,667") if f'value="{part}"' not in page] == []
    # what nobody touched is sent back as it was
    kept = {name: unescape(value) for name, value in fields(page).items()}
    again = officer.post(edit, data=kept | NEW | given | {"total_budget": "1,2340"})
    assert again.status_code == 303, again.text


def test_a_decision_on_a_budget_is_read_as_the_language_writes(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    officer = signed_in(api, Role.OFFICER, language="fr")
    officer.post("/projects/new", data=fields(officer.get("/projects/new").text) | NEW | {"total_budget": "1000"})
    page = re.findall(r'href="(/projects/\d+)', officer.get("/projects").text)[0] + "/decisions/new"
    given = {"field": "total_budget", "decided_on": "2026-01-15", "reason": "Extension"}
    asked = fields(officer.get(page).text)
    refused = officer.post(page, data=asked | given | {"value": "1,234 USD"})
    assert (refused.status_code, "1,2340" in refused.text) == (422, True)
    stored = officer.post(page, data=asked | given | {"value": "1 234 567,5 USD"})
    assert stored.status_code == 303, stored.text
    history = officer.get(stored.headers["location"]).text
    assert "1\u202f234\u202f567,5" in history.replace("\u202f567,50", "\u202f567,5")


def test_what_was_typed_is_there_again_after_the_session_ended(officer: TestClient, api: Api) -> None:
    asked = fields(officer.get("/projects/new").text)
    end_session(api)
    lost = officer.post("/projects/new", data=asked | NEW)
    assert lost.headers["location"] == "/sign-in?to=%2Fprojects%2Fnew&why=kept"
    assert "What you typed is kept" in officer.get(lost.headers["location"]).text
    back = officer.post(link(api, "officer"), data={"to": "/projects/new"}, headers=FROM_HERE)
    assert back.headers["location"] == "/projects/new"
    again = officer.get("/projects/new").text
    assert 'value="RAF/26/01"' in again
    assert 'value="1,234,567.50"' in again
    assert officer.post("/projects/new", data=fields(again) | NEW).status_code == 303
    # it was kept for this one time
    assert 'value="RAF/26/01"' not in officer.get("/projects/new").text


def test_somebody_elses_typing_is_not_shown(officer: TestClient, api: Api) -> None:
    end_session(api)
    officer.post("/projects/new", data=NEW)
    user(api, Role.OFFICER, name="other")
    officer.post(link(api, "other"), headers=FROM_HERE)
    assert "RAF/26/01" not in officer.get("/projects/new").text


@pytest.mark.parametrize(
    "text", ["", "x" * 10_000, "\x00", "\x1b[31m", "\ud800".encode("utf-8", "surrogatepass"), "1.234,5"]
)
def test_nothing_that_is_typed_breaks_the_page(officer: TestClient, text: str | bytes) -> None:
    names = re.findall(r' name="([a-z][a-z_.]*)"', officer.get("/projects/new").text)
    answer = officer.post("/projects/new", data=dict.fromkeys(names, text))
    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_who_may_not_write_gets_no_form(api: Api) -> None:
    viewer = signed_in(api, Role.VIEWER)
    page = viewer.get("/projects/new")
    assert page.status_code == 403
    assert "ask an administrator" in page.text
    assert viewer.post("/projects/new", data=NEW).status_code == 403
    assert stranger(api).get("/projects/new").status_code == 303
