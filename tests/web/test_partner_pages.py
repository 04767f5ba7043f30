"""Partners and agreements as pages: entered, amended, owed, and briefed on one sheet."""

import re

import pytest

from app.domain.terms import Role
from tests.api import Api
from tests.queries import count_queries
from tests.web.people import signed_in

PATHS = ["/partners", "/agreements"]
PARTNER = {"code": "NLD", "name": "Netherlands", "category": "government"}
AGREEMENT = {"reference": "A1", "partner": "NLD", "title": "Living wages", "preset": "project", "status": "signed",
             "signed_on": "2026-01-10", "starts_on": "2026-02-01", "ends_on": "2027-12-31", "currency": "EUR",
             "amount": "400000"}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_look_and_empty_lists_say_what_to_do(light_api: Api, role: Role) -> None:
    client = signed_in(light_api, role)
    for path in PATHS:
        page = client.get(path)
        assert page.status_code == 200
        assert 'class="nothing"' in page.text
        may = client.get(f"{path}/new").status_code
        assert may == (200 if role in (Role.ADMIN, Role.OFFICER) else 403), role


def test_a_partner_and_its_agreement_are_entered_and_told_on_one_sheet(api: Api) -> None:
    client = signed_in(api, Role.ADMIN)
    refused = client.post("/partners/new", data=PARTNER | {"_once": "a", "name": "", "country": "Holland"})
    assert refused.status_code == 422
    assert "Name: This is required." in refused.text
    partner = client.post("/partners/new", data=PARTNER | {"_once": "b", "name_fr": "Pays-Bas"}).headers["location"]
    stored = client.post("/agreements/new", data=AGREEMENT | {"_once": "c"})
    assert stored.status_code == 303, stored.text
    agreement = stored.headers["location"]
    for kind, body in {
        "instalments": {"due_on": "2026-03-01", "amount": "250000"},
        "report-schedules": {"kind": "financial", "first_due": "2026-03-31", "every_months": "12"},
        "conditions": {"code": "4.2", "text": "Host agreement signed", "due_on": "2026-06-30"},
        "amendments": {"decided_on": "2026-05-01", "reason": "Second phase", "amount": "500000"},
    }.items():
        assert client.get(f"{agreement}/{kind}/new").status_code == 200
        empty = client.post(f"{agreement}/{kind}/new", data={"_once": f"empty-{kind}"})
        assert empty.status_code == 422, kind
        answer = client.post(f"{agreement}/{kind}/new", data=body | {"_once": kind})
        assert answer.status_code == 303, re.findall(r'class="summary".*?</div>', answer.text, re.DOTALL)
    shown = client.get(agreement).text
    assert "<svg" in shown
    for text in ("500,000", "Second phase", "Host agreement signed", "Late", "442,478"):
        assert text in shown, text
    whole = client.get(partner).text
    assert "Living wages" in whole
    assert "Financial report" in whole
    sheet = client.get(f"{partner}/briefing")
    assert sheet.status_code == 200
    assert "Living wages" in sheet.text
    assert "Host agreement signed" in sheet.text
    assert "None" not in re.sub(r"<[^>]+>", " ", sheet.text)
    assert client.get(f"{agreement}/nonsense/new").status_code == 404


def test_a_partner_is_changed_and_a_change_of_another_is_not_lost(light_api: Api) -> None:
    client = signed_in(light_api, Role.ADMIN)
    partner = client.post("/partners/new", data=PARTNER | {"_once": "b", "name_fr": "Pays-Bas"}).headers["location"]
    form = client.get(f"{partner}/edit").text
    assert 'value="Pays-Bas"' in form
    version = re.findall(r'name="_version" value="([^"]+)"', form)[0].replace("&#34;", '"')
    body = PARTNER | {"name_fr": "Pays-Bas", "_version": version, "screening": "not-required"}
    assert client.post(f"{partner}/edit", data=body | {"_once": "c", "name": "The Netherlands"}).status_code == 303
    assert "The Netherlands" in client.get(partner).text
    stale = client.post(f"{partner}/edit", data=body | {"_once": "d", "note": "Visit in May"})
    assert stale.status_code == 409
    assert "Visit in May" in stale.text
    assert "The Netherlands" in stale.text


def test_the_briefing_of_a_partner_without_anything_says_so_in_each_language(light_api: Api) -> None:
    client = signed_in(light_api, Role.ADMIN)
    partner = client.post("/partners/new", data=PARTNER | {"_once": "b"}).headers["location"]
    for language, text in (("en", "nothing to tell"), ("fr", "rien à dire"), ("es", "nada que contar")):
        client.post("/language", data={"language": language, "to": "/"})
        assert text in client.get(f"{partner}/briefing").text
    assert client.get("/partners/99999").status_code == 404
    assert client.get("/partners/99999/briefing").status_code == 404
    assert client.get("/agreements/99999").status_code == 404


@pytest.mark.parametrize("path", ["/partners/new", "/agreements/new"])
def test_whatever_is_sent_is_told_and_never_breaks_a_page(light_api: Api, path: str) -> None:
    client = signed_in(light_api, Role.ADMIN)
    assert client.post(path, data={"_once": "empty"}).status_code == 422
    names = (*PARTNER, *AGREEMENT, "country", "cleared_until", "support_cost_rate")
    for number, text in enumerate(["x" * 10_000, "a\x00b", "\udc80", "<script>alert(1)</script>", "1.234,56,7"]):
        sent = {name: text.encode("utf-8", "surrogatepass") for name in names} | {"_once": f"h{number}"}
        answer = client.post(path, data=sent)
        assert answer.status_code == 422, text[:10]
        assert "<script>alert" not in answer.text


def test_an_amount_is_read_as_the_language_writes_it(light_api: Api) -> None:
    client = signed_in(light_api, Role.ADMIN, language="fr")
    client.post("/partners/new", data=PARTNER | {"_once": "b"})
    stored = client.post("/agreements/new", data=AGREEMENT | {"_once": "c", "amount": "400 000,50"})
    assert stored.status_code == 303, stored.text
    assert client.post("/agreements/new", data=AGREEMENT | {"_once": "d", "amount": "1,2,3"}).status_code == 422


def test_the_number_of_statements_does_not_follow_the_portfolio(light_api: Api) -> None:
    client = signed_in(light_api, Role.ADMIN)
    partner = client.post("/partners/new", data=PARTNER | {"_once": "b"}).headers["location"]
    counts = []
    for number in range(1, 8):
        client.post("/agreements/new", data=AGREEMENT | {"_once": f"c{number}", "reference": f"A{number}"})
        if number in (2, 7):
            for path in (partner, f"{partner}/briefing", "/agreements", "/partners", "/agreements/1"):
                client.get(path)
                with count_queries(light_api.database) as seen:
                    page = client.get(path)
                assert page.status_code == 200
                assert len(page.content) < 60_000
                counts.append(len(seen))
    assert counts[:5] == counts[5:]
