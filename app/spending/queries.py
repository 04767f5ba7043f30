"""Reads of allocations, the ledger, encumbrances, rates and institutional budgets."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.funding import Agreement
from app.db.projects import Project
from app.db.spending import Allocation, Encumbrance, ExchangeRate, InstitutionalBudget, LedgerEntry
from app.errors import NotFound


def find_project(session: Session, code: str) -> Project | None:
    return session.scalars(select(Project).where(table(Project).c.code == code)).first()


def find_agreement(session: Session, reference: str) -> Agreement | None:
    return session.scalars(select(Agreement).where(table(Agreement).c.reference == reference)).first()


def standing_allocation(session: Session, values: dict[str, Any]) -> Allocation | None:
    """The allocation with the same project, period, source, kind, day, outcome and country that no row supersedes."""
    rows, later = table(Allocation).c, table(Allocation).alias("later").c
    conditions = [rows[name] == value for name, value in values.items()]
    superseded = select(later.id).where(later.supersedes_id == rows.id)
    return session.scalars(
        select(Allocation)
        .where(*conditions, ~superseded.exists(), rows.withdrawn.is_(False), rows.ordinal.is_(None))
        .order_by(rows.id.desc())
        .limit(1)
    ).first()


def get_allocation(session: Session, allocation_id: int) -> Allocation:
    if (found := session.get(Allocation, allocation_id)) is None:
        raise NotFound(f"There is no allocation {allocation_id}.")
    return found


def find_entry(session: Session, document: str) -> LedgerEntry | None:
    return session.scalars(select(LedgerEntry).where(table(LedgerEntry).c.document == document)).first()


def get_entry(session: Session, entry_id: int) -> LedgerEntry:
    if (found := session.get(LedgerEntry, entry_id)) is None:
        raise NotFound(f"There is no transaction {entry_id}.")
    return found


def own_corrections(session: Session, entry: LedgerEntry, prefix: str) -> Sequence[LedgerEntry]:
    """Adjustments of an entry whose documents begin with the prefix, in order of recording."""
    rows = table(LedgerEntry).c
    return session.scalars(
        select(LedgerEntry)
        .where(rows.adjusts_id == entry.id, rows.document.startswith(prefix, autoescape=True))
        .order_by(rows.id)
    ).all()


def find_encumbrance(session: Session, document: str) -> Encumbrance | None:
    return session.scalars(select(Encumbrance).where(table(Encumbrance).c.document == document)).first()


def get_encumbrance(session: Session, encumbrance_id: int) -> Encumbrance:
    if (found := session.get(Encumbrance, encumbrance_id)) is None:
        raise NotFound(f"There is no encumbrance {encumbrance_id}.")
    return found


def newest_rate(session: Session, currency: str, effective_on: dt.date) -> ExchangeRate | None:
    """The rate of a day that was recorded last."""
    rate = table(ExchangeRate).c
    return session.scalars(
        select(ExchangeRate)
        .where(rate.currency == currency, rate.effective_on == effective_on)
        .order_by(rate.sequence.desc())
        .limit(1)
    ).first()


def get_rate(session: Session, rate_id: int) -> ExchangeRate:
    if (found := session.get(ExchangeRate, rate_id)) is None:
        raise NotFound(f"There is no rate {rate_id}.")
    return found


def find_budget(
    session: Session, kind: str, country: str, period_start: dt.date, line: str
) -> InstitutionalBudget | None:
    budget = table(InstitutionalBudget).c
    return session.scalars(
        select(InstitutionalBudget).where(
            budget.kind == kind,
            budget.country == country,
            budget.period_start == period_start,
            budget.line == line,
        )
    ).first()


def get_budget(session: Session, budget_id: int) -> InstitutionalBudget:
    if (found := session.get(InstitutionalBudget, budget_id)) is None:
        raise NotFound(f"There is no institutional budget {budget_id}.")
    return found


def overlapping_budget(
    session: Session, values: dict[str, Any], *, except_id: int | None
) -> InstitutionalBudget | None:
    """Another figure of the same kind, country and line whose period has days in common."""
    budget = table(InstitutionalBudget).c
    found = select(InstitutionalBudget).where(
        budget.kind == values["kind"],
        budget.country == values["country"],
        budget.line == values["line"],
        budget.period_start <= values["period_end"],
        budget.period_end >= values["period_start"],
        budget.archived_at.is_(None),
    )
    if except_id is not None:
        found = found.where(budget.id != except_id)
    return session.scalars(found.limit(1)).first()
