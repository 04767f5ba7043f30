"""``/encumbrances``: money reserved or advanced, what each bound over time, and how it ended."""

from collections.abc import Mapping

from sqlmodel import Session
from starlette.responses import Response

from app.db.lookups import the_setup
from app.db.projects import Project
from app.db.spending import Encumbrance
from app.domain.access import Right
from app.domain.terms import EncumbranceKind
from app.http.fields import Id
from app.http.lists import Page as AnyPage
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.http.versions import etag, held, require_version
from app.inputs import validated
from app.language.i18n import mark
from app.projects.service import require_change
from app.spending import service
from app.spending.answers import EncumbrancePage
from app.spending.queries import ENCUMBRANCES
from app.spending.queries_encumbrances import REVISIONS, revisions_of
from app.spending.schemas import EncumbranceIn, EncumbrancePatch, LiquidationIn
from app.web import filling
from app.web.filling import Sheet
from app.web.forms import Form, Group
from app.web.keeping import Keeping, keep, suggested_keys
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router
from app.web.queries_duties import project_names
from app.web.views.encumbrances import history

router = page_router()

_BOUND = Group(heading=mark("What it binds"), fields=("project", "kind", "amount", "currency", "date"))
_CALLED = Group(heading="", fields=("document",))
_ENDED = Group(heading=mark("How it ended"), fields=("released_on", "note"))
# what is new has not changed
ENCUMBRANCE_FORM = Form(model=EncumbranceIn, groups=(_CALLED, _BOUND, _ENDED), without=frozenset({"changed_on"}))
CHANGE_FORM = Form(
    model=EncumbranceIn,
    groups=(_CALLED, _BOUND, Group(heading=mark("Since when"), fields=("changed_on",)), _ENDED),
)
LIQUIDATION_FORM = Form(
    model=LiquidationIn,
    groups=(Group(heading="", fields=("document", "date", "amount", "description", "agreement")),),
    offers={"agreement": "agreements"},
)
#: changes that are shown
_SHOWN = 200


def _require(session: Session, page: Page, row: Encumbrance) -> None:
    require_change(page.actor, session.get_one(Project, row.project_id))


def _require_suggested(session: Session, page: Page, given: Mapping[str, str]) -> None:
    for number in suggested_keys(session, given, project=(Project, "code")).values():
        require_change(page.actor, session.get_one(Project, number))


def _archive(session: Session, page: Page, row: Encumbrance) -> None:
    service.archive_encumbrance(session, page.actor, row)


def _restore(session: Session, page: Page, row: Encumbrance) -> None:
    service.restore_encumbrance(session, page.actor, row)


KIND = Keeping(
    address="/encumbrances", name="encumbrance", row=Encumbrance, listing=ENCUMBRANCES, form=ENCUMBRANCE_FORM,
    change_form=CHANGE_FORM, patch=EncumbrancePatch, right=Right.WRITE, title=mark("Encumbrances and advances"),
    adding=mark("Record an encumbrance"), changing=mark("Change the encumbrance"),
    told=mark("The encumbrance is stored."),
    create=lambda session, page, body: service.create_encumbrance(session, page.actor, body, today=page.today),
    update=lambda session, page, row, body: service.update_encumbrance(
        session, page.actor, row, body, today=page.today),
    require=_require, archive=_archive, restore=_restore,
    suggested=("project",), require_suggested=_require_suggested, start=lambda page: {"date": page.today},
)  # fmt: skip
keep(router, KIND)


@router.get("/encumbrances")
def list_encumbrances(page: PageReading) -> Response:
    query, given = page.query(EncumbrancePage)
    asked = query.model_copy(update={"count": True, "sort": query.sort or "-date"})
    listed = page_of(page.session, ENCUMBRANCES, asked)
    if query.format != "json":
        return listed.file()
    return page.show(
        "encumbrances/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or "-date",
        kinds=list(EncumbranceKind),
        names=project_names(page.session, page.words.language, {item["project"] for item in listed.items}),
        may_write=page.may(Right.WRITE),
    )


@router.get("/encumbrances/{record_id}")
def show_encumbrance(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    newest = AnyPage(limit=_SHOWN, sort="-sequence", count=True)
    told = page_of(page.session, REVISIONS, newest, revisions_of(record_id), scope=str(record_id))
    closed = the_setup(page.session).closed_until
    return KIND.show(
        page,
        "encumbrances/encumbrance.html",
        found,
        project=project_names(page.session, page.words.language, [found["project"]]).get(found["project"]),
        history=history(told.items, page.words),
        revisions=told.count,
        closed=closed if closed is not None and found["date"] <= closed else None,
    )


@router.post("/encumbrances/{record_id}/end")
def end_encumbrance(page: PagePosting, record_id: Id) -> Response:
    """It binds nothing more from a day on: it was cancelled, or paid by what is posted elsewhere."""
    body = validated(EncumbrancePatch, {"released_on": page.value("released_on", most=_DAY)})
    told = page.t("It binds nothing more from that day on.")
    return KIND.change(page, record_id, lambda session, row: KIND.update(session, page, row, body), told)


#: signs of a day, and of any text that the model tells is none
_DAY = 100


def _liquidation(page: Page, found: Shown, record_id: int) -> Sheet[LiquidationIn]:
    return Sheet(
        form=LIQUIDATION_FORM,
        title=page.t("Post its expenditure"),
        intro=page.t(
            "%(document)s set %(amount)s aside. It ends on the day of the expenditure; "
            "what is not spent is free again.",
            document=found["document"],
            amount=page.words.amount(found["amount"], found["currency"]),
        ),
        back=KIND.at(record_id),
        crumbs=(KIND.crumb(page), Crumb(label=str(found["document"]), address=KIND.at(record_id))),
        start={"date": page.today, "amount": found["amount"]},
        currency=found["currency"],
    )


@router.get("/encumbrances/{record_id}/liquidate")
def ask_liquidation(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    KIND.require_one(page, record_id)
    service.require_standing(page.session.get_one(Encumbrance, record_id))
    sheet = _liquidation(page, found, record_id)
    return filling.ask(page, sheet, (sheet.start or {}, etag(record_id, found["version"])))


@router.post("/encumbrances/{record_id}/liquidate")
def liquidate(page: PagePosting, record_id: Id) -> Response:
    page.actor.require(Right.WRITE)

    def anew(session: Session) -> tuple[Sheet[LiquidationIn], str]:
        found = KIND.found(session, record_id)
        return _liquidation(page, found, record_id), etag(record_id, found["version"])

    def store(session: Session, body: LiquidationIn) -> str:
        row = held(session, Encumbrance, record_id, name="encumbrance")
        # that it ended tells more than that it changed
        service.require_standing(row)
        require_version(page.value("_version"), record_id, row.version)
        service.liquidate_encumbrance(session, page.actor, row, body, today=page.today)
        return KIND.at(record_id)

    with page.read() as reading:
        sheet, _ = anew(reading)
    return filling.create(page, sheet, store, page.t("The expenditure is posted."), anew=anew)
