"""The ways through the pages, by what a person may do."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from re import Pattern

from app.domain.access import Actor, Right
from app.language.i18n import mark


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way in the header. ``label`` is translated where it is shown."""

    label: str
    address: str
    right: Right = Right.READ
    current: bool = False
    #: further pages that belong to it
    leads_too: tuple[str, ...] = ()


#: in the order of the header; a page group adds its line here
WAYS: tuple[Way, ...] = (
    Way(label=mark("My work"), address="/", leads_too=("/alerts",)),
    Way(label=mark("Portfolio"), address="/projects", leads_too=("/risks", "/encumbrances")),
    Way(label=mark("Partners"), address="/partners", leads_too=("/agreements",)),
    Way(
        label=mark("Evaluations"),
        address="/evaluations",
        leads_too=("/recommendations", "/milestones", "/oversight-reports", "/lessons"),
    ),
    Way(label=mark("Results"), address="/results", leads_too=("/country-programmes",)),
    Way(label=mark("Delivery"), address="/delivery"),
    Way(label=mark("Reports"), address="/reports", leads_too=("/dashboard",)),
    Way(label=mark("Publish"), address="/publish", right=Right.PUBLISH),
    Way(label=mark("Spreadsheets"), address="/spreadsheets"),
    Way(label=mark("History"), address="/history"),
    Way(label=mark("Administration"), address="/admin", right=Right.ADMINISTER),
)


_pages: list[Pattern[str]] = []
#: signs of a path; anybody may send a longer one, and none of ours is
_LONGEST = 500


def use_pages(patterns: Iterable[Pattern[str]]) -> None:
    """From now on :func:`has_page` knows these addresses of pages."""
    _pages[:] = patterns
    _known.cache_clear()


def has_page(path: str) -> bool:
    """Whether there is a page at a path such as ``/agreements/1``: what has none is named without a link."""
    return len(path) <= _LONGEST and _known(path)


@lru_cache(maxsize=4096)
def _known(path: str) -> bool:
    return any(pattern.match(path) for pattern in _pages)


def items(actor: Actor, path: str) -> tuple[Way, ...]:
    """The ways that the person may go, with the one that leads to ``path`` marked."""
    return tuple(
        replace(way, current=any(_leads(address, path) for address in (way.address, *way.leads_too)))
        for way in WAYS
        if actor.may(way.right)
    )


def _leads(address: str, path: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address}/"))
