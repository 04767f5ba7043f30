"""``/risks`` of projects and units."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.risks import Risk
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import IfMatch, etag, locked, single
from app.projects import risks as service
from app.projects.queries_risks import RISKS
from app.projects.schemas_risks import RiskIn, RiskOut, RiskPage, RiskPatch

risks = api_router("/risks", "risks")


def _risk(request: Request, session: Session, risk_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, RISKS, RISKS.key == risk_id)
    if item is None:
        raise NotFound(f"There is no risk {risk_id}.")
    location = f"{request.url.path}/{risk_id}" if status == 201 else None
    return single(request, item, tag=etag(risk_id, item["version"]), status=status, location=location)


@risks.get("", summary="List risks", response_model=ListOf[RiskOut], responses=LISTS)
def list_risks(request: Request, session: Reading, query: Annotated[RiskPage, Query()]) -> Response:
    return page(session, RISKS, query).response(request)


@risks.get("/{risk_id}", summary="Show a risk", response_model=RiskOut, responses=GETS)
def get_risk(request: Request, risk_id: Id, session: Reading) -> Response:
    return _risk(request, session, risk_id)


@risks.post("", summary="Add a risk", status_code=201, response_model=RiskOut, responses=CREATES)
def create_risk(
    request: Request, body: RiskIn, actor: Writer, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        row = service.create_risk(session, actor, body, today=today)
        return _risk(request, session, key(row), status=201)

    return once.answer(session, work)


@risks.patch("/{risk_id}", summary="Change a risk", response_model=RiskOut, responses=CHANGES)
def update_risk(
    request: Request,
    risk_id: Id,
    body: RiskPatch,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, Risk, risk_id, if_match, name="risk")
    service.update_risk(session, actor, row, body, today=today)
    return _risk(request, session, risk_id)


@risks.delete("/{risk_id}", summary="Archive a risk", response_model=RiskOut, responses=CHANGES)
def archive_risk(request: Request, risk_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None) -> Response:
    row = locked(session, Risk, risk_id, if_match, name="risk")
    service.archive_risk(session, actor, row)
    return _risk(request, session, risk_id)


@risks.post("/{risk_id}/restore", summary="Restore a risk", response_model=RiskOut, responses=CHANGES)
def restore_risk(request: Request, risk_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None) -> Response:
    row = locked(session, Risk, risk_id, if_match, name="risk")
    service.restore_risk(session, actor, row)
    return _risk(request, session, risk_id)
