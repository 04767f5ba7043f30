"""The compact table of codelists: what a code is, how a snapshot of all lists is written down and read back.

A table is UTF-8 text. Lines beginning with ``#`` give the snapshot's date and origin. A line beginning with ``=`` opens
a list: name, title, the list its categories come from, whether the list is complete. Every other line is one code:
code, name, French name, category, ``w`` when withdrawn, date of activation, date of withdrawal; empty columns at the
end are left out. Reading a table only cuts it into lists; the rows of a list are read when it is first asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["active", "withdrawn"]

_COLUMNS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One entry of a codelist."""

    code: str
    name: str = ""  #: in English; empty where the list names nothing (media types, versions)
    name_fr: str = ""  #: in French, where the list is translated
    category: str = ""  #: the code of its parent in the list's category list, or in the list itself
    status: Status = "active"  #: withdrawn codes stay valid in published data but should not be used anew
    activated_on: date | None = None
    withdrawn_on: date | None = None


class Codelist(Mapping[str, Code]):
    """One list, in its published order: code → Code. Membership costs no more than in a dictionary."""

    __slots__ = ("_rows", "category_list", "complete", "name", "title")

    def __init__(
        self, *, name: str, title: str, category_list: str, complete: bool, rows: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.name = name
        self.title = title
        #: name of the list that the categories of this one are taken from, or empty
        self.category_list = category_list
        #: False when codes outside the list are legitimate
        self.complete = complete
        self._rows = rows

    @classmethod
    def of(cls, *, name: str, title: str, category_list: str, complete: bool, codes: Iterable[Code]) -> "Codelist":
        """A list made from its codes."""
        rows = {code.code: _to_row(code) for code in codes}
        return cls(name=name, title=title, category_list=category_list, complete=complete, rows=rows)

    def __getitem__(self, code: str) -> Code:
        row = self._rows[code]
        row += ("",) * (_COLUMNS - len(row))
        return Code(
            code=row[0],
            name=row[1],
            name_fr=row[2],
            category=row[3],
            status="withdrawn" if row[4] else "active",
            activated_on=date.fromisoformat(row[5]) if row[5] else None,
            withdrawn_on=date.fromisoformat(row[6]) if row[6] else None,
        )

    def __contains__(self, code: object) -> bool:
        return code in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<Codelist {self.name}: {len(self)} codes>"

    def _lines(self) -> Iterator[str]:
        yield "=" + "\t".join((self.name, self.title, self.category_list, "1" if self.complete else "0"))
        for row in self._rows.values():
            yield "\t".join(row)


class Snapshot(Mapping[str, Codelist]):
    """All lists as they stood on one date: list name → Codelist, in alphabetical order."""

    def __init__(self, *, taken_on: date, origin: str, lists: Mapping[str, Codelist | str]) -> None:
        self.taken_on = taken_on
        self.origin = origin  #: where the lists were taken from, in words or as an address
        self._lists = dict(sorted(lists.items()))
        self._sets: dict[str, frozenset[str]] = {}

    def __getitem__(self, name: str) -> Codelist:
        found = self._lists[name]
        if isinstance(found, str):
            found = self._lists[name] = _read_list(found)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __len__(self) -> int:
        return len(self._lists)

    def section(self, name: str) -> Codelist | str:
        """A list as it is held: read, or still the text it will be read from."""
        return self._lists[name]

    def codes_of(self, name: str) -> frozenset[str]:
        """The bare codes of a list, for checks on a hot path. KeyError when there is no such list."""
        found = self._sets.get(name)
        if found is None:
            found = self._sets[name] = frozenset(self[name])
        return found

    def render(self) -> str:
        """The table as text; `read` gives the same snapshot back, and the same lists give the same text."""
        lines = [
            "# Codelists of the IATI standard: codes, names, status. Columns of a code: code, name, name_fr, category,",
            "# w when withdrawn, activated_on, withdrawn_on. A list opens with name, title, category list, complete.",
            f"# snapshot\t{self.taken_on.isoformat()}",
            f"# origin\t{self.origin}",
        ]
        for name in self:
            lines.extend(self[name]._lines())
        return "\n".join(lines) + "\n"


def read(text: str) -> Snapshot:
    """Read a table. ValueError when it is not one (no date of the snapshot, or no list)."""
    head, *sections = text.split("\n=")
    facts = dict(line[2:].split("\t", 1) for line in head.splitlines() if line.startswith("# ") and "\t" in line)
    if "snapshot" not in facts or not sections:
        raise ValueError("not a table of codelists: the date of the snapshot or the lists are missing")
    lists: dict[str, Codelist | str] = {section[: section.index("\t")]: section for section in sections}
    return Snapshot(taken_on=date.fromisoformat(facts["snapshot"]), origin=facts.get("origin", ""), lists=lists)


def _read_list(section: str) -> Codelist:
    head, *lines = section.rstrip("\n").split("\n")
    name, title, category_list, complete = head.split("\t")
    rows = {(row := tuple(line.split("\t")))[0]: row for line in lines}
    return Codelist(name=name, title=title, category_list=category_list, complete=complete == "1", rows=rows)


def _to_row(code: Code) -> tuple[str, ...]:
    row = [
        code.code,
        code.name,
        code.name_fr,
        code.category,
        "w" if code.status == "withdrawn" else "",
        code.activated_on.isoformat() if code.activated_on else "",
        code.withdrawn_on.isoformat() if code.withdrawn_on else "",
    ]
    while not row[-1]:
        row.pop()
    return tuple(row)
