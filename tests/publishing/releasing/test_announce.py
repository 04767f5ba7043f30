"""A release and the registry, over real HTTP: the file is public, registered once, fetched, and taken back."""

from collections.abc import Iterator

import httpx
import pytest
import stamina

from app.config import Settings
from app.db.engine import Database
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.publishing.registering import checking
from app.publishing.registering.published import published_files
from tests.api import service
from tests.portfolio import known
from tests.publishing.own import PUBLISHER
from tests.publishing.registering.conftest import registered_at
from tests.publishing.releasing.office import Office
from tests.serving import served
from tests.stand_ins.registry import StandIn

ACTIVITIES = "xm-dac-41302-activities"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(identifier=PUBLISHER, org="xm-dac-41302") as registry, stamina.set_testing(True, attempts=3, cap=True):
        yield registry


@pytest.fixture
def office(settings: Settings, database: Database, stand_in: StandIn) -> Iterator[Office]:
    use_codelists(known)
    settings = settings.model_copy(update=registered_at(stand_in))
    with served(service(settings, database)) as address:
        yield Office(settings.model_copy(update={"public_url": address}), database)


def test_release_is_public_registered_arrives_and_is_taken_back(office: Office, stand_in: StandIn) -> None:
    office.prepare()
    office.approve()
    planned = office.publish(dry_run=True).planned
    assert len(planned) == 2
    assert planned[0].startswith(f"POST {stand_in.url}/api/v1/datasets with ")
    assert stand_in.changing() == []

    told = {(row.dataset, row.place): row.outcome for row in office.publish().outcomes}
    assert told[ACTIVITIES, "public"] == told[ACTIVITIES, "registry"] == "published"
    assert office.publish().nothing
    stand_in.poll()
    found = checking.check(
        office.database, office.settings, published_files(office.database, office.settings), actor="x"
    )
    assert {check.state for check in found.checks if check.topic in ("address", "arrival")} == {"fine"}

    # whatever became of it in the registry meanwhile, publishing again puts it right
    stand_in.datasets.clear()
    again = {(row.dataset, row.place): row.outcome for row in office.publish().outcomes}
    assert again[ACTIVITIES, "registry"] == "published"
    assert office.publish().nothing

    office.change(Project, office.project.id, title="Another")
    stand_in.order("500", "GET /api/v1/reporting-orgs", times=9)
    office.prepare()
    office.approve()
    done = office.publish()
    assert office.shown()["state"] == "published"
    assert {row.outcome for row in done.outcomes if row.place == "registry"} == {"failed"}
    stand_in.orders.clear()
    assert office.publish().nothing
    kept = {(row["dataset"], row["place"]): row["outcome"] for row in office.shown()["outcomes"]}
    assert kept[ACTIVITIES, "registry"] == "unchanged"
    assert len(stand_in.of(ACTIVITIES)) == 1

    taken = {(row.dataset, row.place): row.outcome for row in office.withdraw().outcomes}
    assert taken[ACTIVITIES, "registry"] == "withdrawn"
    assert stand_in.of(ACTIVITIES) == []
    assert {row.outcome for row in office.publish(LOCAL, number=2).outcomes} == {"published"}
    assert len(stand_in.of(ACTIVITIES)) == 1


def test_readers_over_http_get_whole_files(office: Office) -> None:
    office.release()
    address = f"{office.settings.address}/iati/{ACTIVITIES}.xml"
    with httpx.Client(timeout=None) as client:
        got, head = client.get(address), client.head(address)
        assert (got.status_code, got.headers["etag"], got.headers["last-modified"]) == (
            200, head.headers["etag"], head.headers["last-modified"],
        )  # fmt: skip
        assert client.get(address, headers={"If-None-Match": got.headers["etag"]}).status_code == 304
        assert got.content == office.bytes_of(ACTIVITIES)
