"""What the rules read and what they say, as frozen values.

:class:`ProjectFacts` and :class:`EvaluationFacts` go in, both as known on the day that is asked about;
:class:`Obligation` and :class:`CannotTell` come out.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from app.domain.evaluation.terms import FINISHED, UNDER_WAY, EvaluationStatus, Independence, Kind, Stage
from app.domain.findings import Finding
from app.domain.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetFigure:
    """A budget or an expenditure with the day that fixes its rate of exchange."""

    money: Money
    #: Day of the decision (of a budget), or the last posting (of expenditure).
    decided_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Funding:
    """One agreement that funds the project, as far as evaluation rules ask."""

    partner: str
    #: Day of signature; None while pledged.
    signed_on: date | None = None
    #: Preset of the agreement, for rules that depend on the source of funds.
    preset: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectFacts:
    """One project as known on a day."""

    #: Whatever identifies the project to the caller; it comes back in every result.
    project: str
    stage: Stage
    planned_start: date | None = None
    #: Newest planned last day.
    planned_end: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    #: First total budget (gross, all sources).
    original_budget: BudgetFigure | None = None
    #: Newest total budget; None when it was never revised.
    revised_budget: BudgetFigure | None = None
    #: Expenditure so far; None when the ledger does not know it (zero is a figure).
    actual_expenditure: BudgetFigure | None = None
    funding: tuple[Funding, ...] = ()
    pilot: bool = False
    phase: int | None = None
    #: Whether the evaluation plan foresees a mid-term; None when nobody has said.
    mid_term_agreed: bool | None = None
    #: Money set aside for evaluation; None when none is known.
    evaluation_reserve: Money | None = None

    @property
    def start(self) -> date | None:
        """Actual if known, else planned."""
        return self.actual_start or self.planned_start

    @property
    def end(self) -> date | None:
        """The latest known last day: actual, else the newest planned."""
        return self.actual_end or self.planned_end

    @property
    def has_ended(self) -> bool:
        """Whether somebody has said that the work is over."""
        return self.actual_end is not None or self.stage in (Stage.CLOSED, Stage.CANCELLED)

    @property
    def policy_day(self) -> date | None:
        """The day that fixes the policy: the earliest signature, else the start."""
        signed = [funding.signed_on for funding in self.funding if funding.signed_on is not None]
        return min(signed) if signed else self.start


class Key(NamedTuple):
    """What stays the same about an obligation through every recomputation."""

    project: str
    kind: Kind
    #: Number k of an annual review; 0 for every other kind.
    ordinal: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CycleDuty:
    """That one evaluation in the project's life must be so independent, whichever it is.

    As long as none was, the obligation that carries the duty asks for it; afterwards that one asks only for what is
    required of itself.
    """

    #: What the obligation asks for by itself.
    otherwise: Independence
    #: Kinds of evaluation that can be the one.
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """That a project owes an evaluation, when, and why. All dates are inclusive."""

    project: str
    kind: Kind
    ordinal: int = 0
    independence: Independence
    opens: date
    due: date
    #: Last day that is not overdue.
    late: date
    #: The rules and facts that made it, in words and numbers.
    reason: str
    #: Ids of the rules, policy and rule joined by a slash.
    rules: tuple[str, ...]
    #: Other kinds that would satisfy it.
    or_kinds: tuple[Kind, ...] = ()
    #: Ordinals of the annual reviews that merged into it.
    merged_reviews: tuple[int, ...] = ()
    #: Months between due and late, to move a rescheduled due date's late date along.
    grace_months: int = 3
    response_weeks: int = 6
    #: Set when its independence is owed once in the cycle, and another evaluation may have it.
    cycle: CycleDuty | None = None
    #: The day of the change that made it: what follows the work falls due no earlier (what follows the end is due at
    #: the end, however late that was told). None where dates alone decide.
    not_before: date | None = None

    @property
    def key(self) -> Key:
        return Key(self.project, self.kind, self.ordinal)

    def is_same_demand(self, other: "Obligation") -> bool:
        """Whether both ask for the same thing at the same time, whatever the words for it."""
        return (
            self.due == other.due
            and self.opens == other.opens
            and self.late == other.late
            and self.independence is other.independence
            and self.or_kinds == other.or_kinds
            and self.cycle == other.cycle
        )

    @property
    def noun(self) -> str:
        """``final``, ``annual-review 2``."""
        return f"{self.kind} {self.ordinal}" if self.ordinal else str(self.kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class OnceAsked:
    """What would be asked once in the cycle, if that could be told."""

    independence: Independence
    #: Kinds of evaluation that can be the one.
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CannotTell:
    """That it cannot be judged whether, when or how independently a project owes an evaluation."""

    project: str
    #: None when no policy could be found, so nothing at all can be said.
    kind: Kind | None
    #: What is missing, each in words: "end date", "rate of EUR on 2024-03-01".
    missing: tuple[str, ...]
    reason: str
    rules: tuple[str, ...] = ()
    #: When it would be due if it is owed, where the dates tell.
    due: date | None = None
    #: How independent it would have to be, where nothing is unknown but whether the evaluation plan foresees it.
    if_agreed: Independence | None = None
    #: Where nothing is unknown but whether one evaluation of the cycle must be so independent.
    if_once: OnceAsked | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """Everything the policies say about one project."""

    project: str
    #: Organisation's policy that decided; None when none could be found.
    policy: str | None
    #: Ids of the partners' clauses that were united with it.
    clauses: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    cannot_tell: tuple[CannotTell, ...] = ()
    #: Reviews that merged into the mid-term, as they would be owed beside it: a mid-term that does not move with the
    #: dates takes over the ones near itself.
    near_reviews: tuple[Obligation, ...] = ()
    #: A review so many months or less from a mid-term merges into it.
    merge_months: int = 0
    #: Remarks on the project's own facts (dates in the wrong order, a budget of zero, no reserve).
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationFacts:
    """An evaluation, planned or done, that covers the project (a cluster evaluation covers several).

    What it was on a day follows from the days its status changed; a status without a day has always held.
    """

    id: int
    kind: Kind
    independence: Independence
    status: EvaluationStatus
    #: What people call it, for reasons in words.
    reference: str = ""
    #: Annual review it stands for; None lets the dates decide.
    ordinal: int | None = None
    planned_start: date | None = None
    planned_end: date | None = None
    #: Day the work began.
    started_on: date | None = None
    #: Day the report was accepted.
    completed_on: date | None = None
    #: Day it was given up, of a cancelled one.
    cancelled_on: date | None = None
    #: Day from which the status holds, where none of the other days tells.
    status_since: date | None = None
    #: Day from which a mid-term counts as interim, since the project's end moved while it was under way.
    interim_since: date | None = None

    def known_on(self, day: date) -> "EvaluationFacts":
        """The evaluation as it was on a day: what happened later is not known yet."""
        status, completed_on = self._status_on(day)
        kind = Kind.INTERIM if self.interim_since is not None and self.interim_since <= day else self.kind
        if status is self.status and completed_on == self.completed_on and kind is self.kind:
            return self
        return replace(self, status=status, completed_on=completed_on, kind=kind)

    def _status_on(self, day: date) -> tuple[EvaluationStatus, date | None]:
        """Status and day of completion as they were on a day."""
        completed_on = self.completed_on if self.completed_on is not None and self.completed_on <= day else None
        match self.status:
            case EvaluationStatus.CANCELLED:
                since = self.cancelled_on or self.status_since
            case status if status in FINISHED:
                since = self.completed_on or self.status_since
            case status if status in UNDER_WAY:
                since = self.started_on or self.status_since or self.planned_start
            case _:
                since = None
        if since is None or since <= day:
            return self.status, completed_on
        if completed_on is not None:
            return EvaluationStatus.FINAL, completed_on
        begins = self.started_on or (self.planned_start if self.status in FINISHED else None)
        begun = begins is not None and begins <= day
        return (EvaluationStatus.FIELD_WORK if begun else EvaluationStatus.PLANNED), None

    def is_done(self, as_of: date) -> bool:
        """Whether the report was accepted on or before the day."""
        status, completed_on = self._status_on(as_of)
        return status in FINISHED or (completed_on is not None and status is not EvaluationStatus.CANCELLED)

    def is_under_way(self, as_of: date) -> bool:
        """Whether it had begun and was not done on the day."""
        return self._status_on(as_of)[0] in UNDER_WAY and not self.is_done(as_of)
