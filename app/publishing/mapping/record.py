"""An activity taken apart into the rows that hold it, and put together again."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from app.publishing.mapping.activity import (
    ACTIVITY,
    CLASSIFICATIONS,
    CONTACT,
    DOCUMENT,
    LINK,
    LISTS,
    LOCATION,
    PARTICIPANT,
)
from app.publishing.mapping.binds import Name
from app.publishing.mapping.money import BUDGET, TRANSACTION
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.shape import Shape
from iati.model import Activity

#: table → (list of the activity, shape); classifications and results have more to them
PLAIN: dict[str, tuple[str, Shape[Any]]] = {
    "participants": ("participating_org", PARTICIPANT),
    "contacts": ("contact_info", CONTACT),
    "locations": ("location", LOCATION),
    "allocations": ("budget", BUDGET),
    "ledger_entries": ("transaction", TRANSACTION),
    "documents": ("document_link", DOCUMENT),
    "links": ("related_activity", LINK),
}

#: shape → the prefixes under which its columns name organisations
PARTIES: dict[int, tuple[str, ...]] = {
    id(ACTIVITY): ("reporting",),
    id(PARTICIPANT): ("organisation",),
    id(TRANSACTION): ("provider", "receiver"),
}


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as an element names it."""

    ref: str | None
    name: Name
    type: str | None = None


@dataclass(slots=True)
class Part:
    """One element and the row that holds it. ``parts``: rows below it, by table."""

    shape: Shape[Any]
    element: Any
    columns: dict[str, Any]
    ordinal: int = 0
    parts: dict[str, list["Part"]] = field(default_factory=dict)
    #: the organisations that the element names, by the prefix of their columns; columns then hold the rows' values
    named: list[tuple[str, Party]] = field(default_factory=list)
    #: white space in empty elements is to be kept
    blanks: bool = False

    def __post_init__(self) -> None:
        if id(self.shape) in PARTIES:
            self.named = list(self.parties())

    def parties(self) -> Iterable[tuple[str, Party]]:
        """The organisations that the element names, by the prefix of their columns."""
        for prefix in PARTIES.get(id(self.shape), ()):
            ref, name = self.columns[f"{prefix}_ref"], self.columns[f"{prefix}_name"]
            if ref is not None or name is not None or self.shape is PARTICIPANT:
                yield prefix, Party(ref, name or ("", ()), self.columns.get(f"{prefix}_type"))

    def remainder(self) -> Any | None:
        """What the columns do not say, once those of organisations come from their rows."""
        return self.shape.remainder(self.element, self.columns, blanks=self.blanks)


def every_part(whole: Part) -> Iterator[Part]:
    """The part and all below it."""
    yield whole
    for parts in whole.parts.values():
        for part in parts:
            yield from every_part(part)


def take_apart(activity: Activity, *, blanks: bool = False) -> Part:
    """The rows of an activity. Raises LexicalError for a value that no column can hold.

    ``blanks``: empty elements of the file hold white space, which canonical XML keeps.
    """
    bare = copy(activity)
    for name in LISTS:
        setattr(bare, name, [])
    columns = ACTIVITY.extract(bare)
    currency = columns["default_currency"] or ""
    whole = Part(ACTIVITY, bare, columns)
    for table, (name, shape) in PLAIN.items():
        whole.parts[table] = [
            Part(shape, element, shape.extract(element, currency), at)
            for at, element in enumerate(getattr(activity, name))
        ]
    whole.parts["classifications"] = [
        Part(shape, element, {"kind": kind, **shape.extract(element)}, at)
        for kind, (name, shape) in CLASSIFICATIONS.items()
        for at, element in enumerate(getattr(activity, name))
    ]
    whole.parts["results"] = [_result(element, at) for at, element in enumerate(activity.result)]
    if blanks:
        for part in every_part(whole):
            part.blanks = True
    return whole


def _result(element: Any, at: int) -> Part:
    bare = copy(element)
    bare.indicator = []
    indicators = [_indicator(each, place) for place, each in enumerate(element.indicator)]
    return Part(RESULT, bare, RESULT.extract(bare), at, {"indicators": indicators})


def _indicator(element: Any, at: int) -> Part:
    bare = copy(element)
    bare.baseline, bare.period = [], []
    below = {
        "indicator_baselines": [
            Part(BASELINE, each, BASELINE.extract(each), place) for place, each in enumerate(element.baseline)
        ],
        "indicator_periods": [_period(each, place) for place, each in enumerate(element.period)],
    }
    return Part(INDICATOR, bare, INDICATOR.extract(bare), at, below)


def _period(element: Any, at: int) -> Part:
    bare = copy(element)
    bare.target, bare.actual = [], []
    values = [
        Part(MEASUREMENT, each, {"kind": kind, **MEASUREMENT.extract(each)}, place)
        for kind in ("target", "actual")
        for place, each in enumerate(getattr(element, kind))
    ]
    return Part(PERIOD, bare, PERIOD.extract(bare), at, {"period_values": values})


def named(row: Mapping[str, Any] | None) -> tuple[str | None, Name | None, str | None]:
    """Identifier, name and type of an organisation's row as columns hold them."""
    if row is None:
        return None, None, None
    return row["identifier"], (row["name"], tuple((each[0], each[1]) for each in row["name_translations"])), row["type"]
