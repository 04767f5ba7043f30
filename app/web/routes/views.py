"""Saved views: a list as somebody wants to see it again."""

from starlette.responses import Response

from app.errors import NotAllowed
from app.http.fields import Id
from app.people import views as saved
from app.web.page import PagePosting, own_path, page_router

router = page_router()


@router.post("/views")
def keep_view(page: PagePosting) -> Response:
    typed = page.values(page=None, name=None, query=None, shared=None)
    with page.write() as session:
        kept = saved.keep(
            session,
            page.actor,
            page=typed["page"],
            name=typed["name"],
            query=typed["query"],
            shared=typed["shared"] == "yes",
        )
        return page.go(own_path(f"/{kept.page}?{kept.query}"), session, page.t("The view is kept."))


@router.post("/views/{view_id}/remove")
def remove_view(page: PagePosting, view_id: Id) -> Response:
    if page.actor.user_id is None:
        raise NotAllowed("Only people keep views.")
    with page.write() as session:
        removed = saved.remove(session, page.actor, view_id)
        return page.go(own_path(f"/{removed}"), session, page.t("The view is removed."))


@router.post("/views/{view_id}/digest")
def mail_view(page: PagePosting, view_id: Id) -> Response:
    """How often the list is mailed; nothing chosen: never."""
    with page.write() as session:
        view = saved.own_view(session, page.actor, view_id)
        every = page.value("digest") or None
        saved.set_digest(session, page.actor, view, every)
        told = page.t("The list is mailed to you from now on.") if every else page.t("The list is not mailed any more.")
        return page.go(own_path(f"/{view.page}?{view.query}"), session, told)
