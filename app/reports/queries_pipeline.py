"""What outcomes need, and what agreements promise the projects that work towards them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from sqlalchemy import case, func, select
from sqlmodel import Session

from app.db import dated
from app.db.base import ResultRow, table
from app.db.funding import Agreement
from app.domain.money import EXACT, exact_sum
from app.domain.promises import amounts_of
from app.domain.terms import AgreementStatus
from app.reports.queries_contributions import newest_revisions, was_signed
from app.reports.sums import BATCH


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What an outcome needs in a period, in a country where one is named."""

    outcome: str
    country: str
    period_start: dt.date
    period_end: dt.date
    amount: Decimal
    currency: str
    #: day of its rate of exchange
    value_date: dt.date


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A part of an agreement, as known on a day; without a project: what no share gives to any."""

    agreement_id: int
    project_id: int | None
    status: AgreementStatus
    starts_on: dt.date | None
    ends_on: dt.date | None
    #: the day of the signature, of a pledge that of its newest decision
    known_on: dt.date
    currency: str
    #: as the agreement states it
    amount: Decimal


def needs(
    session: Session, first: dt.date, last: dt.date, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> list[Need]:
    """Needs of periods with days from ``first`` to ``last``, as known on the day."""
    row = dated.known(session, dated.BUDGETS, as_of=as_of, recorded_at=recorded_at).c
    found = session.execute(
        select(row.line, row.country, row.period_start, row.period_end, row.amount, row.currency, row.value_date)
        .where(row.kind == "need", row.period_start <= last, row.period_end >= first)
        .order_by(row.line, row.country, row.period_start)
    )
    return [
        Need(
            outcome=each.line,
            country=each.country,
            period_start=each.period_start,
            period_end=each.period_end,
            amount=each.amount,
            currency=each.currency,
            value_date=each.value_date,
        )
        for each in found
    ]


def promises(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> Iterator[Promise]:
    """Shares of agreements that were pledged or signed by the day, and what these leave of each agreement."""
    agreement = table(Agreement).c
    shares = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    share = shares.c
    newest = newest_revisions(as_of, recorded_at)
    has_history, told = newest.c.agreement_id.is_not(None), newest.c.modality.is_not(None)
    status = case((has_history, newest.c.status), else_=agreement.status)
    starts_on = case((told, newest.c.starts_on), else_=agreement.starts_on)
    # a pledge that was signed later was not signed then
    signed_on = case((status != AgreementStatus.PLEDGED, agreement.signed_on))
    in_force = (AgreementStatus.PLEDGED, AgreementStatus.SIGNED, AgreementStatus.COMPLETED)
    rows = session.execute(
        select(
            agreement.id,
            share.project_id,
            status.label("status"),
            starts_on.label("starts_on"),
            case((has_history, newest.c.ends_on), else_=agreement.ends_on).label("ends_on"),
            share.starts_on.label("share_starts_on"),
            share.ends_on.label("share_ends_on"),
            func.coalesce(signed_on, newest.c.known_on).label("known_on"),
            agreement.currency,
            case((has_history, newest.c.amount), else_=agreement.amount).label("whole"),
            share.amount,
            share.percent,
        )
        .select_from(table(Agreement))
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .outerjoin(shares, share.agreement_id == agreement.id)
        .where(status.in_(in_force), was_signed(has_history, as_of, recorded_at))
        .order_by(agreement.id, share.id)
    )
    for _, alike in groupby(rows.yield_per(BATCH), key=attrgetter("id")):
        given = list(alike)
        first = given[0]
        of_shares = [row for row in given if row.project_id is not None]
        parts = amounts_of(first.whole, of_shares)
        for row, part in zip(of_shares, parts, strict=True):
            starts, ends = row.share_starts_on or row.starts_on, row.share_ends_on or row.ends_on
            yield _promise(row, row.project_id, part, starts, ends)
        left = EXACT.subtract(first.whole, exact_sum(parts))
        if left > 0:
            yield _promise(first, None, left, first.starts_on, first.ends_on)


def _promise(
    row: ResultRow, project_id: int | None, amount: Decimal, starts_on: dt.date | None, ends_on: dt.date | None
) -> Promise:
    return Promise(
        agreement_id=row.id,
        project_id=project_id,
        status=row.status,
        starts_on=starts_on,
        ends_on=ends_on,
        known_on=row.known_on,
        currency=row.currency,
        amount=amount,
    )
