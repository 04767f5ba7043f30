"""Registering what was published: again and again, with every dataset for itself, and with a record of each call."""

import logging
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.db.leases import lease, worker_name
from app.db.registry import RegistryCall, RegistryEntry
from app.publishing.registering import service
from app.publishing.registering.settings import KeptSignIn
from iati.registry.wire import RegistryFault, Secret
from tests.publishing.registering.conftest import ACTIVITIES, ORGANISATION, Office
from tests.stand_ins import registry as played
from tests.stand_ins.registry import File, meta
from tests.waiting import until


def test_files_are_registered_once_brought_up_to_date_withdrawn_and_registered_again(office: Office) -> None:
    files = [office.public(), office.public("own-organisation", ORGANISATION)]
    steps: list[tuple[int, int]] = []
    first = service.register(office.database, office.settings, files, actor="anna",
                             progress=lambda done, total: steps.append((done, total)))  # fmt: skip
    assert [(each.dataset, each.done) for each in first.outcomes] == [
        ("own-activities", "created"),
        ("own-organisation", "created"),
    ]
    assert steps == [(1, 2), (2, 2)]
    assert set(office.done(*files).values()) == {"unchanged"}
    renamed = office.public(title="Own organisation: all activities")
    told = office.register(renamed, files[1]).outcomes
    assert [each.done for each in told] == ["updated", "unchanged"]
    assert "human_readable_name" in told[0].words
    assert office.done(renamed, withdrawn=("own-organisation",)) == {
        "own-activities": "unchanged",
        "own-organisation": "withdrawn",
    }
    assert office.done(withdrawn=("own-organisation",)) == {"own-organisation": "absent"}
    assert office.done(*files)["own-organisation"] == "created"
    assert len(office.stand_in.datasets) == 2
    with office.database.read() as session:
        rows = {row.dataset: row for row in session.scalars(select(RegistryEntry))}
    assert rows["own-activities"].entry in office.stand_in.datasets
    assert rows["own-organisation"].sha256 == files[1].sha256


def test_dry_run_lists_requests_and_leaves_no_trace(office: Office) -> None:
    planned = office.register(office.public(), withdrawn=("own-old",), dry_run=True).outcomes
    assert [each.as_dict()["outcome"] for each in planned] == ["created", "absent"]
    request = planned[0].as_dict()["request"]
    assert isinstance(request, dict)
    assert (request["method"], request["url"]) == ("POST", f"{office.stand_in.url}/api/v1/datasets")
    assert office.stand_in.changing() == []
    with office.database.read() as session:
        assert list(session.scalars(select(RegistryEntry))) == []


def test_one_dataset_that_fails_keeps_no_other_from_its_turn(office: Office) -> None:
    files = [office.public(name) for name in ("own-a", "own-b", "own-c")]
    office.stand_in.files["own-b.xml"] = File(b"<!DOCTYPE html><html>Sign in</html>")
    outcomes = {each.dataset: each for each in office.register(*files).outcomes}
    assert [each.done for each in outcomes.values()] == ["created", "failed", "created"]
    assert "a login page" in outcomes["own-b"].words
    office.public("own-b")
    assert office.done(*files) == {"own-a": "unchanged", "own-b": "created", "own-c": "unchanged"}


@pytest.mark.parametrize(
    ("order", "what", "words"),
    [
        ("html", "/reporting-orgs", "answered with a web page"),
        ("redirect", "/reporting-orgs", "redirects are not followed"),
        ("slow", "/reporting-orgs", "did not answer in time"),
        ("drop", "/token", "closed the connection"),
    ],
)
def test_registry_out_of_order_is_told_for_each_and_not_asked_for_ever(
    light: Office, order: str, what: str, words: str
) -> None:
    files = [light.public(f"own-{number}") for number in range(5)]
    light.stand_in.order(order, what, times=12)
    impatient = {"registry_timeout": 0.5} if order == "slow" else {}
    outcomes = light.register(*files, **impatient).outcomes
    assert {each.done for each in outcomes} == {"failed"}
    assert all(words in each.words for each in outcomes)
    assert outcomes[-1].words.startswith("Not tried: ") or order in ("html", "redirect")
    light.stand_in.orders.clear()
    light.stand_in.let_go.set()
    assert set(light.done(*files).values()) == {"created"}


def test_registry_that_is_down_is_told_at_once(light: Office) -> None:
    files = [light.public(f"own-{number}") for number in range(3)]
    outcomes = light.register(*files, registry_url="http://127.0.0.1:9", registry_issuer="http://127.0.0.1:9").outcomes
    assert "cannot be reached: try again later" in outcomes[0].words
    (plain,) = light.register(files[0], registry_url=light.stand_in.url.replace("http:", "https:")).outcomes
    assert "does not speak https at this address" in plain.words
    assert outcomes[2].words.startswith("Not tried: ")


