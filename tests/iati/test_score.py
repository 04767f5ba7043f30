"""The transparency score: every threshold at its boundary, every exclusion, and how points add up."""

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.score import INDICATORS, Component, IndicatorResult, Score, TestResult, describe, score
from iati.score import Tester as RecordTester
from iati.score.facts import at_least_months_ahead, less_than_months_ago
from iati.unreadable import UnreadableError
from tests.reference import needs_reference, reference

DAY = date(2026, 11, 20)
#: Current on that day and nothing else.
CURRENT = '<activity-status code="2"/>'


def activities(*contents: str) -> bytes:
    records = "".join(
        f"<iati-activity><iati-identifier>XM-EX-1-{index}</iati-identifier>"
        f'<reporting-org ref="XM-EX-1" type="40"/>{content}</iati-activity>'
        for index, content in enumerate(contents, 1)
    )
    return f'<iati-activities version="2.03">{records}</iati-activities>'.encode()


def organisation(content: str) -> bytes:
    return f"""<iati-organisations version="2.03"><iati-organisation>
      <organisation-identifier>XM-EX-1</organisation-identifier>{content}</iati-organisation>
      </iati-organisations>""".encode()


def of(*sources: bytes) -> Score:
    return score(sources, as_of=DAY)


def indicator(result: Score, key: str) -> IndicatorResult:
    return next(each for each in result.indicators if each.id == key)


def named(result: Score, name: str) -> TestResult:
    return next(test for each in result.indicators for test in each.tests if test.name == name)


def outcome(content: str, name: str) -> bool | None:
    """What one test says of a current activity with this content; None when it does not apply."""
    result = of(activities(CURRENT + content))
    assert result.current_activities == 1
    test = named(result, name)
    assert test.passed + test.failed <= 1
    return None if test.passed + test.failed == 0 else bool(test.passed)


def narrative(tag: str, text: str, attributes: str = "") -> str:
    return f"<{tag} {attributes}><narrative>{text}</narrative></{tag}>"


def transaction(kind: str, day: str = "2000-01-01", amount: str = "5", content: str = "") -> str:
    return f"""<transaction><transaction-type code="{kind}"/><transaction-date iso-date="{day}"/>
      <value value-date="{day}">{amount}</value>{content}</transaction>"""


def document(category: str) -> str:
    return f'<document-link url="https://x.example/" format="text/html"><category code="{category}"/></document-link>'


def period(tag: str, start: str, end: str) -> str:
    return f'<{tag}><period-start iso-date="{start}"/><period-end iso-date="{end}"/></{tag}>'


@pytest.mark.parametrize(
    ("content", "current"),
    [
        (CURRENT, True),
        ('<activity-status code="4"/>', False),
        ('<activity-status code="1"/>', False),
        ('<activity-date type="4" iso-date="2025-11-20"/>', False),
        ('<activity-date type="4" iso-date="2025-11-21"/>', True),
        ('<activity-date type="3" iso-date="2025-11-21"/>', True),
        ('<activity-date type="3" iso-date="2030-01-01"/>', True),
        ('<activity-date type="2" iso-date="2026-11-01"/>', False),
        ('<activity-date type="4" iso-date="2000-01-01"/><activity-date type="3" iso-date="2026-01-01"/>', True),
        ('<activity-date type="4" iso-date="soon"/>', False),
        (transaction("2", "2025-11-21"), True),
        (transaction("3", "2025-11-20"), False),
        (transaction("4", "2026-11-20"), True),
        (transaction("1", "2026-11-20"), False),
        ("", False),
    ],
)
def test_an_activity_is_current_by_status_recent_end_or_recent_money(content: str, current: bool) -> None:
    assert of(activities(content)).current_activities == int(current)


