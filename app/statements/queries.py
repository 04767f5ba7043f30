"""Reads of statements, and of what was recorded after one."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.ledger import is_expenditure
from app.db.projects import Project
from app.db.spending import Allocation, ExchangeRate, LedgerEntry
from app.domain.ledger import TransactionType
from app.domain.periods import Period
from app.domain.terms import EntryKind
from app.errors import NotFound
from app.http.lists import Listing, at_least, at_most, equals, sort

_statement, _row = table(DeliveryStatement).c, table(DeliveryStatementRow).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Newest:
    """Keys of the newest rows of what delivery is made of."""

    entry: int
    allocation: int
    rate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """Postings of a project and currency that were recorded after a statement."""

    kind: EntryKind
    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """An allocation that a statement did not know."""

    decided_on: dt.date
    amount: Decimal
    currency: str
    withdrawn: bool
    reason: str


def newest(session: Session) -> Newest:
    """What stands now."""

    def last(row_class: type[LedgerEntry | Allocation | ExchangeRate]) -> int:
        return session.scalar(select(func.max(table(row_class).c.id))) or 0

    return Newest(entry=last(LedgerEntry), allocation=last(Allocation), rate=last(ExchangeRate))


def find(session: Session, kind: str, period_start: dt.date) -> DeliveryStatement | None:
    return session.scalars(
        select(DeliveryStatement).where(_statement.kind == kind, _statement.period_start == period_start)
    ).first()


def named(session: Session, period: str) -> DeliveryStatement:
    """The statement of a period as it is written; ``NotFound`` says which there are."""
    found = session.scalars(select(DeliveryStatement).where(_statement.period == period)).first()
    if found is None:
        listed = session.scalars(select(_statement.period).order_by(_statement.period_start.desc()).limit(12))
        there = ", ".join(listed) or "none yet"
        raise NotFound(f"There is no statement of {period}. Statements: {there}.")
    return found


def get(session: Session, statement_id: int) -> DeliveryStatement:
    if (found := session.get(DeliveryStatement, statement_id)) is None:
        raise NotFound(f"There is no statement {statement_id}.")
    return found


def statements(session: Session) -> list[DeliveryStatement]:
    """All of them, the newest first."""
    return list(
        session.scalars(select(DeliveryStatement).order_by(_statement.period_start.desc(), _statement.kind.desc()))
    )


def rows(session: Session, statement_id: int) -> list[DeliveryStatementRow]:
    return list(
        session.scalars(select(DeliveryStatementRow).where(_row.statement_id == statement_id).order_by(_row.project))
    )


def later_postings(session: Session, after: int, spent_in: Period) -> dict[str, list[Later]]:
    """By code of the project: expenditure of the period whose rows have a greater key."""
    entry, project = table(LedgerEntry), table(Project)
    spending = entry.c.type.in_((TransactionType.DISBURSEMENT.value, TransactionType.EXPENDITURE.value))
    found = session.execute(
        select(
            project.c.code, entry.c.entry_kind, entry.c.currency, func.count(), func.sum(entry.c.amount).label("amount")
        )
        .select_from(entry)
        .join(project, project.c.id == entry.c.project_id)
        .where(
            entry.c.id > after,
            entry.c.date >= spent_in.start,
            entry.c.date <= spent_in.end,
            spending,
            is_expenditure(entry, project),
        )
        .group_by(project.c.code, entry.c.entry_kind, entry.c.currency)
        .order_by(project.c.code, entry.c.entry_kind.desc(), entry.c.currency)
    )
    by_code: dict[str, list[Later]] = {}
    for code, kind, currency, count, amount in found:
        by_code.setdefault(code, []).append(Later(kind=kind, currency=currency, count=count, amount=amount))
    return by_code


def later_decisions(
    session: Session, after: int, known_on: dt.date, as_of: dt.date, allocated_in: Period
) -> dict[str, list[Decision]]:
    """By code of the project: allocations for days of the period that a statement of ``known_on`` did not know."""
    allocation, project = table(Allocation), table(Project)
    found = session.execute(
        select(
            project.c.code,
            allocation.c.decided_on,
            allocation.c.amount,
            allocation.c.currency,
            allocation.c.withdrawn,
            allocation.c.reason,
        )
        .select_from(allocation)
        .join(project, project.c.id == allocation.c.project_id)
        .where(
            or_(allocation.c.id > after, allocation.c.decided_on > known_on),
            allocation.c.decided_on <= as_of,
            allocation.c.period_start <= allocated_in.end,
            allocation.c.period_end >= allocated_in.start,
        )
        .order_by(project.c.code, allocation.c.decided_on, allocation.c.id)
    )
    by_code: dict[str, list[Decision]] = {}
    for code, decided_on, amount, currency, withdrawn, reason in found:
        decision = Decision(
            decided_on=decided_on, amount=amount, currency=currency, withdrawn=withdrawn, reason=reason or ""
        )
        by_code.setdefault(code, []).append(decision)
    return by_code


def later_rates(session: Session, after: int) -> list[str]:
    """Currencies of rates that were recorded later."""
    rate = table(ExchangeRate).c
    return list(session.scalars(select(rate.currency).distinct().where(rate.id > after).order_by(rate.currency)))


STATEMENTS = Listing(
    name="delivery statements",
    statement=select(
        *(
            _statement[name]
            for name in (
                "id", "kind", "period", "period_start", "period_end", "as_of", "currency", "definition", "allocation",
                "expenditure", "encumbrance", "rate", "rates", "remarks", "recorded_at", "recorded_by",
            )
        )
    ),
    key=_statement.id,
    sorts={"id": sort(_statement.id), "period_start": sort(_statement.period_start)},
    filters={
        "kind": equals(_statement.kind),
        "period": equals(_statement.period),
        "period_start_from": at_least(_statement.period_start),
        "period_end_to": at_most(_statement.period_end),
    },
    usual_sort="-period_start",
)  # fmt: skip

ROWS = Listing(
    name="rows of a delivery statement",
    statement=select(
        *(
            _row[name]
            for name in ("id", "project", "unit", "officer", "allocation", "expenditure", "encumbrance", "rate")
        )
    ),
    key=_row.id,
    sorts={"project": sort(_row.project), "id": sort(_row.id)},
    filters={"project": equals(_row.project), "unit": equals(_row.unit), "officer": equals(_row.officer)},
    usual_sort="project",
)


def of_statement(statement_id: int) -> ColumnElement[bool]:
    """The condition of rows that belong to a statement."""
    return _row.statement_id == statement_id
