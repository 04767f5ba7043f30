"""Results frameworks of any period and levels: targets below the whole, tags, and the crosswalk to the next one."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.crosswalk import Way, carry, ways_by_source
from app.domain.framework import OUTCOME, Item, branches, placed
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import import_table
from app.tabular.storing import TableReport
from tests import portfolio
from tests.api import Api

DAY = dt.date(2026, 11, 20)
HEADER = "framework,level,code,title,target,result_total,unit,measure,target_text,baseline_year,baseline_value"
ITEMS = f"""{HEADER},africa,americas
2024-25,outcome,1,Dialogue,,,,,,,,,
2024-25,output,1.1,Bodies,,,,,,,,,
2024-25,indicator,1.1.1,Bodies made,10,12,results,,,2023,0,7,5
2024-25,indicator,1.1.2,Quality of dialogue,,,,qualitative,Trusted by all,2023,Low,,
2024-25,indicator,1.2.1,Laws,4,3,,,,,,1,2
2024-25,outcome,2,Skills,,,,,,,,,
PLAN,objective,A,Better dialogue,,,,,,,,,
PLAN,objective,B,Better skills,,,,,,,,,
PLAN,indicator,A.1,Bodies at work,8,2,results,,,,,2,
"""
TARGETS = """framework,code,period,region,target
2024-25,1.1.1,2024,,6
2024-25,1.1.1,2024-25,africa,5
"""
CROSSWALK = """from_framework,from_code,to_framework,to_code
2024-25,1,PLAN,A
2024-25,1.1.1,PLAN,A.1
2024-25,2,PLAN,
2024-25,1.2.1,PLAN,A
2024-25,1.2.1,PLAN,B
"""
TAGS = """framework,code,project,country_programme,fiscal_year,source
2024-25,1.1.1,P,,,
2024-25,1.1,,KEN,,
2024-25,1.2.1,Q,,,
2024-25,1.1,Q,,2025-07-01..2026-06-30,RB
2024-25,1,OLD,,,
"""


def load(database: Database, folder: Path, name: str, content: str) -> TableReport:
    path = folder / f"{name}.csv"
    path.write_text(content, encoding="utf-8")
    return import_table(database, LOCAL, kind(name), path, today=DAY)


def test_a_portfolio_goes_from_one_framework_to_the_next(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    client = Api(settings, database).client()
    with database.write("anna") as session:
        portfolio.set_up(session)
        for code, end, outcome in (("P", "2027-12-31", "1"), ("Q", "2027-12-31", None), ("R", None, "2"),
                                   ("OLD", "2025-06-30", None)):  # fmt: skip
            portfolio.project(session, code, planned_end=end, outcome=outcome)
    plan = {"code": "PLAN", "title": "Plan", "starts_on": "2026-01-01", "ends_on": "2029-12-31"}
    levels = client.post("/results-frameworks", json=plan | {"levels": ["indicator", "objective"]})
    assert [fault["pointer"] for fault in levels.json()["errors"]] == ["/levels"]
    assert client.post("/results-frameworks", json=plan | {"levels": ["objective", "indicator"]}).status_code == 201
    assert client.post("/country-programmes", json={"code": "KEN", "title": "K", "country": "KE"}).status_code == 201

    items = load(database, tmp_path, "results-framework", ITEMS)
    assert (items.faults, items.created) == ([], 9)
    assert [(each.row, each.rule) for each in items.findings] == [
        (6, "framework.no-baseline"), (6, "framework.no-unit"), (10, "framework.no-baseline"),
    ]  # fmt: skip
    wrong = load(database, tmp_path, "results-framework", ITEMS.splitlines()[0] + "\n"
                 "PLAN,outcome,C,No level of the plan,,,,,,,,,\n"
                 "2024-25,indicator,1.3,In words,5,,,qualitative,,,,,\n"
                 "2024-25,indicator,1.4,On time,100,,,,,,,,\n2024-25,indicator,1.4,Printed,15,,,,,,,,\n"
                 "2024-25,indicator,1.5,Opinion,unmodified,,,,,,,,\n2042-X,outcome,1,Mistyped,,,,,,,,,\n")  # fmt: skip
    assert [(each.row, each.rule) for each in wrong.faults] == [
        (2, "framework.level"), (3, "framework.qualitative"), (5, "table.repeated-key"), (6, "value-error"),
    ]  # fmt: skip
    assert "words goes into target_text" in wrong.faults.pop().message
    assert [each.rule for each in wrong.findings if each.row == 7] == ["framework.no-time"]
    assert wrong.faults[-1].message.endswith("Where both count, give this one a code of its own, such as 1.4-5.")
    for name, content in (("framework-targets", TARGETS), ("framework-crosswalk", CROSSWALK), ("framework-tags", TAGS)):
        stored = load(database, tmp_path, name, content)
        assert (stored.faults, stored.created) == ([], content.count("\n") - 1), name
        assert load(database, tmp_path, name, content).unchanged == stored.created, name
    whole = load(database, tmp_path, "framework-targets", "framework,code,period,target\n2024-25,1.1.1,2024-25,9\n")
    assert [each.rule for each in whole.faults] == ["framework.whole-target"]

    with database.read() as session:
        told = run(session, "results", period="2024-25", as_of=DAY, by=("indicator",))
        first = run(session, "results", period="2024", as_of=DAY, by=("indicator",))
        two = run(session, "results", period="2025..2026", as_of=DAY, by=("outcome",))
    rows = {str(row["indicator"]): row for row in told.rows}
    assert (rows["1.1.1"]["target"], rows["1.1.1"]["target_africa"], rows["1.1.1"]["baseline"]) == ("10", "5", "0")
    assert (first.rows[0]["target"], rows["1.1.2"]["target"]) == ("6", None)
    assert (told.totals["without_baseline"], told.totals["without_baseline_share"]) == (1, "33.33")
    assert "Indicators whose target does not say what it counts: 1.2.1." in told.remarks
    assert [(row["framework"], row["level"], row["outcome"], row["result"]) for row in two.rows] == [
        ("2024-25", "outcome", "1", None), ("2024-25", "outcome", "2", None),
        ("PLAN", "objective", "A", "2"), ("PLAN", "objective", "B", None),
    ]  # fmt: skip
    # what was achieved before stands where the crosswalk leads, and what it does not decide is told
    with database.read() as session:
        asked = {"compare": "2024-25"}
        compared = run(session, "results", period="2026", as_of=DAY, by=("outcome",), options=asked)
        within = run(session, "results", period="2025", as_of=DAY, by=("indicator",), options=asked)
        both = run(session, "results", period="2025..2026", as_of=DAY, by=("indicator",), options=asked)
    assert [(row["outcome"], row["result"], row["before"], row["change"]) for row in compared.rows] == [
        ("A", "2", "12", "-83.33"), ("B", None, None, None),
    ]  # fmt: skip
    assert compared.remarks[-1] == (
        "Result 1.2.1 of 2024-25 is not in the column before: 1.2.1 became A, B: choose one for it."
    )
    assert [(row["indicator"], row["before"]) for row in within.rows] == [
        ("1.1.1", "12"), ("1.1.2", None), ("1.2.1", "3"),
    ]  # fmt: skip
    # a framework that is shown itself is not carried to another one as well
    assert [(row["indicator"], row["before"]) for row in both.rows] == [
        ("1.1.1", "12"), ("1.1.2", None), ("1.2.1", "3"), ("A.1", None),
    ]  # fmt: skip
    assert not any("crosswalk" in remark or "not in the column" in remark for remark in both.remarks)

    body = {"from_framework": "2024-25", "to_framework": "PLAN"}
    tried = client.post("/results-frameworks/carry", json=body | {"dry_run": True}).json()
    done = client.post("/results-frameworks/carry", json=body).json()
    assert tried == done
    assert [(tag["record"], tag["from_code"], tag["to_code"]) for tag in done["carried"]] == [
        ("KEN", "1.1", "A"), ("Q, allocation of 2025-07-01 to 2026-06-30 RB", "1.1", "A"), ("P", "1.1.1", "A.1"),
    ]  # fmt: skip
    assert [(tag["record"], tag["reason"]) for tag in done["not_carried"]] == [
        ("Q", "1.2.1 became A, B: choose one for it."), ("R", "2 was given up: nothing follows it."),
    ]  # fmt: skip
    assert (done["over"], done["standing"]) == (1, 0)
    again = client.post("/results-frameworks/carry", json=body).json()
    assert (again["carried"], again["standing"], len(again["not_carried"])) == ([], 3, 2)
    tagged = client.get("/framework-tags", params={"framework": "PLAN", "project": "P"}).json()["items"]
    assert [tag["code"] for tag in tagged] == ["A.1"]

    closed = client.post("/results-frameworks", json=plan | {"closed_on": "2026-11-01"})
    assert closed.json()["without_baseline"] == 1
    late = {"framework": "PLAN", "level": "indicator", "code": "A.2", "title": "Late"}
    refused = client.post("/framework-items", json=late)
    assert [fault["rule"] for fault in refused.json()["errors"]] == ["framework.closed"]


def test_a_code_above_leads_the_way_where_none_leads_from_the_code_itself() -> None:
    ways = ways_by_source([Way(source="1", to="A"), Way(source="1.2", to=None)])
    assert [carry(code, ways).to for code in ("1", "1.1.1", "1.2.3", "3")] == ["A", "A", None, None]
    assert carry("3", ways).reason == "No way leads from 3: add one to the crosswalk."


@pytest.mark.parametrize(
    ("levels", "stand"),
    [
        ("outcome output indicator", "outcome output indicator"),
        ("objective indicator", "outcome indicator"),
        ("goal objective indicator", "outcome output indicator"),
        ("impact outcome output indicator", "outcome output indicator"),
        ("indicator", "indicator"),
    ],
)
def test_levels_of_any_framework_stand_for_the_three_of_the_report(levels: str, stand: str) -> None:
    items = [
        Item(framework="F", level=level, code=level, title="", target=None, result=None) for level in levels.split()
    ]
    assert " ".join(item.level for item in placed(items)) == stand


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        # an objective of one count and one share is the count, and shares of different wholes make no sum
        ([("4", "results", None), ("50", "percent", None)], "4"),
        ([("4", "results", None), ("50", None, "percentage"), ("30", "%", None)], "4"),
        ([("50", "percent", None), ("60", "percent", None)], None),
        ([("50", "percent", None)], "50"),
        ([("4", "results", None), ("7", "laws", None)], None),
    ],
)
def test_an_objective_is_the_sum_of_what_can_be_summed(
    parts: list[tuple[str, str | None, str | None]], total: str | None
) -> None:
    items = [Item(framework="F", level="objective", code="S1", title="Work", target=None, result=None)]
    items += [
        Item(framework="F", level="indicator", code=f"S1.{place}", title="", target=Decimal(target), result=None,
             unit=unit, measure=measure)
        for place, (target, unit, measure) in enumerate(parts)
    ]  # fmt: skip
    (objective,) = branches(placed(items), OUTCOME)
    assert objective.item.target == (None if total is None else Decimal(total))
