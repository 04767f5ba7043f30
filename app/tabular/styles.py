"""The texts and the styles of a workbook, which its cells name by their numbers."""

import re
from sys import getsizeof
from typing import IO, Final

from lxml import etree
from openpyxl.utils.escape import unescape

from app.domain.keys import without_marks
from app.tabular.elements import elements, local_name, too_large
from app.tabular.formats import NumberFormat, builtin_format, number_format

#: the texts of a workbook are held as long as it is read: so many bytes of them at most
TEXTS_LIMIT = 150 * 1024**2
COUNT: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def read_texts(stream: IO[bytes]) -> tuple[list[str], dict[int, bool]]:
    """The texts that cells name by their places; and of those that are struck through, whether all of it is."""
    texts: list[str] = []
    struck: dict[int, bool] = {}
    held = 0
    for each in elements(stream, "si", most=None):
        text = text_of(each)
        if (whole_text := struck_through(each)) is not None:
            struck[len(texts)] = whole_text
        texts.append(text)
        held += getsizeof(text)
        if held > TEXTS_LIMIT:
            raise too_large()
    return texts, struck


def struck_through(text: etree._Element) -> bool | None:
    """Whether all that is seen of a string item is struck through by fonts of its own; None: nothing of it is.

    Fonts of blanks say nothing: whoever writes behind a struck text and takes that out leaves a struck blank.
    """
    runs = [run for run in text if local_name(run) == "r" and _is_seen("".join(_pieces(run)))]
    struck = [any(_strikes(look) for each in run if local_name(each) == "rPr" for look in each) for run in runs]
    if not any(struck):
        return None
    return all(struck) and not _is_seen("".join(child.text or "" for child in text if local_name(child) == "t"))


def _is_seen(text: str) -> bool:
    return bool(without_marks(unescape(text) if "_x" in text else text).strip())


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
            pieces += _pieces(child)
    text = "".join(pieces)
    return unescape(text) if "_x" in text else text


def _pieces(run: etree._Element) -> list[str]:
    return [each.text or "" for each in run if local_name(each) == "t"]


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
