"""Countries, regions, sectors, tags and policy markers of a project as rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from app.db.projects import Classification
from app.projects import queries
from app.projects.checks import SHARED, sdg_list

#: tag vocabularies of the standard: 2 SDG goals, 3 SDG targets
SDG_VOCABULARIES = {"UNSDG-Goals": "2", "UNSDG-Targets": "3"}
#: field of the input → kind of classification
CLASSIFIED = {**SHARED, "sdg": "tag", "markers": "policy-marker"}


def sync(session: Session, project_id: int, values: Mapping[str, Any]) -> bool:
    """Makes the rows say what the values say, field by field; returns whether anything changed.

    A row that stays keeps what else a published file said of it.
    """
    named = [name for name in CLASSIFIED if name in values]
    if not named:
        return False
    kept = queries.classifications(session, project_id)
    changes = [_sync_kind(session, project_id, name, values[name] or (), kept) for name in named]
    return any(changes)


def _sync_kind(
    session: Session, project_id: int, name: str, items: Sequence[Any], kept: Sequence[Classification]
) -> bool:
    kind = CLASSIFIED[name]
    # other tags (corporate outcomes and the like) are not SDGs and stay as they are
    standing = [
        row for row in kept if row.kind == kind and (name != "sdg" or row.vocabulary in SDG_VOCABULARIES.values())
    ]
    by_code = {(row.vocabulary, row.code): row for row in standing}
    changed = False
    for ordinal, item in enumerate(items):
        wanted = _wanted(name, item)
        row = by_code.pop((wanted["vocabulary"], wanted["code"]), None)
        if row is None:
            session.add(Classification(project_id=project_id, kind=kind, ordinal=ordinal, **wanted))
            changed = True
            continue
        for column, value in {**wanted, "ordinal": ordinal}.items():
            if getattr(row, column) != value:
                setattr(row, column, value)
                changed = True
    for row in by_code.values():
        session.delete(row)
        changed = True
    return changed


def _wanted(name: str, item: Any) -> dict[str, Any]:
    if name == "sdg":
        return {"vocabulary": SDG_VOCABULARIES[sdg_list(item)], "code": item}
    if name == "markers":
        return {"vocabulary": item.vocabulary, "code": item.code, "significance": item.significance}
    return {"vocabulary": item.vocabulary, "code": item.code, "percentage": item.percentage}
