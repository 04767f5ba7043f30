"""Rows of the flat tables of money, with the columns of the tables."""

import datetime as dt

from sqlalchemy import func, select

from app.db.allocations import effective_allocations
from app.db.base import Statement, table
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.encumbrances import known
from app.db.funding import Agreement, FundingShare, Instalment
from app.db.ledger import is_expenditure, is_internal
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.spending import Encumbrance, ExchangeRate, LedgerEntry

_project, _agreement, _organisation = table(Project), table(Agreement), table(Organisation)


def funding_shares() -> Statement:
    row = table(FundingShare)
    return (
        select(
            row.c.id.label("funding_share"),
            _agreement.c.reference.label("agreement"),
            _project.c.code.label("activity"),
            row.c.starts_on,
            row.c.ends_on,
            row.c.amount,
            row.c.percent,
            _agreement.c.currency,
        )
        .join_from(row, _agreement, _agreement.c.id == row.c.agreement_id)
        .join(_project, _project.c.id == row.c.project_id)
        .where(row.c.archived_at.is_(None), _project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def instalments() -> Statement:
    row = table(Instalment)
    return (
        select(
            _agreement.c.reference.label("agreement"),
            row.c.due_on,
            row.c.amount,
            _agreement.c.currency,
        )
        .join_from(row, _agreement, _agreement.c.id == row.c.agreement_id)
        .where(row.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def allocations(as_of: dt.date) -> Statement:
    """Allocations that count on a day."""
    row = effective_allocations(as_of).subquery("counting")
    return (
        select(
            row.c.id.label("allocation"),
            _project.c.code.label("activity"),
            row.c.period_start,
            row.c.period_end,
            row.c.source,
            _agreement.c.reference.label("agreement"),
            *(row.c[name] for name in ("kind", "decided_on", "outcome", "country", "amount", "currency", "value_date")),
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .outerjoin(_agreement, _agreement.c.id == row.c.agreement_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def transactions(as_of: dt.date | None) -> Statement:
    row = table(LedgerEntry)
    provider, receiver = _organisation.alias("provider"), _organisation.alias("receiver")
    plain = (
        "type", "date", "value_date", "amount", "currency", "description", "country", "sector", "assistance",
        "provider_activity", "receiver_activity", "entry_kind", "reason", "recorded_at",
    )  # fmt: skip
    found = (
        select(
            row.c.id.label("transaction"),
            row.c.document,
            _project.c.code.label("activity"),
            _agreement.c.reference.label("agreement"),
            *(row.c[name] for name in plain),
            provider.c.name.label("provider"),
            receiver.c.name.label("receiver"),
            is_internal(row, _project).label("internal"),
            is_expenditure(row, _project).label("expenditure"),
            row.c.adjusts_id.label("adjusts"),
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .outerjoin(_agreement, _agreement.c.id == row.c.agreement_id)
        .outerjoin(provider, provider.c.id == row.c.provider_id)
        .outerjoin(receiver, receiver.c.id == row.c.receiver_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )
    if as_of is None:
        return found
    # a correction goes with what it corrects, whatever its own day
    corrected = row.alias("corrected")
    found = found.outerjoin(corrected, corrected.c.id == row.c.adjusts_id)
    return found.where(row.c.date <= as_of, func.coalesce(corrected.c.date, row.c.date) <= as_of)


def encumbrances(as_of: dt.date | None) -> Statement:
    """Encumbrances, and what has ended; as of a day with the project, day and amount that were known then."""
    row = table(Encumbrance) if as_of is None else known(as_of)
    found = (
        select(
            row.c.document.label("encumbrance"),
            _project.c.code.label("activity"),
            *(row.c[name] for name in ("kind", "date", "amount", "currency", "released_on")),
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(row.c.archived_at.is_(None), _project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )
    return found if as_of is None else found.where(row.c.date <= as_of)


def rates(as_of: dt.date | None) -> Statement:
    row, later = table(ExchangeRate), table(ExchangeRate).alias("later")
    replaced = select(later.c.id).where(
        later.c.currency == row.c.currency,
        later.c.effective_on == row.c.effective_on,
        later.c.sequence > row.c.sequence,
    )
    found = (
        select(row.c.currency, row.c.effective_on, row.c.rate)
        .where(~replaced.exists())
        .order_by(row.c.currency, row.c.effective_on)
    )
    return found if as_of is None else found.where(row.c.effective_on <= as_of)


def delivery() -> Statement:
    """Projects in frozen statements."""
    row, statement = table(DeliveryStatementRow), table(DeliveryStatement)
    return (
        select(
            statement.c.kind,
            statement.c.period,
            statement.c.period_start,
            statement.c.period_end,
            statement.c.as_of,
            row.c.project.label("activity"),
            row.c.unit,
            row.c.officer,
            *(row.c[name] for name in ("allocation", "expenditure", "encumbrance")),
            statement.c.currency,
        )
        .join_from(row, statement, statement.c.id == row.c.statement_id)
        .join(_project, _project.c.id == row.c.project_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.statement_id, row.c.id)
    )
