"""An evaluation policy as data: dated rules, each a condition and a requirement, with its source and confidence.

A policy belongs to the organisation or, as a clause, to a funding partner; both are the same kind of data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.evaluation.terms import (
    OF_PROJECTS,
    Anchor,
    Basis,
    Confidence,
    Every,
    Independence,
    Kind,
    Mode,
    Obliged,
)

#: ``owner`` of the organisation's own policies; a clause has its partner's code.
ORGANISATION = "organisation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A range of figures. A missing limit is open; ``over``/``under`` leave the limit itself out."""

    lower: Decimal | None = None
    #: "at_least" holds the limit, "over" does not.
    lower_is: Literal["at_least", "over"] = "at_least"
    upper: Decimal | None = None
    #: "at_most" holds the limit, "under" does not.
    upper_is: Literal["at_most", "under"] = "at_most"

    def holds(self, figure: Decimal) -> bool:
        if self.lower is not None and (figure < self.lower or (figure == self.lower and self.lower_is == "over")):
            return False
        return self.upper is None or figure < self.upper or (figure == self.upper and self.upper_is == "at_most")

    @property
    def is_empty(self) -> bool:
        """Whether no figure can lie in it."""
        if self.lower is None or self.upper is None:
            return False
        both = self.lower_is == "at_least" and self.upper_is == "at_most"
        return self.upper < self.lower or (self.upper == self.lower and not both)


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetBand:
    """A band of the project's total budget (or expenditure), in the rule's currency."""

    band: Band
    currency: str
    basis: Basis = Basis.REVISED


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """When a rule applies: all that is given must hold; what is None or empty does not matter."""

    budget: BudgetBand | None = None
    #: Whole months; the project's days are compared with start ⊕ n months, X = end + 1 day.
    months: Band | None = None
    pilot: bool | None = None
    #: The project is of this phase or a later one.
    phase_at_least: int | None = None
    #: Presets of the agreements that fund the project; any of them suffices.
    funding: frozenset[str] = frozenset()


ALWAYS = Condition()

