"""``/evaluations``: what is owed, when and why; the calendar of a year; coverage; and decisions about duties."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session
from starlette.responses import Response

from app import clock
from app.db.evaluations import Obligation
from app.db.lookups import calendar_of, the_setup
from app.domain.access import Right
from app.domain.evaluation.terms import Kind, Obliged, State
from app.errors import NotFound
from app.evaluations.obligations import queries, service
from app.evaluations.obligations.calendars import calendar
from app.evaluations.obligations.due import DueRow, due_row
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.institution import institution_views, untold
from app.evaluations.obligations.queries_institution import standing
from app.evaluations.obligations.remembered import due_remembered
from app.evaluations.obligations.schemas import ObligationPage, RescheduleIn, WaiverIn
from app.evaluations.obligations.shown import shown_by_id
from app.evaluations.obligations.views import CANNOT_TELL
from app.evaluations.policies.rulebook import in_use
from app.evaluations.service import require_covering
from app.http.fields import Id
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.http.state import database_of, settings_of
from app.inputs import ListCode, PeriodText
from app.people.queries_views import saved_views
from app.reports.frame import ReportTable
from app.reports.service import coverage
from app.web import queries as web_queries
from app.web.charts.bars import Column, stacked
from app.web.filling import Sheet, ask, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.queries_duties import ProjectName, project_names
from app.web.session import visitor_of
from app.web.views.evaluations import STATES, TONES, dated, months, shipped_views, windows

router = page_router()

WAIVER_FORM = Form(model=WaiverIn, groups=(Group(heading="", fields=("reason", "approver", "decided_on")),))
RESCHEDULE_FORM = Form(
    model=RescheduleIn, groups=(Group(heading="", fields=("due_on", "reason", "approver", "decided_on")),)
)

#: rows of the due list that are shown at once
_LISTED = 100
_STATUSES = ("open", "cannot-tell", "superseded", "lapsed")


def _fresh(request: Request) -> None:
    """Has obligations follow the facts before somebody who is signed in reads them."""
    database = database_of(request)
    with database.read() as session:
        visitor = visitor_of(request, session)
    visitor.actor.require(Right.READ)
    if visitor.organisation is not None:
        fresh(database, clock.today(settings_of(request)))


#: a route with this shows obligations as the present facts make them
FRESH = [Depends(_fresh)]


class DueQuery(BaseModel):
    """What of the due list is shown."""

    model_config = ConfigDict(extra="forbid")

    within: Annotated[int, Field(ge=0, le=3650)] = 183
    state: str | None = Field(default=None, max_length=40)
    unit: ListCode | None = None
    officer: ListCode | None = None
    kind: Kind | None = None


def gather(session: Session, today: dt.date) -> None:
    """What the pages of what is owed and of coverage tell of all projects."""
    due_remembered(session, today, within=DueQuery().within)
    _covered(session, today, CoverageQuery().period)


@router.get("/evaluations", dependencies=FRESH)
def show_due(page: PageReading) -> Response:
    """The due list: what waits to be done now or soon, and what cannot be told; by state."""
    query, given = page.query(DueQuery)
    rows = due_remembered(page.session, page.today, within=query.within, unit=query.unit)
    if query.officer is not None or query.kind is not None:
        rows = [row for row in rows if query.officer in (None, row.officer) and query.kind in (None, row.kind)]
    counts = Counter(map(attrgetter("state"), rows))
    chosen = rows if query.state is None else [row for row in rows if query.state == row.state]
    shown = chosen[:_LISTED]
    names = project_names(page.session, page.words.language, {row.project for row in shown})
    return page.show(
        "evaluations/due.html",
        rows=shown,
        more=len(chosen) - _LISTED,
        count=len(rows),
        counts=[(state, counts[state]) for state in STATES if counts[state]],
        query=given,
        asked=query,
        names=names,
        shipped=shipped_views(officer=page.visitor.officer, unit=page.visitor.unit),
        saved=saved_views(page.session, "evaluations", page.visitor.user_id, page.actor.unit_id),
        units=web_queries.unit_words(page.session, 1000),
        kinds=list(Kind),
        tones=TONES,
        picture=windows(
            page.session, page.words, (dated(row) for row in chosen if row.state != CANNOT_TELL), page.today
        ),
        may_plan={row.obligation for row in shown if row.obligation is not None and _may_plan(page, row, names)},
    )


def _may_plan(page: ReadingPage, row: DueRow, names: Mapping[str, ProjectName]) -> bool:
    """Whether the person may have what is owed evaluated, alone or with others."""
    units = [names[row.project].unit_id] if row.project in names else []
    return page.offers(lambda: require_covering(page.actor, units))


@router.get("/evaluations/all", dependencies=FRESH)
def list_duties(page: PageReading) -> Response:
    """Everything that was ever owed, as the list of the API has it."""
    query, given = page.query(ObligationPage)
    listed = page_of(page.session, queries.OBLIGATIONS, query.model_copy(update={"count": True}))
    listed.items = shown_by_id(page.session, [item["id"] for item in listed.items], page.today)
    if query.format != "json":
        return listed.file()
    return page.show(
        "evaluations/duties.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or queries.OBLIGATIONS.usual_sort,
        names=project_names(
            page.session, page.words.language, {item["project"] for item in listed.items if item["project"]}
        ),
        units=web_queries.unit_words(page.session, 1000),
        kinds=list(Kind),
        obliged=list(Obliged),
        statuses=_STATUSES,
        tones=TONES,
        crumbs=[_crumb(page)],
    )


class InstitutionQuery(BaseModel):
    """Which duties of the institution are shown."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = Field(default=None, max_length=40)
    unit: ListCode | None = None
    obliged: Obliged | None = None