@pytest.mark.parametrize(
    ("day", "as_of", "expected"),
    [
        (date(2025, 11, 20), date(2026, 11, 20), False),
        (date(2025, 11, 21), date(2026, 11, 20), True),
        (date(2023, 2, 28), date(2024, 2, 29), False),
        (date(2023, 3, 1), date(2024, 2, 29), True),
        (date(2024, 2, 29), date(2025, 2, 28), True),
    ],
)
def test_twelve_months_ago_is_the_same_day_a_year_before(day: date, as_of: date, expected: bool) -> None:
    assert less_than_months_ago(day, 12, as_of) is expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_day_six_months_ahead_of_another_sees_it_six_months_or_more_ago(day: date, as_of: date) -> None:
    assert at_least_months_ahead(day, 6, as_of) == (not less_than_months_ago(as_of, 6, day))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("title", narrative("title", "nine char"), False),
        ("title", narrative("title", "  nine char  "), False),
        ("title", narrative("title", "ten chars."), True),
        ("title", "<title><narrative>x</narrative><narrative>ten chars.</narrative></title>", True),
        ("title", "", False),
        ("description", narrative("description", "d" * 79), False),
        ("description", narrative("description", "d" * 80), True),
        ("description", narrative("description", "x") + narrative("description", "d" * 80, 'type="2"'), True),
        ("planned-start", '<activity-date type="1" iso-date="2020-01-01"/>', True),
        ("planned-start", '<activity-date type="2" iso-date="2020-01-01"/>', False),
        ("planned-end", '<activity-date type="3" iso-date="2020-01-01"/>', True),
        ("planned-end", "", False),
        ("planned-end", '<default-finance-type code="501"/>', None),
        ("planned-end", transaction("3", content='<finance-type code="210"/>'), None),
        ("actual-start", '<activity-date type="2" iso-date="2020-01-01"/>', True),
        ("actual-start", "", False),
        ("actual-end", "", None),
        ("status", "", True),
        ("status", '<activity-status code="9"/>', False),
        ("contact", "<contact-info/>", True),
        ("contact", "", False),
        ("sector", '<sector code="1"/>', True),
        ("sector", transaction("3", content='<sector code="1"/>'), True),
        ("sector", "", False),
        ("sector-codes", '<sector code="11110"/>', True),
        ("sector-codes", '<sector vocabulary="1" code="11110"/><sector vocabulary="99" code="X"/>', True),
        ("sector-codes", '<sector code="11110"/><sector code="99999"/>', False),
        ("sector-codes", '<sector code="11110"/>' + transaction("3", content='<sector code="1"/>'), False),
        ("sector-codes", '<sector vocabulary="99" code="11110"/>', False),
        ("location", "<location/>", True),
        ("location", "", False),
        ("location", '<recipient-region code="998"/>', None),
        ("location", '<recipient-region code="298"/>', False),
        ("location", '<default-aid-type code="B01"/>', None),
        ("location", transaction("3", content='<aid-type code="G01"/>'), None),
        ("location-found", "<location><point/></location>", True),
        ("location-found", '<location><administrative vocabulary="G1"/></location>', True),
        ("location-found", '<location><location-id vocabulary="XX"/></location>', False),
        ("location-found", "<location/>", False),
        ("conditions", '<conditions attached="1"/>', True),
        ("conditions", "", False),
        ("conditions", '<default-aid-type code="D02"/>', None),
        ("conditions-document", '<conditions attached="0"/>', None),
        ("conditions-document", '<conditions attached="false"/>', None),
        ("conditions-document", '<conditions attached="1"/>', False),
        ("conditions-document", '<conditions attached="1"/>' + document("A04"), True),
        ("conditions-document", "", False),
        ("identifier", "", True),
        ("flow-type", '<default-flow-type code="10"/>', True),
        ("flow-type", transaction("3", content='<flow-type code="10"/>'), True),
        ("flow-type", "", False),
        ("flow-type-codes", '<default-flow-type code="10"/>', True),
        ("flow-type-codes", '<default-flow-type code="1"/>', False),
        ("aid-type-codes", '<default-aid-type code="C01"/><default-aid-type vocabulary="3" code="I"/>', True),
        ("aid-type-codes", '<default-aid-type vocabulary="3" code="I"/>', False),
        ("finance-type-codes", '<default-finance-type code="110"/>', True),
        ("tied-status-codes", '<default-tied-status code="5"/>', True),
        ("tied-status-codes", '<default-tied-status code="9"/>', False),
        ("implementer", '<participating-org role="4"/>', True),
        ("implementer", '<participating-org role="1"/>', False),
        ("participant-references", '<participating-org role="1" ref="XM-DAC-7"/>', True),
        ("participant-references", '<participating-org ref="XM-DAC-7"/><participating-org ref=" "/>', False),
        ("participant-references", "", False),
        ("receiver-references", "", None),
        ("receiver-references", transaction("4"), None),
        ("receiver-references", transaction("2", content='<receiver-org ref="XM-DAC-7"/>'), True),
        (
            "receiver-references",
            transaction("2", content='<receiver-org ref="XM-DAC-7"/>') + transaction("3", content="<receiver-org/>"),
            False,
        ),
        ("contract", document("A06"), True),
        ("contract", document("A11"), True),
        ("contract", document("A10"), False),
        ("contract", '<default-aid-type code="B02"/>', None),
        ("tender", document("A10"), True),
        ("tender", "", False),
        ("objectives", document("A02"), True),
        ("objectives", narrative("description", "x", 'type="2"'), True),
        ("objectives", narrative("description", "x", 'type="1"'), False),
        ("objectives", '<default-aid-type code="G01"/>', None),
        ("appraisal", document("A01"), True),
        ("appraisal", '<default-aid-type code="B02"/>', None),
        ("evaluation", "", None),
        ("evaluation", document("A07"), True),
        ("results", "<result/>", True),
        ("results", "", False),
        ("results", '<default-aid-type code="F01"/>', None),
        ("results-document", document("A08"), True),
        ("budget-document", document("A05"), True),
        ("budget-document", "", False),
        ("budget-document", '<default-aid-type code="A02"/>', None),
        ("commitment", transaction("2"), True),
        ("commitment", transaction("2", amount="0.00"), False),
        ("commitment", transaction("2", amount="-5"), True),
        ("commitment", transaction("2", amount="lots"), False),
        ("commitment", transaction("11"), False),
        ("spending", transaction("3"), True),
        ("spending", transaction("4"), True),
        ("spending", transaction("2"), False),
        ("capital-spend", '<capital-spend percentage="5"/>', True),
        ("capital-spend", "", False),
        ("capital-spend", transaction("3", content='<aid-type code="A01"/>'), None),
        ("detailed-purpose", '<sector code="11110"/>', True),
        ("detailed-purpose", '<sector code="11110"/><sector code="43010"/>', False),
        ("detailed-purpose", '<sector vocabulary="2" code="111"/>', False),
        ("detailed-purpose", transaction("3", content='<sector code="11110"/>'), True),
        ("detailed-purpose", transaction("3", content='<sector code="11110"/>') + transaction("3"), False),
    ],
)
def test_what_each_test_asks(name: str, content: str, expected: bool | None) -> None:
    assert outcome(content, name) is expected


