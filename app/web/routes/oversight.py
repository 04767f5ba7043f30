"""``/oversight-reports``: audits, and assessments by donors with their scores, compared over the years."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session
from starlette.responses import Response

from app.db.oversight import OversightReport
from app.domain.access import Right
from app.domain.terms import Overseer
from app.evaluations import oversight as service
from app.evaluations import queries as evaluation_queries
from app.evaluations.answers import with_state
from app.evaluations.queries_oversight import REPORTS
from app.evaluations.routes_oversight import with_scores
from app.evaluations.schemas import RecommendationPage
from app.evaluations.schemas_oversight import (
    OversightReportBody,
    OversightReportIn,
    OversightReportPage,
    OversightReportPatch,
)
from app.http.fields import Id
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.reports.frame import Cell
from app.reports.service import run
from app.web.filling import Sheet, ask
from app.web.forms import Form, Group
from app.web.keeping import Keeping, keep
from app.web.page import Page, PagePosting, PageReading, page_router
from app.web.views.evaluations import TONES

router = page_router()

OVERSIGHT_FORM = Form(
    model=OversightReportIn,
    groups=(
        Group(heading=mark("What it is"), fields=("reference", "overseer", "title", "issued_on", "body", "report_url")),
        Group(heading=mark("What was looked at"), fields=("unit", "partner")),
        Group(heading=mark("Scores"), fields=("series", "scale_min", "scale_max")),
        Group(heading=mark("Note"), fields=("note",), folded=True),
    ),
)


#: scores in their order, each aspect with its items; an item that is left empty is the total of its aspect
SCORES_FORM = Form(
    model=OversightReportBody,
    groups=(Group(heading="", fields=("scores",)),),
    without=frozenset(OversightReportBody.model_fields) - {"scores"},
)


def _scored(session: Session, item: Shown) -> Shown:
    return with_scores(session, [item])[0]


KIND = Keeping(
    address="/oversight-reports", name="report", row=OversightReport, listing=REPORTS, form=OVERSIGHT_FORM,
    patch=OversightReportPatch, right=Right.EVALUATE, title=mark("Audits and assessments"),
    adding=mark("Add an audit or assessment"), changing=mark("Change the audit or assessment"),
    told=mark("The audit or assessment is stored."), completed=_scored,
    create=lambda session, page, body: service.create_oversight_report(session, page.actor, body, today=page.today),
    update=lambda session, page, row, body: service.update_oversight_report(
        session, page.actor, row, body, today=page.today),
    require=lambda _session, page, row: service.require_change(page.actor, row),
    archive=lambda session, page, row: service.archive_oversight_report(session, page.actor, row),
    restore=lambda session, page, row: service.restore_oversight_report(session, page.actor, row),
)  # fmt: skip


@router.get("/oversight-reports")
def list_reports(page: PageReading) -> Response:
    query, given = page.query(OversightReportPage)
    listed = page_of(page.session, REPORTS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "oversight/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or REPORTS.usual_sort,
        overseers=[each for each in Overseer if each is not Overseer.EVALUATION],
        may_evaluate=page.may(Right.EVALUATE),
    )


def _totals_first(rows: Sequence[Mapping[str, Cell]]) -> list[Mapping[str, Cell]]:
    """The scores of each aspect after its total, in the order of the report else."""
    aspects: dict[tuple[Cell, ...], list[Mapping[str, Cell]]] = {}
    for row in rows:
        aspects.setdefault((row["series"], row["section"], row["aspect"]), []).append(row)
    return [row for own in aspects.values() for row in sorted(own, key=lambda row: row["item"] is not None)]


class ComparisonQuery(BaseModel):
    """Which series of assessments is compared."""

    model_config = ConfigDict(extra="forbid")

    series: str | None = Field(default=None, max_length=200)


@router.get("/oversight-reports/compared")
def compare(page: PageReading) -> Response:
    """Scores of a series, report beside report."""
    query, _ = page.query(ComparisonQuery)
    options = {"series": query.series} if query.series else {}
    table = run(page.session, "assessments", as_of=page.today, options=options, remembered=True)
    return page.show(
        "oversight/compared.html",
        report=table,
        series=query.series,
        rows=_totals_first(table.rows),
        years=[name for name in table.columns if name in table.figures - {"change", "mean_of_items"}],
        crumbs=[KIND.crumb(page)],
    )


keep(router, KIND)


@router.get("/oversight-reports/{record_id}/scores")
def ask_scores(page: PageReading, record_id: Id) -> Response:
    """The scores to be typed: those that stand, else the items of the report of the series before, without scores."""
    found, tag = KIND.versioned(page.session, record_id)
    KIND.require_one(page, record_id)
    if not found["scores"]:
        report = page.session.get_one(OversightReport, record_id)
        found = {**found, "scores": service.items_before(page.session, report)}
    return ask(page, _scores_sheet(page, record_id), (found, tag))


@router.post("/oversight-reports/{record_id}/scores")
def store_scores(page: PagePosting, record_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)
    return KIND.store_change(page, record_id, _scores_sheet(page, record_id))


def _scores_sheet(page: Page, record_id: int) -> Sheet[OversightReportIn]:
    return KIND.change_sheet(page, record_id, SCORES_FORM, page.t("Scores of the assessment"))


@router.get("/oversight-reports/{record_id}")
def show_report(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    asked = RecommendationPage(report=[found["reference"]], limit=200)
    recommended = with_state(page_of(page.session, evaluation_queries.RECOMMENDATIONS, asked).items, page.today)
    return KIND.show(page, "oversight/report.html", found, recommendations=recommended, tones=TONES)
