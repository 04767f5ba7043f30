from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evaluation.policy import Band, BudgetBand, Condition, Policy, Requirement, Rule, Rung, Window
from app.domain.evaluation.terms import (
    OF_PROJECTS,
    OF_THE_INSTITUTION,
    Anchor,
    Basis,
    Confidence,
    Every,
    Independence,
    Kind,
    Mode,
    Obliged,
)
from app.evaluations.policies.dump import dump_policy
from app.evaluations.policies.load import load_policy
from app.evaluations.policies.shipped import shipped, shipped_text, template_text
from app.founding import START

GOOD = """\
policy: ours
title: Our policy
source: Board paper 7
confidence: stated
rules:
  - id: final
    when:
      budget: {currency: EUR, over: 0.1, at_most: 1_000_000}
      duration_months: {at_least: 12, under: 24}
      pilot: true
      phase_at_least: 2
      funding: [rbsa, project]
    require:
      kind: final
      independence: external
      window: {opens: -6, due: 1, late: 2}
      or: [mid-term]
      response_weeks: 4
    source: paragraph 3
    confidence: inferred
    valid: {from: 2024-01-01, to: 2024-12-31}
"""


def test_every_shipped_policy_is_read_without_a_finding() -> None:
    assert set(START) < set(shipped())
    assert len(shipped()) == 8
    for name in shipped():
        loaded = load_policy(shipped_text(name), name=name)
        assert loaded.findings == ()
        assert loaded.policy is not None
        assert loaded.policy.id == name


def test_every_shipped_row_says_where_it_comes_from_and_how_sure_it_is() -> None:
    for name in shipped():
        policy = load_policy(shipped_text(name)).policy
        assert policy is not None
        assert all(rule.source and rule.confidence in Confidence for rule in policy.rules)


def test_there_is_no_policy_of_another_name() -> None:
    with pytest.raises(FileNotFoundError):
        shipped_text("nobody")


def test_a_policy_is_read_to_the_last_field() -> None:
    loaded = load_policy(GOOD)
    assert loaded.findings == ()
    assert loaded.policy is not None
    (rule,) = loaded.policy.rules
    band = Band(lower=Decimal("0.1"), lower_is="over", upper=Decimal(1_000_000))
    assert rule.condition.budget == BudgetBand(band=band, currency="EUR", basis=Basis.REVISED)
    assert rule.condition.months == Band(lower=Decimal(12), upper=Decimal(24), upper_is="under")
    assert (rule.condition.pilot, rule.condition.phase_at_least) == (True, 2)
    assert rule.condition.funding == {"rbsa", "project"}
    assert rule.requirement.window == Window(opens=-6, due=1, late=2)
    assert rule.requirement.or_kinds == (Kind.MID_TERM,)
    assert (rule.requirement.independence, rule.requirement.response_weeks) == (Independence.EXTERNAL, 4)
    assert (str(rule.valid_from), str(rule.valid_to)) == ("2024-01-01", "2024-12-31")
    assert rule.line == 6


