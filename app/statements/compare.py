"""What changed since a statement: its figures beside today's, project by project, and why."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from app.db.base import key
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import measured_periods
from app.domain.money import EXACT, plain
from app.domain.terms import EntryKind
from app.domain.told import Figure, Told
from app.statements import queries
from app.statements.queries import Decision, Later
from app.statements.service import amount, figures, period_named, rate_of

_FIGURES = ("allocation", "expenditure", "encumbrance")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The figures of one row; None where a rate of exchange was missing."""

    allocation: Decimal | None
    expenditure: Decimal | None
    encumbrance: Decimal | None
    rate: str | None

    def as_dict(self) -> dict[str, str | None]:
        found = {name: getattr(self, name) for name in _FIGURES}
        shown = {name: None if figure is None else plain(figure) for name, figure in found.items()}
        return {**shown, "rate": self.rate}


_NOTHING = Figures(allocation=Decimal(0), expenditure=Decimal(0), encumbrance=Decimal(0), rate=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A row that differs."""

    project: str
    then: Figures
    now: Figures
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "project": self.project,
            "then": self.then.as_dict(),
            "now": self.now.as_dict(),
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A statement beside the figures of a day."""

    period: str
    then_as_of: dt.date
    now_as_of: dt.date
    currency: str
    then: Figures
    now: Figures
    changes: tuple[Change, ...]
    #: how many rows are as they were
    unchanged: int

    def as_dict(self) -> dict[str, object]:
        return {
            "period": self.period,
            "statement_as_of": self.then_as_of.isoformat(),
            "as_of": self.now_as_of.isoformat(),
            "currency": self.currency,
            "then": self.then.as_dict(),
            "now": self.now.as_dict(),
            "changes": [change.as_dict() for change in self.changes],
            "unchanged": self.unchanged,
        }


def compare(session: Session, statement: DeliveryStatement, as_of: dt.date) -> Comparison:
    """Every row of the statement, or of today, that differs, with its reasons. A constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    spent_in, allocated_in = measured_periods(period_named(statement.period, fiscal), fiscal)
    shown = figures(session, statement.period, as_of, statement.currency)
    then = {row.project: _frozen(row) for row in queries.rows(session, key(statement))}
    now = {
        str(cells["project"]): Figures(
            allocation=amount(cells.get("allocation")),
            expenditure=amount(cells.get("expenditure")),
            encumbrance=amount(cells.get("encumbrance")),
            rate=rate_of(cells, statement.currency),
        )
        for cells in shown.rows
    }
    postings = queries.later_postings(session, statement.last_entry_id, spent_in)
    decisions = queries.later_decisions(session, statement.last_allocation_id, statement.as_of, as_of, allocated_in)
    rates = queries.later_rates(session, statement.last_rate_id)
    changes = []
    for project in sorted({*then, *now}):
        before, after = then.get(project, _NOTHING), now.get(project, _NOTHING)
        if _same(before, after):
            continue
        told = _reasons(before, after, postings.get(project, []), decisions.get(project, []), rates)
        changes.append(Change(project=project, then=before, now=after, reasons=tuple(told)))
    return Comparison(
        period=statement.period,
        then_as_of=statement.as_of,
        now_as_of=as_of,
        currency=statement.currency,
        then=_frozen(statement),
        now=Figures(
            allocation=amount(shown.totals.get("allocation")),
            expenditure=amount(shown.totals.get("expenditure")),
            encumbrance=amount(shown.totals.get("encumbrance")),
            rate=rate_of(shown.totals, statement.currency),
        ),
        changes=tuple(changes),
        unchanged=len({*then, *now}) - len(changes),
    )


def _frozen(row: DeliveryStatement | DeliveryStatementRow) -> Figures:
    return Figures(allocation=row.allocation, expenditure=row.expenditure, encumbrance=row.encumbrance, rate=row.rate)


def _same(before: Figures, after: Figures) -> bool:
    return all(getattr(before, name) == getattr(after, name) for name in _FIGURES)


def _reasons(
    before: Figures, after: Figures, postings: list[Later], decisions: list[Decision], rates: list[str]
) -> list[str]:
    told: list[str] = [_posted(later) for later in postings]
    told += [_decided(decision) for decision in decisions]
    if before.encumbrance != after.encumbrance:
        told.append(_difference(before.encumbrance, after.encumbrance))
    if not told and rates:
        told.append(Told("rates of exchange of %(currencies)s were recorded since", currencies=", ".join(rates)))
    return told or [Told("other records changed")]


def _posted(later: Later) -> Told:
    count, amount_, currency = later.count, Figure(plain(later.amount)), later.currency
    match later.kind, count == 1:
        case EntryKind.POSTING, True:
            return Told("1 late posting: %(amount)s %(currency)s", amount=amount_, currency=currency)
        case EntryKind.POSTING, False:
            told = "%(count)s late postings: %(amount)s %(currency)s"
        case EntryKind.ADJUSTMENT, True:
            return Told("1 adjustment: %(amount)s %(currency)s", amount=amount_, currency=currency)
        case EntryKind.ADJUSTMENT, False:
            told = "%(count)s adjustments: %(amount)s %(currency)s"
        case _, True:
            return Told("1 withdrawal: %(amount)s %(currency)s", amount=amount_, currency=currency)
        case _:
            told = "%(count)s withdrawals: %(amount)s %(currency)s"
    return Told(told, count=count, amount=amount_, currency=currency)


#: of several postings, as they are told
SEVERAL: Final = (
    "%(count)s late postings: %(amount)s %(currency)s",
    "%(count)s adjustments: %(amount)s %(currency)s",
    "%(count)s withdrawals: %(amount)s %(currency)s",
)


def _decided(decision: Decision) -> Told:
    day, why = decision.decided_on, f" ({decision.reason})" if decision.reason else ""
    if decision.withdrawn:
        return Told("allocation withdrawn on %(day)s%(why)s", day=day, why=why)
    return Told(
        "allocation revised to %(amount)s %(currency)s on %(day)s%(why)s",
        amount=Figure(plain(decision.amount)), currency=decision.currency, day=day, why=why,
    )  # fmt: skip


def _difference(before: Decimal | None, after: Decimal | None) -> Told:
    if before is None or after is None:
        return Told("encumbrances could not be converted")
    difference = EXACT.subtract(after, before)
    if difference > 0:
        return Told("encumbrances +%(amount)s", amount=Figure(plain(difference)))
    return Told("encumbrances %(amount)s", amount=Figure(plain(difference)))
