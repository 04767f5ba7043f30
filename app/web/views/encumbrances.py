"""What an encumbrance bound over time, in the order in which it held, each change in words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from typing import Any, Final

from app.language.i18n import Words
from app.web.views.trail import Change, changes

_HELD: Final = ("project", "date", "amount", "currency", "kind")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was known of it from a day on."""

    #: None: from the beginning
    day: dt.date | None
    changes: Sequence[Change]
    #: something that was recorded later took its place
    replaced: bool
    recorded_at: dt.datetime
    recorded_by: str


def history(revisions: Sequence[Mapping[str, Any]], words: Words) -> list[Step]:
    """The steps, the newest first; none of what never changed. The first one tells what it bound at the beginning.

    What it bound differs from what it bound before that day. The day of its end is a fact of its own: it differs from
    what was recorded before.
    """
    recorded = sorted(revisions, key=lambda each: each["sequence"])
    known_end = dict(zip((each["sequence"] for each in recorded[1:]), recorded, strict=False))
    ends = _ends(recorded)
    ordered = sorted(recorded, key=_place)
    steps = []
    before: Mapping[str, Any] = {}
    for place, each in enumerate(ordered):
        ends_only = each["sequence"] in ends
        steps.append(
            Step(
                day=each["released_on"] or each["recorded_at"].date() if ends_only else each["changed_on"],
                changes=changes(
                    "encumbrances", _plain(before, known_end.get(each["sequence"])), _plain(each, each), words, {}
                ),
                replaced=not ends_only and _replaced(each, ordered[place + 1 :]),
                recorded_at=each["recorded_at"],
                recorded_by=each["recorded_by"],
            )
        )
        before = each
    return steps[::-1]


def _place(revision: Mapping[str, Any]) -> tuple[dt.date, int]:
    """Where a revision stands in the order in which they hold."""
    return revision["changed_on"] or dt.date.min, revision["sequence"]


def _ends(recorded: Sequence[Mapping[str, Any]]) -> set[int]:
    """Sequence numbers of what only says when it ended: it holds what the last one of then did, from the same day."""
    found = set()
    last = recorded[0] if recorded else {}
    for each in recorded[1:]:
        if each["changed_on"] == last["changed_on"] and _held(each) == _held(last):
            found.add(each["sequence"])
        last = max(last, each, key=_place)
    return found


def _replaced(revision: Mapping[str, Any], later: Sequence[Mapping[str, Any]]) -> bool:
    """Whether something else took its place from the same day on."""
    of_day = takewhile(lambda each: each["changed_on"] == revision["changed_on"], later)
    return any(_held(each) != _held(revision) for each in of_day)


def _held(revision: Mapping[str, Any]) -> list[Any]:
    return [revision[name] for name in _HELD]


def _plain(held: Mapping[str, Any], ended: Mapping[str, Any] | None) -> dict[str, str | None]:
    """The values of two revisions as events of the audit trail have them: what one held, and the end that one told."""
    values = {name: _text(held[name]) for name in _HELD} if held else {}
    return values if ended is None else {**values, "released_on": _text(ended["released_on"])}


def _text(value: object) -> str | None:
    return None if value is None else str(value.value) if isinstance(value, Enum) else str(value)
