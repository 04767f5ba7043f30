"""Pages of a list by key: in which order rows come, which follow a row or come before it, and the cursor that says so.

Empty values come last in both directions of a sort; on the way back they come first.
"""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from sqlalchemy import ColumnElement, and_, false, or_

from app.db.audit import plain
from app.errors import Fault, InvalidInput


@dataclass(frozen=True, kw_only=True)
class Sort:
    """A field to sort by."""

    by: ColumnElement[object]
    #: whether it may be empty; a column of an outer join may
    nullable: bool = False
    #: whether no two rows share a value
    unique: bool = False


#: the fields to sort by, with whether each is descending
Order = list[tuple[Sort, bool]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """The row that a page begins behind, by the values it is sorted by."""

    values: Sequence[object]
    #: the page lies before the row
    back: bool = False


def ordering(step: Sort, *, descending: bool, back: bool = False) -> ColumnElement[object]:
    """How rows are sorted; ``back``: the other way round."""
    found = step.by.desc() if descending is not back else step.by.asc()
    # said only where it matters, so that an index on the column serves
    if not step.nullable:
        return found
    return found.nulls_first() if back else found.nulls_last()


def beyond(order: Order, cursor: Cursor) -> ColumnElement[bool]:
    """The rows that follow the cursor's row, or come before it."""
    cases: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (step, descending), value in zip(order, cursor.values, strict=True):
        if value is None:
            further: ColumnElement[bool] = step.by.is_not(None) if cursor.back else false()
            same_here: ColumnElement[bool] = step.by.is_(None)
        else:
            further = step.by < value if descending is not cursor.back else step.by > value
            if step.nullable and not cursor.back:
                further = or_(further, step.by.is_(None))
            same_here = step.by == value
        cases.append(and_(*same, further))
        same.append(same_here)
    (first, descending), value = order[0], cursor.values[0]
    if len(order) > 1 and not first.nullable:
        # implied by the cases, but a range that an index can be entered at
        bound = first.by <= value if descending is not cursor.back else first.by >= value
        return and_(bound, or_(*cases))
    return or_(*cases)


def fingerprint(*parts: object) -> str:
    content = json.dumps(plain(list(parts)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def encode(cursor: Cursor, print_: str) -> str:
    """The cursor as text; ``print_`` tells the list it belongs to."""
    content = json.dumps([plain(value) for value in cursor.values], ensure_ascii=False).encode()
    check = _check(content, print_, back=cursor.back)
    return base64.urlsafe_b64encode(check + content).decode().rstrip("=")


def _check(content: bytes, print_: str, *, back: bool) -> bytes:
    return hashlib.sha256(content + print_.encode() + (b"back" if back else b"")).digest()[:12]


def decode(cursor: str, print_: str, order: Order) -> Cursor:
    """The cursor of a text.

    :raises InvalidInput: when it does not belong to this list.
    """
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, content = raw[:12], raw[12:]
        back = check == _check(content, print_, back=True)
        if not back and check != _check(content, print_, back=False):
            raise ValueError("the check does not match")
        values = json.loads(content)
        return Cursor(
            values=[_typed(value, step.by) for value, (step, _) in zip(values, order, strict=True)], back=back
        )
    except ValueError as error:
        message = "This cursor does not belong to this list, its filters or its order: begin again without it."
        raise InvalidInput([Fault(pointer="/query/cursor", rule="cursor", message=message)]) from error


def _typed(value: object, column: ColumnElement[object]) -> object:
    """A value of the cursor as the column's type wants it."""
    if value is None:
        return None
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return kind(value)
    if kind is Decimal:
        return Decimal(str(value))
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(str(value))
    if kind is dt.date:
        return dt.date.fromisoformat(str(value))
    return value
