"""Countries, regions, sectors, tags and policy markers of a project as rows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlmodel import Session

from app.db.projects import Classification
from app.db.put import assign
from app.db.together import part_added, removed
from app.domain.codes import sdg_list
from app.inputs import Sent
from app.projects import queries
from app.projects.checks import SHARED
from app.projects.schemas import MarkerIn, ShareIn

#: tag vocabularies of the standard: 2 SDG goals, 3 SDG targets
SDG_VOCABULARIES = {"UNSDG-Goals": "2", "UNSDG-Targets": "3"}
#: field of the input → kind of classification
CLASSIFIED = {**SHARED, "sdg": "tag", "markers": "policy-marker"}


class _Said(NamedTuple):
    """The columns that an item of the input makes."""

    vocabulary: str | None
    code: str
    percentage: Decimal | None = None
    significance: str | None = None


def sync(session: Session, project_id: int, values: Sent, *, kept: Sequence[Classification] | None = None) -> bool:
    """Makes the rows say what the values say, field by field; returns whether anything changed.

    A row that stays keeps what else a published file said of it. ``kept``: the rows, where they are known.
    """
    named = [name for name in CLASSIFIED if name in values]
    if not named:
        return False
    if kept is None:
        kept = queries.classifications(session, project_id)
    changes = [_sync_kind(session, project_id, name, values[name] or (), kept) for name in named]
    return any(changes)


def _sync_kind(
    session: Session,
    project_id: int,
    name: str,
    items: Sequence[str | MarkerIn | ShareIn],
    kept: Sequence[Classification],
) -> bool:
    kind = CLASSIFIED[name]
    # other tags (corporate outcomes and the like) are not SDGs and stay as they are
    standing = [
        row for row in kept if row.kind == kind and (name != "sdg" or row.vocabulary in SDG_VOCABULARIES.values())
    ]
    by_code = {(row.vocabulary, row.code): row for row in standing}
    changed = False
    for ordinal, item in enumerate(items):
        wanted = _wanted(item)
        row = by_code.pop((wanted.vocabulary, wanted.code), None)
        if row is None:
            row = Classification(project_id=project_id, kind=kind, ordinal=ordinal, **wanted._asdict())
            part_added(session, row)
            changed = True
            continue
        changed = assign(row, {**wanted._asdict(), "ordinal": ordinal}) or changed
    for row in by_code.values():
        removed(session, row)
        changed = True
    return changed


def _wanted(item: str | MarkerIn | ShareIn) -> _Said:
    match item:
        case str():
            return _Said(SDG_VOCABULARIES[sdg_list(item)], item)
        case MarkerIn():
            return _Said(item.vocabulary, item.code, significance=item.significance)
    return _Said(item.vocabulary, item.code, percentage=item.percentage)