@router.get("/evaluations/institution", dependencies=FRESH)
def show_institution(page: PageReading) -> Response:
    """What the institution itself owes, by state: overdue, due now, ahead, planned, done."""
    query, given = page.query(InstitutionQuery)
    own = [
        duty
        for duty in institution_views(page.session, page.today, standing())
        if query.unit in (None, duty.row.unit) and query.obliged in (None, duty.row.subject_kind)
    ]
    counts = Counter(duty.state for duty in own)
    chosen = [due_row(duty) for duty in own if query.state in (None, duty.state)]
    groups = [(state, [row for row in chosen if row.state == state]) for state in STATES]
    return page.show(
        "evaluations/institution.html",
        groups=[(state, rows) for state, rows in groups if rows],
        count=len(own),
        counts=[(state, counts[state]) for state in STATES if counts[state]],
        untold=untold(page.session, page.today),
        query=given,
        asked=query,
        units=web_queries.unit_words(page.session, 1000),
        obliged=list(Obliged),
        tones=TONES,
        picture=windows(
            page.session,
            page.words,
            (dated(row) for row in chosen if row.state not in (State.DONE, State.WAIVED)),
            page.today,
        ),
        may_evaluate=page.may(Right.EVALUATE),
        crumbs=[_crumb(page)],
    )


class CalendarQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: Annotated[int, Field(ge=1950, le=2200)] | None = None


@router.get("/evaluations/calendar", dependencies=FRESH)
def show_calendar(page: PageReading) -> Response:
    query, _ = page.query(CalendarQuery)
    year = query.year or page.today.year
    rows = calendar(page.session, year, page.today)
    names = project_names(page.session, page.words.language, {code for row in rows for code in row.project.split("|")})
    return page.show(
        "evaluations/calendar.html",
        year=year,
        months=months(year, rows),
        count=len(rows),
        names=names,
        tones=TONES,
        crumbs=[_crumb(page)],
    )


#: colours of what is done, planned, overdue, waived and still ahead
_OF_COVERAGE = ("part-1", "part-3", "bad", "part-5", "faint")


class CoverageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    period: PeriodText | None = None


def _covered(session: Session, today: dt.date, period: str | None) -> Sequence[ReportTable]:
    """Coverage by unit and by year; without a period of the years about this one."""
    year = calendar_of(the_setup(session)).year_of(today)
    asked = period or f"{year.start.year - 3}..{year.end.year + 1}"
    return coverage(session, period=asked, as_of=today, groupings=[("unit",), ("year",)])


@router.get("/evaluations/coverage", dependencies=FRESH)
def show_coverage(page: PageReading) -> Response:
    query, _ = page.query(CoverageQuery)
    by_unit, by_year = _covered(page.session, page.today, query.period)
    names = [page.t("done"), page.t("planned"), page.t("overdue"), page.t("waived"), page.t("ahead")]
    columns = []
    for row in by_year.rows:
        counts = {name: int(row[name] or 0) for name in ("required", "done", "planned", "overdue", "waived")}
        ahead = counts["required"] - sum(counts[name] for name in ("done", "planned", "overdue", "waived"))
        parts = [counts["done"], counts["planned"], counts["overdue"], counts["waived"], max(ahead, 0)]
        if row["year"]:
            columns.append(
                Column(
                    label=str(row["year"]),
                    values=[Decimal(part) for part in parts],
                    shown=page.words.number(counts["required"]),
                )
            )
    title, told = page.t("Evaluations required"), page.t("By year in which they fall due.")
    picture = stacked(title, told, names, columns, tones=_OF_COVERAGE)
    return page.show(
        "evaluations/coverage.html",
        report=by_unit,
        by_year=by_year,
        units=dict(web_queries.unit_words(page.session, 1000)),
        picture=picture if columns else None,
        period=by_year.period,
        crumbs=[_crumb(page)],
    )


