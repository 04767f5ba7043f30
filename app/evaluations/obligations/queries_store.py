"""Writes of recomputation: obligations changed, made and succeeded, and what was assessed. Bulk statements."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, text, update
from sqlmodel import Session

from app.db.base import table
from app.db.bulk import change_rows
from app.db.evaluations import Assessed, Obligation

_obligation = table(Obligation).c

#: the alert job looks at once
NOW = dt.date(1900, 1, 1)


def take_turns(session: Session) -> None:
    """Holds other recomputations back until this transaction ends (writers on SQLite take turns anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('earmark:obligations'))"))


def change_obligations(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Sets the given columns of obligations; each row names its key in ``row_id``. Rows of one call share columns."""
    change_rows(session, Obligation, rows)


def add_obligations(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Adds obligations; gives their keys in the same order."""
    if not rows:
        return []
    statement = insert(table(Obligation)).returning(_obligation.id, sort_by_parameter_order=True)
    return list(session.connection().execute(statement, [dict(row) for row in rows]).scalars())


def keep_assessed(session: Session, rows: Sequence[Mapping[str, Any]], known: Mapping[int, Any]) -> None:
    """Notes what was assessed; ``known``: what was noted before, by project."""
    new = [dict(row) for row in rows if row["project_id"] not in known]
    old = [
        {"row_id": known[row["project_id"]].id, **{name: value for name, value in row.items() if name != "project_id"}}
        for row in rows
        if row["project_id"] in known
    ]
    if new:
        session.connection().execute(insert(table(Assessed)), new)
    change_rows(session, Assessed, old)


def look_again(session: Session, project_ids: Iterable[int]) -> None:
    """Has the alert job look at the obligations of these projects at its next run; it passes over what has ended."""
    ids = sorted(set(project_ids))
    for start in range(0, len(ids), 500):
        session.execute(
            update(table(Obligation)).where(_obligation.project_id.in_(ids[start : start + 500])).values(look_on=NOW)
        )