def test_wrong_organisation_keeps_files_of_others_from_nothing(light: Office) -> None:
    other = light.public("other-activities", reporting_org="XX-OTHER")
    told = {each.dataset: each for each in light.register(other, light.public()).outcomes}
    assert told["own-activities"].done == "created"
    assert "does not let this sign-in act for an organisation with the identifier XX-OTHER" in (
        told["other-activities"].words
    )


@pytest.mark.parametrize(
    ("approved", "role", "words"),
    [(False, "editor", "has not approved Own organisation (XX-OWN) yet"), (True, "contributor_pending", "too low")],
)
def test_organisation_that_is_not_approved_and_low_roles_are_told(
    light: Office, approved: bool, role: str, words: str
) -> None:
    meta(light.stand_in.organisation)["registry_approved"] = approved
    light.stand_in.organisation["user_role"] = role
    (outcome,) = light.register(light.public()).outcomes
    assert (outcome.done, words in outcome.words) == ("failed", True)
    assert light.stand_in.datasets == {}


def test_public_address_with_an_old_copy_is_not_registered(light: Office) -> None:
    file = light.public(body=ACTIVITIES.replace(b"\n\n", b"\n"))
    light.stand_in.files["own-activities.xml"].body = ACTIVITIES + b"<!-- old -->"
    (outcome,) = light.register(file).outcomes
    assert outcome.done == "failed"
    assert "an old copy, or a cache" in outcome.words


def test_run_that_was_killed_after_the_creation_is_simply_run_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service.queries, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            office.register(office.public())
    assert len(office.stand_in.datasets) == 1
    assert office.done(office.public()) == {"own-activities": "unchanged"}
    assert len(office.stand_in.datasets) == 1


def test_two_runs_at_once_make_one_dataset(office: Office) -> None:
    file, begun, done = office.public(), [], []

    def run() -> None:
        begun.append(True)
        done.append(office.done(file)["own-activities"])

    # the one who has looked creates when the other one is at it too
    office.stand_in.before_creation = lambda: until(lambda: len(begun) == 2)
    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(done) == ["created", "unchanged"] or done == ["created", "created"]
    assert len(office.stand_in.datasets) == 1


def test_run_that_finds_another_one_at_a_dataset_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_PATIENCE", 0.0)
    with lease(office.database, "registry:own-activities", worker_name(), patience=0):
        (outcome,) = office.register(office.public()).outcomes
    assert (outcome.done, outcome.words) == (
        "failed",
        "Another run registers this dataset at this moment: look again when it has ended.",
    )


def test_each_call_is_recorded_without_secrets_and_nothing_is_logged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        office.register(office.public())
    with office.database.read() as session:
        calls = list(session.scalars(select(RegistryCall).order_by(RegistryCall.id)))
    told = [(call.method, call.purpose, call.status, call.dataset) for call in calls]
    assert ("POST", "create dataset", 201, "own-activities") in told
    assert ("POST", "sign-in: client_credentials", 200, "own-activities") in told
    assert {call.recorded_by for call in calls} == {"publisher"}
    shown = caplog.text + " ".join(str(call.model_dump()) for call in calls) + repr(office.settings)
    for hidden in [*office.stand_in.tokens, played.SECRET]:
        assert hidden not in shown
    with pytest.raises(DBAPIError, match="appended and never changed"), office.database.write("x") as session:
        session.get_one(RegistryCall, calls[0].id).purpose = "other"


def test_what_is_not_set_is_named(light: Office) -> None:
    told = light.register(light.public(), registry_client_secret=SecretStr(""), registry_issuer="").not_set_up
    assert "EARMARK_REGISTRY_ISSUER" in told
    assert "EARMARK_REGISTRY_CLIENT_SECRET" in told
    assert "EARMARK_REGISTRY_KIND" in light.register(registry_kind="").not_set_up


def test_registry_of_the_older_kind_is_spoken_to_as_well(light: Office) -> None:
    ckan = {"registry_kind": "ckan", "registry_key": SecretStr(played.KEY)}
    assert light.done(light.public(), **ckan) == {"own-activities": "created"}
    (package,) = light.stand_in.packages.values()
    assert (package["filetype"], package["activity_count"]) == ("activity", "3")
    assert light.done(light.public(), **ckan) == {"own-activities": "unchanged"}


def test_sign_in_of_a_person_is_kept_where_nobody_else_reads_it(tmp_path: Path) -> None:
    kept = KeptSignIn(tmp_path / "data" / "sign-in.json", "https://id.example.org", "me")
    assert not kept.read()
    with kept.alone():
        kept.keep(Secret("r1"))
    assert kept.read().reveal() == "r1"
    assert (tmp_path / "data" / "sign-in.json").stat().st_mode & 0o077 == 0
    assert not KeptSignIn(tmp_path / "data" / "sign-in.json", "https://id.example.org", "another").read()
    (tmp_path / "data" / "sign-in.json").write_text("{broken")
    assert not kept.read()


def test_faults_of_a_registry_carry_their_words() -> None:
    assert str(RegistryFault("No.")) == "No."
