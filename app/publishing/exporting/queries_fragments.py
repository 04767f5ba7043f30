"""Stored fragments."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from app.db.among import KEYS, among_given
from app.db.base import table
from app.db.bulk import put_rows
from app.db.publishing import Fragment


class Kept(NamedTuple):
    """A stored fragment."""

    project_id: int
    content_version: int
    mapping_version: str
    hash: str
    told: str | None
    valid_from: dt.date
    valid_until: dt.date
    judged: str | None
    scored: str | None
    judged_by: str | None
    judged_from: dt.date | None
    judged_until: dt.date | None
    scored_on: dt.date | None
    #: None: its reader needs none of it
    xml: str | None = None


def fragments(session: Session, keys: Sequence[int], as_of: dt.date, *, brief: bool = False) -> dict[int, Kept]:
    """Fragments that hold on a day, by project. ``brief``: without their XML."""
    stored = table(Fragment).c
    names = Kept._fields[:-1] if brief else Kept._fields
    statement = select(*(stored[name] for name in names)).where(
        among_given(stored.project_id), stored.valid_from <= as_of, stored.valid_until >= as_of
    )
    return {row[0]: Kept(*row) for row in session.execute(statement, {KEYS: keys}).all()}


def texts(session: Session, keys: Sequence[int]) -> dict[int, str]:
    """The XML of stored fragments, by project."""
    stored = table(Fragment).c
    statement = select(stored.project_id, stored.xml).where(among_given(stored.project_id))
    return {row[0]: row[1] for row in session.execute(statement, {KEYS: keys})}


def keep(session: Session, rows: list[dict[str, object]]) -> None:
    """Stores fragments in the place of older ones of the same projects."""
    put_rows(session, Fragment, "project_id", rows)
