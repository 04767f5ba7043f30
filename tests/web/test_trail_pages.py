"""The history tells what was recorded in words, and the page of health what each job does."""

import re
from collections.abc import Mapping, Sequence

import pytest

from app.db.organisation import Officer, Unit
from app.domain.terms import Role
from app.language import i18n
from app.web.views.trail import called, changes
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries
from tests.web import example
from tests.web.people import signed_in

_COLUMNS = ["project_id", "document", "type", "date", "amount", "currency", "internal", "provider_id", "entry_kind"]


def test_rows_that_were_stored_together_are_told_row_by_row() -> None:
    rows = [[47, f"EX-{number}", "4", "2024-09-30", "29666.44", "USD", False, None, "posting"] for number in range(60)]
    told = changes("ledger_entries", None, {"columns": _COLUMNS, "rows": rows}, i18n.words("fr"), {})
    assert len(told) == 51
    assert (told[0].field, told[0].is_row) == ("EX-0", True)
    line = told[0].after.replace("\xa0", " ").replace("\u202f", " ")
    assert line.startswith("Type : Dépenses · Date : 30 sept. 2024 · Montant : 29 666,44 · Monnaie : USD")
    assert "47" not in line
    assert told[-1].after == "et 10 de plus"


def test_figures_and_codes_of_a_record_are_told_in_words() -> None:
    after = {"id": 1, "type": "4", "amount": "1250.50", "reason": ""}
    told = {each.field: each.after for each in changes("ledger_entries", None, after, i18n.words("es"), {})}
    assert told["Importe"] == "1.250,50"
    assert told["Tipo"] == "Gasto"


def test_jobs_are_known_by_what_they_do(light_api: Api) -> None:
    example.fill(light_api)
    page = signed_in(light_api, Role.ADMIN, name="olga", language="fr").get("/admin").text
    assert '<th scope="row">Envoyer ce qui attend dans la boîte d’envoi <code' in page


@pytest.mark.parametrize(
    ("entity", "held", "name", "said"),
    [
        ("project_revisions", {"field": "officer", "value": "007"}, "Value", "007"),
        ("project_revisions", {"field": "officer", "value": "2024-01-01"}, "Value", "2024-01-01"),
        ("project_revisions", {"field": "total_budget", "value": "1500000 USD"}, "Value", "1,500,000 USD"),
        ("project_revisions", {"field": "planned_end", "value": "2027-12-31"}, "Value", "31 Dec 2027"),
        ("project_revisions", {"field": "stage", "value": "pipeline"}, "Value", "Pipeline"),
        # what an indicator reached is a text
        ("period_values", {"kind": "target", "value": "0012"}, "Value", "0012"),
        ("period_values", {"kind": "actual", "value": "2024"}, "Value", "2024"),
        ("indicator_baselines", {"value": "1500.00"}, "Value", "1500.00"),
        # a name is no term of a list, and a title no day
        ("units", {"code": "africa"}, "Code", "africa"),
        ("projects", {"title": "since 2026-01-01"}, "Title", "since 2026-01-01"),
        ("partners", {"code": "2024-01-01"}, "Code", "2024-01-01"),
        ("agreements", {"support_cost_rate": "13.00"}, "Support cost rate", "13.00"),
        ("framework_targets", {"target": "1250"}, "Target", "1,250"),
        ("projects", {"archived_at": "2026-11-27T20:54:37.650809+00:00"}, "Archived at", "27 Nov 2026, 20:54 UTC"),
        ("projects", {"planned_end": "2026-11-27"}, "Planned end", "27 Nov 2026"),
        ("projects", {"planned_end": "some day"}, "Planned end", "some day"),
        ("a_table_of_old", {"value": "007"}, "Value", "007"),
    ],
)
def test_a_value_is_said_as_its_column_holds_it(entity: str, held: Mapping[str, str], name: str, said: str) -> None:
    told = {each.field: each.after for each in changes(entity, None, held, i18n.words("en"), {})}
    assert told[name] == said
    rows = {"columns": list(held), "rows": [list(held.values())] * 2}
    assert all(said in each.after or said == each.field for each in changes(entity, None, rows, i18n.words("en"), {}))


