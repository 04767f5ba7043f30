"""Dates, budget, officer and stage of a project: appended values; the newest decision stands on the project."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import row_by
from app.db.organisation import Officer
from app.db.projects import Project, ProjectRevision
from app.domain.money import plain
from app.domain.revisions import Revision, replay
from app.domain.terms import Stage
from app.projects import queries

DATES = ("planned_start", "planned_end", "actual_start", "actual_end")
#: the fields whose history is kept
REVISED = (*DATES, "total_budget", "officer", "stage")

#: reason of a value that came with the project's record and gave none
STATED = "Stated with the project's record"
#: the decision of a record that does not say when it was taken: known from the beginning
UNDATED = dt.date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectState:
    """What was known of a project on a day."""

    code: str
    as_of: dt.date
    recorded_at: dt.datetime | None
    stage: Stage | None = None
    planned_start: dt.date | None = None
    planned_end: dt.date | None = None
    actual_start: dt.date | None = None
    actual_end: dt.date | None = None
    total_budget: Decimal | None = None
    budget_currency: str | None = None
    #: code of the officer
    officer: str | None = None


def budget_text(amount: Decimal | None, currency: str | None) -> str | None:
    return None if amount is None else f"{plain(amount)} {currency}"


def read_budget(text: str | None) -> tuple[Decimal | None, str | None]:
    """Amount and currency from the text form of a total budget."""
    if text is None:
        return None, None
    amount, _, currency = text.partition(" ")
    return Decimal(amount), currency


def texts_of(session: Session, project: Project) -> dict[str, str | None]:
    """The values in force in their text form."""
    dates = {name: getattr(project, name) for name in DATES}
    return {
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
        "total_budget": budget_text(project.total_budget, project.budget_currency),
        "officer": queries.officer_code(session, project.officer_id),
        "stage": project.stage.value,
    }


def values(revisions: Iterable[ProjectRevision]) -> list[Revision]:
    """Rows as the rules take them."""
    return [
        Revision(
            field=row.field, sequence=row.sequence, known_on=row.known_on, value=row.value, recorded_at=row.recorded_at
        )
        for row in revisions
    ]


def append(
    session: Session,
    project: Project,
    changes: dict[str, str | None],
    *,
    known_on: dt.date,
    reason: str,
    recorded_by: str,
    note: str | None = None,
) -> None:
    """Appends one value per field and puts on the project what the newest decisions say."""
    kept = list(queries.revisions(session, project.id or 0))
    for field, value in changes.items():
        sequence = max((row.sequence for row in kept if row.field == field), default=0) + 1
        row = ProjectRevision(
            project_id=project.id or 0,
            field=field,
            sequence=sequence,
            known_on=known_on,
            value=value,
            reason=reason,
            note=note,
            recorded_by=recorded_by,
        )
        session.add(row)
        kept.append(row)
    current = replay(values(kept))
    apply(session, project, {field: current[field] for field in changes})


def apply(session: Session, project: Project, texts: dict[str, str | None]) -> None:
    """Sets the columns of the project from the text forms."""
    for field, text in texts.items():
        match field:
            case "total_budget":
                project.total_budget, project.budget_currency = read_budget(text)
            case "officer":
                officer = row_by(session, Officer, "code", text)
                project.officer_id = officer.id if officer else None
            case "stage":
                project.stage = Stage(text or project.stage)
            case _:
                setattr(project, field, None if text is None else dt.date.fromisoformat(text))


def state(
    code: str, revisions: Iterable[ProjectRevision], as_of: dt.date, recorded_at: dt.datetime | None
) -> ProjectState:
    """What the revisions say was known on a day."""
    known = replay(values(revisions), as_of=as_of, recorded_at=recorded_at)
    amount, currency = read_budget(known.get("total_budget"))
    dates = {name: dt.date.fromisoformat(text) for name in DATES if (text := known.get(name)) is not None}
    stage = known.get("stage")
    return ProjectState(
        code=code,
        as_of=as_of,
        recorded_at=recorded_at,
        stage=None if stage is None else Stage(stage),
        total_budget=amount,
        budget_currency=currency,
        officer=known.get("officer"),
        **dates,
    )


def project_as_of(
    session: Session, project_id: int, as_of: dt.date, recorded_at: dt.datetime | None = None
) -> ProjectState:
    """The project as known on ``as_of`` and recorded by ``recorded_at`` (None: by now). Two queries.

    :raises NotFound: when there is no such project.
    """
    project = queries.get_project(session, project_id)
    return state(project.code, queries.revisions(session, project_id), as_of, recorded_at)
