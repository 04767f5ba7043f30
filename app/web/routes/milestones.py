"""``/milestones``: what the strategies of evaluation promise, by when, and how far it came."""

from starlette.responses import Response

from app.db.evaluations import StrategyMilestone
from app.domain.access import Right
from app.evaluations import milestones as service
from app.evaluations.queries_milestones import MILESTONES
from app.evaluations.schemas_milestones import MilestoneIn, MilestonePage, MilestonePatch
from app.http.fields import Id
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.web import queries as web_queries
from app.web.forms import Form, Group
from app.web.keeping import Keeping, keep
from app.web.page import PageReading, page_router

router = page_router()

MILESTONE_FORM = Form(
    model=MilestoneIn,
    groups=(
        Group(heading=mark("What is promised"), fields=("strategy", "code", "title", "due_on", "unit")),
        Group(heading=mark("How far it came"), fields=("result", "reported_on", "document_url", "note")),
    ),
)
KIND = Keeping(
    address="/milestones", name="milestone", row=StrategyMilestone, listing=MILESTONES, form=MILESTONE_FORM,
    patch=MilestonePatch, right=Right.EVALUATE, title=mark("Milestones"), adding=mark("Add a milestone"),
    changing=mark("Change the milestone"), told=mark("The milestone is stored."),
    create=lambda session, page, body: service.create_milestone(session, page.actor, body, today=page.today),
    update=lambda session, page, row, body: service.update_milestone(session, page.actor, row, body, today=page.today),
    require=lambda _session, page, row: service.require_change(page.actor, row),
    archive=lambda session, page, row: service.archive_milestone(session, page.actor, row),
    restore=lambda session, page, row: service.restore_milestone(session, page.actor, row),
    suggested=("strategy",),
)  # fmt: skip
keep(router, KIND)


@router.get("/milestones")
def list_milestones(page: PageReading) -> Response:
    query, given = page.query(MilestonePage)
    listed = page_of(page.session, MILESTONES, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "milestones/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or MILESTONES.usual_sort,
        units=dict(web_queries.unit_words(page.session, 1000)),
        may_evaluate=page.may(Right.EVALUATE),
    )


@router.get("/milestones/{record_id}")
def show_milestone(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    units = dict(web_queries.unit_words(page.session, 1000))
    return KIND.show(page, "milestones/milestone.html", found, unit_name=units.get(str(found["unit"]), ""))
