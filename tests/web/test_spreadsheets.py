"""The page of spreadsheets: tables out and in, in the own way of writing of whoever hands them in."""

import base64
import html
import io
import re
import socket

import pytest
from openpyxl import load_workbook

from app.db.uploads import TableUpload
from app.domain.terms import Role
from app.tabular.registry import KINDS
from app.tabular.uploads.service import settings_of
from app.web.views import sheets
from tests.api import Api, TestClient
from tests.serving import served
from tests.web import example
from tests.web.people import signed_in


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main")[0]).split())


def hand_in(client: TestClient, content: bytes, file: str, **fields: str) -> str:
    """Sends the form; gives the address of what came of it."""
    answer = client.post("/spreadsheets", data=fields, files={"file": (file, content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_filled_table_is_changed_in_spanish_ways_handed_in_seen_and_stored(light_api: Api) -> None:
    example.fill(light_api)
    maria = signed_in(light_api, Role.OFFICER, name="maria", language="es")
    book = load_workbook(io.BytesIO(maria.get("/spreadsheets/filled?kind=projects").content))
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, column["total_budget"]).value = "1.600.000,50"
    sheet.cell(2, column["planned_end"]).value = "31/01/2027"
    changed = io.BytesIO()
    book.save(changed)
    address = hand_in(maria, changed.getvalue(), "projects.xlsx", kind="projects", written="mine", _once="1")
    assert hand_in(maria, changed.getvalue(), "projects.xlsx", kind="projects", written="mine", _once="1") == address
    seen = text_of(maria.get(address).text)
    assert "1.600.000,50 1.600.000,50" in seen
    assert "31/01/2027 31 ene 2027" in seen
    assert maria.post(f"{address}/store").headers["location"] == address
    assert "La tabla está guardada." in text_of(maria.get(address).text)
    assert "31 ene 2027" in text_of(maria.get("/projects/1").text)
    assert "projects.xlsx" in maria.get("/spreadsheets/imports").text


@pytest.mark.parametrize(
    ("language", "typed", "option", "read"),
    [("fr", "1,234", "comma", "1.2340"), ("es", "1,234", "point", "1234"), ("en", "1.234", "point", "1.2340")],
)
def test_a_number_that_may_mean_two_is_asked_back_in_the_way_of_the_language_until_a_sign_is_certain(
    light_api: Api, language: str, typed: str, option: str, read: str
) -> None:
    example.fill(light_api)
    ann = signed_in(light_api, Role.OFFICER, name="ann", language=language)
    rows = f'code,title,status,total_budget,currency\nRAF/1,Wells,implementation,"{typed}",TND\n'.encode()
    page = ann.get(hand_in(ann, rows, "p.csv", kind="projects", written="mine")).text
    assert f"“{typed}”" in page or f"« {typed} »" in page or f"«{typed}»" in page or f"«\u00a0{typed}\u00a0»" in page
    assert "1.234" in text_of(page)
    assert re.search(r"(?<!\d)1234(?!\d)", text_of(page))
    assert re.search(r'value="mine" checked', page)
    again = hand_in(ann, rows, "p.csv", kind="projects", written=option)
    assert ann.post(f"{again}/store").status_code == 303
    assert light_api.client().get("/projects?code=RAF/1").json()["items"][0]["total_budget"] == read


def test_what_a_file_says_of_itself_goes_before_what_is_presumed_of_a_language(light_api: Api) -> None:
    example.fill(light_api)
    ann = signed_in(light_api, Role.OFFICER, name="ann", language="fr")
    rows = b"decimal=.\ngrouping=comma\ncode;title;status;total_budget\nRAF/1;Wells;implementation;1,234\n"
    address = hand_in(ann, rows, "p.csv", kind="projects", written="mine")
    assert ann.post(f"{address}/store").status_code == 303


@pytest.mark.parametrize(
    ("said", "again", "sample"),
    [
        ({"decimal": ",", "grouping": "'"}, "decimal=, grouping='", "1'234,56 · 2026-03-31"),
        ({"decimal": ".", "grouping": "space"}, "decimal=. grouping=space", "1 234.56 · 2026-03-31"),
        ({"decimal": ","}, "decimal=,", "1234,56 · 2026-03-31"),
        ({"decimal": ",", "grouping": ".", "dates": "mdy"}, "decimal=, grouping=. dates=mdy", "1.234,56 · 03/31/2026"),
        ({"dates": "mdy"}, "dates=mdy", "1234.56 · 03/31/2026"),
        ({"decimal": ",", "grouping": ".", "dates": "dmy"}, "comma", ""),
        ({"decimal": ".", "grouping": ",", "dates": "dmy"}, "point", ""),
        ({"dates": "iso"}, "plain", ""),
        ({}, "plain", ""),
    ],
)
def test_a_file_is_handed_in_again_in_the_way_that_a_program_said_of_it(
    light_api: Api, said: dict[str, str], again: str, sample: str
) -> None:
    example.fill(light_api)
    ann = signed_in(light_api, Role.OFFICER, name="ann")
    content = base64.b64encode(b"code;title;status\nRAF/1;;pipeline\n").decode()
    body = {"kind": "projects", "file": "p.csv", "content": content, **said}
    asked = light_api.client().post("/imports", json=body)
    assert asked.status_code == 201, asked.text
    page = ann.get(f"/spreadsheets/imports/{asked.json()['id']}").text
    chosen = [html.unescape(value) for value in re.findall(r'name="written" value="([^"]*)" checked', page)]
    assert chosen == [again]
    assert ("As it was said of this file" in page) == bool(sample)
    assert sample in html.unescape(text_of(page)).replace("\u00a0", " ")
    once = hand_in(ann, b"code;title;status\nRAF/1;;pipeline\n", "p.csv", kind="projects", written=chosen[0])
    with light_api.database.read() as session:
        first, second = (
            settings_of(session.get_one(TableUpload, int(number)))
            for number in (asked.json()["id"], once.rpartition("/")[2])
        )
    assert first.notation == second.notation


def test_faults_stand_at_row_and_column_and_the_marked_workbook_can_be_handed_in_again(light_api: Api) -> None:
    example.fill(light_api)
    ann = signed_in(light_api, Role.OFFICER, name="ann2")
    rows = "code,title,status,total_budget\nRAF/1,Wells,implementation,1.000\nRAF/2,,pipeline,5\n"
    address = hand_in(ann, rows.encode(), "<b>.csv", kind="projects", written="plain")
    page = ann.get(address)
    assert "There are 2 faults" in page.text
    assert "--decimal" not in page.text
    assert "<b>.csv" not in page.text
    told = text_of(page.text)
    assert "2 total_budget 1.000" in told
    assert ann.post(f"{address}/store").status_code == 409
    marked = ann.get(f"{address}/marked")
    assert marked.content[:2] == b"PK"
    again = hand_in(ann, marked.content, "marked.xlsx", kind="projects", written="plain")
    assert "There are 2 faults" in ann.get(again).text


def test_a_form_that_cannot_be_taken_says_why_at_its_fields(light_api: Api) -> None:
    ann = signed_in(light_api, Role.OFFICER)
    for fields, files, told in (
        ({"kind": "projects"}, {}, "Choose the file to hand in."),
        ({"kind": "projects"}, {"file": ("empty.csv", b"")}, "The file is empty: choose another."),
        ({"kind": "wishes"}, {"file": ("a.csv", b"a")}, "There is no kind"),
        ({"kind": "projects", "header_row": "many"}, {"file": ("a.csv", b"a")}, "Write the number of the row"),
    ):
        answer = ann.post("/spreadsheets", data=fields, files=files)
        assert answer.status_code == 422
        assert told in answer.text
    said = {"Content-Length": str(200 * 1024**2), "Content-Type": "multipart/form-data; boundary=x"}
    large = ann.post("/spreadsheets", content=b"", headers=said)
    assert large.status_code == 413
    assert "more than 50 MB" in large.text
    viewer = signed_in(light_api, Role.VIEWER)
    assert "Hand a table in" not in viewer.get("/spreadsheets").text
    assert viewer.post("/spreadsheets", data={"kind": "units"}, files={"file": ("a.csv", b"a")}).status_code == 403


def test_an_upload_that_is_announced_as_too_large_is_refused_before_any_of_it_is_sent(light_api: Api) -> None:
    with served(light_api.app) as site:
        host, _, port = site.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=600) as line:
            head = (
                f"POST /spreadsheets HTTP/1.1\r\nHost: {host}\r\nOrigin: {site}\r\nSec-Fetch-Site: same-origin\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n"
                f"Cookie: earmark={signed_in(light_api, Role.OFFICER).cookies['earmark']}\r\n"
                f"Content-Length: {200 * 1024**2}\r\n\r\n"
            )
            line.sendall(head.encode())
            # nothing of the file is sent: a service that waits for it does not answer
            assert line.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_every_kind_of_table_has_its_place() -> None:
    assert {line.name for _, lines in sheets.groups() for line in lines} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"code,name\nA,\xe9\n", "Le fichier n’est pas en UTF-8."),
        (b"code,name\nA\x00,b\n", "Le fichier n’est pas un tableau de texte."),
        (b"code,name,category\nA," + b"b" * 200_000 + b",ifi", "Une cellule contient plus de 100 000 caractères"),
        (b'code,name,category\nA,ifi,"b', "n’est jamais fermé"),
        (b"code,name\nA,b\n", "La colonne category est nécessaire."),
        (b"code,code,name,category\nA,A,b,ifi\n", "La colonne code figure deux fois."),
        (b"code,name,category,hue\nA,b,ifi,red\n", "Il n’y a pas ici de colonne hue."),
    ],
)
def test_why_a_file_cannot_be_read_is_said_in_the_language(light_api: Api, content: bytes, told: str) -> None:
    example.fill(light_api)
    officer = signed_in(light_api, Role.OFFICER, name="fatou", language="fr")
    page = officer.get(hand_in(officer, content, "a.csv", kind="partners")).text
    assert told in text_of(page), text_of(page)[:400]
