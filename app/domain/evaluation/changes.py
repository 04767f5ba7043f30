"""What a recomputation makes of the obligations a project has: identities kept, nothing lost from sight.

The rules, in the order in which they are asked:

* What is done or waived stays; a final done before the window of a later end gives way to a new one.
* What did not change stays under its identity.
* When a project is over, an unbegun mid-term, review or assessment still ahead lapses; the final goes to the new end.
* A mid-term or review whose due date has passed never moves; such a mid-term takes a stronger independence, though.
* One whose window has opened survives when no rule demands it any more, and never becomes weaker.
* What the policies cannot tell any more stays as it was.
* A mid-term under way when its date moves becomes interim; its obligation gives way to that of the new midpoint.
* A review near the mid-term that stands merges into it, whether or not that one moved with the dates.
* What follows the work falls due no earlier than the change that caused it, and is not owed where that comes too late:
  a review or an assessment whose day has passed, a mid-term within the window of the final.
* What follows the end is due at the end, however late the end was told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.evaluation.dates import is_near
from app.domain.evaluation.facts import Assessment, EvaluationFacts, Key, Obligation, ProjectFacts
from app.domain.evaluation.records import (
    BecameInterim,
    Change,
    Changes,
    Created,
    Lapsed,
    Restated,
    Standing,
    Superseded,
)
from app.domain.evaluation.states import best_evaluation, last_done, satisfies, with_reschedule
from app.domain.evaluation.terms import Kind, Stage
from app.domain.periods import add_months, day_after

#: Kinds that only make sense while the work goes on.
DURING = frozenset({Kind.EVALUABILITY, Kind.ANNUAL_REVIEW, Kind.MID_TERM})
#: Kinds that look back at a year: when the year is over before anybody asks for them, they are not owed at all.
OF_A_YEAR = frozenset({Kind.EVALUABILITY, Kind.ANNUAL_REVIEW})
#: Kinds whose cause is the end itself.
AT_THE_END = frozenset({Kind.FINAL, Kind.EX_POST})


def reconcile(
    existing: Iterable[Standing],
    assessment: Assessment,
    facts: ProjectFacts,
    evaluations: Sequence[EvaluationFacts],
    *,
    as_of: date,
    cause_date: date | None = None,
    because: str = "",
) -> Changes:
    """The changes that bring a project's kept obligations in line with its assessment; none when nothing changed.

    ``existing`` may hold superseded and lapsed ones; of each key at most one is current. ``cause_date`` is the day of
    the decision that caused the recomputation, ``because`` names it in words. Without a cause date a first computation
    takes all dates as they are (a portfolio loaded from the past keeps its past), a later one takes ``as_of``.
    """
    standings = tuple(existing)
    cause = cause_date if cause_date is not None or not standings else as_of
    work = _Reconciliation(facts, assessment, evaluations, as_of, cause, because)
    current = {standing.obligation.key: standing for standing in standings if standing.is_current}
    lapsed = {one.obligation.key: one for one in sorted(standings, key=lambda one: one.id) if one.lapsed_because}
    changes: list[Change] = []
    kept: list[int] = []

    def settle(demanded: Iterable[Obligation]) -> None:
        for desired in demanded:
            standing = current.pop(desired.key, None)
            if standing is None:
                changes.extend(work.new(desired, lapsed.get(desired.key)))
            else:
                collect(work.compared(standing, desired), standing)

    def collect(found: list[Change], standing: Standing) -> None:
        changes.extend(found)
        if not found:
            kept.append(standing.id)

    mid_term = current.get(Key(facts.project, Kind.MID_TERM, 0))
    settle(one for one in assessment.obligations if one.kind is Kind.MID_TERM)
    if mid_term is not None and mid_term.obligation.key in current:
        del current[mid_term.obligation.key]
        collect(work.undemanded(mid_term), mid_term)
    work.mid_term = _standing_after(mid_term, changes)
    settle(work.without_near(one for one in assessment.obligations if one.kind is not Kind.MID_TERM))
    settle(work.without_near(assessment.near_reviews))
    for standing in current.values():
        collect(work.undemanded(standing), standing)
    return Changes(changes=tuple(changes), kept=tuple(kept))


def _standing_after(mid_term: Standing | None, changes: Iterable[Change]) -> Obligation | None:
    """The mid-term that stands after these changes of it."""
    stands = None if mid_term is None else mid_term.obligation
    for change in changes:
        match change:
            case Created(obligation=obligation) | Superseded(successor=obligation) | Restated(obligation=obligation):
                stands = obligation
            case Lapsed():
                stands = None
    return stands


@dataclass(slots=True)
class _Reconciliation:
    facts: ProjectFacts
    assessment: Assessment
    evaluations: Sequence[EvaluationFacts]
    as_of: date
    #: None only for a first computation.
    cause: date | None
    because: str
    #: The mid-term that stands once this recomputation is through, as soon as that is known.
    mid_term: Obligation | None = None

    def without_near(self, demanded: Iterable[Obligation]) -> Iterator[Obligation]:
        """Without the reviews that merge into the mid-term."""
        return (one for one in demanded if not self._is_near(one))

    def _is_near(self, review: Obligation) -> bool:
        stands = self.mid_term
        return (
            stands is not None
            and review.kind is Kind.ANNUAL_REVIEW
            and is_near(review.due, stands.due, self.assessment.merge_months)
        )

    @property
    def is_over(self) -> bool:
        """Whether the work has ended, or was shortened to a day that has passed."""
        end = self.facts.end
        return self.facts.has_ended or (end is not None and end <= self.as_of)

    def new(self, desired: Obligation, lapsed: Standing | None) -> list[Change]:
        """A demand without a current obligation."""
        if desired.kind in DURING and self.is_over and (self.cause is not None or desired.due >= self.as_of):
            return []
        if self.cause is None:
            return [Created(obligation=desired)]
        if self._comes_too_late(desired, self.cause):
            return []
        replaces = lapsed.id if lapsed is not None else None
        return [Created(obligation=_not_before(desired, self.cause), replaces=replaces)]

    def _comes_too_late(self, desired: Obligation, cause: date) -> bool:
        if desired.kind in OF_A_YEAR:
            return desired.due < cause
        finals = (one.opens for one in self.assessment.obligations if one.kind is Kind.FINAL)
        return desired.kind is Kind.MID_TERM and any(opens <= cause for opens in finals)

    def compared(self, standing: Standing, desired: Obligation) -> list[Change]:
        """A current obligation and what the rules now demand under its key."""
        was = standing.obligation
        now = _not_before(desired, was.not_before)
        evaluation = best_evaluation(was, self.evaluations, self.as_of)
        done = evaluation is not None and evaluation.is_done(self.as_of)
        under_way = evaluation is not None and evaluation.is_under_way(self.as_of)
        unbegun = not done and not under_way and not standing.is_waived
        if unbegun and was.kind in DURING and self.is_over and (lapsed := self._lapse_at_end(standing)):
            return lapsed
        if was.is_same_demand(now):
            return [] if was == now else [Restated(id=standing.id, obligation=now)]
        if standing.is_waived:
            return []
        if evaluation is not None and done:
            return self._after_done(standing, desired, last_done(was, self.evaluations, self.as_of) or evaluation)
        if was.kind in DURING and with_reschedule(standing, self.as_of).due < self.as_of:
            return self._strengthened(standing, desired)
        if was.kind in OF_A_YEAR and desired.due < self.as_of and not under_way:
            over = f"its day would have been {desired.due}, which has passed"
            return [Lapsed(id=standing.id, reason=self._because(over))]
        stronger = was.independence.strength > desired.independence.strength
        if stronger and max(was.opens, desired.opens) <= self.as_of:
            kept = f"{desired.reason}; stays {was.independence}, since its window had opened"
            now = replace(now, independence=was.independence, cycle=was.cycle, reason=kept)
            desired = replace(desired, independence=was.independence, cycle=was.cycle, reason=kept)
            if was.is_same_demand(now):
                return []
        interim = evaluation is not None and evaluation.kind is Kind.MID_TERM and was.due != desired.due
        if under_way and evaluation is not None and was.kind in DURING and self.is_over:
            # nothing new is asked of a project that is over: what was begun is kept unless it serves the new demand too
            begun = replace(evaluation, kind=Kind.INTERIM) if interim else evaluation
            if not satisfies(begun, _not_before(desired, self._floor(standing))):
                return []
        changes = self._supersede(standing, desired, self._floor(standing))
        if under_way and evaluation is not None and interim:
            reason = f"it was under way when the mid-term moved from {was.due} to {desired.due}"
            changes.append(BecameInterim(evaluation=evaluation.id, reason=reason))
        return changes

    def undemanded(self, standing: Standing) -> list[Change]:
        """A current obligation no rule demands any more."""
        was = standing.obligation
        evaluation = best_evaluation(was, self.evaluations, self.as_of)
        begun = evaluation is not None and (evaluation.is_done(self.as_of) or evaluation.is_under_way(self.as_of))
        if begun or standing.is_waived:
            return []
        if self.facts.stage is Stage.CANCELLED and self.facts.actual_start is None:
            return [Lapsed(id=standing.id, reason=self._because("the project was cancelled before it started"))]
        if any(unknown.kind in (None, was.kind) for unknown in self.assessment.cannot_tell):
            return []
        if was.kind in DURING and self.is_over:
            return self._lapse_at_end(standing)
        passed = was.kind in DURING and with_reschedule(standing, self.as_of).due < self.as_of
        if passed or (was.opens <= self.as_of and not self._is_near(was)):
            return []
        return [Lapsed(id=standing.id, reason=self._because(self._why_undemanded(was)))]

    def _strengthened(self, standing: Standing, desired: Obligation) -> list[Change]:
        """A mid-term whose day has passed keeps its dates, but is asked for as independent as the rules now demand."""
        was = standing.obligation
        if was.kind is not Kind.MID_TERM or was.independence.satisfies(desired.independence):
            return []
        as_made, agreed = _not_before(desired, self.cause), with_reschedule(standing, self.as_of)
        # a later day that was agreed goes over as what it is, an earlier one is the day that had passed
        stays = agreed if agreed.due < was.due else was
        if (as_made.opens, as_made.due, as_made.late) == (stays.opens, stays.due, stays.late):
            # its dates are those that are demanded: nothing had to stay
            return self._give_way(standing, as_made)
        stronger = replace(
            stays,
            independence=desired.independence,
            cycle=desired.cycle,
            rules=desired.rules,
            reason=f"{desired.reason}; stays due on {stays.due}, a day that had passed",
            not_before=self.cause,
        )
        return self._give_way(standing, stronger)

    def _after_done(self, standing: Standing, desired: Obligation, evaluation: EvaluationFacts) -> list[Change]:
        """What was done stays done, unless the end moved so far that the work belongs to an earlier project."""
        was = standing.obligation
        done = evaluation.completed_on
        if done is None or desired.due <= was.due:
            return []
        if was.kind is Kind.MID_TERM:
            outdated = evaluation.kind is Kind.INTERIM and was.due >= self.as_of and not satisfies(evaluation, desired)
        else:
            outdated = was.kind in (Kind.FINAL, Kind.EX_POST) and done < desired.opens
        if not outdated:
            return []
        return self._supersede(standing, desired, max(self._floor(standing), day_after(done)))

    def _lapse_at_end(self, standing: Standing) -> list[Change]:
        """The project is over: what lay beyond its end, or still ahead, lapses; what was due before stays overdue."""
        due = with_reschedule(standing, self.as_of).due
        end = self.facts.end
        if due < self.as_of and (end is None or due <= end):
            return []
        known = end is not None and (end == self.facts.actual_end or end <= self.as_of)
        over = f"ended on {end}" if known else f"is {self.facts.stage}"
        reason = self._because(f"the project {over} before it was begun")
        return [Lapsed(id=standing.id, reason=reason, at_end=end)]

    def _supersede(self, standing: Standing, desired: Obligation, floor: date) -> list[Change]:
        return self._give_way(standing, _not_before(desired, floor))

    def _give_way(self, standing: Standing, successor: Obligation) -> list[Change]:
        was = standing.obligation
        parts = []
        if was.due != successor.due:
            parts.append(f"due {successor.due} instead of {was.due}")
        if was.independence is not successor.independence:
            parts.append(f"{successor.independence} instead of {was.independence}")
        if not parts:
            parts.append(f"window {successor.opens} to {successor.late} instead of {was.opens} to {was.late}")
        return [Superseded(id=standing.id, successor=successor, reason=self._because(", ".join(parts)))]

    def _floor(self, standing: Standing) -> date:
        """A moved obligation falls due no earlier than its cause, but a late record gains no time on the old date."""
        cause = self.cause if self.cause is not None else self.as_of
        floor = min(cause, with_reschedule(standing, self.as_of).due)
        made = standing.obligation.not_before
        return floor if made is None else max(floor, made)

    def _why_undemanded(self, was: Obligation) -> str:
        if self.mid_term is not None and self._is_near(was):
            return f"merged into the {self.mid_term.kind} of {self.mid_term.due}"
        for other in self.assessment.obligations:
            if was.kind is Kind.ANNUAL_REVIEW and was.ordinal in other.merged_reviews:
                return f"merged into the {other.kind} of {other.due}"
        return "no rule demands it any more"

    def _because(self, reason: str) -> str:
        return f"{reason} ({self.because})" if self.because else reason


def _not_before(obligation: Obligation, floor: date | None) -> Obligation:
    """The obligation as made by a change on that day: it falls due no earlier, unless it follows the end."""
    if floor is None:
        return obligation
    due = max(obligation.due, floor)
    if due == obligation.due or obligation.kind in AT_THE_END:
        return replace(obligation, not_before=floor)
    late = max(obligation.late, due, add_months(due, obligation.grace_months))
    return replace(obligation, due=due, late=late, not_before=floor)
