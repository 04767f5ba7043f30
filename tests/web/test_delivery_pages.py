"""Delivery as pages: who is behind is seen at once, and the table says what the report says."""

import datetime as dt
import re

import pytest

from app.domain.periods import Period, PeriodKind
from app.domain.terms import Role
from app.statements.service import make
from tests import portfolio
from tests.api import Api, TestClient
from tests.queries import count_queries
from tests.web.people import signed_in


def filled(api: Api, projects: int = 2) -> None:
    """Projects of two units in 2021: the first spends in time, the others nothing."""
    with api.database.write("tests") as session:
        for number in range(projects):
            unit = portfolio.unit(session, f"U{number}")
            unit.name = f"Office {number}"
            portfolio.officer(session, f"o{number}", unit.id or 0)
    client = api.client(Role.ADMIN, name=f"maker-{projects}")
    for number in range(projects):
        unit = f"U{number}"
        body = {"code": f"P{number}", "title": f"Project {number}", "status": "implementation", "unit": unit,
                "officer": f"o{number}", "planned_start": "2021-01-01", "planned_end": "2021-12-31"}  # fmt: skip
        assert client.post("/projects", json=body).status_code == 201
        allocation = {"project": f"P{number}", "fiscal_year": "2021", "kind": "original", "amount": "1000",
                      "currency": "USD", "decided_on": "2021-01-01"}  # fmt: skip
        answer = client.post("/allocations", json=allocation)
        assert answer.status_code == 201, answer.text
    spend(client, "P0", "R1", "800")


def spend(client: TestClient, project: str, document: str, amount: str) -> None:
    spent = {"project": project, "date": "2021-02-15", "type": "4", "amount": amount, "currency": "USD",
             "document": document}  # fmt: skip
    answer = client.post("/transactions", json=spent)
    assert answer.status_code == 201, answer.text


def test_the_matrix_shows_each_month_and_marks_who_is_behind(api: Api) -> None:
    filled(api)
    page = signed_in(api, Role.VIEWER).get("/delivery?period=2021&as_of=2021-12-31")
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", " ", page.text)
    assert "Office 0" in text
    assert "800 USD spent, 40.0%" in text
    rows = re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL)
    (first,) = (row for row in rows if "Office 0" in row)
    (second,) = (row for row in rows if "Office 1" in row)
    assert first.count("80.0%") == 12
    assert first.count("behind") == 1
    assert second.count("behind") == 13
    # a rate of nothing is a rate as well
    assert second.count(">0%<") == 13


def test_a_unit_leads_to_its_projects(api: Api) -> None:
    filled(api)
    client = signed_in(api)
    page = client.get("/delivery?period=2021&as_of=2021-12-31")
    (address,) = re.findall(r'href="(/delivery\?by=project&amp;unit=U1[^"]*)"', page.text)
    projects = client.get(address.replace("&amp;", "&")).text
    assert "Project 1" in projects
    assert "Project 0" not in projects


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", ["/delivery", "/delivery?by=region", "/delivery/statements", "/delivery/notes"])
def test_everybody_may_look_and_an_empty_database_says_what_to_do(light_api: Api, role: Role, path: str) -> None:
    page = signed_in(light_api, role).get(path)
    assert page.status_code == 200
    assert 'class="nothing"' in page.text


def test_a_statement_stands_beside_what_is_known_now(light_api: Api) -> None:
    filled(light_api)
    with light_api.database.write("tests") as session:
        december = Period(start=dt.date(2021, 12, 1), end=dt.date(2021, 12, 31), kind=PeriodKind.MONTH, label="2021-12")
        make(session, december, as_of=dt.date(2022, 1, 5), actor="tests")
    spend(light_api.client(name="later"), "P1", "R2", "123")
    client = signed_in(light_api)
    (address,) = re.findall(r'href="(/delivery/statements/\d+)"', client.get("/delivery/statements").text)
    shown = client.get(address)
    assert shown.status_code == 200
    assert "Project 1" in shown.text
    assert "<ins>923</ins>" in shown.text
    assert client.get("/delivery/statements/99999").status_code == 404


