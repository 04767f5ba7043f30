"""Which results frameworks a report is of, and the targets that are stated for its days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.framework import Item
from app.domain.periods import FiscalCalendar, Period, PeriodError
from app.domain.written_periods import parse_periods
from app.reports.queries_results import FrameworkRecord, TargetRecord


def of_periods(
    items: Sequence[Item], records: Mapping[str, FrameworkRecord], periods: Sequence[Period], fiscal: FiscalCalendar
) -> tuple[list[Item], list[str]]:
    """Items of the frameworks whose time has days of the periods, and remarks on those of which no time is known."""
    names = dict.fromkeys(item.framework for item in items)
    chosen, unread = set(), []
    for name in names:
        own = times_of(name, records, fiscal)
        if not own:
            unread.append(f"The name of the framework {name} is no period: it is not shown.")
        elif any(period.overlaps(each) for period in periods for each in own):
            chosen.add(name)
    return [item for item in items if item.framework in chosen], unread


def times_of(name: str, records: Mapping[str, FrameworkRecord], fiscal: FiscalCalendar) -> Sequence[Period]:
    """The time of a framework: as its record says, else as its name does; nothing where neither tells any."""
    if (record := records.get(name)) is not None:
        return (Period(start=record.starts_on, end=record.ends_on),)
    try:
        return parse_periods(name, fiscal)
    except PeriodError:
        return ()


class Targets:
    """Targets that are stated for the days that are asked for, or for a region."""

    def __init__(self, targets: Sequence[TargetRecord], periods: Sequence[Period]) -> None:
        asked = (periods[0].start, periods[-1].end)
        #: (item, region) → target; region empty: everywhere
        self.stated = {
            (each.item_id, each.region): each.target
            for each in targets
            if (each.period_start, each.period_end) == asked
        }

    def applied(self, item: Item) -> Item:
        """The item with the target that is stated for the days, else with that of its whole framework."""
        return replace(item, target=self.stated.get((item.id, ""), item.target))

    def columns(self, items: Sequence[Item]) -> tuple[str, ...]:
        """A column for each region that has a target of one of the items."""
        shown = {item.id for item in items}
        regions = {region for number, region in self.stated if region and number in shown}
        return tuple(f"target_{region}" for region in sorted(regions))

    def of(self, item: Item, column: str) -> Decimal | None:
        return self.stated.get((item.id, column.removeprefix("target_")))
