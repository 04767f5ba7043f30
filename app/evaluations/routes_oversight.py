"""``/oversight-reports``: audits and assessments by donors, with their scores."""

from sqlmodel import Session

from app.db.oversight import OversightReport
from app.domain.access import Right
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
from app.http.lists import Shown
from app.http.nouns import Noun, add_and_change
from app.http.router import api_router

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


add_and_change(
    oversight_reports,
    Noun(
        row=OversightReport,
        listing=queries_oversight.REPORTS,
        shown=OversightReportOut,
        query=OversightReportPage,
        one="audit or assessment",
        many="audits and assessments",
        article="an",
        name="oversight_report",
        names="oversight_reports",
        key="report_id",
        right=Right.EVALUATE,
        archive=oversight.archive_oversight_report,
        restore=oversight.restore_oversight_report,
        complete=with_scores,
    ),
    OversightReportBody,
    OversightReportPatch,
    oversight.create_oversight_report,
    oversight.update_oversight_report,
)
