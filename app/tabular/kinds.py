"""The kinds of table: each an input model of a feature, its key, and the function that puts a row.

Columns, their order, which are required and what they mean follow from the model, so a table and the API's JSON body
cannot drift apart.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, get_args, get_origin

from pydantic import BaseModel
from sqlmodel import Session

from app.db.put import Put
from app.domain.access import Actor
from app.translated import language_field, texts_of

PutFunction = Callable[[Session, Actor, Any, dt.date], Put[Any]]


class Columns(frozenset[str]):
    """The columns of a model, and beside ``title`` also ``title_nl`` in every language there is."""

    texts: tuple[str, ...]

    def __new__(cls, model: type[BaseModel]) -> Self:
        columns = super().__new__(cls, model.model_fields)
        columns.texts = texts_of(model)
        return columns

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and language_field(name, self.texts) is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of table."""

    name: str
    model: type[BaseModel]
    #: columns that tell one row from another
    key: tuple[str, ...]
    #: session, actor, row, today → what came of it
    put: PutFunction
    #: name of the field that takes all further columns (regions of a results framework); None: they are refused
    further: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns; empty when any name may stand in the header."""
        return frozenset() if self.further else Columns(self.model)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(name for name, field in self.model.model_fields.items() if field.is_required())

    def parse(self, cells: dict[str, str]) -> BaseModel:
        """The row as the feature takes it; raises pydantic's ``ValidationError``."""
        values: dict[str, Any] = {}
        for name, cell in cells.items():
            field = self.model.model_fields.get(name)
            if field is None and self.further:
                values.setdefault(self.further, {})[name] = cell
            elif field is not None and (item := _item_type(field.annotation)) is not None:
                values[name] = [_item(item, part) for part in cell.split("|") if part.strip()]
            else:
                values[name] = cell
        return self.model.model_validate(values)

    def template(self) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        """Header, an example row, and for each column what it means."""
        header = [name for name in self.model.model_fields if name != self.further]
        example, meanings = [], []
        for name in header:
            field = self.model.model_fields[name]
            example.append(_text(field.examples[0]) if field.examples else "")
            marks = "required" if field.is_required() else "optional"
            if name in self.key:
                marks += ", part of the key"
            meanings.append((name, f"{field.description or name.replace('_', ' ').capitalize()} ({marks})"))
        if self.further:
            meanings.append(("…", f"every further column is one of the {self.further}"))
        meanings += [
            (f"{text}_xx", f"{text.capitalize()} in any other language, by its code, such as {text}_nl")
            for text in texts_of(self.model)
        ]
        return header, example, meanings


def _item_type(annotation: Any) -> Any:
    """The type of a list's items; None for what is no list."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    for part in get_args(annotation):
        if get_origin(part) is list:
            return get_args(part)[0]
    return None


def _item(item: Any, part: str) -> Any:
    """``KE:60`` as the first fields of an item's model; a plain value as it stands."""
    part = part.strip()
    if isinstance(item, type) and issubclass(item, BaseModel):
        return dict(zip(item.model_fields, (piece.strip() for piece in part.split(":")), strict=False))
    return part


def _text(example: Any) -> str:
    if isinstance(example, list):
        return "|".join(
            ":".join(str(value) for value in item.values()) if isinstance(item, dict) else str(item) for item in example
        )
    return str(example).lower() if isinstance(example, bool) else str(example)
