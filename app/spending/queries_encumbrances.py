"""Reads of what an encumbrance bound over time."""

from typing import Final

from sqlalchemy import ColumnElement, func, select

from app.db.base import table
from app.db.encumbrances import EncumbranceRevision
from app.db.projects import Project
from app.db.revisions import UNDATED
from app.http.lists import Listing, sort

_revision, _project = table(EncumbranceRevision).c, table(Project).c

REVISIONS: Final = Listing(
    name="revisions of encumbrances",
    statement=select(
        _revision.id,
        _revision.sequence,
        func.nullif(_revision.known_on, UNDATED, type_=_revision.known_on.type).label("changed_on"),
        _project.code.label("project"),
        _revision.date,
        _revision.amount,
        _revision.currency,
        _revision.kind,
        _revision.released_on,
        _revision.recorded_at,
        _revision.recorded_by,
    ).join_from(table(EncumbranceRevision), table(Project), _project.id == _revision.project_id),
    key=_revision.id,
    sorts={"sequence": sort(_revision.sequence), "id": sort(_revision.id)},
    filters={},
    usual_sort="sequence",
)


def revisions_of(encumbrance_id: int) -> ColumnElement[bool]:
    """Narrows the revisions to those of an encumbrance."""
    return _revision.encumbrance_id == encumbrance_id
