"""Rules of change for lessons learned and good practices. None of them commits."""

import datetime as dt
from collections.abc import Callable

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.evaluations import Evaluation
from app.db.lessons import Lesson, LessonTag
from app.db.lookups import row_by
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.sides import units_of_follow_up
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.errors import Conflict, Fault
from app.evaluations import queries_lessons as queries
from app.evaluations.schemas_lessons import LessonIn
from app.inputs import FaultList, Input, sent

_LINKS = ("evaluation", "project", *queries.KINDS)
_COLUMNS = tuple(name for name in LessonIn.model_fields if name not in _LINKS)
_REQUIRED = tuple(name for name, field in LessonIn.model_fields.items() if field.is_required())


def create_lesson(session: Session, actor: Actor, body: LessonIn, *, today: dt.date, pointer: str = "") -> Lesson:
    """A new lesson.

    :raises Conflict: when the reference exists already.
    """
    if queries.lesson_by_reference(session, body.reference) is not None:
        raise _taken(body.reference, pointer)
    row = Lesson(**{name: getattr(body, name) for name in _REQUIRED})
    _store(session, actor, row, body, today=today, pointer=pointer)
    return row


def update_lesson(
    session: Session, actor: Actor, row: Lesson, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (a ``LessonPatch``) sets; tells whether anything differed."""
    reference = sent(body).get("reference")
    if reference not in (None, row.reference) and queries.lesson_by_reference(session, reference):
        raise _taken(reference, pointer)
    return _store(session, actor, row, body, today=today, pointer=pointer)


def put_lesson(session: Session, actor: Actor, body: LessonIn, *, today: dt.date, pointer: str = "") -> Put[Lesson]:
    """Creates the lesson of this reference, or changes what differs."""
    row = queries.lesson_by_reference(session, body.reference)
    if row is None:
        return Put(create_lesson(session, actor, body, today=today, pointer=pointer), "created")
    changed = _store(session, actor, row, body, today=today, pointer=pointer)
    return Put(row, "updated" if changed else "unchanged")


def archive_lesson(session: Session, actor: Actor, row: Lesson) -> None:
    _keep(session, actor, row, archiving.archive)


def restore_lesson(session: Session, actor: Actor, row: Lesson) -> None:
    _keep(session, actor, row, archiving.restore)


def _keep(session: Session, actor: Actor, row: Lesson, change: Callable[[Session, Lesson], None]) -> None:
    require_change(session, actor, row)
    change(session, row)


def require_change(session: Session, actor: Actor, row: Lesson) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    require_about(session, actor, project_id=row.project_id, evaluation_id=row.evaluation_id)


def require_about(session: Session, actor: Actor, *, project_id: int | None, evaluation_id: int | None) -> None:
    """Raises ``NotAllowed`` for who may not keep lessons of this project and evaluation."""
    actor.require(Right.EVALUATE)
    actor.require_unit(*_units(session, project_id, evaluation_id))


def _units(session: Session, project_id: int | None, evaluation_id: int | None) -> set[int | None]:
    """Units of the project and of the evaluation; of a lesson of neither none: it is the organisation's."""
    units = set() if evaluation_id is None else units_of_follow_up(session, [evaluation_id])[evaluation_id]
    return units if project_id is None else units | {session.get_one(Project, project_id).unit_id}


def _store(session: Session, actor: Actor, row: Lesson, body: Input, *, today: dt.date, pointer: str) -> bool:
    actor.require(Right.EVALUATE)
    if row.id is not None:
        require_change(session, actor, row)
    found = FaultList(pointer)
    given = {name: value for name, value in sent(body).items() if value is not None or name not in _REQUIRED}
    values = {name: given[name] for name in _COLUMNS if name in given}
    if "evaluation" in given:
        evaluation = row_by(session, Evaluation, "reference", given["evaluation"])
        if given["evaluation"] is not None and evaluation is None:
            found.add("evaluation", "evaluation.unknown", f"There is no evaluation {given['evaluation']}.")
        values["evaluation_id"] = None if evaluation is None else evaluation.id
    if "project" in given:
        project = row_by(session, Project, "code", given["project"])
        if given["project"] is not None and project is None:
            found.add("project", "project.unknown", f"There is no project {given['project']}.")
        values["project_id"] = None if project is None else project.id
    for place, code in enumerate(given.get("countries") or ()):
        if not known_code("Country", code):
            found.add(f"countries/{place}", "codelist", unlisted("Country", code))
    for place, code in enumerate(given.get("sectors") or ()):
        # a word is a sector of one's own, a number one of the OECD's
        if code.isdecimal() and not known_code("Sector", code) and not known_code("SectorCategory", code):
            found.add(f"sectors/{place}", "codelist", unlisted("Sector", code))
    if values.get("noted_on", row.noted_on) > today:
        found.add("noted_on", "date.future", "What was learned was noted by today.")
    found.refuse()
    project_id, evaluation_id = (values.get(name, getattr(row, name)) for name in ("project_id", "evaluation_id"))
    require_about(session, actor, project_id=project_id, evaluation_id=evaluation_id)
    is_new = row.id is None
    changed = assign(row, values)
    session.add(row)
    session.flush()
    wanted = {kind: list(given[name] or ()) for name, kind in queries.KINDS.items() if name in given}
    if wanted and _tag(session, row, wanted):
        changed = True
        if not is_new:
            row.version += 1
    session.flush()
    return changed


def _tag(session: Session, row: Lesson, wanted: dict[str, list[str]]) -> bool:
    """Makes what the lesson is about what is given, of these kinds; tells whether anything differed."""
    standing = {(tag.kind, tag.code): tag for tag in queries.tag_rows(session, key(row)) if tag.kind in wanted}
    changed = False
    for kind, codes in wanted.items():
        for place, code in enumerate(dict.fromkeys(codes)):
            tag = standing.pop((kind, code), None)
            if tag is None:
                session.add(LessonTag(lesson_id=key(row), kind=kind, ordinal=place, code=code))
                changed = True
            else:
                changed = assign(tag, {"ordinal": place}) or changed
    for tag in standing.values():
        session.delete(tag)
        changed = True
    return changed


def _taken(reference: str, pointer: str) -> Conflict:
    message = f"There is a lesson {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
