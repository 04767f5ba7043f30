"""Cutting a source into parts: the records of its root, and what stands between them.

The scanner looks for the few marks that tell where a record ends and never builds a tree; whether a record is well
formed is found out when it is parsed. What it passes over itself (comments, instructions, text) it has parsed at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from iati.impostors import told_by_doctype, told_by_text
from iati.source_text import SourceFault, Window
from iati.source_tree import (
    Limits,
    Namespaces,
    check_aside,
    element_lines,
    line_in,
    parse_wrapped,
    start_tag_end,
    too_deep,
)

_SPACE = b" \t\r\n"
_NAME_ENDS = b" \t\r\n/>"
#: Beyond this line of a record the parser only estimates.
_EXACT_LINES = 65_535
#: Bytes of a document type definition that are looked at to tell a web page.
_LONGEST_DOCTYPE = 100
_CUT_OFF = (
    "The file is not well-formed XML: the file ends inside a tag; it seems to be cut off, so fetch or save it again. "
    "Correct this place first; nothing after it can be read."
)
_SECOND = (
    "More follows after the end of the root element, perhaps a second file that was pasted behind the first: keep one "
    "root, or make files of their own."
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """One record as UTF-8 bytes that parse on their own: the root's namespaces are declared in its start tag."""

    xml: bytes
    line: int  #: line of the source, from 1, on which the record begins
    index: int  #: position among the records of the source, from 0

    def line_of(self, element: etree._Element) -> int:
        """The line of the source on which an element of the parsed fragment begins."""
        line = line_in(element)
        if line >= _EXACT_LINES:
            order = {id(each): at for at, each in enumerate(element.getroottree().iter(etree.Element))}
            line = element_lines(self.xml)[order[id(element)]]
        return self.line + line - 1


@dataclass(frozen=True, slots=True)
class Extra:
    """What stands in the root beside records: a foreign element, a processing instruction or stray text."""

    kind: Literal["element", "instruction", "text"]
    xml: bytes  #: UTF-8; an element parses on its own
    line: int  #: line of the source, from 1
    before: int  #: number of records that precede it


@dataclass(slots=True)
class Scan:
    """The scanner's state between parts."""

    window: Window
    root: bytes  #: name of the root element as written, with its prefix
    record: bytes  #: name of the record element
    interrupts: re.Pattern[bytes]  #: what makes a record's end other than the next end tag of its name
    spaces: Namespaces
    limits: Limits


def pass_prolog(window: Window, limits: Limits) -> None:
    """Pass over everything before the root's start tag and refuse what must not stand there."""
    while True:
        start = _next_mark(window, limits)
        if start < 0:
            rest = window.rest().strip(_SPACE)
            message = told_by_text(rest) or "The file is not XML: it holds no element. Give the XML file."
            raise SourceFault(message if rest else "The file holds no XML element.", window.line)
        before = window.peek(start)
        if before.strip(_SPACE):
            raise SourceFault(
                told_by_text(before)
                or "Text stands before the first element. An XML file begins with “<”: remove what stands before it.",
                window.line + _leading_lines(before),
            )
        window.take(start)
        line = window.line
        if window.at_text(b"<?") or window.at_text(b"<!--"):
            check_aside(window.take(_aside_end(window, limits)), line)
        elif window.at_text(b"<!DOCTYPE") or window.at_text(b"<!doctype"):
            raise SourceFault(
                told_by_doctype(window.peek(_LONGEST_DOCTYPE))
                or "The file carries a document type definition (<!DOCTYPE>). Remove it: definitions and entities are "
                "not read, because they can harm whoever opens the file.",
                line,
            )
        else:
            return


