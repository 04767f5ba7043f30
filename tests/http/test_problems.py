"""What goes wrong below the routes is told as a problem too, in a sentence and with the field where there is one."""

import logging
import logging.config
import sqlite3

import pytest
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, OperationalError

from app.db.engine import Database, storage_message
from app.db.organisation import Officer, Unit
from app.errors import Conflict, EarmarkError, Fault, NotSetUp, StorageFailed
from app.http.logs import LOGGING, JsonLines
from app.http.problems import integrity_conflict, invalid_request
from app.main import create_app
from tests.api import Api, TestClient

#: how SQLite tells as well of a disk that is full
IO_ERROR = sqlite3.OperationalError("disk I/O error")


def refused(database: Database, *rows: Unit | Officer) -> Conflict:
    with pytest.raises(IntegrityError) as found, database.write("tests") as session:
        session.add_all(rows)
    return integrity_conflict(found.value)


def test_a_value_that_is_taken_is_told_with_its_field(database: Database) -> None:
    conflict = refused(database, Unit(code="A", name="One"), Unit(code="A", name="Two"))
    assert [(fault.pointer, fault.rule) for fault in conflict.faults] == [("/code", "unique")]


def test_a_reference_to_nothing_is_told_without_the_words_of_the_database(database: Database) -> None:
    conflict = refused(database, Officer(code="a", name="A", email="a@example.org", unit_id=99))
    assert conflict.message == "Another record refers to this one, or the one it names is gone."


def failing(api: Api, error: Exception) -> TestClient:
    app = create_app(api.settings, api.database)

    @app.get("/fails")
    def fails() -> None:
        raise error

    return TestClient(app)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (StorageFailed("The disk is full: nothing was stored. Free some space and try again."), 507, "storage-failed"),
        (StorageFailed("The database is busy with another writer: nothing was stored."), 503, "storage-failed"),
        (StorageFailed(storage_message(OperationalError("", (), IO_ERROR))), 507, "storage-failed"),
        (NotSetUp("Run `earmark init`."), 503, "not-set-up"),
        (EarmarkError("Odd."), 500, "earmark-error"),
        (RuntimeError("secret detail"), 500, "internal"),
    ],
)
def test_a_failure_is_told_and_keeps_its_secrets(light_api: Api, error: Exception, status: int, kind: str) -> None:
    answer = failing(light_api, error).get("/fails")
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:earmark:problem:{kind}")
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_a_failure_stands_in_the_log_with_its_trace_and_the_request(
    light_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "earmark.http"):
        answer = failing(light_api, RuntimeError("the reason")).get(
            "/fails?token=ear_hidden", headers={"Authorization": "Bearer ear_hidden"}
        )
    lines = [JsonLines().format(record) for record in caplog.records]
    assert [line for line in lines if "the reason" in line and answer.json()["request_id"] in line]
    assert '"route": "/fails", "status": 500' in lines[-1]
    assert "ear_hidden" not in "".join(lines)


def test_the_configuration_of_logging_is_one_that_logging_takes(capsys: pytest.CaptureFixture[str]) -> None:
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before = (root.handlers[:], root.level, access.level)
    try:
        logging.config.dictConfig(LOGGING)
        logging.getLogger("earmark.http").info("said", extra={"request_id": "r-1"})
        access.info("GET /calendar/secret.ics")
    finally:
        root.handlers, root.level, access.level = before
    said = capsys.readouterr().err
    assert '"message": "said", "request_id": "r-1"' in said
    assert "secret" not in said


def test_pointers_escape_what_separates_their_steps() -> None:
    found = {"type": "missing", "loc": ("body", "shares", 0, "a/b~c")}
    told = invalid_request(RequestValidationError([found, {"type": "missing", "loc": ("query", "limit")}]))
    assert [fault.pointer for fault in told.faults] == ["/shares/0/a~1b~0c", "/query/limit"]
    assert {fault.rule for fault in told.faults} == {"required"}


def test_a_fault_has_one_place_whether_a_body_or_a_row_carries_it() -> None:
    fault = Fault(pointer="/budget~1currency/0", rule="required", message="This is required.")
    assert (fault.column, fault.as_dict()["pointer"]) == ("budget/currency", "/budget~1currency/0")
    in_table = fault.in_row(3)
    assert in_table.place == "row 3, column budget/currency"
    assert in_table.as_dict() == {
        "row": 3, "column": "budget/currency", "rule": "required", "message": "This is required.",
    }  # fmt: skip
    assert Fault(row=1, rule="table.empty", message="The file is empty.").place == "row 1"
