from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.earmarking import (
    NON_STATE,
    ORGANISATION_TYPES,
    PRESET,
    PRESETS,
    Category,
    Earmarking,
    Instrument,
    Modality,
    Wording,
    classify,
    contradictions,
    is_joint_un,
    is_multi_annual,
    is_predictable,
    organisation_type,
    organisation_type_findings,
    standard_support_rate,
    support_cost_of_gross,
    support_cost_of_net,
)
from app.domain.findings import Severity, refused
from app.domain.money import Money, exact_sum
from app.domain.purposes import objective_of
from app.domain.terms import PartnerCategory


@pytest.mark.parametrize(("letters", "category"), [("ABC", "1"), ("DEF", "2"), ("GH", "3"), ("IJKL", "4")])
def test_the_category_follows_from_the_modality(letters: str, category: str) -> None:
    assert {Modality(letter).category for letter in letters} == {Category(category)}


def test_every_modality_has_a_meaning_and_a_category() -> None:
    assert len({modality.meaning for modality in Modality}) == 12


@pytest.mark.parametrize(
    ("preset", "instrument", "aid_type", "category", "modality", "wording"),
    [
        ("assessed", "assessed", "B021", "1", "C", "regular budget"),
        ("rbsa", "voluntary-core", "B021", "1", "C", "unearmarked"),
        ("thematic-fund", "single-agency-thematic", "B032", "2", "E", "lightly earmarked"),
        ("theme-or-region", "programme-specific", "B033", "2", "E", "lightly earmarked"),
        ("country-programme", "programme-specific", "B033", "3", "G", "lightly earmarked"),
        ("un-pooled", "inter-agency-pooled", "C01", "2", "E", "lightly earmarked"),
        ("project", "project-specific", "C01", "4", "I", "earmarked"),
        ("donor-initiated", "project-specific", "C01", "4", "L", "earmarked"),
        ("in-kind", "in-kind", "C01", "4", "K", "earmarked"),
        ("domestic", "local-resources", "C01", "4", "I", "earmarked"),
        ("vertical-fund", "global-vertical", "C01", "4", "I", "earmarked"),
    ],
)
def test_each_preset_gives_its_five_codes(
    preset: str, instrument: str, aid_type: str, category: str, modality: str, wording: str
) -> None:
    found, findings = classify(preset)
    assert findings == ()
    assert found is not None
    codes = (found.instrument, found.aid_type, found.category, found.modality, found.wording)
    assert codes == (instrument, aid_type, category, modality, wording)


def test_pooled_money_of_a_country_fund_is_modality_f() -> None:
    found, findings = classify("un-pooled", country_fund=True)
    assert findings == ()
    assert found is not None
    assert (found.modality, found.category) == (Modality.F, Category.SOFTLY_EARMARKED)


def test_no_shipped_preset_contradicts_itself() -> None:
    assert len(PRESETS) == len(PRESET) == 11
    assert [contradictions(preset, subject=preset.preset) for preset in PRESETS] == [()] * 11


@pytest.mark.parametrize(
    ("preset", "modality", "aid_type", "rules"),
    [
        ("project", None, "B021", {"earmarking.core-but-earmarked"}),
        ("rbsa", None, "C01", {"earmarking.unearmarked-but-not-core"}),
        ("project", "C", None, {"earmarking.unearmarked-but-not-core", "earmarking.instrument-of-category"}),
        ("thematic-fund", "I", None, {"earmarking.instrument-of-category"}),
        ("project", "K", None, {"earmarking.in-kind"}),
        ("in-kind", "I", None, {"earmarking.in-kind"}),
        ("project", None, "Z99", {"earmarking.aid-type-unknown"}),
    ],
)
def test_a_contradiction_is_refused_with_its_reason(
    preset: str, modality: str | None, aid_type: str | None, rules: set[str]
) -> None:
    _, findings = classify(preset, modality=modality, aid_type=aid_type)
    assert {finding.rule for finding in findings} == rules
    assert refused(findings)
    assert all(finding.message and finding.pointer for finding in findings)


def test_an_override_that_fits_is_taken() -> None:
    found, findings = classify("project", modality="J", aid_type="D02")
    assert findings == ()
    assert found is not None
    assert (found.modality, found.aid_type) == (Modality.J, "D02")


def test_an_organisation_may_edit_its_presets_and_say_from_when_they_are_offered() -> None:
    own = {
        "soft": Earmarking(
            preset="soft",
            instrument=Instrument.THEMATIC,
            aid_type="B032",
            modality=Modality.D,
            wording=Wording.LIGHTLY_EARMARKED,
            valid_from=date(2024, 1, 1),
        )
    }
    found, findings = classify("soft", presets=own, signed_on=date(2024, 1, 1))
    assert found == own["soft"]
    assert findings == ()
    _, early = classify("soft", presets=own, signed_on=date(2023, 12, 31))
    assert [finding.rule for finding in early] == ["earmarking.preset-not-offered"]
    _, unknown = classify("project", presets=own)
    assert "choose one of soft" in unknown[0].message