def faults(text: str) -> list[tuple[str, int | None]]:
    loaded = load_policy(text)
    assert loaded.policy is None
    return [(finding.rule, finding.line) for finding in loaded.findings]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("policy: ours\n", "", [("policy.missing-field", 1)]),
        ("confidence: stated", "confidence: sure", [("policy.value", 4)]),
        ("confidence: stated", "confidence: [stated]", [("policy.value", 4)]),
        ("title: Our policy", "title: Our policy\ntitle: Again", [("policy.field-twice", 3)]),
        ("title: Our policy", "title: Our policy\ncolour: red", [("policy.unknown-field", 3)]),
        ("title: Our policy", "title: ", [("policy.missing-field", 1)]),
        ("over: 0.1", "over: lots", [("policy.value", 8)]),
        ("over: 0.1", "over: .inf", [("policy.value", 8)]),
        ("over: 0.1", "over: 0.1, at_least: 1", [("policy.limit-twice", 8)]),
        ("currency: EUR, ", "", [("policy.missing-field", 8)]),
        ("currency: EUR", "currency: EURO", [("policy.currency", 6)]),
        ("at_least: 12", "at_least: 12.5", [("policy.months", 9)]),
        ("pilot: true", "pilot: yes", [("policy.value", 10)]),
        ("phase_at_least: 2", "phase_at_least: two", [("policy.value", 11)]),
        ("funding: [rbsa, project]", "funding: rbsa", [("policy.not-a-list", 12)]),
        ("funding: [rbsa, project]", "funding: [[rbsa]]", [("policy.value", 12)]),
        ("kind: final", "kind: terminal", [("policy.value", 14)]),
        ("kind: final", "", [("policy.missing-field", 15)]),
        ("independence: external", "independence: total", [("policy.value", 15)]),
        ("opens: -6", "opens: 2", [("policy.window-order", 6)]),
        ("opens: -6, ", "", [("policy.missing-field", 16)]),
        ("or: [mid-term]", "or: [none]", [("policy.value", 17)]),
        ("from: 2024-01-01", "from: 1 January", [("policy.value", 21)]),
        ("from: 2024-01-01", "from: 2025-01-01", [("policy.rule-validity", 6)]),
        ("    source: paragraph 3\n", "", [("policy.missing-field", 6)]),
        (
            "    require:\n      kind: final",
            "    require: final\n    x:\n      kind: final",
            [
                ("policy.unknown-field", 14),
                ("policy.not-a-mapping", 13),
                ("policy.missing-field", 13),
            ],
        ),
    ],
)
def test_a_fault_is_told_with_its_line(was: str, now: str, expected: list[tuple[str, int | None]]) -> None:
    assert was in GOOD
    assert faults(GOOD.replace(was, now, 1)) == expected


def test_a_rule_that_demands_nothing_and_rules_that_are_no_list_are_refused() -> None:
    assert faults(GOOD[: GOOD.index("    require:")] + "    source: s\n    confidence: stated\n") == [
        ("policy.missing-field", 6)
    ]
    assert faults(GOOD[: GOOD.index("rules:")] + "rules: none\n") == [("policy.not-a-list", 5)]


def test_all_faults_are_told_at_once() -> None:
    text = (
        GOOD.replace("over: 0.1", "over: lots")
        .replace("kind: final", "kind: terminal")
        .replace("from: 2024", "from: X")
    )
    assert sorted(line or 0 for _, line in faults(text)) == [8, 14, 21]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("policy.not-a-policy", None)),
        ("- a list", ("policy.not-a-policy", 1)),
        ("policy: [unclosed", ("policy.not-yaml", 1)),
        ("policy: ours\n\ttitle: x", ("policy.not-yaml", 2)),
        ("policy: \x00", ("policy.not-yaml", 1)),
        ("policy: &a ours\ntitle: *a", ("policy.alias", 2)),
        ("[" * 50_000, ("policy.too-deep", 1)),
        ("#" * 200_001, ("policy.too-long", None)),
        ("policy: a\n---\npolicy: b", ("policy.not-yaml", 2)),
    ],
)
def test_what_is_no_policy_file_is_refused_and_never_raises(text: str, expected: tuple[str, int | None]) -> None:
    assert faults(text) == [expected]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    assert load_policy(text).findings


@settings(deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), replacement=st.text(max_size=3))
def test_a_damaged_policy_is_read_or_refused_with_findings(at: int, replacement: str) -> None:
    loaded = load_policy(GOOD[:at] + replacement + GOOD[at + 1 :])
    assert loaded.policy is not None or loaded.findings


def test_a_warning_does_not_refuse_a_policy() -> None:
    loaded = load_policy(GOOD.replace("[rbsa, project]", "[gift]"))
    assert loaded.policy is not None
    assert [finding.rule for finding in loaded.findings] == ["policy.preset-unknown"]


# Writing


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_policy_survives_writing_and_reading(name: str) -> None:
    policy = load_policy(shipped_text(name)).policy
    assert policy is not None
    assert load_policy(dump_policy(policy)).policy == policy


def test_a_written_policy_is_readable_text() -> None:
    policy = load_policy(GOOD).policy
    assert policy is not None
    written = dump_policy(policy)
    assert written.startswith("policy: ours\ntitle: Our policy\nsource: Board paper 7\nconfidence: stated\n")
    assert "over: 0.1\n" in written
    assert "!!" not in written


