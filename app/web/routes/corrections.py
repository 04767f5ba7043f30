"""``/projects/{id}/corrections``: what the standard refuses of a draft, each fault with the field that mends it."""

import secrets
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from app.db.projects import Project
from app.domain.access import Right
from app.errors import Conflict, Fault, InvalidInput
from app.http.fields import Id
from app.http.versions import held
from app.inputs import validated
from app.projects import views
from app.projects.service import require_change
from app.publishing.corrections import CorrectionOfProjectIn, correct, places_of_draft
from app.web import typed as typed_in
from app.web.filling import once_of
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router
from app.web.session import take_kept

router = page_router()


@router.get("/projects/{project_id}/corrections")
def ask_corrections(page: PageReading, project_id: Id) -> Response:
    shown = views.show_project(page.session, project_id)
    project = page.session.get_one(Project, project_id)
    require_change(page.actor, project)
    kept = take_kept(page.session, page.visitor, page.request.url)
    typed = _changed(kept or ())
    places = [
        (place, typed.get(place.path, place.standing or ""))
        for place in places_of_draft(page.session, project, page.today)
    ]
    return page.show(
        "projects/corrections.html", project=shown, places=places, faults={}, summary=[], once=_key(),
        kept=kept is not None,
        crumbs=_crumbs(page, project_id),
    )  # fmt: skip


@router.post("/projects/{project_id}/corrections")
def store_corrections(page: PagePosting, project_id: Id) -> Response:
    """Stores what differs from what stands there; whoever empties a field takes away what it says."""
    page.actor.require(Right.WRITE)
    typed = _typed(page.posted)
    changed = list(_changed(page.posted))
    try:
        if lost := list(typed_in.lost("/changed", [typed[path] for path in changed])):
            raise InvalidInput(lost)
        bodies = [validated(CorrectionOfProjectIn, {"path": path, "value": typed[path] or None}) for path in changed]
        with page.write() as session:

            def work() -> Response:
                project = held(session, Project, project_id, name="project")
                correct(session, page.actor, project, bodies, today=page.today, within="/changed")
                left = len(project.findings or ())
                if not left:
                    return page.go(f"/projects/{project_id}", session, page.t("The draft is mended: nothing is wrong."))
                told = page.words.ngettext(
                    "Stored. One thing is still wrong.", "Stored. %(num)s things are still wrong.", left
                )
                return page.go(f"/projects/{project_id}/corrections", session, told % {"num": left})

            return once_of(page).answer(session, work)
    except InvalidInput as refused:
        return _again(page, project_id, typed, changed, refused.faults, 422)
    except Conflict as refused:
        found = refused.faults or [Fault(rule="conflict", message=refused.message)]
        return _again(page, project_id, typed, changed, found, 409)


def _typed(posted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What was typed, by its place in the file."""
    return {name.removeprefix("value-"): value.strip() for name, value in posted if name.startswith("value-")}


def _changed(posted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What was typed and differs from what stood there: what nobody touched may have been mended by somebody else."""
    stood = {name.removeprefix("stood-"): value for name, value in posted if name.startswith("stood-")}
    return {path: value for path, value in _typed(posted).items() if value != stood.get(path, "")}


def _again(
    page: PagePosting, project_id: int, typed: Mapping[str, str], changed: list[str], faults: list[Fault], status: int
) -> Response:
    """The form with what was typed, and what is wrong with it at its field."""
    at_field: dict[str, list[str]] = {}
    for fault in faults:
        number = fault.pointer.removeprefix("/changed/").partition("/")[0]
        place = changed[int(number)] if number.isdecimal() and int(number) < len(changed) else ""
        at_field.setdefault(place, []).append(fault.message)
    with page.read() as session:
        shown = views.show_project(session, project_id)
        project = session.get_one(Project, project_id)
        places = [
            (place, typed.get(place.path, place.standing or ""))
            for place in places_of_draft(session, project, page.today)
        ]
        return page.show(
            "projects/corrections.html", status=status, project=shown, places=places, faults=at_field,
            summary=[(path and f"#f-{path}", path, told) for path, messages in at_field.items() for told in messages],
            once=_key(), kept=False,
            crumbs=_crumbs(page, project_id),
        )  # fmt: skip


def _key() -> str:
    return secrets.token_urlsafe(16)


def _crumbs(page: Page, project_id: int) -> tuple[Crumb, ...]:
    return (
        Crumb(label=page.t("Portfolio"), address="/projects"),
        Crumb(label=page.t("Project"), address=f"/projects/{project_id}"),
    )
