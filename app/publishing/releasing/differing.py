"""How a record differs from what was public of it; of their texts alone, so that any process can tell."""

import re
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from lxml import etree

from app.publishing.releasing import words
from app.publishing.releasing.words import Vanished
from iati.diff import Difference, compare_records
from iati.source import Fragment, SourceFault, parse_record


class Differs(NamedTuple):
    """What differs between two records, in words; nothing: what the world sees of them is the same."""

    said: tuple[str, ...]
    #: what is not in the new record any more
    vanished: tuple[Vanished, ...]


def differs(before: bytes, after: bytes) -> Differs:
    """How the XML of a record differs from what it was.

    Raises SourceFault where one of them cannot be read.
    """
    found = _differences(before, after)
    if not found:
        return Differs(said=(), vanished=())
    return Differs(said=tuple(words.in_words(found, _currency(after))), vanished=tuple(words.vanished(found)))


#: where a child of a record begins, as records are written here
_CHILD = re.compile(rb"\n    (?=<[^/])")
_NAME = re.compile(rb"<([^\s/>]+)")


def _differences(before: bytes, after: bytes) -> tuple[Difference, ...]:
    """What differs between two records. Children that are the same byte for byte are not looked into."""
    old, new = _CHILD.split(before), _CHILD.split(after)
    if len(old) > 1 and len(new) > 1:
        old[-1], old_end = _parted(old[-1])
        new[-1], new_end = _parted(new[-1])
        same = Counter(old[1:]) & Counter(new[1:])
        left, come = _without(old[1:], same), _without(new[1:], same)
        # of each kind that differs one stays that is the same, so that it is known to be one of several
        kinds = {_kind(child) for child in (*left, *come)}
        kept = list({kind: child for child in same if (kind := _kind(child)) in kinds}.values())
        with suppress(etree.XMLSyntaxError, SourceFault):
            return compare_records(
                Fragment(b"\n".join([old[0], *kept, *left]) + old_end, 1, 0),
                Fragment(b"\n".join([new[0], *kept, *come]) + new_end, 1, 0),
                ignore_stamp=True,
            )
    return compare_records(Fragment(before, 1, 0), Fragment(after, 1, 0), ignore_stamp=True)


def _currency(xml: bytes) -> str:
    """The default currency of a record; empty: it names none."""
    start, *children = _CHILD.split(xml, 1)
    _, end = _parted(xml)
    bare = Fragment(start + end, 1, 0) if children else Fragment(xml, 1, 0)
    return str(parse_record(bare).get("default-currency", ""))


def _parted(last: bytes) -> tuple[bytes, bytes]:
    """The last child, and the end of the record."""
    place = last.rindex(b"</")
    return last[:place].rstrip(), last[place:]


def _kind(child: bytes) -> bytes:
    found = _NAME.match(child)
    return b"" if found is None else found[1]


def _without(children: list[bytes], same: Counter[bytes]) -> list[bytes]:
    """The children that are not the same, each as often as it is left."""
    crossed_out = Counter(same)
    found = []
    for child in children:
        if crossed_out[child]:
            crossed_out[child] -= 1
        else:
            found.append(child)
    return found
