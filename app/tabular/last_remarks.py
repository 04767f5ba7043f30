"""Remarks on what rows of a table make together: what the last of them leaves is told, once, and nothing on the way.

A schedule that is told anew goes over its agreement as long as its second row is not read, and new rows each make more
than those before: such a remark is of the whole, and not of the row.
"""

from dataclasses import dataclass

from app.db.put import Put
from app.errors import Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class OfTheWhole:
    """A remark of a kind of table that is of the whole."""

    #: rule of the remark
    rule: str
    #: column of the stored rows that names the whole
    owner: str


class LastRemarks:
    """Holds such remarks as long as a table is stored."""

    def __init__(self, of: OfTheWhole | None) -> None:
        self._of = of
        #: key of the whole → what was remarked when its last row so far was stored
        self._held: dict[object, list[Fault]] = {}

    def told_at_once(self, number: int, put: Put[object]) -> list[Fault]:
        """The remarks on a row that are its own. The others wait for further rows of the whole."""
        found = [finding.in_row(number) for finding in put.findings]
        if self._of is None or put.outcome == "unchanged":
            return found
        self._held[getattr(put.row, self._of.owner)] = [each for each in found if each.rule == self._of.rule]
        return [each for each in found if each.rule != self._of.rule]

    def told_at_last(self) -> list[Fault]:
        """What is to be told of each whole when every row was stored."""
        return [each for held in self._held.values() for each in held]
