"""``/admin``: whether everything runs, what is missing, and where the pages of administrators are."""

from collections.abc import Mapping

from starlette.responses import Response

from app.db.base import utc_now
from app.domain.access import Right
from app.jobs.health import State, look
from app.language.i18n import mark
from app.web.page import PageReading, page_router

router = page_router()

_TONES: Mapping[str, str] = {State.GOOD: "good", State.INCOMPLETE: "warn", State.BROKEN: "bad"}
_STATES: Mapping[str, str] = {
    State.GOOD: mark("In order"),
    State.INCOMPLETE: mark("Incomplete"),
    State.BROKEN: mark("Broken"),
}
#: what was looked at → what it is called
_NAMES: Mapping[str, str] = {
    "database": mark("Database"),
    "organisation": mark("Organisation"),
    "units": mark("Units"),
    "officers": mark("Officers"),
    "partners": mark("Partners"),
    "projects": mark("Projects"),
    "policies": mark("Evaluation policies"),
    "administrators": mark("Administrators"),
    "file store": mark("File store"),
    "timetable": mark("Timetable"),
    "jobs": mark("Jobs"),
    "messages": mark("Messages"),
    "mail": mark("Mail"),
    "publishing": mark("Publishing"),
    "lists": mark("Lists and rates"),
    "address": mark("Address of the service"),
}


@router.get("/admin")
def administration(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    found = look(page.database, page.settings, utc_now())
    return page.show("admin/health.html", found=found, tones=_TONES, states=_STATES, names=_NAMES)
