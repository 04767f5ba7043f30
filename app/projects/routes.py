"""``/projects`` and ``/pools``: the records themselves. What hangs below them is in ``app.projects.routes_below``."""

import datetime as dt
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AwareDatetime
from sqlmodel import Session

from app.db.base import key
from app.db.projects import Project
from app.http.access import Administrator, Writer
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import held, require_version, single
from app.inputs import Day, FaultList
from app.projects import as_of as projects_as_of
from app.projects import identifiers, queries, queries_counts, service, views
from app.projects.answers import FacetsOut, FindingsOut, ProjectLine, ProjectNewOut, ProjectOut, ProjectPage, StateOut
from app.projects.findings import findings
from app.projects.schemas import IdentifierIn, PoolIn, ProjectIn, ProjectPatch

projects = api_router("/projects", "projects")
pools = api_router("/pools", "projects")


@projects.get("", summary="List projects, pools and programmes", response_model=ListOf[ProjectLine], responses=LISTS)
def list_projects(request: Request, session: Reading, query: Annotated[ProjectPage, Query()]) -> Response:
    return page(session, queries.PROJECTS, query).response(request)


@projects.get("/facets", summary="Count a list of projects by its fields", response_model=FacetsOut)
def project_facets(session: Reading, query: Annotated[ProjectPage, Query()]) -> dict[str, list[dict[str, object]]]:
    return {
        name: [{"value": value, "count": count} for value, count in counts]
        for name, counts in queries_counts.facets(session, query).items()
    }


@projects.get("/{project_id}", summary="Show a project", response_model=ProjectOut, responses=GETS)
def get_project(request: Request, project_id: Id, session: Reading) -> Response:
    return _project(request, session, project_id)


@projects.post("", summary="Add a project", status_code=201, response_model=ProjectNewOut, responses=CREATES)
def create_project(
    request: Request, body: ProjectIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        told = FaultList()
        project = service.create_project(session, actor, body, today=today, told=told)
        return _project(request, session, key(project), status=201, told=told)

    return once.answer(session, work)


@pools.post("", summary="Add a pool", status_code=201, response_model=ProjectNewOut, responses=CREATES)
def create_pool(
    request: Request, body: PoolIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        told = FaultList()
        pool = service.create_pool(session, actor, body, today=today, told=told)
        return _project(request, session, key(pool), status=201, told=told)

    return once.answer(session, work)


@projects.patch("/{project_id}", summary="Change a project", response_model=ProjectOut, responses=CHANGES)
def update_project(
    request: Request,
    project_id: Id,
    body: ProjectPatch,
    actor: Writer,
    today: Today,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    told = FaultList()
    service.update_project(session, actor, held_project(session, project_id, if_match), body, today=today, told=told)
    return _project(request, session, project_id, told=told)


@projects.delete("/{project_id}", summary="Archive a project", response_model=ProjectOut, responses=CHANGES)
def archive_project(
    request: Request, project_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_project(session, actor, held_project(session, project_id, if_match))
    return _project(request, session, project_id)


@projects.post("/{project_id}/restore", summary="Restore a project", response_model=ProjectOut, responses=CHANGES)
def restore_project(
    request: Request, project_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_project(session, actor, held_project(session, project_id, if_match))
    return _project(request, session, project_id)


@projects.post(
    "/{project_id}/identifier",
    summary="Change a project's IATI identifier, even a published one; the one before stays known",
    response_model=ProjectOut,
    responses=CHANGES,
)
def change_identifier(
    request: Request,
    project_id: Id,
    body: IdentifierIn,
    actor: Administrator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    identifiers.change_identifier(session, actor, held_project(session, project_id, if_match), body)
    return _project(request, session, project_id)


@projects.get("/{project_id}/as-of", summary="A project as known on a day", response_model=StateOut, responses=GETS)
def get_state(
    project_id: Id,
    session: Reading,
    today: Today,
    as_of: Annotated[Day | None, Query(description="the day; today when left out")] = None,
    recorded_at: Annotated[AwareDatetime | None, Query(description="what was recorded by this moment")] = None,
) -> StateOut:
    state = projects_as_of.project_as_of(session, project_id, as_of or today, recorded_at)
    return StateOut(
        code=state.code,
        as_of=state.as_of,
        recorded_at=state.recorded_at,
        status=state.stage,
        planned_start=state.planned_start,
        planned_end=state.planned_end,
        actual_start=state.actual_start,
        actual_end=state.actual_end,
        total_budget=state.total_budget,
        currency=state.budget_currency,
        officer=state.officer,
    )


@projects.get(
    "/{project_id}/findings", summary="What to look at in a project", response_model=FindingsOut, responses=GETS
)
def list_findings(
    project_id: Id,
    session: Reading,
    today: Today,
    as_of: Annotated[dt.date | None, Query(description="the day; today when left out")] = None,
) -> FindingsOut:
    found = findings(session, project_id, as_of or today)
    return FindingsOut.model_validate(
        {
            "items": [
                {
                    "rule": one.rule,
                    "severity": one.severity.value,
                    "subject": one.subject,
                    "message": one.message,
                    "pointer": one.pointer,
                }
                for one in found
            ]
        }
    )


def held_project(session: Session, project_id: int, if_match: str | None) -> Project:
    """The project to change, held, if it still is what the caller has seen."""
    project = held(session, Project, project_id, name="project")
    codes = queries.named_codes(session, project_id)
    require_version(if_match, project_id, *views.project_versions(project.version, codes))
    return project


def _project(
    request: Request, session: Session, project_id: int, *, status: int = 200, told: FaultList | None = None
) -> Response:
    """The answer with a project; of a new one, or of a new code, with what is remarked."""
    item = views.show_project(session, project_id)
    if told is not None:
        item["remarks"] = remarks_shown(told.found)
    location = f"{request.url.path.replace('/pools', '/projects')}/{project_id}" if status == 201 else None
    return single(request, item, tag=views.project_etag(item), status=status, location=location)
