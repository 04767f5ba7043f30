"""Evaluation policies, what they oblige to, evaluations planned and done, recommendations."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.db.base import Kept, Recorded, Row, column, foreign, json_column
from app.db.types import Code, Key, Money, choice, json_list, json_object, one_of
from app.domain.terms import EvaluationStatus, RecommendationResponse, RecommendationStatus

KINDS = (
    "evaluability", "annual-review", "mid-term", "final", "ex-post", "interim", "thematic", "high-level",
    "country-programme", "milestone",
)  # fmt: skip
INDEPENDENCE = ("self", "internal", "independent", "external")


class EvaluationPolicy(Recorded, table=True):
    """A dated set of rules as it was loaded; a newer sequence of the same code replaces the older from then on."""

    __tablename__ = "evaluation_policies"
    __table_args__ = (UniqueConstraint("code", "sequence"),)

    code: str = column(Code)
    sequence: int = Field(default=1)
    title: str = column()
    #: None: the organisation's own policy; else the partner whose clause it is
    partner_id: int | None = foreign("partners.id", optional=True)
    valid_from: dt.date
    valid_to: dt.date | None = Field(default=None)
    #: alerts of rungs before this day are not sent
    activation_on: dt.date | None = Field(default=None)
    #: from this day on it judges in place of the versions before it; None: from the beginning, in retrospect too
    decided_on: dt.date | None = Field(default=None)
    #: taken out of force without a successor
    retired: bool = Field(default=False)
    #: the file's text, which is parsed into rules
    document: str = column()


class Obligation(Row, table=True):
    """An evaluation that a policy requires of a project or of the institution: a copy of what the dated facts say.

    ``status`` is what recomputation decided (open, superseded, lapsed, cannot-tell); the state that people see also
    depends on evaluations, waivers and the day, and is computed.
    """

    __tablename__ = "obligations"
    __table_args__ = (
        one_of("status", "open", "superseded", "lapsed", "cannot-tell"),
        one_of("kind", *KINDS),
        CheckConstraint(
            "substr(key, 1, 1) = '?' OR (kind IS NOT NULL AND opens_on IS NOT NULL AND due_on IS NOT NULL "
            "AND late_on IS NOT NULL AND independence IS NOT NULL)",
            name="demand_known",
        ),
        CheckConstraint(
            "status <> 'superseded' OR successor_id IS NOT NULL OR status_reason <> ''", name="superseded_says_why"
        ),
        Index(
            "uq_obligations_open_key",
            "project_id",
            "key",
            unique=True,
            sqlite_where=text("status IN ('open', 'cannot-tell')"),
            postgresql_where=text("status IN ('open', 'cannot-tell')"),
        ),
        CheckConstraint("(project_id IS NULL) = (subject_kind IS NOT NULL)", name="of_project_or_institution"),
        Index(
            "uq_obligations_institution_key",
            "key",
            unique=True,
            sqlite_where=text("project_id IS NULL"),
            postgresql_where=text("project_id IS NULL"),
        ),
        Index("ix_obligations_status_opens", "status", "opens_on"),
        Index("ix_obligations_status_due", "status", "due_on"),
        Index("ix_obligations_status_look", "status", "look_on"),
        # most of what has fallen due is done, and the due list passes over it
        Index("ix_obligations_status_done", "status", "done_on"),
        # hardly any is moved to another day, and the due list asks for all that are
        Index(
            "ix_obligations_moved",
            "status",
            sqlite_where=text("reschedule_id IS NOT NULL"),
            postgresql_where=text("reschedule_id IS NOT NULL"),
        ),
    )

    #: None: the institution owes it
    project_id: int | None = foreign("projects.id", optional=True)
    #: identity within the project: kind and, for annual reviews, their number; "?kind" for what cannot be told. Of the
    #: institution: policy, rule, whom it obliges, period and number
    key: str = column(Code)
    #: None only where no policy could be found, so nothing at all can be told
    kind: str | None = column(Code, default=None)
    number: int = Field(default=0)
    independence: str | None = column(Code, default=None)
    status: str = column(Code, default="open")
    opens_on: dt.date | None = Field(default=None)
    due_on: dt.date | None = Field(default=None)
    late_on: dt.date | None = Field(default=None)
    #: the rules and facts that made it, in words and numbers
    reason: str = column()
    #: ids of the rules
    rules: list[str] = json_column(json_list(recurring=True), list)
    #: what is missing when it cannot be told
    missing: str | None = column(default=None)
    #: what rules ask beyond dates: other kinds that would do, merged reviews, weeks to answer, months of grace
    terms: dict[str, object] = json_column(json_object(recurring=True), dict)
    #: day of the decision that made it: it falls due no earlier; None where dates alone decide
    caused_on: dt.date | None = Field(default=None)
    #: day of the change that made it; None: it stood from the beginning
    created_on: dt.date | None = Field(default=None)
    #: day on which it was superseded or lapsed, or could be told
    ended_on: dt.date | None = Field(default=None)
    successor_id: int | None = foreign("obligations.id", optional=True)
    #: keys of the decisions in force about it; a moved date may have come from its predecessor
    waiver_id: int | None = column(Key, default=None)
    reschedule_id: int | None = column(Key, default=None)
    status_reason: str = column(default="")
    #: rungs reached before this day are recorded, and nobody is told
    activation_on: dt.date | None = Field(default=None)
    #: next day on which the alert job has to look at it; None: never
    look_on: dt.date | None = Field(default=None)
    #: whom a duty of the institution obliges: organisation | unit | theme | country-programme | fund | flagship
    subject_kind: str | None = column(Code, default=None)
    #: its code; empty: the organisation
    subject: str | None = column(Code, default=None)
    #: what is asked, in the words of the policy
    title: str | None = column(default=None)
    #: the unit whose head is told
    duty_unit_id: int | None = column(Key, default=None)
    #: day from which on it is done beyond doubt by the facts; None: the rules tell whether it is
    done_on: dt.date | None = Field(default=None)


class Assessed(Row, table=True):
    """From which facts a project's obligations were computed, so that a change of them is noticed, whoever made it."""

    __tablename__ = "assessed_projects"

    project_id: int = foreign("projects.id", unique=True)
    #: versions of the rows that the facts come from; compared in the database
    stamp: str = column(Code)
    #: the stamp with which ``done_on`` of its obligations was told: a version of the program that does not know of it
    #: leaves it as it was
    done_stamp: str | None = column(Code, default=None)
    assessed_on: dt.date
    #: day on which facts known already come to count; None: no such day
    next_on: dt.date | None = Field(default=None, index=True)
    #: the organisation's policy that decided; None when none could be found
    policy: str | None = column(Code, default=None)
    #: remarks on the project's own facts: [{rule, message}, …]
    findings: list[dict[str, str]] = json_column(json_list(), list)


