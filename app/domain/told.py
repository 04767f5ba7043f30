"""Sentences that are told in English and keep their parts, so that pages can say them in other languages."""

from datetime import date
from typing import Self

#: what may stand in a sentence
Part = str | int | date


class Told(str):
    """A sentence; ``template`` holds ``%(name)s`` where ``parts`` stand. As a string it is the English sentence."""

    __slots__ = ("parts", "template")

    template: str
    parts: dict[str, Part]

    def __new__(cls, template: str, /, **parts: Part) -> Self:
        """``template`` is a constant: catalogues of messages are made from the source."""
        told = super().__new__(cls, template % parts if parts else template)
        told.template, told.parts = template, parts
        return told
