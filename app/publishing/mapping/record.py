"""An activity taken apart into the rows that hold it, and put together again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import count, islice
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

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
from app.publishing.mapping.glance import Name
from app.publishing.mapping.loose import Loose, LooseElement, loose_as_json, placed, take_loose
from app.publishing.mapping.money import BUDGET, PLANNED, TRANSACTION
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.shape import Columns, Remainder, Shape
from iati.jsonform import to_json
from iati.lexical import LexicalError
from iati.model import Activity, Indicator, Period, Result, Transaction

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: an element of which rows of their own hold the lists
Parent = TypeVar("Parent", bound=Activity | Result | Indicator | Period)
#: takes the texts that are no values of their types; None: nobody asks
Unread = list[LexicalError] | None

#: table → (list of the activity, shape); classifications and results have more to them
PLAIN: dict[str, tuple[str, Shape[Any]]] = {
    "participants": ("participating_org", PARTICIPANT),
    "contacts": ("contact_info", CONTACT),
    "locations": ("location", LOCATION),
    "allocations": ("budget", BUDGET),
    "planned_payments": ("planned_disbursement", PLANNED),
    "ledger_entries": ("transaction", TRANSACTION),
    "documents": ("document_link", DOCUMENT),
    "links": ("related_activity", LINK),
}


def _naming(*prefixes: str) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((prefix, f"{prefix}_ref", f"{prefix}_name", f"{prefix}_type") for prefix in prefixes)


#: shape → the prefixes under which its columns name organisations, with these columns: identifier, name, type
PARTIES = {
    id(ACTIVITY): _naming("reporting"),
    id(PARTICIPANT): _naming("organisation"),
    id(PLANNED): _naming("provider", "receiver"),
    id(TRANSACTION): _naming("provider", "receiver"),
}
#: tables whose rows name organisations
NAMING = tuple(table for table, (_list, shape) in PLAIN.items() if id(shape) in PARTIES)


class _Bare(Generic[Parent]):
    """Copies elements without some of their lists: faster than ``copy``, which would be asked for many thousands."""

    def __init__(self, kind: type[Parent], *lists: str) -> None:
        self._kind = kind
        self._kept = [each.name for each in fields(cast("type[DataclassInstance]", kind)) if each.name not in lists]
        self._get = attrgetter(*self._kept)

    def of(self, element: Parent) -> Parent:
        return self._kind(**dict(zip(self._kept, self._get(element), strict=True)))


_ACTIVITY = _Bare(Activity, *LISTS)
_RESULT = _Bare(Result, "indicator")
_INDICATOR = _Bare(Indicator, "baseline", "period")
_PERIOD = _Bare(Period, "target", "actual")


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
    #: None: its columns say all of it, and it is made of them when it is asked for; see :attr:`whole`
    element: object
    columns: Columns
    ordinal: int = 0
    parts: dict[str, list["Part"]] = field(default_factory=dict)
    #: the organisations that the element names, by the prefix of their columns; columns then hold the rows' values
    named: list[tuple[str, Party]] = field(default_factory=list)
    #: white space in empty elements is to be kept
    blanks: bool = False
    #: elements that no table can hold, by list of the activity, with their places in it
    loose: Loose = field(default_factory=dict)
    #: the columns are known to say all of the element
    said: bool = False

    def __post_init__(self) -> None:
        columns = self.columns
        for prefix, of_ref, of_name, of_type in PARTIES.get(id(self.shape), ()):
            ref, name = columns[of_ref], columns[of_name]
            if ref is not None or name is not None or self.shape in (PARTICIPANT, ACTIVITY):
                self.named.append((prefix, Party(ref, name or ("", ()), columns.get(of_type))))

    @property
    def whole(self) -> object:
        """The element, with the names of organisations as it says them."""
        if self.element is None:
            said = dict(self.columns)
            for prefix, party in self.named:
                said[f"{prefix}_ref"], said[f"{prefix}_name"] = party.ref, party.name
            self.element = self.shape.render(said)
        return self.element

    def remainder(self) -> Remainder | None:
        """What the columns do not say, once those of organisations come from their rows."""
        if self.said and not self.blanks:
            return None
        found = self.shape.remainder(self.whole, self.columns, blanks=self.blanks)
        if not self.loose:
            return found
        kept: Remainder = found if found is not None else {"element": to_json(self.whole)}
        return {**kept, "loose": loose_as_json(self.loose)}


def every_part(whole: Part) -> Iterator[Part]:
    """The part and all below it."""
    yield whole
    for parts in whole.parts.values():
        for part in parts:
            yield from every_part(part)


def take_apart(
    activity: Activity,
    *,
    blanks: bool = False,
    unread: Unread = None,
    beside: Mapping[int, Columns] = MappingProxyType({}),
) -> Part:
    """The rows of an activity. Elements that no table can hold are taken out of its lists into the part's ``loose``.

    ``blanks``: empty elements of the file hold white space, which canonical XML keeps. ``unread`` takes the texts that
    are no values of their types. ``beside``: plain transactions that the activity has beside those in its list, by
    their places among all of them; :func:`made_whole` puts them there.
    """
    bare = _ACTIVITY.of(activity)
    columns = ACTIVITY.extract(bare, "", unread)
    currency = columns["default_currency"] or ""
    whole = Part(ACTIVITY, bare, columns, loose=take_loose(activity, unread))
    for table, (name, shape) in PLAIN.items():
        whole.parts[table] = [
            Part(shape, element, plain, at, said=True)
            if (plain := shape.read_plain(element)) is not None
            else Part(shape, element, shape.extract(element, currency, unread), at)
            for at, element in placed(getattr(activity, name), whole.loose.get(name, ()))
        ]
    if beside:
        _put_in(whole, beside)
    whole.parts["classifications"] = [
        Part(shape, element, {"kind": kind, **shape.extract(element, "", unread)}, at)
        for kind, (name, shape) in CLASSIFICATIONS.items()
        for at, element in enumerate(getattr(activity, name))
    ]
    whole.parts["results"] = [_result(element, at, unread) for at, element in enumerate(activity.result)]
    if blanks:
        for part in every_part(whole):
            part.blanks = True
    return whole


def _put_in(whole: Part, plain: Mapping[int, Columns]) -> None:
    """Puts transactions that were read before in their places among the others."""
    others, loose = whole.parts["ledger_entries"], whole.loose.get("transaction", [])
    free = (place for place in count() if place not in plain)
    places = list(islice(free, len(others) + len(loose)))
    for part in others:
        part.ordinal = places[part.ordinal]
    if loose:
        whole.loose["transaction"] = [LooseElement(places[each.at], each.element) for each in loose]
    read = [Part(TRANSACTION, None, columns, place, said=True) for place, columns in plain.items()]
    whole.parts["ledger_entries"] = sorted((*others, *read), key=attrgetter("ordinal")) if others else read


def made_whole(activity: Activity, whole: Part) -> Activity:
    """The activity that was taken apart, with every transaction in its list."""
    activity.transaction = [cast("Transaction", part.whole) for part in whole.parts["ledger_entries"]]
    return activity


def _result(element: Result, at: int, unread: Unread) -> Part:
    bare = _RESULT.of(element)
    indicators = [_indicator(each, place, unread) for place, each in enumerate(element.indicator)]
    return Part(RESULT, bare, RESULT.extract(bare, "", unread), at, {"indicators": indicators})


def _indicator(element: Indicator, at: int, unread: Unread) -> Part:
    bare = _INDICATOR.of(element)
    below = {
        "indicator_baselines": [
            Part(BASELINE, each, BASELINE.extract(each, "", unread), place)
            for place, each in enumerate(element.baseline)
        ],
        "indicator_periods": [_period(each, place, unread) for place, each in enumerate(element.period)],
    }
    return Part(INDICATOR, bare, INDICATOR.extract(bare, "", unread), at, below)


def _period(element: Period, at: int, unread: Unread) -> Part:
    bare = _PERIOD.of(element)
    values = [
        Part(MEASUREMENT, each, {"kind": kind, **MEASUREMENT.extract(each, "", unread)}, place)
        for kind in ("target", "actual")
        for place, each in enumerate(getattr(element, kind))
    ]
    return Part(PERIOD, bare, PERIOD.extract(bare, "", unread), at, {"period_values": values})


class OrganisationRow(Protocol):
    """A row that says what an organisation is called."""

    @property
    def identifier(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def name_translations(self) -> list[list[str]]: ...
    @property
    def type(self) -> str | None: ...


def named(row: OrganisationRow) -> tuple[str | None, Name | None, str | None]:
    """Identifier, name and type of an organisation's row as columns hold them."""
    return row.identifier, (row.name, tuple((each[0], each[1]) for each in row.name_translations)), row.type