@pytest.mark.parametrize(
    ("reporter", "other", "expected"),
    [
        ("XM-EX-1", "", True),
        ("XM-EX-2", "", False),
        ("XM-EX-2", '<other-identifier type="B1" ref="XM-EX-1"/>', True),
        ("XM-EX-2", '<other-identifier type="A1" ref="XM-EX-1"/>', False),
        ("", "", False),
    ],
)
def test_an_identifier_begins_with_its_publisher_or_a_former_one(reporter: str, other: str, expected: bool) -> None:
    source = activities(CURRENT + other).replace(b'ref="XM-EX-1" type="40"', f'ref="{reporter}" type="40"'.encode())
    assert bool(named(of(source), "identifier").passed) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [("1", None), ("2", False), ("3", False), ("4", False), ("5", None), ("6", None)]
)
def test_pipeline_cancelled_and_suspended_activities_owe_no_money_or_documents(
    status: str, expected: bool | None
) -> None:
    content = f'<activity-status code="{status}"/><activity-date type="3" iso-date="2030-01-01"/>'
    result = of(activities(content))
    assert result.current_activities == 1
    for name in ("commitment", "tender", "objectives", "flow-type", "actual-start", "location"):
        test = named(result, name)
        assert (None if test.passed + test.failed == 0 else bool(test.passed)) is expected, name
    assert named(result, "title").failed == 1


@pytest.mark.parametrize(("status", "asked"), [("2", 0), ("3", 1), ("4", 1)])
def test_evaluations_and_actual_ends_are_owed_once_the_activity_ends(status: str, asked: int) -> None:
    content = f'<activity-status code="{status}"/><activity-date type="3" iso-date="2030-01-01"/>'
    result = of(activities(content))
    assert named(result, "evaluation").failed == asked
    assert named(result, "actual-end").failed == asked


_NEAR = st.dates(DAY - timedelta(days=500), DAY + timedelta(days=900))


