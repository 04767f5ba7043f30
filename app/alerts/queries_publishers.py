"""Statements about those who publish, and what they were told."""

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Officer
from app.db.people import User
from app.domain.access import RIGHTS, Right

_user, _officer = table(User).c, table(Officer).c


def publishers(session: Session) -> list[tuple[str, str]]:
    """(address, name) of everybody who may publish and has an address as an officer, each once."""
    roles = [role for role, rights in RIGHTS.items() if Right.PUBLISH in rights]
    rows = session.execute(
        select(_officer.email, _officer.name)
        .join(table(User), _user.officer_id == _officer.id)
        .where(_user.role.in_(roles), _user.archived_at.is_(None), _officer.archived_at.is_(None))
        .order_by(_officer.email)
        .distinct()
    )
    return [(row.email, row.name) for row in rows]
