"""What was given, by agreement: amounts signed, received and spent, and the terms of the agreements.

Sums come by agreement and by interval of time, so that memory follows the number of agreements, not the ledger.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlmodel import Session

from app.db import dated
from app.db.agreements import is_joint, newest_first
from app.db.base import table
from app.db.funding import Agreement, AgreementRevision, EarmarkingPreset
from app.db.ledger import is_expenditure, is_internal
from app.db.partners import Partner
from app.db.projects import Project
from app.db.renamed_codes import PRESET, renamings
from app.db.spending import LedgerEntry
from app.db.types import Money
from app.domain.earmarking import Instrument
from app.domain.ledger import TransactionType
from app.domain.money import EXACT
from app.domain.partners import Parts, parts_of
from app.domain.terms import AgreementStatus, PartnerCategory
from app.reports.sums import BATCH, interval, ordered, rate_day


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementFacts:
    """What rows are grouped by that an agreement and its partner say."""

    id: int
    reference: str
    partner: str
    partner_category: PartnerCategory
    subcategory: str | None
    preset: str | None
    modality: str
    category: int
    wording: str | None
    earmarked_for: str | None
    earmarked_for_refs: Sequence[str]
    mobilised_locally: bool
    #: what each of its partners gives of it
    parts: Parts
    gross: bool
    #: percent of direct cost; None: the standard rate
    support_cost_rate: Decimal | None
    starts_on: dt.date | None
    #: as known on the day
    ends_on: dt.date | None
    has_schedule: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenSum:
    """Amounts of one agreement and interval of time, as they were stated."""

    #: None: the rows name none
    agreement_id: int | None
    interval: int
    currency: str
    #: day of the rate of exchange; None where none is needed
    rate_day: dt.date | None
    amount: Decimal
    #: of approvals: how the amount was stated when it was decided; None: as the agreement states it
    stated: "Stated | None" = None
    #: of receipts under an agreement of several partners: the organisation that paid, where it is said
    payer: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """How an amount is stated with regard to support cost."""

    gross: bool
    #: percent of direct cost; None: the standard rate
    support_cost_rate: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Which amounts are asked for, and how they are told apart."""

    #: first days of intervals, in order
    starts: Sequence[dt.date]
    since: dt.date
    until: dt.date
    #: amounts in this currency need no rate
    currency: str
    as_of: dt.date
    recorded_at: dt.datetime | None = None
    #: whether some agreements have several partners
    several: bool = False


