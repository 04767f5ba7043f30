"""``/results``: the framework with targets against what was achieved, results on record, and country programmes."""

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.lookups import calendar_of, rows_by, the_setup
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.records import ResultRecord
from app.domain.access import Right
from app.domain.achieved import Mark
from app.domain.programmes import Alignment
from app.domain.regions import REGIONS
from app.errors import NotFound
from app.http.fields import Id
from app.http.lists import Listing, one
from app.http.lists import Shown as Item
from app.http.lists import page as page_of
from app.http.versions import etag, held, require_version
from app.inputs import Input, Partial, PeriodText, filled
from app.language.i18n import mark
from app.projects.answers import ProjectPage
from app.projects.queries import PROJECTS
from app.publishing.codes import names_of
from app.reports.service import run
from app.results import programmes, records
from app.results.programmes import CountryProgrammeIn, CountryProgrammePage
from app.results.queries_frameworks import find_programme, frameworks_in_use
from app.results.queries_programmes import PROGRAMMES
from app.results.queries_records import RECORDS, with_projects
from app.results.records import ResultRecordIn, ResultRecordPage
from app.web.filling import Sheet, Shown, ask, change, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.views.reports import SOURCES

router = page_router()

RECORD_FORM = Form(
    model=ResultRecordIn,
    groups=(
        Group(heading=mark("What was achieved"), fields=("reference", "framework", "indicator", "year", "sentence")),
        Group(heading=mark("Where and by whom"), fields=("country", "region", "projects", "country_programme")),
        Group(heading=mark("Marks"), fields=("gender_marker", "sdg", "marks", "south_south")),
        Group(heading=mark("Money behind it"), fields=("sources",)),
        Group(heading=mark("Further details"), fields=("quantity", "same_as", "note"), folded=True),
    ),
)
PROGRAMME_FORM = Form(
    model=CountryProgrammeIn,
    groups=(
        Group(heading=mark("What it is"), fields=("code", "title", "country", "starts_on", "ends_on", "priorities")),
        Group(heading=mark("How it is anchored"), fields=("cooperation_framework", "alignment", "steering_body")),
        Group(heading=mark("Note"), fields=("note",)),
    ),
)
RecordPatch = Partial[ResultRecordIn]
ProgrammePatch = Partial[CountryProgrammeIn]
#: projects of a country programme that its page names
_SHOWN = 40


class FrameworkQuery(BaseModel):
    """What the framework is shown for."""

    model_config = ConfigDict(extra="forbid")

    period: PeriodText | None = None
    by: Literal["outcome", "output", "indicator"] = "outcome"


@router.get("/results")
def show_framework(page: PageReading) -> Response:
    query, given = page.query(FrameworkQuery)
    fiscal = calendar_of(the_setup(page.session))
    period = query.period or fiscal.biennium_of(page.today).label
    report = run(page.session, "results", period=period, as_of=page.today, by=(query.by,), remembered=True)
    if not report.rows and query.period is None:
        # there is none for this biennium yet: the last one that is called by its period
        called = [name for name in frameworks_in_use(page.session) if re.fullmatch(r"\d{4}-\d{2}", name)]
        if called:
            period = called[-1]
            report = run(page.session, "results", period=period, as_of=page.today, by=(query.by,), remembered=True)
    return page.show(
        "results/framework.html",
        report=report,
        period=period,
        by=query.by,
        query=given,
        regions=[name for name in report.columns if name in REGIONS],
        may_write=page.may(Right.WRITE),
    )


@router.get("/results/records")
def list_records(page: PageReading) -> Response:
    query, given = page.query(ResultRecordPage)
    listed = page_of(page.session, RECORDS, query.model_copy(update={"count": True}))
    with_projects(page.session, listed.items)
    if query.format != "json":
        return listed.file()
    return page.show(
        "results/records.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or RECORDS.usual_sort,
        countries=names_of("Country", page.words.language, withdrawn=True),
        regions=REGIONS,
        marks=list(Mark),
        may_write=page.may(Right.WRITE),
        crumbs=[_crumb(page)],
    )


@router.get("/results/records/new")
def new_record(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    given = page.request.query_params.getlist("projects")[:500]
    if projects := rows_by(page.session, Project, "code", given):
        records.require_sides(page.session, page.actor, [key(project) for project in projects.values()])
    return ask(page, _new_record(page, given))


@router.post("/results/records/new")
def create_record(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: ResultRecordIn) -> str:
        return f"/results/records/{key(records.put_record(session, page.actor, body).row)}"

    return create(page, _new_record(page), store, page.t("The result is stored."))


@router.get("/results/records/{record_id}")
def show_record(page: PageReading, record_id: Id) -> Response:
    record = _record(page.session, record_id)
    code = record["country_programme"]
    return page.show(
        "results/record.html",
        record=record,
        programme=find_programme(page.session, code) if code else None,
        sources=SOURCES,
        countries=names_of("Country", page.words.language, withdrawn=True),
        may_write=page.offers(lambda: _require_record(page, record_id)),
        crumbs=[_crumb(page), _record_crumb(page)],
    )


def _require_record(page: ReadingPage, record_id: int) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    records.require_change(page.session, page.actor, page.session.get_one(ResultRecord, record_id))


@router.get("/results/records/{record_id}/edit")
def edit_record(page: PageReading, record_id: Id) -> Response:
    found = _record_shown(page.session, record_id)
    _require_record(page, record_id)
    return ask(page, _edit_record(page, record_id), found)


@router.post("/results/records/{record_id}/edit")
def change_record(page: PagePosting, record_id: Id) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: Input, version: str) -> str:
        row = held(session, ResultRecord, record_id, name="result on record")
        require_version(version, record_id, row.version)
        records.put_record(session, page.actor, filled(ResultRecordIn, body, _record(session, record_id)))
        return f"/results/records/{record_id}"

    return change(
        page,
        _edit_record(page, record_id),
        lambda session: _record_shown(session, record_id),
        store,
        page.t("The result is stored."),
    )


