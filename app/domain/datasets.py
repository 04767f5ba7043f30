"""Names of datasets, and which of them an activity goes to.

A dataset is one published file. It never holds activities of two publishers. Its name begins with the publisher's, as
registries want it, and has letters of the alphabet, digits, hyphens and underscores only.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from app.domain.periods import FiscalCalendar

#: characters that a registry takes as a name
LONGEST = 100
_OTHER = re.compile(r"[^a-z0-9]+")
_COUNTRY = re.compile(r"[A-Z]{2}")


class Split(StrEnum):
    """How a publisher's activities are split over files."""

    WHOLE = "whole"
    COUNTRY = "country"
    BIENNIUM = "biennium"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of a publisher's portfolio."""

    #: end of the dataset's name
    name: str
    #: what it holds, for people
    words: str


WHOLE = Part(name="activities", words="the whole portfolio")
ORGANISATION = Part(name="organisation", words="the organisation file")
#: the words of parts, as pages know them again
PARTS = (
    WHOLE.words, ORGANISATION.words, "country %(iso)s", "several countries", "no single country", "no start date",
    "began in %(years)s",
)  # fmt: skip


def slug(text: str) -> str:
    """A text as part of a dataset's name: ``XM-DAC-41302`` → ``xm-dac-41302``."""
    return _OTHER.sub("-", text.lower()).strip("-") or "publisher"


def by_country(countries: Collection[str]) -> Part:
    """The part of an activity with these recipient countries; one for all that have several, or none."""
    known = {code.upper() for code in countries}
    if len(known) == 1 and _COUNTRY.fullmatch(code := next(iter(known))):
        return Part(name=code.lower(), words=f"country {code}")
    if known:
        return Part(name="several-countries", words="several countries")
    return Part(name="no-country", words="no single country")


def by_biennium(start: date | None, calendar: FiscalCalendar) -> Part:
    """The part of an activity that begins on this day."""
    if start is None:
        return Part(name="undated", words="no start date")
    label = calendar.biennium_of(start).label
    return Part(name=slug(label), words=f"began in {label}")


def dataset_name(publisher: str, part: Part, number: int = 1) -> str:
    """The name of a dataset. ``publisher``: how its names begin. ``number``: which of several files of a part.

    Where the publisher's is too long for a registry, the rest of it is told by a digest.
    """
    begin, end = slug(publisher), f"-{part.name}" + (f"-{number}" if number > 1 else "")
    if len(begin) + len(end) > LONGEST:
        digest = _digest(publisher)
        begin = f"{begin[: LONGEST - len(end) - len(digest) - 1].rstrip('-')}-{digest}"
    return begin + end


def told_apart(publisher: str) -> str:
    """How the names of a publisher begin whose plain ones are another publisher's: ``XX/1`` beside ``XX-1``."""
    return f"{slug(publisher)}-{_digest(publisher)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
