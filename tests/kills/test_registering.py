"""A run that is killed before or after any of its requests is run again, and leaves one dataset of each name."""

import os
import random
import signal
from collections.abc import Iterator

import pytest
import stamina

from app.config import Settings
from app.db.engine import Database
from tests.api import Api
from tests.kills.child import registering
from tests.processes import forking
from tests.publishing.registering.conftest import ORGANISATION, Office, registered_at
from tests.stand_ins.registry import StandIn, meta

_FEW = 3
#: how often a run is killed; a long run is asked for through the environment
KILLS = int(os.environ.get("EARMARK_KILLS", "0")) or _FEW
#: requests of a run that registers two files: each is died at before it is sent, and after its answer came
_REQUESTS = 14


@pytest.fixture
def office(settings: Settings, database: Database) -> Iterator[Office]:
    Api(settings, database)
    with StandIn() as registry, stamina.set_testing(True, attempts=3, cap=True):
        yield Office(database, settings.model_copy(update=registered_at(registry)), registry)


def state(stand_in: StandIn) -> list[tuple[object, object]]:
    return sorted((meta(one)["short_name"], meta(one)["human_readable_name"]) for one in stand_in.datasets.values())


@pytest.mark.kills
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if KILLS > _FEW else ["sqlite"], indirect=True)
def test_killed_run_is_run_again_and_makes_no_dataset_twice(office: Office) -> None:
    chance, killed = random.Random(KILLS), 0
    for number in range(KILLS):
        title = f"Title {number}"
        if number % 3 == 0:
            office.stand_in.datasets.clear()
        files = [office.public(title=title), office.public("own-organisation", ORGANISATION, title=title)]
        child = forking.Process(target=registering, args=(office.settings, files, chance.randrange(2 * _REQUESTS)))
        child.start()
        child.join()
        killed += child.exitcode == -signal.SIGKILL
        assert child.exitcode in (0, -signal.SIGKILL)
        assert len({name for name, _ in state(office.stand_in)}) == len(state(office.stand_in))
        assert not any(each.done == "failed" for each in office.register(*files).outcomes)
        assert state(office.stand_in) == [("own-activities", title), ("own-organisation", title)]
    assert killed
    print(f"{killed} of {KILLS} runs were killed")
