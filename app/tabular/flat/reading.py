"""How rows of flat tables are read: some at a time, with what has to be worked out beside the statement."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.base import Statement
from app.db.projects import ProjectRevision
from app.db.shapes import each_shaped
from app.evaluations.obligations.rows import OwedRow
from app.evaluations.obligations.views import View, views
from app.projects.as_of import state
from app.tabular.flat import queries, queries_money
from app.tabular.flat.shape import FlatRow, Given, Outlook, Read
from app.tabular.queries import batches

#: obligations judged together
_TOGETHER = 5000

Row = dict[str, Given]


def statement(make: Callable[[], Statement]) -> Read:
    """The rows of a statement as they are."""
    return lambda session, _: batches(session, make())


def dated(make: Callable[[dt.date | None], Statement]) -> Read:
    """The rows of a statement that takes the day to look from; None: as things stand."""
    return lambda session, outlook: batches(session, make(outlook.as_of))


def money(read: Read, *, on: tuple[str, ...]) -> Read:
    """Adds ``reporting_amount`` and ``usd_rate`` by the rates of the first of the columns ``on`` that is filled."""

    def converted(session: Session, outlook: Outlook) -> Iterator[Sequence[FlatRow]]:
        for batch in read(session, outlook):
            yield [{**row, **_converted(row, outlook, on)} for row in batch]

    return converted


def _converted(row: FlatRow, outlook: Outlook, on: tuple[str, ...]) -> Row:
    amount, currency = row["amount"], row["currency"]
    day = next((found for name in on if isinstance(found := row[name], dt.date)), outlook.day)
    if not isinstance(amount, Decimal) or not isinstance(currency, str):
        return {}
    return {"reporting_amount": outlook.converted(amount, currency, day), "usd_rate": outlook.rate(currency, day)}


def in_reporting_currency(read: Read) -> Read:
    """Adds ``reporting_currency``."""

    def named(session: Session, outlook: Outlook) -> Iterator[Sequence[FlatRow]]:
        for batch in read(session, outlook):
            yield [{**row, "reporting_currency": outlook.currency} for row in batch]

    return named


def allocations(session: Session, outlook: Outlook) -> Iterator[Sequence[FlatRow]]:
    """Those that count: without a day, with all decisions on record."""
    return batches(session, queries_money.allocations(outlook.as_of or dt.date.max))


def activities(session: Session, outlook: Outlook) -> Iterator[Sequence[FlatRow]]:
    """Activities; of a past day with the dates, the budget, the stage and the officer as they were known then."""
    for batch in batches(session, queries.activities()):
        if outlook.as_of is None:
            yield batch
            continue
        known: dict[int, list[ProjectRevision]] = {}
        for revision in queries.revisions_until(session, [row["id"] for row in batch], outlook.as_of):
            known.setdefault(revision.project_id, []).append(revision)
        yield [_as_known(row, known.get(row["id"], []), outlook.as_of) for row in batch]


def _as_known(row: FlatRow, revisions: list[ProjectRevision], as_of: dt.date) -> FlatRow:
    then = state(str(row["activity"]), revisions, as_of, None)
    return {
        **row,
        "status": then.stage,
        "planned_start": then.planned_start,
        "planned_end": then.planned_end,
        "actual_start": then.actual_start,
        "actual_end": then.actual_end,
        "total_budget": then.total_budget,
        "currency": then.budget_currency,
        "officer": then.officer,
    }


def with_default(make: Callable[[], Statement], **values: str) -> Read:
    """The rows of a statement, with a value where the standard has one for an empty cell."""

    def filled(session: Session, _: Outlook) -> Iterator[Sequence[FlatRow]]:
        for batch in batches(session, make()):
            yield [{**row, **{name: value for name, value in values.items() if not row[name]}} for row in batch]

    return filled


def locations(session: Session, _: Outlook) -> Iterator[Sequence[FlatRow]]:
    """Places, with latitude and longitude where the published position has two numbers."""
    for batch in batches(session, queries.locations()):
        yield [{**row, **_position(row["position"])} for row in batch]


def _position(written: str | None) -> Row:
    parts = (written or "").split()
    if len(parts) != 2:
        return {}
    try:
        latitude, longitude = (Decimal(part) for part in parts)
    except ArithmeticError:
        return {}
    fits = latitude.is_finite() and longitude.is_finite() and abs(latitude) <= 90 and abs(longitude) <= 180
    return {"latitude": latitude, "longitude": longitude} if fits else {}


def obligations(session: Session, outlook: Outlook) -> Iterator[Sequence[FlatRow]]:
    """Obligations with their state on the day, and the evaluation that tells it."""
    found = session.execute(queries.obligations().execution_options(yield_per=_TOGETHER))
    waiting: list[OwedRow] = []
    for row in each_shaped(OwedRow, found):
        if outlook.as_of is None or row.created_on is None or row.created_on <= outlook.as_of:
            waiting.append(row)
        if len(waiting) == _TOGETHER:
            yield [_obligation(view) for view in views(session, waiting, outlook.day)]
            waiting = []
    yield [_obligation(view) for view in views(session, waiting, outlook.day)]


def _obligation(view: View[OwedRow]) -> FlatRow:
    row = view.row
    return {
        "obligation": row.id,
        "activity": row.project,
        "kind": row.kind,
        "number": row.number,
        "independence": view.independence,
        "state": view.state,
        "window_opens": row.opens_on,
        "due": view.due,
        "late": row.late_on,
        "reason": view.reason,
        "missing": row.missing,
        "evaluation": view.reference,
    }


def result_periods(session: Session, _: Outlook) -> Iterator[Sequence[FlatRow]]:
    """Periods of indicators with target and actual value."""
    for batch in batches(session, queries.result_periods()):
        periods = [row["period"] for row in batch if row["period"] is not None]
        # the first in its order comes last and stays
        said = {(found.period_id, found.kind): found.value for found in queries.period_values(session, periods)}
        yield [
            {
                **row,
                "result_period": f"{row['indicator']}.{row['period'] or 0}",
                "target": said.get((row["period"], "target")),
                "actual": said.get((row["period"], "actual")),
            }
            for row in batch
        ]
