"""A registry on this machine, the way to it, and clients for both of its interfaces."""

from collections.abc import Callable, Iterator

import pytest
import stamina

from app.publishing.registering.network import Network
from iati.registry.ckan import Ckan
from iati.registry.dataset import Dataset
from iati.registry.openid import Client, ClientCredentials
from iati.registry.register import RegisterYourData
from iati.registry.wire import Secret
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn

SHORT = "own-activities"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as registry, stamina.set_testing(True, attempts=3, cap=True):
        yield registry


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(allow_private=True) as way:
        yield way


@pytest.fixture
def client(stand_in: StandIn) -> Client:
    return Client(issuer=stand_in.url, client_id=played.CLIENT, secret=Secret(played.SECRET))


@pytest.fixture
def clock() -> list[float]:
    """The time, in seconds; a test may let it pass."""
    return [0.0]


Registers = Callable[..., RegisterYourData]


@pytest.fixture
def register(stand_in: StandIn, network: Network, client: Client, clock: list[float]) -> Registers:
    """Makes clients of Register Your Data; ``page_size`` and ``timeout`` as asked."""

    def made(**options: int | float) -> RegisterYourData:
        sign_in = ClientCredentials(network, client, lambda: clock[0])
        return RegisterYourData(network, stand_in.url, sign_in, **options)

    return made


@pytest.fixture
def ckan(stand_in: StandIn, network: Network) -> Ckan:
    return Ckan(network, stand_in.url, Secret(played.KEY))


def dataset(**changed: object) -> Dataset:
    facts: dict[str, object] = {
        "short_name": SHORT,
        "title": "Activities",
        "url": "https://data.example.org/iati/activities.xml",
        "file_type": "activity",
        "licence": "cc-by",
        "activities": 5,
    }
    return Dataset(**(facts | changed))
