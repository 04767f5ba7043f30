"""Reads of the results frameworks that the outcomes of projects are codes of."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.results import FrameworkItem

_item = table(FrameworkItem).c
_stands = _item.archived_at.is_(None)


def unknown_codes(session: Session, codes: Collection[str]) -> list[str]:
    """Those of the codes that no framework has, in their order; none as long as there is no framework at all."""
    known = set(session.scalars(select(_item.code).where(_item.code.in_(sorted(codes)), _stands)))
    strange = [code for code in codes if code not in known]
    if not strange or session.execute(select(_item.id).where(_stands).limit(1)).first() is None:
        return []
    return strange
