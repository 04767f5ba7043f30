"""Results on record as results of the activity: one actual for each indicator and year, and nothing twice."""

import datetime as dt
from pathlib import Path
from typing import Any

from lxml import etree

from app.db.engine import Database
from app.db.results import Indicator, IndicatorPeriod, PeriodValue, Result
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.publishing.exporting.activities_file import export_activities
from app.results.items import put_framework
from app.results.records import ResultRecordIn, put_record
from app.results.schemas import FrameworkIn
from iati.schema import schema_for
from iati.validator import validate
from tests import portfolio as records
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio

ITEMS = (
    ("output", "1.1", "Law and practice"),
    ("indicator", "1.1.1", "Laws passed"),
    ("indicator", "1.1.2", "Inspectors trained"),
    ("indicator", "2.1.1", "Skills"),
)
RECORDS: list[dict[str, Any]] = [
    {"reference": "R-1", "indicator": "1.1.1", "year": 2022, "sentence": "A law was passed."},
    {"reference": "R-2", "indicator": "1.1.1", "year": 2022, "sentence": "Another law was passed."},
    {"reference": "R-3", "indicator": "1.1.1", "year": 2023, "sentence": "A third law was passed."},
    {"reference": "R-4", "indicator": "1.1.2", "year": 2022, "sentence": "Training was held.", "quantity": "250"},
    {"reference": "R-5", "indicator": "2.1.1", "year": 2022, "sentence": "Skills were certified."},
    # two records of one result, both of this project: shown once
    {"reference": "R-6", "indicator": "2.1.1", "year": 2022, "sentence": "Certified.", "same_as": "R-5"},
]


def published(database: Database, path: Path) -> list[tuple[str, ...]]:
    account = export_activities(database, path, as_of=TODAY)
    tree = etree.parse(str(path))
    assert account.written == 1
    assert schema_for("iati-activities").validate(tree)
    rows = []
    for period in tree.getroot().xpath("iati-activity/result/indicator/period"):
        paths = (
            "../../@type", "../../title/narrative/text()", "../@measure", "../title/narrative/text()",
            "period-start/@iso-date", "actual/@value", "actual/comment/narrative/text()",
        )  # fmt: skip
        rows.append(tuple("|".join(period.xpath(each)) for each in paths))
    return rows


def test_results_on_record_are_published_flat_valid_and_once(database: Database, tmp_path: Path) -> None:
    portfolio = Portfolio(database)
    use_codelists(records.known)
    with database.write("anna") as session:
        for level, code, title in ITEMS:
            body = {"framework": "2022-23", "level": level, "code": code, "title": title}
            body |= {"better": "lower"} if code == "2.1.1" else {}
            put_framework(session, LOCAL, FrameworkIn.model_validate(body))
        for row in RECORDS:
            body = {"framework": "2022-23", "country": "KE", "projects": [portfolio.project.code], **row}
            put_record(session, LOCAL, ResultRecordIn.model_validate(body))
    path = tmp_path / "own.xml"
    assert published(database, path) == [
        ("1", "Law and practice", "1", "Laws passed", "2022-01-01", "2", "A law was passed. Another law was passed."),
        ("1", "Law and practice", "1", "Laws passed", "2023-01-01", "1", "A third law was passed."),
        ("1", "Law and practice", "1", "Inspectors trained", "2022-01-01", "250", "Training was held."),
        ("9", "Skills", "1", "Skills", "2022-01-01", "1", "Skills were certified."),
    ]
    # of a ceiling less is better
    assert etree.parse(str(path)).xpath("//result/indicator/@ascending") == ["false"]
    report = validate(path, as_of=TODAY)
    assert [finding for finding in report.findings if finding.rule.startswith("8.")] == []

    # a change of a record is a change of what its project publishes
    with database.write("anna") as session:
        body = {**RECORDS[2], "framework": "2022-23", "country": "KE", "sentence": "The third law was passed."}
        put_record(session, LOCAL, ResultRecordIn.model_validate(body))
    assert published(database, path)[1][-1] == "The third law was passed."
    # what the logframe has, whether it was entered or came with a file, is told there and not again
    with database.write("anna") as session:
        logframe = Result(project_id=portfolio.project.id or 0, ordinal=0, type="1", title="Laws")
        session.add(logframe)
        session.flush()
        indicator = Indicator(result_id=logframe.id or 0, ordinal=0, measure="1", title="laws  passed")
        session.add(indicator)
    assert [row[3] for row in published(database, path)] == ["Inspectors trained", "Skills"]
    # a period of the logframe that states the target alone has what was reached in its years as its actual
    with database.write("anna") as session:
        for place, (first, last, actual) in enumerate(((2022, 2023, None), (2022, 2022, None), (2023, 2023, "4"))):
            period = IndicatorPeriod(
                indicator_id=indicator.id or 0, ordinal=place, starts_on=dt.date(first, 1, 1),
                ends_on=dt.date(last, 12, 31),
            )  # fmt: skip
            session.add(period)
            session.flush()
            session.add(PeriodValue(period_id=period.id or 0, kind="target", ordinal=0, value="5"))
            if actual:
                session.add(PeriodValue(period_id=period.id or 0, kind="actual", ordinal=0, value=actual))
    published(database, path)
    periods = etree.parse(str(path)).getroot().xpath("//indicator[title/narrative='laws  passed']/period")
    assert [tuple("".join(each.xpath(f"{kind}/@value")) for kind in ("target", "actual")) for each in periods] == [
        ("5", "3"), ("5", "2"), ("5", "4")
    ]  # fmt: skip
    assert export_activities(database, path, as_of=dt.date(2021, 6, 1)).written == 1
    assert etree.parse(str(path)).getroot().xpath("//actual/@value") == ["4"]
