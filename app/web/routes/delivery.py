"""``/delivery``: who is behind, month by month; and what the statements of the past showed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Literal
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session
from starlette.responses import Response

from app.db.lookups import calendar_of, the_setup
from app.db.unchanged import known
from app.domain.periods import FiscalCalendar
from app.errors import NotFound
from app.http.fields import Id
from app.http.lists import one
from app.http.lists import page as page_of
from app.inputs import Currency, Day, ListCode, PeriodText
from app.language.i18n import mark
from app.publishing.codes import names_of
from app.reports.frame import ReportTable
from app.reports.labels import labels_of
from app.reports.service import delivery_and_months, run
from app.reports.writers import to_csv, to_xlsx
from app.sheets import MEDIA_TYPES
from app.spending.control import require_note
from app.statements import queries as statements
from app.statements.answers import StatementPage
from app.statements.compare import compare
from app.web import queries as web_queries
from app.web.charts.bars import Bar, bars
from app.web.charts.time import PaceWords, pace
from app.web.page import Crumb, PageReading, ReadingPage, page_router
from app.web.queries_duties import ProjectName, project_names
from app.web.views.delivery import THRESHOLD, Figure, Matrix, largest, matrix

router = page_router()

Dimension = Literal["unit", "officer", "partner", "outcome", "region", "country", "project"]

#: what delivery can be told apart by, and what each is called
DIMENSIONS: Mapping[Dimension, str] = {
    "unit": mark("Unit"),
    "officer": mark("Officer"),
    "partner": mark("Partner"),
    "outcome": mark("Outcome"),
    "region": mark("Region"),
    "country": mark("Country"),
    "project": mark("Project"),
}
#: a group leads to its projects where the report can be narrowed to it
_NARROWED = frozenset({"unit", "officer", "partner"})
#: bars that are drawn at most; the table has the others
_DRAWN = 12


class DeliveryQuery(BaseModel):
    """What is asked of the page, as the report takes it."""

    model_config = ConfigDict(extra="forbid")

    by: Dimension = "unit"
    period: PeriodText | None = None
    as_of: Day | None = None
    currency: Currency | None = None
    unit: ListCode | None = None
    officer: ListCode | None = None
    partner: ListCode | None = None
    project: str | None = Field(default=None, max_length=200)
    format: Literal["html", "csv", "xlsx"] = "html"


def gather(session: Session, today: dt.date) -> None:
    """What the page tells of all projects."""
    _both(session, DeliveryQuery(), today)


def _options(query: DeliveryQuery) -> dict[str, str]:
    return query.model_dump(include={"unit", "officer", "partner", "project"}, exclude_none=True)


def _both(session: Session, query: DeliveryQuery, as_of: dt.date) -> tuple[ReportTable, ReportTable]:
    """Delivery by month of those that the page shows, and of the whole time."""

    def both(fresh: Session) -> tuple[ReportTable, ReportTable]:
        by_year, by_month = delivery_and_months(
            fresh, period=query.period, as_of=as_of, by=query.by, currency=query.currency, options=_options(query)
        )
        codes = {row[query.by] for row in largest(by_year)}
        return replace(by_month, rows=tuple(row for row in by_month.rows if row[query.by] in codes)), by_year

    # of each project there may be too much to keep
    if query.by == "project":
        return both(session)
    name = f"delivery {as_of} {query.model_dump_json(exclude={'as_of', 'format'})}"
    return known(session, name, both, rows=lambda of: len(of[0].rows))


@router.get("/delivery")
def show_delivery(page: PageReading) -> Response:
    query, given = page.query(DeliveryQuery)
    options = _options(query)
    as_of = query.as_of or page.today
    if query.format != "html":
        by, currency = (query.by, "month"), query.currency
        asked = run(
            page.session, "delivery", period=query.period, as_of=as_of, by=by, currency=currency, options=options
        )
        content = (to_csv if query.format == "csv" else to_xlsx)(asked)
        headers = {"Content-Disposition": f'attachment; filename="delivery.{query.format}"'}
        return Response(content, headers=headers, media_type=MEDIA_TYPES[query.format])
    by_month, by_year = _both(page.session, query, as_of)
    names = _projects(page, query, by_year)
    labels, addresses = _named(page, query, by_year, names)
    fiscal = calendar_of(the_setup(page.session))
    shown = matrix(by_month, by_year, query.by, fiscal, labels, addresses)
    return page.show(
        "delivery/matrix.html",
        query=given,
        asked=query,
        matrix=shown,
        report=by_year,
        as_of=as_of,
        dimensions=DIMENSIONS,
        threshold=THRESHOLD,
        narrowed=options,
        picture=_pace(page, shown, by_year.currency),
        compared=_bars(page, shown),
        another=None if shown.lines or options or as_of != page.today else _another_year(page, fiscal, by_year.period),
        may_note={code for code, name in names.items() if page.offers(partial(require_note, page.actor, name.unit_id))},
    )


def _another_year(page: ReadingPage, fiscal: FiscalCalendar, period: str) -> str | None:
    """The year of the newest posting of all, where it is another than the one in which there is nothing.

    What was known on an earlier day, or what a filter leaves, may hold none of it: then no year is offered.
    """
    newest = web_queries.newest_posting(page.session)
    year = None if newest is None else fiscal.year_of(newest).label
    return None if year == period else year


def _projects(page: ReadingPage, query: DeliveryQuery, report: ReportTable) -> Mapping[str, ProjectName]:
    """The projects that are told apart."""
    if query.by != "project":
        return {}
    return project_names(page.session, page.words.language, {str(row["project"]) for row in largest(report)})


def _named(
    page: ReadingPage, query: DeliveryQuery, report: ReportTable, names: Mapping[str, ProjectName]
) -> tuple[dict[str, str], dict[str, str]]:
    """What the groups are called, and where they lead."""
    codes = {str(row[query.by]) for row in report.rows if row[query.by]}
    kept = {"as_of": query.as_of.isoformat() if query.as_of else None, "period": query.period}
    further = {name: value for name, value in kept.items() if value}
    addresses = {}
    if query.by in _NARROWED:
        addresses = {code: "/delivery?" + urlencode({"by": "project", query.by: code, **further}) for code in codes}
    labels: Mapping[str, str] = {}
    match query.by:
        case "unit" | "officer" | "partner" | "outcome":
            labels = labels_of(page.session, report, language=page.words.language).get(query.by, {})
        case "region" | "country":
            labels = names_of(query.by.capitalize(), page.words.language, withdrawn=True)
        case "project":
            labels = {code: name.title for code, name in names.items()}
            addresses = {code: f"/projects/{name.id}" for code, name in names.items()}
    return {"": page.t("Not attributed"), **labels}, addresses


def _pace(page: ReadingPage, shown: Matrix, currency: str) -> Markup | None:
    """The pace of all that is shown; None where nothing is allocated or the period has not begun."""
    total = shown.total
    if total.pace is None or total.expenditure is None or total.allocation is None or total.rate is None:
        return None
    words = PaceWords(
        spent=page.t(
            "%(amount)s spent, %(rate)s",
            amount=page.words.amount(Decimal(round(total.expenditure)), currency),
            rate=page.words.percent(round(total.rate, 1)),
        ),
        allocated=page.t(
            "of %(amount)s allocated", amount=page.words.amount(Decimal(round(total.allocation)), currency)
        ),
        elapsed=page.t("%(share)s of the time", share=_share(page, total.pace.elapsed)),
        projected=page.t("At this pace %(share)s at the end", share=_share(page, total.pace.projected)),
    )
    return pace(
        page.t("Pace of spending"),
        words,
        rate=total.pace.rate,
        elapsed=total.pace.elapsed,
        projected=total.pace.projected,
        tone=_tone(total),
    )


def _bars(page: ReadingPage, shown: Matrix) -> Markup | None:
    """Rates of the groups, with a mark at the share of the time that has passed."""
    rated = [line for line in shown.lines if line.year.rate is not None][:_DRAWN]
    if len(rated) < 2:
        return None
    return bars(
        page.t("Delivery rates"),
        page.t("The mark shows how much of the time has passed."),
        [
            Bar(
                label=line.label,
                value=min(line.year.rate or Decimal(0), Decimal(150)),
                shown=page.words.percent(round(line.year.rate or Decimal(0), 1)),
                target=line.year.pace.elapsed * 100 if line.year.pace else None,
                tone=_tone(line.year),
            )
            for line in rated
        ],
        most=max(Decimal(100), *(min(line.year.rate or Decimal(0), Decimal(150)) for line in rated)),
    )


def _tone(figure: Figure) -> str:
    return "bad" if figure.is_slow else ""


def _share(page: ReadingPage, share: Decimal) -> str:
    return page.words.percent(Decimal(round(share * 100)))


@router.get("/delivery/statements")
def list_statements(page: PageReading) -> Response:
    query, given = page.query(StatementPage)
    listed = page_of(page.session, statements.STATEMENTS, query)
    if query.format != "json":
        return listed.file()
    return page.show("delivery/statements.html", listed=listed, query=given, crumbs=[_crumb(page)])


class ComparisonQuery(BaseModel):
    """The day that a statement is compared with."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = None


@router.get("/delivery/statements/{statement_id}")
def show_statement(page: PageReading, statement_id: Id) -> Response:
    query, _ = page.query(ComparisonQuery)
    shown = one(page.session, statements.STATEMENTS, statements.STATEMENTS.key == statement_id)
    if shown is None:
        raise NotFound(f"There is no statement {statement_id}.")
    found = compare(page.session, statements.get(page.session, statement_id), query.as_of or page.today)
    names = project_names(page.session, page.words.language, [change.project for change in found.changes])
    crumbs = [_crumb(page), Crumb(label=page.t("Statements"), address="/delivery/statements")]
    return page.show("delivery/statement.html", statement=shown, found=found, names=names, crumbs=crumbs)


def _crumb(page: ReadingPage) -> Crumb:
    return Crumb(label=page.t("Delivery"), address="/delivery")
