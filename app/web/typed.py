"""What was typed into a form, and a record as it would be typed: read in the person's language, never judged."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum

from pydantic import BaseModel

from app.domain.money import CURRENCIES, minor_units, plain
from app.domain.notation import Doubt, unmistakable
from app.domain.told import Told
from app.errors import Fault
from app.inputs import Input
from app.language.i18n import Words, mark
from app.tabular.columns import Form as Written
from app.tabular.columns import column_of
from app.web.forms import Form, Typed, Value, further_texts, item_model


def typed(posted: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The fields of a form with all their values; ``countries.code`` has one for each row."""
    found: dict[str, list[str]] = {}
    for name, value in posted:
        if not name.startswith("_"):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def typed_of(form: Form[Input], record: Mapping[str, object], words: Words) -> dict[str, list[str]]:
    """A record of the API as its form shows it."""
    found: dict[str, list[str]] = {}
    for name, each in form.fields.items():
        value = record.get(name)
        column = column_of(each)
        if column.parts and isinstance(value, list):
            for part, part_field in item_model(each).model_fields.items():
                form_of_part = column_of(part_field).form
                found[f"{name}.{part}"] = [_text(item.get(part), words, form_of_part) for item in value]
        elif column.is_list and isinstance(value, list):
            found[name] = [str(item) for item in value]
        else:
            found[name] = [_text(value, words, column.form)]
    for name in further_texts(form, list(record)):
        if isinstance(text := record[name], str):
            found[name] = [text]
    return found


def _text(value: object, words: Words, kind: Written) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return words.typed(value, precise=kind is Written.PERCENT)
        case Enum():
            return str(value.value)
        case dt.date():
            return value.isoformat()
        case str() if kind in (Written.NUMBER, Written.PERCENT):
            return words.typed(Decimal(value), precise=kind is Written.PERCENT)
    return str(value)


#: of the fields that a decision may change, the one whose value is money
_MONEY = "total_budget"


def decimals_of(given: Typed, currency: str = "") -> int | None:
    """How many decimals the amounts of a form have: those of its currency, else of ``currency``, of the record that it
    is about. None: no currency is known."""
    codes = [code.strip().upper() for code in given.get("currency", ()) if code.strip()] or [currency.strip().upper()]
    known = [minor_units(code) for code in codes if code in CURRENCIES]
    return max(known, default=None)


def read(form: Form[Input], given: Typed, words: Words, currency: str = "") -> tuple[dict[str, Value], list[Fault]]:
    """The body that was meant, field by field, None for what is empty; and what could not be read.

    ``currency``: what amounts are in where the form names none.
    """
    body: dict[str, Value] = {}
    faults: list[Fault] = []
    decimals = decimals_of(given, currency)
    # whatever else a decision changes is told by its code or its day
    figure = one(given, "field").strip() == _MONEY
    for name, found in form.fields.items():
        column = column_of(found)
        if column.parts:
            body[name] = list(_read_items(name, item_model(found), given, words, faults, decimals)) or None
        elif column.is_list:
            body[name] = [line.strip() for text in given.get(name, ()) for line in text.split("\n") if line.strip()]
            body[name] = body[name] or None
        else:
            kind = Written.TEXT if column.form is Written.ANY and not figure else column.form
            body[name] = _read_one(f"/{name}", one(given, name), kind, words, faults, decimals)
    for name in further_texts(form, list(given)):
        body[name] = one(given, name).strip() or None
    return body, faults


def _read_items(
    name: str, model: type[BaseModel], given: Typed, words: Words, faults: list[Fault], decimals: int | None
) -> Iterator[dict[str, str]]:
    parts = model.model_fields
    rows = max((len(given.get(f"{name}.{part}", ())) for part in parts), default=0)
    place = 0
    for row in range(rows):
        item: dict[str, str] = {}
        for part, each in parts.items():
            text = at(given, f"{name}.{part}", row)
            value = _read_one(f"/{name}/{place}/{part}", text, column_of(each).form, words, faults, decimals)
            if isinstance(value, str):
                item[part] = value
        if item:
            place += 1
            yield item


def _read_one(
    pointer: str, text: str, kind: Written, words: Words, faults: list[Fault], decimals: int | None
) -> str | None:
    """``decimals``: of the currency. Where it has thousandths, three decimals are what they seem."""
    text = text.strip() if kind in (Written.NUMBER, Written.PERCENT, Written.ANY) else text
    if not text.strip():
        return None
    match kind:
        case Written.NUMBER | Written.PERCENT:
            decimals = 3 if kind is Written.PERCENT else decimals
            number = words.read_amount(text.removesuffix("%"), decimals=decimals)
            if isinstance(number, Decimal):
                return _plainly(number, decimals)
        case Written.ANY:
            number, unit, decimals = _figure_in(text, words, decimals)
            if isinstance(number, Decimal):
                return f"{_plainly(number, decimals)} {unit}".strip()
            if not number.readings:
                # a day, a code or a text: the model knows which
                return text
        case _:
            return text
    faults.append(Fault(pointer=pointer, rule="amount.unreadable", message=_ask(number, words)))
    return None


def _plainly(number: Decimal, decimals: int | None) -> str:
    return plain(number) if decimals is not None and decimals > 2 else unmistakable(number)


def _figure_in(text: str, words: Words, decimals: int | None) -> tuple[Decimal | Doubt, str, int | None]:
    """The figure that a text is, the currency behind it and its decimals; a doubt without readings where it is none.

    ``decimals``: those of the currency that is meant where none stands behind the figure.
    """
    figure, _, unit = text.rpartition(" ")
    if (currency := unit.upper()) in CURRENCIES:
        decimals = minor_units(currency)
        return words.read_amount(figure, decimals=decimals), currency, decimals
    return words.read_amount(text, decimals=decimals), "", decimals


def _ask(doubt: Doubt, words: Words) -> str:
    # as people of this language write them, so that what is asked for is read when it is typed
    shown = [replace(each, value=words.typed(Decimal(each.value))) for each in doubt.readings]
    if question := replace(doubt, readings=tuple(shown)).question():
        return f"{question}."
    return Told("Write the amount in digits, such as %(sample)s.", sample=words.typed(Decimal("1234.5")))


def lost(pointer: str, value: object) -> Iterator[Fault]:
    """A fault for each text in which a character did not arrive whole: browsers send U+FFFD in place of half of one,
    and nobody could tell any more what was meant."""
    match value:
        case str() if "\ufffd" in value:
            yield Fault(pointer=pointer, rule="text.character", message=LOST)
        case dict():
            for name, each in value.items():
                yield from lost(f"{pointer}/{name}", each)
        case list():
            for place, each in enumerate(value):
                yield from lost(f"{pointer}/{place}", each)


LOST = mark("A character did not arrive whole here (�): write it again.")


def created(body: Mapping[str, Value]) -> dict[str, Value]:
    """The body of a new record: what was left empty is left out."""
    return {name: value for name, value in body.items() if value is not None}


def changed(body: Mapping[str, Value], before: Mapping[str, Value]) -> dict[str, Value]:
    """The body of a change: what differs from the record as it was shown, both as they are typed."""
    return {name: value for name, value in body.items() if value != before.get(name)}


def one(given: Typed, name: str) -> str:
    values = given.get(name, ())
    return values[-1] if values else ""


def at(given: Typed, name: str, row: int) -> str:
    values = given.get(name, ())
    return values[row] if row < len(values) else ""
