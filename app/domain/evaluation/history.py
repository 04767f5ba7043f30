"""The dated facts of one project, and what was known of it on each day on which anything changed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from app.domain.evaluation.facts import BudgetFigure, EvaluationFacts, Funding, ProjectFacts
from app.domain.evaluation.policy import BudgetBand
from app.domain.evaluation.records import Reschedule, TakenBack, Waiver
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Basis, Kind, Stage
from app.domain.money import WORKING, MissingRate, Money, Rates
from app.domain.revisions import LifeCycle, Revision, replay

#: What is dated before this day is a record that does not say when it was decided: known from the beginning.
DATED_SINCE = date(1901, 1, 1)
#: The day of a beginning without a date: everything undated is known on it.
BEGINNING = date(1900, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Decided(Revision):
    """A value decided on a day, with the reason given for it."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionFacts:
    """A decision about whatever stood under a kind (and number) on the day it was approved."""

    #: Whatever identifies the decision to the caller.
    id: int
    kind: Kind
    ordinal: int
    decision: Waiver | TakenBack | Reschedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What was spent on a day."""

    day: date
    money: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectHistory:
    """Everything that decides what one project owes and owed."""

    #: What carries no date (pilot, phase, whether a mid-term is agreed, the reserve), with the values in force of what
    #: has no revisions; without funding and expenditure.
    stated: ProjectFacts
    #: Decisions on dates, stage and total budget, in any order.
    revisions: tuple[Decided, ...] = ()
    #: Agreements that fund the project; a signed one counts from its day, one without a day always.
    funding: tuple[Funding, ...] = ()
    #: Postings by day; empty where no rule looks at them.
    spending: tuple[Spent, ...] = ()
    evaluations: tuple[EvaluationFacts, ...] = ()
    decisions: tuple[DecisionFacts, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A project as known from a day on."""

    #: None: from the beginning.
    since: date | None
    #: The day itself; of a beginning without a date :data:`BEGINNING`.
    day: date
    facts: ProjectFacts
    #: What changed on the day, in words.
    because: str = ""


