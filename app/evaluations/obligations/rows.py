"""The rows that obligations are read from, each with the columns of its statement in their order."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from app.domain.evaluation.terms import Kind
from app.domain.terms import AgreementStatus, EvaluationStatus, Stage


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """What a project states now."""

    id: int
    code: str
    stage: Stage
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    actual_end: dt.date | None
    total_budget: Decimal | None
    budget_currency: str
    phase: str | None
    pilot: bool
    mid_term_agreed: bool | None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision of a field that rules read."""

    id: int
    project_id: int
    field: str
    sequence: int
    known_on: dt.date
    value: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FundingRow:
    """An agreement that funds a project and stands."""

    project_id: int
    #: code
    partner: str
    status: AgreementStatus
    signed_on: dt.date | None
    preset: str | None


@dataclass(frozen=True, slots=True)
class SpentRow:
    """What was spent on a day in a currency."""

    project_id: int
    date: dt.date
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """What tells how far an evaluation was on a day, and under which kind."""

    id: int
    reference: str
    #: as it was recorded, before it became interim
    kind: str
    independence: str
    status: EvaluationStatus
    planned_start: dt.date | None
    planned_end: dt.date | None
    started_on: dt.date | None
    completed_on: dt.date | None
    cancelled_on: dt.date | None
    status_since: dt.date | None
    interim_since: dt.date | None


@dataclass(frozen=True, slots=True)
class CoveringRow(EvaluationRow):
    """An evaluation with one of the projects that it covers."""

    project_id: int


@dataclass(frozen=True, slots=True)
class BudgetedRow(CoveringRow):
    """An evaluation with one of its projects and its budget."""

    budget: Decimal | None
    currency: str | None
    #: how many projects it covers
    covers: int


@dataclass(frozen=True, slots=True)
class ManagedRow(EvaluationRow):
    """An evaluation with the person who manages it."""

    manager: str | None


class CycleTerms(TypedDict):
    """A duty of which one a cycle must be independent."""

    otherwise: str
    kinds: list[str]


class OnceTerms(TypedDict):
    """What would be asked of one evaluation of the cycle, if that could be told."""

    independence: str
    kinds: list[str]


class Terms(TypedDict, total=False):
    """What the rules ask of an obligation beyond dates, as its column ``terms`` keeps it; empty: it cannot be told."""

    grace_months: int
    response_weeks: int
    or_kinds: list[str]
    merged_reviews: list[int]
    cycle: CycleTerms
    #: ISO date
    lapsed_at_end: str
    #: of what cannot be told: how independent it would have to be, where only the evaluation plan is unknown
    if_agreed: str
    #: of what cannot be told: where only what is asked once in the cycle is unknown
    if_once: OnceTerms


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """A kept obligation."""

    id: int
    #: NULL in rows of the institution, of which nothing reads it
    project_id: int
    key: str
    #: None only where nothing at all can be told
    kind: str | None
    number: int
    independence: str | None
    #: open | superseded | lapsed | cannot-tell
    status: str
    opens_on: dt.date | None
    due_on: dt.date | None
    late_on: dt.date | None
    reason: str
    rules: list[str]
    missing: str | None
    terms: Terms
    caused_on: dt.date | None
    created_on: dt.date | None
    ended_on: dt.date | None
    successor_id: int | None
    waiver_id: int | None
    reschedule_id: int | None
    status_reason: str
    activation_on: dt.date | None
    look_on: dt.date | None
    #: of the institution alone
    subject_kind: str | None
    subject: str | None
    title: str | None
    duty_unit_id: int | None
    #: see :attr:`app.db.evaluations.Obligation.done_on`
    done_on: dt.date | None

    @property
    def told_kind(self) -> Kind:
        """The kind of an obligation of which something can be told; ``ValueError`` for any other."""
        return Kind(self.kind or "")


@dataclass(frozen=True, slots=True)
class OwedRow(ObligationRow):
    """A kept obligation with what people call its project, its unit and its officer."""

    project: str
    project_title: str
    stage: Stage
    officer_id: int | None
    unit_id: int | None
    unit: str | None
    officer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InstitutionRow:
    """A kept duty of the institution, in the words in which duties of projects are shown."""

    id: int
    key: str
    kind: str
    number: int
    independence: str
    #: open | lapsed
    status: str
    opens_on: dt.date
    due_on: dt.date
    late_on: dt.date | None
    reason: str
    rules: list[str]
    missing: None = None
    activation_on: dt.date | None
    look_on: dt.date | None
    status_reason: str
    successor_id: None = None
    #: whom it obliges, such as "unit ROAF"
    project: str
    #: what is asked
    project_title: str
    subject_kind: str
    subject: str
    unit_id: int | None
    unit: str | None
    project_id: None = None
    officer_id: None = None
    officer: None = None
    #: nothing has to begin before alerts about it
    stage: Stage = Stage.IMPLEMENTATION

    @property
    def told_kind(self) -> Kind:
        return Kind(self.kind)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What people call a project, its unit and its officer."""

    id: int
    project: str
    project_title: str
    stage: Stage
    officer_id: int | None
    unit_id: int | None
    unit: str | None
    officer: str | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A waiver or a reschedule, with what took it back."""

    id: int
    obligation_id: int
    #: waiver | reschedule
    kind: str
    reason: str
    approver: str
    decided_on: dt.date
    #: of a reschedule
    new_due_on: dt.date | None
    taken_back_on: dt.date | None
    back_reason: str | None
    back_approver: str | None


@dataclass(frozen=True, slots=True)
class CountingRow(DecisionRow):
    """A decision with a project about whose obligations it is in force."""

    project_id: int


@dataclass(frozen=True, slots=True)
class ProjectDecisionRow(DecisionRow):
    """A decision with the project, and the kind and number of what it is about."""

    project_id: int
    about: str
    number: int
