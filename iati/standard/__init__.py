"""The IATI standard, version 2.03, described once.

``ACTIVITIES`` and ``ORGANISATIONS`` are the two kinds of file. From them follow the typed model (``iati.model``), the
reader, the writer, the JSON form, the schema files and the reference page; ``python -m iati.standard.generate`` writes
them anew after a change here.
"""

from typing import Final

from iati.standard import common
from iati.standard.activity import DOCUMENT as ACTIVITIES
from iati.standard.description import (
    Attribute,
    Coded,
    Document,
    Element,
    Foreign,
    NamedType,
    Shape,
    Type,
    places,
    shapes_of,
)
from iati.standard.organisation import DOCUMENT as ORGANISATIONS

VERSION: Final = "2.03"
DOCUMENTS: Final = (ACTIVITIES, ORGANISATIONS)
#: Top-level elements and named types that both kinds of file know.
SHARED_ELEMENTS: Final = common.TOP_LEVEL
SHARED_TYPES: Final = common.NAMED_TYPES

__all__ = [
    "ACTIVITIES",
    "DOCUMENTS",
    "ORGANISATIONS",
    "SHARED_ELEMENTS",
    "SHARED_TYPES",
    "VERSION",
    "Attribute",
    "Coded",
    "Document",
    "Element",
    "Foreign",
    "NamedType",
    "Shape",
    "Type",
    "places",
    "shapes_of",
]
