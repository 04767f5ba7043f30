"""Figures as reports print them: rounded once, so that the printed rows sum to the printed total."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from app.domain.contributions import percent_of
from app.domain.money import EXACT, exact_sum, minor_units, one_zero, plain, round_places
from app.reports.attribution import rounded_rows

#: decimals of a percentage
_PLACES = 2
#: what conversions to 50 digits may lose in a sum; far below anything printed
_LOST = Decimal("1e-9")


def amounts(
    figures: Sequence[Decimal | None], whole: Decimal | None, currency: str, *, derived: bool
) -> list[str | None]:
    """A column of amounts; where nothing was converted and nothing is lost, as they were entered."""
    places = minor_units(currency)
    known = [figure for figure in figures if figure is not None]
    if len(known) == len(figures):
        if (texts := unrounded(known, places, derived=derived)) is not None:
            return [*texts]
        if whole is not None and _is_sum(known, whole):
            rounded = rounded_rows(known, whole, places)
            if derived:
                # these have the decimals that are printed, and no exponent
                return [str(each) for each in rounded]
            return [_plain(figure, each, derived=False) for figure, each in zip(known, rounded, strict=True)]
    return [None if figure is None else amount(figure, currency, derived=derived) for figure in figures]


def unrounded(figures: Sequence[Decimal], places: int, *, derived: bool) -> list[str] | None:
    """A column of amounts of which rounding to so many decimals changes none; None where it changes some.

    They are looked at together, as one text: a hundred thousand by themselves take several times as long.
    """
    texts = list(map(str, figures))
    joined = " ".join(texts)
    # a figure is its own plain text, but for one with an exponent
    if "E" in joined or _finer(places).search(joined):
        return None
    if "-0" in joined:
        texts = [str(one_zero(figure)) for figure in figures]
    # where only sums were made they stand as they were entered
    if not derived or (joined.count(".") == len(texts) and not _coarser(places).search(joined)):
        return texts
    cents = "." + "0" * places if places else ""
    return [text.ljust(text.index(".") + 1 + places, "0") if "." in text else text + cents for text in texts]


@cache
def _finer(places: int) -> re.Pattern[str]:
    """An amount with more decimals than are printed."""
    return re.compile(rf"\.[0-9]{{{places + 1}}}")


@cache
def _coarser(places: int) -> re.Pattern[str]:
    """One with fewer, but some."""
    return re.compile(rf"\.[0-9]{{1,{places - 1}}}(?![0-9])" if places > 1 else r"(?!)")


def amount(figure: Decimal | None, currency: str, *, derived: bool) -> str | None:
    """One amount."""
    return None if figure is None else _plain(figure, round_places(figure, minor_units(currency)), derived=derived)


def _plain(figure: Decimal, rounded: Decimal, *, derived: bool) -> str:
    return plain(figure if not derived and figure == rounded else rounded)


def shares(parts: Sequence[Decimal | None], whole: Decimal | None) -> list[str | None]:
    """Percentages of the whole; those of all its parts make 100 as they are printed."""
    if not whole:
        return [None for _ in parts]
    precise = [None if part is None else percent_of(part, whole) for part in parts]
    known = [share for share in precise if share is not None]
    if known and _is_sum([part for part in parts if part is not None], whole):
        rounded = iter(rounded_rows(known, Decimal(100), _PLACES))
        return [None if share is None else str(next(rounded)) for share in precise]
    return [percent(share) for share in precise]


def percent(figure: Decimal | None) -> str | None:
    """A percentage."""
    return None if figure is None else plain(round_places(figure, _PLACES))


def _is_sum(parts: Sequence[Decimal], whole: Decimal) -> bool:
    return abs(EXACT.subtract(exact_sum(parts), whole)) < _LOST
