"""What rows of reports are grouped by: projects, agreements and their partners, shares, places."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, case, func, or_, select, true
from sqlmodel import Session

from app.db import dated
from app.db.among import among
from app.db.base import table
from app.db.funding import Agreement
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.projects import Classification, Project
from app.domain.contributions import Kind, kind_of
from app.domain.partners import Parts, parts_of
from app.reports.queries_contributions import newest_revisions
from app.reports.sums import BATCH


class ProjectFacts(NamedTuple):
    """What rows are grouped by that a project itself says."""

    id: int
    code: str
    outcome: str | None
    unit: str | None
    #: region of the responsible unit
    region: str | None
    officer: str | None
    unit_id: int | None
    officer_id: int | None


#: so many keys are looked up; for more the whole table is read
_LOOKED_UP = 1000


def projects(session: Session, keys: Collection[int] | None = None) -> dict[int, ProjectFacts]:
    """Projects and pools by key, archived ones too: what they did in the past stays in its figures.

    ``keys``: those that are needed; there may be others.
    """
    project, unit, officer = table(Project), table(Unit), table(Officer)
    rows = session.execute(
        select(
            project.c.id,
            project.c.code,
            project.c.outcome,
            unit.c.code,
            unit.c.region,
            officer.c.code,
            project.c.unit_id,
            project.c.officer_id,
        )
        .select_from(project)
        .outerjoin(unit, unit.c.id == project.c.unit_id)
        .outerjoin(officer, officer.c.id == project.c.officer_id)
        .where(known_among(project.c.id, keys))
    )
    return {each.id: each for each in map(ProjectFacts._make, chain.from_iterable(rows.yield_per(BATCH).partitions()))}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFacts:
    """An agreement as a source of money."""

    reference: str
    #: what each of its partners gives of it
    partners: Parts
    #: what it is to the organisation's budget
    kind: Kind


def sources(
    session: Session,
    keys: Collection[int] | None = None,
    *,
    as_of: dt.date | None = None,
    recorded_at: dt.datetime | None = None,
) -> dict[int, SourceFacts]:
    """Agreements by key, with what they were to the organisation's budget on a day; see :func:`projects`.

    ``as_of`` None: what they are to it is not asked, and the decisions on all agreements need not be looked through.
    """
    agreement, partner = table(Agreement), table(Partner)
    joined: FromClause = agreement.join(partner, partner.c.id == agreement.c.partner_id)
    tied: tuple[ColumnElement[str | None], ColumnElement[int]] = (agreement.c.corporate_wording, agreement.c.category)
    if as_of is not None:
        newest = newest_revisions(as_of, recorded_at)
        joined = joined.outerjoin(newest, newest.c.agreement_id == agreement.c.id)
        tied = _tied(newest)
    rows = session.execute(
        select(
            agreement.c.id,
            agreement.c.reference,
            partner.c.code.label("partner"),
            agreement.c.further_partners,
            tied[0].label("wording"),
            tied[1].label("category"),
        )
        .select_from(joined)
        .where(known_among(agreement.c.id, keys))
    )
    return {
        row.id: SourceFacts(
            reference=row.reference,
            partners=parts_of(row.partner, row.further_partners),
            kind=kind_of(row.wording, row.category),
        )
        for row in rows
    }


def tied_otherwise(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> bool:
    """Whether the earmarking of some agreement was another one on the day than it is now."""
    agreement, newest = table(Agreement).c, newest_revisions(as_of, recorded_at)
    wording, category = _tied(newest)
    found = session.scalar(
        select(agreement.id)
        .select_from(table(Agreement))
        .join(newest, newest.c.agreement_id == agreement.id)
        .where(
            or_(
                func.coalesce(wording, "") != func.coalesce(agreement.corporate_wording, ""),
                category != agreement.category,
            )
        )
        .limit(1)
    )
    return found is not None


def as_tied(name: str, tied_on: dt.date | None, recorded_at: dt.datetime | None) -> FromClause:
    """Agreements with their partners and their earmarking: as it is now, or where a day is given as it was on that day.

    Its columns are those of agreements of that name that reports tell money apart by.
    """
    agreement = table(Agreement)
    if tied_on is None:
        return agreement.alias(name)
    newest = newest_revisions(tied_on, recorded_at)
    wording, category = _tied(newest)
    return (
        select(
            agreement.c.id,
            agreement.c.partner_id,
            agreement.c.further_partners,
            wording.label("corporate_wording"),
            category.label("category"),
        )
        .select_from(agreement.outerjoin(newest, newest.c.agreement_id == agreement.c.id))
        .subquery(name)
    )


def _tied(newest: FromClause) -> tuple[ColumnElement[str | None], ColumnElement[int]]:
    """Wording and category as the decision of the day told them, or else as the agreement has them."""
    agreement, told = table(Agreement).c, newest.c.modality.is_not(None)
    return (
        case((told, newest.c.corporate_wording), else_=agreement.corporate_wording),
        case((told, newest.c.category), else_=agreement.category),
    )


def funded_by(
    session: Session, keys: Collection[int] | None = None, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> Iterator[tuple[int, int]]:
    """Which agreement funds which project, by keys, as known on a day; see :func:`projects`."""
    share = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at).c
    rows = session.execute(select(share.project_id, share.agreement_id).where(known_among(share.project_id, keys)))
    yield from ((row[0], row[1]) for row in rows.yield_per(BATCH))


def places(session: Session, keys: Collection[int] | None = None) -> Iterator[tuple[int, str, Decimal | None]]:
    """Countries and regions of projects (project, code, percentage), in the projects' own order; see :func:`projects`.

    Regions of the standard's own vocabulary only: those of others say the same once more.
    """
    row = table(Classification).c
    rows = session.execute(
        select(row.project_id, row.code, row.percentage)
        .where(row.kind.in_(("country", "region")), func.coalesce(row.vocabulary, "1") == "1")
        .where(known_among(row.project_id, keys))
        .order_by(row.project_id, row.kind, row.ordinal, row.id)
    )
    yield from ((row[0], row[1], row[2]) for row in rows.yield_per(BATCH))


def sectors(session: Session, keys: Collection[int] | None = None) -> Iterator[tuple[int, str, Decimal | None]]:
    """Sectors of projects (project, code, percentage), in the projects' own order; see :func:`projects`.

    Purpose codes; of projects that state none of these, or each with 0 %, the categories of three digits. Sectors of
    other vocabularies say the same once more.
    """
    row = table(Classification).c
    vocabulary = func.coalesce(row.vocabulary, "1")
    rows = session.execute(
        select(row.project_id, row.code, row.percentage, vocabulary)
        .where(row.kind == "sector", vocabulary.in_(("1", "2")), known_among(row.project_id, keys))
        .order_by(row.project_id, vocabulary, row.ordinal, row.id)
    )
    for project_id, stated in groupby(rows.yield_per(BATCH), key=itemgetter(0)):
        for _, alike in groupby(stated, key=itemgetter(3)):
            said = [(code, percentage) for _, code, percentage, _ in alike]
            percentages = [percentage for _, percentage in said if percentage is not None]
            if not percentages or any(percentages):
                yield from ((project_id, code, percentage) for code, percentage in said)
                break


class PartnerKind(NamedTuple):
    """What a partner is."""

    category: str
    subcategory: str | None


def partner_kinds(session: Session) -> dict[str, PartnerKind]:
    """What partners are, by code."""
    partner = table(Partner).c
    rows = session.execute(select(partner.code, partner.category, partner.subcategory))
    return {code: PartnerKind(category.value, subcategory) for code, category, subcategory in rows}


def known_among(key: ColumnElement[int], keys: Collection[int] | None) -> ColumnElement[bool]:
    return true() if keys is None or len(keys) > _LOOKED_UP else among(key, keys)
