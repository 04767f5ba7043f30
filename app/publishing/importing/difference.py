"""What a file says otherwise than the record that is kept here: element by element, list by list."""

import json
from collections import defaultdict, deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

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
#: characters of an element that people are shown
_LONGEST = 120
_KIND_OF = {name: kind for kind, (name, _shape) in CLASSIFICATIONS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """An element of a list that only the file, or only the record, has."""

    #: list of the activity
    name: str
    element: object
    #: the rows it comes from; none for an element of the file
    table: str = ""
    keys: tuple[int, ...] = ()

    def __str__(self) -> str:
        texts = " ".join(_leaves(to_json(self.element)))
        return texts if len(texts) <= _LONGEST else f"{texts[:_LONGEST]}…"


@dataclass(slots=True)
class Difference:
    """What has to be done to a record so that it says what a file says."""

    #: columns of the activity itself: name → (kept here, in the file)
    columns: dict[str, tuple[object, object]] = field(default_factory=dict)
    #: something of the activity itself differs, be it only in the remainder
    itself: bool = False
    #: elements that are not kept yet, by table
    new: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))
    #: rows whose element is not in the file any more, by table
    gone: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: the elements that are not kept yet, for people
    added: list[Element] = field(default_factory=list)
    #: the elements that are not in the file any more, for people
    lost: list[Element] = field(default_factory=list)
    #: places of rows that stay: (table, key, ordinal)
    places: list[tuple[str, int, int]] = field(default_factory=list)
    #: elements that follow from other records, so that a file cannot take them away
    derived: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.itself or any(self.new.values()) or any(self.gone.values()))

    @property
    def places_that_differ(self) -> set[str]:
        """Columns of the activity and lists in which file and record differ; "remainder" for what no column holds."""
        if self.itself and not self.columns:
            return {"remainder", *(each.name for each in (*self.added, *self.lost))}
        return {*self.columns, *(each.name for each in (*self.added, *self.lost))}

    def leave(self, entered: Container[tuple[str, int]]) -> int:
        """What was entered here stays, whatever a file says; how many elements that are."""
        staying = [each for each in self.lost if any((each.table, key) in entered for key in each.keys)]
        if staying:
            kept = {(each.table, key) for each in staying for key in each.keys}
            self.lost = [each for each in self.lost if kept.isdisjoint((each.table, key) for key in each.keys)]
            for name, keys in self.gone.items():
                self.gone[name] = [key for key in keys if (name, key) not in kept]
        return len(staying)

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
    theirs = whole.shape.extract(whole.element)
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
    found: Difference, name: str, whole: Part, incoming: list[object], kept: list[object], composed: Composed
) -> None:
    standing: dict[str, deque[tuple[str, tuple[int, ...]]]] = defaultdict(deque)
    for element, source in zip(kept, composed.sources.get(name, []), strict=True):
        standing[_key(element)].append(source)
    for element, source in composed.hidden.get(name, []):
        standing[_key(element)].append(source)
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
            found.added.append(Element(name=name, element=element))
    for element, source in zip(kept, composed.sources.get(name, []), strict=True):
        matches = standing[_key(element)]
        if source in matches:
            matches.remove(source)
            origin, keys = source
            if keys:
                found.gone[origin].extend(keys)
                found.lost.append(Element(name=name, element=element, table=origin, keys=keys))
            else:
                found.derived.append(name)


def _key(element: object) -> str:
    return json.dumps(to_json(element), ensure_ascii=False, sort_keys=True)


def _leaves(value: object) -> Iterator[str]:
    """The texts and values of an element, in its order."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield str(value)
