"""Every list of the API: bounded, filtered, sorted and paged the same way, in a constant number of statements.

A feature declares a :class:`Listing` in its queries and a subclass of :class:`Page` with its filters in its schemas.
Pages follow one another by key, not by offset: the cursor holds the values of the last row, so a page costs the same
wherever it lies, and rows added meanwhile neither repeat nor hide others. Empty values come last in both directions.
"""

import datetime as dt
import hashlib
import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from sqlalchemy import Column, ColumnElement, Text, cast, func, literal, or_, true
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from app.db.base import Statement
from app.db.types import Contains
from app.errors import Fault, InvalidInput
from app.http.cursors import Cursor, Order, beyond, decode, encode, fingerprint, ordering
from app.http.cursors import Sort as Sort
from app.http.queries import bounded_count
from app.http.versions import conditional
from app.sheets import MEDIA_TYPES, Cell, Sheet, csv_pieces, workbook_bytes

#: the largest page, and the usual one
MOST, USUAL = 200, 50
#: as far as a list is counted
COUNTED = 10_000

Item = TypeVar("Item")

#: an item as it goes out: the selected columns by their labels; the ``…Out`` model of its route says what each holds
Shown = dict[str, Any]


class ListOf(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="give this as `cursor` to get the next page; null on the last")
    count: int | None = Field(default=None, description="how many there are on all pages, when `count` asks for it")
    more: bool = Field(default=False, description="there are more than `count`, which is as far as is counted")


class Page(BaseModel):
    """What every list takes; subclasses add filters, whose names stand in the listing."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=USUAL, ge=1, le=MOST, description="how many at most")
    cursor: str | None = Field(default=None, max_length=4000, description="`next` of the page before")
    sort: str | None = Field(
        default=None, max_length=200, description="fields to sort by, separated by commas; `-` before one: descending"
    )
    count: bool = Field(default=False, description=f"tell how many there are, up to {COUNTED}")
    format: Literal["json", "csv", "xlsx"] = Field(
        default="json", description="`csv` and `xlsx` give the whole list as a file, without pages"
    )


def repeated(model: type[BaseModel]) -> frozenset[str]:
    """The parameters of a query that may be given several times: those that are lists."""

    def is_list(annotation: object) -> bool:
        return get_origin(annotation) is list or any(is_list(part) for part in get_args(annotation))

    return frozenset(name for name, found in model.model_fields.items() if is_list(found.annotation))


class KeptPage(Page):
    """A list of what can be archived."""

    archived: bool = Field(default=False, description="also what was archived")


#: a condition by the value that a query gives
Filter = Callable[[object], ColumnElement[bool]]


def sort(column: Column[object], *, nullable: bool | None = None) -> Sort:
    """A sort by a column, with what the table says of it."""
    return Sort(
        by=column,
        nullable=bool(column.nullable) if nullable is None else nullable,
        unique=bool(column.unique or column.primary_key),
    )


def equals(column: ColumnElement[object]) -> Filter:
    """The value, or any of several."""
    return lambda value: column.in_(value) if isinstance(value, list) else column == value


def at_least(column: ColumnElement[object]) -> Filter:
    return lambda value: column >= value


def at_most(column: ColumnElement[object]) -> Filter:
    return lambda value: column <= value


def contains(*columns: ColumnElement[object]) -> Filter:
    """The text anywhere in any of the columns, without regard to case."""
    return lambda value: or_(*(Contains(column, str(value)) for column in columns))


def contains_in_any_language(*columns: ColumnElement[object], texts: ColumnElement[list[list[str]]]) -> Filter:
    """As :func:`contains`, and in ``texts``, which holds the same in further languages as JSON."""

    def condition(value: object) -> ColumnElement[bool]:
        # the column holds what JSON makes of letters with accents
        as_kept = json.dumps(value)[1:-1]
        return or_(contains(*columns)(value), Contains(cast(texts, Text), as_kept))

    return condition


def unless_archived(archived_at: ColumnElement[object]) -> Filter:
    """For :class:`KeptPage`: what was archived is left out unless asked for."""
    return lambda wanted: true() if wanted else archived_at.is_(None)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How a resource is listed. The selected columns, by their labels, are the fields of an item."""

    #: what is listed, in messages and cursors
    name: str
    statement: Statement
    #: the unique key that decides between equals
    key: ColumnElement[object]
    sorts: Mapping[str, Sort]
    filters: Mapping[str, Filter]
    #: when the caller does not say; a field of ``sorts``, with ``-`` for descending
    usual_sort: str
    #: labels of the selected columns
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(self.statement.selected_columns.keys()))


