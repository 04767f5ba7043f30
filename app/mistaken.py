"""A truth where a number belongs, and a number where a truth does: pydantic takes the one for the other."""

from functools import cache
from typing import Final, get_args

from pydantic import BaseModel

#: stands in place of what was mistaken: no field takes it, and each says what it takes
_NEITHER: Final = object()


@cache
def _numbers_and_truths(model: type[BaseModel]) -> tuple[frozenset[str], frozenset[str]]:
    """The fields of a model that take whole numbers, and those that take truths."""
    kinds = {name: {field.annotation, *get_args(field.annotation)} for name, field in model.model_fields.items()}
    return (
        frozenset(name for name, found in kinds.items() if int in found and bool not in found),
        frozenset(name for name, found in kinds.items() if bool in found and int not in found),
    )


def without_mistaken_kinds(model: type[BaseModel], values: object) -> object:
    """What comes in for a model, where ``true`` is not taken for 1 nor 0 for ``false``: the field refuses both."""
    if not isinstance(values, dict):
        return values
    numbers, truths = _numbers_and_truths(model)
    mistaken = [name for name in numbers if isinstance(values.get(name), bool)]
    mistaken += [name for name in truths if type(values.get(name)) in (int, float)]
    return values | dict.fromkeys(mistaken, _NEITHER) if mistaken else values
