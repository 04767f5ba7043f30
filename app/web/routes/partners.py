"""``/partners``: whose money it is, how fast it is used, what is owed to them; and the briefing on one sheet."""

from collections.abc import Mapping
from decimal import Decimal

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.lookups import calendar_of, the_setup
from app.db.partners import Organisation, Partner
from app.domain.access import Right
from app.domain.terms import PartnerCategory, Screening
from app.errors import NotFound
from app.funding.queries import AGREEMENTS
from app.funding.schemas import AgreementPage
from app.http.fields import Id
from app.http.lists import Shown as Item
from app.http.lists import page as page_of
from app.http.versions import etag, held, require_version
from app.inputs import Day, Input, PeriodText
from app.language.i18n import in_language, mark
from app.partners import queries, service
from app.partners.schemas import PartnerIn, PartnerPage, PartnerPatch
from app.publishing.codes import names_of
from app.reports.duties import gather_or_known
from app.reports.frame import Cell, ReportTable
from app.reports.queries_duties import Scope
from app.reports.service import run
from app.web.charts.bars import Column, stacked
from app.web.filling import Sheet, Shown, ask, change, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.queries_duties import project_names
from app.web.routes.evaluations import FRESH
from app.web.views.reports import time_of

router = page_router()

PARTNER_FORM = Form(
    model=PartnerIn,
    groups=(
        Group(heading=mark("Who it is"), fields=("code", "name", "name_fr", "name_es", "category", "subcategory")),
        Group(heading=mark("In published files"), fields=("iati_ref", "iati_type", "country")),
        Group(heading=mark("Clearance"), fields=("screening", "cleared_until")),
        Group(
            heading=mark("Framework agreement"),
            fields=("framework_agreement", "framework_starts_on", "framework_ends_on", "framework_themes"),
        ),
        Group(heading=mark("Note"), fields=("note",)),
    ),
    offers={"iati_type": "OrganisationType"},
)
#: state of the clearance → tone of its tag
SCREENING_TONES: Mapping[Screening, str] = {
    Screening.PENDING: "warn",
    Screening.CLEARED: "good",
    Screening.REFUSED: "bad",
}
#: what a page shows of agreements, duties and projects at most
_SHOWN = 40


@router.get("/partners")
def list_partners(page: PageReading) -> Response:
    query, given = page.query(PartnerPage)
    listed = page_of(page.session, queries.PARTNERS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "partners/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or queries.PARTNERS.usual_sort,
        countries=names_of("Country", page.words.language, withdrawn=True),
        categories=list(PartnerCategory),
        screenings=list(Screening),
        tones=SCREENING_TONES,
        may_write=page.may(Right.WRITE),
    )


def _new_sheet(page: Page) -> Sheet[PartnerIn]:
    return Sheet(form=PARTNER_FORM, title=page.t("Add a partner"), back="/partners", crumbs=(_crumb(page),))


@router.get("/partners/new")
def new_partner(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _new_sheet(page))


@router.post("/partners/new")
def create_partner(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: PartnerIn) -> str:
        return f"/partners/{key(service.create_partner(session, page.actor, body))}"

    return create(page, _new_sheet(page), store, page.t("The partner is stored."))


@router.get("/partners/{partner_id}")
def show_partner(page: PageReading, partner_id: Id) -> Response:
    partner = _partner(page.session, partner_id)
    agreements = page_of(
        page.session, AGREEMENTS, AgreementPage(partner=partner["code"], sort="-signed_on", limit=_SHOWN, count=True)
    )
    owed = [
        duty
        for duty in gather_or_known(page.session, page.today, Scope(partner=partner["code"]))
        if duty.state(page.today).is_open
    ]
    return page.show(
        "partners/partner.html",
        partner=partner,
        name=_name(partner, page.words.language),
        country=names_of("Country", page.words.language, withdrawn=True).get(
            partner["country"] or "", partner["country"]
        ),
        agreements=agreements,
        duties=owed[:_SHOWN],
        more=len(owed) - _SHOWN,
        tones=SCREENING_TONES,
        remarks=service.remarks(partner["category"], partner["iati_type"], partner["code"], partner["iati_ref"]),
        may_write=page.may(Right.WRITE),
        crumbs=[_crumb(page)],
    )


def _partner(session: Session, partner_id: int) -> Item:
    found = queries.show_partner(session, partner_id)
    if found is None:
        raise NotFound(f"There is no partner {partner_id}.")
    return found


def _name(partner: Item, language: str) -> str:
    """The name in the reader's language, where there is one."""
    return in_language(partner["name"], partner["name_translations"], language)


