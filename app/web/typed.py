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


def read(form: Form[Input], given: Typed, words: Words) -> tuple[dict[str, Value], list[Fault]]:
    """The body that was meant, field by field, None for what is empty; and what could not be read."""
    body: dict[str, Value] = {}
    faults: list[Fault] = []
    precise = any(minor_units(code.strip()) > 2 for code in given.get("currency", ()))
    for name, found in form.fields.items():
        column = column_of(found)
        if column.parts:
            body[name] = list(_read_items(name, item_model(found), given, words, faults)) or None
        elif column.is_list:
            body[name] = [line.strip() for text in given.get(name, ()) for line in text.split("\n") if line.strip()]
            body[name] = body[name] or None
        else:
            body[name] = _read_one(f"/{name}", one(given, name), column.form, words, faults, precise=precise)
    for name in further_texts(form, list(given)):
        body[name] = one(given, name).strip() or None
    return body, faults


def _read_items(
    name: str, model: type[BaseModel], given: Typed, words: Words, faults: list[Fault]
) -> Iterator[dict[str, str]]:
    parts = model.model_fields
    rows = max((len(given.get(f"{name}.{part}", ())) for part in parts), default=0)
    place = 0
    for row in range(rows):
        item: dict[str, str] = {}
        for part, each in parts.items():
            text = at(given, f"{name}.{part}", row)
            value = _read_one(f"/{name}/{place}/{part}", text, column_of(each).form, words, faults)
            if isinstance(value, str):
                item[part] = value
        if item:
            place += 1
            yield item


def _read_one(
    pointer: str, text: str, kind: Written, words: Words, faults: list[Fault], *, precise: bool = False
) -> str | None:
    """``precise``: the currency of the form has thousandths, so that three decimals are what they seem."""
    text = text.strip() if kind in (Written.NUMBER, Written.PERCENT, Written.ANY) else text
    if not text.strip():
        return None
    match kind:
        case Written.NUMBER | Written.PERCENT:
            precise = precise or kind is Written.PERCENT
            number = words.read_amount(text.removesuffix("%"), precise=precise)
            if isinstance(number, Decimal):
                return plain(number) if precise else unmistakable(number)
        case Written.ANY:
            number, unit = _figure_in(text, words)
            if isinstance(number, Decimal):
                return f"{unmistakable(number)} {unit}".strip()
            if not number.readings:
                # a day, a code or a text: the model knows which
                return text
        case _:
            return text
    faults.append(Fault(pointer=pointer, rule="amount.unreadable", message=_ask(number, words)))
    return None


def _figure_in(text: str, words: Words) -> tuple[Decimal | Doubt, str]:
    """The figure that a text is, with the currency behind it; a doubt without readings where it is none."""
    figure, _, unit = text.rpartition(" ")
    if unit in CURRENCIES:
        return words.read_amount(figure, precise=minor_units(unit) > 2), unit
    # digits alone may be a code, whose noughts count
    return Doubt(text=text, readings=()) if text.isdecimal() else words.read_amount(text), ""


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
