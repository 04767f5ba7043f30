"""Flat tables for analysts: what the package says of its files holds, whoever reads them and whatever they are in."""

import csv
import datetime as dt
import hashlib
import io
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from sqlalchemy import func, select

from app.db.base import table
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.evaluations.policies.service import put_policy
from app.founding import start_texts
from app.tabular.flat import writing
from app.tabular.flat.registry import FLAT_TABLES, flat_table, outlook
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.api import Api
from tests.cli import office
from tests.queries import count_queries
from tests.tabular.conftest import Example

TODAY = dt.date(2026, 11, 20)

#: how a cell of each type of the Frictionless table schema is read; ``ValueError`` where it is none
READ: Mapping[str, Callable[[str], object]] = {
    "string": str,
    "number": Decimal,
    "integer": int,
    "date": dt.date.fromisoformat,
    "datetime": lambda text: dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z"),
    "boolean": {"true": True, "false": False}.__getitem__,
}


def checked(package: Mapping[str, Any], content: Callable[[str], bytes]) -> dict[str, list[dict[str, Any]]]:
    """The rows of a package, after all that the rules of Frictionless say about a tabular data package."""
    assert package["profile"] == "tabular-data-package"
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in package["resources"]:
        name, body, schema = resource["name"], content(resource["path"]), resource["schema"]
        assert resource["encoding"] == "utf-8"
        assert not body.startswith(b"\xef\xbb\xbf")
        if "hash" in resource:
            assert (resource["bytes"], resource["hash"]) == (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}")
        header, *lines = csv.reader(io.StringIO(body.decode(), newline=""))
        fields = schema["fields"]
        assert header == [field["name"] for field in fields], name
        rows = []
        for line in lines:
            row: dict[str, Any] = {}
            for field, text in zip(fields, line, strict=True):
                limits = field.get("constraints", {})
                row[field["name"]] = None if text in schema["missingValues"] else READ[field["type"]](text)
                assert text or not limits.get("required"), (name, field["name"], line)
                assert not text or text in limits.get("enum", [text]), (name, field["name"], text)
            rows.append(row)
        keys = [tuple(row[each] for each in schema["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys), name
        assert all(None not in each for each in keys), name
        assert all(field["description"].endswith(".") for field in fields), name
        found[name] = rows
    for resource in package["resources"]:
        for each in resource["schema"].get("foreignKeys", []):
            target = found[each["reference"]["resource"] or resource["name"]]
            there = {tuple(row[name] for name in each["reference"]["fields"]) for row in target}
            for row in found[resource["name"]]:
                named = tuple(row[name] for name in each["fields"])
                assert None in named or named in there, (resource["name"], each, named)
    return found


def test_the_package_of_the_example_portfolio_holds_what_it_says(example: Example, tmp_path: Path) -> None:
    with example.database.read() as session:
        looked = outlook(session, as_of=None, today=TODAY)
        writing.write_csv(session, FLAT_TABLES, looked, tmp_path / "csv", lambda _: None)
        writing.write_sqlite(session, FLAT_TABLES, looked, tmp_path / "one.sqlite", lambda _: None)
        writing.write_parquet(session, FLAT_TABLES, looked, tmp_path / "parquet", lambda _: None)
        projects = session.scalar(select(func.count()).select_from(table(Project)))
        posted = session.scalar(select(func.sum(table(LedgerEntry).c.amount)))
        for name in ("activity", "transaction", "result_period", "agreement"):
            for as_of in (None, dt.date(2021, 6, 30)):
                past = outlook(session, as_of=as_of, today=TODAY)
                with count_queries(example.database) as statements:
                    list(flat_table(name).rows(session, past))
                assert len(statements) <= 4, name
    found = checked(
        json.loads((tmp_path / "csv/datapackage.json").read_text()), lambda path: (tmp_path / "csv" / path).read_bytes()
    )
    assert len(found["activity"]) == projects
    assert sum(row["amount"] for row in found["transaction"]) == posted
    assert {name for name, rows in found.items() if rows} >= {"country", "sector", "allocation", "evaluation", "rate"}
    # one truth in three forms
    with closing(sqlite3.connect(tmp_path / "one.sqlite")) as file:
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        amounts = [Decimal(amount) for (amount,) in file.execute('SELECT amount FROM "transaction"')]
        assert sum(amounts) == posted
        for name, rows in found.items():
            assert file.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (len(rows),)
    read = pyarrow.parquet.read_table(tmp_path / "parquet/transaction.parquet")
    assert sum(read["amount"].to_pylist()) == posted
    assert read["date"].to_pylist() == [row["date"] for row in found["transaction"]]


@pytest.fixture
def world(light_api: Api, tmp_path: Path) -> Api:
    """The small office whose figures can be told by heart, with a title that looks like a formula."""
    with light_api.database.write(LOCAL.name) as session:
        for text in start_texts():
            put_policy(session, LOCAL, text, today=None)
    for name, content in {
        **office.TABLES,
        "revisions": "project,field,decided_on,value,reason\nGLO/24/01/NLD,planned_end,2026-06-01,2027-06-30,Floods\n",
        "rates": "currency,effective_on,rate\nEUR,2026-01-01,0.8\n",
        "encumbrances": "document,project,date,amount,currency\nE-1,RAF/24/02/NLD,2026-02-01,80,EUR\n",
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(content.replace(",Skills,", ",=HYPERLINK(1),"))
        assert import_table(light_api.database, LOCAL, kind(name), path, today=TODAY).faults == []
    return light_api


def rows_of(content: str) -> Sequence[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_tools_read_the_tables_from_an_address(world: Api) -> None:
    client = world.client(Role.VIEWER)
    listed = {item["name"]: item["path"] for item in client.get("/tables").json()["flat"]}
    package = client.get("/tables/datapackage.json").json()
    found = checked(package, lambda path: client.get(f"/tables/{path}").content)
    assert set(found) == set(listed) == {each.name for each in FLAT_TABLES}
    assert ("GLO/24/01/NLD", "final") in {(row["activity"], row["kind"]) for row in found["obligation"]}
    first = client.get("/tables/activity.csv")
    assert first.headers["content-type"].startswith("text/csv")
    assert {row["title"] for row in rows_of(first.text)} == {"Decent work", "'=HYPERLINK(1)"}
    again = client.get("/tables/activity.csv", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/tables/activity.csv?excel=true").content.startswith(b"\xef\xbb\xbf")
    assert client.get("/tables/activities.csv").status_code == 404
    assert "activity" in client.get("/tables/activities.csv").json()["detail"]
    assert world.stranger().get("/api/v1/tables/activity.csv").status_code == 401
    # tables that go in again stay where they are
    assert client.get("/tables/units").status_code == 200


def test_a_day_to_look_from_gives_what_was_known_then(world: Api) -> None:
    client = world.client(Role.VIEWER)

    def ends(query: str) -> Mapping[str, str]:
        return {row["activity"]: row["planned_end"] for row in rows_of(client.get(f"/tables/activity.csv{query}").text)}

    assert ends("")["GLO/24/01/NLD"] == "2027-06-30"
    assert ends("?as_of=2026-05-31")["GLO/24/01/NLD"] == "2026-12-31"
    for as_of, spent in (("2025-02-28", []), ("2025-03-01", ["250.5"])):
        rows = rows_of(client.get(f"/tables/transaction.csv?as_of={as_of}").text)
        assert [row["amount"] for row in rows if row["expenditure"] == "true"] == spent
    converted = rows_of(client.get("/tables/encumbrance.csv").text)[0]
    assert (converted["reporting_amount"], converted["usd_rate"]) == ("100.0000", "0.8")
    assert client.get("/tables/activity.csv?as_of=yesterday").status_code == 422
