"""What a project owes as a function of its dated facts: the same facts give the same obligations, whoever asked when.

The days on which anything changed are walked in order. On each the rules say what the project owes by what was known
then, and :func:`app.domain.evaluation.changes.reconcile` brings what stood into line. So an obligation has its history
from the facts alone; what a database keeps of it is a copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.domain.evaluation.changes import reconcile
from app.domain.evaluation.conditions import Subject
from app.domain.evaluation.facts import Assessment, CannotTell, EvaluationFacts, Key, Obligation, ProjectFacts
from app.domain.evaluation.history import DecisionFacts, Known, ProjectHistory, Timeline
from app.domain.evaluation.obligations import assess, assess_subject
from app.domain.evaluation.records import (
    BecameInterim,
    Change,
    Created,
    Lapsed,
    Reschedule,
    Restated,
    Standing,
    Superseded,
    TakenBack,
    Waiver,
)
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Kind
from app.domain.money import Rates


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """An obligation with the days of its life. The id of its standing is its place among the project's, from 1."""

    standing: Standing
    #: Day of the change that made it; None: it stood from the beginning.
    since: date | None
    #: Day on which it gave way or lapsed.
    until: date | None = None
    #: Why it gave way or lapsed.
    because: str = ""
    #: The one that took its place, or brought it back.
    successor: int | None = None
    #: Decisions in force about it.
    waiver: DecisionFacts | None = None
    reschedule: DecisionFacts | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Untold:
    """Something that cannot be told, from a day until another."""

    unknown: CannotTell
    since: date | None
    #: Day on which it could be told.
    until: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What a project owes and owed, as known on a day."""

    #: In the order in which they were made; of each key at most one is current.
    owed: tuple[Owed, ...]
    untold: tuple[Untold, ...]
    #: By the facts of the day.
    assessment: Assessment
    facts: ProjectFacts
    #: The evaluations, with those that became interim marked.
    evaluations: tuple[EvaluationFacts, ...]
    #: Next day on which facts already recorded come to count.
    next_on: date | None


def replay(history: ProjectHistory, rulebook: Rulebook, rates: Rates, as_of: date) -> Replayed:
    """The obligations of a project as known on a day, from its beginning on."""
    timeline = Timeline(history, rulebook, rates)
    steps, next_on = timeline.walk(as_of)
    fold = _Fold(rulebook, rates, history.evaluations)
    decisions = sorted(
        (one for one in history.decisions if one.decision.approved_on <= as_of),
        key=lambda one: (one.decision.approved_on, one.id),
    )
    for step in steps:
        while decisions and _comes_before(decisions[0], step):
            fold.decide(decisions.pop(0))
        fold.step(step)
    for decision in decisions:
        fold.decide(decision)
    facts = steps[-1].facts if len(steps) == 1 else timeline.facts_on(as_of)
    return Replayed(
        owed=tuple(fold.owed),
        untold=tuple(fold.untold),
        assessment=fold.assessment if facts == steps[-1].facts else assess(facts, rulebook, rates, as_of),
        facts=facts,
        evaluations=tuple(fold.evaluations),
        next_on=next_on,
    )


def _comes_before(decision: DecisionFacts, step: Known) -> bool:
    """A decision concerns what stands after the changes of its day; a waiver is taken back before them."""
    on = decision.decision.approved_on
    return on < step.day or (on == step.day and isinstance(decision.decision, TakenBack))


@dataclass(slots=True)
class _Fold:
    rulebook: Rulebook
    rates: Rates
    evaluations: Sequence[EvaluationFacts]
    owed: list[Owed] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)
    #: Decided before anything stood under the key.
    waiting: list[DecisionFacts] = field(default_factory=list)
    #: of the last step: another policy judges the same
    subject: Subject | None = None
    assessment: Assessment = field(init=False)

    def step(self, known: Known) -> None:
        facts = known.facts
        if self.subject is None or self.subject.facts is not facts:
            self.subject = Subject(facts, self.rates)
        self.assessment = assess_subject(self.subject, self.rulebook, known.day)
        if known.since is None:
            # it takes the past as it is: nothing lies ahead of it, and nothing stood before
            for obligation in self.assessment.obligations:
                self._add(obligation, None)
            self._note_unknown(self.assessment.cannot_tell, None)
            return
        changes = reconcile(
            [one.standing for one in self.owed],
            self.assessment,
            facts,
            [one.known_on(known.day) for one in self.evaluations],
            as_of=known.day,
            cause_date=known.since,
            because=known.because,
        )
        for change in changes.changes:
            self._apply(change, known)
        self._note_unknown(self.assessment.cannot_tell, known.since)

    def _apply(self, change: Change, known: Known) -> None:
        match change:
            case Created(obligation=obligation, replaces=replaced):
                number = self._add(obligation, known.since)
                if replaced is not None:
                    self.owed[replaced - 1] = replace(self.owed[replaced - 1], successor=number)
            case Superseded(id=number, successor=obligation, reason=reason):
                before = self.owed[number - 1]
                after = self._add(obligation, known.since)
                standing = replace(before.standing, superseded_by=after)
                self.owed[number - 1] = replace(
                    self.owed[number - 1], standing=standing, until=known.since, because=reason, successor=after
                )
                self._carry_over(before, after)
            case Lapsed(id=number, reason=reason, at_end=end):
                standing = replace(self.owed[number - 1].standing, lapsed_because=reason, lapsed_at_end=end)
                self.owed[number - 1] = replace(
                    self.owed[number - 1], standing=standing, until=known.since, because=reason
                )
            case Restated(id=number, obligation=obligation):
                self.owed[number - 1] = replace(
                    self.owed[number - 1], standing=replace(self.owed[number - 1].standing, obligation=obligation)
                )
            case BecameInterim(evaluation=number):
                self.evaluations = [
                    replace(one, interim_since=known.since) if one.id == number else one for one in self.evaluations
                ]

    def _add(self, obligation: Obligation, since: date | None) -> int:
        number = len(self.owed) + 1
        self.owed.append(Owed(standing=Standing(id=number, obligation=obligation), since=since))
        for decision in [one for one in self.waiting if _place(one) == (obligation.kind, obligation.ordinal)]:
            self.waiting.remove(decision)
            self._decided(number, decision)
        return number

    def _carry_over(self, before: Owed, number: int) -> None:
        """A date that was moved stays the later of the two when the project is extended."""
        moved, was, now = before.reschedule, before.standing.obligation, self.owed[number - 1].standing.obligation
        if moved is None or not isinstance(moved.decision, Reschedule) or now.due < was.due:
            return
        if moved.decision.due > now.due:
            self._decided(number, moved)

    def decide(self, decision: DecisionFacts) -> None:
        """A decision concerns what stands under its key on its day, else whatever comes to stand there first."""
        current = [one for one in self.owed if one.standing.is_current and _key(one) == _place(decision)]
        if current:
            self._decided(current[0].standing.id, decision)
        elif not any(_key(one) == _place(decision) for one in self.owed):
            self.waiting.append(decision)

    def _decided(self, number: int, decision: DecisionFacts) -> None:
        standing = self.owed[number - 1].standing
        match decision.decision:
            case Waiver() as waiver:
                self.owed[number - 1] = replace(
                    self.owed[number - 1], standing=replace(standing, waiver=waiver), waiver=decision
                )
            case TakenBack() as back if standing.waiver is not None:
                waiver = replace(standing.waiver, until=back.approved_on)
                self.owed[number - 1] = replace(self.owed[number - 1], standing=replace(standing, waiver=waiver))
            case Reschedule() as moved:
                self.owed[number - 1] = replace(
                    self.owed[number - 1], standing=replace(standing, reschedule=moved), reschedule=decision
                )

    def _note_unknown(self, unknown: Sequence[CannotTell], since: date | None) -> None:
        now = {one.kind: one for one in unknown}
        for place, one in enumerate(self.untold):
            if one.until is None:
                still = now.pop(one.unknown.kind, None)
                self.untold[place] = replace(one, until=since) if still is None else replace(one, unknown=still)
        self.untold += [Untold(unknown=one, since=since) for one in now.values()]


def _key(owed: Owed) -> tuple[Kind, int]:
    key: Key = owed.standing.obligation.key
    return key.kind, key.ordinal


def _place(decision: DecisionFacts) -> tuple[Kind, int]:
    return decision.kind, decision.ordinal
