"""What the generated JSON code asks of values: each function gives what is expected or raises JsonFault."""

from collections.abc import ItemsView
from typing import Any, Never, TypeAlias

Json: TypeAlias = dict[str, Any]


class JsonFault(ValueError):
    """Data that is not the JSON form of a record. ``place`` is a JSON pointer, once it is known."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


def members(data: object) -> ItemsView[str, object]:
    """The members of an object."""
    if isinstance(data, dict):
        return data.items()
    raise JsonFault("an object was expected")


def items(value: object) -> list[object]:
    """The items of an array."""
    if isinstance(value, list):
        return value
    raise JsonFault("an array was expected")


def string(value: object) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    raise JsonFault("a string was expected")


def strings(value: object) -> tuple[str, ...]:
    """An array of strings."""
    return tuple([string(each) for each in items(value)])


def numbers(value: object) -> tuple[int, ...]:
    """An array of whole numbers from 0."""
    found = tuple([each for each in items(value) if isinstance(each, int) and not isinstance(each, bool) and each >= 0])
    if len(found) < len(items(value)):
        raise JsonFault("an array of whole numbers was expected")
    return found


def pairs(value: object) -> tuple[tuple[str, str], ...]:
    """An object of strings as sorted pairs."""
    return tuple(sorted([(string(name), string(each)) for name, each in members(value)]))


def unknown(key: str) -> Never:
    """Refuse a member that the standard does not know."""
    raise JsonFault(f"the member {key!r} is not known here")
