"""``/delivery/notes``: why projects spend too slowly, what is done about it, and by whom."""

from sqlmodel import Session
from starlette.responses import Response

from app.domain.access import Right
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.spending.control import put_note, require_note
from app.spending.control_schemas import DeliveryNoteIn, DeliveryNotePage
from app.spending.queries_control import NOTES
from app.web.filling import Sheet, ask, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router
from app.web.queries_duties import project_names

router = page_router()

NOTE_FORM = Form(
    model=DeliveryNoteIn,
    groups=(
        Group(heading="", fields=("project", "period", "noted_on")),
        Group(heading=mark("What is wrong, and what is done"), fields=("problem", "action", "owner", "due_on")),
        Group(heading=mark("Help from above"), fields=("obstacle", "escalated")),
    ),
)


@router.get("/delivery/notes")
def list_notes(page: PageReading) -> Response:
    query, given = page.query(DeliveryNotePage)
    listed = page_of(page.session, NOTES, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "delivery/notes.html",
        listed=listed,
        query=given,
        names=project_names(page.session, page.words.language, {item["project"] for item in listed.items}),
        may_write=page.may(Right.WRITE),
        crumbs=[_crumb(page)],
    )


def _sheet(page: Page, project: str = "") -> Sheet[DeliveryNoteIn]:
    return Sheet(
        form=NOTE_FORM,
        title=page.t("Note on a slow project"),
        back="/delivery/notes",
        crumbs=(_crumb(page), Crumb(label=page.t("Notes"), address="/delivery/notes")),
        start={"project": project, "noted_on": page.today, "period": str(page.today.year)},
    )


@router.get("/delivery/notes/new")
def new_note(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    code = page.request.query_params.get("project", "")[:200]
    for project in project_names(page.session, page.words.language, [code]).values():
        require_note(page.actor, project.unit_id)
    return ask(page, _sheet(page, code))


@router.post("/delivery/notes/new")
def create_note(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)

    def store(session: Session, body: DeliveryNoteIn) -> str:
        put_note(session, page.actor, body, today=page.today)
        return "/delivery/notes"

    return create(page, _sheet(page), store, page.t("The note is stored."))


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Delivery"), address="/delivery")
