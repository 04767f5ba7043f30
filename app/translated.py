"""Bodies with texts in any language: beside ``title`` also ``title_nl``, in the API as in tables.

French and Spanish are fields of their own, since tables have always had them; every other language of the codelist is
understood by its code. Services find all of them among the values that a body sends.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from app.domain.codes import known_code
from app.inputs import Input, Line, Text

_NAME = re.compile(r"([a-z]+)_([a-z]{2,3})")


def language_field(name: str, texts: tuple[str, ...]) -> str | None:
    """The language of ``title_nl`` where ``title`` is among the texts; None for any other name."""
    found = _NAME.fullmatch(name)
    return found[2] if found and found[1] in texts and known_code("Language", found[2]) else None


def translations(values: Mapping[str, Any], text: str) -> Iterator[tuple[str, str | None]]:
    """(language, text) of every ``text_xx`` among the values."""
    for name, value in values.items():
        if (language := language_field(name, (text,))) is not None:
            yield language, value


def with_text(kept: list[list[str]], language: str, text: str | None) -> list[list[str]]:
    """The list with the first text of a language replaced, added or taken away."""
    place = next((place for place, pair in enumerate(kept) if pair[0] == language), None)
    result = [list(pair) for pair in kept]
    if text is None:
        return result if place is None else result[:place] + result[place + 1 :]
    if place is None:
        return [*result, [language, text]]
    result[place] = [language, text]
    return result


def _only(*texts: str) -> AfterValidator:
    def check(name: str) -> str:
        if language_field(name, texts) is None:
            raise PydanticCustomError("extra_forbidden", "There is no such field here")
        return name

    return AfterValidator(check)


def _closed(schema: dict[str, Any]) -> None:
    """The description names the fields there are; further languages stand in the words."""
    schema["additionalProperties"] = False


class Translated(Input):
    """A body whose further fields are texts in any language; the classes below say which texts."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_closed)


class Named(Translated):
    """``name_nl`` and the like."""

    __pydantic_extra__: dict[Annotated[str, _only("name")], Line | None]


class Titled(Translated):
    """``title_nl`` and the like."""

    __pydantic_extra__: dict[Annotated[str, _only("title")], Line | None]


class Described(Translated):
    """``title_nl``, ``description_nl`` and the like."""

    __pydantic_extra__: dict[Annotated[str, _only("title", "description")], Text | None]


def texts_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The texts that a body takes in any language."""
    if issubclass(model, Described):
        return ("title", "description")
    return ("title",) if issubclass(model, Titled) else ("name",) if issubclass(model, Named) else ()
