"""Facts of both kinds of registry that no other test holds: what answers come to, and the limits of what is sent."""

import pytest

from app.http import outbound
from app.publishing.registering.network import Call, Network
from iati.registry.arrival import read_index
from iati.registry.ckan import Ckan
from iati.registry.dataset import LONGEST_ADDRESS, LONGEST_NAME, Dataset, Organisation, faults_of
from iati.registry.ensure import Ensured, Registry, ensure, withdraw
from iati.registry.openid import Client, ClientCredentials
from iati.registry.register import RegisterYourData
from iati.registry.wire import RegistryFault, Secret
from tests.iati.registry.conftest import SHORT, Registers, dataset
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn, meta

OWN = Organisation(id="1", identifier="XX-OWN", short_name="own", name="Own", approved=True, role="editor")
ADDRESS = "https://data.example.org/"


def brought(registry: Registry, wanted: Dataset) -> Ensured:
    own = registry.organisation("XX-OWN")
    return ensure(registry, own, registry.entries(own), wanted)


@pytest.mark.parametrize(
    ("order", "words", "everything"),
    [
        ("later", "asks for a pause: try again after Thu, 01 Jan 2099 00:00:00 GMT", True),
        ("gateway", "(status 502)", False),
        ("text", "answered with JSON of another form", True),
        ("failed", "does not take the dataset as it is", False),
        ("claim", "The token lacks the claim azp.", True),
        ("html", "answered with a web page", True),
        ("redirect", "redirects are not followed", True),
        ("half", "closed the connection before it answered", False),
        ("maintenance", "503", False),
        ("echo", "does not allow this", False),
    ],
)
def test_each_answer_that_is_no_good_has_its_words_and_shows_no_secret(
    register: Registers, ckan: Ckan, stand_in: StandIn, order: str, words: str, everything: bool
) -> None:
    registries: dict[str, Registry] = {"POST /api/v1/datasets": register(), "package_create": ckan}
    for place, registry in registries.items():
        # an answer of which nobody knows what it means is asked for again
        stand_in.order(order, place, times=2)
        if order == "claim" and registry is ckan:
            continue
        with pytest.raises(RegistryFault) as told:
            brought(registry, dataset())
        assert words in told.value.words
        if (order, registry) not in {("gateway", ckan), ("maintenance", ckan)}:
            assert told.value.everything is everything
        assert not any(secret in told.value.words for secret in (*stand_in.tokens, played.KEY))
    assert (stand_in.datasets, stand_in.packages) == ({}, {})


@pytest.mark.parametrize(
    ("fits", "does_not", "field"),
    [
        (["own-" + "a" * 96, "own-_-9"], ["own-" + "a" * 97, "own-A", "own-é", "own-a.xml", "own-a b"], "short_name"),
        (["x", "é" * LONGEST_NAME], ["", " ", "x" * (LONGEST_NAME + 1)], "title"),
        (
            [ADDRESS + "a" * (LONGEST_ADDRESS - len(ADDRESS)), ADDRESS + "%20?a=1"],
            [
                ADDRESS + "a" * (LONGEST_ADDRESS - len(ADDRESS) + 1),
                "ftp://data.example.org/a",
                "https:///a",
                ADDRESS + " ",
            ],
            "url",
        ),
        (["cc-by", "uk-ogl", None], ["", "CC-BY", "cc-by-4.0"], "licence"),
        (["primary_source", "secondary_source", None], ["", "primary"], "source_type"),
        (["public", "private"], ["", "hidden"], "visibility"),
    ],
)
def test_what_is_sent_is_looked_at_up_to_its_limits(fits: list[str | None], does_not: list[str], field: str) -> None:
    assert [faults_of(dataset(**{field: value}), OWN) for value in fits] == [[]] * len(fits)
    assert [len(faults_of(dataset(**{field: value}), OWN)) for value in does_not] == [1] * len(does_not)


def test_what_changed_in_the_registry_between_two_requests_is_told(
    register: Registers, ckan: Ckan, stand_in: StandIn
) -> None:
    registry = register()
    own = registry.organisation("XX-OWN")
    made = brought(registry, dataset())
    entries = registry.entries(own)
    other = stand_in.add(short_name="own-other")
    # its name went to another one
    meta(stand_in.datasets[made.id])["short_name"], meta(other)["short_name"] = "own-renamed", SHORT
    with pytest.raises(RegistryFault, match="taken by another dataset"):
        ensure(registry, own, entries, dataset())
    del stand_in.datasets[made.id]
    with pytest.raises(RegistryFault, match="was removed from the registry a moment ago: run it again"):
        ensure(registry, own, entries, dataset(title="New"))
    assert withdraw(registry, own, entries, SHORT).done == "withdrawn", "it is gone, which was what was wanted"
    # a package with several resources and fields of others, which an update must not lose
    first = brought(ckan, dataset())
    package = stand_in.packages[first.id]
    resources = package["resources"]
    assert isinstance(resources, list)
    package |= {
        "resources": [{**resources[0], "id": "r1"}, {"url": ADDRESS, "id": "r2"}],
        "language": "fr",
        "tags": ["a"],
    }
    assert brought(ckan, dataset(activities=9)).done == "updated"
    stands = stand_in.packages[first.id]
    assert (stands["resources"], stands["language"], stands["tags"], stands["filetype"]) == (
        [{**resources[0], "id": "r1"}], "fr", ["a"], "activity",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["k3y\n0", "k3y\u00e9", "k3y\x00", " k3y"])
def test_key_that_no_request_may_have_is_told_without_it(stand_in: StandIn, key: str) -> None:
    calls: list[Call] = []
    with Network(allow_private=True, record=calls.append) as network, pytest.raises(RegistryFault) as told:
        Ckan(network, stand_in.url, Secret(key)).organisation("XX-OWN")
    assert outbound.UNSENDABLE in told.value.words
    assert "k3y" not in told.value.words + repr(calls) + repr(told.value.__cause__)


def test_addresses_with_a_stroke_at_the_end_and_a_busy_index(
    network: Network, stand_in: StandIn, client: Client
) -> None:
    for end in ("", "/", "/api/v1", "/api/v1/"):
        registry = RegisterYourData(network, stand_in.url + end, ClientCredentials(network, client, lambda: 0.0))
        assert registry.plan_creation(OWN, dataset()).url == f"{stand_in.url}/api/v1/datasets"
    stand_in.order("later", "/index")
    with pytest.raises(RegistryFault, match="asks for a pause"):
        read_index(network, f"{stand_in.url}/index/datasets-full.json")
