"""``/admin/books``: until when the books are closed."""

from sqlmodel import Session
from starlette.responses import Response

from app.db.lookups import the_setup
from app.domain.access import Right
from app.organisation.books import set_books
from app.organisation.schemas import BooksIn
from app.web.filling import Sheet, ask, create
from app.web.forms import Form
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router

router = page_router()

FORM = Form(model=BooksIn)


@router.get("/admin/books")
def books(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    closed = the_setup(page.session).closed_until
    return ask(page, _sheet(page, {} if closed is None else {"closed_until": closed.isoformat()}))


@router.post("/admin/books")
def close(page: PagePosting) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: BooksIn) -> str:
        set_books(session, page.actor, body, today=page.today)
        return "/admin"

    return create(page, _sheet(page, None), store, page.t("The books are stored."))


def _sheet(page: Page, start: dict[str, object] | None) -> Sheet[BooksIn]:
    return Sheet(
        form=FORM,
        title=page.t("Close the books"),
        intro=page.t(
            "What is dated on or before the day is neither posted nor changed any more. An earlier day, or none, opens "
            "a closed period again."
        ),
        back="/admin",
        crumbs=(Crumb(label=page.t("Set-up and health"), address="/admin"),),
        start=start,
    )
