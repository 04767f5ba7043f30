"""``/lessons``: lessons learned and good practices."""

from app.db.lessons import Lesson
from app.domain.access import Right
from app.evaluations import lessons as service
from app.evaluations.queries_lessons import LESSONS, with_tags
from app.evaluations.schemas_lessons import LessonIn, LessonOut, LessonPage, LessonPatch
from app.http.nouns import Noun, add_and_change
from app.http.router import api_router

lessons = api_router("/lessons", "lessons")

add_and_change(
    lessons,
    Noun(
        row=Lesson,
        listing=LESSONS,
        shown=LessonOut,
        query=LessonPage,
        one="lesson",
        many="lessons",
        name="lesson",
        names="lessons",
        key="lesson_id",
        right=Right.EVALUATE,
        archive=service.archive_lesson,
        restore=service.restore_lesson,
        complete=with_tags,
    ),
    LessonIn,
    LessonPatch,
    service.create_lesson,
    service.update_lesson,
)