@router.get("/evaluations/duties/{obligation_id}", dependencies=FRESH)
def show_duty(page: PageReading, obligation_id: Id) -> Response:
    duty = _duty(page.session, obligation_id, page.today)
    names = project_names(page.session, page.words.language, [duty["project"]])
    window = windows(page.session, page.words, [duty], page.today)
    waived = any(each["kind"] == "waiver" and each["taken_back_on"] is None for each in duty["decisions"])
    return page.show(
        "evaluations/duty.html",
        duty=duty,
        project=names.get(duty["project"]),
        tones=TONES,
        picture=window,
        waived=waived,
        policies={code: policy.title for code, policy in in_use(page.session).policies.items()},
        may_evaluate=page.offers(lambda: _require_decision(page, obligation_id)),
        crumbs=[_crumb(page)],
    )


def _require_decision(page: ReadingPage, obligation_id: int) -> None:
    """Raises ``NotAllowed`` for who may not decide about it; ``NotFound`` when there is none."""
    row = page.session.get(Obligation, obligation_id)
    if row is None:
        raise NotFound(f"There is no obligation {obligation_id}.")
    service.require_decision(page.session, page.actor, row)


def _duty(session: Session, obligation_id: int, today: dt.date) -> Shown:
    found = shown_by_id(session, [obligation_id], today)
    if not found:
        raise NotFound(f"There is no obligation {obligation_id}.")
    return found[0]


def _held(session: Session, obligation_id: int) -> Obligation:
    row = session.get(Obligation, obligation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no obligation {obligation_id}.")
    return row


def _waiver_sheet(page: Page, obligation_id: int, title: str) -> Sheet[WaiverIn]:
    back = f"/evaluations/duties/{obligation_id}"
    return Sheet(
        form=WAIVER_FORM,
        title=title,
        back=back,
        crumbs=(_crumb(page), Crumb(label=page.t("Evaluation owed"), address=back)),
        start={"decided_on": page.today},
    )


@router.get("/evaluations/duties/{obligation_id}/waive")
def ask_waiver(page: PageReading, obligation_id: Id) -> Response:
    _require_decision(page, obligation_id)
    return ask(page, _waiver_sheet(page, obligation_id, page.t("Waive an evaluation")))


@router.post("/evaluations/duties/{obligation_id}/waive")
def waive(page: PagePosting, obligation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: WaiverIn) -> str:
        service.waive(session, page.actor, _held(session, obligation_id), body, today=page.today)
        return f"/evaluations/duties/{obligation_id}"

    sheet = _waiver_sheet(page, obligation_id, page.t("Waive an evaluation"))
    return create(page, sheet, store, page.t("The waiver is stored."))


@router.get("/evaluations/duties/{obligation_id}/take-back-waiver")
def ask_taking_back(page: PageReading, obligation_id: Id) -> Response:
    _require_decision(page, obligation_id)
    return ask(page, _waiver_sheet(page, obligation_id, page.t("Take a waiver back")))


@router.post("/evaluations/duties/{obligation_id}/take-back-waiver")
def take_back(page: PagePosting, obligation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: WaiverIn) -> str:
        service.take_back(session, page.actor, _held(session, obligation_id), body, today=page.today)
        return f"/evaluations/duties/{obligation_id}"

    sheet = _waiver_sheet(page, obligation_id, page.t("Take a waiver back"))
    return create(page, sheet, store, page.t("The waiver is taken back: the evaluation is owed again."))


def _moving_sheet(page: Page, obligation_id: int) -> Sheet[RescheduleIn]:
    back = f"/evaluations/duties/{obligation_id}"
    return Sheet(
        form=RESCHEDULE_FORM,
        title=page.t("Move a due date"),
        back=back,
        crumbs=(_crumb(page), Crumb(label=page.t("Evaluation owed"), address=back)),
        start={"decided_on": page.today},
    )


@router.get("/evaluations/duties/{obligation_id}/reschedule")
def ask_moving(page: PageReading, obligation_id: Id) -> Response:
    _require_decision(page, obligation_id)
    return ask(page, _moving_sheet(page, obligation_id))


@router.post("/evaluations/duties/{obligation_id}/reschedule")
def move(page: PagePosting, obligation_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)

    def store(session: Session, body: RescheduleIn) -> str:
        service.reschedule(session, page.actor, _held(session, obligation_id), body, today=page.today)
        return f"/evaluations/duties/{obligation_id}"

    return create(page, _moving_sheet(page, obligation_id), store, page.t("The due date is moved."))


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Evaluations"), address="/evaluations")
