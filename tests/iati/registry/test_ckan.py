"""Classic CKAN with ckanext-iati, over HTTP."""

import pytest

from iati.registry.ckan import Ckan
from iati.registry.dataset import Dataset
from iati.registry.ensure import Ensured, ensure, withdraw
from iati.registry.wire import RegistryFault, Secret
from tests.iati.registry.conftest import SHORT, dataset
from tests.stand_ins.registry import StandIn


def brought(registry: Ckan, wanted: Dataset) -> Ensured:
    own = registry.organisation("XX-OWN")
    return ensure(registry, own, registry.entries(own), wanted)


def test_dataset_is_created_changed_withdrawn_and_published_again(ckan: Ckan, stand_in: StandIn) -> None:
    made = brought(ckan, dataset())
    package = stand_in.packages[made.id]
    assert (made.done, package["filetype"], package["activity_count"]) == ("created", "activity", "5")
    assert brought(ckan, dataset()).done == "unchanged"
    # what others have written there stays, though an update replaces the whole record
    package["country"] = "KE"
    assert brought(ckan, dataset(activities=6)).changes == ("activity_count: 5 → 6",)
    assert (stand_in.packages[made.id]["country"], stand_in.packages[made.id]["activity_count"]) == ("KE", "6")
    stand_in.packages[made.id]["name"] = "own-renamed"
    assert brought(ckan, dataset(activities=6)).changes == (f"name: own-renamed → {SHORT}",)
    own = ckan.organisation("XX-OWN")
    assert withdraw(ckan, own, ckan.entries(own), SHORT).done == "withdrawn"
    assert ckan.entries(own) == []
    # the name of a removed dataset stays taken by it
    assert brought(ckan, dataset(activities=7)).id == made.id
    assert len(stand_in.packages) == 1
    assert [entry.public for entry in ckan.entries(own)] == [True]


@pytest.mark.parametrize("order", ["drop-after", "500-after", "500", "drop"])
def test_creation_without_an_answer_makes_one_dataset(ckan: Ckan, stand_in: StandIn, order: str) -> None:
    stand_in.order(order, "package_create")
    assert brought(ckan, dataset()).done in ("created", "unchanged")
    assert len(stand_in.packages) == 1


def test_hidden_dataset_is_shown_again(ckan: Ckan, stand_in: StandIn) -> None:
    made = brought(ckan, dataset())
    own = ckan.organisation("XX-OWN")
    assert withdraw(ckan, own, ckan.entries(own), SHORT, hide=True).done == "withdrawn"
    assert stand_in.packages[made.id]["private"] is True
    assert withdraw(ckan, own, ckan.entries(own), SHORT, hide=True).done == "absent"
    assert brought(ckan, dataset()).done == "updated"
    assert stand_in.packages[made.id]["private"] is False


def test_wrong_key_wrong_organisation_and_pages_are_told(ckan: Ckan, stand_in: StandIn, network: object) -> None:
    with pytest.raises(RegistryFault, match="the key is unknown or has ended"):
        Ckan(network, stand_in.url, Secret("wrong")).organisation("XX-OWN")
    with pytest.raises(RegistryFault, match="does not let this key act for an organisation with the identifier XX-NO"):
        ckan.organisation("XX-NO")
    stand_in.order("html", "package_search")
    with pytest.raises(RegistryFault, match="answered with a web page"):
        brought(ckan, dataset())
    assert stand_in.packages == {}


def test_name_of_another_organisation_is_told(ckan: Ckan, stand_in: StandIn) -> None:
    stand_in.packages["other"] = {"id": "other", "name": SHORT, "owner_org": "someone", "state": "deleted"}
    with pytest.raises(RegistryFault, match="The short name is taken by another dataset"):
        brought(ckan, dataset())


def test_organisation_that_waits_for_approval_is_known(ckan: Ckan, stand_in: StandIn) -> None:
    facts = stand_in.organisation["metadata"]
    assert isinstance(facts, dict)
    facts["registry_approved"] = False
    stand_in.organisation["user_role"] = "member"
    own = ckan.organisation("XX-OWN")
    assert (own.approved, own.may_publish) == (False, False)
