"""What an encumbrance bound over time, in the order in which it held, each change in words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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
    """The steps, the newest first; none of what never changed. The first one tells what it bound at the beginning."""
    ordered = sorted(revisions, key=lambda each: (each["changed_on"] or dt.date.min, each["sequence"]))
    steps = []
    before: Mapping[str, Any] = {}
    for place, each in enumerate(ordered):
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        corrected = after is not None and after["changed_on"] == each["changed_on"] and _held(after) != _held(each)
        ends_only = bool(before) and _held(each) == _held(before)
        steps.append(
            Step(
                day=each["released_on"] or each["recorded_at"].date() if ends_only else each["changed_on"],
                changes=changes("encumbrances", _plain(before), _plain(each), words, {}),
                replaced=corrected,
                recorded_at=each["recorded_at"],
                recorded_by=each["recorded_by"],
            )
        )
        before = each
    return steps[::-1]


def _held(revision: Mapping[str, Any]) -> list[Any]:
    return [revision[name] for name in _HELD]


def _plain(revision: Mapping[str, Any]) -> dict[str, str | None]:
    """The values as events of the audit trail have them."""
    names = (*_HELD, "released_on") if revision else ()
    return {name: _text(revision[name]) for name in names}


def _text(value: object) -> str | None:
    return None if value is None else str(value.value) if isinstance(value, Enum) else str(value)
