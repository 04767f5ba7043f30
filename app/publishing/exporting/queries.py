"""What publications read, a batch of activities at a time: a constant number of statements for each batch."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import and_, case, func, literal, null, or_, select, update
from sqlmodel import Session

from app.db.among import KEYS, among_given, chunks
from app.db.base import table
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.shapes import shaped
from app.db.spending import LedgerEntry
from app.db.types import UTCDateTime
from app.domain.disclosure import unscreened
from app.domain.ledger import TransactionType
from app.domain.periods import end_of
from app.domain.terms import Origin, PartnerCategory
from app.publishing.exporting import queries_rows
from app.publishing.exporting.givers import further_of
from app.publishing.exporting.rows import AgreementRow, AnyRow, BriefRow, SetupRow

#: activities that are read together; more of those of which nothing but what is stored is asked, and yet more where
#: of most of these the XML is not
BATCH, BRIEF_BATCH, SPARED_BATCH = 500, 2000, 10_000

_BRIEF = tuple(BriefRow.__annotations__)


def project_batches(
    session: Session,
    *,
    codes: Collection[str] | None = None,
    reporting_org_id: int | None = None,
) -> Iterator[list[BriefRow]]:
    """The projects that may be published, in the order of their identifiers, a batch of them together, in brief.

    ``codes``: only those with one of these codes or IATI identifiers.
    """
    project = table(Project)
    statement = select(*(project.c[name] for name in _BRIEF)).where(project.c.archived_at.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.c.code.in_(codes), project.c.iati_identifier.in_(codes)))
    if reporting_org_id is not None:
        statement = statement.where(project.c.reporting_org_id == reporting_org_id)
    statement = statement.order_by(project.c.iati_identifier).limit(BRIEF_BATCH)
    after = ""
    while rows := session.execute(statement.where(project.c.iati_identifier > after)).all():
        yield [_row(BriefRow, row) for row in rows]
        after = rows[-1].iati_identifier


def brief_rows(session: Session, keys: Sequence[int]) -> dict[int, BriefRow]:
    """Projects in brief, by key."""
    project = table(Project).c
    statement = select(*(project[name] for name in _BRIEF)).where(among_given(project.id))
    return {row.id: _row(BriefRow, row) for row in session.execute(statement, {KEYS: keys})}


def _row(kind: type[AnyRow], values: Iterable[object]) -> AnyRow:
    return cast("AnyRow", dict(zip(kind.__annotations__, values, strict=True)))


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation that publications name."""

    id: int
    identifier: str | None
    name: str
    name_translations: list[list[str]]
    type: str | None
    former_identifiers: list[str]


def organisations(session: Session, keys: Collection[int]) -> dict[int, OrganisationRow]:
    organisation = table(Organisation).c
    statement = select(
        organisation.id, organisation.identifier, organisation.name, organisation.name_translations,
        organisation.type, organisation.former_identifiers,
    )  # fmt: skip
    return {
        row.id: row
        for some in chunks(keys)
        for row in shaped(OrganisationRow, session.execute(statement.where(organisation.id.in_(some))))
    }


def barred(session: Session, keys: Collection[int]) -> dict[int, str]:
    """Of organisations those that are partners whose screening bars publication, with why.

    An archived partner bars too, unless the organisation is a partner in use as well.
    """
    partner = table(Partner).c
    found: dict[int, tuple[bool, str | None]] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(partner.organisation_id, partner.archived_at.is_(None), partner.screening)
            .where(partner.organisation_id.in_(some))
            .order_by(partner.id)
        )
        for key, in_use, screening in rows:
            known, reason = found.get(key), unscreened(screening)
            if known is None or (in_use and not known[0]) or (in_use == known[0] and reason):
                found[key] = (bool(in_use), reason)
    return {key: reason for key, (_in_use, reason) in found.items() if reason}


def partner_categories(session: Session, keys: Collection[int]) -> dict[int, PartnerCategory]:
    """The category of the partners among organisations, by the organisation's key."""
    partner = table(Partner).c
    statement = select(partner.organisation_id, partner.category)
    return {
        row.organisation_id: row.category
        for some in chunks(keys)
        for row in session.execute(statement.where(partner.organisation_id.in_(some)).order_by(partner.id.desc()))
    }


