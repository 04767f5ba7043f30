"""The description of the API says who may call, what goes in, and everything that may come back."""

from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.http.middleware import route_template
from app.main import API, STATUS, create_app

#: what is answered without a token
OPEN = {"/health/live", "/health/ready", "/metrics"}


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("description") / "none.db"
    settings = Settings(database_url=f"sqlite:///{path}", _env_file=None)  # type: ignore[call-arg]
    service = create_app(settings)
    found = service.openapi()
    service.state.database.dispose()
    assert not Path(path).exists()
    return found


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_an_id_of_its_own_and_a_summary(description: dict[str, Any]) -> None:
    found = operations(description)
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(ids) > 40
    assert len(set(ids)) == len(ids)
    assert [path for path, _, operation in found if not operation.get("summary") or not operation.get("tags")] == []


def test_every_route_below_the_api_needs_a_token(description: dict[str, Any]) -> None:
    without = {path for path, _, operation in operations(description) if not operation.get("security")}
    assert {path for path in without if path.startswith(API)} == set()
    assert without >= OPEN


def test_every_problem_is_declared_as_problem_json(description: dict[str, Any]) -> None:
    assert description["components"]["schemas"]["Problem"]["required"]
    for path, method, operation in operations(description):
        if not path.startswith(API):
            continue
        declared = {int(status) for status in operation["responses"]}
        needed = {401, 403, 422, 503} | ({413, 415} if "requestBody" in operation else set())
        needed |= {412, 428} if "If-Match" in str(operation.get("parameters")) else set()
        assert needed <= declared, (method, path)
        for status in declared:
            if status >= 400:
                assert list(operation["responses"][str(status)]["content"]) == ["application/problem+json"], path


def test_lists_take_the_same_words_everywhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    lists = []
    for path, _, operation in operations(description):
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = str(answer.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        if {"items", "next"} <= schemas.get(name, {}).get("properties", {}).keys():
            lists.append((path, {parameter["name"] for parameter in operation["parameters"]}))
    assert len(lists) >= 12
    assert [path for path, names in lists if not {"limit", "cursor", "sort"} <= names] == []


def test_bodies_come_with_examples(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for name in ("PartnerIn", "AgreementIn", "UnitIn", "OfficerIn", "UserIn"):
        examples = [field for field in schemas[name]["properties"].values() if field.get("examples")]
        assert len(examples) >= 2, name


def test_each_kind_of_error_has_one_status() -> None:
    assert {error.__name__: status for error, status in STATUS.items()} == {
        "UsageError": 400, "InvalidInput": 422, "PreconditionRequired": 428, "NotFound": 404, "Conflict": 409,
        "StaleVersion": 412, "NotAuthenticated": 401, "NotAllowed": 403, "NotSetUp": 503, "StorageFailed": 503,
        "EarmarkError": 500,
    }  # fmt: skip


def test_an_address_that_no_route_matches_is_counted_without_its_words() -> None:
    assert route_template({"path": "/calendar/secret.ics"}) == "unmatched"
