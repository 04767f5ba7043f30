"""Country programmes: by table, over HTTP, and the share that goes with the UN cooperation framework."""

import datetime as dt
from pathlib import Path

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api

DAY = dt.date(2026, 11, 20)
TABLE = """code,title,country,starts_on,ends_on,priorities,cooperation_framework,alignment,steering_body
KEN-22,Kenya 2022-27,KE,2022-01-01,2027-12-31,Rights at work|Jobs,UNSDCF 2022–2026,aligned,Tripartite committee
NPL-23,Nepal 2023-27,NP,2023-01-01,2027-12-31,,,partly,
PER-24,Peru,PE,2024-01-01,,,,,
ZMB-15,Zambia 2015-18,ZM,2015-01-01,2018-12-31,,UNDAF,not-aligned,
"""


def test_projects_belong_to_country_programmes_and_the_report_tells_how_many_are_aligned(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    client = Api(settings, database).client()
    with database.write("anna") as session:
        portfolio.set_up(session)
        for code in ("P", "Q"):
            portfolio.project(session, code).country_programme = "KEN-22"
    path = tmp_path / "programmes.csv"
    path.write_text(TABLE, encoding="utf-8")
    stored = import_table(database, LOCAL, kind("country-programmes"), path, today=DAY)
    assert (stored.faults, stored.created) == ([], 4)
    assert [(each.row, each.rule) for each in stored.findings] == [(3, "programme.framework-unnamed")]
    assert import_table(database, LOCAL, kind("country-programmes"), path, today=DAY).unchanged == 4

    (kenya,) = client.get("/country-programmes", params={"country": "KE"}).json()["items"]
    assert (kenya["priorities"], kenya["projects"], kenya["alignment"]) == (["Rights at work", "Jobs"], 2, "aligned")
    assert client.get("/projects", params={"country_programme": "KEN-22"}).json()["items"][1]["code"] == "Q"
    wrong = {"code": "X", "title": "X", "country": "XX", "starts_on": "2024-01-01", "ends_on": "2023-01-01"}
    refused = client.post("/country-programmes", json=wrong)
    assert {fault["pointer"] for fault in refused.json()["errors"]} == {"/country", "/ends_on"}

    with database.read() as session:
        told = run(session, "country-programmes", period="2025", as_of=DAY, by=("region",))
    figures = {row["region"]: (row["programmes"], row["aligned"], row["aligned_share"]) for row in told.rows}
    assert figures == {"africa": (1, 1, "100.00"), "americas": (1, 0, "0.00"), "asia_pacific": (1, 0, "0.00")}
    assert told.totals == {
        "programmes": 3, "aligned": 1, "partly": 1, "not_aligned": 0, "unknown": 1, "projects": 2,
        "aligned_share": "33.33",
    }  # fmt: skip
    assert told.remarks == ("NPL-23: It is said to be aligned, and not with which cooperation framework: name it.",)
