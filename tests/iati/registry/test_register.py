"""Register Your Data, with every trap of the real one, over HTTP."""

import logging
import threading

import pytest

from app.publishing.registering.network import Network
from iati.registry.dataset import Dataset, Organisation
from iati.registry.ensure import Ensured, ensure, standing, withdraw
from iati.registry.register import RegisterYourData
from iati.registry.wire import RegistryFault, Request, Secret
from tests.iati.registry.conftest import SHORT, Registers, dataset
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn, meta


def brought(registry: RegisterYourData, wanted: Dataset, *, dry_run: bool = False) -> Ensured:
    """Everything from the sign-in on, as a run of the program does it."""
    own = registry.organisation("XX-OWN")
    return ensure(registry, own, registry.entries(own), wanted, dry_run=dry_run)


def taken_out(registry: RegisterYourData, *, hide: bool = False, url: str = "") -> Ensured:
    own = registry.organisation("XX-OWN")
    return withdraw(registry, own, registry.entries(own), SHORT, url=url, hide=hide)


def refused(registry: RegisterYourData, wanted: Dataset) -> RegistryFault:
    with pytest.raises(RegistryFault) as told:
        brought(registry, wanted)
    return told.value


def test_dataset_is_created_once_changed_where_it_differs_and_otherwise_left_alone(
    register: Registers, stand_in: StandIn
) -> None:
    registry = register()
    created = brought(registry, dataset())
    assert (created.done, created.id in stand_in.datasets) == ("created", True)
    assert brought(registry, dataset()).done == "unchanged"
    changed = brought(registry, dataset(title="All activities"))
    assert (changed.done, changed.id) == ("updated", created.id)
    assert changed.changes == ("human_readable_name: Activities → All activities",)
    # a PATCH replaces: every field goes along, the visibility only where it changes
    assert changed.planned is not None
    assert set(changed.planned.body or {}) == set(played.REQUIRED)
    assert meta(stand_in.datasets[created.id])["licence_id"] == "cc-by"
    assert [method for method, _ in stand_in.changing()] == ["POST", "PATCH"]


def test_what_is_left_open_stays_as_the_registry_has_it(register: Registers, stand_in: StandIn) -> None:
    made = brought(register(), dataset())
    meta(stand_in.datasets[made.id]).update(licence_id="odc-by", source_type="secondary_source")
    assert brought(register(), dataset(licence=None)).done == "unchanged"
    assert brought(register(), dataset(licence=None, title="New")).done == "updated"
    facts = meta(stand_in.datasets[made.id])
    assert (facts["licence_id"], facts["source_type"]) == ("odc-by", "secondary_source")


def test_dry_run_tells_the_request_and_sends_nothing_that_changes(register: Registers, stand_in: StandIn) -> None:
    planned = brought(register(), dataset(), dry_run=True)
    assert planned.done == "created"
    assert planned.planned is not None
    assert planned.planned.as_dict() == {
        "method": "POST",
        "url": f"{stand_in.url}/api/v1/datasets",
        "body": {
            "human_readable_name": "Activities",
            "licence_id": "cc-by",
            "owner_organisation_id": stand_in.organisation["id"],
            "short_name": SHORT,
            "source_type": "primary_source",
            "url": "https://data.example.org/iati/activities.xml",
            "visibility": "public",
        },
    }
    assert (stand_in.changing(), stand_in.datasets) == ([], {})


@pytest.mark.parametrize("hide", [False, True])
def test_dataset_that_was_withdrawn_can_be_published_again(register: Registers, stand_in: StandIn, hide: bool) -> None:
    made = brought(register(), dataset())
    assert taken_out(register(), hide=hide).done == "withdrawn"
    assert (made.id in stand_in.datasets) is hide
    assert taken_out(register(), hide=hide).done == "absent"
    assert brought(register(), dataset()).done == ("updated" if hide else "created")
    (stands,) = stand_in.of(SHORT)
    assert meta(stands)["visibility"] == "public"


