"""``/lessons``: lessons learned and good practices."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.lessons import Lesson
from app.errors import NotFound
from app.evaluations import lessons as service
from app.evaluations.queries_lessons import LESSONS, with_tags
from app.evaluations.schemas_lessons import LessonIn, LessonOut, LessonPage, LessonPatch
from app.http import lists
from app.http.access import Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import IfMatch, etag, locked, single

lessons = api_router("/lessons", "lessons")


def _lesson(request: Request, session: Session, lesson_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, LESSONS, LESSONS.key == lesson_id)
    if item is None:
        raise NotFound(f"There is no lesson {lesson_id}.")
    location = f"{request.url.path}/{lesson_id}" if status == 201 else None
    item = with_tags(session, [item])[0]
    return single(request, item, tag=etag(lesson_id, item["version"]), status=status, location=location)


@lessons.get("", summary="List lessons", response_model=ListOf[LessonOut], responses=LISTS)
def list_lessons(request: Request, session: Reading, query: Annotated[LessonPage, Query()]) -> Response:
    found = page(session, LESSONS, query)
    found.items = with_tags(session, found.items)
    return found.response(request)


@lessons.get("/{lesson_id}", summary="Show a lesson", response_model=LessonOut, responses=GETS)
def get_lesson(request: Request, lesson_id: Id, session: Reading) -> Response:
    return _lesson(request, session, lesson_id)


@lessons.post("", summary="Add a lesson", status_code=201, response_model=LessonOut, responses=CREATES)
def create_lesson(
    request: Request, body: LessonIn, actor: Evaluator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        row = service.create_lesson(session, actor, body, today=today)
        return _lesson(request, session, key(row), status=201)

    return once.answer(session, work)


@lessons.patch("/{lesson_id}", summary="Change a lesson", response_model=LessonOut, responses=CHANGES)
def update_lesson(
    request: Request,
    lesson_id: Id,
    body: LessonPatch,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, Lesson, lesson_id, if_match, name="lesson")
    service.update_lesson(session, actor, row, body, today=today)
    return _lesson(request, session, lesson_id)


@lessons.delete("/{lesson_id}", summary="Archive a lesson", response_model=LessonOut, responses=CHANGES)
def archive_lesson(
    request: Request, lesson_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Lesson, lesson_id, if_match, name="lesson")
    service.archive_lesson(session, actor, row)
    return _lesson(request, session, lesson_id)


@lessons.post("/{lesson_id}/restore", summary="Restore a lesson", response_model=LessonOut, responses=CHANGES)
def restore_lesson(
    request: Request, lesson_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Lesson, lesson_id, if_match, name="lesson")
    service.restore_lesson(session, actor, row)
    return _lesson(request, session, lesson_id)
