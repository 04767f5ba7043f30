"""Runs a report by its name."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlmodel import Session

from app.db.engine import Database, ample_memory
from app.db.lookups import calendar_of, the_setup
from app.db.unchanged import known
from app.domain.money import CURRENCIES
from app.errors import Fault, InvalidInput, NotFound
from app.evaluations.obligations.fresh import fresh
from app.pace import without_searches
from app.reports.delivery import of_year_and_months
from app.reports.evaluations import coverages
from app.reports.frame import Report, ReportTable, Request
from app.reports.registry import REPORTS


def find_report(name: str) -> Report:
    """The report of that name; ``NotFound`` names the others."""
    for report in REPORTS:
        if report.name == name:
            return report
    raise NotFound(f"There is no report {name!r}. Reports: {', '.join(report.name for report in REPORTS)}.")


def freshen(database: Database, name: str, today: dt.date) -> None:
    """Brings what the report reads in line with the facts; call it before taking the snapshot for :func:`run`.

    :raises NotFound: when there is no such report.
    """
    if find_report(name).of_obligations:
        fresh(database, today)


#: rows up to which a table is remembered: one for each of ten thousand agreements is computed in a second or two
_KEPT = 12_000
#: a row of a report takes the room of so many of the rows that others keep
_WEIGHT = 4


def run(
    session: Session,
    name: str,
    *,
    period: str | None = None,
    as_of: dt.date,
    by: tuple[str, ...] = (),
    currency: str | None = None,
    variant: str | None = None,
    recorded_at: dt.datetime | None = None,
    options: Mapping[str, str] | None = None,
    remembered: bool = False,
) -> ReportTable:
    """A report as of a day. Without a period: the fiscal year of that day, or everything on record.

    Without a currency: the organisation's. ``remembered``: a table that was computed before is given again as long as
    nothing of what it tells was stored since; it is shared, and nobody may change it.

    :raises NotFound: when there is no such report.
    :raises InvalidInput: for a period, dimension, variant, currency or option that the report does not know.
    """
    report, request = _asked(session, name, period, as_of, by, currency, variant, recorded_at, options)

    def compute(reading: Session) -> ReportTable:
        with _amply(reading):
            return report.compute(reading, request)

    if not remembered:
        return compute(session)
    request = replace(request, again=True)
    return known(session, f"report {name} {request}", compute, rows=_room)


def _room(table: ReportTable) -> int | None:
    """The rows for which a table that is remembered takes room."""
    return len(table.rows) * _WEIGHT if len(table.rows) <= _KEPT else None


def coverage(
    session: Session, *, period: str, as_of: dt.date, groupings: Sequence[tuple[str, ...]]
) -> Sequence[ReportTable]:
    """Coverage of evaluations by several groups of dimensions, each of few rows, counted in one go and remembered as
    :func:`run` remembers."""
    _, request = _asked(session, "evaluations", period, as_of, (), None, None, None, None)

    def compute(reading: Session) -> Sequence[ReportTable]:
        with _amply(reading):
            return coverages(reading, request, groupings)

    return known(session, f"coverage {groupings} {request}", compute)


def delivery_and_months(
    session: Session, *, period: str | None, as_of: dt.date, by: str, currency: str | None, options: Mapping[str, str]
) -> tuple[ReportTable, ReportTable]:
    """Delivery of a period by a dimension, and the same by month; see :func:`run`."""
    _, request = _asked(session, "delivery", period, as_of, (by,), currency, None, None, options)
    with _amply(session):
        return of_year_and_months(session, replace(request, again=True))


@contextmanager
def _amply(session: Session) -> Iterator[None]:
    """Inside the block sums have memory, and nobody searches for cycles."""
    ample_memory(session)
    with without_searches():
        yield


def _asked(
    session: Session,
    name: str,
    period: str | None,
    as_of: dt.date,
    by: tuple[str, ...],
    currency: str | None,
    variant: str | None,
    recorded_at: dt.datetime | None,
    options: Mapping[str, str] | None,
) -> tuple[Report, Request]:
    """The report, and what is asked of it with everything that was left out."""
    report = find_report(name)
    setup = the_setup(session)
    if not period:
        period = "" if report.of_everything else calendar_of(setup).year_of(as_of).label
    currency = currency or setup.currency
    given = dict(options or {})
    faults = [
        Fault(
            pointer="/query/by",
            rule="report.dimension",
            message=f"{report.name} knows no dimension {dimension!r}; it knows {', '.join(report.dimensions)}.",
        )
        for dimension in by
        if dimension not in report.dimensions
    ]
    if len(set(by)) < len(by) or len(by) > report.most_dimensions:
        message = f"Combine up to {report.most_dimensions} different dimensions."
        faults.append(Fault(pointer="/query/by", rule="report.dimension", message=message))
    for some in report.alternatives:
        if len(named := [name for name in by if name in some]) > 1:
            message = f"{report.name} is not told by {' and '.join(named)} together: ask for one of them."
            faults.append(Fault(pointer="/query/by", rule="report.dimension", message=message))
            break
    if variant is not None and variant not in report.variants:
        message = f"{report.name} has no variant {variant!r}; it has {', '.join(report.variants) or 'none'}."
        faults.append(Fault(pointer="/query/variant", rule="report.variant", message=message))
    elif by and variant in report.own_rows:
        message = (
            f"{report.name} is not told by {' and '.join(by)} in its variant {variant}: ask without that or for "
            "another variant."
        )
        faults.append(Fault(pointer="/query/by", rule="report.dimension", message=message))
    if currency not in CURRENCIES:
        message = f"{currency} is not a currency code of ISO 4217."
        faults.append(Fault(pointer="/query/currency", rule="currency.unknown", message=message))
    faults += [
        Fault(pointer=f"/query/{option}", rule="report.option", message=f"{report.name} has no option {option!r}.")
        for option in given
        if option not in report.options
    ]
    if faults:
        raise InvalidInput(faults)
    return report, Request(
        period=period,
        as_of=as_of,
        recorded_at=recorded_at,
        currency=currency,
        by=by or report.dimensions[:1],
        variant=variant or (report.variants[0] if report.variants else None),
        options=given,
    )
