"""The history tells what was recorded in words, and the page of health what each job does."""

from app.domain.terms import Role
from app.language import i18n
from app.web.views.trail import changes, subject
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

_COLUMNS = ["project_id", "document", "type", "date", "amount", "currency", "internal", "provider_id", "entry_kind"]


def test_rows_that_were_stored_together_are_told_row_by_row() -> None:
    rows = [[47, f"EX-{number}", "4", "2024-09-30", "29666.44", "USD", False, None, "posting"] for number in range(60)]
    told = changes("ledger_entries", None, {"columns": _COLUMNS, "rows": rows}, i18n.words("fr"))
    assert len(told) == 51
    assert (told[0].field, told[0].is_row) == ("EX-0", True)
    line = told[0].after.replace("\xa0", " ").replace("\u202f", " ")
    assert line.startswith("Type : Dépenses · Date : 30 sept. 2024 · Montant : 29 666,44 · Monnaie : USD")
    assert "47" not in line
    assert told[-1].after == "et 10 autres"


def test_figures_and_codes_of_a_record_are_told_in_words() -> None:
    after = {"id": 1, "type": "4", "amount": "1250.50", "reason": ""}
    told = {each.field: each.after for each in changes("ledger_entries", None, after, i18n.words("es"))}
    assert told["Importe"] == "1.250,50"
    assert told["Tipo"] == "Gasto"


def test_jobs_are_known_by_what_they_do(light_api: Api) -> None:
    example.fill(light_api)
    page = signed_in(light_api, Role.ADMIN, name="olga", language="fr").get("/admin").text
    assert '<th scope="row">Envoyer ce qui attend dans la boîte d’envoi <code' in page


def test_a_record_is_known_by_its_key_and_not_by_a_number() -> None:
    event = {"entity_id": "6", "before": None, "after": {"id": 6, "name": "olga", "role": "officer"}}
    assert subject(event) == "olga"
    assert subject({"entity_id": "1-3", "before": None, "after": {"columns": [], "rows": []}}) == "1-3"
