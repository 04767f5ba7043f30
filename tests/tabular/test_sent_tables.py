"""Tables go in over HTTP by the rules and with the account of the command line."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.db.spending import Encumbrance, LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api, TestClient
from tests.portfolio import TODAY

HEADER = "document,project,type,date,amount,currency\n"
MAPPING = """
source: big-ledger
file: {decimal: ",", grouping: ".", dates: dmy}
columns:
  document: Journal
  project: Project
  type: {column: Type, values: {KR: expenditure}}
  date: Posting date
  amount: Amount
constants: {currency: USD}
"""


@pytest.fixture
def client(light_api: Api) -> TestClient:
    with light_api.database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P/1")
    return light_api.client()


def test_a_ledger_file_is_tried_taken_in_and_compared_over_http(
    light_api: Api, client: TestClient, tmp_path: Path
) -> None:
    text = HEADER + "D1,P/1,expenditure,2026-03-01,10.50,USD\n"
    csv = {"content": text, "headers": {"Content-Type": "text/csv"}}
    tried = client.post("/imports/ledger?dry_run=true", **csv)
    assert (tried.status_code, tried.json()["created"], tried.json()["stored"]) == (200, 1, False)
    # the account is that of the command line, word for word
    path = tmp_path / "ledger.csv"
    path.write_text(text)
    local = import_table(light_api.database, LOCAL, kind("transactions"), path, today=TODAY, dry_run=True)
    assert tried.json() | {"file": ""} == local.as_dict() | {"file": ""}
    assert client.post("/imports/ledger?file_name=march.csv", **csv).json()["file"] == "march.csv"
    files = {"file": ("april.csv", "Journal;Project;Type;Posting date;Amount\nD2;P/1;KR;02.04.2026;1.234,50\n"),
             "mapping": ("finance.yaml", MAPPING)}  # fmt: skip
    mapped = client.post("/imports/ledger", files=files)
    assert (mapped.json()["file"], mapped.json()["created"]) == ("april.csv", 1)
    again = client.post("/imports/transactions?file_name=again.csv", **csv).json()
    assert (again["unchanged"], again["differences"]["since"]["file"]) == (1, "march.csv")
    with light_api.database.read() as session:
        assert [str(row.amount) for row in session.scalars(select(LedgerEntry))] == ["10.50", "1234.50"]


def test_an_upload_that_is_refused_tells_every_fault_with_its_place(light_api: Api, client: TestClient) -> None:
    book = Workbook()
    sheet = book.active
    for values in (["document", "project", "type", "date", "amount", "currency"],
                   ["D1", "P/1", "expenditure", "2026-03-01", 10, "USD"],
                   ["D2", "P/9", "expenditure", "2026-03-01", "ten", "USD"]):  # fmt: skip
        sheet.append(values)
    sheet.row_dimensions[2].hidden = True
    content = io.BytesIO()
    book.save(content)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sent = {"content": content.getvalue(), "headers": {"Content-Type": media}}
    refused = client.post("/imports/ledger", **sent)
    assert refused.status_code == 422
    assert "hidden" in refused.json()["errors"][0]["message"]
    skipped = client.post("/imports/ledger?hidden_rows=skip", **sent).json()["errors"]
    assert [(fault["pointer"], fault["message"].split(":")[0]) for fault in skipped] == [
        ("/rows/3/amount", "Row 3, column amount"),
        ("/rows/3/project", "Row 3, column project"),
    ]
    kept = client.post("/imports/ledger?row_wise=true&hidden_rows=read", **sent).json()
    assert (kept["created"], [fault["row"] for fault in kept["faults"]]) == (1, [3, 3])
    assert client.post("/imports/nothing", **sent).status_code == 404
    assert client.post("/imports/ledger", json={}).status_code == 415
    assert (
        client.post("/imports/ledger", files={"mapping": ("m.yaml", "x: 1")}).json()["errors"][0]["pointer"] == "/file"
    )
    assert client.post("/imports/ledger?dates=serious", **sent).status_code == 422
    assert client.post("/imports/ledger?release_vanished=true", **sent).status_code == 400
    assert light_api.client(Role.VIEWER).post("/imports/ledger", **sent).status_code == 403


def test_what_vanished_from_the_file_of_encumbrances_ends_when_that_is_asked_for(
    light_api: Api, client: TestClient
) -> None:
    header = "document,project,date,amount,currency\n"
    rows = [f"E{number},P/1,2026-02-0{number},{number}0,USD\n" for number in (1, 2, 3)]

    def send(*kept: int, query: str = "") -> Any:
        body = header + "".join(rows[number - 1] for number in kept)
        return client.post(f"/imports/encumbrances{query}", content=body, headers={"Content-Type": "text/csv"}).json()

    def binding() -> list[str]:
        with light_api.database.read() as session:
            found = session.scalars(select(Encumbrance).order_by(Encumbrance.document))  # type: ignore[arg-type]
            return [row.document for row in found if row.released_on is None]

    send(1, 2, 3)
    assert [
        send(1, query=f"?{asked}dry_run=true")["differences"]["released"] for asked in ("", "release_vanished=true&")
    ] == [0, 2]
    assert binding() == ["E1", "E2", "E3"]
    told = send(1, 2)["differences"]
    assert (told["missing"], told["released"], binding()) == (1, 0, ["E1", "E2", "E3"])
    # it is missing still in the next file, until it ends
    assert send(1, query="?release_vanished=true")["differences"]["released"] == 2
    assert binding() == ["E1"]
    back = send(1, 2)
    assert [finding["rule"] for finding in back["findings"]] == ["encumbrance.ended"]
    assert back["differences"]["missing"] == 0
