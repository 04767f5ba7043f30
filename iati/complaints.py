"""What the XML parser complains about, as sentences that say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml import etree

_QUOTED = re.compile(r"'([^']*)'")
_MISMATCH = re.compile(r"mismatch: (.+) line (\d+) and (.+)\Z", re.DOTALL)
_PREMATURE = re.compile(r"data in tag (.+) line (\d+)\Z", re.DOTALL)
_OF_ATTRIBUTE = re.compile(r"(?:for attribute |Attribute )(\S+)")
_NUMBER = re.compile(r"(?:Char value|xmlChar value) (\d+)")
#: Longer names are cut in sentences.
_LONGEST = 60

#: Makes a sentence of the parser's message and of the lines that stand before the text that was parsed.
Wording = Callable[[str, int], str]


def not_well_formed(complaint: etree._LogEntry, lines_before: int = 0) -> str:
    """Why a text is not well-formed XML. ``lines_before``: lines of the file before the text that was parsed."""
    wording = _WORDINGS.get(complaint.type_name)
    message = complaint.message.strip()
    return wording(message, lines_before) if wording else _unnamed(message)


def _said(sentence: str) -> Wording:
    return lambda _message, _before: sentence


def _unnamed(message: str) -> str:
    """A complaint that is not known here: the parser's own words, marked as such."""
    return f"this place breaks the rules of XML (the XML parser says: “{message}”)"


def _name_missing(message: str, _before: int) -> str:
    if "EntityRef" in message:
        return _BARE_AMPERSAND
    if "attribute name" in message:
        return "a start tag holds something that is no attribute, or is not closed with “>” before the next one begins"
    return "a bare “<” stands in the text; write it as &lt;, or correct the element's name after it"


def _undeclared(message: str, _before: int) -> str:
    found = _QUOTED.search(message)
    name = found[1] if found else ""
    return (
        f"“&{name};” is a code of web pages, which XML does not know; write the character itself, or “&amp;” where a "
        "plain & is meant"
    )


def _mismatch(message: str, before: int) -> str:
    found = _MISMATCH.search(message)
    if not found:
        return _unnamed(message)
    opened, line, closed = found.groups()
    return (
        f"<{opened[:_LONGEST]}>, opened in line {int(line) + before}, is not closed before </{closed[:_LONGEST]}>; "
        f"close it, or correct one of the two names"
    )


def _ends_early(message: str, before: int) -> str:
    found = _PREMATURE.search(message)
    where = f" inside <{found[1][:_LONGEST]}>, which was opened in line {int(found[2]) + before}" if found else ""
    return f"the file ends{where}; it seems to be cut off, so fetch or save it again"


def _with_attribute(sentence: str) -> Wording:
    def wording(message: str, _before: int) -> str:
        found = _OF_ATTRIBUTE.search(message)
        return sentence.format(name=f" “{found[1][:_LONGEST]}”" if found else "")

    return wording


def _bad_character(message: str, _before: int) -> str:
    found = _NUMBER.search(message)
    which = f"the character number {found[1]}" if found else "a control character"
    return f"{which} stands here, which no XML file may hold; it cannot be seen, so delete and type the text around it"


def _beyond_limit(message: str, _before: int) -> str:
    if "depth" in message:
        return "elements are nested more than 256 deep"
    if "text node" in message.lower():
        return (
            "a text is longer than 10 million characters, more than any program reads; shorten it, or look whether a "
            "whole document was pasted into it"
        )
    return (
        "an attribute, comment or text here is longer than 10 million characters, more than any program reads; "
        "shorten it, or look whether a quote or an end tag is missing"
    )


_BARE_AMPERSAND: Final = "a bare “&” stands in the text; write it as &amp;"
_NO_DECLARATIONS: Final = (
    "definitions (<!ENTITY, <!DOCTYPE and the like) stand here, which IATI files do not use; remove them"
)