@settings(max_examples=25)
@given(_NEAR, _NEAR, _NEAR, st.sampled_from(["2", "4"]), st.data())
def test_what_came_of_the_tests_holds_until_the_day_that_it_names(
    end: date, spent: date, budget: date, status: str, data: st.DataObject
) -> None:
    element = etree.fromstring(
        f"""<iati-activity><activity-status code="{status}"/><activity-date type="3" iso-date="{end}"/>
        {transaction("3", spent.isoformat())}{period("budget", "2026-01-01", budget.isoformat())}</iati-activity>"""
    )
    found = RecordTester(as_of=DAY).activity(element)
    until = found.until or DAY + timedelta(days=4000)
    assert until >= DAY
    later = data.draw(st.dates(DAY, until))
    assert RecordTester(as_of=later).activity(element).signs == found.signs


@pytest.mark.parametrize(
    ("end", "budget", "by_year", "by_quarter"),
    [
        # the activity has to end six months ahead or later
        ("2027-05-19", "", None, None),
        ("2027-05-20", "", False, False),
        # 370 and 94 days are the longest periods
        ("2028-01-01", period("budget", "2026-01-01", "2027-01-06"), True, False),
        ("2028-01-01", period("budget", "2026-01-01", "2027-01-07"), False, False),
        ("2028-01-01", period("budget", "2026-09-01", "2026-12-04"), True, True),
        ("2028-01-01", period("budget", "2026-09-01", "2026-12-05"), True, False),
        # a period that ends today is not over
        ("2028-01-01", period("budget", "2026-10-01", "2026-11-20"), True, True),
        ("2028-01-01", period("budget", "2026-10-01", "2026-11-19"), False, False),
        ("2028-01-01", period("planned-disbursement", "2027-01-01", "2027-03-31"), True, True),
        ("2028-01-01", '<budget><period-start iso-date="2027-01-01"/></budget>', False, False),
        ("2028-01-01", '<default-aid-type code="G01"/>', None, None),
    ],
)  # fmt: skip
def test_a_project_budget_looks_ahead_by_year_and_by_quarter(
    end: str, budget: str, by_year: bool | None, by_quarter: bool | None
) -> None:
    content = f'<activity-date type="3" iso-date="{end}"/>{budget}'
    assert outcome(content, "budget-by-year") is by_year
    assert outcome(content, "budget-by-quarter") is by_quarter


@pytest.mark.parametrize(
    ("end", "years"),
    [
        ("2026-11-19", set()),
        ("2026-11-20", {"one"}),
        ("2027-11-19", {"one"}),
        ("2027-11-20", {"one", "two"}),
        ("2027-11-21", {"two"}),
        ("2028-11-19", {"two", "three"}),
        ("2028-11-20", {"three"}),
        ("2029-11-19", {"three"}),
        ("2029-11-20", set()),
    ],
)
def test_organisation_budgets_count_by_the_year_in_which_they_end(end: str, years: set[str]) -> None:
    source = organisation(
        period("total-budget", "2026-01-01", end) + period("recipient-country-budget", "2026-01-01", end)
    )
    result = of(source)
    for year in ("one", "two", "three"):
        plural = "" if year == "one" else "s"
        assert bool(named(result, f"total-budget-{year}-year{plural}-ahead").passed) is (year in years)
        assert bool(named(result, f"country-budget-{year}-year{plural}-ahead").passed) is (year in years)
    assert indicator(result, "total-budget").score == (Decimal("4.17") * len(years) / 3).quantize(Decimal("0.001"))


@pytest.mark.parametrize(
    ("key", "category"),
    [
        ("strategy", "B02"),
        ("annual-report", "B01"),
        ("allocation-policy", "B04"),
        ("procurement-policy", "B05"),
        ("country-strategy", "B03"),
        ("country-strategy", "B13"),
        ("audit", "B06"),
    ],
)
def test_each_document_of_the_organisation_earns_its_points(key: str, category: str) -> None:
    with_document, without = of(organisation(document(category))), of(organisation(""))
    assert indicator(with_document, key).score == Decimal("1.875")
    assert indicator(without, key).score == 0
    assert indicator(without, key).failures == ("XM-EX-1",)