class Assessment(Recorded, table=True):
    """A recomputation: the newest that went through tells whether anything has changed since.

    One that is under way, or was interrupted, has no watermark yet; the next recomputation goes on with it.
    """

    __tablename__ = "assessments"

    as_of: dt.date
    cause: str = column(default="")
    #: counts and versions of every table that facts come from, taken before it began
    watermark: str = column()
    #: digest of the policies in use
    rulebook: str = column(Code)
    #: newest exchange rate seen
    rate_id: int = Field(default=0)
    #: projects looked at, and those whose obligations changed
    projects: int = Field(default=0)
    changed: int = Field(default=0)


class ObligationDecision(Recorded, table=True):
    """A waiver or a reschedule, with reason and approver; appended."""

    __tablename__ = "obligation_decisions"
    __table_args__ = (
        one_of("kind", "waiver", "reschedule"),
        CheckConstraint("reason <> '' AND approver <> ''", name="has_reason_and_approver"),
        CheckConstraint("(kind = 'reschedule') = (new_due_on IS NOT NULL)", name="reschedule_has_date"),
    )

    obligation_id: int = foreign("obligations.id")
    kind: str = column(Code)
    reason: str = column()
    approver: str = column()
    decided_on: dt.date
    new_due_on: dt.date | None = Field(default=None)


class WaiverTakenBack(Recorded, table=True):
    """A waiver that holds no longer from a day on, with reason and approver; appended."""

    __tablename__ = "waivers_taken_back"
    __table_args__ = (CheckConstraint("reason <> '' AND approver <> ''", name="has_reason_and_approver"),)

    decision_id: int = foreign("obligation_decisions.id", unique=True)
    reason: str = column()
    approver: str = column()
    decided_on: dt.date