@dataclass(slots=True)
class Timeline:
    """The successive states of knowledge of a project, for one rulebook."""

    history: ProjectHistory
    rulebook: Rulebook
    rates: Rates
    _dated: list[Decided] = field(init=False)
    #: Day of the project's record: asked for an earlier one, what it said at first is all that can be told.
    _recorded: date = field(init=False)
    _begins: date = field(init=False)
    #: Days of decisions and of signatures, in order: between two of them nothing else is known.
    _decided_on: list[date] = field(init=False)
    _signed_on: list[date] = field(init=False)
    #: What was known, by how many decisions and signatures there were (and the day of a figure without one).
    _values: dict[int, ProjectFacts] = field(init=False, default_factory=dict)
    _facts: dict[tuple[int, int, date], ProjectFacts] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        revisions = self.history.revisions
        self._dated = sorted(
            (one for one in revisions if one.known_on >= DATED_SINCE), key=lambda one: (one.known_on, one.sequence)
        )
        self._decided_on = [one.known_on for one in self._dated]
        self._signed_on = sorted(one.signed_on for one in self.history.funding if one.signed_on is not None)
        of_record = [one for one in revisions if one.field == "stage"] or revisions
        self._recorded = min((one.known_on for one in of_record), default=BEGINNING)
        self._begins = self._beginning()

    def _beginning(self) -> date:
        """The day from which the project is known: that of its record, or of its first signature if undated.

        What was decided until then is how it began, and no change of it.
        """
        if self._recorded >= DATED_SINCE:
            return self._recorded
        signed = min((one.signed_on for one in self.history.funding if one.signed_on is not None), default=None)
        if signed is None or (self._dated and self._dated[0].known_on < signed):
            return BEGINNING
        return signed

    def walk(self, as_of: date) -> tuple[list[Known], date | None]:
        """What was known at first and after each day, until ``as_of``, on which something changed.

        Beside it the next day on which facts already recorded come to count, if there is one.
        """
        begins = min(self._begins, as_of)
        steps = [Known(since=None, day=begins, facts=_by(as_of, self.facts_on(begins)))]
        for day in self._changes(begins):
            if day > as_of:
                return steps, min([day, *self._ahead(as_of)])
            facts = self._as_running(_by(as_of, self.facts_on(day)), day)
            steps.append(Known(since=day, day=day, facts=facts, because=self._because(day)))
        return steps, min(self._ahead(as_of), default=None)

    def _ahead(self, as_of: date) -> list[date]:
        """The days after ``as_of`` on which what is on record as a start or an end will have happened."""
        facts = self._values_on(max(as_of, self._recorded))
        return [day for day in (facts.actual_start, facts.actual_end) if day is not None and day > as_of]

    def _as_running(self, facts: ProjectFacts, day: date) -> ProjectFacts:
        """The facts of a day on which the end lay ahead, though a record without a day says that the work is over.

        It was over by its end, and until then that end was a planned one.
        """
        if not facts.has_ended or facts.end is None or facts.end <= day:
            return facts
        told = {one.field for one in self._dated if one.known_on <= day}
        if facts.actual_end is not None and "actual_end" not in told:
            facts = replace(facts, planned_end=facts.actual_end, actual_end=None)
        begun = facts.stage is Stage.CLOSED or (facts.stage is Stage.CANCELLED and facts.actual_start is not None)
        return replace(facts, stage=Stage.IMPLEMENTATION) if begun and "stage" not in told else facts

    def _changes(self, begins: date) -> list[date]:
        """The days after the beginning on which what rules read may have changed, in order."""
        days = {one.known_on for one in self._dated}
        days |= self._signatures()
        # what a waiver held still moves on when it is taken back
        days |= {one.decision.approved_on for one in self.history.decisions if isinstance(one.decision, TakenBack)}
        if self._begins > begins:
            days.add(self._begins)
        if self.history.spending:
            days |= self._spending_days()
        days |= {day for day, _ in self.rulebook.former}
        for first in {book.first_in_force for book in self.rulebook.ever}:
            if first is not None and any(day < first for day in self._policy_days()):
                days.add(first)
        return sorted(day for day in days if day > begins)

    def _signatures(self) -> set[date]:
        """The first signature, and those that bring a clause or a source of funds that rules look at."""
        signed = [one for one in self.history.funding if one.signed_on is not None]
        first = min((one.signed_on for one in signed if one.signed_on is not None), default=None)
        books = self.rulebook.ever
        return {
            one.signed_on
            for one in signed
            if one.signed_on is not None
            and (
                one.signed_on == first
                or any(one.partner in book.clauses or one.preset in book.presets for book in books)
            )
        }

    def _policy_days(self) -> Iterator[date]:
        """The days that may ever have fixed the project's policy."""
        stated = self.history.stated
        yield from (day for day in (stated.planned_start, stated.actual_start) if day is not None)
        yield from (one.signed_on for one in self.history.funding if one.signed_on is not None)
        for one in self.history.revisions:
            if one.field in ("planned_start", "actual_start") and one.value is not None:
                yield date.fromisoformat(one.value)

    def facts_on(self, day: date) -> ProjectFacts:
        """What was known on a day; what carries no date always was."""
        history, by = self.history, max(day, self._recorded)
        values, signed = self._values_on(by), bisect_right(self._signed_on, day)
        fixed_on = self._signed_on[0] if signed else values.start or max(day, DATED_SINCE)
        place = (bisect_right(self._decided_on, by), signed, fixed_on)
        facts = self._facts.get(place)
        if facts is None:
            funding = dict.fromkeys(one for one in history.funding if one.signed_on is None or one.signed_on <= day)
            decided = [one for one in history.revisions if one.field == "total_budget"]
            original, revised = _budgets(decided, values.original_budget, by, fixed_on)
            facts = replace(values, funding=tuple(funding), original_budget=original, revised_budget=revised)
            self._facts[place] = facts
        if not history.spending:
            return facts
        return replace(facts, actual_expenditure=spent_by(history.spending, day, self.rates))

    def _values_on(self, day: date) -> ProjectFacts:
        """Dates and stage as decided by a day; the values in force where no decision is dated."""
        if not self._dated:
            return self.history.stated
        decisions = bisect_right(self._decided_on, day)
        if decisions not in self._values:
            self._values[decisions] = self._decided_by(day)
        return self._values[decisions]

    def _decided_by(self, day: date) -> ProjectFacts:
        stated = self.history.stated
        fields = {one.field for one in self.history.revisions}
        known = replay(self.history.revisions, as_of=day)

        def decided(name: str, otherwise: date | None) -> date | None:
            if name not in fields:
                return otherwise
            text = known.get(name)
            return None if text is None else date.fromisoformat(text)

        stage = known.get("stage")
        return replace(
            stated,
            stage=Stage(stage) if stage else stated.stage,
            planned_start=decided("planned_start", stated.planned_start),
            planned_end=decided("planned_end", stated.planned_end),
            actual_start=decided("actual_start", stated.actual_start),
            actual_end=decided("actual_end", stated.actual_end),
        )

    def _because(self, day: date) -> str:
        decided = {one.field: one.reason for one in self._dated if one.known_on == day}
        told = [f"{field.replace('_', ' ')} of {day}: {reason}" for field, reason in sorted(decided.items())]
        signed = sorted({one.partner for one in self.history.funding if one.signed_on == day})
        told += [f"agreement with {partner} signed on {day}" for partner in signed]
        if not told and any(one.day == day for one in self.history.spending):
            told = [f"expenditure by {day}"]
        if not told and any(one.decision.approved_on == day for one in self.history.decisions):
            told = [f"its waiver was taken back on {day}"]
        if not told and any(day == changed for changed, _ in self.rulebook.former):
            told = [f"the evaluation policy was changed on {day}"]
        # all that was decided on the day, of each field what stands: which of them was recorded last says nothing
        return "; ".join(told) if told else f"the first evaluation policy came into force on {day}"

    def _spending_days(self) -> set[date]:
        """The days on which spending passed a limit that a rule looks at, and the last one."""
        bands = tuple(_bands_of_spending(self.rulebook))
        days: set[date] = set()
        before: tuple[bool | None, ...] | None = None
        for day in sorted({one.day for one in self.history.spending}):
            figure = spent_by(self.history.spending, day, self.rates)
            holds = tuple(_holds(band, figure, self.rates) for band in bands)
            if holds != before:
                days.add(day)
            before = holds
        return days


