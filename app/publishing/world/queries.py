"""Statements to the index of what is published."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

#: rows of a list on one page
PAGE = 50
TITLES = {"en": "title_en", "fr": "title_fr", "es": "title_es"}
_NAMES = {"en": "name_en", "fr": "name_fr", "es": "name_es"}
_REPORTING = {"en": "reporting_en", "fr": "reporting_fr", "es": "reporting_es"}


@dataclass(frozen=True, slots=True)
class Line:
    """An activity in a list."""

    place: int
    identifier: str
    title: str
    status: str
    starts: str | None
    ends: str | None
    updated: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A code or a partner with how many activities have it."""

    key: str
    name: str
    activities: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Money of a kind in a year and a currency."""

    kind: str
    year: int
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Where:
    """Where the bytes of an activity are."""

    file: str
    start: int
    length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which activities are looked for; empty: all."""

    q: str = ""
    country: str = ""
    sector: str = ""
    partner: str = ""
    status: str = ""

    def conditions(self) -> tuple[str, list[str]]:
        """The condition of a statement, and its parameters."""
        parts, values = ["1 = 1"], []
        for word in self.q.casefold().split():
            parts.append("instr(seek, ?) > 0")
            values.append(word)
        if self.status:
            parts.append("status = ?")
            values.append(self.status)
        for name, value in (("country", self.country), ("sector", self.sector)):
            if value:
                parts.append(f"place IN (SELECT place FROM {name} WHERE code = ?)")  # noqa: S608 - names are ours
                values.append(value)
        if self.partner:
            parts.append("place IN (SELECT place FROM partner WHERE key = ?)")
            values.append(self.partner)
        return " AND ".join(parts), values


def count(index: sqlite3.Connection, wanted: Wanted) -> int:
    conditions, values = wanted.conditions()
    found = index.execute(f"SELECT count(*) FROM activity WHERE {conditions}", values)  # noqa: S608 - names are ours
    return int(found.fetchone()[0])


def lines(
    index: sqlite3.Connection, wanted: Wanted, language: str, *, after: int = -1, most: int | None = PAGE
) -> Iterator[Line]:
    """Activities in the order of their identifiers, those that follow a place; ``most`` None: all."""
    conditions, values = wanted.conditions()
    statement = (
        f"SELECT place, identifier, {TITLES[language]}, status, starts, ends, updated FROM activity "  # noqa: S608
        f"WHERE place > ? AND {conditions} ORDER BY place LIMIT ?"
    )
    for row in index.execute(statement, [after, *values, -1 if most is None else most]):
        yield Line(*row)


def find(index: sqlite3.Connection, identifier: str) -> Where | None:
    """Where the activity of an identifier stands."""
    row = index.execute("SELECT file, start, length FROM activity WHERE identifier = ?", [identifier]).fetchone()
    return None if row is None else Where(*row)


def countries(index: sqlite3.Connection) -> list[Counted]:
    """Countries with how many activities they have, most first."""
    return [Counted(*row) for row in index.execute(
        "SELECT code, code, count(*) FROM country GROUP BY code ORDER BY count(*) DESC, code"
    )]  # fmt: skip


def sectors(index: sqlite3.Connection) -> list[Counted]:
    return [Counted(*row) for row in index.execute(
        "SELECT code, code, count(*) FROM sector GROUP BY code ORDER BY count(*) DESC, code"
    )]  # fmt: skip


def partners(index: sqlite3.Connection, language: str, key: str | None = None) -> list[Counted]:
    """Partners by their names in the language, with how many activities they fund, most first.

    ``key``: of this one alone.
    """
    narrowed, values = ("", []) if key is None else ("WHERE key = ?", [key])
    name = f"min({_NAMES[language]})"
    statement = (
        f"SELECT key, {name}, count(DISTINCT place) FROM partner {narrowed} "  # noqa: S608 - no value stands in it
        f"GROUP BY key ORDER BY count(DISTINCT place) DESC, {name}"
    )
    return [Counted(*row) for row in index.execute(statement, values)]


def money(index: sqlite3.Connection, partner: str = "") -> list[Sum]:
    """Sums by kind, year and currency: of all, or of what came from a partner."""
    found = index.execute(
        "SELECT kind, year, currency, amount FROM money WHERE partner = ? ORDER BY year, kind, currency", [partner]
    )
    return [Sum(kind, year, currency, Decimal(amount)) for kind, year, currency, amount in found]


def statuses(index: sqlite3.Connection) -> Sequence[str]:
    return [row[0] for row in index.execute("SELECT DISTINCT status FROM activity WHERE status <> '' ORDER BY status")]


def newest(index: sqlite3.Connection) -> str:
    """When any activity was updated last, as the file says."""
    return str(index.execute("SELECT coalesce(max(updated), '') FROM activity").fetchone()[0])


def reporting(index: sqlite3.Connection, language: str) -> list[str]:
    """Names of the organisations that report, most activities first; one does in most offices."""
    return [row[0] for row in index.execute(
        f"SELECT min({_REPORTING[language]}) FROM activity WHERE reporting_en <> '' "  # noqa: S608 - names are ours
        "GROUP BY reporting_en ORDER BY count(*) DESC LIMIT 3"
    )]  # fmt: skip