class Evaluation(Kept, table=True):
    """An evaluation planned, under way or done, of one project or a cluster."""

    __tablename__ = "evaluations"
    __table_args__ = (
        one_of("kind", *KINDS),
        one_of("independence", *INDEPENDENCE),
        CheckConstraint("(budget IS NULL) = (currency IS NULL)", name="budget_has_currency"),
        CheckConstraint(
            "planned_end IS NULL OR planned_start IS NULL OR planned_end >= planned_start", name="dates_in_order"
        ),
    )

    reference: str = column(Code, unique=True)
    kind: str = column(Code, index=True)
    independence: str = column(Code)
    title: str | None = column(default=None)
    status: EvaluationStatus = column(choice(EvaluationStatus), index=True)
    planned_start: dt.date | None = Field(default=None)
    planned_end: dt.date | None = Field(default=None)
    started_on: dt.date | None = Field(default=None)
    completed_on: dt.date | None = Field(default=None)
    #: day on which it was given up, of a cancelled one
    cancelled_on: dt.date | None = Field(default=None)
    #: day on which the present status was recorded, where none of the other days says since when it holds
    status_since: dt.date | None = Field(default=None)
    #: kind under which it was recorded, where it became interim since a project's end moved while it was under way
    recorded_kind: str | None = column(Code, default=None)
    manager: str | None = column(default=None)
    evaluators: list[str] = json_column(json_list(), list)
    budget: Decimal | None = column(Money, default=None)
    currency: str | None = column(Code, default=None)
    report_url: str | None = column(default=None)
    response_url: str | None = column(default=None)
    #: covers a country programme or the institution rather than single projects
    scope: str = column(Code, default="project")
    #: the unit, theme, country programme, fund or flagship programme that is evaluated, by its code
    subject: str | None = column(Code, default=None)
    country: str | None = column(Code, default=None)
    published: bool = Field(default=False)
    note: str | None = column(default=None)
    terms_url: str | None = column(default=None)
    #: of a cluster: how many evaluations of single projects it takes the place of
    replaces: int | None = Field(default=None)
    #: of the report, from 1 to 6, and who rated it
    quality: int | None = Field(default=None)
    quality_by: str | None = column(default=None)
    #: codes of partners that evaluate with the organisation
    joint_with: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: what it gives evidence on, such as outcome:1, sdg:8 or theme:standards
    evidence_on: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: constituents that took part, such as workers
    participants: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class StrategyMilestone(Kept, table=True):
    """A milestone of an evaluation strategy with its due day, and how far it was achieved."""

    __tablename__ = "strategy_milestones"
    __table_args__ = (
        UniqueConstraint("strategy", "code"),
        one_of("result", "fully", "partly", "not"),
        CheckConstraint("(result IS NULL) = (reported_on IS NULL)", name="result_has_its_day"),
    )

    strategy: str = column(Code)
    code: str = column(Code)
    title: str = column()
    due_on: dt.date
    #: the unit that sees to it; None: the whole organisation
    unit_id: int | None = foreign("units.id", optional=True)
    result: str | None = column(Code, default=None)
    reported_on: dt.date | None = Field(default=None)
    document_url: str | None = column(default=None)
    note: str | None = column(default=None)


class EvaluationProject(Row, table=True):
    """A project that an evaluation covers."""

    __tablename__ = "evaluation_projects"
    __table_args__ = (UniqueConstraint("evaluation_id", "project_id"),)

    evaluation_id: int = foreign("evaluations.id")
    project_id: int = foreign("projects.id")
    #: day from which it counts as interim for the project; a copy of what the dated facts say
    interim_since: dt.date | None = Field(default=None)


class EvaluationRating(Row, table=True):
    """A rating by one of the DAC criteria, on a scale of 1 (highly unsatisfactory) to 6 (highly satisfactory)."""

    __tablename__ = "evaluation_ratings"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "criterion"),
        one_of("criterion", "relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"),
        CheckConstraint("rating BETWEEN 1 AND 6", name="rating_1_to_6"),
    )

    evaluation_id: int = foreign("evaluations.id")
    criterion: str = column(Code)
    rating: int
    comment: str | None = column(default=None)


class Recommendation(Kept, table=True):
    """What an evaluation, an audit or an assessment recommends, with what management answers and does."""

    __tablename__ = "recommendations"
    __table_args__ = (CheckConstraint("(evaluation_id IS NULL) = (report_id IS NOT NULL)", name="of_one_report"),)

    reference: str = column(Code, unique=True)
    evaluation_id: int | None = foreign("evaluations.id", optional=True)
    #: of another overseer than evaluations
    report_id: int | None = foreign("oversight_reports.id", optional=True)
    text: str = column()
    response: RecommendationResponse | None = column(choice(RecommendationResponse), default=None)
    response_text: str | None = column(default=None)
    response_on: dt.date | None = Field(default=None)
    #: day until which management answers
    response_due_on: dt.date | None = Field(default=None)
    owner: str | None = column(default=None)
    due_on: dt.date | None = Field(default=None, index=True)
    status: RecommendationStatus = column(choice(RecommendationStatus), default=RecommendationStatus.OPEN)
    verified_by: str | None = column(default=None)
    verified_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)
    #: plan of action of the unit that was looked at: day until which it is asked for, and day on which it was given
    plan_due_on: dt.date | None = Field(default=None)
    plan_on: dt.date | None = Field(default=None)
    #: day on which what was agreed was done
    done_on: dt.date | None = Field(default=None)
    #: day on which a later look, such as a follow-up audit, found that nothing was done
    found_outstanding_on: dt.date | None = Field(default=None)


class RecommendationAction(Kept, table=True):
    """What is done about a recommendation."""

    __tablename__ = "recommendation_actions"

    recommendation_id: int = foreign("recommendations.id")
    text: str = column()
    owner: str | None = column(default=None)
    due_on: dt.date | None = Field(default=None)
    done_on: dt.date | None = Field(default=None)
