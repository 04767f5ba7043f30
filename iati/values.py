"""Whether a text may stand at a place of the standard, by the type that the description gives it.

>>> fault("iati-activity/document-link/@url", "https://[tbd]")
'a web address such as https://www.example.org/report.pdf'
"""

from collections.abc import Callable, Iterator
from functools import cache

from iati import lexical
from iati.standard import DOCUMENTS, Type, places

_PARSERS: dict[Type, Callable[[str], object]] = {
    Type.URI: lexical.parse_uri,
    Type.NMTOKEN: lexical.parse_nmtoken,
    Type.DECIMAL: lexical.parse_decimal,
    Type.DATE: lexical.parse_date,
    Type.DATETIME: lexical.parse_datetime,
    Type.BOOLEAN: lexical.parse_boolean,
    Type.INT: lexical.parse_int,
    Type.NON_NEGATIVE: lexical.parse_non_negative,
    Type.POSITIVE: lexical.parse_positive,
    Type.LANGUAGE: lexical.parse_language,
}


@cache
def types() -> dict[str, Type]:
    """The type of every attribute (``iati-activity/budget/value/@currency``) and text (``…/value/text()``)."""
    return dict(_types())


def _types() -> Iterator[tuple[str, Type]]:
    for document in DOCUMENTS:
        for path, element in places(document.record):
            here = path.lstrip("/")
            if element.shape.text is not None:
                yield f"{here}/text()", element.shape.text
            for attribute in element.shape.attributes:
                yield f"{here}/@{attribute.name}", attribute.type


def fault(place: str, text: str) -> str | None:
    """What the standard expects at a place where the text may not stand; None when it may.

    Raises KeyError for a place that the standard does not have: a programmer's fault.
    """
    return fault_of(types()[place], text)


def fault_of(kind: Type, text: str) -> str | None:
    """What is expected of a value of a type; None where the text is one."""
    parse = _PARSERS.get(kind)
    if parse is None:
        return None
    try:
        parse(text)
    except lexical.LexicalError as error:
        return error.expected
    return None
