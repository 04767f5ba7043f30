"""What evaluation pages show: colours of states, views of the list, months of a year."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.domain.evaluation.terms import State
from app.evaluations.obligations.calendars import CalendarRow
from app.evaluations.obligations.views import CANNOT_TELL
from app.language.i18n import mark

#: state → tone of its tag; the others have none
TONES: Mapping[str, str] = {
    State.WINDOW_OPEN: "warn",
    State.OVERDUE: "bad",
    State.DONE: "good",
    State.UNDER_WAY: "good",
    CANNOT_TELL: "warn",
    "awaiting-response": "warn",
    "response-overdue": "bad",
    "action-overdue": "bad",
    "deferred": "warn",
    "verified": "good",
    "completed": "good",
}


#: in the order in which they ask for something to be done
STATES = (
    State.OVERDUE, State.WINDOW_OPEN, CANNOT_TELL, State.UPCOMING, State.PLANNED, State.UNDER_WAY, State.DONE,
    State.WAIVED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ShippedView:
    """A view that comes with Earmark; its name is translated where it is shown."""

    name: str
    query: str


def shipped_views(*, officer: str | None, unit: str | None) -> list[ShippedView]:
    """What people who see to evaluations ask again and again."""

    def view(name: str, *query: tuple[str, str]) -> ShippedView:
        return ShippedView(name=name, query=urlencode(query))

    found = [
        view(mark("Within three months"), ("within", "92")),
        view(mark("Within a year"), ("within", "366")),
        view(mark("Overdue"), ("state", State.OVERDUE.value)),
        view(mark("Cannot be told"), ("state", CANNOT_TELL)),
    ]
    if unit is not None:
        found.insert(0, view(mark("Of my unit"), ("unit", unit)))
    if officer is not None:
        found.insert(0, view(mark("Mine"), ("officer", officer)))
    return found


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of a year's calendar, with what falls due in it."""

    first: dt.date
    rows: Sequence[CalendarRow]


def months(year: int, rows: Sequence[CalendarRow]) -> list[Month]:
    return [
        Month(first=dt.date(year, number, 1), rows=[row for row in rows if row.day.month == number])
        for number in range(1, 13)
    ]
