"""Projects, policies and obligations in few words, for the tests of evaluation."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.evaluation.facts import (
    Assessment,
    BudgetFigure,
    EvaluationFacts,
    Funding,
    Obligation,
    ProjectFacts,
)
from app.domain.evaluation.obligations import assess
from app.domain.evaluation.policy import Band, BudgetBand, Condition, Policy, Requirement, Rule
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Confidence, EvaluationStatus, Independence, Kind, Mode, Stage
from app.domain.money import NO_RATES, Money, Rates
from app.evaluations.policies.load import load_policy
from app.evaluations.policies.shipped import shipped_text
from app.founding import START


def policy_named(name: str) -> Policy:
    found = load_policy(shipped_text(name)).policy
    assert found is not None
    return found


ILO_2002 = policy_named("ilo-2002")
DEFAULT = policy_named("default")
BOOK = Rulebook.of(policy_named(name) for name in START)


def day(text: str) -> date:
    return date.fromisoformat(text)


def figure(amount: str | int | Decimal, decided_on: str | date, currency: str = "USD") -> BudgetFigure:
    decided = decided_on if isinstance(decided_on, date) else day(decided_on)
    return BudgetFigure(money=Money(Decimal(amount), currency), decided_on=decided)


def project(start: str | None, end: str | None, budget: str | int | None = None, **facts: Any) -> ProjectFacts:
    """A running project with planned dates, its budget decided when it started."""
    values: dict[str, Any] = {
        "project": "P",
        "stage": Stage.IMPLEMENTATION,
        "planned_start": day(start) if start else None,
        "planned_end": day(end) if end else None,
        "original_budget": None if budget is None else figure(budget, start or "2024-01-01"),
    }
    return ProjectFacts(**{**values, **facts})


def signed(partner: str, on: str | None, preset: str | None = None) -> Funding:
    return Funding(partner=partner, signed_on=day(on) if on else None, preset=preset)


def assessed(facts: ProjectFacts, book: Rulebook = BOOK, rates: Rates = NO_RATES) -> Assessment:
    return assess(facts, book, rates)


def in_short(found: Assessment) -> list[str]:
    """``kind independence due`` of every obligation, and ``? kind`` of what cannot be told."""
    owed = [f"{one.kind}{one.ordinal or ''} {one.independence} {one.due}" for one in found.obligations]
    return owed + [f"? {one.kind}" for one in found.cannot_tell]


def rule(
    name: str,
    kind: Kind,
    independence: Independence | None = None,
    *,
    over: int | None = None,
    mode: Mode = Mode.REQUIRED,
    **requirement: Any,
) -> Rule:
    """A rule for everyone, or for budgets over so many US dollars."""
    band = None if over is None else BudgetBand(band=Band(lower=Decimal(over), lower_is="over"), currency="USD")
    return Rule(
        id=name,
        requirement=Requirement(kind=kind, independence=independence, mode=mode, **requirement),
        condition=Condition(budget=band),
        source="test",
        confidence=Confidence.STATED,
    )


def policy(name: str, *rules: Rule, **values: Any) -> Policy:
    return Policy(id=name, title=name, source="test", confidence=Confidence.STATED, rules=rules, **values)


def evaluation(
    kind: Kind = Kind.FINAL,
    status: EvaluationStatus = EvaluationStatus.PLANNED,
    independence: Independence = Independence.INDEPENDENT,
    number: int = 1,
    **values: Any,
) -> EvaluationFacts:
    return EvaluationFacts(id=number, kind=kind, independence=independence, status=status, **values)


def obligation(kind: Kind = Kind.FINAL, due: str = "2025-06-30", **values: Any) -> Obligation:
    """An independent obligation with a window of three months before and after."""
    facts: dict[str, Any] = {
        "project": "P",
        "kind": kind,
        "independence": Independence.INDEPENDENT,
        "opens": day("2025-03-30"),
        "due": day(due),
        "late": day("2025-09-30"),
        "reason": "test",
        "rules": ("test/rule",),
    }
    return Obligation(**{**facts, **values})


#: begun before any policy that ships
BEFORE_BOTH = project("2002-10-31", "2004-01-31", 100000)