def test_a_stated_category_must_be_that_of_the_modality() -> None:
    stated = Earmarking(
        preset="project",
        instrument=Instrument.PROJECT_SPECIFIC,
        aid_type="C01",
        modality=Modality.I,
        wording=Wording.EARMARKED,
        stated_category=Category.EARMARKED,
    )
    (finding,) = contradictions(stated, subject="A-1")
    assert finding.message == "modality I belongs to category 4, not 3"


@pytest.mark.parametrize(
    ("preset", "modality", "rule"),
    [("gift", None, "earmarking.preset-unknown"), ("project", "Z", "earmarking.modality-unknown")],
)
def test_unknown_words_are_refused(preset: str, modality: str | None, rule: str) -> None:
    found, findings = classify(preset, modality=modality)
    assert found is None
    assert [finding.rule for finding in findings] == [rule]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        (date(2024, 1, 1), date(2025, 12, 31), True),
        (date(2024, 1, 1), date(2025, 12, 30), False),
        (date(2024, 2, 29), date(2026, 2, 27), True),
        (None, date(2025, 12, 31), None),
        (date(2024, 1, 1), None, None),
    ],
)
def test_multi_annual_is_24_months_or_more(starts_on: date | None, ends_on: date | None, expected: bool | None) -> None:
    assert is_multi_annual(starts_on, ends_on) is expected


def test_predictable_has_a_schedule() -> None:
    assert is_predictable(1)
    assert not is_predictable(0)


def test_joint_un_money_comes_through_a_pool() -> None:
    assert is_joint_un("un-pooled", PartnerCategory.UN_ENTITY)
    assert is_joint_un("project", PartnerCategory.UN_POOLED_FUND)
    assert not is_joint_un("project", PartnerCategory.GOVERNMENT)
    assert not is_joint_un("unheard-of", None)


def test_every_partner_category_has_an_organisation_type() -> None:
    assert ORGANISATION_TYPES.keys() == set(PartnerCategory)
    assert organisation_type(PartnerCategory.GOVERNMENT) == "10"
    assert organisation_type(PartnerCategory.UN_POOLED_FUND) == "40"
    assert organisation_type(PartnerCategory.FOUNDATION) == "60"
    assert PartnerCategory.GOVERNMENT not in NON_STATE


def test_a_stated_organisation_type_that_does_not_fit_is_a_warning() -> None:
    assert organisation_type_findings(PartnerCategory.PUBLIC_INSTITUTION, "80", subject="P") == ()
    (finding,) = organisation_type_findings(PartnerCategory.GOVERNMENT, "70", subject="P")
    assert (finding.rule, finding.severity) == ("partner.type-of-category", Severity.WARNING)


def usd(figure: str) -> Money:
    return Money(Decimal(figure), "USD")


def test_1_130_000_at_13_percent_is_1_000_000_net() -> None:
    taken_apart = support_cost_of_gross(usd("1130000"), Decimal("0.13"))
    assert (taken_apart.net.amount, taken_apart.charge.amount) == (1_000_000, 130_000)
    put_together = support_cost_of_net(usd("1000000"), Decimal("0.13"))
    assert (put_together.gross.amount, put_together.charge.amount) == (1_130_000, 130_000)


def test_a_quotient_that_does_not_end_is_rounded_and_the_charge_takes_the_rest() -> None:
    taken_apart = support_cost_of_gross(usd("100"), Decimal("0.13"))
    assert (taken_apart.net.amount, taken_apart.charge.amount) == (Decimal("88.50"), Decimal("11.50"))


@settings(deadline=None)
@given(
    net=st.decimals(-(10**12), 10**12, places=2),
    rate=st.decimals(0, Decimal("0.3"), places=4),
)
def test_gross_and_net_go_there_and_back(net: Decimal, rate: Decimal) -> None:
    gross = support_cost_of_net(Money(net, "USD"), rate).gross
    back = support_cost_of_gross(gross, rate)
    assert back.net.amount == net
    assert exact_sum([back.net.amount, back.charge.amount]) == gross.amount


@pytest.mark.parametrize("rate", [Decimal(13), Decimal(1), Decimal("-0.01")])
def test_a_rate_that_is_no_fraction_is_refused(rate: Decimal) -> None:
    with pytest.raises(ValueError, match=r"0\.13 for 13 %"):
        support_cost_of_gross(usd("1"), rate)


def test_the_standard_rate_is_7_percent_unearmarked_and_13_otherwise() -> None:
    rates = [standard_support_rate(category) for category in Category]
    assert rates == [Decimal("0.07"), Decimal("0.13"), Decimal("0.13"), Decimal("0.13")]


def test_money_is_for_what_its_words_say_or_else_for_the_outcomes_it_refers_to() -> None:
    assert objective_of("skills", ["outcome:1"]) == "skills"
    assert objective_of(None, ["country:KE", "theme:youth", "outcome:1"]) == "outcome:1 and theme:youth"
    assert (objective_of("", ["country:KE"]), objective_of(None, [])) == ("country:KE", None)
