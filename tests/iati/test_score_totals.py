"""How points of the transparency score add up, and the command that tells them."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from iati.score import INDICATORS, Component, describe, score
from iati.unreadable import UnreadableError
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
    period,
    transaction,
)
from tests.reference import needs_reference, reference


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
