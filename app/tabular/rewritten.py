"""Formats that show a number as a power of ten or as a fraction: 1.00E+03, 1/2."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

#: powers of ten, with the digits before the point and behind it; and fractions, with the whole before them
_POWERS = re.compile(r"([0#?]+)(?:\.([0#?]*))?E[+-](0*)", re.IGNORECASE)
_FRACTION = re.compile(r"(?:([0#?]+) +)?[0#?]+ */ *(?:([1-9][0-9]*)|([0#?]+))")
#: spreadsheets write no more digits below a stroke
_BELOW = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewriting:
    """What such a format makes of a number."""

    #: the most and the fewest digits behind the point before a power of ten; None: it shows a fraction
    decimals: tuple[int, int] | None = None
    #: the power is a multiple of so many, and has so many digits that are always seen
    step: int = 1
    digits: int = 1
    #: whether the whole stands before the fraction, and the largest number below its stroke, or the only one
    has_whole: bool = False
    most: int = 1
    below: int | None = None

    def of(self, figure: Decimal) -> str:
        """What is seen of the number; empty where its digits are."""
        if self.decimals is not None:
            return self._power_of(figure, *self.decimals) if figure else ""
        sign, whole = "-" if figure < 0 else "", abs(int(figure)) if self.has_whole else 0
        part = Fraction(abs(figure)) - whole
        above, below = (
            part.limit_denominator(self.most).as_integer_ratio()
            if self.below is None
            else (int(part * self.below + Fraction(1, 2)), self.below)
        )
        if self.has_whole and above in (0, below):
            # no more than the whole is seen, as if there were nothing beside it
            return f"{sign}{whole + above // below}" if part else ""
        return f"{sign}{whole} {above}/{below}" if whole else f"{sign}{above}/{below}"

    def _power_of(self, figure: Decimal, most: int, fewest: int) -> str:
        power = figure.adjusted() // self.step * self.step
        shown = figure.scaleb(-power).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
        if abs(shown) >= 10**self.step:
            power, shown = power + self.step, shown.scaleb(-self.step).quantize(Decimal(1).scaleb(-most))
        whole, _, behind = f"{shown:f}".partition(".")
        behind = behind[:fewest] + behind[fewest:].rstrip("0")
        return f"{whole}{'.' if behind else ''}{behind}E{'-' if power < 0 else '+'}{str(abs(power)).zfill(self.digits)}"


def rewriting(bare: str) -> Rewriting | None:
    """What the format, without its texts but with their blanks, rewrites a number as; None: it shows its digits."""
    if powers := _POWERS.search(bare):
        behind = powers[2] or ""
        return Rewriting(decimals=(len(behind), behind.count("0")), step=len(powers[1]), digits=len(powers[3]))
    if fraction := _FRACTION.search(bare):
        below = int(fraction[2]) if fraction[2] else None
        most = 10 ** min(len(fraction[3] or ""), _BELOW) - 1
        return Rewriting(has_whole=bool(fraction[1]), most=max(most, 1), below=below)
    return None
