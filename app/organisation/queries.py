"""Reads of the set-up."""

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Setup
from app.db.partners import Organisation
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