@pytest.mark.parametrize(
    ("entity", "held", "name", "said"),
    [
        ("classifications", {"kind": "sector", "code": "14030"}, "Código", "14030 ("),
        (
            "classifications",
            {"kind": "sector", "vocabulary": "2", "code": "140"},
            "Código",
            "140 (Abastecimiento",
        ),
        ("classifications", {"kind": "country", "code": "DE"}, "Código", "DE (Alemania)"),
        ("classifications", {"kind": "sector", "vocabulary": "99", "code": "14030"}, "Código", "14030"),
        ("evaluations", {"country": "DE"}, "País", "DE (Alemania)"),
        ("locations", {"country": "ZZ"}, "País", "ZZ"),
        ("spending", {"sector": "140"}, "Sector", "140 (Abastecimiento"),
        ("participants", {"role": "4"}, "Papel", "4 ("),
        ("setup", {"default_aid_type": "C01"}, "", "C01 ("),
    ],
)
def test_codes_of_lists_have_their_names_beside_them(
    entity: str, held: Mapping[str, str], name: str, said: str
) -> None:
    words = i18n.words("es")
    told = {each.field: each.after for each in changes(entity, None, held, words, {})}
    after = told[name] if name in told else list(told.values())[-1]
    assert after.startswith(said)
    assert ("(" in said) == ("(" in after)
    rows = {"columns": list(held), "rows": [list(held.values())] * 2}
    assert all(said in f"{each.field} {each.after}" for each in changes(entity, None, rows, words, {}))


def _called(text: str) -> list[str]:
    return [" ".join(each.split()) for each in re.findall(r"</strong> · (.*?)</p>", text)]


def test_a_record_has_one_name_in_all_that_was_done_to_it(light_api: Api) -> None:
    with light_api.database.write("tests") as session:
        portfolio.set_up(session)
        unit = Unit(code="ROAF", name="Africa")
        session.add(unit)
        session.flush()
        session.add(Officer(code="007", name="Ann", email="ann@example.org", unit_id=unit.id or 0))
    client = light_api.client(Role.ADMIN)
    body = {"code": "RAF/1", "title": "Wells", "status": "pipeline", "unit": "ROAF", "officer": "007",
            "total_budget": "1500000", "countries": [{"code": "KE", "percentage": "100"}]}  # fmt: skip
    made = client.post("/projects", json=body)
    assert made.status_code == 201, made.text
    changed = client.patch("/projects/1", json={"title": "New"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    gone = client.delete("/projects/1", headers={"If-Match": changed.headers["ETag"]})
    assert gone.status_code in (200, 204), gone.text
    browser = signed_in(light_api, Role.ADMIN, name="olga")
    with count_queries(light_api.database) as counted:
        text = browser.get("/history").text
    told = _called(text)
    assert [each for each in told if each.partition(" · ")[2].startswith("Project RAF")] == [
        "Update · Project RAF/1", "Update · Project RAF/1", "Create · Project RAF/1",
    ]  # fmt: skip
    assert "Create · Classification RAF/1 · Country KE" in told
    assert all("RAF/1" in each for each in told if "Project revision" in each)
    # the officer's own code, the one that the project names, and the one that was decided
    assert text.count("<ins>007</ins>") == 3
    assert "<dt>Unit</dt><dd><ins>ROAF</ins>" in text
    assert "1,500,000 USD" in text
    assert not re.search(r"<ins>[^<]*\dT\d", text), "a moment as programs write it"
    # as many records of the same tables again, and no statement more
    for number in range(2, 5):
        client.post("/projects", json=body | {"code": f"RAF/{number}"})
    with count_queries(light_api.database) as more:
        browser.get("/history")
    assert len(more) <= len(counted)


def _subjects(api: Api, items: Sequence[Mapping[str, object]]) -> list[str]:
    with api.database.read() as session:
        names = called(session, items, i18n.words("en"))
    return [names[str(each["entity"]), str(each["entity_id"])] for each in items]


def test_a_record_that_is_gone_is_called_as_its_events_have_it(light_api: Api) -> None:
    users = {"entity": "users", "entity_id": "6", "before": None}
    events = [users | {"after": {"role": "admin"}}, users | {"after": {"id": 6, "name": "olga", "role": "officer"}}]
    assert _subjects(light_api, events) == ["olga", "olga"]
    many = {"entity": "ledger_entries", "entity_id": "1-3", "before": None, "after": {"columns": [], "rows": []}}
    unknown = {"entity": "a_table_of_old", "entity_id": "4", "before": None, "after": {"value": "1"}}
    assert _subjects(light_api, [many, unknown]) == ["1-3", "4"]
