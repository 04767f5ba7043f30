"""Statements of decisions to withhold."""

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.projects import Project
from app.db.publishing import Redaction
from app.http.lists import Listing, equals, sort

_redaction, _project = table(Redaction).c, table(Project).c

REDACTIONS = Listing(
    name="decisions to withhold",
    statement=select(
        _redaction.id, _project.code.label("project"), _redaction.subject_kind.label("part"),
        _redaction.subject_id.label("subject"), _redaction.withheld, _redaction.reason, _redaction.until,
        _redaction.recorded_at, _redaction.recorded_by,
    ).join_from(table(Redaction), table(Project), _project.id == _redaction.project_id),
    key=_redaction.id,
    sorts={"id": sort(_redaction.id), "recorded_at": sort(_redaction.recorded_at)},
    filters={
        "project": equals(_project.code),
        "part": equals(_redaction.subject_kind),
        "subject": equals(_redaction.subject_id),
        "withheld": equals(_redaction.withheld),
    },
    usual_sort="-id",
)  # fmt: skip


def of_key(key: int) -> ColumnElement[bool]:
    """One decision."""
    return _redaction.id == key


def project_called(session: Session, name: str) -> Project | None:
    """The project with a code, else with an identifier, in use."""
    statement = select(Project).where(
        or_(_project.code == name, _project.iati_identifier == name), _project.archived_at.is_(None)
    )
    return session.scalars(statement.order_by(_project.code != name).limit(1)).first()
