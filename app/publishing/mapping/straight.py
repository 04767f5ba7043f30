"""Plain transactions read from the tree of a file straight into columns, with no element made in between.

Most rows of most files are such. For trees that follow the schema only: what it orders and counts is not looked at
again. What is not seen to be plain here is read as an element, and :mod:`app.publishing.mapping.plain` says what plain
is; a test holds that both say the same of the transactions of real files.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from lxml import etree

from app.publishing.mapping.binds import exact
from app.publishing.mapping.money import TRANSACTION
from app.publishing.mapping.shape import Columns
from iati.lexical import BLANKS, LexicalError, format_decimal, parse_date

#: reads one child into its columns; False: it says more than they hold
_Read = Callable[[etree._Element, Columns], bool]
_NOTHING: Final[Columns] = dict.fromkeys(TRANSACTION.columns)


def take_plain(tree: etree._Element) -> dict[int, Columns]:
    """Takes the plain transactions of an activity out of its tree: their columns by their places among all of them."""
    found: dict[int, Columns] = {}
    for place, element in enumerate(tree.findall("transaction")):
        columns = _columns(element)
        if columns is not None:
            found[place] = columns
            tree.remove(element)
    return found


def _columns(element: etree._Element) -> Columns | None:
    columns: Columns = _NOTHING.copy()
    for name, value in element.items():
        if name != "ref":
            return None
        columns["reference"] = value
    for child in element:
        read = _CHILDREN.get(child.tag)
        if read is None or not read(child, columns):
            return None
    return columns if columns["type"] and columns["date"] and columns["amount"] is not None else None


def _code(column: str) -> _Read:
    def read(child: etree._Element, columns: Columns) -> bool:
        said = child.items()
        if len(said) != 1 or said[0][0] != "code" or child.text or len(child) or columns[column] is not None:
            return False
        columns[column] = said[0][1]
        return bool(said[0][1])

    return read


def _date(child: etree._Element, columns: Columns) -> bool:
    said = child.items()
    if len(said) != 1 or said[0][0] != "iso-date" or child.text or len(child):
        return False
    columns["date"] = _day(said[0][1])
    return True


def _value(child: etree._Element, columns: Columns) -> bool:
    for name, value in child.items():
        if name == "currency":
            columns["currency"] = value
        elif name == "value-date":
            columns["value_date"] = day = _day(value)
            if day is None:
                return False
        else:
            return False
    text = child.text
    if not text or len(child) or not columns["currency"]:
        return False
    try:
        amount = exact(text)
    except LexicalError:
        return False
    columns["amount"] = amount
    return amount is not None and format_decimal(amount) == text


@lru_cache(maxsize=10_000)
def _day(text: str) -> dt.date | None:
    """The day of a text that writes it in the one way in which it is written here."""
    try:
        day = parse_date(text)
    except LexicalError:
        return None
    return day if day is not None and day.isoformat() == text else None


def _description(child: etree._Element, columns: Columns) -> bool:
    if child.items() or len(child) != 1:
        return False
    columns["description"] = words = _words(child[0])
    return words is not None


def _words(narrative: etree._Element) -> str | None:
    """A text in one language, which is not named."""
    if narrative.tag != "narrative" or narrative.items() or len(narrative):
        return None
    return narrative.text or ""


def _party(prefix: str, activity_id: str) -> _Read:
    of_ref, of_name, of_activity = f"{prefix}_ref", f"{prefix}_name", f"{prefix}_activity"

    def read(child: etree._Element, columns: Columns) -> bool:
        for name, value in child.items():
            if name == "ref":
                columns[of_ref] = value
            elif name == activity_id:
                columns[of_activity] = value
            else:
                return False
        ref = columns[of_ref]
        if ref is not None and (not ref or ref != ref.strip(BLANKS)):
            return False
        if not len(child):
            columns[of_name] = (ref, ())
            return ref is not None and not child.text
        words = _words(child[0]) if len(child) == 1 else None
        columns[of_name] = (words, ())
        return words is not None and words != ref

    return read


#: child → how it is read; others are in no column, or not in a plain way
_CHILDREN: Final[Mapping[object, _Read]] = {
    "transaction-type": _code("type"),
    "transaction-date": _date,
    "value": _value,
    "description": _description,
    "provider-org": _party("provider", "provider-activity-id"),
    "receiver-org": _party("receiver", "receiver-activity-id"),
    "sector": _code("sector"),
    "recipient-country": _code("country"),
    "flow-type": _code("flow_type"),
    "finance-type": _code("finance_type"),
    "aid-type": _code("aid_type"),
    "tied-status": _code("tied_status"),
}