_WORDINGS: Final[Mapping[str, Wording]] = {
    "ERR_NAME_REQUIRED": _name_missing,
    "ERR_ENTITYREF_NO_NAME": _said(_BARE_AMPERSAND),
    "ERR_ENTITYREF_SEMICOL_MISSING": _said(_BARE_AMPERSAND),
    "ERR_ENTITYREF_AT_EOF": _said(_BARE_AMPERSAND),
    "ERR_UNDECLARED_ENTITY": _undeclared,
    "WAR_UNDECLARED_ENTITY": _undeclared,
    "ERR_INVALID_CHAR": _bad_character,
    "ERR_INVALID_CHARREF": _bad_character,
    "ERR_INVALID_HEX_CHARREF": _said("“&#x…;” names no character here; write the character itself"),
    "ERR_INVALID_DEC_CHARREF": _said("“&#…;” names no character here; write the character itself"),
    "ERR_CHARREF_AT_EOF": _said("“&#” names no character here; write the character itself"),
    "ERR_INVALID_ENCODING": _said(
        "bytes stand here that are no UTF-8 text, perhaps letters with accents; save the file as UTF-8"
    ),
    "ERR_UNKNOWN_ENCODING": _said("the encoding is not known; save the file as UTF-8"),
    "ERR_UNSUPPORTED_ENCODING": _said("the encoding is not known; save the file as UTF-8"),
    "ERR_LT_IN_ATTRIBUTE": _said(
        "a bare “<” stands in the value of an attribute; write it as &lt;, or close the value with its quote"
    ),
    "ERR_ATTRIBUTE_NOT_STARTED": _said("the value of an attribute stands without quotes; put it between quotes"),
    "ERR_ATTRIBUTE_NOT_FINISHED": _said("the value of an attribute is not closed; add the quote at its end"),
    "ERR_ATTRIBUTE_WITHOUT_VALUE": _with_attribute('the attribute{name} has no value; write name="value"'),
    "ERR_ATTRIBUTE_REDEFINED": _with_attribute("the attribute{name} stands twice in one element; keep one"),
    "ERR_SPACE_REQUIRED": _said("a blank is missing between two attributes, or a quote stands in a wrong place"),
    "ERR_GT_REQUIRED": _said("a tag is not closed; add the “>”, or the quote that is missing in it"),
    "ERR_LTSLASH_REQUIRED": _said("an element is not closed; add its end tag"),
    "ERR_TAG_NAME_MISMATCH": _mismatch,
    "ERR_TAG_NOT_FINISHED": _ends_early,
    "ERR_HYPHEN_IN_COMMENT": _said("a comment holds “--” inside; take it out"),
    "ERR_COMMENT_NOT_FINISHED": _said("a comment is not closed with “-->”"),
    "ERR_COMMENT_ABRUPTLY_ENDED": _said("a comment is not closed with “-->”"),
    "ERR_PI_NOT_STARTED": _said("an instruction “<?” has no name; remove it"),
    "ERR_PI_NOT_FINISHED": _said("an instruction is not closed with “?>”"),
    "ERR_RESERVED_XML_NAME": _said(
        "an XML declaration “<?xml …?>” stands inside the file; only its very beginning may hold one, so remove it "
        "(files that were pasted together have several)"
    ),
    "ERR_CDATA_NOT_FINISHED": _said("a section “<![CDATA[” is not closed with “]]>”"),
    "ERR_MISPLACED_CDATA_END": _said("“]]>” stands in the text; write it as ]]&gt;"),
    "ERR_DOCUMENT_EMPTY": _said("there is no element here"),
    "ERR_DOCUMENT_END": _said("more follows after the end of the root element; a file has one root"),
    "ERR_NAME_TOO_LONG": _said("a name is longer than any program reads; look whether a quote or “>” is missing"),
    "ERR_RESOURCE_LIMIT": _beyond_limit,
    "ERR_INTERNAL_ERROR": _beyond_limit,
    "ERR_ENTITY_LOOP": _said(_NO_DECLARATIONS),
    "ERR_DOCTYPE_NOT_FINISHED": _said(_NO_DECLARATIONS),
    "NS_ERR_XML_NAMESPACE": _said(
        "a namespace (xmlns…) is declared in a way that XML forbids; remove that declaration"
    ),
    "NS_ERR_QNAME": _said("a name holds more than one colon; correct it"),
    "NS_ERR_ATTRIBUTE_REDEFINED": _said("an attribute stands twice in one element, under two prefixes; keep one"),
}


def in_namespace(name: str, uri: str, prefix: str | None) -> str:
    """Why an element of IATI is not recognised: it stands in a namespace. ``name``: without prefix."""
    if prefix:
        return (
            f"<{prefix}:{name}> is in the namespace “{uri}”, but the elements of IATI are in none, so no program finds "
            f'them. Take the prefix “{prefix}:” off their names, and xmlns:{prefix}="{uri}" out.'
        )
    return (
        f"<{name}> is in the namespace “{uri}”, but the elements of IATI are in none, so no program finds them. "
        f'Take xmlns="{uri}" out.'
    )
