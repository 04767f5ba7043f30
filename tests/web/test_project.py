"""A project's pages tell what the API tells, and change it by the same rules."""

import datetime as dt
import re
from html import unescape
from pathlib import Path

import pytest

from app import web
from app.db.organisation import Officer, Unit
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.http import lists
from app.projects.schemas import ProjectIn
from app.projects.service import create_project
from tests.api import Api
from tests.portfolio import choose_policies, set_up
from tests.web import example
from tests.web.people import signed_in
from tests.web.test_crawl import browser
from tests.web.test_forms import fields

PARTS = ("", "/money", "/evaluations", "/results", "/documents", "/history", "/publication", "/edit",
         "/allocations/new", "/transactions/new", "/encumbrances/new", "/documents/new", "/evaluations/new",
         "/decisions/new")  # fmt: skip


@pytest.fixture
def project(light_api: Api) -> int:
    """A project of the unit ROAF."""
    with light_api.database.write("tests") as session:
        set_up(session)
        choose_policies(session)
        unit = Unit(code="ROAF", name="Africa")
        session.add(unit)
        session.flush()
        session.add(Officer(code="ann", name="Ann", email="ann@example.org", unit_id=unit.id or 0))
        session.flush()
        body = ProjectIn.model_validate(
            {
                "code": "RAF/1",
                "title": "Wells",
                "status": "implementation",
                "unit": "ROAF",
                "officer": "ann",
                "planned_start": "2025-01-01",
                "planned_end": "2028-12-31",
                "total_budget": "1500000",
                "countries": [{"code": "KE", "percentage": "60"}, {"code": "UG", "percentage": "40"}],
            }
        )
        return create_project(session, LOCAL, body, today=dt.date(2026, 1, 5)).id or 0


def test_every_part_is_shown_in_every_language_and_to_whoever_may_read(light_api: Api, project: int) -> None:
    for language in ("en", "fr", "es"):
        admin = signed_in(light_api, Role.ADMIN, name=f"admin-{language}", language=language)
        for part in PARTS:
            assert admin.get(f"/projects/{project}{part}").status_code == 200, part
        assert admin.get("/").status_code == 200
    viewer = signed_in(light_api, Role.VIEWER)
    for part in PARTS:
        forbidden = part.endswith(("/new", "/edit"))
        assert viewer.get(f"/projects/{project}{part}").status_code == (403 if forbidden else 200), part
    assert "/edit" not in viewer.get(f"/projects/{project}").text
    assert viewer.get("/projects/999").status_code == 404
    assert viewer.get("/projects/nothing").status_code == 404


def test_two_who_change_it_at_once_see_theirs_beside_yours(light_api: Api, project: int) -> None:
    first = signed_in(light_api, Role.OFFICER, name="first")
    second = signed_in(light_api, Role.OFFICER, name="second")
    address = f"/projects/{project}/edit"
    page = first.get(address).text
    mine, theirs = typed(page), typed(second.get(address).text)
    assert second.post(address, data=theirs | {"title": "Deep wells"}).status_code == 303
    conflict = first.post(address, data=mine | {"title": "Clean wells", "description": "Water."})
    assert conflict.status_code == 409
    assert "Somebody changed this" in conflict.text
    assert "Deep wells" in conflict.text
    assert 'value="Clean wells"' in conflict.text
    again = first.post(address, data=typed(conflict.text) | {"title": "Clean wells", "description": "Water."})
    assert again.headers["location"] == f"/projects/{project}"
    shown = first.get(f"/projects/{project}").text
    assert "Clean wells" in shown
    assert "The change is stored." in shown


def test_a_fault_in_a_row_of_a_list_is_told_as_every_other(light_api: Api, project: int) -> None:
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    asked = typed(olga.get(f"/projects/{project}/edit").text)
    answer = olga.post(f"/projects/{project}/edit", data=asked | {"countries.percentage": ["abc", "40"]})
    assert answer.status_code == 422
    (told,) = re.findall(r'<p class="fault" id="f-countries-percentage-1-fault">(.*?)</p>', answer.text)
    assert '<span class="visually-hidden">Erreur' in told
    assert "chiffres" in told, told


def test_what_is_said_in_a_language_is_not_marked_as_english(light_api: Api, project: int) -> None:
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    asked = typed(olga.get(f"/projects/{project}/edit").text)
    answer = olga.post(f"/projects/{project}/edit", data=asked | {"_version": '"1-0"', "title": "Puits"})
    assert answer.status_code == 409
    assert "Quelqu’un a modifié" in answer.text
    assert not re.search(r'<span lang="en">Quelqu', answer.text)


