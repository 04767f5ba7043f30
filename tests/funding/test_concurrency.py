"""Two officers who share out one agreement at the same moment do not give away more than there is."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.api import Api
from tests.funding.test_routes import ready


def test_shares_added_at_once_stay_within_the_agreement(api: Api) -> None:
    ready(api)
    clients = [api.client(), api.client()]
    start = Barrier(2)

    def add(number: int) -> int:
        start.wait()
        body = {"project": ("A/1", "B/2")[number], "percent": "60"}
        return int(clients[number].post("/agreements/1/shares", json=body).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [201, 422]
    (kept,) = api.client().get("/agreements/1/shares").json()["items"]
    assert kept["percent"] == "60"