@dataclass(kw_only=True)
class Listed:
    """A page that was read; ``items`` may still be added to before it goes out."""

    items: list[Shown]
    next: str | None
    #: cursor of the page before; None: this is the first
    previous: str | None = None
    #: what is listed, as the name of a file
    name: str = "list"
    columns: tuple[str, ...] = ()
    format: str = "json"
    #: how many there are on all pages; None where nobody asked
    count: int | None = None

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count is not None and self.count > COUNTED

    def response(self, request: Request, *, called: str = "items", **beside: object) -> Response:
        """The page as it goes out. ``called``: the field of the items; ``beside``: further fields."""
        if self.format != "json":
            return self.file()
        counted = {} if self.count is None else {"count": min(self.count, COUNTED), "more": self.more}
        content = to_json({**beside, called: self.items, "next": self.next, **counted})
        digest = hashlib.sha256(content).hexdigest()[:32]
        return conditional(request, content, {"ETag": f'"{digest}"', **self._links(request)})

    def _links(self, request: Request) -> dict[str, str]:
        """The ways to other pages as RFC 8288 has them, below the address that was asked."""
        asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]

        def way(cursor: str | None) -> str:
            query = urlencode(asked if cursor is None else [*asked, ("cursor", cursor)])
            return f"{request.url.path}?{query}" if query else request.url.path

        ways = {"first": way(None)}
        ways |= {"prev": way(self.previous)} if self.previous else {}
        ways |= {"next": way(self.next)} if self.next else {}
        return {"Link": ", ".join(f'<{way}>; rel="{name}"' for name, way in ways.items())}

    def file(self) -> Response:
        """The list as a table for spreadsheets."""
        # what was added to the items, or took their place, goes out as well
        columns = tuple(self.items[0]) if self.items else self.columns
        rows = ([_cell(item.get(name)) for name in columns] for item in self.items)
        content = (
            b"".join(csv_pieces(columns, rows))
            if self.format == "csv"
            else workbook_bytes([Sheet(name=self.name, columns=columns, rows=rows)])
        )
        named = f'attachment; filename="{self.name.replace(" ", "-")}.{self.format}"'
        return Response(content, media_type=MEDIA_TYPES[self.format], headers={"Content-Disposition": named})


def _cell(value: object) -> Cell:
    """A value of an item as a cell; lists and objects as JSON."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if value is None or isinstance(value, str | int | Decimal | dt.date):
        return value
    return to_json(value).decode()


def one(session: Session, listing: Listing, *conditions: ColumnElement[bool]) -> Shown | None:
    """The single item under the conditions, in the form it has in the list; None when there is none."""
    row = session.execute(listing.statement.where(*conditions)).one_or_none()
    return None if row is None else in_words(dict(zip(listing.fields, row, strict=True)), listing.fields)


def in_words(item: Shown, fields: tuple[str, ...]) -> Shown:
    """An item whose translations stand under the names by which they are given as well: ``title_fr``, ``title_nl``.

    ``fields``: names of what it has, among which the translations are looked for once.
    """
    for name, begins in _translations(fields):
        for language, text in reversed(item[name] or ()):
            item[f"{begins}{language}"] = text
    return item


@cache
def _translations(fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The fields that hold translations, each with how the names of these begin."""
    return tuple((name, name.removesuffix("translations")) for name in fields if name.endswith("_translations"))


def whole(session: Session, listing: Listing, *conditions: ColumnElement[bool]) -> list[Shown]:
    """Every item of a short list, in the order of their keys: for commands, which page nothing."""
    rows = session.execute(listing.statement.where(*conditions).order_by(listing.key))
    return [dict(zip(listing.fields, row, strict=True)) for row in rows]


def page(session: Session, listing: Listing, query: Page, *conditions: ColumnElement[bool], scope: str = "") -> Listed:
    """A page of the listing in one statement. ``conditions`` narrow it, and then ``scope`` names what they narrow to.

    :raises InvalidInput: when the sort names no field of the list, or the cursor does not belong to this list.
    """
    given = _given(query)
    order = _order(listing, query.sort or listing.usual_sort)
    print_ = fingerprint(listing.name, scope, query.sort or listing.usual_sort, given)
    wanted = _narrowed(listing, given, conditions)
    whole_list = query.format != "json"
    statement = wanted
    cursor = None if query.cursor is None or whole_list else decode(query.cursor, print_, order)
    back = cursor is not None and cursor.back
    if cursor is not None:
        statement = statement.where(beyond(order, cursor))
    statement = statement.add_columns(*(step.by.label(f"_sort{place}") for place, (step, _) in enumerate(order)))
    statement = statement.order_by(*(ordering(step, descending=descending, back=back) for step, descending in order))
    if not whole_list:
        statement = statement.limit(query.limit + 1)
    rows = session.execute(statement).all()
    further = not whole_list and len(rows) > query.limit
    rows = rows if whole_list else rows[: query.limit][:: -1 if back else 1]
    ends = [row[len(listing.fields) :] for row in (*rows[:1], *rows[-1:])]
    # what a page was reached from lies on the side that the cursor points away from
    following, before = (True, further) if back else (further, cursor is not None)
    return Listed(
        # the columns to sort by come after the fields and are left out
        items=[in_words(dict(zip(listing.fields, row, strict=False)), listing.fields) for row in rows],
        next=encode(Cursor(values=ends[-1]), print_) if following and ends else None,
        previous=encode(Cursor(values=ends[0], back=True), print_) if before and ends else None,
        name=listing.name,
        columns=listing.fields,
        format=query.format,
        count=counted(session, listing, query, *conditions) if query.count else None,
    )


