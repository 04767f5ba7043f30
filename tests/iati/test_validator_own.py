"""Rules of our own, which speak up where the official ones are silent and never make a file invalid."""

import pytest

from tests.iati.test_validator_rules import budget, transaction
from tests.iati.validated import activity, findings, report, rules


def own(*activities: str) -> list[tuple[str, str]]:
    """(rule, path below the activity) of our own findings."""
    return [
        (each.rule.removeprefix("earmark."), each.path.split("]", 1)[1])
        for each in findings(*activities)
        if each.rule.startswith("earmark.")
    ]


def test_later_transactions_in_the_future_are_flagged() -> None:
    late = transaction() + transaction("2030-01-01", value_date="2031-01-01") + transaction("2026-11-20")
    assert own(activity(after_sector=late)) == [
        ("future-transaction", "/transaction[2]/transaction-date/@iso-date"),
        ("future-transaction", "/transaction[2]/value/@value-date"),
    ]


def test_the_first_transaction_in_the_future_is_left_to_the_official_rule() -> None:
    assert rules(activity(after_sector=transaction("2030-01-01"))) == ["11.2.1"]


def test_a_later_actual_date_in_the_future_is_flagged() -> None:
    dates = '<activity-date type="2" iso-date="2025-01-01"/><activity-date type="2" iso-date="2030-01-01"/>'
    twice = activity().replace('<activity-date type="3"', dates + '<activity-date type="3"')
    assert own(twice) == [("future-actual-date", "/activity-date[3]/@iso-date")]


def test_a_withdrawn_code_is_an_advisory() -> None:
    (finding,) = findings(activity(sectors='<sector code="92010"/>\n'))
    assert (finding.rule, finding.severity) == ("earmark.withdrawn-code", "advisory")
    assert "Sector" in finding.message


@pytest.mark.parametrize(("tag", "known"), [("en", True), ("EN", True), ("pt-BR", True), ("xx", False), ("", False)])
def test_a_language_has_to_be_known(tag: str, known: bool) -> None:
    title = activity().replace("<title><narrative>", f'<title><narrative xml:lang="{tag}">')
    assert own(title) == ([] if known else [("language-unknown", "/title/narrative/@xml:lang")])


@pytest.mark.parametrize("text", ["<narrative/>", "<narrative></narrative>", "<narrative> \n </narrative>"])
def test_an_empty_narrative_is_flagged(text: str) -> None:
    described = activity().replace("<narrative>Wells</narrative>", "<narrative>Wells</narrative>" + text)
    assert own(described) == [("narrative-empty", "/description/narrative[2]")]


def test_a_reason_for_no_budget_beside_budgets_is_flagged() -> None:
    one = budget("2024-01-01", "2024-12-31")
    assert own(activity(attributes='budget-not-provided="1"')) == []
    assert own(activity(attributes='budget-not-provided="1"', after_sector=one)) == [
        ("budget-not-provided", "/@budget-not-provided")
    ]


def test_regions_without_vocabulary_are_summed_with_the_countries() -> None:
    places = '<recipient-country code="KE" percentage="50"/><recipient-region code="298" percentage="40"/>\n'
    assert own(activity(places=places)) == [("region-sum", "/recipient-region")]
    assert own(activity(places=places.replace('"40"', '"50"'))) == []


@pytest.mark.parametrize(
    ("status", "dates", "flagged"),
    [
        ("1", '<activity-date type="2" iso-date="2024-01-01"/>', True),
        ("2", '<activity-date type="2" iso-date="2024-01-01"/>', False),
        ("2", '<activity-date type="2" iso-date="2024-01-01"/><activity-date type="4" iso-date="2025-01-01"/>', True),
        ("2", '<activity-date type="1" iso-date="2024-01-01"/><activity-date type="3" iso-date="2026-11-19"/>', True),
        ("2", '<activity-date type="1" iso-date="2024-01-01"/><activity-date type="3" iso-date="2026-11-21"/>', False),
        ("4", '<activity-date type="1" iso-date="2024-01-01"/><activity-date type="3" iso-date="2025-01-01"/>', False),
    ],
)
def test_the_status_has_to_fit_the_dates(status: str, dates: str, flagged: bool) -> None:
    text = activity().replace('<activity-status code="2"/>', f'<activity-status code="{status}"/>')
    for line in (
        '<activity-date type="1" iso-date="2024-01-01"/>\n',
        '<activity-date type="3" iso-date="2028-01-01"/>\n',
    ):
        text = text.replace(line, "")
    text = text.replace("<recipient-country", dates + "<recipient-country")
    assert own(text) == ([("status-dates", "/activity-status/@code")] if flagged else [])


def test_budgets_of_the_same_kind_must_not_overlap() -> None:
    overlapping = budget("2024-01-01", "2024-12-31") + budget("2024-07-01", "2025-06-30")
    assert own(activity(after_sector=overlapping)) == [("budget-overlap", "/budget[2]/period-start/@iso-date")]
    revised = budget("2024-01-01", "2024-12-31") + budget("2024-01-01", "2024-12-31", kind="2")
    assert own(activity(after_sector=revised)) == []
    following = budget("2024-01-01", "2024-12-31") + budget("2024-12-31", "2025-06-30")
    assert own(activity(after_sector=following)) == []


def test_a_reference_by_a_former_identifier_is_flagged() -> None:
    renamed = '<other-identifier ref="XM-DAC-41122-OLD" type="A3"/>\n'
    first = activity(after_sector='<related-activity ref="XM-DAC-41122-OLD" type="2"/>\n')
    second = activity(identifier="XM-DAC-41122-2").replace("<activity-status", renamed + "<activity-status")
    found = [(each.rule, each.activity) for each in findings(first, second)]
    assert found == [("1000.0.6", "XM-DAC-41122-1"), ("earmark.identifier-changed", "XM-DAC-41122-1")]


def test_an_activity_is_not_its_own_former_self() -> None:
    renamed = '<other-identifier ref="XM-DAC-41122-1" type="A3"/>\n'
    same = activity().replace("<activity-status", renamed + "<activity-status")
    assert own(same) == [("identifier-changed", "/other-identifier/@ref")]


def test_our_findings_never_make_a_file_invalid() -> None:
    odd = activity(after_sector=transaction() + transaction("2030-01-01"), sectors='<sector code="92010"/>\n')
    found = report(odd)
    assert found.valid
    assert found.summary == {"critical": 0, "error": 0, "warning": 1, "advisory": 1}
    assert {each.severity for each in found.findings if each.rule.startswith("earmark.")} <= {"warning", "advisory"}
