"""``/reports`` and ``/dashboard``: every report with its definition, picture and table."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from app import clock
from app.db.base import utc_now
from app.errors import Fault, InvalidInput
from app.http.state import database_of, settings_of
from app.language.i18n import Words, mark
from app.publishing.codes import names_of
from app.reports.frame import Report, ReportTable
from app.reports.labels import labels_of, with_labels
from app.reports.options import OPTIONS
from app.reports.registry import REPORTS
from app.reports.routes import ReportQuery
from app.reports.service import find_report, freshen, run
from app.reports.writers import to_csv, to_xlsx
from app.sheets import MEDIA_TYPES
from app.web import queries as web_queries
from app.web.page import Crumb, Page, PageReading, ReadingPage, page_router
from app.web.session import visitor_of
from app.web.views import reports as views
from app.web.views.course import courses

router = page_router()

#: rows from which a table of the dashboard is folded below its picture
_LONG = 4

#: figures of the dashboard: report, its heading, and what is asked of it besides the period
FIGURES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("approvals", mark("Approvals by year"), {}),
    ("contributors", mark("Largest contributors"), {"top": "10"}),
    ("earmarking", mark("How money is earmarked"), {}),
    ("regions", mark("Expenditure by region"), {}),
    ("outcomes", mark("Expenditure by outcome"), {"by": "outcome"}),
    ("delivery", mark("Delivery"), {"by": "unit"}),
    ("evaluations", mark("Coverage of evaluations"), {}),
    ("results", mark("Results against targets"), {"by": "outcome"}),
)
#: years whose figures stand beside each other
_YEARS = 5


def _fresh(request: Request) -> None:
    """Has duties follow the facts before the snapshot is taken, for reports that count them."""
    _follow(request, str(request.path_params["name"]))


def _fresh_duties(request: Request) -> None:
    """The same for figures among which evaluations are counted."""
    _follow(request, "evaluations")


def _follow(request: Request, name: str) -> None:
    if not find_report(name).of_obligations:
        return
    database = database_of(request)
    with database.read() as session:
        visitor_of(request, session)
    freshen(database, name, clock.today(settings_of(request)))


def gather(session: Session, today: dt.date) -> None:
    """What the dashboard tells of the newest year, and of those before it."""
    year = _newest_year(session, today)
    for name, _, asked in FIGURES:
        by = (asked["by"],) if "by" in asked else ()
        options = {option: value for option, value in asked.items() if option != "by"}
        run(session, name, period=_span(name, year), as_of=today, by=by, options=options, remembered=True)
    _over_years(session, today, _years(year))


@router.get("/dashboard")
def show_dashboard(page: PageReading) -> Response:
    year = _year(page)
    figures = [(heading, _address(name, {"period": _span(name, year), **asked})) for name, heading, asked in FIGURES]
    return page.show("reports/dashboard.html", figures=figures, year=year)


def _year(page: ReadingPage) -> str:
    """The year that is asked for; else the newest in which money was spent."""
    period = page.request.query_params.get("period", "")
    if len(period) == 4 and period.isascii() and period.isdigit() and int(period) > _YEARS:
        return period
    return _newest_year(page.session, page.today)


def _newest_year(session: Session, today: dt.date) -> str:
    newest = web_queries.newest_posting(session) or today
    return str(min(newest, today).year)


def _span(name: str, year: str) -> str:
    """The period of a figure of the dashboard."""
    return f"{int(year) - _YEARS + 1}..{year}" if name == "approvals" else year


def _years(last: str) -> list[str]:
    return [f"{year:04}" for year in range(int(last) - _YEARS + 1, int(last) + 1)]


def _over_years(session: Session, today: dt.date, years: Sequence[str]) -> Sequence[ReportTable]:
    """Approvals, delivery and evaluations of these years."""
    span = f"{years[0]}..{years[-1]}"
    return [
        run(session, name, period=span, as_of=today, by=by, remembered=True)
        for name, by in (("approvals", ()), ("delivery", ("year",)), ("evaluations", ("year",)))
    ]


@router.get("/dashboard/years", dependencies=[Depends(_fresh_duties)])
def show_years(page: PageReading) -> Response:
    years = _years(_year(page))
    approvals, delivery, evaluations = _over_years(page.session, page.today, years)
    return page.show(
        "reports/years.html",
        years=years,
        courses=courses(years, approvals, delivery, evaluations, page.words),
        currency=delivery.currency,
        whole="HX-Request" not in page.request.headers,
        crumbs=[_dashboard(page)],
    )


@router.get("/reports")
def list_reports(page: PageReading) -> Response:
    return page.show("reports/list.html", reports=REPORTS, crumbs=[_dashboard(page)])


def _summary(kind: Report, faults: Sequence[Fault], words: Words) -> list[tuple[str, str, str]]:
    """(address in the page, name of the field, message) of what was asked and refused."""
    asked = {name: name for name in ("period", "as_of", "currency", *kind.options)}
    if len(kind.dimensions) > 1:
        asked["by"] = "by-0"
    if len(kind.variants) > 1:
        asked["variant"] = "variant"
    named = [(fault.place.partition("/")[0], fault) for fault in faults]
    return [
        (
            f"#f-{asked[name]}" if name in asked else "",
            words.word(fault.place) if fault.place else "",
            fault.message,
        )
        for name, fault in named
    ]


@router.get("/reports/{name}", dependencies=[Depends(_fresh)])
def show_report(page: PageReading, name: str) -> Response:
    kind = find_report(name)
    given: dict[str, list[str]] = {}
    for asked, value in page.request.query_params.multi_items():
        if value.strip():
            given.setdefault(asked, []).append(value)
    crumbs = [_dashboard(page), Crumb(label=page.t("Reports"), address="/reports")]
    try:
        query, given = page.query(ReportQuery, own=("format",))
        table = _run(page, kind, query)
    except InvalidInput as refused:
        # a report that needs to be told of whom is no fault of who follows the link to it
        return page.show(
            "reports/report.html",
            status=422 if given else 200,
            kind=kind,
            choices=views.choices(kind.name),
            query=given,
            unasked=not given,
            faults=refused.faults,
            summary=_summary(kind, refused.faults, page.words),
            report=None,
            crumbs=crumbs,
        )
    wanted = given.get("format", [""])[-1]
    if wanted in _WRITERS:
        return _file(with_labels(page.session, table) if query.labels else table, wanted, whole=query.totals)
    names = _names(page, table)
    whole, table = table, views.shown(table)
    return page.show(
        "reports/report.html",
        kind=kind,
        choices=views.choices(kind.name),
        query=given,
        unasked=False,
        faults=[],
        report=table,
        recorded=query.recorded_at,
        left_out=len(whole.columns) - len(table.columns),
        lines=(shown := views.lines(table, names, page.words)),
        part=(part := "HX-Request" in page.request.headers),
        folded=part and len(shown) > _LONG,
        total=views.total(table, page.words),
        beside=views.beside(table, page.words),
        dense=len(table.columns) > views.WIDE,
        headings=[views.heading(each, page.words, is_figure=each in table.figures) for each in table.columns],
        time=views.time_of(table, page.words),
        money=views.currency_told(table, page.words),
        picture=views.picture(table, page.words.word(name), names, page.words),
        quoted=_quoted(page, name, table, query, given),
        crumbs=crumbs,
    )


def _run(page: ReadingPage, kind: Report, query: ReportQuery) -> ReportTable:
    return run(
        page.session,
        kind.name,
        period=query.period,
        as_of=query.as_of or page.today,
        by=tuple(query.by),
        currency=query.currency,
        variant=query.variant,
        recorded_at=query.recorded_at,
        options=query.model_dump(include=set(OPTIONS), exclude_none=True),
        remembered=True,
    )


def _as_json(table: ReportTable) -> bytes:
    return json.dumps(table.as_dict(), ensure_ascii=False, indent=1).encode()


_WRITERS = frozenset({"csv", "xlsx", "json"})


def _file(table: ReportTable, wanted: str, *, whole: bool) -> Response:
    """Exactly what the page shows, as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{table.report}.{wanted}"'}
    if wanted == "json":
        return Response(_as_json(table), headers=headers, media_type="application/json")
    content = (to_csv if wanted == "csv" else to_xlsx)(table, totals=whole)
    return Response(content, headers=headers, media_type=MEDIA_TYPES[wanted])


