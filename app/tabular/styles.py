"""The texts and the styles of a workbook, which its cells name by their numbers."""

import re
from sys import getsizeof
from typing import IO, Final

from lxml import etree
from openpyxl.utils.escape import unescape

from app.tabular.elements import elements, local_name, too_large
from app.tabular.formats import NumberFormat, builtin_format, number_format

#: the texts of a workbook are held as long as it is read: so many bytes of them at most
TEXTS_LIMIT = 150 * 1024**2
COUNT: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def read_texts(stream: IO[bytes]) -> tuple[list[str], set[int]]:
    """The texts that cells name by their places, and the places of those of which a part is struck through."""
    texts: list[str] = []
    struck: set[int] = set()
    held = 0
    for each in elements(stream, "si", most=None):
        text = text_of(each)
        if has_struck(each):
            struck.add(len(texts))
        texts.append(text)
        held += getsizeof(text)
        if held > TEXTS_LIMIT:
            raise too_large()
    return texts, struck


def has_struck(text: etree._Element) -> bool:
    """Whether a part of a string item has a font of its own that is struck through."""
    runs = (run for run in text if local_name(run) == "r")
    return any(_strikes(look) for run in runs for each in run if local_name(each) == "rPr" for look in each)


def _strikes(look: etree._Element) -> bool:
    return local_name(look) == "strike" and look.get("val") not in ("0", "false")


def text_of(element: etree._Element) -> str:
    """The text of a string item: all its runs, without the phonetic ones."""
    pieces = []
    for child in element:
        name = local_name(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces += [run.text or "" for run in child if local_name(run) == "t"]
    text = "".join(pieces)
    return unescape(text) if "_x" in text else text


def read_styles(stream: IO[bytes]) -> tuple[list[NumberFormat], frozenset[int]]:
    """The format of each style that cells may name, and the numbers of those styles whose font is struck through."""
    own: dict[int, NumberFormat] = {}
    numbers: list[int] = []
    fonts: list[int] = []
    struck: set[int] = set()
    count = 0
    # fonts, fills and borders are looked for to be let go: a workbook may have tens of thousands of styles
    for each in elements(stream, "numFmt", "xf", "font", "fill", "border"):
        parent = each.getparent()
        if local_name(each) == "numFmt":
            own[whole(each.get("numFmtId"))] = number_format(str(each.get("formatCode", "")))
        elif local_name(each) == "xf" and parent is not None and local_name(parent) == "cellXfs":
            numbers.append(whole(each.get("numFmtId")))
            fonts.append(whole(each.get("fontId")))
        elif local_name(each) == "font" and parent is not None and local_name(parent) == "fonts":
            if any(map(_strikes, each)):
                struck.add(count)
            count += 1
    formats = [own.get(number) or builtin_format(number) for number in numbers]
    return formats, frozenset(style for style, font in enumerate(fonts) if font in struck)


def whole(text: str | None) -> int:
    """A count or place as a part writes it; 0 where it is none."""
    return int(text) if text and COUNT.fullmatch(text) else 0
