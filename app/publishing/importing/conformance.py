"""Whether a record follows the schema, asked of its tree while it is read."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, cast

from lxml import etree

from iati.markup import DECLARATION
from iati.validator.schema import in_words


def schema_faults(schema: etree.XMLSchema, element: Any) -> list[tuple[int, str]]:
    """(line of the record, sentence) for every place that breaks the schema; empty for a valid record."""
    if schema.validate(element) or schema.validate(_without_exposed(element)):
        return []
    told: dict[tuple[int, str], None] = {}
    for entry in cast("Iterable[Any]", schema.error_log):
        told.setdefault((entry.line, in_words(entry.message)))
    return list(told)


def _without_exposed(element: Any) -> Any:
    """The record without the attributes into which reading turns namespace declarations inside it."""
    bare = deepcopy(element)
    for each in bare.iter(etree.Element):
        for name in [name for name in each.attrib if name.startswith("{" + DECLARATION)]:
            del each.attrib[name]
    return bare
