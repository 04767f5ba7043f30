"""Money that is reserved or advanced stands with the project's money, with all that it bound before."""

import datetime as dt
import re

import pytest
from lxml import html

from app.db.lookups import row_by, the_setup
from app.db.spending import Encumbrance
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.spending.schemas import EncumbranceIn, EncumbrancePatch
from app.spending.service import create_encumbrance, update_encumbrance
from tests.api import Api, TestClient
from tests.web import example
from tests.web.people import signed_in
from tests.web.test_project import typed

ROW = {"document": "EN-1", "project": "RAF/1", "date": "2026-02-01", "amount": "40000", "currency": "USD"}
PAGE = "/encumbrances/1"


@pytest.fixture
def api(light_api: Api) -> Api:
    """Reserved in February; in the file of May it was less."""
    example.fill(light_api)
    with light_api.database.write("tests") as session:
        create_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ROW), today=dt.date(2026, 2, 1))
        _change(light_api, session, amount="35000", changed_on="2026-05-31")
    return light_api


def _change(api: Api, session: object, **values: str) -> None:
    row = row_by(session, Encumbrance, "document", "EN-1")  # type: ignore[arg-type]
    assert row is not None
    body = EncumbrancePatch.model_validate(values)
    update_encumbrance(session, LOCAL, row, body, today=dt.date(2026, 6, 15))  # type: ignore[arg-type]


def _text(page: str) -> str:
    return " ".join(html.fromstring(page).find(".//main").text_content().split())


def _steps(page: str) -> list[str]:
    found = html.fromstring(page).xpath("//main//ul[@class='tasks']/li")
    return [" ".join(" ".join(each.itertext()).split()).partition(" recorded on ")[0] for each in found]


def test_the_money_of_a_project_shows_what_is_bound_and_the_way_to_what_ended(api: Api) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga")
    money = officer.get("/projects/1/money").text
    assert f'href="{PAGE}"' in money
    assert 'href="/encumbrances?project=RAF/1"' in money
    assert "35,000.00 USD" in money
    listed = officer.get("/encumbrances?open=true").text
    assert ("EN-1" in listed, "Wells &amp; pumps" in listed) == (True, True)
    assert "No encumbrance fits these filters." in officer.get("/encumbrances?open=false").text
    assert "EN-1" in officer.get("/encumbrances?format=csv").text


def test_a_way_to_what_ended_is_shown_only_where_something_was_bound(api: Api) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga")
    answer = api.client().post("/projects", json={"code": "N/1", "title": "New", "status": "pipeline"})
    assert answer.status_code == 201, answer.text
    way = "All, with those that ended"
    assert way not in officer.get(f"/projects/{answer.json()['id']}/money").text
    with api.database.write("tests") as session:
        _change(api, session, released_on="2026-06-01")
    money = officer.get("/projects/1/money").text
    assert ("No money is reserved or advanced at present." in money, way in money) == (True, True)


def test_what_it_bound_is_told_in_words_and_from_when_on(api: Api) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga")
    assert _steps(officer.get(PAGE).text) == [
        "31 May 2026 Amount: 40,000 → 35,000",
        "from the beginning Project: RAF/1 Date: 1 Feb 2026 Amount: 40,000 Currency: USD Kind: Encumbrance",
    ]
    answer = api.client().get("/encumbrances/1/revisions").json()["items"]
    assert [(each["changed_on"], each["amount"]) for each in answer] == [(None, "40000"), ("2026-05-31", "35000")]
    assert "35000" in api.client().get("/encumbrances/1/revisions?format=csv").text
    assert api.client().get("/encumbrances/9/revisions").status_code == 404


def test_a_change_has_a_day_of_its_own_and_what_takes_its_place_is_told(api: Api) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga")
    asked = typed(officer.get(f"{PAGE}/edit").text)
    assert asked["changed_on"] == ""
    for amount in ("30,000", "31,000"):
        asked = typed(officer.get(f"{PAGE}/edit").text)
        stored = officer.post(f"{PAGE}/edit", data=asked | {"amount": amount, "changed_on": "2026-06-30"})
        assert stored.headers["location"] == PAGE
    first, second, *_ = _steps(officer.get(PAGE).text)
    assert first == "30 Jun 2026 Amount: 30,000 → 31,000"
    assert second == "30 Jun 2026 Amount: 35,000 → 30,000 replaced by what was recorded later"


