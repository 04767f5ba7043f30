"""Tables handed in: seen before they are stored, stored as they were seen, and whatever happens the row tells it."""

import base64
import datetime as dt
import io
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openpyxl import load_workbook

from app.db.leases import lease
from app.db.uploads import TableUpload
from app.domain.terms import Role
from app.jobs.housekeeping import has_table_waiting
from app.tabular.registry import kind
from app.tabular.settings import FileSettings
from app.tabular.uploads import service, working
from app.tabular.uploads.service import lease_name
from app.tabular.uploads.workbooks import marked
from tests.api import Api, TestClient
from tests.tabular.books import book
from tests.web import example

UNITS = "code,name,note\nROAF,Regional Office for Africa,Nairobi\n"


def handed_in(client: TestClient, kind: str, content: str | bytes, file: str = "table.csv", **said: Any) -> Any:
    """What came of a table, when its check is over."""
    raw = content.encode() if isinstance(content, str) else content
    body = {"kind": kind, "file": file, "content": base64.b64encode(raw).decode(), **said}
    answer = client.post("/imports", json=body)
    assert answer.status_code == 201, answer.text
    return client.get(f"/imports/{answer.json()['id']}").json()


def test_a_table_is_seen_field_by_field_stored_as_it_was_seen_and_its_faults_come_back_marked(api: Api) -> None:
    example.fill(api)
    client = api.client()
    changed = (
        "code,title,status,total_budget,planned_end,description\n"
        'RAF/1,Wells,implementation,"1.600.000,50",31/01/2027,-\n'
    )
    seen = handed_in(client, "projects", changed, decimal=",", grouping=".", dates="dmy")
    assert (seen["state"], seen["report"]["updated"], seen["report"]["fault_count"]) == ("checked", 1, 0)
    assert {each["name"]: (each["before"], each["after"]) for each in seen["report"]["records"][0]["fields"]} == {
        "title": ("Wells & pumps", "Wells"),
        "total_budget": ("1500000", "1600000.5"),
        "planned_end": ("2026-12-31", "2027-01-31"),
        "description": ("Clean water.", ""),
    }
    assert [each["read"] for each in seen["report"]["understood"]] == ["1600000.50", "2027-01-31"]
    assert client.get("/projects/1").json()["title"] == "Wells & pumps"
    assert client.post(f"/imports/{seen['id']}/store", json={}).json()["state"] == "ordered"
    assert client.get(f"/imports/{seen['id']}").json()["state"] == "stored"
    stored = client.get("/projects/1").json()
    assert (stored["title"], stored["planned_end"], stored["description"]) == ("Wells", "2027-01-31", None)
    assert client.post(f"/imports/{seen['id']}/store", json={}).status_code == 409

    # rows whose key may have a day of decision, which the table that goes out does not tell
    for amount in ("5", "6"):
        share = handed_in(client, "funding-shares", f"agreement,project,amount\nNLD-1,RAF/1,{amount}\n")
        client.post(f"/imports/{share['id']}/store", json={})
    (record,) = share["report"]["records"]
    assert (record["outcome"], [each["name"] for each in record["fields"]]) == ("updated", ["amount"])

    # two faults: in their place with the value as typed, in a workbook that can be handed in again
    bad = handed_in(
        client,
        "projects",
        "code,title,total_budget,planned_end,status\nRAF/1,A,a lot,soon,implementation\nRAF/2,B,5,,\n",
    )
    told = [(each["row"], each["column"], each["value"]) for each in bad["report"]["faults"]]
    assert told == [(2, "planned_end", "soon"), (2, "total_budget", "a lot"), (3, "status", "")]
    assert client.post(f"/imports/{bad['id']}/store", json={}).status_code == 409
    marked = load_workbook(io.BytesIO(client.get(f"/imports/{bad['id']}/marked").content))
    sheet = marked.worksheets[0]
    commented = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.comment}
    assert commented == {"C2": "a lot", "D2": "soon", "E3": None}
    sheet["C2"].value, sheet["D2"].value, sheet["E3"].value = 7, "2027-02-01", "pipeline"
    mended = io.BytesIO()
    marked.save(mended)
    again = handed_in(client, "projects", mended.getvalue(), "mended.xlsx")
    assert (again["report"]["fault_count"], again["report"]["created"], again["report"]["updated"]) == (0, 1, 1)

    # somebody changed the record since: nothing is stored, and the new differences are shown
    tag = client.get("/projects/1").headers["etag"]
    assert client.patch("/projects/1", json={"title": "Theirs"}, headers={"If-Match": tag}).status_code == 200
    client.post(f"/imports/{again['id']}/store", json={})
    moved = client.get(f"/imports/{again['id']}").json()
    assert (moved["state"], moved["report"]["moved"]) == ("checked", True)
    assert client.get("/projects/1").json()["title"] == "Theirs"
    client.post(f"/imports/{again['id']}/store", json={})
    assert client.get(f"/imports/{again['id']}").json()["state"] == "stored"
    assert client.get("/imports", params={"state": "stored"}).json()["items"][0]["id"] == again["id"]