def test_points_are_the_share_of_activities_that_pass_and_failures_are_named() -> None:
    result = of(
        activities(
            CURRENT + narrative("title", "long enough"),
            CURRENT + narrative("title", "short"),
            CURRENT,
            narrative("title", "not current at all"),
        )
    )
    title = indicator(result, "title")
    assert (result.activities, result.current_activities) == (4, 3)
    assert (title.weight, title.score, title.passed, title.failed) == (Decimal(1), Decimal("0.333"), 1, 2)
    assert title.failures == ("XM-EX-1-2", "XM-EX-1-3")


def test_several_tests_of_an_indicator_share_its_points() -> None:
    result = of(activities(CURRENT + '<activity-date type="1" iso-date="2020-01-01"/>'))
    dates = indicator(result, "planned-dates")
    assert (dates.score, dates.passed, dates.failed) == (Decimal("0.500"), 0, 1)
    assert [(test.name, test.passed, test.failed) for test in dates.tests] == [
        ("planned-start", 1, 0),
        ("planned-end", 0, 1),
    ]


def test_a_test_that_applies_to_nothing_leaves_the_points_to_the_others() -> None:
    result = of(activities(CURRENT + '<activity-date type="2" iso-date="2020-01-01"/>'))
    assert indicator(result, "actual-dates").score == 1
    assert named(result, "actual-end").failed == 0


def test_what_cannot_be_computed_is_left_out_and_lowers_what_is_attainable() -> None:
    only_activities = of(activities(CURRENT))
    left_out = {each.name: each.reason for each in only_activities.left_out}
    assert left_out["Accessibility of the data portal"] == "judged from the organisation's web site"
    assert left_out["Total organisation budget"] == "no organisation file among the files"
    assert left_out["Project budget"] == "it applies to no current activity"
    assert indicator(only_activities, "total-budget").score is None
    for result in (only_activities, of(organisation("")), of(activities(CURRENT), organisation(""))):
        counted = sum((each.weight for each in result.indicators if each.score is not None), Decimal(0))
        omitted = sum((each.weight for each in result.left_out), Decimal(0))
        assert result.attainable == counted
        assert counted + omitted == sum(component.weight for component in Component)


def test_nothing_current_means_no_percentage() -> None:
    result = of(activities(""))
    assert result.current_activities == 0
    assert result.attainable == 0
    assert result.percent is None
    assert "no current activity in the files" in {each.reason for each in result.left_out}


def test_the_weights_of_each_component_add_up_and_every_test_says_what_it_asks() -> None:
    for component in Component:
        weights = sum(each.weight for each in INDICATORS if each.component is component)
        judged_by_people = Decimal("3.75") if component is Component.PLANNING else 0
        assert weights + judged_by_people == component.weight
    keys = [each.id for each in INDICATORS]
    assert len(keys) == len(set(keys)) == 36
    for each in INDICATORS:
        assert bool(each.activity_tests) != bool(each.organisation_tests)
        for test in each.tests:
            assert describe(test).endswith("."), test


FULL = (
    CURRENT
    + narrative("title", "A title that says something")
    + narrative("description", "d" * 80)
    + '<participating-org role="4" ref="XM-DAC-7"/><contact-info/><conditions attached="0"/>'
    + "".join(f'<activity-date type="{kind}" iso-date="2028-01-0{kind}"/>' for kind in (1, 2, 3))
    + '<sector code="11110"/><location><point/></location><capital-spend percentage="5"/><result/>'
    + '<default-flow-type code="10"/><default-finance-type code="110"/><default-aid-type code="C01"/>'
    + '<default-tied-status code="5"/>'
    + period("budget", "2026-10-01", "2026-12-31")
    + transaction("2", content='<receiver-org ref="XM-DAC-7"/>')
    + transaction("3", content='<receiver-org ref="XM-DAC-7"/>')
    + "".join(document(category) for category in ("A01", "A02", "A05", "A07", "A08", "A10", "A11"))
)


def test_a_publisher_that_does_everything_reaches_all_that_is_attainable() -> None:
    budgets = "".join(
        period(tag, "2026-01-01", f"{year}-06-30")
        for tag in ("total-budget", "recipient-country-budget")
        for year in (2027, 2028, 2029)
    )
    documents = "".join(document(f"B0{number}") for number in range(1, 7))
    result = of(activities(FULL, FULL), organisation(budgets + documents))
    assert [each.id for each in result.indicators if each.failed or each.score is None] == []
    assert result.score == result.attainable == Decimal("96.24")
    assert result.percent == 100
    assert {each.name for each in result.left_out} == {
        "Quality of freedom-of-information law or disclosure policy",
        "Accessibility of the data portal",
    }