def _record(session: Session, partner_id: int) -> Shown:
    """The partner as its form shows it: names in French and Spanish have fields of their own."""
    found = _partner(session, partner_id)
    named = {f"name_{language}": text for language, text in found["name_translations"] or ()}
    return {**found, **named}, etag(partner_id, found["version"], found["organisation_version"])


def _edit_sheet(page: Page, partner_id: int) -> Sheet[PartnerIn]:
    back = f"/partners/{partner_id}"
    return Sheet(
        form=PARTNER_FORM, title=page.t("Change the partner"), back=back, crumbs=(_crumb(page),), patch=PartnerPatch
    )


@router.get("/partners/{partner_id}/edit")
def edit_partner(page: PageReading, partner_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _edit_sheet(page, partner_id), _record(page.session, partner_id))


@router.post("/partners/{partner_id}/edit")
def change_partner(page: PagePosting, partner_id: Id) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: Input, version: str) -> str:
        partner = held(session, Partner, partner_id, name="partner")
        organisation = held(session, Organisation, partner.organisation_id, name="organisation")
        require_version(version, partner_id, partner.version, organisation.version)
        service.update_partner(session, page.actor, partner, body)
        return f"/partners/{partner_id}"

    sheet = _edit_sheet(page, partner_id)
    return change(page, sheet, lambda session: _record(session, partner_id), store, page.t("The change is stored."))


class BriefingQuery(BaseModel):
    """What the briefing is asked as."""

    model_config = ConfigDict(extra="forbid")

    period: PeriodText | None = None
    as_of: Day | None = None


@router.get("/partners/{partner_id}/briefing", dependencies=FRESH)
def show_briefing(page: PageReading, partner_id: Id) -> Response:
    partner = _partner(page.session, partner_id)
    query, _ = page.query(BriefingQuery)
    as_of = query.as_of or page.today
    year = calendar_of(the_setup(page.session)).year_of(as_of).start.year
    report = run(
        page.session,
        "partner-briefing",
        period=query.period or f"{year - 4}..{year}",
        as_of=as_of,
        options={"partner": partner["code"]},
        remembered=True,
    )
    parts: dict[str, list[dict[str, Cell]]] = {}
    for row in report.rows:
        parts.setdefault(str(row["section"]), []).append(row)
    projects = _newest(parts.get("project", []))
    # some of them are shown: what cannot be told, and what falls due first
    parts.get("evaluation", []).sort(key=lambda row: str(row["day"] or ""))
    return page.show(
        "partners/briefing.html",
        partner=partner,
        name=_name(partner, page.words.language),
        country=names_of("Country", page.words.language, withdrawn=True).get(
            partner["country"] or "", partner["country"]
        ),
        report=report,
        time=time_of(report, page.words),
        as_of=as_of,
        parts_of=parts,
        projects=projects,
        names=project_names(page.session, page.words.language, {str(row["item"]) for row in projects}),
        picture=_contributions(page, report, parts.get("contribution", [])),
        crumbs=[_crumb(page), Crumb(label=_name(partner, page.words.language), address=f"/partners/{partner_id}")],
    )


def _newest(rows: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """The projects with money in the last period that is told, those with the most of it first."""
    last = max((str(row["day"]) for row in rows if _told(row)), default=None)
    found = [row for row in rows if str(row["day"]) == last and _told(row)]
    return sorted(found, key=lambda row: -Decimal(row["amount"] or 0))[:8]


def _told(row: dict[str, Cell]) -> bool:
    return any(Decimal(row[name] or 0) for name in ("amount", "expenditure"))


def _contributions(page: ReadingPage, report: ReportTable, rows: list[dict[str, Cell]]) -> Markup | None:
    """What the partner gave each year, in thousands where the sums are large."""
    kinds = {"assessed": page.t("assessed"), "rbsa": page.t("core voluntary"), "non-core": page.t("earmarked")}
    years = sorted({str(row["day"]) for row in rows})
    given = {(str(row["item"]), str(row["day"])): Decimal(row["amount"] or 0) for row in rows}
    if not any(given.values()):
        return None
    used = [kind for kind in kinds if any(given.get((kind, year)) for year in years)]
    columns = [
        Column(
            label=year,
            values=[given.get((kind, year), Decimal(0)) for kind in used],
            shown=page.words.number(round(given[("total", year)] / 1000)) if given.get(("total", year)) else "",
        )
        for year in years
    ]
    return stacked(
        page.t("Approvals by year"),
        page.t("In thousands of %(currency)s.", currency=report.currency),
        [kinds[kind] for kind in used],
        columns,
    )


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Partners"), address="/partners")
