"""``/oversight-reports``: audits and assessments by donors, with their scores."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.oversight import OversightReport
from app.domain.evaluation.oversight import aspects
from app.domain.money import round_places
from app.errors import NotFound
from app.evaluations import oversight, queries_oversight
from app.evaluations.schemas_oversight import (
    OversightReportBody,
    OversightReportOut,
    OversightReportPage,
    OversightReportPatch,
)
from app.http import lists
from app.http.access import Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, Shown, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import IfMatch, etag, locked, single

oversight_reports = api_router("/oversight-reports", "recommendations")


def with_scores(session: Session, items: list[Shown]) -> list[Shown]:
    """Reports with their scores, and what the items of each aspect come to; one statement."""
    scores = queries_oversight.scores(session, [item["id"] for item in items])
    for item in items:
        own = scores[item["id"]]
        item["scores"] = [
            {"section": one.section, "aspect": one.aspect, "item": one.item, "score": one.score} for one in own
        ]
        item["aspects"] = [
            {
                "section": one.section,
                "aspect": one.aspect,
                "total": one.total,
                "items": one.items,
                "mean_of_items": None if one.mean is None else round_places(one.mean, 2),
                "differs": one.differs,
            }
            for one in aspects(own)
        ]
    return items


def one_report(session: Session, report_id: int) -> Shown:
    """The report as it is shown.

    :raises NotFound: when there is none.
    """
    item = lists.one(session, queries_oversight.REPORTS, queries_oversight.REPORTS.key == report_id)
    if item is None:
        raise NotFound(f"There is no report {report_id}.")
    return with_scores(session, [item])[0]


def _report(request: Request, session: Session, report_id: int, *, status: int = 200) -> Response:
    item = one_report(session, report_id)
    location = f"{request.url.path}/{report_id}" if status == 201 else None
    return single(request, item, tag=etag(report_id, item["version"]), status=status, location=location)


@oversight_reports.get(
    "", summary="List audits and assessments", response_model=ListOf[OversightReportOut], responses=LISTS
)
def list_oversight_reports(
    request: Request, session: Reading, query: Annotated[OversightReportPage, Query()]
) -> Response:
    found = page(session, queries_oversight.REPORTS, query)
    found.items = with_scores(session, found.items)
    return found.response(request)


@oversight_reports.get(
    "/{report_id}", summary="Show an audit or assessment", response_model=OversightReportOut, responses=GETS
)
def get_oversight_report(request: Request, report_id: Id, session: Reading) -> Response:
    return _report(request, session, report_id)


@oversight_reports.post(
    "", summary="Add an audit or assessment", status_code=201, response_model=OversightReportOut, responses=CREATES
)
def create_oversight_report(
    request: Request, body: OversightReportBody, actor: Evaluator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        report = oversight.create_oversight_report(session, actor, body, today=today)
        return _report(request, session, key(report), status=201)

    return once.answer(session, work)


@oversight_reports.patch(
    "/{report_id}", summary="Change an audit or assessment", response_model=OversightReportOut, responses=CHANGES
)
def update_oversight_report(
    request: Request,
    report_id: Id,
    body: OversightReportPatch,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    report = locked(session, OversightReport, report_id, if_match, name="report")
    oversight.update_oversight_report(session, actor, report, body, today=today)
    return _report(request, session, report_id)


@oversight_reports.delete(
    "/{report_id}", summary="Archive an audit or assessment", response_model=OversightReportOut, responses=CHANGES
)
def archive_oversight_report(
    request: Request, report_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    report = locked(session, OversightReport, report_id, if_match, name="report")
    oversight.archive_oversight_report(session, actor, report)
    return _report(request, session, report_id)


@oversight_reports.post(
    "/{report_id}/restore",
    summary="Restore an audit or assessment",
    response_model=OversightReportOut,
    responses=CHANGES,
)
def restore_oversight_report(
    request: Request, report_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    report = locked(session, OversightReport, report_id, if_match, name="report")
    oversight.restore_oversight_report(session, actor, report)
    return _report(request, session, report_id)
