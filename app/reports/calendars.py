"""The organisation's years, and the periods a report is asked for."""

from app.db.organisation import Setup
from app.domain.periods import FiscalCalendar, Period, PeriodError, parse_periods
from app.errors import Fault, InvalidInput


def calendar_of(setup: Setup) -> FiscalCalendar:
    """How the organisation counts its years."""
    return FiscalCalendar(
        first_month=setup.fiscal_year_start,
        biennium_begins="even" if setup.biennium_starts_even else "odd",
    )


def periods_of(text: str, fiscal: FiscalCalendar) -> tuple[Period, ...]:
    """The periods of a written form; ``InvalidInput`` tells how to write them."""
    try:
        return parse_periods(text, fiscal)
    except PeriodError as error:
        message = str(error)
        fault = Fault(pointer="/query/period", rule="period", message=f"{message[0].upper()}{message[1:]}.")
        raise InvalidInput([fault]) from error
