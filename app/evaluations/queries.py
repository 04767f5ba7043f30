"""Reads of evaluations, recommendations, policies and alerts, and their lists."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, type_coerce
from sqlmodel import Session

from app.db.base import key, table
from app.db.evaluations import (
    Evaluation,
    EvaluationProject,
    EvaluationRating,
    Recommendation,
    RecommendationAction,
)
from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.oversight import OversightReport
from app.db.partners import Partner
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.shapes import each_shaped, shaped
from app.db.together import batch_of, rows_below
from app.domain.periods import Period
from app.domain.terms import EvaluationStatus, Overseer, RecommendationResponse, RecommendationStatus
from app.evaluations.schemas import EvaluationIn
from app.http import lists
from app.http.lists import Listing, Shown, at_least, at_most, contains, equals, sort, unless_archived

_evaluation, _covered, _rating = table(Evaluation).c, table(EvaluationProject).c, table(EvaluationRating).c
_recommendation, _action = table(Recommendation).c, table(RecommendationAction).c
_project, _report, _unit = table(Project).c, table(OversightReport).c, table(Unit).c


def _covers(code: object) -> ColumnElement[bool]:
    # those of one project are few: nobody looks through all evaluations for them
    return _evaluation.id.in_(
        select(_covered.evaluation_id)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .where(_project.code == code)
    )


EVALUATIONS = Listing(
    name="evaluations",
    statement=select(
        _evaluation.id, _evaluation.version, _evaluation.reference, _evaluation.kind, _evaluation.independence,
        _evaluation.status, _evaluation.title, _evaluation.planned_start, _evaluation.planned_end,
        _evaluation.started_on, _evaluation.completed_on, _evaluation.cancelled_on, _evaluation.manager,
        _evaluation.evaluators, _evaluation.budget, _evaluation.currency, _evaluation.report_url,
        _evaluation.response_url, _evaluation.scope, _evaluation.country, _evaluation.subject,
        _evaluation.published, _evaluation.terms_url, _evaluation.replaces, _evaluation.quality,
        _evaluation.quality_by, _evaluation.joint_with, _evaluation.evidence_on, _evaluation.participants,
        _evaluation.note, _evaluation.archived_at,
    ),
    key=_evaluation.id,
    sorts={
        "reference": sort(_evaluation.reference),
        "planned_end": sort(_evaluation.planned_end),
        "completed_on": sort(_evaluation.completed_on),
        "status": sort(_evaluation.status),
        "id": sort(_evaluation.id),
    },
    filters={
        "archived": unless_archived(_evaluation.archived_at),
        "reference": equals(_evaluation.reference),
        "scope": equals(_evaluation.scope),
        "subject": equals(_evaluation.subject),
        "kind": equals(_evaluation.kind),
        "independence": equals(_evaluation.independence),
        "status": equals(_evaluation.status),
        "project": _covers,
        "planned_end_from": at_least(_evaluation.planned_end),
        "planned_end_to": at_most(_evaluation.planned_end),
        "q": contains(_evaluation.reference, _evaluation.title, _evaluation.manager),
    },
    usual_sort="reference",
)  # fmt: skip


#: who recommends, and the day from which deadlines count
_overseer = func.coalesce(_report.overseer, type_coerce(Overseer.EVALUATION, _report.overseer.type)).label("overseer")
_accepted_on = func.coalesce(_evaluation.completed_on, _report.issued_on).label("accepted_on")

RECOMMENDATIONS = Listing(
    name="recommendations",
    statement=select(
        _recommendation.id, _recommendation.version, _recommendation.reference,
        _overseer, _evaluation.reference.label("evaluation"), _report.reference.label("report"),
        _recommendation.text, _recommendation.response,
        _recommendation.response_text, _recommendation.response_on, _recommendation.response_due_on,
        _recommendation.owner, _recommendation.due_on, _recommendation.status, _recommendation.verified_by,
        _recommendation.verified_on, _recommendation.plan_on, _recommendation.plan_due_on, _recommendation.done_on,
        _recommendation.found_outstanding_on, _recommendation.note, _recommendation.archived_at, _accepted_on,
    )
    .join_from(table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id, isouter=True)
    .join(table(OversightReport), _report.id == _recommendation.report_id, isouter=True),
    key=_recommendation.id,
    sorts={
        "reference": sort(_recommendation.reference),
        "due_on": sort(_recommendation.due_on),
        "status": sort(_recommendation.status),
        "id": sort(_recommendation.id),
    },
    filters={
        "archived": unless_archived(_recommendation.archived_at),
        "reference": equals(_recommendation.reference),
        "overseer": equals(func.coalesce(_report.overseer, Overseer.EVALUATION.value)),
        "evaluation": equals(_evaluation.reference),
        "report": equals(_report.reference),
        "status": equals(_recommendation.status),
        "owner": equals(_recommendation.owner),
        "due_from": at_least(_recommendation.due_on),
        "due_to": at_most(_recommendation.due_on),
    },
    usual_sort="reference",
)  # fmt: skip

ACTIONS = Listing(
    name="actions",
    statement=select(
        _action.id, _action.version, _action.recommendation_id, _action.text, _action.owner, _action.due_on,
        _action.done_on, _action.archived_at,
    ),
    key=_action.id,
    sorts={"due_on": sort(_action.due_on), "id": sort(_action.id)},
    filters={
        "archived": unless_archived(_action.archived_at),
        "recommendation_id": equals(_action.recommendation_id),
        "owner": equals(_action.owner),
    },
    usual_sort="id",
)  # fmt: skip


#: actions as a table holds them, with the reference of what they are about
RECOMMENDATION_ACTIONS = Listing(
    name="actions",
    statement=select(
        _action.id, _recommendation.reference.label("recommendation"), _action.text, _action.owner, _action.due_on,
        _action.done_on, _action.archived_at,
    ).join_from(table(RecommendationAction), table(Recommendation), _recommendation.id == _action.recommendation_id),
    key=_action.id,
    sorts={"id": sort(_action.id)},
    filters={"archived": unless_archived(_action.archived_at)},
    usual_sort="id",
)  # fmt: skip


def show(session: Session, listing: Listing, row_id: int) -> Shown | None:
    """The item of this key as the listing shows it."""
    return lists.one(session, listing, listing.key == row_id)


def evaluation_by_reference(session: Session, reference: str) -> Evaluation | None:
    return row_by(session, Evaluation, "reference", reference)


def evaluations_ahead(session: Session, bodies: Sequence[EvaluationIn]) -> None:
    """Reads for a batch what records name, and what stands of those there are already."""
    if (batch := batch_of(session)) is None:
        return
    references = {body.reference for body in bodies}
    keys = {key(row) for row in batch.find(Evaluation, "reference", references, to_change=True).values()}
    subjects = {body.subject for body in bodies}
    batch.find(Project, "code", [*subjects, *(code for body in bodies for code in body.projects or ())])
    batch.find(Unit, "code", subjects)
    batch.find(CountryProgramme, "code", subjects)
    batch.find(Partner, "code", [code for body in bodies for code in body.joint_with or ()])
    batch.read_below(EvaluationProject, "evaluation_id", keys, _covered.id)
    batch.read_below(EvaluationRating, "evaluation_id", keys, _rating.id)
    batch.read_below(Recommendation, "evaluation_id", keys, _recommendation.id)
    batch.expect(Evaluation, len(references) - len(keys))


def recommendation_by_reference(session: Session, reference: str) -> Recommendation | None:
    return session.scalars(select(Recommendation).where(_recommendation.reference == reference)).one_or_none()


def find_action(session: Session, recommendation_id: int, text: str) -> RecommendationAction | None:
    own = (_action.recommendation_id == recommendation_id, _action.text == text)
    return session.scalars(select(RecommendationAction).where(*own).order_by(_action.id).limit(1)).first()


def covered(session: Session, evaluation_id: int) -> list[EvaluationProject]:
    return list(rows_below(session, EvaluationProject, "evaluation_id", evaluation_id, _covered.id))


def ratings(session: Session, evaluation_id: int) -> list[EvaluationRating]:
    return list(rows_below(session, EvaluationRating, "evaluation_id", evaluation_id, _rating.id))


def recommendations_of(session: Session, evaluation_id: int) -> list[Recommendation]:
    return list(rows_below(session, Recommendation, "evaluation_id", evaluation_id, _recommendation.id))


@dataclass(frozen=True, slots=True)
class DayOfResponse:
    """Until when management answers a recommendation of an evaluation whose report was accepted."""

    id: int
    accepted_on: dt.date
    response_due_on: dt.date | None


def days_of_response(session: Session) -> list[DayOfResponse]:
    """Of all recommendations that are in use."""
    statement = (
        select(_recommendation.id, _evaluation.completed_on.label("accepted_on"), _recommendation.response_due_on)
        .join_from(table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id)
        .where(
            _evaluation.completed_on.is_not(None),
            _evaluation.archived_at.is_(None),
            _recommendation.archived_at.is_(None),
        )
        .order_by(_recommendation.id)
    )
    return shaped(DayOfResponse, session.execute(statement))


def below_evaluations(session: Session, ids: Sequence[int]) -> tuple[dict[int, list[str]], dict[int, list[Shown]]]:
    """Codes of covered projects and ratings, by evaluation."""
    projects: dict[int, list[str]] = {key: [] for key in ids}
    rated: dict[int, list[Shown]] = {key: [] for key in ids}
    for evaluation_id, code in session.execute(
        select(_covered.evaluation_id, _project.code)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .where(_covered.evaluation_id.in_(ids))
        .order_by(_project.code)
    ):
        projects[evaluation_id].append(code)
    for row in session.execute(
        select(_rating.evaluation_id, _rating.criterion, _rating.rating, _rating.comment)
        .where(_rating.evaluation_id.in_(ids))
        .order_by(_rating.id)
    ):
        rated[row.evaluation_id].append({"criterion": row.criterion, "rating": row.rating, "comment": row.comment})
    return projects, rated


@dataclass(frozen=True, slots=True)
class AcceptedRecommendation:
    """A recommendation of a report that was accepted, or issued."""

    overseer: Overseer
    #: reference of the evaluation or of the report
    source: str
    #: who made the report, where it is no evaluation
    body: str | None
    #: the unit that was looked at; of evaluations those of the projects, first and last
    first_unit: str | None
    last_unit: str | None
    response: RecommendationResponse | None
    response_on: dt.date | None
    response_due_on: dt.date | None
    plan_on: dt.date | None
    plan_due_on: dt.date | None
    due_on: dt.date | None
    status: RecommendationStatus
    done_on: dt.date | None
    verified_on: dt.date | None
    found_outstanding_on: dt.date | None
    accepted_on: dt.date

    @property
    def unit(self) -> str | None:
        """Code of the unit; of an evaluation of several units: ``several``."""
        return self.first_unit if self.first_unit == self.last_unit else "several"


def all_recommendations(session: Session) -> Iterator[AcceptedRecommendation]:
    """Recommendations of evaluations whose report was accepted, and of other overseers; one after the other."""
    units = (
        select(func.min(_unit.code).label("first"), func.max(_unit.code).label("last"), _covered.evaluation_id)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .join(table(Unit), _unit.id == _project.unit_id)
        .group_by(_covered.evaluation_id)
        .subquery()
    )
    own = table(Unit).alias("own").c
    statement = (
        select(
            _overseer, func.coalesce(_evaluation.reference, _report.reference).label("source"), _report.body,
            func.coalesce(own.code, units.c.first).label("first_unit"),
            func.coalesce(own.code, units.c.last).label("last_unit"),
            _recommendation.response, _recommendation.response_on, _recommendation.response_due_on,
            _recommendation.plan_on, _recommendation.plan_due_on, _recommendation.due_on, _recommendation.status,
            _recommendation.done_on, _recommendation.verified_on, _recommendation.found_outstanding_on, _accepted_on,
        )
        .join_from(
            table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id, isouter=True
        )
        .join(table(OversightReport), _report.id == _recommendation.report_id, isouter=True)
        .join(own.id.table, own.id == _report.unit_id, isouter=True)
        .join(units, units.c.evaluation_id == _evaluation.id, isouter=True)
        .where(
            _recommendation.archived_at.is_(None),
            _evaluation.archived_at.is_(None),
            _report.archived_at.is_(None),
            func.coalesce(_evaluation.completed_on, _report.issued_on).is_not(None),
        )
        .order_by(_recommendation.id)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    return each_shaped(AcceptedRecommendation, session.execute(statement))


@dataclass(frozen=True, slots=True)
class Cycle:
    """What is known of a finished evaluation through its cycle."""

    kind: str
    completed_on: dt.date
    covers: int
    replaces: int | None
    quality: int | None
    terms_url: str | None
    joint_with: list[str] | None
    evidence_on: list[str] | None
    participants: list[str] | None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """When an evaluation was planned to end, and what came of it."""

    kind: str
    independence: str
    planned_end: dt.date | None
    completed_on: dt.date | None
    is_cancelled: bool
    #: the day on which it was given up, where that is known
    cancelled_on: dt.date | None


def scheduled(session: Session, periods: Sequence[Period], as_of: dt.date) -> list[Scheduled]:
    """Evaluations in use that were planned to end in one of the periods, or whose report was accepted in one and by the
    day, in the order of their references."""
    done = and_(_evaluation.completed_on <= as_of, _evaluation.status != EvaluationStatus.CANCELLED)
    inside = [
        or_(
            _evaluation.planned_end.between(period.start, period.end),
            and_(_evaluation.completed_on.between(period.start, period.end), done),
        )
        for period in periods
    ]
    statement = (
        select(
            _evaluation.kind, _evaluation.independence, _evaluation.planned_end, _evaluation.completed_on,
            (_evaluation.status == EvaluationStatus.CANCELLED).label("is_cancelled"), _evaluation.cancelled_on,
        )
        .where(_evaluation.archived_at.is_(None), or_(*inside))
        .order_by(_evaluation.reference)
    )  # fmt: skip
    return list(each_shaped(Scheduled, session.execute(statement)))


def finished(session: Session, as_of: dt.date) -> list[Cycle]:
    """Evaluations in use whose report was accepted by the day, in the order of their days."""
    covers = (
        select(func.count(_covered.id))
        .where(_covered.evaluation_id == _evaluation.id)
        .correlate(table(Evaluation))
        .scalar_subquery()
    )
    statement = (
        select(
            _evaluation.kind, _evaluation.completed_on, covers.label("covers"), _evaluation.replaces,
            _evaluation.quality, _evaluation.terms_url, _evaluation.joint_with, _evaluation.evidence_on,
            _evaluation.participants,
        )
        .where(
            _evaluation.archived_at.is_(None),
            _evaluation.completed_on <= as_of,
            _evaluation.status != EvaluationStatus.CANCELLED,
        )
        .order_by(_evaluation.completed_on, _evaluation.id)
    )  # fmt: skip
    return list(each_shaped(Cycle, session.execute(statement)))
