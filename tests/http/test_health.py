"""Without a token one learns whether the service lives and how the API is described, and nothing else."""

from pathlib import Path

from app.config import Settings
from app.db.engine import open_database
from app.main import create_app
from tests.api import Api, TestClient


def test_a_service_with_current_tables_is_ready(light_api: Api) -> None:
    client = light_api.stranger()
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json()["status"] == "ok"


def test_a_service_without_tables_lives_but_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}", _env_file=None)  # type: ignore[call-arg]
    database = open_database(settings)
    client = TestClient(create_app(settings, database))
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
    assert 'earmark_requests_total{method="GET",route="/health/live",status="200"} 1\n' in text
    assert 'route="unmatched",status="404"} 1\n' in text
    assert "secret-token" not in text


def test_the_pages_of_the_description_load_nothing_from_elsewhere(light_api: Api) -> None:
    client = light_api.stranger()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for address in ("/docs/start.js", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
        assert address in page.text
        assert client.get(address).status_code == 200