def agreements(session: Session, keys: Sequence[int]) -> dict[int, list[AgreementRow]]:
    """The agreements that fund projects, by project, in the order of their references; of several partners each.

    The first partner of an agreement comes first.
    """
    found = queries_rows.AGREEMENTS.below(session, keys)
    several = [row for rows in found.values() for row in rows if row["further_partners"]]
    codes = {code for row in several for code, _ in further_of(row)}
    if codes:
        partner = table(Partner)
        joining = {
            row.code: row
            for row in session.execute(
                select(partner.c.code, partner.c.organisation_id, partner.c.category).where(partner.c.code.in_(codes))
            )
        }
        for rows in found.values():
            for row in list(rows):
                for code, _ in further_of(row):
                    other = joining[code]
                    further = row.copy()
                    further["giver"], further["provider_activity"] = code, None
                    further["organisation_id"], further["partner_category"] = other.organisation_id, other.category
                    rows.append(further)
    return found


def end_drafts(session: Session, keys: Collection[int]) -> None:
    """The projects are drafts no longer."""
    project = table(Project)
    for some in chunks(keys):
        session.execute(update(project).where(project.c.id.in_(some)).values(findings=null()))


def identifiers(session: Session, keys: Collection[int]) -> dict[int, str]:
    """IATI identifiers of projects by key; archived ones are left out, because they are not published."""
    project = table(Project).c
    statement = select(project.id, project.iati_identifier).where(project.id.in_(keys), project.archived_at.is_(None))
    return {row[0]: row[1] for row in session.execute(statement)}


def setup(session: Session) -> SetupRow | None:
    """The organisation's own set-up, None before ``earmark init``."""
    kept = table(Setup).c
    row = session.execute(select(*(kept[name] for name in SetupRow.__annotations__))).one_or_none()
    return None if row is None else _row(SetupRow, row)


def newest_change(
    session: Session, *, as_of: dt.date, codes: Collection[str] | None = None, drafts: bool = False
) -> dt.datetime | None:
    """The newest ``last-updated-datetime`` among the activities that may be published on a day; with drafts or not."""
    project = table(Project).c
    later = and_(project.origin == Origin.OWN, project.content_changed_at > end_of(as_of))
    changed_at = case((later, literal(end_of(as_of), UTCDateTime)), else_=project.content_changed_at)
    statement = select(func.max(changed_at)).where(
        project.archived_at.is_(None),
        project.withheld_reason.is_(None),
        or_(project.embargo_until.is_(None), project.embargo_until <= as_of),
    )
    if not drafts:
        statement = statement.where(project.findings.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.code.in_(codes), project.iati_identifier.in_(codes)))
    found: dt.datetime | None = session.scalar(statement)
    return found


def project_key(session: Session, code: str) -> int | None:
    """The project with a code, else the one with an IATI identifier."""
    project = table(Project).c
    statement = select(project.id).where(or_(project.code == code, project.iati_identifier == code))
    found: int | None = session.scalar(statement.order_by(project.code != code).limit(1))
    return found


def count_projects(session: Session, *, codes: Collection[str] | None = None) -> int:
    """How many projects may be published."""
    project = table(Project).c
    statement = select(func.count()).where(project.archived_at.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.code.in_(codes), project.iati_identifier.in_(codes)))
    return session.scalar(statement) or 0


def has_expenditure(session: Session, *, codes: Collection[str] | None = None) -> bool:
    """Whether any project that may be published has expenditure that was posted here."""
    project, entry = table(Project), table(LedgerEntry)
    statement = (
        select(entry.c.id)
        .join(project, project.c.id == entry.c.project_id)
        .where(
            entry.c.type == TransactionType.EXPENDITURE.value,
            entry.c.ordinal.is_(None),
            entry.c.withheld_reason.is_(None),
            project.c.archived_at.is_(None),
        )
    )
    if codes is not None:
        statement = statement.where(or_(project.c.code.in_(codes), project.c.iati_identifier.in_(codes)))
    return session.execute(statement.limit(1)).first() is not None


def unknown_codes(session: Session, codes: Collection[str]) -> list[str]:
    """Those of the codes that name no project."""
    project = table(Project).c
    found: set[str] = set()
    for row in session.execute(
        select(project.code, project.iati_identifier).where(
            or_(project.code.in_(codes), project.iati_identifier.in_(codes))
        )
    ):
        found.update(row)
    return sorted(set(codes) - found)
