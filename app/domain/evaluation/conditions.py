"""Whether a rule applies to a project: yes, no, or not to be told, always with the words for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.evaluation.dates import LONGEST_MONTHS, lasts, midpoint, year_end
from app.domain.evaluation.facts import BudgetFigure, ProjectFacts
from app.domain.evaluation.policy import ANCHORS, Band, BudgetBand, Policy, Requirement, Rule
from app.domain.evaluation.terms import Anchor, Basis, Kind, Mode
from app.domain.evaluation.words import (
    budget_band_in_words,
    converted_in_words,
    money_in_words,
    months_band_in_words,
)
from app.domain.findings import Finding, Severity
from app.domain.money import MissingRate, Rates
from app.domain.periods import add_months


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule that may apply says about a project."""

    policy: Policy
    rule: Rule
    #: False: that cannot be told, for want of ``missing``.
    applies: bool
    #: Why it applies.
    words: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.policy.id}/{self.rule.id}"

    @property
    def requirement(self) -> Requirement:
        return self.rule.requirement


class Subject:
    """A project's facts with the dates judged once and every figure converted once."""

    __slots__ = ("_figures", "end", "facts", "findings", "missing_dates", "rates", "start")

    def __init__(self, facts: ProjectFacts, rates: Rates) -> None:
        self.facts = facts
        self.rates = rates
        self.start: date | None = facts.start
        self.end: date | None = facts.end
        self.findings: list[Finding] = []
        #: What is wrong with the dates, in words.
        self.missing_dates: list[str] = []
        self._figures: dict[tuple[Basis, str], tuple[Decimal | None, str]] = {}
        self._judge_dates()

    def _judge_dates(self) -> None:
        start, end = self.start, self.end
        if start is not None and end is not None:
            if end < start:
                self.missing_dates.append(f"dates in order (the end {end} lies before the start {start})")
                self._warn("project.end-before-start", f"it ends on {end}, before it starts on {start}: correct either")
                self.start = self.end = None
            elif end >= add_months(start, LONGEST_MONTHS):
                self.missing_dates.append(f"a real end date ({end} is {LONGEST_MONTHS // 12} years or more away)")
                self._warn("project.end-implausible", f"the end {end} cannot be planned by: enter the real one")
                self.end = None
        if self.facts.has_ended and self.facts.actual_end is None:
            message = f"it is {self.facts.stage}, but has no actual end: enter it; until then the planned end counts"
            self._warn("project.ended-without-date", message, Severity.ADVISORY)
        if start is None:
            self.missing_dates.append("start date")
        if end is None:
            self.missing_dates.append("end date")

    def _warn(self, rule: str, message: str, severity: Severity = Severity.WARNING) -> None:
        self.findings.append(Finding(rule=rule, severity=severity, subject=self.facts.project, message=message))

    def figure(self, band: BudgetBand) -> tuple[Decimal | None, str]:
        """The budget on a basis in a currency with the words for it, or None with what is missing."""
        place = (band.basis, band.currency)
        found = self._figures.get(place)
        if found is None:
            found = self._figures[place] = self._convert(band)
        return found

    def _convert(self, band: BudgetBand) -> tuple[Decimal | None, str]:
        figure, basis = self._on_basis(band.basis)
        if figure is None:
            return None, "actual expenditure" if band.basis is Basis.ACTUAL else "budget"
        money = figure.money
        if money.amount < 0:
            return None, f"a budget that is not negative ({money_in_words(money.amount, money.currency)})"
        noun = "expenditure" if band.basis is Basis.ACTUAL else "budget"
        own = f"{noun} {money_in_words(money.amount, money.currency)}"
        if money.currency == band.currency:
            return money.amount, f"{own} ({basis} {figure.decided_on})"
        converted = self.rates.convert(money, band.currency, figure.decided_on)
        if isinstance(converted, MissingRate):
            return None, f"rate of {converted.currency} on {converted.day}"
        equal = converted_in_words(converted.amount, band.currency)
        return converted.amount, f"{own} = {equal} ({basis} {figure.decided_on}, rate of that day)"

    def _on_basis(self, basis: Basis) -> tuple[BudgetFigure | None, str]:
        facts = self.facts
        if basis is Basis.ACTUAL:
            return facts.actual_expenditure, "actual"
        if basis is Basis.REVISED and facts.revised_budget is not None:
            return facts.revised_budget, "revised"
        return facts.original_budget, "original"

    def lasts_otherwise(self, band: Band) -> bool:
        """Whether it is known not to last so long."""
        return self.start is not None and self.end is not None and not lasts(band, self.start, self.end)

    def anchor(self, requirement: Requirement) -> date | None:
        """The day a requirement's window is counted from; None when the dates it needs are unknown.

        Yearly requirements have one per year, see :func:`app.domain.evaluation.dates.review_days`.
        """
        anchor = requirement.anchor or ANCHORS[requirement.kind]
        if anchor is Anchor.END:
            return self.end
        if anchor is Anchor.MIDPOINT:
            return None if self.start is None or self.end is None else midpoint(self.start, self.end)
        return None if self.start is None else year_end(self.start, 1)


