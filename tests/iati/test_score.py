"""The transparency tests: every threshold at its boundary, every exclusion."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.score import Tester as RecordTester
from iati.score.facts import at_least_months_ahead, less_than_months_ago
from tests.iati.scored import (
    CURRENT,
    DAY,
    activities,
    document,
    indicator,
    named,
    narrative,
    of,
    organisation,
    outcome,
    period,
    transaction,
)


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
