"""Whether a record follows the schema, asked of its tree while it is read."""

from copy import deepcopy
from typing import Any

from lxml import etree

from iati.markup import DECLARATION
from iati.schema_faults import SchemaFault
from iati.validator.schema import SchemaCheck


def schema_faults(check: SchemaCheck, element: Any) -> list[SchemaFault]:
    """Every place of a record that breaks the schema; empty for a valid one."""
    return check.record(element) and check.record(_without_exposed(element))


def _without_exposed(element: Any) -> Any:
    """The record without the attributes into which reading turns namespace declarations inside it."""
    bare = deepcopy(element)
    for each in bare.iter(etree.Element):
        for name in [name for name in each.attrib if name.startswith("{" + DECLARATION)]:
            del each.attrib[name]
    return bare
