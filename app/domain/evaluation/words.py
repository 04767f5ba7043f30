"""Conditions and figures in words, for the reasons officers read."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from app.domain.evaluation.policy import Band
from app.domain.evaluation.terms import Independence, Kind, Obliged
from app.domain.money import EXACT, plain, round_minor
from app.domain.told import Told

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


_EVALUATIONS: Mapping[Kind, Told] = {
    Kind.EVALUABILITY: Told("evaluability assessment"),
    Kind.ANNUAL_REVIEW: Told("annual review"),
    Kind.MID_TERM: Told("mid-term evaluation"),
    Kind.FINAL: Told("final evaluation"),
    Kind.EX_POST: Told("ex-post evaluation"),
    Kind.INTERIM: Told("interim evaluation"),
    Kind.THEMATIC: Told("thematic evaluation"),
    Kind.HIGH_LEVEL: Told("high-level evaluation"),
    Kind.COUNTRY_PROGRAMME: Told("country programme evaluation"),
    Kind.MILESTONE: Told("milestone"),
}
_OBLIGED: Mapping[Obliged, Told] = {
    Obliged.ORGANISATION: Told("the organisation"),
    Obliged.UNIT: Told("the unit"),
    Obliged.THEME: Told("the theme"),
    Obliged.COUNTRY_PROGRAMME: Told("the country programme"),
    Obliged.FUND: Told("the fund"),
    Obliged.FLAGSHIP: Told("the flagship programme"),
}
_INDEPENDENCE: Mapping[Independence, Told] = {
    Independence.SELF: Told("done by the project itself"),
    Independence.INTERNAL: Told("internal"),
    Independence.INDEPENDENT: Told("independent"),
    Independence.EXTERNAL: Told("external"),
}


def evaluation_named(kind: str, number: int, whom: str | None = None, independence: str | None = None) -> Told:
    """An evaluation as a noun: "final evaluation (independent)", "annual review 2", with ``whom`` it is owed by."""
    named = _EVALUATIONS[Kind(kind)]
    if number:
        named = Told("%(evaluation)s %(number)s", evaluation=named, number=number)
    if independence is not None:
        named = Told("%(evaluation)s (%(how)s)", evaluation=named, how=_INDEPENDENCE[Independence(independence)])
    return named if whom is None else Told("%(evaluation)s of %(whom)s", evaluation=named, whom=obliged_named(whom))


def obliged_named(subject: str) -> Told:
    """Whom a duty of the institution obliges, such as "unit ROAF"."""
    kind, _, code = subject.partition(" ")
    named = _OBLIGED[Obliged(kind)]
    return Told("%(whom)s %(code)s", whom=named, code=code) if code else named
