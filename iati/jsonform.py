"""Records and their parts as plain dictionaries, ready for JSON, and back without loss.

A dictionary has the fields of the class that are there: texts as strings, children as dictionaries or lists of them,
``foreign_attributes`` as a dictionary, ``foreign`` as a list; what is absent is left out::

    >>> from iati.model import Narrative, Narratives
    >>> to_json(Narratives(narrative=[Narrative(lang="fr", text="Travail décent")]))
    {'narrative': [{'lang': 'fr', 'text': 'Travail décent'}]}

The form of a whole record is described by ``schemas/iati-record.schema.json``.
"""

from dataclasses import fields
from typing import TypeVar, cast, get_args, get_origin

from iati.generated.json import FROM_JSON, TO_JSON
from iati.jsonparts import Json, JsonFault

__all__ = ["Json", "JsonFault", "from_json", "to_json"]

Node = TypeVar("Node")


def to_json(node: object) -> Json:
    """A record or any part of one as a dictionary; an empty one for a part that holds nothing."""
    return TO_JSON[type(node)](node)


def from_json(kind: type[Node], data: object) -> Node:
    """The record or part that :func:`to_json` made the dictionary from.

    ``kind`` is its class, such as ``Activity`` or ``Transaction``. Raises JsonFault, whose ``place`` is a JSON pointer,
    for data of another form.
    """
    try:
        return cast("Node", FROM_JSON[kind](data))
    except JsonFault as fault:
        raise JsonFault(fault.reason, _pointer(kind, data)) from fault


def _pointer(kind: type, data: object) -> str:
    """The JSON pointer of the first place that cannot be read; only faulty data pays for this search."""
    if not isinstance(data, dict):
        return ""
    types = {each.name: each.type for each in fields(kind)}
    key, value = next((key, value) for key, value in data.items() if _fails(kind, {key: value}))
    child = _class_in(types.get(key))
    if child is None or (get_origin(types[key]) is list) != isinstance(value, list):
        return f"/{key}"
    if not isinstance(value, list):
        return f"/{key}{_pointer(child, value)}"
    at = next(at for at, each in enumerate(value) if _fails(child, each))
    return f"/{key}/{at}{_pointer(child, value[at])}"


def _class_in(annotation: object) -> type | None:
    """The class of the model in a field's type: ``list[Sector]`` and ``Sector | None`` give ``Sector``."""
    return next((each for each in get_args(annotation) if each in FROM_JSON), None)


def _fails(kind: type, data: object) -> bool:
    try:
        FROM_JSON[kind](data)
    except JsonFault:
        return True
    return False
