"""The due list as pages show it: made once for everybody, as long as nothing that it follows from has changed.

A page shows some of the rows and counts them all, and judging a hundred thousand obligations anew for each visitor
takes seconds. Of a large portfolio somebody always stores something: only those portions of its projects are judged
anew.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter

from sqlmodel import Session

from app.db.portions import Portions
from app.db.unchanged import IDENTIFIERS, known, known_by_portion
from app.evaluations.obligations.due import (
    OF_PROJECTS,
    DueRow,
    are_kept,
    due,
    due_of,
    institution_due,
    order,
)

#: rows with what they are put in order by
_Ordered = Sequence[tuple[tuple[object, ...], DueRow]]


def due_remembered(session: Session, as_of: dt.date, *, within: int, unit: str | None = None) -> Sequence[DueRow]:
    """As :func:`app.evaluations.obligations.due.due`, by day; the rows are shared and stay as they are."""
    name = f"due list of {unit!r} on {as_of} within {within}"
    if unit is not None:
        return known(session, name, lambda fresh: tuple(due(fresh, as_of, within=within, unit=unit)), rows=len)
    # the rows themselves are counted by portion
    return known(session, name, lambda fresh: _of_all(fresh, as_of, within))


def _of_all(session: Session, as_of: dt.date, within: int) -> tuple[DueRow, ...]:
    if not are_kept(session, as_of):
        return tuple(due(session, as_of, within=within))

    def read(fresh: Session, portions: Portions) -> Mapping[int, _Ordered]:
        found: dict[int, list[tuple[tuple[object, ...], DueRow]]] = defaultdict(list)
        for project_id, row in due_of(fresh, portions, as_of, within=within):
            found[portions.of(project_id)].append((order(row), row))
        return {number: _put_together([rows]) for number, rows in found.items()}

    name = f"due list by portion on {as_of} within {within}"
    rows = known_by_portion(session, name, read, _put_together, within=OF_PROJECTS, beyond={IDENTIFIERS}, rows=len)
    own = [(order(row), row) for row in institution_due(session, as_of, within=within)]
    return tuple([row for _, row in _put_together([rows, own])])


def _put_together(parts: Sequence[_Ordered]) -> _Ordered:
    return sorted(chain.from_iterable(parts), key=itemgetter(0))
