"""What an activity's parts tell about it as a whole: its budget, and since when its dates were known."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import exact_sum
from app.domain.terms import AllocationKind, Stage
from app.publishing.mapping.record import Part
from app.publishing.mapping.shape import Columns

#: fields of a project with a history that a file tells
DATED = ("planned_start", "planned_end", "actual_start", "actual_end")


@dataclass(frozen=True, slots=True)
class TotalBudget:
    amount: Decimal
    currency: str
    #: how it was derived
    derivation: str


def total_budget(whole: Part) -> TotalBudget | None:
    """The sum of the revised-else-original budgets, else of commitments; None when currencies are mixed or unsaid."""
    budgets = [part.columns for part in whole.parts["allocations"]]
    periods: dict[tuple[dt.date | None, dt.date | None], dict[AllocationKind, list[Decimal]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in budgets:
        periods[each["period_start"], each["period_end"]][each["kind"]].append(each["amount"])
    counted = [
        exact_sum(kinds.get(AllocationKind.REVISED) or kinds[AllocationKind.ORIGINAL]) for kinds in periods.values()
    ]
    entries = [part.columns for part in whole.parts["ledger_entries"]]
    candidates = [("the sum of its budgets", {each["currency"] for each in budgets}, counted)]
    for code, name in (("2", "the sum of its outgoing commitments"), ("11", "the sum of its incoming commitments")):
        rows = [each for each in entries if each["type"] == code]
        candidates.append((name, {each["currency"] for each in rows}, [each["amount"] for each in rows]))
    for derivation, currencies, amounts in candidates:
        if len(currencies) == 1 and "" not in currencies:
            return TotalBudget(exact_sum(amounts), next(iter(currencies)), derivation)
    return None


def beginning(whole: Part, as_of: dt.date) -> dt.date:
    """The earliest day on which the file shows the activity to exist; never after the day of the import."""
    columns = whole.columns
    days: list[dt.date | None] = [columns["planned_start"], columns["actual_start"], as_of]
    days.extend(part.columns["value_date"] for part in whole.parts["allocations"])
    days.extend(part.columns["date"] for part in whole.parts["ledger_entries"])
    return min(day for day in days if day is not None)


def known_on(field: str, whole: Part, as_of: dt.date, begun: dt.date) -> dt.date:
    """Since when a value of a newly imported activity is taken to have been known.

    Plans from the beginning of the activity, ``begun``; what happened from the day on which it did; the total budget
    from the first budget's value date; the end of the work from its actual end. Never after the day of the import.
    """
    columns = whole.columns
    day: dt.date | None
    if field in ("actual_start", "actual_end"):
        day = columns[field]
    elif field == "total_budget":
        dated = [part.columns["value_date"] for part in whole.parts["allocations"] if part.columns["value_date"]]
        day = min(dated) if dated else begun
    elif field == "stage":
        over = columns["stage"] in (Stage.FINALISATION, Stage.CLOSED, Stage.CANCELLED)
        known = (columns["actual_end"] or columns["planned_end"] or as_of) if over else columns["actual_start"]
        day = known or begun
    else:
        day = begun
    return min(day or as_of, as_of)


def revision_value(field: str, whole: Part, budget: TotalBudget | None) -> str | None:
    """The value of a field in the form that revisions keep."""
    if field == "total_budget":
        return None if budget is None else f"{format(budget.amount, 'f')} {budget.currency}"
    value = whole.columns[field]
    if value is None:
        return None
    return str(value.value) if isinstance(value, Stage) else str(value.isoformat())


def day_of_decision(columns: Columns, as_of: dt.date) -> dt.date:
    """When a budget of a file was decided: its value date, else the beginning of its period; never after the import."""
    day = columns["value_date"] or columns["period_start"] or as_of
    not_before: dt.date = columns.get("not_before") or dt.date.min
    return max(min(day, as_of), not_before)