#: The evaluations of a project's cycle; an ex-post one looks back at a cycle that is over.
OF_THE_CYCLE = tuple(kind for kind in OF_PROJECTS if kind is not Kind.EX_POST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Months from the anchor: when work may begin, when the report is due, when it is late (negative is before)."""

    opens: int
    due: int
    late: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """What a rule demands."""

    kind: Kind
    #: None: the source does not say, which counts as self.
    independence: Independence | None = None
    mode: Mode = Mode.REQUIRED
    #: None: the usual one of the kind (:data:`ANCHORS`).
    anchor: Anchor | None = None
    #: None: the policy's window of the kind.
    window: Window | None = None
    #: Other kinds that would do as well ("either a mid-term or a final").
    or_kinds: tuple[Kind, ...] = ()
    #: Kinds any one of which, done so independently in the project's life, meets the demand for independence; as long
    #: as none is done or under way, this kind carries it. Empty: this kind alone is asked.
    once_in_cycle: tuple[Kind, ...] = ()
    #: Weeks for the management response; None: the policy's.
    response_weeks: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One row of a policy."""

    id: str
    requirement: Requirement
    condition: Condition = ALWAYS
    #: Document and place the rule is taken from.
    source: str
    confidence: Confidence
    #: Days between which the rule holds, compared with the day that fixes a project's policy; open when None.
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    #: Line of the policy's file, for findings.
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRule:
    """What a policy asks of the institution itself, rather than of projects one by one."""

    id: str
    title: str
    obliges: Obliged
    #: Whom: codes of units, programmes, pools or projects, names of themes. Empty: the organisation, or each of them.
    codes: tuple[str, ...] = ()
    requirement: Requirement
    every: Every = Every.YEAR
    #: How many in each period.
    times: int = 1
    #: Month and day of the period's last year on which it is due; None: its last day.
    due: tuple[int, int] | None = None
    source: str
    confidence: Confidence
    note: str = ""
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One step of an alert ladder."""

    #: Stable name; part of the key under which an alert is recorded.
    name: str
    #: Months before the due date; negative after it.
    months_before: int
    #: What the officer is asked to do.
    ask: str = ""


#: The day a window is counted from, where a requirement does not say.
ANCHORS: Mapping[Kind, Anchor] = {
    Kind.EVALUABILITY: Anchor.FIRST_YEAR,
    Kind.ANNUAL_REVIEW: Anchor.EVERY_YEAR,
    Kind.MID_TERM: Anchor.MIDPOINT,
    Kind.FINAL: Anchor.END,
    Kind.EX_POST: Anchor.END,
    Kind.INTERIM: Anchor.MIDPOINT,
}
#: Windows where a policy gives none; no source states those of reviews, evaluability and ex-post.
WINDOWS: Mapping[Kind, Window] = {
    Kind.EVALUABILITY: Window(opens=-3, due=0, late=3),
    Kind.ANNUAL_REVIEW: Window(opens=-3, due=0, late=3),
    Kind.MID_TERM: Window(opens=-3, due=0, late=3),
    Kind.FINAL: Window(opens=-6, due=0, late=3),
    Kind.EX_POST: Window(opens=6, due=12, late=15),
    Kind.INTERIM: Window(opens=-3, due=0, late=3),
    **dict.fromkeys(
        (Kind.THEMATIC, Kind.HIGH_LEVEL, Kind.COUNTRY_PROGRAMME, Kind.MILESTONE), Window(opens=-6, due=0, late=3)
    ),
}
_FINAL_LADDER = (
    Rung(name="plan-and-budget", months_before=12, ask="Plan the evaluation and set its budget aside."),
    Rung(name="terms-of-reference", months_before=8, ask="Draft the terms of reference."),
    Rung(name="team", months_before=6, ask="Choose the evaluators."),
    Rung(name="field-work", months_before=4, ask="Begin the field work."),
    Rung(name="draft", months_before=3, ask="Circulate the draft report."),
    Rung(name="report", months_before=0, ask="Deliver the report."),
)
_MID_TERM_LADDER = (
    Rung(name="plan-and-budget", months_before=6, ask="Plan the evaluation and set its budget aside."),
    Rung(name="terms-of-reference", months_before=4, ask="Draft the terms of reference and choose the evaluators."),
    Rung(name="field-work", months_before=2, ask="Begin the field work."),
    Rung(name="report", months_before=0, ask="Deliver the report."),
)
_REVIEW_LADDER = (
    Rung(name="prepare", months_before=2, ask="Prepare the review."),
    Rung(name="report", months_before=0, ask="Deliver the review."),
)
#: Alert ladders where a policy gives none.
LADDERS: Mapping[Kind, tuple[Rung, ...]] = {
    Kind.EVALUABILITY: _REVIEW_LADDER,
    Kind.ANNUAL_REVIEW: _REVIEW_LADDER,
    Kind.MID_TERM: _MID_TERM_LADDER,
    Kind.FINAL: _FINAL_LADDER,
    Kind.EX_POST: _MID_TERM_LADDER,
    Kind.INTERIM: _MID_TERM_LADDER,
    **dict.fromkeys((Kind.THEMATIC, Kind.HIGH_LEVEL, Kind.COUNTRY_PROGRAMME), _FINAL_LADDER),
    Kind.MILESTONE: (
        Rung(name="milestone-ahead", months_before=3, ask="See to the milestone."),
        Rung(name="milestone-due", months_before=0, ask="Report how far the milestone is achieved."),
    ),
}

#: Weeks for the management response to an accepted report.
RESPONSE_WEEKS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A dated set of rules of one owner."""

    id: str
    title: str
    source: str
    confidence: Confidence
    rules: tuple[Rule, ...]
    #: What it asks of the institution itself.
    duties: tuple[DutyRule, ...] = ()
    #: :data:`ORGANISATION`, or the code of the partner whose clause this is.
    owner: str = ORGANISATION
    #: First and last day of signature the policy covers; open when None.
    in_force_from: date | None = None
    in_force_to: date | None = None
    #: Overrides of :data:`WINDOWS`.
    windows: Mapping[Kind, Window] = field(default_factory=dict)
    #: Overrides of :data:`LADDERS`.
    ladders: Mapping[Kind, tuple[Rung, ...]] = field(default_factory=dict)
    #: A review this many months or less from a mid-term merges into it.
    merge_review_months: int = 3
    response_weeks: int = RESPONSE_WEEKS
    #: Share of the budget to be set aside for evaluation, in percent; None when the policy asks for none.
    reserve_percent: Decimal | None = None
    note: str = ""

    def covers(self, day: date) -> bool:
        """Whether the policy is in force on a day."""
        return (self.in_force_from is None or self.in_force_from <= day) and (
            self.in_force_to is None or day <= self.in_force_to
        )

    def window(self, requirement: Requirement) -> Window:
        """The window of a requirement: its own, else the policy's, else the usual one."""
        return requirement.window or self.windows.get(requirement.kind) or WINDOWS[requirement.kind]

    def ladder(self, kind: Kind) -> tuple[Rung, ...]:
        """The alert ladder of a kind, earliest rung first."""
        rungs = self.ladders.get(kind, LADDERS[kind])
        return tuple(sorted(rungs, key=lambda rung: -rung.months_before))