def test_it_ends_by_a_day_or_by_its_expenditure_and_a_refused_day_is_asked_again(api: Api) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga", language="fr")
    version = typed_version(officer)
    refused = officer.post(f"{PAGE}/end", data={"_version": version, "released_on": "2026-01-01"})
    assert refused.status_code == 422
    again = html.fromstring(refused.text)
    (field,) = again.xpath("//main//input[@name='released_on']")
    assert (field.get("value"), field.get("aria-invalid"), field.get("type")) == ("2026-01-01", "true", "date")
    assert "Libéré le" in refused.text
    kept = {each.get("name"): each.get("value") for each in again.xpath("//main//form//input")}
    assert officer.post(f"{PAGE}/end", data=kept | {"released_on": "2026-06-30"}).headers["location"] == PAGE
    shown = officer.get(PAGE).text
    assert "Comptabiliser sa dépense" not in shown
    assert f"{PAGE}/end" not in shown
    asked = typed(officer.get(f"{PAGE}/edit").text)
    assert officer.post(f"{PAGE}/edit", data=asked | {"released_on": ""}).status_code == 303
    asked = typed(officer.get(f"{PAGE}/liquidate").text)
    assert asked["amount"] == "35000"
    more = officer.post(f"{PAGE}/liquidate", data=asked | {"document": "V-1", "amount": "36000"})
    assert (more.status_code, 'href="#f-amount"' in more.text) == (422, True)
    assert 'value="36000"' in more.text
    posted = officer.post(f"{PAGE}/liquidate", data=typed(more.text) | {"amount": "30000"})
    assert posted.headers["location"] == PAGE
    assert "V-1" in officer.get("/projects/1/money").text


def typed_version(browser: TestClient) -> str:
    (version,) = set(re.findall(r'name="_version" value="([^"]+)"', browser.get(PAGE).text))
    return version.replace("&#34;", '"')


def test_closed_books_are_told_on_the_page_and_at_the_field(api: Api) -> None:
    with api.database.write("tests") as session:
        the_setup(session).closed_until = dt.date(2026, 6, 30)
    officer = signed_in(api, Role.OFFICER, name="olga")
    assert "The books are closed until 30 Jun 2026: give a change a day after it." in _text(officer.get(PAGE).text)
    asked = typed(officer.get(f"{PAGE}/edit").text)
    for given, field in (({"amount": "1"}, "amount"), ({"amount": "1", "changed_on": "2026-06-30"}, "changed_on")):
        refused = officer.post(f"{PAGE}/edit", data=asked | given)
        assert (refused.status_code, f'href="#f-{field}"' in refused.text) == (422, True)
        assert f'id="f-{field}-fault"' in refused.text
        # the day as people write it, whichever the sentence
        told = _text(refused.text)
        assert ("closed until 30 Jun 2026: give" in told, "2026-06-30: give" in told) == (True, False)
    refused = officer.post(f"{PAGE}/archive", data={"_version": typed_version(officer)})
    assert (refused.status_code, "The books are closed until" in refused.text) == (409, True)
    french = signed_in(api, Role.OFFICER, name="luc", language="fr").post(f"{PAGE}/edit", data=asked | {"amount": "1"})
    assert "clôturés jusqu’au 30 juin 2026" in _text(french.text)
    assert "The books are closed" not in french.text
    assert officer.post(f"{PAGE}/edit", data=asked | {"amount": "1", "changed_on": "2026-07-01"}).status_code == 303


def test_two_who_change_it_see_theirs_beside_yours(api: Api) -> None:
    first, second = (signed_in(api, Role.OFFICER, name=name) for name in ("first", "second"))
    mine, theirs = (typed(each.get(f"{PAGE}/edit").text) for each in (first, second))
    assert second.post(f"{PAGE}/edit", data=theirs | {"note": "For the pumps"}).status_code == 303
    conflict = first.post(f"{PAGE}/edit", data=mine | {"note": "For the wells"})
    assert (conflict.status_code, "For the pumps" in conflict.text, "For the wells" in conflict.text) == (
        409,
        True,
        True,
    )


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_it_is_shown_in_every_language_and_changed_by_who_may(api: Api, language: str) -> None:
    viewer = signed_in(api, Role.VIEWER, name=f"v-{language}", language=language)
    for path in ("/encumbrances", PAGE):
        assert viewer.get(path).status_code == 200
    assert "/edit" not in viewer.get(PAGE).text
    for path in ("/encumbrances/new", f"{PAGE}/edit", f"{PAGE}/liquidate"):
        assert viewer.get(path).status_code == 403
    officer = signed_in(api, Role.OFFICER, name=f"o-{language}", language=language)
    version = typed_version(officer)
    assert officer.post(f"{PAGE}/archive", data={"_version": version}).status_code == 303
    assert officer.post(f"{PAGE}/restore", data={"_version": typed_version(officer)}).status_code == 303


