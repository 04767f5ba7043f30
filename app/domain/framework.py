"""A results framework: outcomes, outputs and indicators of a period, their targets, results and how they add up.

What an outcome or output states of itself is its figure: below it stand indicators of other units (percentages, cases)
that are told and never summed. Only what states no figures anywhere is summed from what is below it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from app.domain.money import exact_sum

OUTCOME, OUTPUT, INDICATOR = "outcome", "output", "indicator"
#: levels that are known without being said, from the top down; another framework may have some of them only
LEVELS = ("impact", "goal", "pillar", "objective", "priority", OUTCOME, OUTPUT, INDICATOR)
#: measure of an indicator that is told in words
QUALITATIVE, PERCENTAGE = "qualitative", "percentage"
#: which side of a target is the good one, where it is a ceiling
LOWER = "lower"
#: how the unit of a percentage is written
_PERCENT = frozenset({"%", "percent", "per cent", "percentage", "percentages"})


class Mark(StrEnum):
    """How a result stands against its target: above is better than that; where it is a ceiling, less is better."""

    ABOVE = "above"
    ON = "on"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An outcome, output or indicator with what is stated of it."""

    framework: str
    level: str
    code: str
    title: str
    target: Decimal | None
    result: Decimal | None
    #: results by region
    regions: Mapping[str, Decimal] = field(default_factory=dict)
    #: what it counts; None: nobody said
    unit: str | None = None
    #: number, percentage or qualitative; None: nobody said
    measure: str | None = None
    #: how things stood at the beginning, as it is written; None: nobody said
    baseline: str | None = None
    #: its level as the framework calls it, where ``level`` is the one that it stands for
    called: str | None = None
    #: whether its target is a ceiling: what is below it is better
    ceiling: bool = False
    #: target and result of an indicator that is told in words
    target_text: str | None = None
    result_text: str | None = None
    #: key of its record; 0: it has none
    id: int = 0

    @property
    def states(self) -> bool:
        return self.target is not None or self.result is not None or bool(self.regions)

    @property
    def is_share(self) -> bool:
        """Whether its figures are percentages."""
        return self.measure == PERCENTAGE or (self.unit or "").strip().casefold() in _PERCENT

    @property
    def mark(self) -> Mark | None:
        """None where target or result is missing."""
        if self.target is None or self.result is None:
            return None
        if self.result == self.target:
            return Mark.ON
        return Mark.ABOVE if (self.result > self.target) is not self.ceiling else Mark.BELOW


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """An item and the indicators below it."""

    item: Item
    outcome: str
    output: str
    indicators: Sequence[Item]

    def marked(self, mark: Mark) -> int:
        return sum(1 for each in self.indicators if each.mark is mark)


def placed(items: Sequence[Item], levels: Sequence[str] = ()) -> list[Item]:
    """Items of one framework with the three levels for which its own stand; what stands for none is left out.

    Indicators are the lowest. Where no level is called outcome, the highest stands for it; where none is called output,
    the one right above the indicators does, unless it is the highest. ``levels``: from the top down; empty: those that
    the items have, in the usual order.
    """
    own = {item.level for item in items}
    given = [name for name in (levels or LEVELS) if name in own and name != INDICATOR]
    stands_for = {INDICATOR: INDICATOR}
    if given:
        stands_for[OUTCOME if OUTCOME in given else given[0]] = OUTCOME
        if OUTPUT in given:
            stands_for[OUTPUT] = OUTPUT
        elif given[-1] not in stands_for:
            stands_for[given[-1]] = OUTPUT
    return [
        item if stands_for[item.level] == item.level else replace(item, level=stands_for[item.level], called=item.level)
        for item in items
        if item.level in stands_for
    ]