names = st.text("abcdefghijklmnopqrstuvwxyz- é:#'\"%&*0123456789", min_size=1, max_size=12)
figures = st.decimals(0, 10**9, places=2)
spans = st.tuples(st.dates(), st.dates()).map(sorted)
windows = (
    st.lists(st.integers(-24, 24), min_size=3, max_size=3)
    .map(sorted)
    .map(lambda edges: Window(opens=edges[0], due=edges[1], late=edges[2]))
)
demanded = st.sampled_from([kind for kind in OF_PROJECTS if kind is not Kind.INTERIM])


@st.composite
def bands(draw: st.DrawFn, whole: bool) -> Band:
    lower = draw(st.integers(0, 100).map(Decimal) if whole else figures)
    upper = lower + draw(st.integers(1, 100))
    return Band(
        lower=lower,
        lower_is=draw(st.sampled_from(["at_least", "over"])),
        upper=draw(st.sampled_from([None, upper])),
        upper_is="at_most",
    )


@st.composite
def rules(draw: st.DrawFn, number: int) -> Rule:
    valid = draw(spans)
    kind = draw(demanded)
    return Rule(
        id=f"rule-{number}",
        requirement=Requirement(
            kind=kind,
            independence=draw(st.one_of(st.none(), st.sampled_from(list(Independence)))),
            mode=draw(st.sampled_from(list(Mode))),
            anchor=draw(st.one_of(st.none(), st.sampled_from(list(Anchor)))),
            window=draw(st.one_of(st.none(), windows)),
            or_kinds=tuple(sorted(draw(st.sets(demanded.filter(lambda other: other is not kind), max_size=2)))),
            response_weeks=draw(st.one_of(st.none(), st.integers(1, 12))),
        ),
        condition=Condition(
            budget=draw(
                st.one_of(
                    st.none(),
                    st.builds(
                        BudgetBand,
                        band=bands(whole=False),
                        currency=st.sampled_from(["USD", "NOK"]),
                        basis=st.sampled_from(list(Basis)),
                    ),
                )
            ),
            months=draw(st.one_of(st.none(), bands(whole=True))),
            pilot=draw(st.sampled_from([None, True, False])),
            phase_at_least=draw(st.one_of(st.none(), st.integers(1, 5))),
            funding=draw(st.frozensets(st.sampled_from(["rbsa", "project"]))),
        ),
        source=draw(names).strip() or "x",
        confidence=draw(st.sampled_from(list(Confidence))),
        valid_from=valid[0],
        valid_to=valid[1],
        note=draw(st.sampled_from(["", "a note: with a colon", "two\nlines"])),
    )


@settings(deadline=None)
@given(data=st.data(), title=names, owner=names, reserve=st.one_of(st.none(), st.decimals(0, 100, places=3)))
def test_any_policy_survives_writing_and_reading(
    data: st.DataObject, title: str, owner: str, reserve: Decimal | None
) -> None:
    force = data.draw(spans)
    ladder = (Rung(name="first", months_before=6, ask="do: it"), Rung(name="last", months_before=-1))
    policy = Policy(
        id="p",
        title=title,
        owner=owner,
        source="s",
        confidence=Confidence.INFERRED,
        rules=tuple(data.draw(rules(number)) for number in range(data.draw(st.integers(1, 3)))),
        in_force_from=force[0],
        in_force_to=force[1],
        windows={Kind.FINAL: data.draw(windows)},
        ladders={Kind.FINAL: ladder},
        reserve_percent=reserve,
        response_weeks=data.draw(st.integers(1, 20)),
        merge_review_months=data.draw(st.integers(0, 6)),
    )
    loaded = load_policy(dump_policy(policy))
    assert loaded.policy == policy, loaded.findings


def test_the_template_can_be_loaded_as_it_is_and_names_every_word() -> None:
    text = template_text()
    loaded = load_policy(text)
    assert (loaded.findings, loaded.policy is not None) == ((), True)
    words = {*Independence, *Basis, *Mode, *Confidence, *Obliged, *Every, *OF_PROJECTS, *OF_THE_INSTITUTION}
    # done, never demanded
    words -= {Kind.INTERIM}
    assert [word for word in words if word.value not in text] == []
