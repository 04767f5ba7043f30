"""``/projects``: the portfolio as a list. What belongs to one project is in ``app.web.routes.project``."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlmodel import Session
from starlette.responses import Response

from app.db.lookups import the_setup
from app.domain.access import Right
from app.domain.terms import Grain, Stage
from app.http.lists import page as page_of
from app.inputs import FaultList
from app.language.i18n import mark
from app.people.queries_views import saved_views
from app.projects import queries, queries_counts, service
from app.projects.answers import ProjectPage
from app.projects.schemas import ProjectIn
from app.publishing.codes import names_of
from app.web import queries as web_queries
from app.web.filling import Sheet, ask, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.queries_duties import project_names
from app.web.views import portfolio
from app.web.views.portfolio import Choice, Facet

router = page_router()

#: the form of a project, as officers fill it in
PROJECT_FORM = Form(
    model=ProjectIn,
    groups=(
        Group(heading=mark("What it is"), fields=("code", "title", "title_fr", "title_es", "description", "status")),
        Group(heading=mark("Who is in charge"), fields=("unit", "officer", "backstopping_unit", "parent")),
        Group(
            heading=mark("When and how much"),
            fields=("planned_start", "planned_end", "actual_start", "actual_end", "total_budget", "currency"),
        ),
        Group(heading=mark("Where and what for"), fields=("countries", "regions", "sectors", "sdg", "outcome")),
        Group(heading=mark("The decision behind it"), fields=("decided_on", "reason")),
    ),
)

_FACETS: Mapping[str, str] = {
    "status": mark("Status"),
    "unit": mark("Unit"),
    "officer": mark("Officer"),
    "country": mark("Country"),
    "grain": mark("Kind"),
}


def gather(session: Session, _today: dt.date) -> None:
    """What the page tells of all projects."""
    queries_counts.facets(session, ProjectPage())
    queries_counts.budgets(session, ProjectPage())


@router.get("/projects")
def list_projects(page: PageReading) -> Response:
    query, given = page.query(ProjectPage, own=("columns",))
    listed = page_of(page.session, queries.PROJECTS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    counted = queries_counts.facets(page.session, query)
    columns = [name for name in portfolio.COLUMNS if name in given.get("columns", portfolio.USUAL_COLUMNS)]
    return page.show(
        "projects/list.html",
        listed=listed,
        count=_in_all(counted["status"], given.get("status", ())) if listed.more else listed.count,
        names=project_names(page.session, page.words.language, [str(item["code"]) for item in listed.items]),
        query=given,
        sorted_by=query.sort or queries.PROJECTS.usual_sort,
        columns={name: portfolio.COLUMNS[name] for name in columns or portfolio.USUAL_COLUMNS},
        all_columns=portfolio.COLUMNS,
        sortable=portfolio.SORTED_BY,
        facets=_facets(page, counted, given),
        budgets=queries_counts.budgets(page.session, query),
        shipped=portfolio.shipped_views(page.today, page.visitor.officer),
        saved=saved_views(page.session, "projects", page.visitor.user_id, page.actor.unit_id),
        stages=[stage.value for stage in Stage],
        chosen=[(name, value) for name, values in given.items() for value in values if name in _CHOSEN],
        may_write=page.may(Right.WRITE),
    )


#: filters that are shown as chosen, each with a way to take it off
_CHOSEN = frozenset(ProjectPage.model_fields) - {"limit", "cursor", "sort", "count", "format", "q"}


def _in_all(by_stage: Sequence[tuple[object, int]], chosen: Sequence[str]) -> int:
    """How many projects a list has that is counted only so far: each has a stage, and all of them are counted."""
    return sum(number for stage, number in by_stage if not any(chosen) or str(stage) in chosen)


def _facets(
    page: ReadingPage,
    counted: Mapping[str, Sequence[tuple[object, int]]],
    given: Mapping[str, Sequence[str]],
) -> list[Facet]:
    names = {
        "unit": dict(web_queries.unit_words(page.session, 1000)),
        "officer": dict(web_queries.officer_words(page.session, 1000)),
        "country": names_of("Country", page.words.language, withdrawn=True),
        "status": {stage.value: page.words.word(stage) for stage in Stage},
        "grain": {grain.value: page.words.word(grain) for grain in Grain},
    }
    return [
        Facet(
            field=field,
            heading=heading,
            choices=[
                Choice(
                    value=str(value),
                    label=names[field].get(str(value), str(value)),
                    count=count,
                    chosen=str(value) in given.get(field, ()),
                )
                for value, count in counted[field][:8]
            ],
        )
        for field, heading in _FACETS.items()
        if counted[field]
    ]


def _new_sheet(page: Page, session: Session) -> Sheet[ProjectIn]:
    return Sheet(
        form=PROJECT_FORM,
        title=page.t("Add a project"),
        back="/projects",
        crumbs=(Crumb(label=page.t("Portfolio"), address="/projects"),),
        start={"unit": page.visitor.unit, "officer": page.visitor.officer},
        currency=the_setup(session).currency,
    )


@router.get("/projects/new")
def new_project(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _new_sheet(page, page.session))


@router.post("/projects/new")
def create_project(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)

    remarks = FaultList()

    def store(session: Session, body: ProjectIn) -> str:
        return f"/projects/{service.create_project(session, page.actor, body, today=page.today, told=remarks).id}"

    with page.read() as reading:
        sheet = _new_sheet(page, reading)
    return create(page, sheet, store, page.t("The project is stored."), remarks)
