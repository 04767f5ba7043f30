"""Decisions to withhold parts of activities from publication."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.publishing import Redaction

_redaction = table(Redaction).c


class Withheld(NamedTuple):
    """What stands of the decisions about a part of an activity."""

    reason: str
    #: None: until somebody releases it
    until: dt.date | None


#: by kind and key of the part
Redacted = dict[tuple[str, int], Withheld]


def standing(session: Session, keys: Sequence[int]) -> dict[int, Redacted]:
    """What is withheld of projects by decision, by project; the newest decision about each part counts."""
    newest = (
        select(func.max(_redaction.id))
        .where(_redaction.project_id.in_(keys))
        .group_by(_redaction.subject_kind, _redaction.subject_id)
    )
    rows = session.execute(
        select(
            _redaction.project_id, _redaction.subject_kind, _redaction.subject_id, _redaction.reason, _redaction.until
        ).where(_redaction.id.in_(newest), _redaction.withheld.is_(True))
    )
    found: dict[int, Redacted] = defaultdict(dict)
    for project_id, kind, subject, reason, until in rows:
        found[project_id][kind, subject] = Withheld(reason, until)
    return dict(found)
