"""What tells projects apart by the sources of funds that spending without an agreement follows.

Such spending has the source of its project's allocations of the year, or else of the agreements that fund it. Projects
of which both say the same, word for word, are as good as one: a report names one of them and asks that one.
"""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ColumnElement, Date, FromClause, String, case, cast, func, literal, null, select
from sqlalchemy.sql.functions import aggregate_strings
from sqlmodel import Session

from app.db import dated
from app.db.allocations import effective_allocations
from app.reports.queries_projects import as_tied

#: of an amount like this each day's part is above zero, whatever the period and however it is rounded; what makes one
#: source of funds the only one of a year is that no other has such an amount, not how large it is
_SURELY_POSITIVE = Decimal(100_000)


def said_of_funds(
    session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None, currency: str, tied_on: dt.date | None
) -> tuple[FromClause, FromClause]:
    """What allocations, and what funding shares, say of each project: two tables (project_id, said), known on a day.

    The same text is said of the same funds. Of the same funds in another order the texts may differ, which tells apart
    more than need be and harms nothing. ``tied_on``: see :func:`~app.reports.queries_projects.as_tied`.
    """
    row = effective_allocations(as_of, recorded_at).subquery()
    terms = as_tied("allocated_from", tied_on, recorded_at)
    source = case((row.c.agreement_id.is_not(None), _kind(terms)), else_=_measured(row.c.source))
    day = case((row.c.currency == currency, cast(null(), Date)), else_=row.c.decided_on)
    size = case((row.c.amount >= _SURELY_POSITIVE, literal("+")), else_=cast(row.c.amount, String))
    allocated = _joined(source, row.c.period_start, row.c.period_end, row.c.currency, day, size)
    of_allocations = (
        select(row.c.project_id, aggregate_strings(allocated, ",").label("said"))
        .select_from(row.outerjoin(terms, terms.c.id == row.c.agreement_id))
        .where(row.c.period_end >= row.c.period_start)
        .group_by(row.c.project_id)
        .subquery("said_by_allocations")
    )
    share = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    funding = as_tied("funded_by", tied_on, recorded_at)
    of_shares = (
        select(share.c.project_id, aggregate_strings(_kind(funding), ",").label("said"))
        .select_from(share.join(funding, funding.c.id == share.c.agreement_id))
        .group_by(share.c.project_id)
        .subquery("said_by_shares")
    )
    return of_allocations, of_shares


def _kind(agreement: FromClause) -> ColumnElement[str]:
    """What tells what the agreement is to the organisation's budget."""
    return "agreement " + func.coalesce(agreement.c.corporate_wording, "") + " " + cast(agreement.c.category, String)


def _measured(text: ColumnElement[str]) -> ColumnElement[str]:
    """A text of any characters with its length, so that it cannot be taken for what stands behind it."""
    return cast(func.length(text), String) + ":" + text


def _joined(*parts: ColumnElement[str] | ColumnElement[dt.date]) -> ColumnElement[str]:
    joined: ColumnElement[str] = literal("")
    for part in parts:
        joined = joined + " " + func.coalesce(cast(part, String), "")
    return joined