def page_of_computed(
    items: Sequence[Shown], places: Sequence[tuple[str | int, ...]], query: Page, *, name: str, scope: str
) -> Listed:
    """A page of a list that was computed. ``places``: of each item what it is sorted by, in the order of the items.

    :raises InvalidInput: when another order is asked for, or the cursor does not belong to this list.
    """
    if query.sort is not None:
        message = "This list has one order only: leave `sort` out."
        raise InvalidInput([Fault(pointer="/query/sort", rule="sort", message=message)])
    print_ = fingerprint(name, scope)
    first, last = 0, len(items)
    if query.format == "json":
        if query.cursor is not None:
            kinds: Order = [(Sort(by=literal(value)), False) for value in (places or [()])[0]]
            cursor = decode(query.cursor, print_, kinds)
            place = tuple(cursor.values)
            behind, before = bisect_right(places, place), bisect_left(places, place)
            first = max(before - query.limit, 0) if cursor.back else behind
        last = min(first + query.limit, last)
    return Listed(
        items=list(items[first:last]),
        next=encode(Cursor(values=places[last - 1]), print_) if first < last < len(items) else None,
        previous=encode(Cursor(values=places[first], back=True), print_) if 0 < first < last else None,
        name=name,
        format=query.format,
        count=len(items) if query.count else None,
    )


def counted(session: Session, listing: Listing, query: Page, *conditions: ColumnElement[bool]) -> int:
    """How many items all pages of a query hold, as far as a list is counted. One statement."""
    keys = _narrowed(listing, _given(query), conditions).with_only_columns(listing.key)
    return bounded_count(session, keys, COUNTED)


def facets(
    session: Session,
    listing: Listing,
    query: Page,
    by: Mapping[str, ColumnElement[object]],
    *conditions: ColumnElement[bool],
) -> dict[str, Counter[object]]:
    """For each field how often the list has each value.

    ``by`` names a filter of the list and the column it is about. A field's own filter does not narrow its counts, so
    that they tell what choosing another value would give: such a field takes a statement, and all others one together,
    which goes through the list once.
    """
    filters = _given(query)
    counts: dict[str, Counter[object]] = {name: Counter() for name in by}
    for names in ([name for name in by if name not in filters], *([name] for name in by if name in filters)):
        if not names:
            continue
        others = {other: value for other, value in filters.items() if other not in names}
        columns = [by[name].label(f"value_{name}") for name in names]
        counted = (
            _narrowed(listing, others, conditions)
            .with_only_columns(*columns, func.count(listing.key))
            # the last is the one with the most values, by whose index SQLite groups
            .group_by(*(by[name] for name in reversed(names)))
        )
        for *values, number in session.execute(counted):
            for name, value in zip(names, values, strict=True):
                counts[name][value] += number
    return counts


def most_frequent(
    counts: Mapping[object, int], called: Mapping[object, str] | None = None, *, most: int = 30
) -> list[tuple[object, int]]:
    """The values that a list has with how many there are, most frequent first; ``called``: what they are shown as,
    where that is looked up."""
    shown = ((value if called is None else called.get(value), count) for value, count in counts.items())
    told = [(value, count) for value, count in shown if value is not None]
    return sorted(told, key=lambda pair: (-pair[1], _text(pair[0])))[:most]


def _text(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def narrowed(listing: Listing, query: Page, *conditions: ColumnElement[bool]) -> Statement:
    """The statement of a list with the filters of a query: for sums over the whole list."""
    return _narrowed(listing, _given(query), conditions)


def is_whole(query: Page) -> bool:
    """Whether a query narrows its list to nothing but what was not archived."""
    return _given(query).keys() <= {"archived"}


def _given(query: Page) -> dict[str, object]:
    """The filters that a query sets."""
    own = {name: getattr(query, name) for name in type(query).model_fields if name not in Page.model_fields}
    return {name: value for name, value in own.items() if value is not None and value != []}


def _narrowed(listing: Listing, given: Mapping[str, object], conditions: Sequence[ColumnElement[bool]]) -> Statement:
    return listing.statement.where(*conditions, *(listing.filters[name](value) for name, value in given.items()))


def _order(listing: Listing, text: str) -> Order:
    """The fields to sort by with whether each is descending, the key last unless they are unique already."""
    order: Order = []
    for word in text.split(","):
        name = word.strip().removeprefix("-")
        if name not in listing.sorts:
            known = ", ".join(listing.sorts)
            message = f"{listing.name.capitalize()} cannot be sorted by “{name}”; choose among {known}."
            raise InvalidInput([Fault(pointer="/query/sort", rule="sort.unknown", message=message)])
        order.append((listing.sorts[name], word.strip().startswith("-")))
        if order[-1][0].unique and not order[-1][0].nullable:
            return order
    order.append((Sort(by=listing.key, unique=True), False))
    return order