@pytest.mark.parametrize("order", ["drop-after", "500-after", "drop", "500"])
def test_after_a_creation_of_which_nobody_knows_the_list_is_read_before_it_is_tried_again(
    register: Registers, stand_in: StandIn, order: str
) -> None:
    stand_in.order(order, "POST /api/v1/datasets")
    assert brought(register(), dataset()).done == "created"
    assert len(stand_in.of(SHORT)) == 1
    asked = [(one.method, one.path.rpartition("/")[2]) for one in stand_in.seen if one.path.endswith("/datasets")]
    expected = [("GET", "datasets"), ("POST", "datasets"), ("GET", "datasets")]
    assert asked == (expected if order.endswith("after") else [*expected, ("POST", "datasets")])


@pytest.mark.parametrize("order", ["drop-after", "500-after", "500"])
@pytest.mark.parametrize("what", ["change", "removal"])
def test_change_or_removal_without_an_answer_is_looked_up(
    register: Registers, stand_in: StandIn, order: str, what: str
) -> None:
    made = brought(register(), dataset())
    stand_in.order(order, "PATCH" if what == "change" else "DELETE")
    if what == "change":
        assert brought(register(), dataset(title="New")).done == "updated"
        assert meta(stand_in.datasets[made.id])["human_readable_name"] == "New"
    else:
        assert taken_out(register()).done == "withdrawn"
        assert stand_in.datasets == {}


def test_slow_registry_is_told_and_a_second_run_settles_it(register: Registers, stand_in: StandIn) -> None:
    own = register().organisation("XX-OWN")
    stand_in.order("slow", "POST /api/v1/datasets", times=2)
    with pytest.raises(RegistryFault) as told:
        ensure(register(timeout=1.0), own, [], dataset())
    fault = told.value
    assert "did not answer in time" in fault.words
    assert fault.unclear
    assert brought(register(), dataset()).done == "created"
    assert len(stand_in.of(SHORT)) == 1


def test_registry_that_is_down_is_told(network: Network, register: Registers, stand_in: StandIn) -> None:
    registry = register()
    stand_in.shutdown()
    stand_in.server_close()
    fault = refused(registry, dataset())
    assert "cannot be reached: try again later" in fault.words
    assert fault.everything


def test_connection_that_was_closed_unsaid_after_an_error_is_not_used_again(
    register: Registers, stand_in: StandIn
) -> None:
    stand_in.order("500", "DELETE")
    brought(register(), dataset())
    taken_out(register())
    failed = next(place for place, one in enumerate(stand_in.seen) if one.method == "DELETE")
    assert stand_in.seen[failed].connection not in {one.connection for one in stand_in.seen[failed + 1 :]}


@pytest.mark.parametrize(
    ("order", "what", "words", "everything"),
    [
        ("html", "/reporting-orgs", "answered with a web page", True),
        ("maintenance", "/reporting-orgs", "answered with a web page (status 503)", False),
        (
            "redirect",
            "/reporting-orgs",
            "points to https://elsewhere.example.org/api: redirects are",
            True,
        ),
        ("busy", "/reporting-orgs", "asks for a pause: try again in 0 seconds", True),
        ("busy", "/token", "asks for a pause", True),
        ("null", "/reporting-orgs", "answered in another form", True),
        ("half", "/reporting-orgs", "closed the connection before it answered", False),
        ("409", "POST /api/v1/datasets", "The short name is taken by another dataset", False),
        ("html", "/.well-known", "The sign-in service", True),
        ("redirect", "/token", "redirects are not followed", True),
    ],
)
def test_answers_that_are_none_are_told_in_words(
    register: Registers, stand_in: StandIn, order: str, what: str, words: str, everything: bool
) -> None:
    stand_in.order(order, what, times=3)
    fault = refused(register(), dataset())
    assert words in fault.words
    assert fault.everything is everything
    assert stand_in.datasets == {}


