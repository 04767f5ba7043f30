"""What one partner promised and paid, for its briefing."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, case, func, select, type_coerce
from sqlmodel import Session

from app.db import dated
from app.db.agreements import gives
from app.db.base import table
from app.db.funding import Agreement
from app.db.ledger import is_internal
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.db.types import Money
from app.domain.ledger import TransactionType
from app.domain.partners import Parts, parts_of
from app.domain.terms import AgreementStatus
from app.reports.queries_contributions import is_known, newest_revisions


@dataclass(frozen=True, kw_only=True, slots=True)
class PartnerFacts:
    """The partner and what is noted of it."""

    id: int
    code: str
    name: str
    note: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementLine:
    """An agreement as known on a day."""

    id: int
    reference: str
    title: str
    status: AgreementStatus
    #: None: it was not signed by then
    signed_on: dt.date | None
    ends_on: dt.date | None
    currency: str
    amount: Decimal
    framework: str | None
    note: str | None
    #: what each of its partners gives of it
    parts: Parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What was received under an agreement on a day."""

    day: dt.date
    #: the partner that paid, where it is said
    payer: str | None
    #: day of its rate of exchange
    rate_day: dt.date
    currency: str
    amount: Decimal


def partner_of(session: Session, code: str) -> PartnerFacts | None:
    partner, organisation = table(Partner).c, table(Organisation).c
    row = session.execute(
        select(partner.id, partner.code, organisation.name, partner.note)
        .join_from(table(Partner), table(Organisation), organisation.id == partner.organisation_id)
        .where(partner.code == code)
    ).first()
    return None if row is None else PartnerFacts(id=row.id, code=row.code, name=row.name, note=row.note)


def agreements_of(
    session: Session, partner_id: int, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> list[AgreementLine]:
    """Agreements in use as known on a day, those with other partners too, the newest first."""
    row, partner, known = table(Agreement).c, table(Partner).c, newest_revisions(as_of, recorded_at)
    has_history = known.c.agreement_id.is_not(None)

    def of_day(name: str) -> ColumnElement[object]:
        return case((has_history, known.c[name]), else_=row[name]).label(name)

    status = case((has_history, known.c.status), else_=row.status)
    signed_on = case((status != AgreementStatus.PLEDGED, row.signed_on))
    found = session.execute(
        select(
            row.id, row.reference, row.title, status.label("status"), signed_on.label("signed_on"), of_day("ends_on"),
            row.currency, type_coerce(of_day("amount"), Money()).label("amount"), row.framework, row.note,
            row.further_partners, partner.code.label("first"),
        )
        .select_from(table(Agreement))
        .join(table(Partner), partner.id == row.partner_id)
        .outerjoin(known, known.c.agreement_id == row.id)
        .where(gives(partner_id), row.archived_at.is_(None), is_known(has_history, as_of, recorded_at))
        .order_by(signed_on.is_not(None), signed_on.desc(), row.reference)
    )  # fmt: skip
    return [
        AgreementLine(
            id=each.id,
            reference=each.reference,
            title=each.title,
            status=AgreementStatus(each.status),
            signed_on=each.signed_on,
            ends_on=each.ends_on,
            currency=each.currency,
            amount=each.amount,
            framework=each.framework,
            note=each.note,
            parts=parts_of(each.first, each.further_partners),
        )
        for each in found
    ]


def instalments_of(
    session: Session, partner_id: int | None, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> dict[int, list[tuple[dt.date, Decimal]]]:
    """Day and amount, by agreement, as known on a day; of one partner's agreements, or of all."""
    instalments = dated.known(session, dated.INSTALMENTS, as_of=as_of, recorded_at=recorded_at)
    row, agreement = instalments.c, table(Agreement).c
    found: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for each in session.execute(
        select(row.agreement_id, row.due_on, row.amount)
        .join_from(instalments, table(Agreement), agreement.id == row.agreement_id)
        .where(*(() if partner_id is None else (gives(partner_id),)))
        .order_by(row.agreement_id, row.due_on)
    ):
        found[each.agreement_id].append((each.due_on, each.amount))
    return found


def receipts_of(
    session: Session, partner_id: int, *, until: dt.date, recorded_at: dt.datetime | None
) -> dict[int, list[Receipt]]:
    """Sums of incoming funds by agreement, day, currency and payer; what a pool passed on was received before."""
    entry, project, agreement = table(LedgerEntry), table(Project), table(Agreement)
    paying = table(Partner).alias("paying").c
    payer = select(func.min(paying.code)).where(paying.organisation_id == entry.c.provider_id).scalar_subquery()
    rate_day = func.coalesce(entry.c.value_date, entry.c.date)
    keys = (entry.c.agreement_id, entry.c.date, rate_day, entry.c.currency, entry.c.provider_id)
    rows = (
        select(
            *keys[:2],
            rate_day.label("rate_day"),
            entry.c.currency,
            entry.c.provider_id,
            payer.label("payer"),
            func.sum(entry.c.amount).label("amount"),
        )
        .select_from(entry)
        .join(project, project.c.id == entry.c.project_id)
        .join(agreement, agreement.c.id == entry.c.agreement_id)
        .where(gives(partner_id), entry.c.type == TransactionType.INCOMING_FUNDS.value)
        .where(~is_internal(entry, project), entry.c.date <= until)
        .group_by(*keys)
        .order_by(*keys)
    )
    if recorded_at is not None:
        rows = rows.where(entry.c.recorded_at <= recorded_at)
    found: dict[int, list[Receipt]] = defaultdict(list)
    for row in session.execute(rows):
        receipt = Receipt(
            day=row.date, rate_day=row.rate_day, currency=row.currency, amount=row.amount, payer=row.payer
        )
        found[row.agreement_id].append(receipt)
    return found