@given(st.integers(0, 6), st.integers(0, 6))
def test_the_score_is_the_sum_of_its_parts_and_never_more_than_attainable(full: int, empty: int) -> None:
    result = of(activities(*[FULL] * full, *[CURRENT] * empty))
    assert result.score == sum(each.score for each in result.components)
    assert result.score == sum(each.score or 0 for each in result.indicators)
    assert 0 <= result.score <= result.attainable <= 100
    for each in result.indicators:
        assert each.passed + each.failed <= result.current_activities
        assert len(each.failures) == each.failed


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UnreadableError, match="the given bytes: line 1"):
        of(activities(CURRENT), b"<html/>")


@needs_reference
@pytest.mark.reference
def test_a_real_publisher_is_counted_as_queries_over_the_whole_file_count_it() -> None:
    path = reference("iati", "real", "dportal-XM-DAC-46004.xml")
    assert path is not None
    result = score([path], as_of=DAY)
    current = (
        "//iati-activity[activity-status/@code='2'"
        " or activity-date[@type='3' or @type='4'][translate(@iso-date,'-','') > 20251120]"
        " or transaction[transaction-type[@code='2' or @code='3' or @code='4']]"
        "[translate(transaction-date/@iso-date,'-','') > 20251120]]"
    )
    begun = "[activity-status[@code='2' or @code='3' or @code='4']]"
    tree = etree.parse(path)

    def count(condition: str) -> int:
        found = tree.xpath(f"count({current}{condition})")
        assert isinstance(found, float)
        return int(found)

    assert result.publishers == ("XM-DAC-46004",)
    assert result.current_activities == count("") > 20
    for name, condition in (
        ("title", "[string-length(normalize-space(title/narrative[1])) >= 10]"),
        ("commitment", f"{begun}[transaction[transaction-type/@code='2']/value[. != 0]]"),
        ("spending", f"{begun}[transaction[transaction-type[@code='3' or @code='4']]/value[. != 0]]"),
        ("results", f"{begun}[not(default-aid-type[@code='G01' or @code='F01'])][result]"),
        (
            "appraisal",
            f"{begun}[not(default-aid-type[@code='G01' or @code='B02'])][document-link/category/@code='A01']",
        ),
    ):
        assert named(result, name).passed == count(condition), name


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "iati", "score", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_command_prints_json_with_decimal_strings(tmp_path: Path) -> None:
    file, other = tmp_path / "a.xml", tmp_path / "o.xml"
    file.write_bytes(activities(FULL, CURRENT))
    other.write_bytes(organisation(document("B01")))
    done = run(file, other, "--as-of", "2026-11-20", "--format", "json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert (answer["as_of"], answer["activities"], answer["organisations"]) == ("2026-11-20", 2, 1)
    title = next(each for each in answer["indicators"] if each["id"] == "title")
    assert (title["weight"], title["score"], title["passed"], title["failed"]) == ("1.00", "0.500", 1, 1)
    assert title["failures"] == ["XM-EX-1-2"]
    assert title["tests"][0]["description"] == "A title of at least 10 characters in one of its languages."


def test_the_command_prints_text_with_what_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(activities(FULL, CURRENT))
    lines = run(file, "--as-of", "2026-11-20").stdout.splitlines()
    assert lines[0] == "2 of 2 activities are current on 2026-11-20; 0 organisation records."
    assert "   0.500 of  1.000  Title: 1 passed, 1 failed" in lines
    assert "   4.170  Total organisation budget: no organisation file among the files" in lines
    assert lines[-1].startswith("Score: ")


def test_the_command_warns_of_mixed_publishers_and_tells_wrong_usage(tmp_path: Path) -> None:
    file, other, broken = tmp_path / "a.xml", tmp_path / "b.xml", tmp_path / "c.xml"
    file.write_bytes(activities(CURRENT))
    other.write_bytes(activities(CURRENT).replace(b'ref="XM-EX-1"', b'ref="XM-EX-2"'))
    broken.write_bytes(b"<iati-activities>")
    assert "several publishers" in run(file, other).stderr
    assert run(file, tmp_path / "absent.xml").returncode == 2
    assert run(file, "--as-of", "tomorrow").returncode == 2
    failed = run(file, broken)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "c.xml: line 1" in failed.stderr