def test_token_that_ended_is_renewed_once(register: Registers, stand_in: StandIn) -> None:
    registry = register()
    brought(registry, dataset())
    stand_in.order("expired", "PATCH")
    assert brought(registry, dataset(title="New")).done == "updated"
    assert len([one for one in stand_in.seen if one.path == "/token"]) == 2
    stand_in.token_lasts = -1
    stand_in.tokens.clear()
    fault = refused(registry, dataset(title="Newer"))
    assert "does not accept the sign-in, a new token included" in fault.words


def test_list_is_read_page_by_page_and_its_links_are_not_followed(register: Registers, stand_in: StandIn) -> None:
    registry = register(page_size=2)
    own = registry.organisation("XX-OWN")
    for number in range(5):
        stand_in.add(short_name=f"own-{number}")
    assert sorted(entry.short_name for entry in registry.entries(own)) == [f"own-{number}" for number in range(5)]
    assert [one.query for one in stand_in.seen if one.path.endswith("/datasets")] == [
        "page=1&page_size=2", "page=2&page_size=2", "page=3&page_size=2",
    ]  # fmt: skip


def test_what_is_counted_and_not_shown_hides_nothing_behind_it(register: Registers, stand_in: StandIn) -> None:
    registry = register(page_size=1)
    own = registry.organisation("XX-OWN")
    made = [stand_in.add(short_name=f"own-{number}") for number in range(4)]
    stand_in.unseen = {made[1]["id"], made[2]["id"]}
    assert sorted(entry.short_name for entry in registry.entries(own)) == ["own-0", "own-3"]


def test_list_that_changes_while_it_is_read_is_read_again(register: Registers, stand_in: StandIn) -> None:
    registry = register(page_size=2)
    own = registry.organisation("XX-OWN")
    for number in range(3):
        stand_in.add(short_name=f"own-{number}")
    stand_in.order("count", "/datasets")
    assert len(registry.entries(own)) == 3
    # first another number, then none that stays: it never holds still
    for _ in range(3):
        stand_in.orders += [("count", "/datasets"), ("", "/datasets")]
    with pytest.raises(RegistryFault, match="changes its list while it is read: try again later"):
        registry.entries(own)


def test_wrong_organisation_and_low_roles_are_told(register: Registers, stand_in: StandIn) -> None:
    registry = register()
    with pytest.raises(RegistryFault, match=r"identifier XX-OTHER\. It acts for Own organisation \(XX-OWN\)"):
        registry.organisation("XX-OTHER")
    brought(registry, dataset())
    stand_in.organisation["user_role"] = "contributor"
    own = registry.organisation("XX-OWN")
    assert (own.may_publish, own.may_withdraw) == (True, False)
    assert brought(registry, dataset(title="New")).done == "updated"
    with pytest.raises(RegistryFault, match="its role in the organisation is too low"):
        withdraw(registry, own, registry.entries(own), SHORT)


def test_unregistered_client_and_missing_scopes_are_told(register: Registers, stand_in: StandIn) -> None:
    stand_in.registered = False
    assert "has to be registered with the IATI Secretariat" in refused(register(), dataset()).words
    stand_in.registered, stand_in.scopes = True, "ryd ryd:reporting_org ryd:dataset"
    brought(register(), dataset())
    assert "lacks a scope" in refused(register(), dataset(title="New")).words


