"""The periods a report is asked for."""

from app.domain.periods import FiscalCalendar, Period, PeriodError
from app.domain.written_periods import parse_periods
from app.errors import Fault, InvalidInput


def periods_of(text: str, fiscal: FiscalCalendar) -> tuple[Period, ...]:
    """The periods of a written form; ``InvalidInput`` tells how to write them."""
    try:
        return parse_periods(text, fiscal)
    except PeriodError as error:
        message = str(error)
        fault = Fault(pointer="/query/period", rule="period", message=f"{message[0].upper()}{message[1:]}.")
        raise InvalidInput([fault]) from error
