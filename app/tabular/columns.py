"""What the columns of a table hold, told from the fields of the input models."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.domain.currency_signs import currency_meant
from app.inputs import Written
from app.sentences import meant_of


class Form(StrEnum):
    """What a column holds."""

    TEXT = "text"
    #: one of a few words, or a code
    WORD = "word"
    NUMBER = "number"
    PERCENT = "percentage"
    DAY = "date"
    TRUTH = "yes or no"
    WHOLE = "whole number"
    #: a figure, a day or a text, as another column says
    ANY = "value"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """How the cells of one column are read."""

    form: Form
    #: forms of the parts of an item, in order, where the column holds a list: ``KE:60`` has two
    parts: tuple[tuple[str, Form], ...] = ()
    is_list: bool = False
    #: a list as it is written, for messages
    sample: str = ""
    #: whether the text is a period, which can be written in several ways
    is_period: bool = False
    #: the word or code that a text means in other letters; None: it is taken as it is
    meant: Callable[[str], str] | None = None
    #: whether there may be no value, so that ``-`` takes one away
    is_clearable: bool = False
    #: whether it holds days on which something begins, so that a month alone is its first day
    is_start: bool = False

    @property
    def takes_text(self) -> bool:
        """Whether it holds single texts, which are taken as they stand."""
        return self.form is Form.TEXT and not self.is_list


def column_of(field: FieldInfo) -> Column:
    """The column of a field of an input model."""
    item = _item_type(field.annotation)
    may_lack = not field.is_required() and (item is not None or NoneType in get_args(field.annotation))
    if item is None:
        return Column(
            form=_form(field.annotation, field.metadata),
            is_period=Written.PERIOD in _marks(field.annotation, field.metadata),
            meant=_meant(field),
            is_clearable=may_lack,
            is_start=Written.START in _marks(field.annotation, field.metadata),
        )
    if not (isinstance(item, type) and issubclass(item, BaseModel)):
        return Column(form=_form(item, ()), is_list=True, sample=_sample(field, "A|B"), is_clearable=may_lack)
    parts = tuple((name, _form(each.annotation, each.metadata)) for name, each in item.model_fields.items())
    named = ":".join(list(item.model_fields)[:2])
    otherwise = "KE:60|UG:40" if "percentage" in item.model_fields else f"{named}|{named}"
    sample = _sample(field, otherwise)
    return Column(form=Form.TEXT, parts=parts, is_list=True, sample=sample, is_clearable=may_lack)


def list_advice(column: Column) -> str:
    """How a list is written, as the end of a message."""
    return f"A list is written {column.sample}; what holds | or : itself goes into double quotes"


def text_of(value: object) -> str:
    """An example of a model as a cell."""
    if isinstance(value, list):
        return "|".join(
            ":".join(str(part) for part in item.values()) if isinstance(item, dict) else _quoted(str(item))
            for item in value
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(item: str) -> str:
    return '"' + item.replace('"', '""') + '"' if "|" in item or item.startswith('"') else item


def _sample(field: FieldInfo, otherwise: str) -> str:
    for example in field.examples or ():
        if isinstance(example, list) and len(example) > 1:
            return text_of(example)
    return otherwise


# --- what a column holds, told from the annotation of its field


def _meant(field: FieldInfo) -> Callable[[str], str] | None:
    """How the text of a key is brought into the letters of the words or codes that the field takes."""
    if Written.CURRENCY in _marks(field.annotation, field.metadata):
        return lambda text: currency_meant(text) or text
    words = ", ".join(f"'{word}'" for word in _words(field.annotation))
    return (lambda text: meant_of(text, words) or text) if words else None


def _words(annotation: object) -> list[str]:
    """The words of an enumeration or a ``Literal``."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return [word for part in get_args(annotation) for word in _words(part)]


def _item_type(annotation: object) -> object:
    """The type of a list's items; None for what is no list."""
    if get_origin(annotation) is list:
        items: tuple[object, ...] = get_args(annotation)
        return items[0]
    return next((get_args(part)[0] for part in get_args(annotation) if get_origin(part) is list), None)


def _form(annotation: object, metadata: object) -> Form:
    marks = set(_marks(annotation, metadata))
    if Written.PERCENT in marks:
        return Form.PERCENT
    if Written.ANY in marks:
        return Form.ANY
    kinds = set(_kinds(annotation))
    for kind, form in ((Decimal, Form.NUMBER), (dt.date, Form.DAY), (bool, Form.TRUTH), (int, Form.WHOLE)):
        if kind in kinds:
            return form
    return Form.TEXT if kinds <= {str} else Form.WORD


def _marks(annotation: object, metadata: object = ()) -> list[Written]:
    found = [mark for mark in metadata if isinstance(mark, Written)] if isinstance(metadata, list | tuple) else []
    if get_origin(annotation) is Annotated:
        found += [mark for mark in get_args(annotation)[1:] if isinstance(mark, Written)]
    for part in get_args(annotation):
        if get_origin(part) is Annotated:
            found += _marks(part)
    return found


def _kinds(annotation: object) -> list[object]:
    """The plain types in an annotation; words of a ``Literal`` or an enumeration count as ``Enum``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return [Enum]
    if parts := get_args(annotation):
        return [kind for part in parts if part is not NoneType for kind in _kinds(part)]
    return [annotation]
