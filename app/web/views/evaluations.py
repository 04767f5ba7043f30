"""What evaluation pages show: colours of states, views of the list, months of a year."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup
from sqlmodel import Session

from app.domain.evaluation.terms import State
from app.evaluations.obligations.calendars import CalendarRow
from app.evaluations.obligations.due import DueRow
from app.evaluations.obligations.views import CANNOT_TELL
from app.http.lists import Shown
from app.language.i18n import Words, mark
from app.web.charts.time import Window, timeline
from app.web.queries_duties import project_names

#: duties whose windows a page draws
_DRAWN = 15
#: letters of a code for which there is room beside what is owed
_CODE = 16

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


def dated(row: DueRow) -> Shown:
    """What is owed as far as its window is concerned."""
    return {
        "project": row.project, "subject": row.subject, "kind": row.kind, "state": row.state,
        "window_opens": row.window_opens, "due": row.due, "late": row.late,
    }  # fmt: skip


def windows(session: Session, words: Words, items: Iterable[Shown], today: dt.date) -> Markup | None:
    """The windows of the duties listed, the first of them; no more are looked at than that takes."""
    drawn = list(islice((item for item in items if item["due"] and item["window_opens"] and item["late"]), _DRAWN))
    if not drawn:
        return None
    # there is room for no more, and the beginnings of long codes are all the same
    codes = {item["project"] for item in drawn if item["project"] and len(item["project"]) > _CODE}
    names = project_names(session, words.language, codes)

    def called(item: Shown) -> str:
        code = item["project"]
        if not code:
            return words.obliged(item["subject"])
        return names[code].title if code in names else code

    return timeline(
        words.gettext("Windows of evaluations"),
        words.gettext("Each bar is the time in which the evaluation is to be done; the mark is the day it is due."),
        [
            Window(
                label=f"{called(item)} · {words.word(item['kind'])}",
                opens=min(item["window_opens"], item["due"]),
                due=item["due"],
                closes=max(item["late"], item["due"]),
                tone=TONES.get(item["state"], ""),
            )
            for item in drawn
        ],
        today,
    )
