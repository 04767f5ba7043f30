"""``/risks``: registers of risk of projects and units, reviewed, escalated and closed."""

from collections.abc import Mapping

from sqlmodel import Session
from starlette.responses import Response

from app.db.organisation import Unit
from app.db.projects import Project
from app.db.risks import Risk
from app.domain.access import Right
from app.domain.risks import HIGH
from app.http.fields import Id
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.projects import risks as service
from app.projects.queries_risks import RISKS
from app.projects.schemas_risks import RiskIn, RiskPage, RiskPatch
from app.reports.service import run
from app.web import filling
from app.web import queries as web_queries
from app.web.forms import Form, Group
from app.web.keeping import Keeping, keep, suggested_keys
from app.web.page import Page, PagePosting, PageReading, page_router
from app.web.queries_duties import project_names
from app.web.views.risks import signs

router = page_router()

RISK_FORM = Form(
    model=RiskIn,
    groups=(
        Group(heading=mark("What may happen"), fields=("cause", "event", "consequence")),
        Group(heading=mark("Whose it is"), fields=("reference", "project", "unit", "owner")),
        Group(heading=mark("How grave it is"), fields=("likelihood", "impact")),
        Group(heading=mark("What is done about it"), fields=("response", "opened_on", "review_on")),
        Group(
            heading=mark("Further details"), fields=("reviewed_on", "escalated_on", "closed_on", "note"), folded=True
        ),
    ),
)
_REVIEWED = ("reviewed_on", "likelihood", "impact", "response", "owner", "review_on")
REVIEW_FORM = Form(
    model=RiskIn,
    groups=(Group(heading="", fields=_REVIEWED),),
    without=frozenset(RiskIn.model_fields) - frozenset(_REVIEWED),
)


def _require_suggested(session: Session, page: Page, given: Mapping[str, str]) -> None:
    about = suggested_keys(session, given, project=(Project, "code"), unit=(Unit, "code"))
    if about:
        service.require_about(session, page.actor, project_id=about.get("project"), unit_id=about.get("unit"))


KIND = Keeping(
    address="/risks", name="risk", row=Risk, listing=RISKS, form=RISK_FORM, patch=RiskPatch, right=Right.WRITE,
    title=mark("Risks"), adding=mark("Add a risk"), changing=mark("Change the risk"), told=mark("The risk is stored."),
    create=lambda session, page, body: service.create_risk(session, page.actor, body, today=page.today),
    update=lambda session, page, row, body: service.update_risk(session, page.actor, row, body, today=page.today),
    require=lambda session, page, row: service.require_change(session, page.actor, row),
    archive=lambda session, page, row: service.archive_risk(session, page.actor, row),
    restore=lambda session, page, row: service.restore_risk(session, page.actor, row),
    suggested=("project", "unit"), require_suggested=_require_suggested,
    start=lambda page: {"opened_on": page.today},
)  # fmt: skip
keep(router, KIND)


@router.get("/risks")
def list_risks(page: PageReading) -> Response:
    query, given = page.query(RiskPage)
    listed = page_of(page.session, RISKS, query.model_copy(update={"count": True, "sort": query.sort or "review_on"}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "risks/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or "review_on",
        signs={item["id"]: signs(item, page.today, page.words) for item in listed.items},
        names=project_names(
            page.session, page.words.language, {item["project"] for item in listed.items if item["project"]}
        ),
        units=web_queries.unit_words(page.session, 1000),
        officers=dict(web_queries.officer_words(page.session, 1000)),
        registers=run(page.session, "risks", as_of=page.today, by=("unit",), remembered=True),
        high=HIGH,
        may_write=page.may(Right.WRITE),
    )


@router.get("/risks/{record_id}")
def show_risk(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    return KIND.show(
        page,
        "risks/risk.html",
        found,
        signs=signs(found, page.today, page.words),
        project=project_names(page.session, page.words.language, [code]).get(code)
        if (code := found["project"])
        else None,
        unit_name=dict(web_queries.unit_words(page.session, 1000)).get(str(found["unit"]), ""),
        officer_name=dict(web_queries.officer_words(page.session, 1000)).get(str(found["owner"]), ""),
    )


@router.get("/risks/{record_id}/review")
def ask_review(page: PageReading, record_id: Id) -> Response:
    record, tag = KIND.versioned(page.session, record_id)
    KIND.require_one(page, record_id)
    sheet = KIND.change_sheet(page, record_id, REVIEW_FORM, page.t("Review the risk"))
    return filling.ask(page, sheet, ({**record, "reviewed_on": page.today, "review_on": None}, tag))


@router.post("/risks/{record_id}/review")
def review(page: PagePosting, record_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    sheet = KIND.change_sheet(page, record_id, REVIEW_FORM, page.t("Review the risk"))
    return KIND.store_change(page, record_id, sheet)


@router.post("/risks/{record_id}/escalate")
def escalate(page: PagePosting, record_id: Id) -> Response:
    """The head of the unit sees to it from today on."""
    body = RiskPatch.model_validate({"escalated_on": page.today})
    told = page.t("The head of the unit sees to it from today on.")
    return KIND.change(page, record_id, lambda session, row: KIND.update(session, page, row, body), told)


@router.post("/risks/{record_id}/close")
def close(page: PagePosting, record_id: Id) -> Response:
    body = RiskPatch.model_validate({"closed_on": page.today})
    told = page.t("The risk is closed.")
    return KIND.change(page, record_id, lambda session, row: KIND.update(session, page, row, body), told)
