"""The list of projects as its page shows it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.domain.periods import add_months
from app.domain.terms import Stage
from app.language.i18n import mark

#: columns that can be shown, in their order, and what each is called
COLUMNS: Mapping[str, str] = {
    "code": mark("Code"),
    "title": mark("Title"),
    "status": mark("Status"),
    "unit": mark("Unit"),
    "officer": mark("Officer"),
    "planned_start": mark("Planned start"),
    "planned_end": mark("Planned end"),
    "total_budget": mark("Total budget"),
    "published": mark("Published"),
    "updated_at": mark("Last changed"),
}
USUAL_COLUMNS = ("code", "title", "status", "unit", "officer", "planned_end", "total_budget")
#: filters beyond the columns
FILTERS = (
    mark("No end date"),
    mark("Last changed until"),
    mark("Kind"),
    mark("Partner"),
    mark("Outcome"),
    mark("Draft"),
)
#: those by which the list of the API can be sorted
SORTED_BY = frozenset({"code", "title", "status", "planned_start", "planned_end", "updated_at"})


@dataclass(frozen=True, kw_only=True)
class ShippedView:
    """A view that comes with Earmark."""

    name: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A value of a facet: what choosing it shows, and how many it has."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Facet:
    field: str
    heading: str
    choices: Sequence[Choice]


def shipped_views(today: dt.date, officer: str | None) -> list[ShippedView]:
    """What managers ask again and again."""
    running = [("status", stage.value) for stage in (Stage.IMPLEMENTATION, Stage.FINALISATION)]

    def view(name: str, *query: tuple[str, str]) -> ShippedView:
        return ShippedView(name=name, query=urlencode(query))

    found = [
        view(mark("Ending in six months"), ("planned_end_from", today.isoformat()),
             ("planned_end_to", add_months(today, 6).isoformat()), *running, ("sort", "planned_end")),
        view(mark("Ended three months ago and still open"), ("planned_end_to", add_months(today, -3).isoformat()),
             *running, ("sort", "planned_end")),
        view(mark("No end date"), ("open_end", "true"), *running),
        view(mark("Not touched for a year"), ("updated_to", add_months(today, -12).isoformat()), *running,
             ("sort", "updated_at")),
        view(mark("Never published from here"), ("published", "false"), *running),
    ]  # fmt: skip
    if officer is not None:
        found.insert(0, view(mark("Mine"), ("officer", officer), *running))
    return found