def _by(as_of: date, facts: ProjectFacts) -> ProjectFacts:
    """The facts without what cannot have happened by the day that is asked about."""
    life = LifeCycle(
        stage=facts.stage,
        planned_start=facts.planned_start,
        planned_end=facts.planned_end,
        actual_start=facts.actual_start,
        actual_end=facts.actual_end,
    )
    if (known := life.as_of(as_of)) is life:
        return facts
    return replace(
        facts,
        stage=known.stage or facts.stage,
        planned_start=known.planned_start,
        planned_end=known.planned_end,
        actual_start=known.actual_start,
        actual_end=known.actual_end,
    )


def _budgets(
    decided: Sequence[Decided], stated: BudgetFigure | None, day: date, fixed_on: date
) -> tuple[BudgetFigure | None, BudgetFigure | None]:
    """First and newest total budget; ``fixed_on`` gives the rate of a figure that does not say when it was decided."""
    if not decided:
        return (None if stated is None else replace(stated, decided_on=fixed_on)), None
    known = sorted((one for one in decided if one.known_on <= day), key=lambda one: (one.known_on, one.sequence))
    figures = [_figure(one.value, one.known_on, fixed_on) for one in known]
    newest = figures[-1] if figures else None
    if newest is None:
        return None, None
    original = next(one for one in figures if one is not None)
    return original, None if newest is original else newest


def _figure(text: str | None, known_on: date, fixed_on: date) -> BudgetFigure | None:
    if text is None:
        return None
    amount, _, currency = text.partition(" ")
    decided_on = known_on if known_on >= DATED_SINCE else fixed_on
    return BudgetFigure(money=Money(Decimal(amount), currency), decided_on=decided_on)


def spent_by(spending: Iterable[Spent], day: date, rates: Rates) -> BudgetFigure | None:
    """What was spent by a day, in one currency: its own, or US dollars by the rates of each currency's last posting.

    None when nothing was, or when a rate is missing.
    """
    totals: dict[str, Decimal] = {}
    last: dict[str, date] = {}
    for one in spending:
        if one.day > day:
            continue
        currency = one.money.currency
        totals[currency] = WORKING.add(totals.get(currency, Decimal(0)), one.money.amount)
        last[currency] = max(last.get(currency, one.day), one.day)
    if not totals:
        return None
    if len(totals) == 1:
        ((currency, amount),) = totals.items()
        return BudgetFigure(money=Money(amount, currency), decided_on=last[currency])
    total = sum_in("USD", ((Money(totals[currency], currency), last[currency]) for currency in sorted(totals)), rates)
    return None if total is None else BudgetFigure(money=total, decided_on=max(last.values()))


def sum_in(currency: str, amounts: Iterable[tuple[Money, date]], rates: Rates) -> Money | None:
    """Amounts, each by the rate of its day, in one currency; None when a rate is missing."""
    total = Decimal(0)
    for money, day in amounts:
        converted = rates.convert(money, currency, day)
        if isinstance(converted, MissingRate):
            return None
        total = WORKING.add(total, converted.amount)
    return Money(total, currency)


def _bands_of_spending(rulebook: Rulebook) -> Iterator[BudgetBand]:
    for policy in rulebook.policies:
        for rule in policy.rules:
            band = rule.condition.budget
            if band is not None and band.basis is Basis.ACTUAL:
                yield band


def _holds(band: BudgetBand, figure: BudgetFigure | None, rates: Rates) -> bool | None:
    """Whether a figure lies in a band; None when that cannot be told."""
    if figure is None:
        return None
    converted = rates.convert(figure.money, band.currency, figure.decided_on)
    return None if isinstance(converted, MissingRate) else band.band.holds(converted.amount)
