"""``/reports``: what reports there are, and each as JSON, CSV or XLSX."""

import hashlib
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.domain.access import Right
from app.http.access import CurrentActor
from app.http.fields import Output
from app.http.router import GETS, LISTS, api_router
from app.http.sessions import Reading, ReadingAside, Today
from app.http.state import database_of
from app.http.versions import conditional
from app.inputs import Currency, Day
from app.reports.labels import with_labels
from app.reports.options import OPTIONS
from app.reports.registry import REPORTS
from app.reports.service import freshen, run
from app.reports.writers import to_csv, to_xlsx
from app.sheets import MEDIA_TYPES

reports = api_router("/reports", "reports")


class ReportKindOut(Output):
    name: str
    definition: str
    sentence: str
    dimensions: list[str]
    variants: list[str]
    options: list[str]


class ReportKindsOut(Output):
    items: list[ReportKindOut]


class RateOut(Output):
    currency: str
    effective_on: str
    rate: str = Field(description="local units per US dollar")


class ReportOut(Output):
    """A report; its figures are decimal strings, rates in percent, or null."""

    report: str
    definition: str
    period: str
    as_of: str
    currency: str = Field(description="of its amounts; empty where it has none, or each in the currency of its row")
    columns: list[str]
    rows: list[dict[str, str | int | None]]
    totals: dict[str, str | int | None]
    variant: str | None = None
    remarks: list[str] = Field(default_factory=list)
    first_day: str = ""
    last_day: str = ""
    rates: list[RateOut] = Field(default_factory=list, description="rates of exchange that were used")


class ReportQuery(BaseModel):
    """What is asked of a report."""

    model_config = ConfigDict(extra="forbid")

    period: str | None = Field(
        default=None,
        max_length=60,
        description="2021, 2020-21, 2021-Q3, 2021-07, 2021-01-01..2021-06-30 or 2019..2021; the current year if absent",
        examples=["2021"],
    )
    as_of: Day | None = Field(default=None, description="the day to look from; today when left out")
    recorded_at: AwareDatetime | None = Field(default=None, description="what was recorded by this moment")
    by: list[str] = Field(default=[], max_length=5, description="dimensions", examples=[["unit"]])
    currency: Currency | None = Field(default=None, description="the organisation's when left out")
    variant: str | None = Field(default=None, max_length=60)
    threshold: str | None = Field(
        default=None, max_length=9, description="percent of the allocation below which projected delivery is told"
    )
    project: str | None = Field(default=None, max_length=200, description="code: of this project or pool alone")
    unit: str | None = Field(default=None, max_length=200, description="code: of the projects of this unit alone")
    officer: str | None = Field(default=None, max_length=200, description="code: of this officer's projects alone")
    partner: str | None = Field(
        default=None, max_length=200, description="code: of this partner's money alone, or whom a briefing is on"
    )
    basis: str | None = Field(default=None, max_length=60, description="approvals, receipts or expenditure")
    kind: str | None = Field(default=None, max_length=60, description="kind of money, such as non-core or voluntary")
    category: str | None = Field(
        default=None, max_length=60, description="category of partners, such as government: of their money alone"
    )
    top: str | None = Field(default=None, max_length=9, description="how many rows; the others are one row")
    compare: str | None = Field(default=None, max_length=60, description="period that the change is told against")
    within: str | None = Field(default=None, max_length=9, description="days ahead of the report agreements-due")
    series: str | None = Field(default=None, max_length=250, description="series of assessments, of assessments")
    support_cost: Literal["in", "out"] | None = Field(
        default=None, description="whether delivery holds support cost; in when left out"
    )
    format: Literal["json", "csv", "xlsx"] = "json"
    totals: bool = Field(default=False, description="in CSV and XLSX, the total as the last row too")
    labels: bool = Field(default=False, description="what codes are called, in a column behind each that holds some")


@reports.get("", summary="List reports", response_model=ReportKindsOut, responses=LISTS)
def list_reports(session: Reading) -> ReportKindsOut:
    del session  # opened because it checks the token
    return ReportKindsOut(
        items=[
            ReportKindOut(
                name=report.name,
                definition=report.definition,
                sentence=report.sentence,
                dimensions=list(report.dimensions),
                variants=list(report.variants),
                options=list(report.options),
            )
            for report in REPORTS
        ]
    )


_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}}
}


def _fresh(request: Request, name: str, actor: CurrentActor, today: Today) -> None:
    """Has what the report reads follow the facts, before the snapshot it is computed from is taken."""
    actor.require(Right.READ)
    freshen(database_of(request), name, today)


@reports.get(
    "/{name}",
    summary="Run a report",
    response_model=ReportOut,
    responses=GETS | _FORMATS,
    dependencies=[Depends(_fresh)],
)
def get_report(
    request: Request, name: str, session: ReadingAside, today: Today, query: Annotated[ReportQuery, Query()]
) -> Response:
    table = run(
        session,
        name,
        period=query.period,
        as_of=query.as_of or today,
        by=tuple(query.by),
        currency=query.currency,
        variant=query.variant,
        recorded_at=query.recorded_at,
        options=query.model_dump(include=set(OPTIONS), exclude_none=True),
    )
    if query.labels:
        table = with_labels(session, table)
    if query.format == "json":
        content = ReportOut.model_validate(table.as_dict()).model_dump_json(exclude_unset=True).encode()
        tag = hashlib.sha256(content).hexdigest()[:32]
        return conditional(request, content, {"ETag": f'"{tag}"'})
    write = to_csv if query.format == "csv" else to_xlsx
    content = write(table, totals=query.totals)
    headers = {"Content-Disposition": f'attachment; filename="{table.report}.{query.format}"'}
    return Response(content, headers=headers, media_type=MEDIA_TYPES[query.format])
