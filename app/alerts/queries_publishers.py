"""Statements about people by their rights: those who publish, and who is told what would else be told nobody."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Officer, Unit
from app.db.people import User
from app.domain.access import RIGHTS, Right

_user, _officer, _unit = table(User).c, table(Officer).c, table(Unit).c


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Caretaker:
    """Who is told what would else be told nobody."""

    address: str
    name: str
    thread: str


def caretaker(session: Session) -> Caretaker | None:
    """The first administrator who is an officer, else the head of the first unit that has one; None: nobody is."""
    administrators = [role for role, rights in RIGHTS.items() if Right.ADMINISTER in rights]
    row = session.execute(
        select(_officer.id, _officer.email, _officer.name)
        .join(table(User), _user.officer_id == _officer.id)
        .where(_user.role.in_(administrators), _user.archived_at.is_(None), _officer.archived_at.is_(None))
        .order_by(_user.id)
        .limit(1)
    ).first()
    if row is not None:
        return Caretaker(address=row.email, name=row.name, thread=f"officer-{row.id}")
    row = session.execute(
        select(_unit.id, _unit.head, _unit.head_email)
        .where(_unit.head_email.is_not(None), _unit.head_email != "", _unit.archived_at.is_(None))
        .order_by(_unit.code)
        .limit(1)
    ).first()
    if row is None:
        return None
    return Caretaker(address=row.head_email, name=row.head or row.head_email, thread=f"unit-{row.id}")
