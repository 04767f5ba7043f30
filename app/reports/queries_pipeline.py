"""What outcomes need, and what agreements promise the projects that work towards them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, or_, select
from sqlmodel import Session

from app.db import dated
from app.db.base import table
from app.db.funding import Agreement
from app.domain.terms import AgreementStatus
from app.reports.queries_contributions import newest_revisions
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
    """A part of an agreement, as known on a day; without a project: what no share gives to one."""

    agreement_id: int
    project_id: int | None
    status: AgreementStatus
    earmarked_for: str | None
    earmarked_for_refs: tuple[str, ...]
    starts_on: dt.date | None
    ends_on: dt.date | None
    #: the day of the signature, of a pledge that of its newest decision
    known_on: dt.date
    currency: str
    #: of the whole agreement, as stated
    whole: Decimal
    #: of the share; None where it is a percentage or all of the agreement
    amount: Decimal | None
    percent: Decimal | None


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
    """Shares of agreements that were pledged or signed by the day, and agreements without any share."""
    agreement = table(Agreement).c
    shares = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    share = shares.c
    newest = newest_revisions(as_of, recorded_at)
    has_history, told = newest.c.agreement_id.is_not(None), newest.c.modality.is_not(None)
    status = case((has_history, newest.c.status), else_=agreement.status)
    in_force = (AgreementStatus.PLEDGED, AgreementStatus.SIGNED, AgreementStatus.COMPLETED)
    rows = session.execute(
        select(
            agreement.id,
            share.project_id,
            status.label("status"),
            case((told, newest.c.earmarked_for), else_=agreement.earmarked_for).label("earmarked_for"),
            case((told, newest.c.earmarked_for_refs), else_=agreement.earmarked_for_refs).label("earmarked_for_refs"),
            func.coalesce(share.starts_on, agreement.starts_on).label("starts_on"),
            func.coalesce(share.ends_on, newest.c.ends_on, agreement.ends_on).label("ends_on"),
            func.coalesce(agreement.signed_on, newest.c.known_on).label("known_on"),
            agreement.currency,
            case((has_history, newest.c.amount), else_=agreement.amount).label("whole"),
            share.amount,
            share.percent,
        )
        .select_from(table(Agreement))
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .outerjoin(shares, share.agreement_id == agreement.id)
        .where(status.in_(in_force), or_(has_history, agreement.signed_on <= as_of))
        .order_by(agreement.id, share.id)
    )
    for row in rows.yield_per(BATCH):
        yield Promise(
            agreement_id=row.id,
            project_id=row.project_id,
            status=row.status,
            earmarked_for=row.earmarked_for,
            earmarked_for_refs=tuple(row.earmarked_for_refs),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            known_on=row.known_on,
            currency=row.currency,
            whole=row.whole,
            amount=row.amount,
            percent=row.percent,
        )