def _names(page: ReadingPage, table: ReportTable) -> dict[str, Mapping[str, str]]:
    """What the codes of each column are called."""
    found: dict[str, Mapping[str, str]] = {
        **labels_of(page.session, table, rows=table.rows[: views.SHOWN], language=page.words.language)
    }
    for column in ("country", "countries"):
        if column in table.columns:
            found[column] = names_of("Country", page.words.language, withdrawn=True)
    for column in ("sector", "sectors"):
        if column in table.columns:
            found[column] = {
                **names_of("SectorCategory", page.words.language, withdrawn=True),
                **names_of("Sector", page.words.language, withdrawn=True),
            }
    return found


def _quoted(page: Page, name: str, table: ReportTable, query: ReportQuery, given: Mapping[str, list[str]]) -> str:
    """The address that shows these figures on any later day: with its period, its day and what was recorded by now."""
    moment = query.recorded_at or utc_now()
    kept = [(key, value) for key, values in given.items() if key not in _FIXED for value in values]
    fixed = [
        ("period", table.period),
        ("as_of", table.as_of.isoformat()),
        ("recorded_at", moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    query_text = urlencode(kept + [(key, value) for key, value in fixed if value])
    address = page.settings.public_url.rstrip("/") or str(page.request.base_url).rstrip("/")
    return f"{address}/reports/{name}?{query_text}"


_FIXED = frozenset({"period", "as_of", "recorded_at", "format"})


def _address(name: str, asked: Mapping[str, str]) -> str:
    return f"/reports/{name}?" + urlencode(asked)


def _dashboard(page: Page) -> Crumb:
    return Crumb(label=page.t("Dashboard"), address="/dashboard")
