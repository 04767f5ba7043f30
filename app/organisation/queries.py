"""Reads of the set-up."""

from collections.abc import Collection, Iterator

from sqlalchemy import func, or_, select
from sqlmodel import Session, SQLModel

from app.db.among import chunks
from app.db.base import table
from app.db.identifiers import is_frozen
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.projects import Participant, Project
from app.db.publishing import OrganisationFile, PublishedActivity, PublishedOrganisation
from app.db.spending import LedgerEntry
from app.domain.terms import Origin
from app.errors import NotSetUp


def find_setup(session: Session) -> Setup | None:
    """The set-up; None before ``earmark init``."""
    return session.get(Setup, 1)


def get_setup(session: Session) -> Setup:
    """The set-up; ``NotSetUp`` before ``earmark init``."""
    if (found := find_setup(session)) is None:
        raise NotSetUp("Tell Earmark who the organisation is first: run `earmark init`.")
    return found


def find_organisation(session: Session, identifier: str) -> Organisation | None:
    return session.scalars(select(Organisation).where(table(Organisation).c.identifier == identifier)).first()


def published_activities(session: Session, organisation_id: int) -> int:
    """How many activities that the organisation reports the world has seen."""
    project = table(Project).c
    return session.scalar(select(func.count()).where(project.reporting_org_id == organisation_id, is_frozen())) or 0


def has_published_file(session: Session, organisation_id: int) -> bool:
    """Whether an organisation file of it was published from here, or one that was published was taken over."""
    kept, organisation = table(OrganisationFile).c, table(Organisation).c
    found = select(kept.id).where(kept.organisation_id == organisation_id, kept.archived_at.is_(None))
    seen = select(table(PublishedOrganisation).c.id).where(
        table(PublishedOrganisation).c.identifier.in_(
            select(organisation.identifier).where(organisation.id == organisation_id)
        )
    )
    return session.scalars(found).first() is not None or session.scalars(seen).first() is not None


def unseen_projects(session: Session, organisation_id: int, beginning: str) -> list[Project]:
    """Own projects of the organisation that nobody has seen and whose identifiers begin so."""
    project = table(Project).c
    rows = session.scalars(
        select(Project)
        .where(project.reporting_org_id == organisation_id, project.origin == Origin.OWN, ~is_frozen())
        .where(project.iati_identifier.startswith(beginning, autoescape=True), project.archived_at.is_(None))
        .order_by(project.iati_identifier)
    )
    return list(rows)


def identifiers_taken(session: Session, identifiers: Collection[str]) -> dict[str, str]:
    """Those of the identifiers that an activity has or once had, with the code of its project."""
    project, seen = table(Project).c, table(PublishedActivity)
    found: dict[str, str] = {}
    for some in chunks(identifiers):
        having = select(project.iati_identifier, project.code).where(project.iati_identifier.in_(some))
        had = (
            select(seen.c.identifier, project.code)
            .join(table(Project), project.id == seen.c.project_id)
            .where(seen.c.identifier.in_(some))
        )
        for statement in (having, had):
            found.update({row[0]: row[1] for row in session.execute(statement)})
    return found


def rows_naming(session: Session, organisation_id: int) -> Iterator[SQLModel]:
    """Records that name an organisation: projects that it reports, its part in them, postings, partners."""
    project, participant, partner = table(Project).c, table(Participant).c, table(Partner).c
    entry = table(LedgerEntry).c
    yield from session.scalars(select(Project).where(project.reporting_org_id == organisation_id))
    yield from session.scalars(select(Participant).where(participant.organisation_id == organisation_id))
    yield from session.scalars(select(Partner).where(partner.organisation_id == organisation_id))
    naming = or_(entry.provider_id == organisation_id, entry.receiver_id == organisation_id)
    yield from session.scalars(select(LedgerEntry).where(naming))