def test_faults_are_raised_in_english_and_said_where_they_are_shown() -> None:
    """What is in the language of the person already would be taken for English where it is told."""
    said = re.compile(r"raise \w+\(\s*(?:\[?Fault\(.*)?page\.(?:t|words)\b|message=page\.(?:t|words)\b")
    for path in (Path(web.__file__).parent).rglob("*.py"):
        assert not said.findall(path.read_text(encoding="utf-8")), path


def test_a_change_touches_only_what_was_changed(light_api: Api, project: int) -> None:
    officer = signed_in(light_api, Role.OFFICER)
    address = f"/projects/{project}/edit"
    given = typed(officer.get(address).text)
    assert officer.post(address, data=given).status_code == 303
    # nothing was changed, so that the version still stands
    assert officer.post(address, data=typed(officer.get(address).text) | given).status_code == 303
    changed = typed(officer.get(address).text) | {"phase": "II"}
    assert officer.post(address, data=changed).status_code == 303
    trail = officer.get(f"/projects/{project}/history").text
    assert "<ins>II</ins>" in trail
    assert trail.count("<strong>officer</strong>") == 1


def test_an_officer_of_another_unit_is_refused_in_words(light_api: Api, project: int) -> None:
    other = signed_in(light_api, Role.OFFICER, unit_id=light_api.unit("ROLAC"))
    address = f"/projects/{project}/edit"
    assert f'href="{address}"' not in other.get(f"/projects/{project}").text
    given = typed(signed_in(light_api, Role.ADMIN).get(address).text) | {"phase": "II"}
    for refused in (other.get(address), other.post(address, data=given)):
        assert refused.status_code == 403
        assert "another unit" in refused.text


def test_money_is_recorded_below_a_project_and_corrected_by_a_difference(light_api: Api, project: int) -> None:
    officer = signed_in(light_api, Role.OFFICER)
    allocate = f"/projects/{project}/allocations/new"
    given = typed(officer.get(allocate).text)
    wrong = officer.post(allocate, data=given | {"fiscal_year": "2026", "kind": "original", "amount": "1,00"})
    assert wrong.status_code == 422
    assert 'href="#f-amount"' in wrong.text
    right = typed(wrong.text) | {"fiscal_year": "2026", "kind": "original", "amount": "100,000"}
    assert officer.post(allocate, data=right).status_code == 303
    post = f"/projects/{project}/transactions/new"
    given = typed(officer.get(post).text)
    spent = given | {"document": "EX-1", "type": "4", "date": "2026-02-01", "amount": "40,000"}
    assert officer.post(post, data=spent).status_code == 303
    adjust = f"/projects/{project}/transactions/1/adjust"
    difference = typed(officer.get(adjust).text) | {"document": "EX-1A", "amount": "-1,500", "reason": "Refund"}
    difference["date"] = "2026-02-02"
    assert officer.post(adjust, data=difference).status_code == 303
    money = officer.get(f"/projects/{project}/money").text
    assert "100,000.00 USD" in money
    assert "-1,500.00 USD" in money
    assert "38.5" in money
    ledger = officer.get(f"/projects/{project}/money?format=csv")
    assert ledger.headers["content-type"].startswith("text/csv")
    assert ledger.text.count("\n") == 3


def typed(html: str) -> dict[str, str | list[str]]:
    """Every field of the form of a page with what stands in it, as a browser sends it."""
    form = html[html.index('class="sheet"') : html.index("</form>", html.index('class="sheet"'))]
    found: dict[str, list[str]] = {name: [value] for name, value in fields(html).items()}
    for name, value in re.findall(r'<input id="[^"]+" name="([^"]+)"[^>]*? value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    for name, inside in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    for name, inside in re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(inside)
    plain = {name: [unescape(value) for value in values] for name, values in found.items()}
    return {name: values if len(values) > 1 else values[0] for name, values in plain.items()}


def test_the_list_tells_how_many_there_are_beyond_what_is_counted(
    light_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.fill(light_api)
    person = browser(light_api, "admin", "en")
    addresses = ("", "?status=", "?status=implementation", "?status=implementation&status=closed", "?q=nowhere")

    def told() -> list[str]:
        pages = (person.get(f"/projects{address}").text for address in addresses)
        return [re.findall(r'role="status"[^>]*>([^<·]*)', page)[0] for page in pages]

    told_of_all = told()
    assert told_of_all[0] not in ("0 projects", "1 project")
    assert told_of_all[-1].strip() == "0 projects"
    monkeypatch.setattr(lists, "COUNTED", 1)
    assert told() == told_of_all
