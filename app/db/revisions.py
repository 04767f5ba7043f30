"""Revisions of projects: the one writer of what was decided when, and the state that follows from it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import object_session
from sqlmodel import Session

from app.db.base import key, table, utc_now
from app.db.lookups import row_by
from app.db.organisation import Officer
from app.db.projects import (
    Project,
    ProjectRevision,
)
from app.db.put import assign
from app.db.renamed_codes import OFFICER, renamings
from app.db.together import part_added, rows_below
from app.domain.keys import seen_or_as_it_is
from app.domain.revisions import DATES as DATES
from app.domain.revisions import Revision, budget_text, read_budget, replay
from app.domain.terms import Stage


def revisions(session: Session, project_id: int) -> Sequence[ProjectRevision]:
    """All revisions of a project, by field and order of recording."""
    revision = table(ProjectRevision).c
    return rows_below(session, ProjectRevision, "project_id", project_id, revision.field, revision.sequence)


def officer_code(session: Session, officer_id: int | None) -> str | None:
    if officer_id is None:
        return None
    return session.get_one(Officer, officer_id).code


#: the fields whose history is kept
REVISED = (*DATES, "total_budget", "officer", "stage")


#: reason of a value that came with the project's record and gave none
STATED = "Stated with the project's record"


#: the decision of a record that does not say when it was taken: known from the beginning
UNDATED = dt.date(1900, 1, 1)


def texts_of(session: Session, project: Project) -> dict[str, str | None]:
    """The values in force in their text form."""
    dates = {name: getattr(project, name) for name in DATES}
    return {
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
        "total_budget": budget_text(project.total_budget, project.budget_currency),
        "officer": officer_code(session, project.officer_id),
        "stage": project.stage.value,
    }


def values(revisions: Iterable[ProjectRevision]) -> list[Revision]:
    """Rows as the rules take them; officers by the codes that they have now."""
    return [
        Revision(
            field=row.field,
            sequence=row.sequence,
            known_on=row.known_on,
            value=_officer_now(row) if row.field == "officer" else row.value,
            recorded_at=row.recorded_at,
        )
        for row in revisions
    ]


def _officer_now(row: ProjectRevision) -> str | None:
    # codes of officers stay, but for those that were kept otherwise than they are seen
    if row.value is None or seen_or_as_it_is(row.value) == row.value or (session := object_session(row)) is None:
        return row.value
    return renamings(session).code(OFFICER, row.value, row.recorded_at)  # type: ignore[arg-type]


def append(
    session: Session,
    project: Project,
    changes: dict[str, str | None],
    *,
    known_on: dt.date,
    reason: str,
    recorded_by: str,
    note: str | None = None,
    known: Sequence[ProjectRevision] | None = None,
) -> None:
    """Appends one value per field and puts on the project what the newest decisions say.

    ``known``: those there are, where the caller knows them.
    """
    kept = list(revisions(session, key(project)) if known is None else known)
    is_first, now = not kept, utc_now()
    for field, value in changes.items():
        sequence = max((row.sequence for row in kept if row.field == field), default=0) + 1
        row = ProjectRevision(
            project_id=key(project),
            field=field,
            sequence=sequence,
            known_on=known_on,
            value=value,
            reason=reason,
            note=note,
            recorded_at=now,
            recorded_by=recorded_by,
        )
        part_added(session, row)
        kept.append(row)
    current = changes if is_first else replay(values(kept))
    assign(project, columns(session, {field: current[field] for field in changes}))


def columns(session: Session, texts: Mapping[str, str | None]) -> dict[str, object]:
    """The columns of a project that the text forms say."""
    found: dict[str, object] = {}
    for field, text in texts.items():
        match field:
            case "total_budget":
                found["total_budget"], found["budget_currency"] = read_budget(text)
            case "officer":
                officer = row_by(session, Officer, "code", text)
                found["officer_id"] = officer.id if officer else None
            case "stage":
                if text:
                    found["stage"] = Stage(text)
            case _:
                found[field] = None if text is None else dt.date.fromisoformat(text)
    return found
