"""Statements of delivery: a month or a year as it was known on a day, kept for good.

Decision: a statement is a copy of the figures, not a way to compute them again. What is learnt later changes the
figures of today, and :mod:`app.statements.compare` tells the difference with its reasons; the statement stays what the
governing body was shown. The database refuses every change of it.
"""

import datetime as dt
from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.bulk import add_rows, take_turns
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import Delivery, Variant
from app.domain.periods import FiscalCalendar, Period, PeriodKind
from app.errors import Conflict, Fault, InvalidInput
from app.reports import queries_projects
from app.reports.calendars import periods_of
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from app.statements import queries

_KINDS = {PeriodKind.MONTH: "month", PeriodKind.YEAR: "year"}
_FIGURES = ("allocation", "expenditure", "encumbrance")
_COLUMNS = ("statement_id", "project_id", "project", "unit", "officer", *_FIGURES, "rate")


def figures(session: Session, period: str, as_of: dt.date, currency: str) -> ReportTable:
    """What a statement is a copy of: the delivery of each project, encumbrances beside it."""
    return run(
        session,
        "delivery",
        period=period,
        as_of=as_of,
        by=("project",),
        currency=currency,
        variant=Variant.WITH_ENCUMBRANCE.value,
    )


def rate_of(cells: dict[str, Cell], currency: str) -> str | None:
    """Expenditure over allocation in percent, as the delivery report prints it."""
    allocation, expenditure = amount(cells.get("allocation")), amount(cells.get("expenditure"))
    return Delivery(currency=currency, allocation=allocation, expenditure=expenditure).percent()


def amount(cell: Cell) -> Decimal | None:
    return None if cell is None else Decimal(cell)


def period_named(text: str, fiscal: FiscalCalendar) -> Period:
    """The month or year that a statement is asked of; ``InvalidInput`` for anything else."""
    periods = periods_of(text, fiscal)
    if len(periods) != 1 or periods[0].kind not in _KINDS:
        message = f"A statement is of a month or a year, such as 2026-03 or 2026, not of {text}."
        raise InvalidInput([Fault(pointer="/query/period", rule="period", message=message)])
    return periods[0]


def make(session: Session, period: Period, *, as_of: dt.date, actor: str) -> DeliveryStatement | None:
    """The statement of a month or year as it is known on the day; None: it was made already.

    :raises Conflict: when the period is not over.
    """
    if as_of <= period.end:
        raise Conflict(f"{period.label} is not over on {as_of}: a statement is made of what is past.")
    # two workers make one statement: the second one waits here and finds it
    take_turns(session, "delivery-statements")
    if queries.find(session, _KINDS[period.kind], period.start) is not None:
        return None
    currency = the_setup(session).currency
    known = queries.newest(session)
    shown = figures(session, period.label, as_of, currency)
    statement = DeliveryStatement(
        kind=_KINDS[period.kind],
        period=period.label,
        period_start=period.start,
        period_end=period.end,
        as_of=as_of,
        currency=currency,
        definition=shown.definition,
        allocation=amount(shown.totals.get("allocation")),
        expenditure=amount(shown.totals.get("expenditure")),
        encumbrance=amount(shown.totals.get("encumbrance")),
        rate=rate_of(shown.totals, currency),
        rates=[rate.as_dict() for rate in shown.rates],
        remarks=list(shown.remarks),
        last_entry_id=known.entry,
        last_allocation_id=known.allocation,
        last_rate_id=known.rate,
        recorded_by=actor,
    )
    session.add(statement)
    session.flush()
    facts = {project.code: project for project in queries_projects.projects(session).values()}
    rows = []
    for cells in shown.rows:
        project = facts[str(cells["project"])]
        rows.append(
            (
                key(statement),
                project.id,
                project.code,
                project.unit,
                project.officer,
                *(amount(cells.get(name)) for name in _FIGURES),
                rate_of(cells, currency),
            )
        )
    add_rows(session, DeliveryStatementRow, _COLUMNS, rows)
    return statement


def make_due(session: Session, *, as_of: dt.date, actor: str) -> list[DeliveryStatement]:
    """The statements of the last month and of the last fiscal year, where they were not made yet."""
    fiscal = calendar_of(the_setup(session))
    first = fiscal.month_of(as_of).start
    year = fiscal.year_of(as_of).start
    due = [fiscal.month_of(first - dt.timedelta(days=1)), fiscal.year_of(year - dt.timedelta(days=1))]
    made = (make(session, period, as_of=as_of, actor=actor) for period in due)
    return [statement for statement in made if statement is not None]
