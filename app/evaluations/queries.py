"""Reads of evaluations, recommendations, policies and alerts, and their lists."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import (
    Evaluation,
    EvaluationProject,
    EvaluationRating,
    Recommendation,
    RecommendationAction,
)
from app.db.projects import Project
from app.db.shapes import each_shaped
from app.domain.terms import RecommendationResponse, RecommendationStatus
from app.http import lists
from app.http.lists import Listing, Shown, at_least, at_most, contains, equals, sort, unless_archived

_evaluation, _covered, _rating = table(Evaluation).c, table(EvaluationProject).c, table(EvaluationRating).c
_recommendation, _action = table(Recommendation).c, table(RecommendationAction).c
_project = table(Project).c


def _covers(code: object) -> ColumnElement[bool]:
    return (
        select(_covered.id)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .where(_covered.evaluation_id == _evaluation.id, _project.code == code)
        .correlate(table(Evaluation))
        .exists()
    )


EVALUATIONS = Listing(
    name="evaluations",
    statement=select(
        _evaluation.id, _evaluation.version, _evaluation.reference, _evaluation.kind, _evaluation.independence,
        _evaluation.status, _evaluation.title, _evaluation.planned_start, _evaluation.planned_end,
        _evaluation.started_on, _evaluation.completed_on, _evaluation.cancelled_on, _evaluation.manager,
        _evaluation.evaluators, _evaluation.budget, _evaluation.currency, _evaluation.report_url,
        _evaluation.response_url, _evaluation.scope, _evaluation.country, _evaluation.published, _evaluation.note,
        _evaluation.archived_at,
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


RECOMMENDATIONS = Listing(
    name="recommendations",
    statement=select(
        _recommendation.id, _recommendation.version, _recommendation.reference,
        _evaluation.reference.label("evaluation"), _recommendation.text, _recommendation.response,
        _recommendation.response_text, _recommendation.response_on, _recommendation.response_due_on,
        _recommendation.owner, _recommendation.due_on, _recommendation.status, _recommendation.verified_by,
        _recommendation.verified_on, _recommendation.note, _recommendation.archived_at,
        _evaluation.completed_on.label("accepted_on"),
    ).join_from(table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id),
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
        "evaluation": equals(_evaluation.reference),
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


def show(session: Session, listing: Listing, row_id: int) -> Shown | None:
    """The item of this key as the listing shows it."""
    return lists.one(session, listing, listing.key == row_id)


def evaluation_by_reference(session: Session, reference: str) -> Evaluation | None:
    return session.scalars(select(Evaluation).where(_evaluation.reference == reference)).one_or_none()


def recommendation_by_reference(session: Session, reference: str) -> Recommendation | None:
    return session.scalars(select(Recommendation).where(_recommendation.reference == reference)).one_or_none()


def covered(session: Session, evaluation_id: int) -> list[EvaluationProject]:
    return list(
        session.scalars(select(EvaluationProject).where(_covered.evaluation_id == evaluation_id).order_by(_covered.id))
    )


def ratings(session: Session, evaluation_id: int) -> list[EvaluationRating]:
    return list(
        session.scalars(select(EvaluationRating).where(_rating.evaluation_id == evaluation_id).order_by(_rating.id))
    )


def recommendations_of(session: Session, evaluation_id: int) -> list[Recommendation]:
    return list(session.scalars(select(Recommendation).where(_recommendation.evaluation_id == evaluation_id)))


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
    """A recommendation of a report that was accepted."""

    response: RecommendationResponse | None
    response_on: dt.date | None
    response_due_on: dt.date | None
    due_on: dt.date | None
    status: RecommendationStatus
    accepted_on: dt.date


def all_recommendations(session: Session) -> Iterator[AcceptedRecommendation]:
    """Recommendations of evaluations whose report was accepted, one after the other."""
    statement = (
        select(
            _recommendation.response, _recommendation.response_on, _recommendation.response_due_on,
            _recommendation.due_on, _recommendation.status, _evaluation.completed_on.label("accepted_on"),
        )
        .join_from(table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id)
        .where(
            _recommendation.archived_at.is_(None),
            _evaluation.archived_at.is_(None),
            _evaluation.completed_on.is_not(None),
        )
        .order_by(_recommendation.id)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    return each_shaped(AcceptedRecommendation, session.execute(statement))
