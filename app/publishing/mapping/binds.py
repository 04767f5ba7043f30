"""The ways in which elements hold values: attributes, coded children, dates, texts, names of organisations."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol

from app.publishing.mapping.glance import Name, says_code, says_day, says_words
from app.publishing.mapping.shape import ALWAYS, Bind, Node
from iati.lexical import (
    BLANKS,
    LexicalError,
    format_boolean,
    format_decimal,
    keep,
    parse_boolean,
    parse_date,
    parse_decimal,
)
from iati.model import Code, IsoDate, Narrative, Narratives, Value

#: digits of the largest amount that sums exactly; no money in the world comes near
_DIGITS = 40


@lru_cache(maxsize=10_000)
def exact(text: str | None) -> Decimal | None:
    """A decimal that both databases keep as it is. Raises LexicalError for absurd ones.

    An amount is asked for more than once while its element is read: the last ten thousand are remembered.
    """
    value = parse_decimal(text)
    if value is None:
        return None
    _sign, digits, exponent = value.as_tuple()
    if len(digits) > _DIGITS or not isinstance(exponent, int) or -exponent > _DIGITS:
        raise LexicalError(text or "", f"an amount of at most {_DIGITS} digits")
    return abs(value) if value.is_zero() else value


def attribute(name: str, column: str | None = None, *, required: bool = False) -> Bind[object]:
    """A text attribute; a required one is the empty text when the file leaves it out."""
    get = attrgetter(name)
    if required:
        return Bind(
            column or name,
            lambda node: get(node) or "",
            lambda node, value: setattr(node, name, value),
            blank="",
            field=name,
        )
    return Bind(column or name, get, lambda node, value: setattr(node, name, value), field=name)


def flag(name: str, column: str | None = None) -> Bind[object]:
    """A boolean attribute."""
    get = attrgetter(name)

    def write(node: object, value: bool | None) -> None:
        setattr(node, name, keep(get(node), value, parse_boolean, format_boolean))

    return Bind(column or name, lambda node: parse_boolean(get(node)), write, field=name, text=format_boolean)


def decimal(name: str, column: str | None = None) -> Bind[object]:
    """A decimal attribute."""
    get = attrgetter(name)
    return Bind(
        column or name,
        lambda node: exact(get(node)),
        lambda node, value: setattr(node, name, keep(get(node), value, exact, format_decimal)),
        field=name,
        text=format_decimal,
    )


def code(child: str, column: str | None = None, *, required: bool = False) -> Bind[object]:
    """A child whose only content is a code."""
    get = attrgetter(child)

    def read(node: object) -> str | None:
        found = get(node)
        return ("" if required else None) if found is None else found.code or ("" if required else None)

    def write(node: object, value: str | None) -> None:
        found = get(node)
        if value is None:
            setattr(node, child, None)
        elif found is None:
            setattr(node, child, Code(code=value))
        else:
            found.code = value

    return Bind(
        column or child,
        read,
        write,
        blank="" if required else None,
        field=child,
        held=lambda value: Code(code=value),
        says=says_code,
    )


def day_attribute(name: str, column: str | None = None) -> Bind[object]:
    """A date attribute."""
    get = attrgetter(name)
    return Bind(
        column or name,
        lambda node: parse_date(get(node)),
        lambda node, value: setattr(node, name, keep(get(node), value, parse_date, dt.date.isoformat)),
        field=name,
        text=dt.date.isoformat,
    )


def day(child: str, column: str | None = None) -> Bind[object]:
    """A child that is a date."""
    get = attrgetter(child)

    def read(node: object) -> dt.date | None:
        found = get(node)
        return None if found is None else parse_date(found.iso_date)

    def write(node: object, value: dt.date | None) -> None:
        found = get(node)
        if value is None:
            setattr(node, child, None)
        elif found is None:
            setattr(node, child, IsoDate(iso_date=value.isoformat()))
        else:
            found.iso_date = keep(found.iso_date, value, parse_date, dt.date.isoformat)

    return Bind(
        column or child,
        read,
        write,
        field=child,
        text=dt.date.isoformat,
        held=lambda text: IsoDate(iso_date=text),
        says=says_day,
    )


class _Valued(Protocol):
    """An element with the child ``value``: a budget, a transaction."""

    value: Value | None


def _value(node: _Valued) -> Value:
    if node.value is None:
        node.value = Value()
    return node.value


def _read_amount(node: _Valued) -> Decimal | None:
    return exact(node.value.text) if node.value else None


def _read_currency(node: _Valued) -> str:
    return (node.value and node.value.currency) or ""


def _read_value_date(node: _Valued) -> dt.date | None:
    return parse_date(node.value.value_date) if node.value else None


def _write_amount(node: _Valued, amount: Decimal) -> None:
    value = _value(node)
    value.text = keep(value.text or None, amount, exact, format_decimal) or ""


def _write_value_date(node: _Valued, date: dt.date | None) -> None:
    value = _value(node)
    value.value_date = keep(value.value_date, date, parse_date, dt.date.isoformat)


def _write_currency(node: _Valued, currency: str) -> None:
    _value(node).currency = currency or None


#: the child ``value``: amount, currency and value date
AMOUNT = (
    Bind("amount", _read_amount, _write_amount, blank=ALWAYS),
    Bind("currency", _read_currency, _write_currency, blank="", inherits=True),
    Bind("value_date", _read_value_date, _write_value_date),
)


def first_text(narratives: list[Narrative]) -> str | None:
    return narratives[0].text if narratives else None


def further_texts(narratives: list[Narrative]) -> list[list[str]]:
    """[[language, text], …] of all but the first; no language is the empty text."""
    return [[each.lang or "", each.text] for each in narratives[1:]]


def write_first(narratives: list[Narrative], text: str) -> None:
    if narratives:
        narratives[0].text = text
    else:
        narratives.append(Narrative(text=text))


def write_further(narratives: list[Narrative], texts: Iterable[Sequence[str]] | None) -> None:
    """Languages that stay keep their elements; those of other texts are made anew."""
    if not narratives and texts:
        narratives.append(Narrative())
    narratives[1:] = [Narrative(lang=language or None, text=text) for language, text in texts or ()]


def words(child: str, column: str | None = None, *, required: bool = False) -> Bind[object]:
    """A child with a text in one or more languages: the first one's text."""
    get = attrgetter(child)
    blank = "" if required else None

    def read(node: object) -> str | None:
        found = get(node)
        text = None if found is None else first_text(found.narrative)
        return blank if text is None else text

    def write(node: object, value: str | None) -> None:
        found = get(node)
        if value is None:
            setattr(node, child, None)
            return
        if found is None:
            found = Narratives()
            setattr(node, child, found)
        write_first(found.narrative, value)

    def held(text: str) -> Narratives:
        return Narratives(narrative=[Narrative(text=text)])

    return Bind(column or child, read, write, blank=blank, field=child, held=held, says=says_words)


