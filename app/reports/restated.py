"""Results of another period by the items of the framework that is shown, as far as the crosswalk leads there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.domain.crosswalk import Carried, Way, carry, ways_by_source
from app.domain.framework import INDICATOR, OUTCOME, OUTPUT, Item, home_of, of_one_unit
from app.domain.money import exact_sum
from app.reports.reckoned import Reckoned, cut
from app.results.queries_frameworks import ways_between


@dataclass(frozen=True, kw_only=True, slots=True)
class Restated:
    """What came of the other period."""

    #: framework and code of what is shown → the results that lead there
    results: Mapping[tuple[str, str], Decimal]
    #: what leads nowhere, in sentences
    remarks: tuple[str, ...]


def restated(session: Session, before: Sequence[Reckoned], shown: Sequence[Reckoned], level: str) -> Restated:
    """Results of the frameworks ``before`` at a level of those that are ``shown``.

    Within one framework a code stands for itself. A code that became several, or leads nowhere, is told and not
    guessed. One statement for each two frameworks.
    """
    found: dict[tuple[str, str], list[Item]] = defaultdict(list)
    left: list[str] = []
    standing = {_name(later) for later in shown}
    for later in shown:
        framework = _name(later)
        for earlier in before:
            if _name(earlier) != framework and _name(earlier) in standing:
                # what is shown itself stands there, and is not carried as well
                continue
            for item, carried in _carried(session, earlier, framework):
                code = None if carried.to is None else _at(level, carried.to, later.items)
                if code is not None:
                    found[framework, code].append(item)
                else:
                    reason = carried.reason or f"{carried.to} stands above what is shown."
                    left.append(f"Result {item.code} of {item.framework} is not in the column before: {reason}")
    sums = {key: of_one_unit(items) for key, items in found.items()}
    return Restated(
        results={
            key: exact_sum(item.result for item in items if item.result is not None)
            for key, items in sums.items()
            if items
        },
        remarks=tuple(cut(left, "more results lead nowhere.")),
    )


def _name(part: Reckoned) -> str:
    return part.items[0].framework


def _carried(session: Session, part: Reckoned, framework: str) -> Iterator[tuple[Item, Carried]]:
    """The lowest items with results, and where each leads in a framework."""
    items = _lowest(part)
    if _name(part) == framework:
        yield from ((item, Carried(to=item.code, by=item.code)) for item in items)
    elif items:
        pairs = ways_between(session, _name(part), framework)
        ways = ways_by_source(Way(source=source, to=to) for source, to in pairs)
        yield from ((item, carry(item.code, ways)) for item in items)


def _lowest(part: Reckoned) -> list[Item]:
    """Indicators with results, of those on record where any is; of a framework without them, what stands above."""
    for level in (INDICATOR, OUTPUT, OUTCOME):
        items = [branch.item for branch in part.branches(level) if branch.item.result is not None]
        if part.on_record:
            items = [item for item in items if item.id in part.on_record]
        if items:
            return items
    return []


def _at(level: str, code: str, items: Sequence[Item]) -> str | None:
    """What a code stands below or for at a level; None: it stands above that."""
    outcome, output = home_of(code, items)
    if level == OUTCOME:
        return outcome
    if level == OUTPUT:
        return output
    return code if any(item.code == code and item.level == INDICATOR for item in items) else None
