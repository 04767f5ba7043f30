"""What of a record stands in no file: it is left out and told, or holds its activity back, and never the file."""

import datetime as dt
from typing import Any

import pytest

from app.db.engine import Database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.projects import Contact, Document, Project
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.domain.terms import EvaluationStatus
from iati.validator import validate
from tests.publishing.conftest import TODAY
from tests.publishing.own import PUBLISHER, Portfolio


def add_evaluation(portfolio: Portfolio, **values: Any) -> None:
    """A published evaluation of the portfolio's project."""
    given = {
        "reference": "EV/1", "kind": "final", "independence": "independent", "status": EvaluationStatus.DISCLOSED,
        "completed_on": dt.date(2022, 1, 1), "published": True,
    } | values  # fmt: skip
    evaluation = portfolio.add(Evaluation(**given))
    portfolio.add(EvaluationProject(evaluation_id=evaluation.id, project_id=portfolio.project.id or 0))


@pytest.mark.parametrize(
    "address", ["https://[tbd]", "https://[e.org/r.pdf", "https://e.org/a[1].pdf", "https://e.org:x/"]
)
@pytest.mark.parametrize("column", ["report_url", "response_url"])
def test_stored_address_that_is_none_holds_one_activity_back_and_never_the_file(
    portfolio: Portfolio, database: Database, publish: Any, address: str, column: str
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    add_evaluation(portfolio, **{column: address})
    published = publish()
    assert published.all("iati-identifier/text()") == [f"{PUBLISHER}-GOOD"]
    (held,) = published.account.held_back
    assert held.project == "GLO/21/01/NLD"
    assert held.reason.startswith(f"The evaluation EV/1 has the address “{address}”: write a web address such as")


def test_stored_addresses_of_documents_and_contacts_are_looked_at_too(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    project_id = portfolio.project.id or 0
    given = {"url": "https://[tbd]", "format": "application/pdf", "title": "Plan", "category": "A02"}
    portfolio.add(Document(project_id=project_id, ordinal=0, **given))
    portfolio.add(Contact(project_id=project_id, ordinal=0, website="https://[tbd]", released=True))
    published = publish()
    assert published.account.written == 1
    assert [each.reason.split(" has ")[0] for each in published.account.held_back] == [
        "The contact 1",
        "The document “Plan”",
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://agency.example/final.pdf?version=2#page=3", "application/pdf"),
        ("https://agency.example/final", "text/html"),
        ("https://agency.example/final.xyz~1", "text/html"),
        ("https://agency.example", "text/html"),
    ],
)
def test_media_type_of_a_report_is_told_by_its_ending(
    portfolio: Portfolio, publish: Any, address: str, expected: str
) -> None:
    add_evaluation(portfolio, report_url=address)
    assert publish().all("document-link/@format") == [expected]


def test_record_that_breaks_the_schema_is_held_back_with_what_to_do(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    portfolio.change(Project, portfolio.project.id, language="not a language")
    published = publish()
    assert published.account.written == 1
    (held,) = published.account.held_back
    assert held.project == "GLO/21/01/NLD"
    assert held.reason.startswith("Write a language such as en or pt-BR for xml:lang of <iati-activity>")


def add_indicator(
    portfolio: Portfolio, measure: str, *, baseline: str | None = None, target: str | None = None
) -> Indicator:
    """A result with one indicator, as it was stored before its values were checked."""
    result = portfolio.add(Result(project_id=portfolio.project.id or 0, ordinal=0, type="1", title="Skills"))
    indicator: Indicator = portfolio.add(Indicator(result_id=result.id, ordinal=0, measure=measure, title="Trained"))
    portfolio.add(Baseline(indicator_id=indicator.id or 0, ordinal=0, year=2020, value=baseline))
    period = portfolio.add(
        IndicatorPeriod(
            indicator_id=indicator.id or 0, ordinal=0, starts_on=dt.date(2021, 1, 1), ends_on=dt.date(2021, 12, 31)
        )
    )
    portfolio.add(PeriodValue(period_id=period.id, kind="target", ordinal=0, value=target))
    return indicator


def test_words_of_a_qualitative_indicator_are_published_as_comments(portfolio: Portfolio, publish: Any) -> None:
    add_indicator(portfolio, "5", baseline="Low", target="High")
    published = publish()
    assert published.all("result//@value") == []
    assert published.all("result//comment/narrative/text()") == ["Low", "High"]
    report = validate(published.path, as_of=TODAY)
    assert [each.rule for each in report.findings if each.rule.startswith("8.")] == []


@pytest.mark.parametrize(
    ("baseline", "target", "said"),
    [
        ("0", "1,000", "The target of 2021-01-01 to 2021-12-31 of the indicator “Trained” cannot be published."),
        ("0", "50%", "Write the number alone, 50"),
        ("0", "many", "“many” is not a number"),
        (None, "5", "The baseline of 2020 of the indicator “Trained” has no value"),
    ],
)
def test_stored_value_that_is_no_number_holds_its_activity_back(
    portfolio: Portfolio, database: Database, publish: Any, baseline: str | None, target: str, said: str
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    add_indicator(portfolio, "1", baseline=baseline, target=target)
    published = publish()
    assert published.account.written == 1
    assert [said in each.reason for each in published.account.held_back] == [True]


def test_result_without_an_indicator_is_left_out_and_told(portfolio: Portfolio, publish: Any) -> None:
    portfolio.add(Result(project_id=portfolio.project.id or 0, ordinal=0, type="1", title="Skills"))
    published = publish()
    assert published.all("result") == []
    assert [each.message for each in published.account.findings] == [
        "The result “Skills” is left out: add an indicator, which it must have."
    ]
