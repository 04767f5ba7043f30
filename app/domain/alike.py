"""Tasks of a kind: who has twelve annual reviews of one project to note reads one line of them, not twelve."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")

#: from so many on tasks of one project and kind are one line
SEVERAL = 3


def gathered(tasks: Iterable[T], kind_of: Callable[[T], Hashable | None]) -> list[list[T]]:
    """The tasks in their order, by lines; those alike stand with the first of them. Kind None: a line of its own."""
    lines: list[list[T]] = []
    alike: dict[Hashable, list[T]] = {}
    for task in tasks:
        kind = kind_of(task)
        if kind is not None and kind in alike:
            alike[kind].append(task)
            continue
        lines.append([task])
        if kind is not None:
            alike[kind] = lines[-1]
    return [part for line in lines for part in ([line] if len(line) >= SEVERAL else [[task] for task in line])]