def judge(rule: Rule, policy: Policy, subject: Subject) -> Verdict | None:
    """What the rule says; None: its condition does not hold. One part that fails settles it, whatever else is
    unknown."""
    if _fails(rule, subject):
        return None
    parts = list(_parts(rule, subject))
    missing = tuple([text for holds, text in parts if not holds])
    if missing:
        return Verdict(policy, rule, applies=False, missing=missing)
    return Verdict(policy, rule, applies=True, words=tuple([text for _, text in parts]))


def _fails(rule: Rule, subject: Subject) -> bool:
    """Whether a part of the condition does not hold. Most rules fail for most projects, so no words are made yet."""
    condition, facts = rule.condition, subject.facts
    if condition.budget is not None:
        amount, _ = subject.figure(condition.budget)
        if amount is not None and not condition.budget.band.holds(amount):
            return True
    if condition.months is not None and subject.lasts_otherwise(condition.months):
        return True
    if condition.pilot is not None and facts.pilot != condition.pilot:
        return True
    if condition.phase_at_least is not None and facts.phase is not None and facts.phase < condition.phase_at_least:
        return True
    if condition.funding and not any(one.preset in condition.funding for one in facts.funding):
        return True
    return rule.requirement.mode is Mode.IF_AGREED and facts.mid_term_agreed is False


def _parts(rule: Rule, subject: Subject) -> Iterator[tuple[bool, str]]:
    """Each part of a condition that does not fail: (True, words) when it holds, (False, what is missing) where that
    cannot be told."""
    condition, facts, months = rule.condition, subject.facts, rule.condition.months
    if condition.pilot is not None:
        yield True, "is a pilot" if facts.pilot else "is no pilot"
    if condition.phase_at_least is not None:
        yield (False, "phase") if facts.phase is None else (True, f"is in phase {facts.phase}")
    if condition.funding:
        used = sorted({str(one.preset) for one in facts.funding if one.preset in condition.funding})
        yield True, f"is funded by {', '.join(used)}"
    if months is not None:
        if subject.start is None or subject.end is None:
            yield from ((False, text) for text in subject.missing_dates)
        else:
            yield True, f"runs {subject.start} to {subject.end}, {months_band_in_words(months)}"
    if condition.budget is not None:
        amount, text = subject.figure(condition.budget)
        if amount is not None:
            text = f"{text} is {budget_band_in_words(condition.budget.band, condition.budget.currency)}"
        yield amount is not None, text
    if rule.requirement.mode is Mode.IF_AGREED:
        noun = "mid-term" if rule.requirement.kind is Kind.MID_TERM else str(rule.requirement.kind)
        if facts.mid_term_agreed is None:
            yield False, f"{FORESEES}{noun}"
        else:
            yield True, f"the evaluation plan foresees a {noun}"


#: What is missing where only the evaluation plan could tell.
FORESEES = "whether the evaluation plan foresees a "
