"""What a file says otherwise than the record that is kept here: element by element, list by list."""

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from app.publishing.exporting.parts import Composed
from app.publishing.mapping.activity import ACTIVITY, CLASSIFICATIONS, LISTS
from app.publishing.mapping.record import PLAIN, Part
from iati.jsonform import to_json
from iati.model import Activity

#: list of the activity → the table that keeps it
TABLE_OF = {
    **{name: table for table, (name, _shape) in PLAIN.items()},
    **{name: "classifications" for name, _shape in CLASSIFICATIONS.values()},
    "result": "results",
}
_KIND_OF = {name: kind for kind, (name, _shape) in CLASSIFICATIONS.items()}


@dataclass(slots=True)
class Difference:
    """What has to be done to a record so that it says what a file says."""

    #: columns of the activity itself: name → (kept here, in the file)
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    #: something of the activity itself differs, be it only in the remainder
    itself: bool = False
    #: elements that are not kept yet, by table
    new: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))
    #: rows whose element is not in the file any more, by table
    gone: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: places of rows that stay: (table, key, ordinal)
    places: list[tuple[str, int, int]] = field(default_factory=list)
    #: elements that follow from other records, so that a file cannot take them away
    derived: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.itself or any(self.new.values()) or any(self.gone.values()))

    def counts(self) -> dict[str, dict[str, int]]:
        """{table: {"new": n, "gone": n}} of what differs."""
        return {
            name: {"new": len(self.new.get(name, ())), "gone": len(self.gone.get(name, ()))}
            for name in sorted({*self.new, *self.gone})
            if self.new.get(name) or self.gone.get(name)
        }


def difference(whole: Part, activity: Activity, composed: Composed) -> Difference:
    """Compares an activity of a file, taken apart as ``whole``, with the one composed from the record.

    Lists are compared as multisets: order alone changes nothing but places.
    """
    found = Difference()
    present = composed.activity
    # former identifiers follow from records kept here, whether the file states them or not
    stated = activity.other_identifier
    present.other_identifier = [
        each for each in present.other_identifier if each in stated or each not in composed.former_identifiers
    ]
    lists = {name: getattr(present, name) for name in LISTS}
    for name in LISTS:
        setattr(present, name, [])
    said = ACTIVITY.extract(present)
    theirs = ACTIVITY.extract(whole.element)
    found.columns = {name: (said[name], theirs[name]) for name in said if said[name] != theirs[name]}
    found.itself = present != whole.element or composed.loose != whole.loose
    for name in LISTS:
        incoming = getattr(activity, name)
        sources = composed.sources.get(name, [])
        if incoming != lists[name] or len(sources) != len(lists[name]):
            _compare(found, name, whole, incoming, lists[name], composed)
        setattr(present, name, lists[name])
    return found


def _compare(
    found: Difference, name: str, whole: Part, incoming: list[Any], kept: list[Any], composed: Composed
) -> None:
    standing: dict[str, deque[tuple[str, tuple[int, ...]]]] = defaultdict(deque)
    for element, source in zip(kept, composed.sources.get(name, []), strict=True):
        standing[_key(element)].append(source)
    for element, source in composed.hidden.get(name, []):
        standing[_key(element)].append(source)
    hidden = {source for _element, source in composed.hidden.get(name, [])}
    table = TABLE_OF[name]
    parts = (
        [part for part in whole.parts[table] if part.columns.get("kind") == _KIND_OF[name]]
        if (name in _KIND_OF)
        else whole.parts[table]
    )
    for at, element in enumerate(incoming):
        matches = standing.get(_key(element))
        if matches:
            origin, keys = matches.popleft()
            found.places.extend((origin, key, parts[at].ordinal) for key in keys)
        else:
            found.new[table].append(parts[at])
    for matches in standing.values():
        for source in matches:
            origin, keys = source
            if source in hidden:
                continue
            if keys:
                found.gone[origin].extend(keys)
            else:
                found.derived.append(name)


def _key(element: Any) -> str:
    return json.dumps(to_json(element), ensure_ascii=False, sort_keys=True)
