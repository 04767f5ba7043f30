"""Which file an activity goes to, by what its XML says."""

import datetime as dt
import re

from app.domain.datasets import WHOLE, Part, Split, by_biennium, by_country
from app.domain.periods import FiscalCalendar

_COUNTRY = re.compile(r'<recipient-country\b[^>]*?\bcode="([^"]*)"')
_REGION = re.compile(r"<recipient-region\b")
_DATE = re.compile(r"<activity-date\b[^>]*>")
_TYPE = re.compile(r'\btype="([12])"')
_DAY = re.compile(r'\biso-date="(\d{4}-\d{2}-\d{2})"')


def part_of(xml: str, split: Split, calendar: FiscalCalendar) -> Part:
    """The part of the portfolio that an activity belongs to."""
    match split:
        case Split.COUNTRY:
            countries = set(_COUNTRY.findall(xml))
            return by_country({*countries, "region"} if _REGION.search(xml) else countries)
        case Split.BIENNIUM:
            return by_biennium(_start(xml), calendar)
    return WHOLE


def _start(xml: str) -> dt.date | None:
    """The day on which an activity began, else is to begin."""
    found: dict[str, dt.date] = {}
    for element in _DATE.findall(xml):
        kind, day = _TYPE.search(element), _DAY.search(element)
        if kind is not None and day is not None:
            try:
                found.setdefault(kind[1], dt.date.fromisoformat(day[1]))
            except ValueError:  # a day that no month has
                continue
    return found.get("2") or found.get("1")
