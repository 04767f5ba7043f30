"""How the standard's names become Python's, in one place for every generator."""

import re

from iati.standard.description import Attribute, Element, Shape, Type


def field_name(name: str) -> str:
    """``default-aid-type`` → ``default_aid_type``, ``xml:lang`` → ``lang``, ``srsName`` → ``srs_name``."""
    bare = name.removeprefix("xml:").replace("-", "_")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", bare).lower()


def function_name(shape: Shape) -> str:
    """``DocumentLink`` → ``document_link``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", shape.name).lower()


#: For types that mean more than their text: (Python type, parser, formatter) in ``iati.lexical``.
MEANINGS = {
    Type.DECIMAL: ("Decimal", "parse_decimal", "format_decimal"),
    Type.DATE: ("date", "parse_date", "date.isoformat"),
    Type.DATETIME: ("datetime", "parse_datetime", "format_datetime"),
    Type.BOOLEAN: ("bool", "parse_boolean", "format_boolean"),
    Type.INT: ("int", "parse_integer", "str"),
    Type.NON_NEGATIVE: ("int", "parse_integer", "str"),
    Type.POSITIVE: ("int", "parse_integer", "str"),
}


def child_field(element: Element) -> str:
    """The field that holds a child or the list of children of that name."""
    return field_name(element.name)


def attribute_field(attribute: Attribute) -> str:
    """The field that holds an attribute's text."""
    return field_name(attribute.name)
