"""A truth where a number belongs, and a number where a truth does: pydantic takes the one for the other."""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

#: stands in place of what was mistaken: no field takes it, and each says what it takes
_NEITHER: Final = object()


def _kinds(annotation: Any) -> Iterator[type]:
    """The types that a field takes, those of the items of its lists included."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType, list, tuple):
        for each in get_args(annotation):
            yield from _kinds(each)
    elif isinstance(annotation, type):
        yield annotation


@cache
def _numbers_and_truths(model: type[BaseModel]) -> tuple[frozenset[str], frozenset[str]]:
    """The fields of a model that take whole numbers, and those that take truths."""
    kinds = {name: frozenset(_kinds(field.annotation)) for name, field in model.model_fields.items()}
    return (
        frozenset(name for name, found in kinds.items() if int in found and bool not in found),
        frozenset(name for name, found in kinds.items() if bool in found and int not in found),
    )


def without_mistaken_kinds(model: type[BaseModel], values: object) -> object:
    """What comes in for a model, where ``true`` is not taken for 1 nor 0 for ``false``: the field refuses both."""
    if not isinstance(values, dict):
        return values
    numbers, truths = _numbers_and_truths(model)
    given = {name: values[name] for name in numbers | truths if name in values}
    meant = {name: _unmistaken(value, number=name in numbers) for name, value in given.items()}
    return values | meant if any(meant[name] is not given[name] for name in given) else values


def _unmistaken(value: object, *, number: bool) -> object:
    """A value, or each of a list of them, unless it is mistaken."""
    if isinstance(value, list):
        items = [_unmistaken(each, number=number) for each in value]
        return items if any(item is _NEITHER for item in items) else value
    mistaken = isinstance(value, bool) if number else type(value) in (int, float)
    return _NEITHER if mistaken else value
