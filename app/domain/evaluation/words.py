"""Conditions and figures in words, for the reasons officers read."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from app.domain.evaluation.policy import Band
from app.domain.money import EXACT, plain, round_minor

_MILLION = Decimal(1_000_000)


@lru_cache(maxsize=4096)
def money_in_words(amount: Decimal, currency: str) -> str:
    """``US$ 6.2 m``, ``US$ 350,000.01``: millions only where two decimals say it all, otherwise every digit."""
    sign = "US$" if currency == "USD" else currency
    if abs(amount) >= _MILLION:
        millions = EXACT.scaleb(amount, -6).normalize(EXACT)
        if -int(millions.as_tuple().exponent) <= 2:
            return f"{sign} {millions:,f} m"
    text = f"{amount:,f}"
    return f"{sign} {text.rstrip('0').rstrip('.') if '.' in text else text}"


@lru_cache(maxsize=4096)
def converted_in_words(amount: Decimal, currency: str) -> str:
    """A converted amount, rounded to the currency's minor unit."""
    return money_in_words(round_minor(amount, currency), currency)


def budget_band_in_words(band: Band, currency: str) -> str:
    """``over US$ 1 m and at most US$ 5 m``."""
    return _limits(
        band,
        "" if band.lower is None else money_in_words(band.lower, currency),
        "" if band.upper is None else money_in_words(band.upper, currency),
    )


def months_band_in_words(band: Band) -> str:
    """``at least 18 and at most 30 months``."""
    lower = "" if band.lower is None else plain(band.lower)
    return _limits(band, lower, "" if band.upper is None else plain(band.upper)) + " months"


def _limits(band: Band, lower: str, upper: str) -> str:
    parts = []
    if lower:
        parts.append(f"{band.lower_is.replace('_', ' ')} {lower}")
    if upper:
        parts.append(f"{band.upper_is.replace('_', ' ')} {upper}")
    return " and ".join(parts)


def without_rules(reason: str, rules: Sequence[str]) -> str:
    """A reason without the ids of the rules it follows from, for people who do not write policies."""
    return reason.replace(f"; rule {', '.join(rules)}", "")


def why_owed(reason: str, rules: Sequence[str]) -> str:
    """The facts of a reason alone, where what is owed and by which rules is said beside it, or nothing."""
    facts = without_rules(reason, rules)
    return facts.partition(": ")[2] or facts
