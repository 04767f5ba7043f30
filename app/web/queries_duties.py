"""Reads that pages on delivery, partners and evaluations need beside those of the API: names and keys for links."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.partners import Partner
from app.db.projects import Project
from app.language.i18n import in_language

_project = table(Project).c


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectName:
    """How a project is shown and linked where only its code is known."""

    id: int
    title: str
    unit_id: int | None


def project_names(session: Session, language: str, codes: Collection[str]) -> Mapping[str, ProjectName]:
    """Key and title by code, of the projects named; the title in the language where the project has one."""
    if not codes:
        return {}
    found = select(_project.code, _project.id, _project.title, _project.title_translations, _project.unit_id)
    return {
        row[0]: ProjectName(id=row[1], title=in_language(row[2], row[3], language), unit_id=row[4])
        for row in session.execute(found.where(_project.code.in_(sorted(codes))))
    }


def partner_key(session: Session, code: str) -> int | None:
    """The key of the partner with this code."""
    partner = table(Partner).c
    return session.scalars(select(partner.id).where(partner.code == code)).one_or_none()
