"""Items of results frameworks with what is reckoned for them: results on record take the place of loaded totals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.achieved import Achieved, alike
from app.domain.framework import OUTCOME, Branch, Item, branches, of_one_unit
from app.domain.money import exact_sum, plain

RECORDS, LOADED = "records", "loaded"
#: what is to be known is told one by one up to so many
TOLD = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """The items of one framework with the results of the period.

    Where a framework has results on record its groups and its total are those of the records; totals that were loaded
    for indicators without records stand in their own rows, and in no sum.
    """

    items: Sequence[Item]
    #: keys of indicators that have results on record
    on_record: frozenset[int]
    #: key of an item → the total that was loaded for it
    loaded: Mapping[int, Decimal]

    @classmethod
    def of(cls, items: Sequence[Item], on_record: Iterable[Achieved], in_period: Iterable[Achieved]) -> "Reckoned":
        """``on_record``: all results of the framework; ``in_period``: those that count."""
        by_item: dict[int, list[Achieved]] = {result.item_id: [] for result in on_record}
        for result in in_period:
            by_item[result.item_id].append(result)
        own = {item.id for item in items}
        return cls(
            items=[_with_results(item, by_item[item.id]) if item.id in by_item else item for item in items],
            on_record=frozenset(by_item.keys() & own),
            loaded={item.id: item.result for item in items if item.result is not None},
        )

    def branches(self, level: str) -> list[Branch]:
        """What stands at a level, with the sums of its records where it has any."""
        return [self._summed(branch) for branch in branches(self.items, level)]

    def tops(self) -> list[Branch]:
        """What the total is of: the outcomes, and only those with records where the framework has records."""
        found = self.branches(OUTCOME)
        return [branch for branch in found if self.basis(branch) == RECORDS] if self.on_record else found

    def basis(self, branch: Branch) -> str | None:
        """Whether a row is reckoned from results on record, or is a total as it was loaded; None: it has no result."""
        if any(item.id in self.on_record for item in branch.indicators):
            return RECORDS
        return None if branch.item.result is None else LOADED

    def remarks(self) -> list[str]:
        """Indicators that stand by loaded totals beside records, and those whose two figures differ."""
        if not self.on_record:
            return []
        indicators = [branch.item for branch in branches(self.items, "indicator")]
        alone = [item.code for item in indicators if item.id not in self.on_record and item.result is not None]
        found = [f"Loaded totals without records, in no sum: {listed(alone)}."] if alone else []
        differing = [
            f"Indicator {item.code}: the results on record come to {plain(item.result)} and the loaded total is "
            f"{plain(self.loaded[item.id])}."
            for item in indicators
            if item.id in self.on_record
            and item.result is not None
            and self.loaded.get(item.id, item.result) != item.result
        ]
        return found + cut(differing, "more differ from their loaded total.")

    def _summed(self, branch: Branch) -> Branch:
        recorded = [item for item in branch.indicators if item.id in self.on_record]
        if not recorded or branch.item.id in self.on_record:
            return branch
        parts = of_one_unit(recorded)
        regions = sorted({region for part in parts for region in part.regions})
        summed = replace(
            branch.item,
            result=exact_sum(part.result for part in parts if part.result is not None) if parts else None,
            regions={region: exact_sum(part.regions.get(region, Decimal(0)) for part in parts) for region in regions},
        )
        return replace(branch, item=summed)


def _with_results(item: Item, results: Sequence[Achieved]) -> Item:
    regions: dict[str, list[Decimal]] = defaultdict(list)
    for result in results:
        regions[result.region].append(result.quantity)
    return replace(
        item,
        result=exact_sum(result.quantity for result in results),
        regions={region: exact_sum(quantities) for region, quantities in sorted(regions.items())},
    )


def counted_twice(results: Sequence[Achieved]) -> list[str]:
    """Sentences on results that two projects seem to tell of; both count until somebody says that they are one."""
    found = [
        f"{second.reference} says what {first.reference} says of the same indicator and place in {first.year} and "
        f"names other projects: both count until one of them is given same_as."
        for first, second in alike(results)
    ]
    return cut(found, "more seem to be counted twice.")


def cut(sentences: Sequence[str], more: str) -> list[str]:
    """The first sentences, and how many there are beyond."""
    left = len(sentences) - TOLD
    return [*sentences[:TOLD], *((f"{left} {more}",) if left > 0 else ())]


def listed(codes: Sequence[str]) -> str:
    left = len(codes) - TOLD
    return ", ".join(codes[:TOLD]) + (f" and {left} more" if left > 0 else "")