def agreements(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> dict[int, AgreementFacts]:
    """Agreements by key, archived ones too, with the terms that were known on the day."""
    agreement, partner = table(Agreement).c, table(Partner).c
    instalment = dated.known(session, dated.INSTALMENTS, as_of=as_of, recorded_at=recorded_at).c
    newest = newest_revisions(as_of, recorded_at)
    scheduled = exists(select(instalment.id).where(instalment.agreement_id == agreement.id))
    known, told = newest.c.agreement_id.is_not(None), newest.c.modality.is_not(None)
    renamed = renamings(session)

    def of_day(name: str) -> ColumnElement[object]:
        """A term as the decision of the day told it; one that told figures alone, as the agreement has it now."""
        return case((told, newest.c[name]), else_=agreement[name]).label(name)

    rows = session.execute(
        select(
            agreement.id,
            agreement.reference,
            partner.code,
            partner.category,
            partner.subcategory,
            *(of_day(name) for name in ("preset", "modality", "corporate_wording", "gross")),
            *(of_day(name) for name in ("earmarked_for", "earmarked_for_refs")),
            case((told, newest.c.category), else_=agreement.category).label("earmarking"),
            agreement.mobilised_locally,
            agreement.further_partners,
            type_coerce(of_day("support_cost_rate"), Money()).label("support_cost_rate"),
            of_day("starts_on"),
            case((known, newest.c.ends_on), else_=agreement.ends_on).label("ends_on"),
            scheduled.label("scheduled"),
            case((told, newest.c.recorded_at)).label("written_at"),
        )
        .select_from(table(Agreement))
        .join(table(Partner), partner.id == agreement.partner_id)
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .order_by(agreement.id)
    )
    return {
        row.id: AgreementFacts(
            id=row.id,
            reference=row.reference,
            partner=row.code,
            partner_category=row.category,
            subcategory=row.subcategory,
            preset=renamed.code(PRESET, row.preset, row.written_at),
            modality=row.modality,
            category=row.earmarking,
            wording=row.corporate_wording,
            earmarked_for=row.earmarked_for,
            earmarked_for_refs=renamed.now(row.earmarked_for_refs, row.written_at),
            mobilised_locally=row.mobilised_locally,
            parts=parts_of(row.code, row.further_partners),
            gross=bool(row.gross),
            support_cost_rate=row.support_cost_rate,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            has_schedule=bool(row.scheduled),
        )
        for row in rows.yield_per(BATCH)
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class PartnerFacts:
    """What rows are grouped by that a partner says."""

    code: str
    organisation_id: int
    category: PartnerCategory
    subcategory: str | None


def partners(session: Session) -> list[PartnerFacts]:
    """Every partner."""
    partner = table(Partner).c
    rows = session.execute(select(partner.code, partner.organisation_id, partner.category, partner.subcategory))
    return [
        PartnerFacts(
            code=row.code,
            organisation_id=row.organisation_id,
            category=row.category,
            subcategory=row.subcategory,
        )
        for row in rows
    ]


def pooled_presets(session: Session) -> frozenset[str]:
    """Names of the organisation's presets for money from UN pooled funds and joint programmes."""
    preset = table(EarmarkingPreset).c
    return frozenset(session.scalars(select(preset.code).where(preset.instrument == Instrument.POOLED.value)))


def approved_sums(session: Session, asked: Asked) -> list[GivenSum]:
    """Amounts signed, on the day of the signature, and what amendments changed of them, on their own days.

    A cancellation takes nothing back by itself. An agreement without revisions, as published files bring them, counts
    with the amount it has.
    """
    agreement = table(Agreement).c
    revision = _signed_amounts(asked.recorded_at)
    day = case((revision.c.place == 1, agreement.signed_on), else_=revision.c.known_on)
    nothing = type_coerce(null(), Money())

    def part(more: ColumnElement[Decimal], less: ColumnElement[Decimal], prefix: str) -> Select[tuple[object, ...]]:
        """What decisions set, or what they replaced, each by the terms of its own day."""
        return (
            select(
                agreement.id.label("agreement_id"),
                day.label("day"),
                agreement.currency,
                more.label("more"),
                less.label("less"),
                revision.c[f"{prefix}gross"].label("gross"),
                revision.c[f"{prefix}rate"].label("rate"),
            )
            .select_from(table(Agreement))
            .join(revision, revision.c.agreement_id == agreement.id)
            .where(agreement.signed_on.is_not(None))
        )

    set_ = part(revision.c.amount, nothing, "")
    replaced = part(nothing, revision.c.previous, "previous_").where(revision.c.place > 1)
    any_revision = table(AgreementRevision).c
    undated = select(
        agreement.id.label("agreement_id"),
        agreement.signed_on.label("day"),
        agreement.currency,
        agreement.amount.label("more"),
        nothing.label("less"),
        agreement.gross.label("gross"),
        agreement.support_cost_rate.label("rate"),
    ).where(
        agreement.signed_on.is_not(None),
        agreement.status != AgreementStatus.PLEDGED,
        ~exists(select(any_revision.id).where(any_revision.agreement_id == agreement.id)),
    )
    rows = union_all(set_, replaced, undated).subquery()
    inside = select(
        rows.c.agreement_id,
        interval(rows.c.day, asked.starts).label("interval"),
        rows.c.currency,
        rate_day(rows.c.currency, rows.c.day, asked.currency).label("rate_day"),
        rows.c.gross,
        type_coerce(rows.c.rate, Money()).label("rate"),
        type_coerce(rows.c.more, Money()).label("more"),
        type_coerce(rows.c.less, Money()).label("less"),
    ).where(rows.c.day >= asked.since, rows.c.day <= min(asked.until, asked.as_of))
    parts = inside.subquery()
    keys = [parts.c[name] for name in ("agreement_id", "interval", "currency", "rate_day", "gross", "rate")]
    found = session.execute(
        select(*keys, func.sum(parts.c.more).label("amount"), func.sum(parts.c.less).label("less"))
        .group_by(*keys)
        .order_by(*ordered(keys))
    )
    return [
        _given(row, less=row.less, stated=Stated(gross=bool(row.gross), support_cost_rate=row.rate))
        for row in found.yield_per(BATCH)
    ]


def received_sums(session: Session, asked: Asked) -> list[GivenSum]:
    """Incoming funds from others: what activities kept here passed to each other was received before."""
    entry, project = table(LedgerEntry), table(Project)
    received = and_(entry.c.type == TransactionType.INCOMING_FUNDS.value, ~is_internal(entry, project))
    return _ledger_sums(session, asked, received, by_payer=asked.several)


def spent_sums(session: Session, asked: Asked) -> list[GivenSum]:
    """Expenditure."""
    entry, project = table(LedgerEntry), table(Project)
    # the type by itself, so that its index is used
    spending = entry.c.type.in_((TransactionType.DISBURSEMENT.value, TransactionType.EXPENDITURE.value))
    return _ledger_sums(session, asked, and_(spending, is_expenditure(entry, project)))


def _ledger_sums(
    session: Session, asked: Asked, counts: ColumnElement[bool], *, by_payer: bool = False
) -> list[GivenSum]:
    entry, project = table(LedgerEntry), table(Project)
    day = func.coalesce(entry.c.value_date, entry.c.date)
    conditions = [counts, entry.c.date >= asked.since, entry.c.date <= min(asked.until, asked.as_of)]
    if asked.recorded_at is not None:
        conditions.append(entry.c.recorded_at <= asked.recorded_at)
    rows = (
        select(
            entry.c.agreement_id,
            interval(entry.c.date, asked.starts).label("interval"),
            entry.c.currency,
            rate_day(entry.c.currency, day, asked.currency).label("rate_day"),
            entry.c.amount,
            *([case((is_joint(entry.c.agreement_id), entry.c.provider_id)).label("payer")] if by_payer else ()),
        )
        .select_from(entry)
        .join(project, project.c.id == entry.c.project_id)
        .where(*conditions)
        .subquery()
    )
    keys = [each for each in rows.c if each.name != "amount"]
    found = session.execute(
        select(*keys, func.sum(rows.c.amount).label("amount")).group_by(*keys).order_by(*ordered(keys))
    )
    return [_given(row, payer=row.payer if by_payer else None) for row in found.yield_per(BATCH)]


def _given(
    row: Row[tuple[object, ...]],
    *,
    less: Decimal | None = None,
    stated: Stated | None = None,
    payer: int | None = None,
) -> GivenSum:
    amount = Decimal(0) if row.amount is None else row.amount
    return GivenSum(
        agreement_id=row.agreement_id,
        interval=row.interval,
        currency=row.currency,
        rate_day=row.rate_day,
        amount=amount if less is None else EXACT.subtract(amount, less),
        stated=stated,
        payer=payer,
    )


def _signed_amounts(recorded_at: dt.datetime | None) -> Subquery:
    """The amounts of agreements from their signature on with their terms, each beside the one before it."""
    revision, agreement = table(AgreementRevision).c, table(Agreement)
    of, order = revision.agreement_id, (revision.known_on, revision.sequence)
    told = revision.modality.is_not(None)
    terms = {
        "amount": revision.amount,
        "gross": case((told, revision.gross), else_=agreement.c.gross),
        "rate": case((told, revision.support_cost_rate), else_=agreement.c.support_cost_rate),
    }
    before = {name: func.lag(each).over(partition_by=of, order_by=order) for name, each in terms.items()}
    rows = (
        select(
            of,
            revision.known_on,
            terms["amount"],
            type_coerce(before["amount"], Money()).label("previous"),
            terms["gross"].label("gross"),
            before["gross"].label("previous_gross"),
            type_coerce(terms["rate"], Money()).label("rate"),
            type_coerce(before["rate"], Money()).label("previous_rate"),
            func.row_number().over(partition_by=of, order_by=order).label("place"),
        )
        .select_from(table(AgreementRevision))
        .join(agreement, agreement.c.id == of)
        .where(revision.status != AgreementStatus.PLEDGED)
    )
    if recorded_at is not None:
        rows = rows.where(revision.recorded_at <= recorded_at)
    return rows.subquery()


def newest_revisions(as_of: dt.date, recorded_at: dt.datetime | None) -> Subquery:
    """The decision on each agreement that held on the day, as far as it was recorded by then."""
    revision = table(AgreementRevision).c
    place = func.row_number().over(partition_by=revision.agreement_id, order_by=newest_first())
    rows = select(*table(AgreementRevision).c, place.label("place")).where(revision.known_on <= as_of)
    if recorded_at is not None:
        rows = rows.where(revision.recorded_at <= recorded_at)
    known = rows.subquery()
    return select(known).where(known.c.place == 1).subquery()


def was_signed(
    has_history: ColumnElement[bool], as_of: dt.date, recorded_at: dt.datetime | None
) -> ColumnElement[bool]:
    """Whether an agreement, joined with :func:`newest_revisions`, was decided on by the day, as far as that was
    recorded by then.

    Of one of which no decision is on record its day of signature counts, and when it was recorded itself.
    """
    agreement = table(Agreement).c
    return or_(has_history, and_(agreement.signed_on <= as_of, _was_recorded(recorded_at)))


def is_known(has_history: ColumnElement[bool], as_of: dt.date, recorded_at: dt.datetime | None) -> ColumnElement[bool]:
    """The same, but one without any decision that has no day of signature is known ever since it was recorded."""
    agreement, revision = table(Agreement).c, table(AgreementRevision).c
    undated = ~exists(select(revision.id).where(revision.agreement_id == agreement.id))
    ever_since = and_(agreement.signed_on.is_(None), undated, _was_recorded(recorded_at))
    return or_(was_signed(has_history, as_of, recorded_at), ever_since)


def _was_recorded(recorded_at: dt.datetime | None) -> ColumnElement[bool]:
    return true() if recorded_at is None else table(Agreement).c.created_at <= recorded_at