def translations(child: str, column: str) -> Bind[object]:
    """A child with a text in one or more languages: all but the first, [[language, text], …]."""
    get = attrgetter(child)

    def read(node: object) -> list[list[str]]:
        found = get(node)
        return [] if found is None else further_texts(found.narrative)

    def write(node: object, value: list[list[str]]) -> None:
        found = get(node)
        if found is None:
            found = Narratives()
            setattr(node, child, found)
        write_further(found.narrative, value)

    return Bind(column, read, write, blank=[], continues=child)


def first_of(
    child: str, column: str, make: Callable[[str], Node], read_one: Callable[[Node], str | None]
) -> Bind[object]:
    """The first of several children that each hold one text."""
    get = attrgetter(child)

    def read(node: object) -> str | None:
        found = get(node)
        return read_one(found[0]) if found else None

    def write(node: object, value: str | None) -> None:
        found = get(node)
        if value is None:
            found.clear()
        else:
            found[:1] = [make(value)]

    return Bind(column, read, write)


class _Named(Protocol):
    """An element that names an organisation."""

    ref: str | None
    narrative: list[Narrative]


class _Party:
    """Where an element holds an organisation; without a child the element itself is one."""

    def __init__(self, child: str, node_type: Callable[[], _Named] | None) -> None:
        self.child = child
        self._get: Callable[[object], Any] = attrgetter(child) if child else lambda node: node
        self.node_type = node_type

    def find(self, node: object) -> _Named | None:
        found: _Named | None = self._get(node)
        return found

    def ensure(self, node: object) -> _Named:
        found = self.find(node)
        if found is None:
            if self.node_type is None:
                raise TypeError(f"it is not said what {self.child} is made of")
            found = self.node_type()
            setattr(node, self.child, found)
        return found

    def read_ref(self, node: object) -> str | None:
        found = self.find(node)
        return None if found is None else (found.ref or "").strip(BLANKS) or None

    def write_ref(self, node: object, value: str | None) -> None:
        if value is not None or self.find(node) is not None:
            self.ensure(node).ref = value

    def read_name(self, node: object) -> Name | None:
        found = self.find(node)
        if found is None:
            return None
        if found.narrative:
            return (found.narrative[0].text, tuple((each.lang or "", each.text) for each in found.narrative[1:]))
        ref = (found.ref or "").strip(BLANKS)
        return (ref, ()) if ref else None

    def write_name(self, node: object, value: Name | None) -> None:
        if value is None:
            found = self.find(node)
            if found is not None:
                found.narrative = []
            return
        found = self.ensure(node)
        name, further = value
        if not further and name == (found.ref or "").strip(BLANKS):
            found.narrative = []
            return
        write_first(found.narrative, name)
        write_further(found.narrative, further)


def party(child: str, prefix: str, node_type: Callable[[], _Named] | None = None) -> tuple[Bind[object], Bind[object]]:
    """An organisation: the columns ``PREFIX_ref`` (its identifier) and ``PREFIX_name`` (a :data:`Name`).

    ``child``: the field that holds it, empty when the element itself is one; ``node_type``: its class, to make one. An
    organisation without a name is called by its identifier, which is not printed as its name.
    """
    place = _Party(child, node_type)
    ref = f"{prefix}_ref"
    return (
        Bind(ref, place.read_ref, place.write_ref, field="" if child else "ref"),
        Bind(f"{prefix}_name", place.read_name, place.write_name, named_by=ref),
    )
