"""Whatever goes wrong on the way, a further run settles it: one dataset, as it should be."""

from contextlib import suppress

import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.publishing.registering.network import Network
from iati.registry.ckan import Ckan
from iati.registry.ensure import Registry, ensure, withdraw
from iati.registry.openid import Client, ClientCredentials
from iati.registry.register import RegisterYourData
from iati.registry.wire import RegistryFault, Secret
from tests.iati.registry.conftest import SHORT, dataset
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn, meta

KINDS = st.sampled_from(["drop", "drop-after", "500", "500-after", "html", "maintenance", "redirect", "409", "expired"])
PLACES = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "/datasets", "/token", "package_create", "package_update",
                          "package_show", "package_search", "package_delete", "organization"])  # fmt: skip
ORDERS = st.lists(st.tuples(KINDS, PLACES), min_size=1, max_size=5)
STEPS = st.lists(st.sampled_from(["put", "rename", "withdraw", "hide"]), min_size=1, max_size=3)


def opened(stand_in: StandIn, network: Network, kind: str) -> Registry:
    if kind == "ckan":
        return Ckan(network, stand_in.url, Secret(played.KEY))
    client = Client(issuer=stand_in.url, client_id=played.CLIENT, secret=Secret(played.SECRET))
    return RegisterYourData(network, stand_in.url, ClientCredentials(network, client, lambda: 0.0))


def step(registry: Registry, name: str) -> None:
    own = registry.organisation("XX-OWN")
    entries = registry.entries(own)
    if name in ("withdraw", "hide"):
        withdraw(registry, own, entries, SHORT, hide=name == "hide")
    else:
        ensure(registry, own, entries, dataset(title="Renamed" if name == "rename" else "Activities"))


def settled(registry: Registry, name: str) -> None:
    """Runs a step until it goes through, as a person would."""
    for _ in range(12):
        with suppress(RegistryFault):
            return step(registry, name)
    raise AssertionError("it never went through")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, steps=STEPS, kind=st.sampled_from(["register-your-data", "ckan"]))
def test_further_runs_settle_whatever_went_wrong(orders: list[tuple[str, str]], steps: list[str], kind: str) -> None:
    with StandIn() as stand_in, Network(allow_private=True) as network, stamina.set_testing(True, attempts=2, cap=True):
        stand_in.orders = list(orders)
        for name in steps:
            settled(opened(stand_in, network, kind), name)
        stand_in.orders.clear()
        settled(opened(stand_in, network, kind), steps[-1])
        changed = len(stand_in.changing())
        settled(opened(stand_in, network, kind), steps[-1])
        assert len(stand_in.changing()) == changed, "nothing is left to do"
        titles = [meta(one)["human_readable_name"] for one in stand_in.of(SHORT)]
        shown = [meta(one)["visibility"] for one in stand_in.of(SHORT)]
        if kind == "ckan":
            titles = [one["title"] for one in stand_in.packages.values()]
            shown = ["public" if one["state"] == "active" and not one["private"] else "private"
                     for one in stand_in.packages.values()]  # fmt: skip
        assert len(titles) <= 1
        if steps[-1] in ("put", "rename"):
            assert titles == ["Renamed" if steps[-1] == "rename" else "Activities"]
            assert shown == ["public"]
        else:
            assert "public" not in shown