@pytest.mark.parametrize(
    ("shown", "kept", "says"),
    [("mmm-yy", "yyyy-mm", "shows 2027-03 and no day"), ("d mmm", "d mmm", "holds 2027-03-01 and shows 03-01")],
)
def test_a_day_that_is_not_seen_whole_comes_back_as_it_was(
    light_api: Api, tmp_path: Path, shown: str, kept: str, says: str
) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        sheet["C2"].number_format = shown  # type: ignore[index]

    client = light_api.client()
    path = book(
        tmp_path / "a.xlsx",
        ["code", "title", "planned_end", "status"],
        ["P/7", "A", dt.date(2027, 3, 1), "pipeline"],
        fill=fill,
    )
    bad = handed_in(client, "projects", path.read_bytes(), "a.xlsx")
    marked = client.get(f"/imports/{bad['id']}/marked").content
    cell = load_workbook(io.BytesIO(marked)).worksheets[0]["C2"]
    assert (cell.value, cell.number_format) == (dt.datetime.fromisoformat("2027-03-01"), kept)
    again = handed_in(client, "projects", marked, "marked.xlsx")
    told = [[each["message"] for each in one["report"]["faults"] if each["column"] == "planned_end"]
            for one in (bad, again)]  # fmt: skip
    assert told[0] == told[1]
    assert says in told[0][0]


@pytest.mark.parametrize(
    ("held", "shown", "column"),
    [(-60, '0"%";0"%"', "support_cost_rate"), (-0.6, "0%;0%", "support_cost_rate"), (2000, '#,##0 "k"', "amount"),
     (1000, "0.00E+00", "reference"), (0.5, "# ?/?", "reference")],
)  # fmt: skip
def test_a_number_that_is_asked_back_comes_back_as_it_was(tmp_path: Path, held: float, shown: str, column: str) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        sheet["A2"].number_format = shown  # type: ignore[index]

    path = book(tmp_path / "a.xlsx", [column, "title"], [held, "A"], fill=fill)
    stream = io.BytesIO()
    marked(path, kind("agreements"), FileSettings(), [], stream, listed="Faults", head=["Row"])
    cell = load_workbook(stream).worksheets[0]["A2"]
    assert (cell.value, cell.number_format) == (held, shown)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(300), "not a workbook that can be read"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + bytes(60) + "EncryptedPackage".encode("utf-16-le"), "with a password"),
        ("cut.xlsx", b"PK\x03\x04 cut off", "is damaged"),
        ("letters.csv", "code,name\nÜ,Ü\n".encode("latin-1"), "not UTF-8"),
        ("blank.csv", b"\n\n", "The file is empty"),
    ],
)
def test_what_is_no_table_says_what_to_do(light_api: Api, file: str, content: bytes, says: str) -> None:
    found = handed_in(light_api.client(), "units", content, file)
    assert (found["state"], found["report"]["readable"]) == ("checked", False)
    assert says in found["report"]["faults"][0]["message"]
    assert light_api.client().get(f"/imports/{found['id']}/marked").status_code == 409


