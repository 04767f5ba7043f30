"""The due list as pages show it: made once for everybody, as long as nothing that it follows from has changed.

A page shows some of the rows and counts them all, and judging a hundred thousand obligations anew for each visitor
takes seconds. What tells that nothing has changed is what :mod:`app.evaluations.obligations.recompute` trusts: the
watermark of all facts, and the newest recomputation.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from app.domain.evaluation.obligations import bases_used
from app.domain.evaluation.terms import Basis
from app.evaluations.obligations import queries_stamps
from app.evaluations.obligations.due import DueRow, due
from app.evaluations.policies.rulebook import in_use

#: lists that are kept of one database: those of a few spans of days
_KEPT = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What was asked for, and how the facts stood."""

    facts: str
    as_of: dt.date
    within: int
    unit: str | None


@dataclass(slots=True)
class _Lists:
    """The lists of one database, the one that was asked for last at the end."""

    found: OrderedDict[_Asked, Sequence[DueRow]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


_lists: WeakKeyDictionary[Engine, _Lists] = WeakKeyDictionary()


def due_remembered(session: Session, as_of: dt.date, *, within: int, unit: str | None = None) -> Sequence[DueRow]:
    """As :func:`app.evaluations.obligations.due.due`, by day; the rows are shared and stay as they are."""
    facts = _facts(session)
    if facts is None:
        return due(session, as_of, within=within, unit=unit)
    asked = _Asked(facts=facts, as_of=as_of, within=within, unit=unit)
    bound = session.get_bind()
    lists = _lists.setdefault(bound.engine if isinstance(bound, Connection) else bound, _Lists())
    with lists.lock:
        if asked in lists.found:
            lists.found.move_to_end(asked)
            return lists.found[asked]
    rows = tuple(due(session, as_of, within=within, unit=unit))
    with lists.lock:
        # what followed from older facts is asked for no more
        for other in [each for each in lists.found if each.facts != facts]:
            del lists.found[other]
        lists.found[asked] = rows
        while len(lists.found) > _KEPT:
            lists.found.popitem(last=False)
    return rows


def _facts(session: Session) -> str | None:
    """Tells how everything stands that the list follows from; None while a recomputation is under way."""
    last = queries_stamps.last_assessment(session)
    if last is None or queries_stamps.unfinished_assessment(session) is not None:
        return None
    used = in_use(session)
    mark = queries_stamps.watermark(session, spending=Basis.ACTUAL in bases_used(used.rulebook))
    newest = f"{last.id} {last.recorded_at.isoformat()} {last.watermark}"
    return f"{mark}, {queries_stamps.named(session)}, {used.digest}, {newest}"
