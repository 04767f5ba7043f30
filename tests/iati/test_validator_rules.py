"""What single rules say, above all where the official validator does not do what its rules seem to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iati.validator.rules import RULES
from tests.iati.validated import activity, findings, rules


def transaction(day: str = "2025-01-01", inside: str = "", value_date: str = "2025-01-01") -> str:
    return (
        f'<transaction><transaction-type code="3"/><transaction-date iso-date="{day}"/>'
        f'<value value-date="{value_date}">1</value>{inside}</transaction>\n'
    )


def budget(start: str, end: str, kind: str = "1") -> str:
    return (
        f'<budget type="{kind}"><period-start iso-date="{start}"/><period-end iso-date="{end}"/>'
        f'<value value-date="{start}">1</value></budget>\n'
    )


def indicator(measure: str, value: str) -> str:
    return (
        f'<result type="1"><title><narrative>R</narrative></title><indicator measure="{measure}"><title><narrative>I'
        f"</narrative></title><baseline year='2024' {value}/></indicator></result>\n"
    )


def test_a_sound_activity_has_no_findings() -> None:
    assert rules(activity()) == []


def test_a_finding_says_where_it_is_and_what_to_do() -> None:
    (finding,) = findings(activity(), activity(identifier="XM-DAC-41122-2", places='<recipient-country code="QQ"/>\n'))
    assert finding.rule == "9.50.1"
    assert (finding.severity, finding.category, finding.activity) == ("error", "geo", "XM-DAC-41122-2")
    assert finding.path == "/iati-activities/iati-activity[2]/recipient-country/@code"
    assert finding.line == 22
    assert finding.message == "“QQ” is no code of the list Country. Use one that is."


def test_positions_in_paths_count_among_elements_of_a_name() -> None:
    (finding,) = findings(activity(sectors='<sector code="14030" percentage="50"/><sector code="1" percentage="50"/>'))
    assert finding.path == "/iati-activities/iati-activity[1]/sector[2]/@code"


def test_only_the_first_transaction_date_is_held_against_the_day() -> None:
    assert "11.2.1" in rules(activity(after_sector=transaction("2030-01-01", value_date="2020-01-01")))
    late = activity(after_sector=transaction() + transaction("2030-01-01"))
    assert [rule for rule in rules(late) if not rule.startswith("earmark.")] == []


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("2024-01-01", "2025-01-01", True),
        ("2024-01-01", "2024-12-31", False),
        ("2023-01-01", "2024-01-01", False),
        ("2023-01-01", "2024-01-02", True),
    ],
)
def test_a_budget_may_end_at_most_365_days_after_it_begins(start: str, end: str, wrong: bool) -> None:
    assert ("7.5.3" in rules(activity(after_sector=budget(start, end)))) is wrong


def test_withdrawn_codes_pass_with_a_remark_of_ours() -> None:
    assert rules(activity(sectors='<sector code="92010"/>\n')) == ["earmark.withdrawn-code"]


def test_a_missing_value_is_reported_twice_once_as_no_number() -> None:
    assert rules(activity(after_sector=indicator("1", ""))) == ["8.8.1", "8.8.2"]
    assert rules(activity(after_sector=indicator("1", 'value="1.5"'))) == []
    assert rules(activity(after_sector=indicator("1", 'value="1e3"'))) == ["8.8.2"]
    assert rules(activity(after_sector=indicator("5", 'value="1"'))) == ["8.8.3"]
    assert rules(activity(after_sector=indicator("5", ""))) == []


def test_sectors_of_other_vocabularies_are_never_summed_by_the_official_rule() -> None:
    goals = '<sector vocabulary="7" code="1" percentage="1"/><sector vocabulary="7" code="2" percentage="2"/>\n'
    assert rules(activity(sectors='<sector code="14030"/>\n' + goals)) == ["earmark.sector-sum"]


@pytest.mark.parametrize(
    ("shares", "fits"),
    [(("33.33", "33.33", "33.34"), True), (("33.3333", "33.3333", "33.3334"), True), (("33.33",) * 3, False),
     (("33.33333", "33.33333", "33.33334"), True), (("1e2", ""), True), (("100", "x"), False)],
)  # fmt: skip
def test_shares_are_summed_to_four_decimals(shares: tuple[str, ...], fits: bool) -> None:
    sectors = "".join(f'<sector code="14030" percentage="{share}"/>' for share in shares)
    assert ("2.1.2" not in rules(activity(sectors=sectors))) is fits


def test_the_rule_about_no_recipient_at_all_never_fires() -> None:
    assert "3.7.1" not in rules(activity(places=""))
    assert "3.7.2" in rules(activity(places="", after_sector=transaction()))


def test_language_of_a_text_is_never_checked_against_the_official_list() -> None:
    assert not any(rule.startswith("9.") for rule in rules(activity(attributes="", before_sector="")))
    odd = activity().replace('xml:lang="en"', 'xml:lang="klingon"')
    assert rules(odd) == ["earmark.language-unknown"]


def test_two_rules_of_codes_share_an_id_and_are_told_apart_by_their_place() -> None:
    goal = '<sector code="14030"/><sector vocabulary="7" code="99"/>\n'
    modality = transaction(inside='<aid-type code="C01"/><aid-type vocabulary="2" code="99"/>')
    found = [each for each in findings(activity(sectors=goal, after_sector=modality)) if each.rule == "9.129.1"]
    assert [each.category for each in found] == ["classifications", "financial"]


def test_symbols_are_allowed_in_what_a_registered_publisher_calls_itself() -> None:
    odd = activity().replace('ref="XM-DAC-7"', 'ref="XM-DAC-7/1"')
    assert rules(odd) == ["1.8.13"]


def test_dates_may_carry_a_zone() -> None:
    zoned = activity().replace('iso-date="2024-01-01"', 'iso-date="2024-01-01Z"')
    assert rules(zoned) == []


def test_every_title_needs_text_wherever_it_stands() -> None:
    empty = (
        '<document-link url="http://a.org" format="text/html"><title><narrative/></title><category code="A01"/>'
        "</document-link>"
    )
    assert rules(activity(after_sector=empty)) == ["4.3.1", "earmark.narrative-empty"]
    blank = empty.replace("<narrative/>", "<narrative> </narrative>")
    assert rules(activity(after_sector=blank)) == ["earmark.narrative-empty"]


def test_a_title_in_a_place_the_standard_does_not_know_is_looked_at_too() -> None:
    found = rules(activity(after_sector="<other><title/></other>"))
    assert found == ["0.3.1", "4.3.1"]


@given(st.lists(st.sampled_from(["10", "20", "25", "33.33", "50", "66.67", "100"]), min_size=2, max_size=5))
def test_countries_that_share_the_whole_pass_and_others_do_not(shares: list[str]) -> None:
    countries = "".join(f'<recipient-country code="KE" percentage="{share}"/>' for share in shares)
    total = round(sum(map(float, shares)), 4)
    assert ("3.1.2" in rules(activity(places=countries))) is (total != 100)


def test_every_rule_has_an_advice_that_is_a_sentence() -> None:
    for rule in RULES:
        assert rule.advice.endswith((".", "{reason}")), rule.id
        assert rule.severity in {"critical", "error", "warning", "advisory"}
