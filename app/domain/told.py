"""Sentences that are told in English and keep their parts, so that pages and messages say them in other languages."""

from datetime import date
from decimal import Decimal
from typing import Self


class Term(str):
    """A word of the field as part of a sentence, such as ``under-way``: said in the language, without a capital."""

    __slots__ = ()


class Figure(str):
    """An amount in plain digits as part of a sentence: said with the groups and the decimal sign of the language."""

    __slots__ = ()


class Reason(str):
    """Why something is owed, as rules tell it: said in the language by the forms of its clauses."""

    __slots__ = ()


#: what may stand in a sentence; a string of a plain kind stays as it is
Part = str | int | date | Decimal


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