@pytest.mark.parametrize("language", ["fr", "es"])
def test_other_languages_have_their_words_and_figures(light_api: Api, language: str) -> None:
    filled(light_api)
    page = signed_in(light_api, language=language).get("/delivery?period=2021&as_of=2021-12-31").text
    assert {"fr": "800 USD dépensés, 40,0\xa0%", "es": "800 USD gastados, 40,0\xa0%"}[language] in page


@pytest.mark.parametrize(
    "query",
    ["by=colour", "period=never", "as_of=31.12.2021", "currency=XXY", "unit=NOWHERE", "nothing=1", "by=" + "x" * 9000],
)
def test_a_query_that_fits_nothing_is_told_in_words(light_api: Api, query: str) -> None:
    assert signed_in(light_api).get(f"/delivery?{query}").status_code in (404, 422)


def test_the_table_goes_out_as_it_stands(light_api: Api) -> None:
    filled(light_api)
    client = signed_in(light_api)
    as_csv = client.get("/delivery?period=2021&as_of=2021-12-31&format=csv")
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert "U0,2021-12," in as_csv.text
    assert client.get("/delivery?period=2021&format=xlsx").content.startswith(b"PK")


def test_the_number_of_statements_does_not_follow_the_portfolio(light_api: Api) -> None:
    counts = []
    client = signed_in(light_api)
    for projects in (2, 6):
        filled_more(light_api, projects)
        for path in ("/delivery?period=2021", "/delivery?period=2021&by=project"):
            with count_queries(light_api.database) as seen:
                assert client.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) < 40


def filled_more(api: Api, projects: int) -> None:
    client = api.client(name=f"maker-of-{projects}")
    for number in range(projects):
        body = {"code": f"N{projects}-{number}", "title": "New", "status": "implementation",
                "planned_start": "2021-01-01", "planned_end": "2021-12-31"}  # fmt: skip
        client.post("/projects", json=body)
        allocation = {"project": body["code"], "fiscal_year": "2021", "kind": "original", "amount": "10",
                      "currency": "USD", "decided_on": "2021-01-01"}  # fmt: skip
        assert client.post("/allocations", json=allocation).status_code == 201


def test_an_officer_notes_why_a_project_is_slow(light_api: Api) -> None:
    filled(light_api)
    client = signed_in(light_api, Role.ADMIN)
    slow = client.get("/delivery?by=project&period=2021&as_of=2021-12-31").text
    (address,) = re.findall(r'href="(/delivery/notes/new\?project=P1)"', slow)
    assert 'value="P1"' in client.get(address).text
    assert client.post("/delivery/notes/new", data={"_once": "a"}).status_code == 422
    note = {"_once": "b", "project": "P1", "period": "2021", "noted_on": "2021-12-20", "problem": "Late tender",
            "action": "Tender anew", "owner": "Ana", "due_on": "2022-02-01"}  # fmt: skip
    stored = client.post("/delivery/notes/new", data=note)
    assert stored.status_code == 303, stored.text
    assert "Late tender" in client.get("/delivery/notes").text
    assert signed_in(light_api, Role.VIEWER).get("/delivery/notes/new").status_code == 403


def test_a_page_stays_small_however_many_projects_there_are(light_api: Api) -> None:
    filled_more(light_api, 45)
    page = signed_in(light_api).get("/delivery?by=project&period=2021&as_of=2021-12-31")
    assert "5 more, with smaller allocations" in page.text
    assert len(page.content) < 60_000


def test_figures_of_the_home_page_are_counted_anew_only_where_a_project_changed(light_api: Api) -> None:
    filled(light_api)
    client = signed_in(light_api)

    def looked() -> tuple[list[str], list[str]]:
        """The figures, and the statements that count."""
        with count_queries(light_api.database) as seen:
            page = client.get("/").text
        return re.findall(r"<strong>(\d+)</strong>", page), [each for each in seen if "SELECT count(*)" in each]

    figures, _ = looked()
    assert figures
    maker = light_api.client()
    spend(maker, "P0", "R9", "5")
    assert looked() == (figures, [])
    assert maker.post("/projects", json={"code": "NEW", "title": "New", "status": "implementation"}).status_code == 201
    more, counted = looked()
    assert more[0] == str(int(figures[0]) + 1)
    assert counted
