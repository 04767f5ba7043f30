"""Lessons learned and good practices, with what they are about."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign
from app.db.types import Code, one_of


class Lesson(Kept, table=True):
    """What was learned, so that others need not learn it again."""

    __tablename__ = "lessons"
    __table_args__ = (one_of("kind", "lesson", "good-practice"),)

    reference: str = column(Code, unique=True)
    kind: str = column(Code)
    title: str = column()
    text: str = column()
    noted_on: dt.date
    #: where it was learned
    evaluation_id: int | None = foreign("evaluations.id", optional=True)
    project_id: int | None = foreign("projects.id", optional=True)
    source_url: str | None = column(default=None)
    note: str | None = column(default=None)


class LessonTag(Row, table=True):
    """What a lesson is about."""

    __tablename__ = "lesson_tags"
    __table_args__ = (
        one_of("kind", "sector", "country", "outcome", "tag"),
        UniqueConstraint("lesson_id", "kind", "code"),
        Index("ix_lesson_tags_kind_code", "kind", "code"),
    )

    lesson_id: int = foreign("lessons.id", index=False)
    kind: str = column(Code)
    ordinal: int = Field(default=0)
    code: str = column(Code)
