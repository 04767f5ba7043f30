"""What the code of an outcome is called: that depends on the day, since each results framework numbers its own.

The titles are those of the framework in force on the day. Where none is, they are those of the last one before it, else
of the next one after it, and then the framework is named beside the title, so that nobody takes it for today's.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.framework import OUTCOME, OUTPUT, Item, placed
from app.domain.periods import Period

#: the levels whose codes projects and allocations name
_NAMING: Final = (OUTCOME, OUTPUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Titles:
    """Titles of outcomes and outputs on a day, by code, and of which framework each is, where it is not in force."""

    by_code: Mapping[str, str]
    #: code → framework, of titles that are of another time
    borrowed: Mapping[str, str]

    def of(self, code: str) -> str:
        """The title, with its framework where that is of another time; empty where no framework has the code."""
        title = self.by_code.get(code, "")
        return f"{title} ({self.borrowed[code]})" if code in self.borrowed else title

    def labels(self) -> dict[str, str]:
        """Code → code and title, as people read them."""
        return {code: f"{code} · {self.of(code)}" for code in self.by_code}


def titles_on(
    day: dt.date, items: Sequence[Item], times: Mapping[str, Period | None], levels: Mapping[str, Sequence[str]]
) -> Titles:
    """The titles that hold on a day.

    ``times`` and ``levels`` are those of each framework; None: nobody knows when it is in force. Frameworks that call
    a level outcome go before those whose highest level only stands for it, such as a plan of action of objectives.
    """
    of_frameworks: dict[str, list[Item]] = {}
    for item in items:
        of_frameworks.setdefault(item.framework, []).append(item)
    stand = {name: placed(own, levels.get(name, ())) for name, own in of_frameworks.items()}
    ordered = sorted(stand, key=lambda name: (not _calls_outcomes(stand[name]), *_distance(times.get(name), day), name))
    by_code: dict[str, str] = {}
    borrowed: dict[str, str] = {}
    for name in ordered:
        time = times.get(name)
        for item in sorted(stand[name], key=lambda each: each.level != OUTCOME):
            if item.level in _NAMING and item.title and item.code not in by_code:
                by_code[item.code] = item.title
                if time is None or not time.start <= day <= time.end:
                    borrowed[item.code] = name
    return Titles(by_code=by_code, borrowed=borrowed)


def _calls_outcomes(items: Iterable[Item]) -> bool:
    return any(item.level == OUTCOME and item.called is None for item in items)


def _distance(time: Period | None, day: dt.date) -> tuple[int, int]:
    """In force first, of several the one that began last; then the last one before, the next one after, the unknown."""
    if time is None:
        return 3, 0
    if time.end < day:
        return 1, (day - time.end).days
    if time.start > day:
        return 2, (time.start - day).days
    return 0, (day - time.start).days
