"""Formats that show a number as a power of ten or as a fraction: 1.00E+03, 1/2."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

#: powers of ten, with the digits behind the point before them; and fractions, with the whole before them
_POWERS = re.compile(r"[0#?]+(?:\.([0#?]*))?E[+-](0*)", re.IGNORECASE)
_FRACTION = re.compile(r"(?:([0#?]+) +)?[0#?]+ */ *(?:([1-9][0-9]*)|([0#?]+))")
#: spreadsheets write no more digits below a stroke
_BELOW = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewriting:
    """What such a format makes of a number."""

    #: digits behind the point before a power of ten; None: it shows a fraction
    decimals: int | None = None
    #: digits of the power that are always seen
    digits: int = 1
    #: whether the whole stands before the fraction, and the largest number below its stroke
    has_whole: bool = False
    most: int = 1

    def of(self, figure: Decimal) -> str:
        """What is seen of the number; empty where its digits are."""
        if self.decimals is not None:
            digits, _, power = f"{figure:.{self.decimals}E}".partition("E")
            return f"{digits}E{power[0]}{power[1:].zfill(self.digits)}" if figure else ""
        whole = abs(int(figure)) if self.has_whole else 0
        part = Fraction(abs(figure) - whole).limit_denominator(self.most)
        if self.has_whole and not part:
            return ""
        return ("-" if figure < 0 else "") + (f"{whole} " if whole else "") + f"{part.numerator}/{part.denominator}"


def rewriting(bare: str) -> Rewriting | None:
    """What the format, without its texts, rewrites a number as; None: it shows its digits."""
    if powers := _POWERS.search(bare):
        return Rewriting(decimals=len(powers[1] or ""), digits=len(powers[2]))
    if fraction := _FRACTION.search(bare):
        most = int(fraction[2]) if fraction[2] else 10 ** len(fraction[3]) - 1
        return Rewriting(has_whole=bool(fraction[1]), most=min(most, 10**_BELOW - 1))
    return None
