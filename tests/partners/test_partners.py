"""Partners: one organisation behind each, identifiers that are never lost, screening that is said."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.engine import Database
from app.db.partners import Organisation, Partner
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import PartnerCategory, Screening
from app.errors import Conflict, InvalidInput
from app.partners import organisations, queries, service
from app.partners.schemas import OrganisationIn, PartnerIn
from app.publishing.codes import code_checker
from tests.api import Api


@pytest.fixture(autouse=True)
def codelists() -> None:
    use_codelists(code_checker(None))


def partner(**changes: object) -> PartnerIn:
    return PartnerIn.model_validate({"code": "NLD", "name": "Netherlands", "category": "government", **changes})


def put(database: Database, body: PartnerIn) -> tuple[str, Partner, Organisation]:
    with database.write("tests") as session:
        result = service.put_partner(session, LOCAL, body)
        return result.outcome, result.row, session.get_one(Organisation, result.row.organisation_id)


def test_a_partner_takes_type_and_screening_from_its_category(database: Database) -> None:
    _, _, organisation = put(database, partner())
    assert organisation.type == "10"
    _, foundation, organisation = put(database, partner(code="FMA", name="Fondation", category="foundation"))
    assert (organisation.type, foundation.screening) == ("60", Screening.PENDING)
    _, told, _ = put(
        database, partner(code="FKE", name="Employers", category="social-partner", screening="not-required")
    )
    assert told.screening is Screening.NOT_REQUIRED


def test_a_second_import_changes_what_differs_and_leaves_what_is_not_said(database: Database) -> None:
    first = partner(name_fr="Pays-Bas", iati_ref="XM-DAC-7", country="NL", note="Long-standing")
    assert put(database, first)[0] == "created"
    assert put(database, first)[0] == "unchanged"
    outcome, kept, organisation = put(database, partner(name_fr="Les Pays-Bas", name_es="Países Bajos"))
    assert outcome == "updated"
    assert organisation.name_translations == [["fr", "Les Pays-Bas"], ["es", "Países Bajos"]]
    assert (organisation.identifier, organisation.country, kept.note) == ("XM-DAC-7", "NL", "Long-standing")
    _, _, organisation = put(database, partner(name_fr=None))
    assert organisation.name_translations == [["es", "Países Bajos"]]


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        ("XM-DAC-7", None),
        ("NL-KVK-41160054", None),
        ("ZZ-TOP-9", "begins with ZZ-TOP, which is on no list of registers"),
        ("Netherlands", "begins with Netherlands, which is on no list"),
        ("xm-dac-7", "in other letters: write XM-DAC."),
    ],
)
def test_an_identifier_whose_prefix_nobody_knows_is_taken_and_told(
    database: Database, identifier: str, told: str | None
) -> None:
    with database.write("tests") as session:
        for _time in ("new", "again"):
            found = service.put_partner(session, LOCAL, partner(iati_ref=identifier)).findings
            assert [one.pointer for one in found] == ([] if told is None else ["/iati_ref"])
            assert told is None or told in found[0].message
        shown = service.remarks(PartnerCategory.GOVERNMENT, "10", "NLD", identifier)
        assert [one["rule"] for one in shown] == ([] if told is None else ["organisation.prefix"])


def test_a_replaced_identifier_is_kept_among_the_former_ones(database: Database) -> None:
    put(database, partner(iati_ref="NL-1"))
    put(database, partner(iati_ref="XM-DAC-7"))
    _, _, organisation = put(database, partner(iati_ref="XM-DAC-7-1"))
    assert (organisation.identifier, organisation.former_identifiers) == ("XM-DAC-7-1", ["NL-1", "XM-DAC-7"])
    _, _, organisation = put(database, partner(iati_ref="NL-1"))
    assert organisation.former_identifiers == ["XM-DAC-7", "XM-DAC-7-1"]


def test_an_identifier_is_neither_shared_nor_taken_away(database: Database) -> None:
    put(database, partner(iati_ref="XM-DAC-7"))
    put(database, partner(code="SWE", name="Sweden", iati_ref="SE-0"))
    for wanted, rule in (("SE-0", "organisation.identifier-taken"), (None, "organisation.identifier-removed")):
        with pytest.raises(InvalidInput) as refused:
            put(database, partner(iati_ref=wanted))
        assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("/iati_ref", rule)]


def test_a_partner_is_the_organisation_that_a_published_file_named_before(database: Database) -> None:
    with database.write("tests") as session:
        known = organisations.create_organisation(
            session, LOCAL, OrganisationIn(name="Min. of Foreign Affairs (NL)", identifier="XM-DAC-7")
        )
    _, kept, organisation = put(database, partner(iati_ref="XM-DAC-7"))
    assert (kept.organisation_id, organisation.name) == (known.id, "Netherlands")


def test_a_partner_kept_by_name_adopts_the_organisation_of_its_identifier(database: Database) -> None:
    _, before, _ = put(database, partner())
    with database.write("tests") as session:
        known = organisations.create_organisation(
            session, LOCAL, OrganisationIn(name="Ministerie van Buitenlandse Zaken", identifier="XM-DAC-7")
        )
    _, kept, organisation = put(database, partner(iati_ref="XM-DAC-7"))
    assert before.organisation_id != known.id
    assert (kept.organisation_id, organisation.identifier) == (known.id, "XM-DAC-7")


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"iati_type": "77", "country": "XX"}, {("/iati_type", "codelist"), ("/country", "codelist")}),
        ({"cleared_until": "2027-01-01"}, {("/cleared_until", "partner.clearance")}),
        (
            {"framework_starts_on": "2027-01-01", "framework_ends_on": "2026-01-01"},
            {("/framework_ends_on", "dates-in-order")},
        ),
    ],
)
def test_what_contradicts_itself_is_refused_with_every_fault(
    database: Database, changes: dict[str, object], faults: set[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        put(database, partner(**changes))
    assert {(fault.pointer, fault.rule) for fault in refused.value.faults} == faults
    with database.read() as session:
        assert queries.partner_by_code(session, "NLD") is None


def test_a_code_is_taken_once_and_stays(light_api: Api) -> None:
    client = light_api.client()
    body = {"code": "NLD", "name": "Netherlands", "category": "government"}
    made = client.post("/partners", json=body)
    again = client.post("/partners", json=body)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/code")
    answer = client.patch("/partners/1", json={"code": "NL"}, headers={"If-Match": made.headers["etag"]})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "key-fixed")


def test_a_type_that_does_not_go_with_the_category_is_remarked_on(light_api: Api) -> None:
    client = light_api.client()
    body = {"code": "NLD", "name": "Netherlands", "category": "government", "iati_type": "60"}
    assert [remark["rule"] for remark in client.post("/partners", json=body).json()["remarks"]] == [
        "partner.type-of-category"
    ]


def test_a_code_that_looks_like_a_formula_is_kept_and_remarked_on(light_api: Api) -> None:
    client = light_api.client()
    made = client.post("/partners", json={"code": "=1+1", "name": "Netherlands", "category": "government"}).json()
    assert made["code"] == "=1+1"
    assert [(one["rule"], one["pointer"]) for one in made["remarks"]] == [("code.formula", "/code")]


def test_an_organisation_tells_of_a_prefix_that_nobody_knows_at_each_door(light_api: Api) -> None:
    client = light_api.client()
    made = client.post("/organisations", json={"name": "Ministry", "identifier": "ZZ-TOP-9"})
    (told,) = made.json()["remarks"]
    assert (told["rule"], told["pointer"]) == ("organisation.prefix", "/identifier")
    assert "begins with ZZ-TOP, which is on no list" in told["message"]
    address = f"/organisations/{made.json()['id']}"
    assert client.get(address).json()["remarks"] == [told]
    assert [one["remarks"] for one in client.get("/organisations").json()["items"] if one["name"] == "Ministry"] == [
        [told]
    ]
    changed = client.patch(address, json={"identifier": "XM-DAC-7"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["remarks"]) == (200, [])


def test_a_change_of_the_organisation_makes_the_partner_another_version(light_api: Api) -> None:
    client = light_api.client()
    made = client.post("/partners", json={"code": "NLD", "name": "Netherlands", "category": "government"})
    address = f"/organisations/{made.json()['organisation_id']}"
    client.patch(address, json={"country": "NL"}, headers={"If-Match": client.get(address).headers["etag"]})
    shown = client.get("/partners/1")
    assert (shown.json()["country"], shown.headers["etag"] != made.headers["etag"]) == ("NL", True)
    stale = client.patch("/partners/1", json={"note": "x"}, headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412


def test_organisations_without_identifier_are_told_apart_by_name(database: Database) -> None:
    with database.write("tests") as session:
        organisations.create_organisation(session, LOCAL, OrganisationIn(name="Ministry  of Labour"))
    with pytest.raises(Conflict), database.write("tests") as session:
        organisations.create_organisation(session, LOCAL, OrganisationIn(name="ministry of labour"))
    with database.write("tests") as session:
        other = organisations.create_organisation(
            session, LOCAL, OrganisationIn(name="Ministry of Labour", identifier="KE-MOL")
        )
    assert other.id is not None


_NAMES = st.none() | st.sampled_from(["Un", "Deux", "Trois"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.fixed_dictionaries({}, optional={"name_fr": _NAMES, "name_es": _NAMES}), max_size=6))
def test_each_language_has_the_name_given_last(light_api: Api, steps: list[dict[str, str | None]]) -> None:
    database = light_api.database
    expected: dict[str, str] = {}
    start = {"name_fr": None, "name_es": None}
    for step in [start, *steps]:
        _, _, organisation = put(database, partner(**step))
        for field, name in step.items():
            language = field.removeprefix("name_")
            if name is None:
                expected.pop(language, None)
            else:
                expected[language] = name
        assert dict(organisation.name_translations) == expected
        assert len(organisation.name_translations) == len(expected)


def test_a_partner_with_open_agreements_is_not_archived(light_api: Api) -> None:
    client = light_api.client()
    made = client.post("/partners", json={"code": "NLD", "name": "Netherlands", "category": "government"})
    agreement = {
        "reference": "NLD-1", "partner": "NLD", "title": "Core", "preset": "rbsa", "status": "signed",
        "signed_on": "2026-01-01", "currency": "EUR", "amount": "10",
    }  # fmt: skip
    assert client.post("/agreements", json=agreement).status_code == 201
    answer = client.delete("/partners/1", headers={"If-Match": made.headers["etag"]})
    assert answer.status_code == 409
