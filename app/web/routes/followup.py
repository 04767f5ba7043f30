"""``/evaluations/{id}`` and ``/recommendations``: what was evaluated, what was recommended, what became of it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.evaluations import Evaluation, Recommendation, RecommendationAction
from app.db.lookups import row_by
from app.db.oversight import OversightReport
from app.domain.access import Right
from app.domain.evaluation.terms import Kind
from app.domain.terms import EvaluationStatus, Overseer, RecommendationStatus
from app.errors import NotFound
from app.evaluations import queries, service
from app.evaluations import recommendations as follow_up
from app.evaluations.answers import one_evaluation, one_recommendation, with_parts, with_state
from app.evaluations.obligations.shown import shown_by_id
from app.evaluations.schemas import (
    ActionIn,
    ActionPage,
    ActionPatch,
    EvaluationIn,
    EvaluationPage,
    EvaluationPatch,
    RecommendationIn,
    RecommendationPage,
    RecommendationPatch,
)
from app.http.fields import Id
from app.http.lists import page as page_of
from app.http.versions import etag, held, locked
from app.inputs import FaultList, Input
from app.language.i18n import mark
from app.people.queries_views import saved_views
from app.web.filling import Sheet, Shown, ask, change, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.queries_duties import project_names
from app.web.views.evaluations import TONES

router = page_router()

EVALUATION_RECORD_FORM = Form(
    model=EvaluationIn,
    groups=(
        Group(heading=mark("What is evaluated"), fields=("reference", "title", "kind", "independence", "projects")),
        Group(
            heading=mark("How far it is"),
            fields=("status", "planned_start", "planned_end", "started_on", "completed_on", "cancelled_on"),
        ),
        Group(heading=mark("Who, and with what"), fields=("manager", "evaluators", "budget", "currency")),
        Group(heading=mark("Report and response"), fields=("ratings", "report_url", "response_url", "published")),
    ),
)
RECOMMENDATION_FORM = Form(
    model=RecommendationIn,
    groups=(
        Group(
            heading=mark("What is recommended"), fields=("reference", "evaluation", "report", "text", "owner", "due_on")
        ),
        Group(heading=mark("Management response"), fields=("response", "response_on", "response_text", "plan_on")),
        Group(
            heading=mark("What became of it"),
            fields=("status", "done_on", "found_outstanding_on", "verified_by", "verified_on", "note"),
        ),
    ),
)
ACTION_FORM = Form(model=ActionIn, groups=(Group(heading="", fields=("text", "owner", "due_on", "done_on")),))


class _Chosen(BaseModel):
    """What is owed, chosen for one evaluation that covers it all."""

    model_config = ConfigDict(extra="forbid")

    obligation: list[int] = Field(default=[], max_length=200)


@router.get("/evaluations/planned")
def list_evaluations(page: PageReading) -> Response:
    query, given = page.query(EvaluationPage)
    listed = page_of(page.session, queries.EVALUATIONS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    listed.items = with_parts(page.session, listed.items)
    codes = {code for item in listed.items for code in item["projects"]}
    return page.show(
        "evaluations/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or queries.EVALUATIONS.usual_sort,
        names=project_names(page.session, page.words.language, codes),
        kinds=list(Kind),
        statuses=list(EvaluationStatus),
        tones=TONES,
        may_evaluate=page.may(Right.EVALUATE),
        crumbs=[_crumb(page)],
    )


def _new_sheet(page: Page, start: dict[str, object] | None = None) -> Sheet[EvaluationIn]:
    return Sheet(
        form=EVALUATION_RECORD_FORM,
        title=page.t("Plan an evaluation"),
        back="/evaluations",
        crumbs=(_crumb(page),),
        start=start,
        intro=page.t("Several projects make one evaluation of a cluster."),
    )


@router.get("/evaluations/new")
def new_evaluation(page: PageReading) -> Response:
    page.actor.require(Right.EVALUATE)
    query, _ = page.query(_Chosen, own=("project",))
    start: dict[str, Any] = {"status": EvaluationStatus.PLANNED}
    duties = shown_by_id(page.session, query.obligation, page.today)
    if duties:
        ends = [duty["due"] for duty in duties if duty["due"]]
        start |= {
            "projects": sorted({duty["project"] for duty in duties if duty["project"]}),
            "kind": duties[0]["kind"],
            "independence": duties[0]["independence"],
            "planned_end": min(ends) if ends else None,
        }
    elif given := page.request.query_params.getlist("project"):
        start["projects"] = given[:500]
    names = project_names(page.session, page.words.language, start.get("projects", []))
    if names or duties:
        service.require_covering(page.actor, (name.unit_id for name in names.values()))
    return ask(page, _new_sheet(page, start))


@router.post("/evaluations/new")
def create_evaluation(page: PagePosting) -> Response:
    page.actor.require(Right.EVALUATE)

    remarks = FaultList()

    def store(session: Session, body: EvaluationIn) -> str:
        made = service.create_evaluation(session, page.actor, body, today=page.today, told=remarks)
        return f"/evaluations/{key(made)}"

    return create(page, _new_sheet(page), store, page.t("The evaluation is stored."), remarks)


@router.get("/evaluations/{evaluation_id}")
def show_evaluation(page: PageReading, evaluation_id: Id) -> Response:
    found = one_evaluation(page.session, evaluation_id)
    row = page.session.get_one(Evaluation, evaluation_id)
    asked = RecommendationPage(evaluation=[found["reference"]], limit=200)
    recommended = with_state(page_of(page.session, queries.RECOMMENDATIONS, asked).items, page.today)
    return page.show(
        "evaluations/evaluation.html",
        evaluation=found,
        names=project_names(page.session, page.words.language, found["projects"]),
        recommendations=recommended,
        tones=TONES,
        may_change=page.offers(lambda: service.require_change(page.session, page.actor, row)),
        crumbs=[_crumb(page), Crumb(label=page.t("Planned and done"), address="/evaluations/planned")],
    )


def _evaluation(session: Session, evaluation_id: int) -> Shown:
    found = one_evaluation(session, evaluation_id)
    return found, etag(evaluation_id, found["version"])


def _edit_sheet(page: Page, evaluation_id: int) -> Sheet[EvaluationIn]:
    return Sheet(
        form=EVALUATION_RECORD_FORM,
        title=page.t("Change the evaluation"),
        back=f"/evaluations/{evaluation_id}",
        crumbs=(_crumb(page), Crumb(label=page.t("Evaluation"), address=f"/evaluations/{evaluation_id}")),
        patch=EvaluationPatch,
    )


@router.get("/evaluations/{evaluation_id}/edit")
def edit_evaluation(page: PageReading, evaluation_id: Id) -> Response:
    found = _evaluation(page.session, evaluation_id)
    service.require_change(page.session, page.actor, page.session.get_one(Evaluation, evaluation_id))
    return ask(page, _edit_sheet(page, evaluation_id), found)


@router.post("/evaluations/{evaluation_id}/edit")
def change_evaluation(page: PagePosting, evaluation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    remarks = FaultList()

    def store(session: Session, body: Input, version: str) -> str:
        row = locked(session, Evaluation, evaluation_id, version, name="evaluation")
        service.update_evaluation(session, page.actor, row, body, today=page.today, told=remarks)
        return f"/evaluations/{evaluation_id}"

    sheet = _edit_sheet(page, evaluation_id)
    return change(
        page,
        sheet,
        lambda session: _evaluation(session, evaluation_id),
        store,
        page.t("The change is stored."),
        remarks,
    )


@router.get("/recommendations")
def list_recommendations(page: PageReading) -> Response:
    query, given = page.query(RecommendationPage)
    if "status" not in given and "evaluation" not in given:
        open_ones = [RecommendationStatus.OPEN, RecommendationStatus.IN_PROGRESS, RecommendationStatus.DEFERRED]
        query = query.model_copy(update={"status": open_ones})
    listed = page_of(page.session, queries.RECOMMENDATIONS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    listed.items = with_state(listed.items, page.today)
    return page.show(
        "evaluations/recommendations.html",
        listed=listed,
        query=given,
        asked=query,
        sorted_by=query.sort or queries.RECOMMENDATIONS.usual_sort,
        statuses=list(RecommendationStatus),
        overseers=list(Overseer),
        tones=TONES,
        saved=saved_views(page.session, "recommendations", page.visitor.user_id, page.actor.unit_id),
        may_evaluate=page.may(Right.EVALUATE),
        crumbs=[_crumb(page)],
    )


def _recommendation_sheet(page: Page, title: str, back: str, start: dict[str, object]) -> Sheet[RecommendationIn]:
    return Sheet(
        form=RECOMMENDATION_FORM,
        title=title,
        back=back,
        crumbs=(_crumb(page), Crumb(label=page.t("Recommendations"), address="/recommendations")),
        start=start,
        patch=RecommendationPatch,
    )


@router.get("/recommendations/new")
def new_recommendation(page: PageReading) -> Response:
    page.actor.require(Right.EVALUATE)
    given = page.request.query_params
    start: dict[str, object] = {name: given[name][:200] for name in ("evaluation", "report") if name in given}
    if evaluation := row_by(page.session, Evaluation, "reference", given.get("evaluation")):
        follow_up.require_source(page.session, page.actor, evaluation)
    if report := row_by(page.session, OversightReport, "reference", given.get("report")):
        follow_up.require_source(page.session, page.actor, report)
    return ask(page, _recommendation_sheet(page, page.t("Add a recommendation"), "/recommendations", start))


@router.post("/recommendations/new")
def create_recommendation(page: PagePosting) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: RecommendationIn) -> str:
        return f"/recommendations/{key(follow_up.create_recommendation(session, page.actor, body, today=page.today))}"

    sheet = _recommendation_sheet(page, page.t("Add a recommendation"), "/recommendations", {})
    return create(page, sheet, store, page.t("The recommendation is stored."))


@router.get("/recommendations/{recommendation_id}")
def show_recommendation(page: PageReading, recommendation_id: Id) -> Response:
    found = one_recommendation(page.session, recommendation_id, page.today)
    of_it = queries.ACTIONS.filters["recommendation_id"](recommendation_id)
    actions = page_of(page.session, queries.ACTIONS, ActionPage(limit=200), of_it, scope=str(recommendation_id))
    evaluation = queries.evaluation_by_reference(page.session, found["evaluation"]) if found["evaluation"] else None
    return page.show(
        "evaluations/recommendation.html",
        recommendation=found,
        actions=actions.items,
        evaluation_id=evaluation.id if evaluation else None,
        tones=TONES,
        may_evaluate=page.offers(lambda: _require(page, recommendation_id)),
        crumbs=[_crumb(page), Crumb(label=page.t("Recommendations"), address="/recommendations")],
    )


def _require(page: ReadingPage, recommendation_id: int) -> None:
    """Raises ``NotAllowed`` for who may not change it or its actions; ``NotFound`` when there is none."""
    row = page.session.get(Recommendation, recommendation_id)
    if row is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    follow_up.require_change(page.session, page.actor, row)


def _recommendation(page: Page, session: Session, recommendation_id: int) -> Shown:
    found = one_recommendation(session, recommendation_id, page.today)
    return found, etag(recommendation_id, found["version"])


@router.get("/recommendations/{recommendation_id}/edit")
def edit_recommendation(page: PageReading, recommendation_id: Id) -> Response:
    _require(page, recommendation_id)
    sheet = _recommendation_sheet(
        page, page.t("Change the recommendation"), f"/recommendations/{recommendation_id}", {}
    )
    return ask(page, sheet, _recommendation(page, page.session, recommendation_id))


@router.post("/recommendations/{recommendation_id}/edit")
def change_recommendation(page: PagePosting, recommendation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)
    back = f"/recommendations/{recommendation_id}"

    def store(session: Session, body: Input, version: str) -> str:
        row = locked(session, Recommendation, recommendation_id, version, name="recommendation")
        follow_up.update_recommendation(session, page.actor, row, body, today=page.today)
        return back

    sheet = _recommendation_sheet(page, page.t("Change the recommendation"), back, {})
    told = page.t("The change is stored.")
    return change(page, sheet, lambda session: _recommendation(page, session, recommendation_id), store, told)


def _action_sheet(page: Page, title: str, recommendation_id: int) -> Sheet[ActionIn]:
    back = f"/recommendations/{recommendation_id}"
    return Sheet(
        form=ACTION_FORM,
        title=title,
        back=back,
        crumbs=(_crumb(page), Crumb(label=page.t("Recommendation"), address=back)),
        patch=ActionPatch,
    )


@router.get("/recommendations/{recommendation_id}/actions/new")
def new_action(page: PageReading, recommendation_id: Id) -> Response:
    _require(page, recommendation_id)
    return ask(page, _action_sheet(page, page.t("Add an action"), recommendation_id))


@router.post("/recommendations/{recommendation_id}/actions/new")
def create_action(page: PagePosting, recommendation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: ActionIn) -> str:
        row = held(session, Recommendation, recommendation_id, name="recommendation")
        follow_up.create_action(session, page.actor, row, body)
        return f"/recommendations/{recommendation_id}"

    sheet = _action_sheet(page, page.t("Add an action"), recommendation_id)
    return create(page, sheet, store, page.t("The action is stored."))


def _action(session: Session, action_id: int) -> Shown:
    found = queries.show(session, queries.ACTIONS, action_id)
    if found is None:
        raise NotFound(f"There is no action {action_id}.")
    return found, etag(action_id, found["version"])


@router.get("/recommendations/{recommendation_id}/actions/{action_id}/edit")
def edit_action(page: PageReading, recommendation_id: Id, action_id: Id) -> Response:
    _require(page, recommendation_id)
    sheet = _action_sheet(page, page.t("Change the action"), recommendation_id)
    return ask(page, sheet, _action(page.session, action_id))


@router.post("/recommendations/{recommendation_id}/actions/{action_id}/edit")
def change_action(page: PagePosting, recommendation_id: Id, action_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: Input, version: str) -> str:
        row = locked(session, RecommendationAction, action_id, version, name="action")
        follow_up.update_action(session, page.actor, row, body)
        return f"/recommendations/{recommendation_id}"

    sheet = _action_sheet(page, page.t("Change the action"), recommendation_id)
    return change(page, sheet, lambda session: _action(session, action_id), store, page.t("The change is stored."))


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Evaluations"), address="/evaluations")
