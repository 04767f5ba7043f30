"""Framework agreements: whether an agreement keeps to the period and the themes of the one above it."""

from collections.abc import Iterable, Sequence
from datetime import date

from app.domain.keys import seen_or_as_it_is
from app.domain.purposes import Purpose, PurposeKind, read_purpose
from app.domain.told import Told


def outside_of(first: date | None, last: date | None, starts_on: date | None, ends_on: date | None) -> str | None:
    """In which way a period lies outside that of a framework agreement, in words; None: it lies within."""
    if starts_on is not None and first is not None and starts_on < first:
        return Told("starts on %(day)s, before %(first)s, the first day of", day=starts_on, first=first)
    if ends_on is not None and last is not None and ends_on > last:
        return Told("ends on %(day)s, after %(last)s, the last day of", day=ends_on, last=last)
    return None


def beside_themes(themes: Sequence[str], references: Iterable[str]) -> list[Purpose]:
    """What an agreement is for that the framework agreement above it is not about.

    A theme is a reference (``outcome:3``) or a word. Kinds of which the framework names none are left open by it.
    """
    about: dict[PurposeKind, set[str]] = {}
    for text in themes:
        theme = read_purpose(text) or Purpose(kind=PurposeKind.THEME, code=text)
        about.setdefault(theme.kind, set()).add(_seen(theme.code))
    asked = [purpose for each in references if (purpose := read_purpose(each)) is not None]
    return [each for each in asked if each.kind in about and _seen(each.code) not in about[each.kind]]


def _seen(code: str) -> str:
    return seen_or_as_it_is(code).casefold()
