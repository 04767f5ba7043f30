"""Which allocations count, asked of the database: the rule is that of ``app.domain.allocations``."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, case, func, select

from app.db.base import table
from app.db.portions import of_portions
from app.db.spending import Allocation
from app.domain.terms import AllocationKind


def effective_allocations(
    as_of: dt.date,
    recorded_at: dt.datetime | None = None,
    *,
    lines: Sequence[ColumnElement[bool]] = (),
    by_portion: bool = False,
) -> Select[tuple[object, ...]]:
    """Rows of ``allocations`` that count on ``as_of``, as recorded at a moment (None: by now).

    ``lines``: conditions on what tells one line from another, such as the project or the period; others are not ranked.
    ``by_portion``: only those of some portions of the projects (:func:`app.db.portions.of_portions`).

    Rows belong together by project, period, source, outcome, country and line. Of each line the newest decision
    counts; of several on one day a revised one before an original one, then the one recorded last. Rows that another
    row, known by then, supersedes, and lines whose newest row is a withdrawal, do not count.
    """
    if by_portion:
        return _ranked(as_of, recorded_at, tuple(lines), by_portion=True)
    return _ranked(as_of, recorded_at, tuple(lines)) if lines else _of_all(as_of, recorded_at)


@lru_cache(maxsize=16)
def _of_all(as_of: dt.date, recorded_at: dt.datetime | None) -> Select[tuple[object, ...]]:
    """Of all lines: reports ask for the same day again and again."""
    return _ranked(as_of, recorded_at, ())


def _ranked(
    as_of: dt.date,
    recorded_at: dt.datetime | None,
    lines: Sequence[ColumnElement[bool]],
    *,
    by_portion: bool = False,
) -> Select[tuple[object, ...]]:
    rows, other = table(Allocation), table(Allocation).alias("later")
    # asked once, not row by row: hardly any row supersedes another, and statistics of such a column mislead SQLite
    superseded = select(other.c.supersedes_id).where(other.c.supersedes_id.is_not(None), other.c.decided_on <= as_of)
    if recorded_at is not None:
        superseded = superseded.where(other.c.recorded_at <= recorded_at)
    if by_portion:
        # a row supersedes one of its own project
        superseded = superseded.where(of_portions(other.c.project_id)).correlate(None)
        lines = (*lines, of_portions(rows.c.project_id))
    line = (
        rows.c.project_id, rows.c.period_start, rows.c.period_end, rows.c.agreement_id, rows.c.source, rows.c.outcome,
        rows.c.country, rows.c.line,
    )  # fmt: skip
    rank = func.row_number().over(
        partition_by=line,
        order_by=(
            rows.c.decided_on.desc(),
            case((rows.c.kind != AllocationKind.ORIGINAL, 0), else_=1),
            rows.c.id.desc(),
        ),
    )
    known = select(rows, rank.label("rank")).where(rows.c.decided_on <= as_of, rows.c.id.not_in(superseded), *lines)
    if recorded_at is not None:
        known = known.where(rows.c.recorded_at <= recorded_at)
    ranked = known.subquery("ranked")
    return select(*(ranked.c[column.name] for column in rows.c)).where(
        ranked.c.rank == 1, ranked.c.withdrawn.is_(False)
    )