def parts_of(scan: Scan) -> Iterator[Fragment | Extra]:
    window, limits = scan.window, scan.limits
    open_record = b"<" + scan.record
    index = 0
    while scan.root:
        start = _next_mark(window, limits)
        if start < 0:
            raise SourceFault(
                f"The file ends before <{scan.root.decode()}> is closed; it seems to be cut off.", window.last_line()
            )
        if start:
            line, text = window.line, window.take(start)
            if text.strip(_SPACE):
                check_aside(text, line)
                yield Extra("text", text, line + _leading_lines(text), index)
        line = window.line
        if scan.record and window.at_name(open_record, _NAME_ENDS):
            yield Fragment(scan.spaces.declare(_record(scan, index)), line, index)
            index += 1
        elif window.at_text(b"</"):
            _close_root(scan)
            return
        elif window.at_text(b"<!--"):
            check_aside(window.take(_aside_end(window, limits)), line)
        elif window.at_text(b"<?"):
            instruction = window.take(_aside_end(window, limits))
            check_aside(instruction, line)
            yield Extra("instruction", instruction, line, index)
        elif window.at_text(b"<![CDATA["):
            section = window.take(_aside_end(window, limits))
            check_aside(section, line)
            if section[9:-3].strip(_SPACE):
                yield Extra("text", section[9:-3], line, index)
        else:
            element = scan.spaces.declare(_element(window, limits))
            parse_wrapped(b"", element, b"", line)
            yield Extra("element", element, line, index)
    _epilog(window, limits)


def _next_mark(window: Window, limits: Limits) -> int:
    """The offset of the next "<", -1 when the text ends without one."""
    start = window.find(b"<", limit=limits.fragment_bytes)
    if start < 0:
        _refuse_stretch(window, limits)
    return start


def _refuse_stretch(window: Window, limits: Limits) -> None:
    if window.size() > limits.fragment_bytes:
        raise SourceFault(f"From here on {limits.fragment_bytes} bytes hold no end of what begins.", window.line)


def _leading_lines(text: bytes) -> int:
    return text[: len(text) - len(text.lstrip(_SPACE))].count(b"\n")


def _close_root(scan: Scan) -> None:
    window = scan.window
    line = window.line
    end = window.find(b">", limit=scan.limits.fragment_bytes)
    tag = window.take(end + 1) if end >= 0 else window.rest()
    if tag[2:-1].rstrip(_SPACE) != scan.root or not tag.endswith(b">"):
        raise SourceFault(
            f"{tag[:80].decode(errors='replace')} closes nothing that is open; <{scan.root.decode()}> was expected to "
            "be closed here.",
            line,
        )
    _epilog(window, scan.limits)


def _epilog(window: Window, limits: Limits) -> None:
    """Only comments, instructions and white space may follow the root."""
    while True:
        line = window.line
        start = _next_mark(window, limits)
        text = window.take(start) if start >= 0 else window.rest()
        if text.strip(_SPACE):
            raise SourceFault("Text stands after the end of the root element.", line + _leading_lines(text))
        if start < 0:
            return
        line = window.line
        if not (window.at_text(b"<?") or window.at_text(b"<!--")):
            raise SourceFault(_SECOND, line)
        check_aside(window.take(_aside_end(window, limits)), line)


_ASIDES = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}


def _aside_end(window: Window, limits: Limits, start: int = 0, before: bytes = b"<x>") -> int:
    """The offset after the comment, instruction or CDATA section that begins at an offset.

    Where it is none of them, or is not closed, the parser is asked what is wrong with the text from here on.
    """
    for opening, closing in _ASIDES.items():
        if window.at_text(opening, start):
            end = window.find(closing, start + len(opening), limit=limits.fragment_bytes)
            if end >= 0:
                return end + len(closing)
            _refuse_stretch(window, limits)
    line = window.line
    parse_wrapped(before, window.rest(), b"", line)
    raise SourceFault("Markup that begins with <! or <? is not closed.", line)


def _record(scan: Scan, index: int) -> bytes:
    """Take the record that begins here, as far as its end tag."""
    window, limits = scan.window, scan.limits
    end = start_tag_end(window, 0, limits.tag_bytes)
    if window.at_text(b"/>", end - 2):
        return window.take(end)
    closing = b"</" + scan.record
    nested = _Nested()
    checked = limits.first_depth_check
    while True:
        # The usual record has neither comment, section, instruction nor a record inside, so its end is the next one.
        found = window.find(closing, end, limit=checked)
        if found < 0 and window.size() > checked:
            _refuse_large(scan, index)
            checked *= 2
            continue
        stop = found if found >= 0 else window.size()
        aside = window.search(scan.interrupts, end, stop)
        if aside >= 0:
            end = _pass_over(scan, aside, nested)
            continue
        end = window.find(b">", stop, limit=limits.fragment_bytes) + 1 if found >= 0 else 0
        if not end:
            _truncated(scan)
        if window.at_name(closing, _NAME_ENDS, found):
            nested.records -= 1
            if not nested.records:
                return window.take(end)


