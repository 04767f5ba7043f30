"""By which name findings call an activity when identifiers repeat: as the official validator does.

The second activity of an identifier is called ``X(2)``, the third ``X(3)``. Findings of codelists count by themselves,
and only from the first activity on that has any; advisories use the bare identifier.
"""

from __future__ import annotations

from iati.findings import NO_IDENTIFIER


class Labels:
    """Names the records of one file in their order. Holds each identifier once."""

    __slots__ = ("_with_code_faults", "count_codes", "seen")

    def __init__(self, *, count_codes: bool) -> None:
        self.seen: dict[str, int] = {}
        self.count_codes = count_codes  #: organisations repeat their name
        self._with_code_faults: dict[str, int] = {}

    def for_rules(self, identifier: str) -> tuple[str, bool]:
        """The name for findings of rules, and whether the identifier stood before."""
        count = self.seen[identifier] = self.seen.get(identifier, 0) + 1
        return (identifier, False) if count == 1 else (f"{identifier}({count})", True)

    def for_codes(self, identifier: str, *, faulty: bool) -> str:
        """The name for findings of codelists; to be asked for every record, with or without such findings."""
        bare = identifier if identifier.strip() else NO_IDENTIFIER
        if not self.count_codes:
            return bare
        if bare in self._with_code_faults:
            self._with_code_faults[bare] += 1
            return f"{bare}({self._with_code_faults[bare]})"
        if faulty:
            self._with_code_faults[bare] = 1
        return bare
