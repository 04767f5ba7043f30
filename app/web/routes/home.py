"""The root address: one's work for whoever is signed in, else what this is; to programs as JSON."""

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.db.unchanged import known
from app.domain.terms import Role
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.remembered import due_remembered
from app.evaluations.queries import RECOMMENDATIONS
from app.evaluations.schemas import RecommendationPage
from app.http import root
from app.http.lists import page as page_of
from app.http.sessions import Address
from app.language import i18n
from app.language.i18n import mark
from app.projects import queries_counts
from app.projects.answers import ProjectPage
from app.reports.frame import ReportTable
from app.reports.service import run
from app.web import queries as web_queries
from app.web import showing
from app.web.page import page_router
from app.web.queries_duties import project_names
from app.web.session import SessionEnded, Visitor, visitor_of
from app.web.views import work
from app.web.views.work import Figure, Task, Whose, Work

router = page_router()

#: tasks that are shown at once
_SHOWN = 40
#: projects of a whole portfolio up to which the slow ones are tasks
_TOLD = 1000
_HEADINGS = {
    Role.OFFICER: mark("What needs you"),
    Role.EVALUATOR: mark("Evaluations and what follows from them"),
    Role.PUBLISHER: mark("What the world is to see"),
    Role.VIEWER: mark("The portfolio at a glance"),
    Role.ADMIN: mark("What needs somebody"),
}


@router.get("/")
def home(request: Request, address: Address) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return root.as_json(address)
    database = request.app.state.database
    try:
        with database.read() as session:
            visitor = visitor_of(request, session)
            request.state.visitor = visitor
    except SessionEnded:
        shown = showing.show(
            request,
            "start.html",
            {"listed": root.parts(address), "public_pages": request.app.state.settings.public_pages},
        )
        shown.headers["Vary"] = "Accept, Cookie"
        return shown
    today = showing.today(request)
    if visitor.organisation is not None:
        fresh(database, today)
    with database.read() as session:
        view = _work(request, session, visitor) if visitor.organisation is not None else None
        return showing.show(request, "work.html", {"work": view})


def _work(request: Request, session: Session, visitor: Visitor) -> Work:
    words, today = i18n.words(showing.language_of(request)), showing.today(request)
    whose = Whose(officer=visitor.officer, unit=visitor.unit)
    role = visitor.actor.role
    owed = due_remembered(session, today, within=work.AHEAD)
    mine = owed if whose.everybody else [row for row in owed if whose.has(row.officer, row.unit)]
    tasks: list[Task] = []
    left_out = 0
    if role is not Role.PUBLISHER:
        # those beyond the first ones are not among the first tasks of all
        tasks, left_out = work.evaluations(mine, _SHOWN)
    if role in (Role.EVALUATOR, Role.ADMIN):
        listed = page_of(session, RECOMMENDATIONS, RecommendationPage(status=work.OPEN, limit=200))
        tasks += work.recommendations(listed.items)
    if role in (Role.OFFICER, Role.ADMIN, Role.VIEWER):
        own = web_queries.own_projects(session, officer=visitor.officer, unit=visitor.unit)
        # of a large portfolio the page of delivery tells the slow ones: nobody reads thousands of tasks
        told = web_queries.project_codes(session, _TOLD) if own is None else own
        officers = web_queries.officers_of(session, officer=visitor.officer, unit=visitor.unit)
        asked, beyond = work.duties(_asked(session, today), officers, _SHOWN)
        tasks += asked
        left_out += beyond
        if told:
            tasks += work.slow(_slow(session, today, _narrowed(visitor)), told)
    ordered = work.in_order(tasks)
    shown = ordered[:_SHOWN]
    return Work(
        heading=_HEADINGS[role],
        tasks=work.addressed(shown, project_names(session, words.language, {task.project for task in shown})),
        count=work.counted(ordered) + left_out,
        shown=work.counted(shown),
        figures=_figures(session, words, visitor, len(mine)),
    )


def gather(session: Session, today: dt.date) -> None:
    """What the page tells of all projects, to whoever looks after all of them."""
    due_remembered(session, today, within=work.AHEAD)
    _asked(session, today)
    if web_queries.project_codes(session, _TOLD):
        _slow(session, today, {})
    _numbers(session, {}, drafts=True)


def _asked(session: Session, today: dt.date) -> ReportTable:
    """What agreements ask for."""
    return known(
        session,
        f"agreements due on {today}",
        lambda fresh: run(fresh, "agreements-due", as_of=today),
        rows=lambda table: len(table.rows),
    )


def _slow(session: Session, today: dt.date, narrowed: Mapping[str, str]) -> Sequence[str]:
    options = {"threshold": work.THRESHOLD, **narrowed}
    return known(
        session,
        f"slow projects on {today} of {narrowed}",
        lambda fresh: run(fresh, "delivery", as_of=today, by=("project",), options=options).remarks,
        rows=len,
    )


def _narrowed(visitor: Visitor) -> dict[str, str]:
    """What narrows a list to the person's own: the officer, else the unit, else nothing."""
    if visitor.officer is not None:
        return {"officer": visitor.officer}
    return {} if visitor.unit is None else {"unit": visitor.unit}


#: what is counted of projects, and the list that it leads to
_COUNTED: Sequence[tuple[str, Mapping[str, str]]] = (
    (mark("projects in implementation"), {"status": "implementation"}),
    (mark("without an end date"), {"status": "implementation", "open_end": "true"}),
    (mark("running and never published from here"), {"status": "implementation", "published": "false"}),
)
#: whoever publishes does so for all
_DRAFTS = (mark("drafts that are held back"), {"draft": "true"})


def _numbers(session: Session, mine: Mapping[str, str], *, drafts: bool) -> Sequence[int]:
    """How many projects there are of each kind; ``mine`` narrows to the person's own, but for ``drafts``, which come
    last."""
    found = [*_counted(session, [{**mine, **query} for _, query in _COUNTED], of_all=not mine)]
    return [*found, *_counted(session, [_DRAFTS[1]], of_all=True)] if drafts else found


def _counted(session: Session, lists: Sequence[Mapping[str, str]], *, of_all: bool) -> Sequence[int]:
    typed = [{name: [value] if name == "status" else value for name, value in query.items()} for query in lists]
    return queries_counts.counted(session, list(map(ProjectPage.model_validate, typed)), of_all=of_all)


def _figures(session: Session, words: i18n.Words, visitor: Visitor, owed: int) -> list[Figure]:
    """Figures that lead to the lists they count."""
    mine = _narrowed(visitor)
    lists: list[tuple[str, Mapping[str, str]]] = [(label, {**mine, **query}) for label, query in _COUNTED]
    drafts = visitor.actor.role in (Role.PUBLISHER, Role.ADMIN)
    if drafts:
        lists.append(_DRAFTS)
    found = [
        Figure(label=label, value=words.number(number), address=f"/projects?{urlencode(query)}")
        for (label, query), number in zip(lists, _numbers(session, mine, drafts=drafts), strict=True)
    ]
    owes = Figure(label=mark("evaluations to look at"), value=words.number(owed), address="#tasks")
    return [found[0], owes, *found[1:]]
