"""Lists as rows for printing."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from iati.codelists.store import PREFIXES, PUBLISHERS, load_register, load_snapshot

_REGISTERS = {"publishers": PUBLISHERS, "prefixes": PREFIXES, "org-id-prefixes": PREFIXES}


class UnknownListError(LookupError):
    """No list has that name; the message names the nearest ones."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A table to print: every row has one text per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(name: str, *, data_dir: Path | None = None) -> Listing:
    """One list, or ``publishers`` or ``org-id-prefixes``; case does not matter. UnknownListError for other names."""
    snapshot = load_snapshot(data_dir)
    wanted = name.lower()
    if wanted in _REGISTERS or wanted + ".json" in _REGISTERS.values():
        register = load_register(_REGISTERS.get(wanted, wanted + ".json"), data_dir)
        rows = tuple((entry,) for entry in sorted(register.entries))
        return Listing(title=f"{register.origin}, {register.taken_on}", columns=("code",), rows=rows)
    names = {known.lower(): known for known in snapshot}
    if wanted not in names:
        raise UnknownListError(_unknown(name, [*snapshot, *_REGISTERS]))
    found = snapshot[names[wanted]]
    return Listing(
        title=f"{found.title}, {snapshot.taken_on}",
        columns=("code", "name", "name_fr", "category", "status"),
        rows=tuple((code.code, code.name, code.name_fr, code.category, code.status) for code in found.values()),
    )


def show_all(*, data_dir: Path | None = None) -> Listing:
    """All lists with their titles and sizes."""
    snapshot = load_snapshot(data_dir)
    rows = tuple((name, found.title, str(len(found)), found.category_list) for name, found in snapshot.items())
    return Listing(
        title=f"{snapshot.origin}, {snapshot.taken_on}", columns=("list", "title", "codes", "categories"), rows=rows
    )


def _unknown(name: str, known: Iterable[str]) -> str:
    by_case = {candidate.lower(): candidate for candidate in known}
    near = [by_case[match] for match in get_close_matches(name.lower(), by_case, n=3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "see the list of all lists."
    return f"there is no codelist {name}: {hint}"
