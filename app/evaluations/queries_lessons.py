"""Reads of lessons, and of what a project is about."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import Evaluation
from app.db.lessons import Lesson, LessonTag
from app.db.projects import Classification, Project
from app.domain.lessons import Learned
from app.domain.outcomes import outcome_codes
from app.http.lists import Listing, Shown, contains, equals, sort, unless_archived

_lesson, _tag = table(Lesson).c, table(LessonTag).c
_evaluation, _project, _class = table(Evaluation).c, table(Project).c, table(Classification).c
#: field of the input → kind of what it is about
KINDS = {"sectors": "sector", "countries": "country", "outcomes": "outcome", "tags": "tag"}


def _about(kind: str) -> Callable[[object], ColumnElement[bool]]:
    def condition(code: object) -> ColumnElement[bool]:
        return (
            select(_tag.id)
            .where(_tag.lesson_id == _lesson.id, _tag.kind == kind, _tag.code == code)
            .correlate(table(Lesson))
            .exists()
        )

    return condition


LESSONS = Listing(
    name="lessons",
    statement=select(
        _lesson.id, _lesson.version, _lesson.reference, _lesson.kind, _lesson.title, _lesson.text, _lesson.noted_on,
        _evaluation.reference.label("evaluation"), _project.code.label("project"), _lesson.source_url, _lesson.note,
        _lesson.archived_at,
    )
    .join_from(table(Lesson), table(Evaluation), _evaluation.id == _lesson.evaluation_id, isouter=True)
    .join(table(Project), _project.id == _lesson.project_id, isouter=True),
    key=_lesson.id,
    sorts={"reference": sort(_lesson.reference), "noted_on": sort(_lesson.noted_on), "id": sort(_lesson.id)},
    filters={
        "archived": unless_archived(_lesson.archived_at),
        "reference": equals(_lesson.reference),
        "kind": equals(_lesson.kind),
        "project": equals(_project.code),
        "evaluation": equals(_evaluation.reference),
        **{kind: _about(kind) for kind in KINDS.values()},
        "q": contains(_lesson.reference, _lesson.title, _lesson.text),
    },
    usual_sort="-noted_on",
)  # fmt: skip


def lesson_by_reference(session: Session, reference: str) -> Lesson | None:
    return session.scalars(select(Lesson).where(_lesson.reference == reference)).one_or_none()


def tag_rows(session: Session, lesson_id: int) -> list[LessonTag]:
    return list(session.scalars(select(LessonTag).where(_tag.lesson_id == lesson_id).order_by(_tag.ordinal, _tag.id)))


def with_tags(session: Session, items: list[Shown]) -> list[Shown]:
    """Lessons with what they are about; one statement."""
    about = tags(session, [item["id"] for item in items])
    for item in items:
        for name, kind in KINDS.items():
            item[name] = [code for one, code in about[item["id"]] if one == kind]
    return items


def tags(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Pairs of kind and code of each of these lessons, in their order."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(_tag.lesson_id, _tag.kind, _tag.code)
        .where(_tag.lesson_id.in_(ids))
        .order_by(_tag.lesson_id, _tag.ordinal, _tag.id)
    )
    for lesson_id, kind, code in rows:
        found[lesson_id].append((kind, code))
    return found


def lessons(session: Session, about: Collection[tuple[str, str]] | None = None) -> list[Learned]:
    """Every lesson in use, or those about any of these pairs of kind and code, the newest first; two statements."""
    narrowed = [] if about is None else [_about_any(about)]
    rows = session.execute(
        LESSONS.statement.where(_lesson.archived_at.is_(None), *narrowed).order_by(
            _lesson.noted_on.desc(), _lesson.reference
        )
    ).all()
    told = tags(session, [row.id for row in rows])
    return [
        Learned(
            id=row.id, reference=row.reference, kind=row.kind, title=row.title, text=row.text, noted_on=row.noted_on,
            evaluation=row.evaluation, project=row.project, about=frozenset(told[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def _about_any(pairs: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    codes: dict[str, list[str]] = defaultdict(list)
    for kind, code in pairs:
        codes[kind].append(code)
    shared = [and_(_tag.kind == kind, _tag.code.in_(own)) for kind, own in codes.items()]
    return select(_tag.id).where(_tag.lesson_id == _lesson.id, or_(false(), *shared)).correlate(table(Lesson)).exists()


def about_project(session: Session, code: str) -> frozenset[tuple[str, str]] | None:
    """Sectors, countries and outcome of a project; None: there is none of that code."""
    found = session.execute(select(_project.id, _project.outcome).where(_project.code == code)).first()
    if found is None:
        return None
    pairs = session.execute(
        select(_class.kind, _class.code).where(_class.project_id == found.id, _class.kind.in_(["sector", "country"]))
    )
    about = {(kind, each) for kind, each in pairs}
    return frozenset(about | {("outcome", code) for code in outcome_codes(found.outcome)})
