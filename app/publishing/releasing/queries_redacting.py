"""Statements of decisions to withhold."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import ColumnElement, Date, cast, func, literal, null, or_, select, union_all
from sqlmodel import Session

from app.db.base import table
from app.db.projects import Document, Project
from app.db.publishing import Redaction
from app.db.spending import LedgerEntry
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


class Decision(NamedTuple):
    """A decision to withhold, or to release again."""

    project: str
    part: str
    subject: int
    withheld: bool
    reason: str
    until: dt.date | None
    by: str
    at: dt.datetime


class OnRecord(NamedTuple):
    """What a record says itself about being withheld."""

    project: str
    part: str
    subject: int
    reason: str | None
    until: dt.date | None


_DECISIONS = select(
    _project.code, _redaction.subject_kind, _redaction.subject_id, _redaction.withheld, _redaction.reason,
    _redaction.until, _redaction.recorded_by, _redaction.recorded_at,
).join_from(table(Redaction), table(Project), _project.id == _redaction.project_id)  # fmt: skip


def all_decisions(session: Session) -> list[Decision]:
    """All decisions, the newest first."""
    return [Decision._make(row) for row in session.execute(_DECISIONS.order_by(_redaction.id.desc()))]


def standing_decisions(session: Session) -> list[Decision]:
    """The newest decision about each part where it withholds."""
    again = table(Redaction).alias("again")
    newest = select(func.max(again.c.id)).group_by(again.c.subject_kind, again.c.subject_id)
    statement = _DECISIONS.where(_redaction.id.in_(newest), _redaction.withheld.is_(True))
    return [Decision._make(row) for row in session.execute(statement)]


def on_records(session: Session) -> list[OnRecord]:
    """Projects in use, and their documents and transactions, that say a reason or a day of an embargo."""
    document, entry = table(Document).c, table(LedgerEntry).c
    in_use = _project.archived_at.is_(None)
    projects = select(
        _project.code, literal("project"), _project.id, _project.withheld_reason, _project.embargo_until
    ).where(in_use, or_(_project.withheld_reason.is_not(None), _project.embargo_until.is_not(None)))
    documents = (
        select(_project.code, literal("document"), document.id, document.withheld_reason, document.embargo_until)
        .join_from(table(Document), table(Project), _project.id == document.project_id)
        .where(
            in_use,
            document.archived_at.is_(None),
            or_(document.withheld_reason.is_not(None), document.embargo_until.is_not(None)),
        )
    )
    entries = (
        select(_project.code, literal("transaction"), entry.id, entry.withheld_reason, cast(null(), Date))
        .join_from(table(LedgerEntry), table(Project), _project.id == entry.project_id)
        .where(in_use, entry.withheld_reason.is_not(None))
    )
    return [OnRecord._make(row) for row in session.execute(union_all(projects, documents, entries))]
