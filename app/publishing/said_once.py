"""Findings of one activity as its page tells them."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from iati.findings import Finding

#: the way to an activity in a file of its own, which says nothing on its page
_ACTIVITY = re.compile(r"\A/iati-activities/iati-activity(?:\[1\])?/?")


class Said(NamedTuple):
    """What a rule says of an activity in the same words, wherever it says so."""

    severity: str
    message: str
    #: below the activity
    path: str
    #: further places
    more: int


def said_once(found: Iterable[Finding]) -> list[Said]:
    """Findings of one activity, those that say the same together."""
    together: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        together.setdefault((each.rule, each.message), []).append(each)
    return [
        Said(first.severity, first.message, _ACTIVITY.sub("", first.path), len(further))
        for first, *further in together.values()
    ]
