"""Without a token one learns whether the service lives and how the API is described, and nothing else."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.config import Settings
from app.db.engine import open_database
from tests.api import Api, TestClient, service


def counted(text: str, name: str, **labels: str) -> float:
    """The one sample with these labels."""
    (found,) = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return float(found)


def test_a_service_with_current_tables_is_ready(light_api: Api) -> None:
    client = light_api.stranger()
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json()["status"] == "ok"


def test_a_service_without_tables_lives_but_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}", _env_file=None)  # type: ignore[call-arg]
    database = open_database(settings)
    client = TestClient(service(settings, database))
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:earmark:problem:not-set-up")
    assert "earmark db upgrade" in answer.json()["detail"]
    database.dispose()


def test_requests_are_counted_by_route_and_not_by_address(light_api: Api) -> None:
    client = light_api.stranger()
    client.get("/nowhere/secret-token")
    client.get("/health/live")
    text = client.get("/metrics").text
    assert counted(text, "earmark_requests_total", method="GET", route="/health/live", status="200") == 1
    assert counted(text, "earmark_requests_total", method="GET", route="unmatched", status="404") == 1
    assert counted(text, "earmark_request_seconds_count", route="/health/live") == 1
    assert counted(text, "earmark_request_seconds_bucket", route="/health/live", le="+Inf") == 1
    assert "secret-token" not in text


def test_the_root_tells_where_the_parts_are_under_the_address_that_was_asked(light_api: Api) -> None:
    client = TestClient(light_api.app, base_url="http://earmark.example.org:8443")
    told = client.get("/")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
    assert told.json()["name"] == "Earmark"
    parts = {part["name"]: part["url"] for part in told.json()["parts"]}
    assert parts["api"] == "http://earmark.example.org:8443/api/v1"
    for name in parts.keys() - {"api"}:
        assert client.get(parts[name]).status_code == 200, name


def test_a_browser_is_told_the_same_as_a_page(light_api: Api) -> None:
    page = light_api.stranger().get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == "Accept, Cookie"
    assert '<a href="http://testserver/docs">' in page.text


def test_links_have_the_address_that_is_set(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'empty.db'}",
        public_url="https://earmark.example.org/",
        _env_file=None,  # type: ignore[call-arg]
    )
    database = open_database(settings)
    told = TestClient(service(settings, database), base_url="http://10.0.0.1:8000").get("/")
    database.dispose()
    assert {part["url"].split("/")[2] for part in told.json()["parts"]} == {"earmark.example.org"}
    assert told.json()["parts"][1]["url"] == "https://earmark.example.org/docs"


def test_the_pages_of_the_description_load_nothing_from_elsewhere(light_api: Api) -> None:
    client = light_api.stranger()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for address in ("/docs/start.js", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
        assert address in page.text
        assert client.get(address).status_code == 200
