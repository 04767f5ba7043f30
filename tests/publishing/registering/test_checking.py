"""``earmark registry check`` and the API: what is set up, what is missing, and whether publications arrived."""

from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from app.config import Settings
from app.db.engine import Database
from app.domain.datasets import ORGANISATION, WHOLE, dataset_name, told_apart
from app.domain.terms import Role
from app.errors import Conflict, UsageError
from app.publishing.registering import checking
from app.publishing.registering.files import PublishedFile
from app.publishing.registering.published import title_of
from app.publishing.registering.signing_in import begin_sign_in, finish_sign_in
from tests.api import Api
from tests.publishing.registering.conftest import Office, registered_at
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn, meta


def checked(office: Office, *files: PublishedFile, **changed: object) -> checking.Checked:
    settings = office.settings.model_copy(update=changed)
    return checking.check(office.database, settings, files, actor="anna")


def said(found: checking.Checked, topic: str) -> list[tuple[str, str]]:
    return [(each.state, each.words) for each in found.checks if each.topic == topic]


def test_everything_is_told_from_the_settings_to_the_arrival(office: Office) -> None:
    file = office.public()
    before = checked(office, file)
    assert not before.ready
    assert said(before, "dataset") == [("missing", "own-activities is public and not registered: publish again.")]
    office.register(file)
    office.stand_in.poll()
    found = checked(office, file)
    assert found.ready
    assert [(each.topic, each.state) for each in found.checks] == [
        ("settings", "fine"),
        ("sign-in", "fine"),
        ("organisation", "fine"),
        ("role", "fine"),
        ("datasets", "fine"),
        ("dataset", "fine"),
        ("address", "fine"),
        ("arrival", "fine"),
    ]
    told = found.as_dict()
    assert told["registry"] == {"kind": "register-your-data", "url": office.stand_in.url}
    (arrival,) = found.arrivals
    assert arrival.state == "arrived"
    assert office.stand_in.changing() == [("POST", "/api/v1/datasets")], "a check changes nothing"


@pytest.mark.parametrize(
    ("trouble", "topic", "state", "words"),
    [
        ("secret", "sign-in", "failed", "does not know this client or its secret"),
        ("scopes", "sign-in", "failed", "was not given ryd:dataset:update, ryd:dataset:delete"),
        ("organisation", "organisation", "failed", "does not let this sign-in act for an organisation"),
        ("approval", "organisation", "failed", "is not approved yet"),
        ("pending", "role", "failed", "The role contributor_pending is too low"),
        ("contributor", "role", "warning", "takes an editor"),
        ("hidden", "dataset", "failed", "hidden in the registry"),
        ("moved", "dataset", "failed", "registered with another address"),
        ("renamed", "dataset", "failed", "registered under another name (own-new)"),
        ("foreign", "dataset", "warning", "own-old stands in the registry and is not published from here"),
        ("licence", "dataset", "failed", "is no licence that the registry knows"),
        ("file", "address", "failed", "there is no such file"),
        ("late", "arrival", "warning", "has not taken the new file yet"),
        ("no index", "arrival", "warning", "EARMARK_REGISTRY_INDEX_URL is not set"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(light: Office, trouble: str, topic: str, state: str, words: str) -> None:
    file, changed, stand_in = light.public(), {}, light.stand_in
    light.register(file)
    stand_in.poll()
    (entry,) = stand_in.of("own-activities")
    facts = meta(stand_in.organisation)
    match trouble:
        case "secret":
            changed["registry_client_secret"] = SecretStr("wrong")
        case "scopes":
            stand_in.scopes = "ryd ryd:reporting_org ryd:dataset"
        case "organisation":
            facts["organisation_identifier"] = "XX-OTHER"
        case "approval":
            facts["registry_approved"] = False
        case "pending" | "contributor":
            stand_in.organisation["user_role"] = {"pending": "contributor_pending"}.get(trouble, trouble)
        case "hidden":
            meta(entry)["visibility"] = "private"
        case "renamed":
            meta(entry)["short_name"] = "own-new"
        case "moved":
            meta(entry)["url"] = "https://old.example.org/a.xml"
        case "foreign":
            stand_in.add(short_name="own-old", url="https://old.example.org/a.xml")
        case "licence":
            changed["registry_licence"] = "my-own"
        case "file":
            stand_in.files.clear()
        case "late":
            stand_in.index["own-activities"]["last_known_good_dataset"] = {"hash": "0" * 40}
        case "no index":
            changed["registry_index_url"] = ""
    found = checked(light, file, **changed)
    assert any(one[0] == state and words in one[1] for one in said(found, topic)), found.checks
    assert found.ready is (state == "warning")


def test_sign_in_that_comes_to_nothing_is_told(light: Office) -> None:
    person = light.settings.model_copy(update={"registry_sign_in": "person"})
    begun = begin_sign_in(person, "http://127.0.0.1:8765/signed-in")
    with pytest.raises(Conflict, match="belongs to another sign-in"):
        finish_sign_in(person, begun, "http://127.0.0.1:8765/signed-in?code=1&state=2")
    with pytest.raises(Conflict, match="not completed"):
        finish_sign_in(person, begun, f"http://127.0.0.1:8765/?error=denied&state={quote(begun.state)}")
    with pytest.raises(UsageError, match="EARMARK_REGISTRY_SIGN_IN=person"):
        begin_sign_in(light.settings, "http://127.0.0.1:8765/signed-in")
    with pytest.raises(UsageError, match="EARMARK_REGISTRY_ISSUER"):
        begin_sign_in(person.model_copy(update={"registry_issuer": ""}), "http://127.0.0.1:8765/signed-in")


def test_publishers_check_and_see_calls_through_the_api(
    settings: Settings, database: Database, stand_in: StandIn
) -> None:
    api = Api(settings.model_copy(update=registered_at(stand_in)), database)
    publisher = api.client(Role.PUBLISHER)
    found: dict[str, Any] = publisher.post("/registry/checks").json()
    assert (found["ready"], found["addresses"]) == (True, [])
    assert {check["topic"] for check in found["checks"]} == {"settings", "sign-in", "organisation", "role", "datasets"}
    calls = publisher.get("/registry/calls", params={"method": "POST"}).json()["items"]
    assert [(call["purpose"], call["status"]) for call in calls] == [("sign-in: client_credentials", 200)]
    office = Office(database, api.settings, stand_in)
    office.register(office.public())
    (listed,) = publisher.get("/registry/datasets", params={"outcome": "created"}).json()["items"]
    assert (listed["dataset"], listed["address"]) == ("own-activities", f"{stand_in.url}/files/own-activities.xml")
    assert api.client(Role.OFFICER).post("/registry/checks").status_code == 403
    assert api.client(Role.VIEWER).get("/registry/calls").status_code == 403
    assert played.SECRET not in str(found) + str(calls)


def test_names_of_datasets_fit_into_registries() -> None:
    assert title_of("Own", "the whole portfolio") == "Own: the whole portfolio"
    assert len(title_of("x" * 300, "country KE")) == 255
    assert dataset_name("XM-DAC/41302", WHOLE, 2) == "xm-dac-41302-activities-2"
    names = {dataset_name("x" * 300 + end, part) for end in "ab" for part in (WHOLE, ORGANISATION)}
    assert [len(name) for name in names] == [100] * 4
    assert dataset_name(told_apart("XX/1"), WHOLE) != dataset_name(told_apart("XX-1"), WHOLE)
