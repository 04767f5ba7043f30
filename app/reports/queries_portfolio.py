"""What a portfolio is counted from: projects as they stand or as they were known, their partners and countries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, or_, select
from sqlmodel import Session

from app.db import dated
from app.db.agreements import givers
from app.db.base import table
from app.db.funding import Agreement
from app.db.organisation import Unit
from app.db.partners import Partner
from app.db.projects import Classification, Project, ProjectRevision
from app.domain.revisions import Revision
from app.domain.terms import AgreementStatus, Grain, PartnerCategory, Stage
from app.reports.queries_contributions import is_known, newest_revisions
from app.reports.sums import BATCH


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectRecord:
    """A project as it stands."""

    id: int
    unit: str | None
    #: region of the responsible unit
    region: str | None
    stage: Stage
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    actual_end: dt.date | None
    total_budget: Decimal | None
    budget_currency: str | None


def project_records(session: Session) -> Iterator[ProjectRecord]:
    """Projects (neither pools nor programmes), archived ones too, in the order of their keys."""
    project, unit = table(Project).c, table(Unit).c
    rows = session.execute(
        select(
            project.id,
            unit.code,
            unit.region,
            project.stage,
            project.planned_start,
            project.planned_end,
            project.actual_start,
            project.actual_end,
            project.total_budget,
            project.budget_currency,
        )
        .select_from(table(Project))
        .outerjoin(table(Unit), unit.id == project.unit_id)
        .where(project.grain == Grain.PROJECT)
        .order_by(project.id)
    )
    for row in rows.yield_per(BATCH):
        yield ProjectRecord(
            id=row.id,
            unit=row.code,
            region=row.region,
            stage=row.stage,
            planned_start=row.planned_start,
            planned_end=row.planned_end,
            actual_start=row.actual_start,
            actual_end=row.actual_end,
            total_budget=row.total_budget,
            budget_currency=row.budget_currency,
        )


def revisions_of_changed(
    session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> dict[int, list[Revision]]:
    """All revisions of the projects of which something was decided, or recorded, later than asked for."""
    revision, later = table(ProjectRevision).c, table(ProjectRevision).alias("later").c
    is_later = later.known_on > as_of
    if recorded_at is not None:
        is_later = or_(is_later, later.recorded_at > recorded_at)
    rows = session.execute(
        select(
            revision.project_id,
            revision.field,
            revision.sequence,
            revision.known_on,
            revision.value,
            revision.recorded_at,
        )
        .where(revision.project_id.in_(select(later.project_id).where(is_later)))
        .order_by(revision.project_id, revision.field, revision.sequence)
    )
    found: dict[int, list[Revision]] = defaultdict(list)
    for row in rows.yield_per(BATCH):
        found[row.project_id].append(
            Revision(
                field=row.field,
                sequence=row.sequence,
                known_on=row.known_on,
                value=row.value,
                recorded_at=row.recorded_at,
            )
        )
    return found


def countries(session: Session) -> dict[int, set[str]]:
    """By project the countries it works in."""
    row = table(Classification).c
    rows = session.execute(
        select(row.project_id, row.code).where(row.kind == "country").order_by(row.project_id, row.ordinal, row.id)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for project_id, code in rows.yield_per(BATCH):
        found[project_id].add(code)
    return found


def categories(session: Session) -> dict[int, PartnerCategory]:
    """What partners (keys) are."""
    partner = table(Partner).c
    return {row.id: row.category for row in session.execute(select(partner.id, partner.category))}


def first_signed(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> dict[int, dt.date]:
    """By project the first day on which an agreement was signed that funds it, by agreements and shares known on the
    day; what was cancelled was signed all the same."""
    shares = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    share, agreement = shares.c, table(Agreement).c
    newest = newest_revisions(as_of, recorded_at)
    has_history = newest.c.agreement_id.is_not(None)
    rows = session.execute(
        select(share.project_id, func.min(agreement.signed_on).label("day"))
        .select_from(shares)
        .join(table(Agreement), agreement.id == share.agreement_id)
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .where(
            agreement.signed_on <= as_of,
            # the day is that of now: what was a pledge then was not signed yet
            case((has_history, newest.c.status), else_=agreement.status) != AgreementStatus.PLEDGED,
            is_known(has_history, as_of, recorded_at),
        )
        .group_by(share.project_id)
    )
    return {row.project_id: row.day for row in rows.yield_per(BATCH)}


def partners(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> dict[int, set[int]]:
    """By project the partners (keys) that fund it, by agreements known on the day and not cancelled by then."""
    shares = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    share, agreement, giver = shares.c, table(Agreement).c, givers()
    newest = newest_revisions(as_of, recorded_at)
    has_history = newest.c.agreement_id.is_not(None)
    rows = session.execute(
        select(share.project_id, giver.c.partner_id)
        .select_from(shares)
        .join(table(Agreement), agreement.id == share.agreement_id)
        .join(giver, giver.c.agreement_id == agreement.id)
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .where(
            case((has_history, newest.c.status), else_=agreement.status) != AgreementStatus.CANCELLED,
            is_known(has_history, as_of, recorded_at),
        )
        .distinct()
        .order_by(share.project_id, giver.c.partner_id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for project_id, partner_id in rows.yield_per(BATCH):
        found[project_id].add(partner_id)
    return found