@router.get("/country-programmes")
def list_programmes(page: PageReading) -> Response:
    query, given = page.query(CountryProgrammePage)
    listed = page_of(page.session, PROGRAMMES, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "results/programmes.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or PROGRAMMES.usual_sort,
        countries=names_of("Country", page.words.language, withdrawn=True),
        alignments=list(Alignment),
        may_write=page.may(Right.WRITE),
        crumbs=[_crumb(page)],
    )


@router.get("/country-programmes/new")
def new_programme(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _new_programme(page))


@router.post("/country-programmes/new")
def create_programme(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: CountryProgrammeIn) -> str:
        return f"/country-programmes/{key(programmes.put_programme(session, page.actor, body).row)}"

    return create(page, _new_programme(page), store, page.t("The country programme is stored."))


@router.get("/country-programmes/{programme_id}")
def show_programme(page: PageReading, programme_id: Id) -> Response:
    programme = _programme(page.session, programme_id)
    belonging = page_of(
        page.session, PROJECTS, ProjectPage(country_programme=programme["code"], limit=_SHOWN, count=True)
    )
    return page.show(
        "results/programme.html",
        programme=programme,
        projects=belonging,
        country=names_of("Country", page.words.language, withdrawn=True).get(
            programme["country"], programme["country"]
        ),
        may_write=page.may(Right.WRITE),
        crumbs=[_crumb(page), _programme_crumb(page)],
    )


@router.get("/country-programmes/{programme_id}/edit")
def edit_programme(page: PageReading, programme_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _edit_programme(page, programme_id), _programme_shown(page.session, programme_id))


@router.post("/country-programmes/{programme_id}/edit")
def change_programme(page: PagePosting, programme_id: Id) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: Input, version: str) -> str:
        row = held(session, CountryProgramme, programme_id, name="country programme")
        require_version(version, programme_id, row.version)
        standing = _programme(session, programme_id)
        programmes.put_programme(session, page.actor, filled(CountryProgrammeIn, body, standing))
        return f"/country-programmes/{programme_id}"

    return change(
        page,
        _edit_programme(page, programme_id),
        lambda session: _programme_shown(session, programme_id),
        store,
        page.t("The country programme is stored."),
    )


def _item(session: Session, listing: Listing, number: int, name: str) -> Item:
    found = one(session, listing, listing.key == number)
    if found is None:
        raise NotFound(f"There is no {name} {number}.")
    return found


def _record(session: Session, record_id: int) -> Item:
    found = _item(session, RECORDS, record_id, "result on record")
    with_projects(session, [found])
    return found


def _record_shown(session: Session, record_id: int) -> Shown:
    found = _record(session, record_id)
    return found, etag(record_id, found["version"])


def _programme(session: Session, programme_id: int) -> Item:
    return _item(session, PROGRAMMES, programme_id, "country programme")


def _programme_shown(session: Session, programme_id: int) -> Shown:
    found = _programme(session, programme_id)
    return found, etag(programme_id, found["version"])


def _new_record(page: Page, projects: Sequence[str] = ()) -> Sheet[ResultRecordIn]:
    return Sheet(
        form=RECORD_FORM,
        title=page.t("Record a result"),
        back="/results/records",
        crumbs=(_crumb(page), _record_crumb(page)),
        start={"projects": list(projects)},
    )


def _edit_record(page: Page, record_id: int) -> Sheet[ResultRecordIn]:
    back = f"/results/records/{record_id}"
    return Sheet(
        form=Form(model=ResultRecordIn, groups=RECORD_FORM.groups, without=frozenset({"reference"})),
        title=page.t("Change the result"),
        back=back,
        crumbs=(_crumb(page), _record_crumb(page)),
        patch=RecordPatch,
    )


def _new_programme(page: Page) -> Sheet[CountryProgrammeIn]:
    return Sheet(
        form=PROGRAMME_FORM,
        title=page.t("Add a country programme"),
        back="/country-programmes",
        crumbs=(_crumb(page), _programme_crumb(page)),
    )


def _edit_programme(page: Page, programme_id: int) -> Sheet[CountryProgrammeIn]:
    return Sheet(
        form=Form(model=CountryProgrammeIn, groups=PROGRAMME_FORM.groups, without=frozenset({"code"})),
        title=page.t("Change the country programme"),
        back=f"/country-programmes/{programme_id}",
        crumbs=(_crumb(page), _programme_crumb(page)),
        patch=ProgrammePatch,
    )


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Results"), address="/results")


def _record_crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Results on record"), address="/results/records")


def _programme_crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Country programmes"), address="/country-programmes")
