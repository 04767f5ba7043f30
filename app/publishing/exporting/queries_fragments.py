"""Stored fragments."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from app.db.among import KEYS, among_given
from app.db.base import table
from app.db.bulk import put_rows
from app.db.projects import Project
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


class Known(NamedTuple):
    """An activity in brief, with what is known of it without another look."""

    project_id: int
    code: str
    identifier: str
    reporting_org_id: int
    #: of its stored fragment; None: there is none, it does not hold, or something might keep the activity out
    hash: str | None
    told: str | None
    judged: str | None
    scored: str | None
    judged_until: dt.date | None


#: what is asked of a project, in the order of the fields of :class:`Known`, and what nothing must be written in
_ASKED = ("id", "code", "iati_identifier", "reporting_org_id")
_WITHHOLDING = ("withheld_reason", "embargo_until", "findings")


def known_batches(
    session: Session, *, as_of: dt.date, mapping: str, judged_by: str, together: int
) -> Iterator[list[Known]]:
    """All activities in the order of their identifiers, so many ``together``.

    A fragment is given where it and what is said of it hold on the day, as rendered with ``mapping`` and ``judged_by``
    these rules, and nothing at all is written that withholds its project: no reason, no embargo, no draft's faults.
    """
    projects, parent, fragment = table(Project), aliased(table(Project)), table(Fragment)
    stored = fragment.c
    # limited before anything is joined, so that no database joins all of them for each batch
    some = (
        select(*(projects.c[name] for name in (*_ASKED, *_WITHHOLDING, "parent_id", "content_version")))
        .where(projects.c.archived_at.is_(None), projects.c.iati_identifier > bindparam("after"))
        .order_by(projects.c.iati_identifier)
        .limit(together)
        .subquery()
    )
    project = some.c
    rendered_with = case((parent.c.id.is_(None), mapping), else_=literal(f"{mapping}:") + parent.c.iati_identifier)
    holds = and_(
        stored.project_id == project.id,
        stored.content_version == project.content_version,
        stored.mapping_version == rendered_with,
        stored.valid_from <= as_of,
        stored.valid_until >= as_of,
        stored.judged_by == judged_by,
        stored.scored_on.is_(None),
        stored.judged_from <= as_of,
        or_(stored.judged_until.is_(None), stored.judged_until >= as_of),
        *(project[name].is_(None) for name in _WITHHOLDING),
    )
    statement = (
        select(*(project[name] for name in _ASKED), *(stored[name] for name in Known._fields[len(_ASKED) :]))
        .select_from(some)
        .outerjoin(parent, and_(parent.c.id == project.parent_id, parent.c.archived_at.is_(None)))
        .outerjoin(fragment, holds)
        .order_by(project.iati_identifier)
    )
    after = ""
    while batch := [Known._make(row) for row in session.execute(statement, {"after": after}).all()]:
        yield batch
        after = batch[-1].identifier


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
