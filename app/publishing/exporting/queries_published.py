"""What the world has seen of activities, and who took it back."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import table, utc_now
from app.db.bulk import insert_missing
from app.db.people import AuditEvent
from app.db.projects import Project
from app.db.publishing import ImportRun, PublishedActivity, PublishedOrganisation

_seen, _project = table(PublishedActivity).c, table(Project).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """An activity that the world has seen and that a file does not hold."""

    project_id: int
    code: str
    identifier: str
    archived_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Renamed:
    """An activity that goes out under another identifier than before."""

    code: str
    before: str
    after: str


def recorded(session: Session, keys: Sequence[int]) -> dict[str, str | None]:
    """Identifiers that projects were seen under, each with the reporting organisation it was last seen under."""
    found = session.execute(select(_seen.identifier, _seen.reporting_org).where(_seen.project_id.in_(keys)))
    return {row[0]: row[1] for row in found}


def record(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Appends identifiers; of those that are known it keeps who reports them now."""
    target = table(PublishedActivity)
    known = set(
        session.scalars(select(_seen.identifier).where(_seen.identifier.in_([row["identifier"] for row in rows])))
    )
    for row in rows:
        if row["identifier"] in known:
            changed = update(target).where(target.c.identifier == row["identifier"])
            session.execute(changed.values(reporting_org=row["reporting_org"]))
    if new := [row for row in rows if row["identifier"] not in known]:
        session.execute(insert(target), new)


def record_organisations(session: Session, identifiers: Sequence[str], by: str) -> None:
    """Appends organisations of which the world has seen an organisation file."""
    row = {"recorded_at": utc_now(), "recorded_by": by}
    rows = [{**row, "identifier": identifier} for identifier in identifiers]
    insert_missing(session, PublishedOrganisation, rows, table(PublishedOrganisation).c.id)


def missing(session: Session, codes: Collection[str]) -> Iterator[Missing]:
    """Activities that the world has seen of which the project is archived or has one of the codes, by their codes."""
    # an activity may have got a former identifier back: that one is seen again, and not appended
    present = table(PublishedActivity).alias("present")
    again = exists(select(present.c.id).where(present.c.identifier == _project.iati_identifier))
    newest = _seen.id.in_(select(func.max(_seen.id)).group_by(_seen.project_id))
    statement = (
        select(_project.id, _project.code, _seen.identifier, _project.archived_at)
        .join(table(PublishedActivity), _seen.project_id == _project.id)
        .where(or_(_seen.identifier == _project.iati_identifier, and_(newest, ~again)))
        .order_by(_project.code)
    )
    conditions = [_project.archived_at.is_not(None), *(_project.code.in_(some) for some in chunks(codes))]
    for condition in conditions:
        for row in session.execute(statement.where(condition)):
            yield Missing(project_id=row[0], code=row[1], identifier=row[2], archived_at=row[3])


def archived(session: Session, identifiers: Collection[str]) -> Iterator[Missing]:
    """Archived projects that are called so."""
    asked = select(_project.id, _project.code, _project.iati_identifier, _project.archived_at)
    for some in chunks(identifiers):
        wanted = asked.where(_project.iati_identifier.in_(some), _project.archived_at.is_not(None))
        for row in session.execute(wanted):
            yield Missing(project_id=row[0], code=row[1], identifier=row[2], archived_at=row[3])


def renamed(session: Session) -> list[Renamed]:
    """Activities whose present identifier the world has not seen, though it has seen an earlier one."""
    present = table(PublishedActivity).alias("present")
    unseen = ~exists(select(present.c.id).where(present.c.identifier == _project.iati_identifier))
    rows = session.execute(
        select(_project.code, _seen.identifier, _project.iati_identifier)
        .join(table(PublishedActivity), _seen.project_id == _project.id)
        .where(_seen.identifier != _project.iati_identifier, unseen)
        .order_by(_project.code, _seen.id)
    )
    return [Renamed(code=row[0], before=row[1], after=row[2]) for row in rows]


def newest_events(session: Session, project_id: int, fields: Collection[str]) -> tuple[dt.datetime, str] | None:
    """When and by whom one of the fields of a project was last set; None when the audit trail does not say."""
    event = table(AuditEvent).c
    rows = session.execute(
        select(event.at, event.actor, event.after)
        .where(event.aggregate == f"project:{project_id}", event.entity == "projects")
        .order_by(event.sequence.desc())
    )
    return next(((row[0], row[1]) for row in rows if any((row[2] or {}).get(name) for name in fields)), None)


def refusals(session: Session) -> list[tuple[str, dt.date, int]]:
    """Files at whose newest import activities were refused: name, day, how many."""
    run = table(ImportRun).c
    rows = session.execute(
        select(run.file_name, run.started_at, run.counts)
        .where(run.kind == "iati", run.outcome == "done")
        .order_by(run.id)
    )
    newest = {name: (name, at.date(), int(counts.get("activities_refused", 0))) for name, at, counts in rows}
    return [each for each in newest.values() if each[2]]