def test_an_expenditure_is_posted_of_what_was_shown_and_else_asked_for_again(api: Api) -> None:
    first, second = (signed_in(api, Role.OFFICER, name=name) for name in ("first", "second"))
    mine = typed(first.get(f"{PAGE}/liquidate").text) | {"document": "V-1", "description": "Pumps"}
    theirs = typed(second.get(f"{PAGE}/edit").text)
    assert second.post(f"{PAGE}/edit", data=theirs | {"currency": "EUR"}).status_code == 303
    without = {name: value for name, value in mine.items() if name != "_version"}
    assert first.post(f"{PAGE}/liquidate", data=without).status_code == 409
    again = first.post(f"{PAGE}/liquidate", data=mine)
    assert (again.status_code, "EN-1 set 35,000 EUR aside" in _text(again.text)) == (409, True)
    assert "Somebody changed what this is about while you were typing" in _text(again.text)
    assert "V-1" not in first.get("/projects/1/money").text
    repeated = typed(again.text)
    assert (repeated["document"], repeated["description"], repeated["amount"]) == ("V-1", "Pumps", "35000")
    assert first.post(f"{PAGE}/liquidate", data=repeated).headers["location"] == PAGE
    assert "V-1" in first.get("/projects/1/money").text
    # it ended by that: neither is there a form, nor is one that was open told anything else
    for answer in (first.get(f"{PAGE}/liquidate"), second.post(f"{PAGE}/liquidate", data=mine | {"document": "V-2"})):
        assert (answer.status_code, "EN-1 ended on" in _text(answer.text)) == (409, True)


@pytest.mark.parametrize(
    ("amount", "since", "told"),
    [
        (
            "38000",
            "2026-04-30",
            [
                "10 Jun 2026 Released on: 10 Jun 2026",
                "31 May 2026 Amount: 38,000 → 35,000",
                "30 Apr 2026 Amount: 40,000 → 38,000",
            ],
        ),
        (
            "36000",
            "2026-05-31",
            [
                "31 May 2026 Amount: 35,000 → 36,000",
                "10 Jun 2026 Released on: 10 Jun 2026",
                "31 May 2026 Amount: 40,000 → 35,000 replaced by what was recorded later",
            ],
        ),
    ],
    ids=["before it", "in its place"],
)
def test_an_end_stands_where_somebody_recorded_it_whatever_amount_is_learnt_later(
    api: Api, amount: str, since: str, told: list[str]
) -> None:
    with api.database.write("tests") as session:
        _change(api, session, released_on="2026-06-10")
    with api.database.write("tests") as session:
        _change(api, session, amount=amount, changed_on=since)
    officer = signed_in(api, Role.OFFICER, name="olga")
    assert _steps(officer.get(PAGE).text)[:3] == told


def test_of_very_many_changes_the_newest_are_shown_and_that_is_said(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = signed_in(api, Role.OFFICER, name="olga")
    assert "Only the newest" not in _text(officer.get(PAGE).text)
    monkeypatch.setattr("app.web.routes.encumbrances._SHOWN", 1)
    shown = officer.get(PAGE).text
    assert len(_steps(shown)) == 1
    assert "Only the newest 1 of 2 changes stand here." in _text(shown)


def test_of_many_that_bind_money_the_oldest_are_shown_with_the_project(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with api.database.write("tests") as session:
        for document, day in (("EN-3", "2026-03-01"), ("EN-0", "2026-01-10")):
            body = EncumbranceIn.model_validate({**ROW, "document": document, "date": day})
            create_encumbrance(session, LOCAL, body, today=dt.date(2026, 3, 1))
    officer = signed_in(api, Role.OFFICER, name="olga")
    money = officer.get("/projects/1/money").text
    assert re.findall(r">(EN-\d)<", money) == ["EN-0", "EN-1", "EN-3"]
    assert "3 entries" in _text(money)
    monkeypatch.setattr("app.web.routes.project._BOUND", 2)
    money = officer.get("/projects/1/money").text
    assert re.findall(r">(EN-\d)<", money) == ["EN-0", "EN-1"]
    assert "The first 2 of 3, the oldest first." in _text(money)