@dataclass(slots=True)
class _Nested:
    """How many elements of two names are open inside a record, which then do not end where the first one ends."""

    records: int = 1  #: the record itself included
    roots: int = 0


def _pass_over(scan: Scan, start: int, nested: _Nested) -> int:
    """The offset after markup inside a record that is not simply an element of it."""
    window = scan.window
    if window.at_text(b"<!", start) or window.at_text(b"<?", start):
        return _aside_end(window, scan.limits, start, before=b"")
    root_end = b"</" + scan.root
    if window.at_text(root_end, start):
        if window.at_name(root_end, _NAME_ENDS, start):
            if not nested.roots:
                _truncated(scan)
            nested.roots -= 1
        return start + len(root_end)
    end = start_tag_end(window, start, scan.limits.tag_bytes)
    if not window.at_text(b"/>", end - 2):
        nested.records += window.at_name(b"<" + scan.record, _NAME_ENDS, start)
        nested.roots += window.at_name(b"<" + scan.root, _NAME_ENDS, start)
    return end


def _refuse_large(scan: Scan, index: int) -> None:
    window, limits = scan.window, scan.limits
    if window.size() > limits.fragment_bytes:
        raise SourceFault(
            f"Record {index + 1} is larger than {limits.fragment_bytes} bytes; publish it in parts.", window.line
        )
    _refuse_nesting(window, limits)


def _refuse_nesting(window: Window, limits: Limits) -> None:
    line = too_deep(window.peek(window.size()), limits.depth)
    if line is not None:
        raise SourceFault(f"Elements are nested more than {limits.depth} deep.", window.line + line - 1)


def _truncated(scan: Scan) -> None:
    """Raise the fault of a record that is not closed, at the line where an XML parser would give up."""
    window = scan.window
    line, text = window.line, window.rest()
    try:
        parse_wrapped(b"", scan.spaces.declare(text), b"", line)
    except SourceFault as fault:
        # what a parser misses in a tag of which the rest is gone says nothing of what happened
        tag = text[text.rfind(b"<") :]
        if fault.line >= line + text.count(b"\n") and b">" not in tag and tag[1:2] not in (b"!", b"?"):
            raise SourceFault(_CUT_OFF, fault.line) from fault
        raise
    raise SourceFault("The file ends inside a record.", line)


def _element(window: Window, limits: Limits) -> bytes:
    """Take an element that is not a record, counting every tag because any name may nest in itself."""
    depth, end = 0, 0
    while True:
        start = window.find(b"<", end, limit=limits.fragment_bytes)
        if start < 0:
            line = window.line
            parse_wrapped(b"", window.rest(), b"", line)
            raise SourceFault("The file ends inside an element.", line)
        if window.at_text(b"</", start):
            end = window.find(b">", start, limit=limits.fragment_bytes) + 1
            if not end:
                raise SourceFault("An end tag is not closed.", window.line + window.lines(0, start))
            depth -= 1
        elif window.at_text(b"<!", start) or window.at_text(b"<?", start):
            end = _aside_end(window, limits, start, before=b"")
        else:
            end = start_tag_end(window, start, limits.tag_bytes)
            depth += not window.at_text(b"/>", end - 2)
        if depth > limits.depth:
            line = window.line + window.lines(0, start)
            raise SourceFault(f"Elements are nested more than {limits.depth} deep.", line)
        if end > limits.fragment_bytes:
            raise SourceFault(f"An element is larger than {limits.fragment_bytes} bytes.", window.line)
        if depth <= 0:
            return window.take(end)