def branches(items: Sequence[Item], level: str) -> list[Branch]:
    """What stands at a level of one framework, in the order of the codes; groups nobody described are made up.

    A group without figures of its own has the sums of what is below it (outputs, else indicators), unless others of
    its level state theirs: then it was left without on purpose.
    """
    codes = {name: {item.code for item in items if item.level == name} for name in (OUTCOME, OUTPUT)}
    indicators = sorted((item for item in items if item.level == INDICATOR), key=lambda each: code_order(each.code))
    if level == INDICATOR:
        return [
            Branch(
                item=item,
                outcome=_group(item.code, codes[OUTCOME], OUTCOME),
                output=_group(item.code, codes[OUTPUT], OUTPUT),
                indicators=[item],
            )
            for item in indicators
        ]
    # a framework of two levels has nothing between: its highest stands above the indicators
    two_levels = not codes[OUTPUT] and any(item.called for item in items if item.level == OUTCOME)
    if level == OUTPUT and two_levels:
        return [replace(branch, output=branch.outcome) for branch in branches(items, OUTCOME)]
    indicators_of: dict[str, list[Item]] = {code: [] for code in codes[level]}
    for item in indicators:
        indicators_of.setdefault(_group(item.code, codes[level], level), []).append(item)
    below: dict[str, list[Item]] = indicators_of
    if level == OUTCOME and not two_levels:
        below = {}
        for branch in branches(items, OUTPUT):
            indicators_of.setdefault(branch.outcome, [])
            below.setdefault(branch.outcome, []).append(branch.item)
    described = {item.code: item for item in items if item.level == level}
    stated = any(item.states for item in described.values())
    found = []
    for code in sorted(indicators_of, key=code_order):
        own = described.get(code)
        if own is None or not (own.states or stated):
            own = replace(
                _summed(items[0].framework, level, code, own.title if own else "", below.get(code, [])),
                called=None if own is None else own.called,
            )
        outcome = code if level == OUTCOME else _group(code, codes[OUTCOME], OUTCOME)
        output = code if level == OUTPUT else ""
        found.append(Branch(item=own, outcome=outcome, output=output, indicators=indicators_of[code]))
    return found


def unequal(items: Sequence[Item]) -> list[str]:
    """Sentences on items whose regions do not sum to their result; percentages of regions never do."""
    return [
        f"{item.level} {item.code}: the regions sum to {exact_sum(item.regions.values())} and its result is "
        f"{item.result}"
        for item in items
        if item.regions and item.result is not None and exact_sum(item.regions.values()) != item.result
    ]


def home_of(code: str, items: Iterable[Item]) -> tuple[str, str | None]:
    """Outcome and output of a code that a project or an allocation names: that of an outcome, an output, an indicator.

    A code that no framework knows below an outcome is one of an outcome.
    """
    known = list(items)
    levels = {item.level for item in known if item.code == code}
    if OUTCOME in levels or not levels:
        return code, None
    codes = {name: {item.code for item in known if item.level == name} for name in (OUTCOME, OUTPUT)}
    output = code if OUTPUT in levels else _group(code, codes[OUTPUT], OUTPUT)
    return _group(code, codes[OUTCOME], OUTCOME), output


def code_order(code: str) -> list[tuple[int, int, str]]:
    """Codes in the order of their numbers: 1.2 before 1.10, numbers before letters."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in code.split(".")]


def added(figures: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the figures that are stated; None when none is."""
    known = [figure for figure in figures if figure is not None]
    return exact_sum(known) if known else None


def of_one_unit(parts: Sequence[Item]) -> list[Item]:
    """Those that count the same: of the unit that most of them have; none where two units are as frequent.

    Shares of different wholes make no sum: one stands for its group where it is the only one.
    """
    counted = [each for each in parts if each.states and each.measure != QUALITATIVE]
    if len(counted) > 1:
        counted = [each for each in counted if not each.is_share]
    counts = Counter(each.unit for each in counted).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return []
    return [each for each in counted if each.unit == counts[0][0]]


def _summed(framework: str, level: str, code: str, title: str, all_parts: Sequence[Item]) -> Item:
    parts = of_one_unit(all_parts)
    regions = sorted({region for each in parts for region in each.regions})
    return Item(
        framework=framework,
        level=level,
        code=code,
        title=title,
        target=added(each.target for each in parts),
        result=added(each.result for each in parts),
        regions={region: exact_sum(each.regions.get(region, Decimal(0)) for each in parts) for region in regions},
        unit=parts[0].unit if parts else None,
    )


def _group(code: str, codes: set[str], level: str) -> str:
    """The outcome or output that a code belongs to: the longest that begins it, else by its parts."""
    parts = code.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if (shorter := ".".join(parts[:length])) in codes:
            return shorter
    return parts[0] if level == OUTCOME else ".".join(parts[:-1]) or code
