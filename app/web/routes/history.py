"""``/history``: who did what, when, and whether anything was altered."""

from starlette.responses import Response

from app.http.lists import page as page_of
from app.people import queries
from app.people.schemas import AuditEventPage
from app.web.page import PageReading, page_router
from app.web.views.trail import called, changes

router = page_router()


@router.get("/history")
def history(page: PageReading) -> Response:
    query, given = page.query(AuditEventPage)
    listed = page_of(page.session, queries.AUDIT_EVENTS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    names = called(page.session, listed.items, page.words)
    return page.show(
        "history/list.html",
        trail=listed,
        changes=[changes(item["entity"], item["before"], item["after"], page.words, names) for item in listed.items],
        subjects=[names[item["entity"], item["entity_id"]] for item in listed.items],
        query=given,
        seal=queries.last_seal(page.session),
    )