def test_a_killed_worker_is_told_and_the_check_can_be_repeated(light_api: Api) -> None:
    client = light_api.client()
    found = handed_in(client, "units", UNITS)
    with light_api.database.write("tests") as session:
        upload = session.get_one(TableUpload, found["id"])
        upload.state, upload.worker = "storing", "another-machine:1:dead"
    assert client.get(f"/imports/{found['id']}").json()["state"] == "interrupted"
    assert client.post(f"/imports/{found['id']}/check").json()["state"] == "waiting"
    assert client.get(f"/imports/{found['id']}").json()["state"] == "checked"


def test_a_table_waits_while_another_worker_has_its_kind_and_the_job_takes_it_up(light_api: Api) -> None:
    client = light_api.client()
    with lease(light_api.database, lease_name("units"), "another-machine:1:alive", patience=0):
        found = handed_in(client, "units", UNITS)
        assert found["state"] == "waiting"
        assert has_table_waiting(light_api.database)
    assert working.work_off(light_api.database, example.DAY) == 1
    assert client.get(f"/imports/{found['id']}").json()["report"]["created"] == 1
    assert not has_table_waiting(light_api.database)
    assert set() == service.RUNNING


def test_a_look_that_began_before_the_check_ended_tells_no_interruption(light_api: Api) -> None:
    client, database = light_api.client(), light_api.database
    with lease(database, lease_name("units"), "another-machine:1:alive", patience=0):
        found = handed_in(client, "units", "code,name\n" + "".join(f"U{place},Unit\n" for place in range(5000)))
    work = Thread(target=working.work_off, args=(database, example.DAY))
    work.start()
    seen = ""
    while seen != "checking":
        with database.read() as session:
            upload = service.upload_of(session, found["id"])
            if (seen := upload.state) == "checking":
                work.join()
                assert service.shown(session, upload).state == "checking"
    assert client.get(f"/imports/{found['id']}").json()["state"] == "checked"


def test_what_goes_wrong_unforeseen_is_told_and_nothing_is_stored(
    light_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    client = light_api.client()
    monkeypatch.setattr(working, "import_table", broken)
    found = handed_in(client, "units", UNITS)
    assert (found["state"], found["why"]) == ("failed", "Something went wrong here, and nothing was stored.")
    assert client.get("/units").json()["items"] == []


def test_rows_act_in_the_name_of_who_stores_them(light_api: Api) -> None:
    found = handed_in(light_api.client(Role.OFFICER), "units", UNITS)
    assert "does not carry the right to administer" in found["report"]["faults"][0]["message"]
    body = {"kind": "units", "file": "units.csv", "content": "YQ=="}
    assert light_api.client(Role.VIEWER).post("/imports", json=body).status_code == 403


def test_a_table_is_checked_again_by_the_rights_of_who_asks(light_api: Api) -> None:
    """An officer of another unit who stored or checked it leaves it to whoever may; so does one who has gone."""
    admin = light_api.client()
    other = light_api.client(Role.EVALUATOR, name="eva")
    upload = handed_in(admin, "units", UNITS)["id"]

    def again(client: TestClient) -> Any:
        assert client.post(f"/imports/{upload}/check").status_code == 200
        return admin.get(f"/imports/{upload}").json()

    assert other.post(f"/imports/{upload}/store", json={}).status_code == 200
    for client, faults in ((other, 1), (admin, 0), (other, 1)):
        assert again(client)["report"]["fault_count"] == faults
    (user,) = (each for each in admin.get("/users").json()["items"] if each["name"] == "eva")
    gone = admin.delete(f"/users/{user['id']}", headers={"If-Match": admin.get(f"/users/{user['id']}").headers["ETag"]})
    assert gone.status_code < 300, gone.text
    assert again(admin)["report"]["fault_count"] == 0
    assert admin.post(f"/imports/{upload}/store", json={}).status_code == 200
    assert admin.get(f"/imports/{upload}").json()["state"] == "stored"
