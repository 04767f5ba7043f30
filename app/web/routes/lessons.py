"""``/lessons``: lessons learned and good practices, found by text and by what they are about."""

from collections.abc import Mapping

from sqlmodel import Session
from starlette.responses import Response

from app.db.evaluations import Evaluation
from app.db.lessons import Lesson
from app.db.projects import Project
from app.domain.access import Right
from app.evaluations import lessons as service
from app.evaluations.queries import evaluation_by_reference
from app.evaluations.queries_lessons import LESSONS, with_tags
from app.evaluations.schemas_lessons import LessonIn, LessonPage, LessonPatch
from app.http.fields import Id
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.publishing.codes import names_of
from app.web.forms import Form, Group
from app.web.keeping import Keeping, keep, suggested_keys
from app.web.page import Page, PageReading, page_router
from app.web.queries_duties import project_names

router = page_router()

LESSON_FORM = Form(
    model=LessonIn,
    groups=(
        Group(heading=mark("What was learned"), fields=("reference", "kind", "title", "text", "noted_on")),
        Group(heading=mark("Where from"), fields=("evaluation", "project", "source_url")),
        Group(heading=mark("What it is about"), fields=("sectors", "countries", "outcomes", "tags")),
        Group(heading=mark("Note"), fields=("note",), folded=True),
    ),
)


def _tagged(session: Session, item: Shown) -> Shown:
    return with_tags(session, [item])[0]


def _require_suggested(session: Session, page: Page, given: Mapping[str, str]) -> None:
    about = suggested_keys(session, given, project=(Project, "code"), evaluation=(Evaluation, "reference"))
    if about:
        service.require_about(
            session, page.actor, project_id=about.get("project"), evaluation_id=about.get("evaluation")
        )


KIND = Keeping(
    address="/lessons", name="lesson", row=Lesson, listing=LESSONS, form=LESSON_FORM, patch=LessonPatch,
    right=Right.EVALUATE, title=mark("Lessons"), adding=mark("Add a lesson"), changing=mark("Change the lesson"),
    told=mark("The lesson is stored."), completed=_tagged,
    create=lambda session, page, body: service.create_lesson(session, page.actor, body, today=page.today),
    update=lambda session, page, row, body: service.update_lesson(session, page.actor, row, body, today=page.today),
    require=lambda session, page, row: service.require_change(session, page.actor, row),
    archive=lambda session, page, row: service.archive_lesson(session, page.actor, row),
    restore=lambda session, page, row: service.restore_lesson(session, page.actor, row),
    suggested=("project", "evaluation"), require_suggested=_require_suggested,
    start=lambda page: {"noted_on": page.today, "kind": "lesson"},
)  # fmt: skip
keep(router, KIND)


@router.get("/lessons")
def list_lessons(page: PageReading) -> Response:
    query, given = page.query(LessonPage)
    listed = page_of(page.session, LESSONS, query.model_copy(update={"count": True}))
    with_tags(page.session, listed.items)
    if query.format != "json":
        return listed.file()
    return page.show(
        "lessons/list.html",
        listed=listed,
        query=given,
        sectors=names_of("Sector", page.words.language, withdrawn=True),
        countries=names_of("Country", page.words.language, withdrawn=True),
        may_evaluate=page.may(Right.EVALUATE),
    )


@router.get("/lessons/{record_id}")
def show_lesson(page: PageReading, record_id: Id) -> Response:
    found = KIND.found(page.session, record_id)
    reference = found["evaluation"]
    evaluation = evaluation_by_reference(page.session, reference) if reference else None
    return KIND.show(
        page,
        "lessons/lesson.html",
        found,
        evaluation_id=evaluation.id if evaluation else None,
        project=project_names(page.session, page.words.language, [code]).get(code)
        if (code := found["project"])
        else None,
        sectors=names_of("Sector", page.words.language, withdrawn=True),
        countries=names_of("Country", page.words.language, withdrawn=True),
    )