def test_two_datasets_of_one_name_are_told_and_none_is_chosen(register: Registers, stand_in: StandIn) -> None:
    """What the lease of a short name keeps from happening: two parallel creations made two."""
    stand_in.before_creation = threading.Barrier(2).wait
    registry = register()
    own = registry.organisation("XX-OWN")
    both = [threading.Thread(target=ensure, args=(register(), own, [], dataset())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(stand_in.of(SHORT)) == 2
    with pytest.raises(RegistryFault, match="stands 2 times in the registry"):
        standing(registry.entries(own), SHORT)


def test_dataset_that_was_renamed_in_the_registry_gets_its_name_back_and_no_second_one_is_made(
    register: Registers, stand_in: StandIn
) -> None:
    made, wanted = brought(register(), dataset()), dataset()
    record = stand_in.datasets[made.id]
    # fields in another order, fields that nobody knows, and fields that say nothing
    record["metadata"] = {"new": [1], **dict(reversed(meta(record).items())), "short_name": "own-renamed"}
    again = brought(register(), wanted)
    assert (again.done, again.id, again.changes) == ("updated", made.id, (f"short_name: own-renamed → {SHORT}",))
    meta(record)["short_name"] = "own-renamed"
    twin = stand_in.add(short_name="own-twin", url=wanted.url)
    assert "stands 2 times in the registry (own-renamed, own-twin)" in refused(register(), wanted).words
    del stand_in.datasets[str(twin["id"])]
    assert (taken_out(register()).done, taken_out(register(), url=wanted.url).done) == ("absent", "withdrawn")
    assert stand_in.datasets == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"url": "http://data.example.org/a.xml"}, "must be absolute and begin with https://"),
        ({"url": "/iati/a.xml"}, "must be absolute"),
        ({"url": "https://data.example.org/" + "a" * 500}, "a registry keeps 512"),
        ({"url": "https://user:secret@data.example.org/a.xml"}, "must not hold a user name or password"),
        ({"url": "https://data.example.org/mes activités.xml"}, "must be escaped"),
        ({"title": " "}, "1 to 255 characters"),
        ({"title": "x" * 256}, "1 to 255 characters"),
        ({"licence": "my-own"}, "'my-own' is no licence that the registry knows"),
        ({"short_name": "own-Activities"}, "small letters"),
        ({"short_name": "other-activities"}, "must begin with own-"),
        ({"source_type": "third"}, "no kind of source"),
        ({"visibility": "secret"}, "no visibility"),
    ],
)
def test_what_a_registry_would_take_unseen_is_refused_before_it_is_sent(
    register: Registers, stand_in: StandIn, changed: dict[str, str], words: str
) -> None:
    assert words in refused(register(), dataset(**changed)).words
    assert stand_in.changing() == []


def test_addresses_of_a_desk_may_be_plain_where_that_is_allowed() -> None:
    own = Organisation(id="1", identifier="XX-OWN", short_name="own", name="Own", approved=True, role="editor")
    from iati.registry.dataset import faults_of

    desk = dataset(url="http://127.0.0.1:8000/iati/activities.xml")
    assert faults_of(desk, own, inner_addresses=True) == []
    assert len(faults_of(desk, own)) == 1
    assert len(faults_of(dataset(url="http://data.example.org/a.xml"), own, inner_addresses=True)) == 1


def test_no_secret_is_logged_or_printed(
    register: Registers, stand_in: StandIn, caplog: pytest.LogCaptureFixture, client: object
) -> None:
    with caplog.at_level(logging.DEBUG):
        registry = register()
        stand_in.order("500", "/reporting-orgs")
        brought(registry, dataset())
        stand_in.order("expired", "PATCH")
        brought(registry, dataset(title="New"))
        stand_in.registered = False
        fault = refused(registry, dataset(title="Newer"))
    tokens = list(stand_in.tokens)
    request = Request(method="GET", url="https://example.org", headers={"Authorization": f"Bearer {tokens[0]}"},
                      body=played.SECRET.encode())  # fmt: skip
    shown = "\n".join([caplog.text, repr(request), repr(fault), fault.words, repr(client), str(Secret(played.SECRET)),
                       repr(vars(registry)), *(str(record.args) for record in caplog.records)])  # fmt: skip
    for hidden in [*tokens, played.SECRET, played.KEY]:
        assert hidden not in shown
