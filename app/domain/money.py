"""Exact money: no floats, no rounding before presentation, conversion by dated rates.

Rates are the UN operational rates of exchange: local units per US dollar, so an amount in local units is divided by
the rate. The rate of a day is the newest effective on or before it. A missing rate is told, never guessed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import cache
from typing import Self

#: For sums, differences and products: 400 digits hold any sum of what may be entered, and a lost digit raises.
EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
#: For quotients, which need not end: 50 significant digits, far below anything that is printed.
WORKING = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])

#: ISO 4217 minor units where they are not 2.
MINOR_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
MINOR_UNITS_DEFAULT = 2

_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF XSU XUA YER ZAR ZMW ZWG
    AFA ATS AZM BEF BYB BYR CSD CUC CYP DEM EEK ESP FIM FRF GHC GRD HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM NLG PTE ROL
    RUR SDD SIT SKK SLL SRG STD TMM TRL VEB VEF YUM ZMK ZWD ZWL XEU
"""
#: ISO 4217 codes of money in use, and those ended since 1995 that older portfolios still hold.
CURRENCIES = frozenset(_CODES.split())


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, as entered: neither sign nor decimals are touched."""

    amount: Decimal
    #: ISO 4217 code.
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise TypeError(f"an amount of money is a finite Decimal, not {self.amount!r}")

    def __add__(self, other: Self) -> "Money":
        return Money(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __neg__(self) -> "Money":
        return Money(EXACT.minus(self.amount), self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other)

    def times(self, factor: Decimal) -> "Money":
        """The exact product."""
        return Money(one_zero(EXACT.multiply(self.amount, factor)), self.currency)

    def rounded(self) -> Decimal:
        """The amount as printed: the currency's minor unit, halves away from zero."""
        return round_minor(self.amount, self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added: convert first")
        return other.amount


def minor_units(currency: str) -> int:
    """Decimals a currency is printed with."""
    return MINOR_UNITS.get(currency, MINOR_UNITS_DEFAULT)


def round_minor(amount: Decimal, currency: str) -> Decimal:
    """For presentation only: the currency's minor unit, halves away from zero."""
    return round_places(amount, minor_units(currency))


def round_places(figure: Decimal, places: int) -> Decimal:
    """For presentation only: ``places`` decimals, halves away from zero.

    The parts of an amount that was shared out or converted end in the fiftieth digit, so that their sum may lie by that
    much below a half that the amount itself is: what lies so close to it is the half.
    """
    return one_zero(figure.quantize(_CLOSE, context=_PRINTING).quantize(_step(places), context=_PRINTING))


def rounded_each(figures: Iterable[Decimal], places: int) -> list[Decimal]:
    """Each as by :func:`round_places`."""
    step = _step(places)
    with localcontext(_PRINTING):
        return [one_zero(figure.quantize(_CLOSE).quantize(step)) for figure in figures]


def in_percent(ratios: Iterable[Decimal | None], places: int) -> list[str | None]:
    """Fractions in percent, for presentation only: rounded as by :func:`round_places`, and plain."""
    step = _step(places + 2)
    with localcontext(_PRINTING):
        rounded = (None if ratio is None else ratio.quantize(_CLOSE).quantize(step).scaleb(2) for ratio in ratios)
        return [None if ratio is None else str(one_zero(ratio)) for ratio in rounded]


@cache
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


# Amounts of any length may be printed, and printing rounds on purpose, so neither 28 digits nor a trap will do.
_PRINTING = Context(prec=500, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_CLOSE = Decimal("1e-30")


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum with every digit kept; raises ``decimal.Inexact`` should 400 digits not hold it."""
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))


def plain(figure: Decimal) -> str:
    """A decimal without exponent, as it goes into JSON, CSV and sentences; nothing has no sign there."""
    return format(one_zero(figure), "f")


def one_zero(figure: Decimal) -> Decimal:
    """The figure with its decimals. Nothing has no sign, though decimals that came from below zero keep one."""
    return figure or figure.copy_abs()


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingRate:
    """Stands where a converted amount would: there was no rate of this currency on this day."""

    currency: str
    day: date

    def __str__(self) -> str:
        if not self.currency:
            # an imported amount may have none of its own, and its activity no default
            return f"no rate for an amount of {self.day} that has no currency: give it one, or its activity a default"
        return f"no rate of {self.currency} on or before {self.day}"


@dataclass(frozen=True, slots=True)
class Rates:
    """Dated rates of all currencies, local units per US dollar.

    Built by :meth:`of`; holds one sorted list per currency, so a look-up costs a bisection.
    """

    _days: Mapping[str, Sequence[date]] = field(default_factory=dict)
    _rates: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, date, Decimal]]) -> Self:
        """From (currency, effective date, rate) in any order; of two on one day the later row counts.

        :raises ValueError: for a rate that is not above zero.
        """
        sorted_rows: dict[str, dict[date, Decimal]] = {}
        for currency, effective, rate in rows:
            if not rate > 0:
                raise ValueError(f"the rate of {currency} of {effective} is {rate}; it must be above zero")
            sorted_rows.setdefault(currency, {})[effective] = rate
        days = {currency: sorted(dated) for currency, dated in sorted_rows.items()}
        return cls(days, {currency: [sorted_rows[currency][day] for day in days[currency]] for currency in days})

    def on(self, currency: str, day: date) -> Decimal | None:
        """Units of ``currency`` per US dollar on ``day``; None when none was in effect yet."""
        if currency == "USD":
            return _ONE
        days = self._days.get(currency)
        position = bisect_right(days, day) if days else 0
        return self._rates[currency][position - 1] if position else None

    def effective_on(self, currency: str, day: date) -> date | None:
        """The date from which the rate used on ``day`` holds."""
        days = self._days.get(currency)
        position = bisect_right(days, day) if days else 0
        return days[position - 1] if days and position else None

    def convert(self, money: Money, currency: str, day: date) -> Money | MissingRate:
        """``money`` in ``currency`` by the rates of ``day``, through the US dollar, to 50 significant digits.

        Money already in the currency comes back untouched.
        """
        if money.currency == currency:
            return money
        found = self.between(money.currency, currency, day)
        return found if isinstance(found, MissingRate) else Money(found.of(money.amount), currency)

    def between(self, currency: str, into: str, day: date) -> "Exchange | MissingRate":
        """How amounts of one currency come to another by the rates of ``day``."""
        source, target = self.on(currency, day), self.on(into, day)
        if source is None:
            return MissingRate(currency=currency, day=day)
        if target is None:
            return MissingRate(currency=into, day=day)
        return Exchange(source, target)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates of two currencies, in units per US dollar."""

    source: Decimal
    target: Decimal

    def of(self, amount: Decimal) -> Decimal:
        """An amount of the one in the other, to 50 significant digits."""
        return self.of_each((amount,))[0]

    def of_each(self, amounts: Iterable[Decimal]) -> list[Decimal]:
        """The same of many."""
        source, target, multiply, divide = self.source, self.target, WORKING.multiply, WORKING.divide
        return [divide(multiply(amount, target), source) for amount in amounts]


_ONE = Decimal(1)
NO_RATES = Rates()


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """A sum of dated amounts in one currency; without a figure when any of them lacks a rate."""

    currency: str
    #: The sum, or None when rates are missing.
    amount: Decimal | None
    missing: tuple[MissingRate, ...] = ()


def total(amounts: Iterable[tuple[Money, date]], currency: str, rates: Rates) -> Total:
    """The sum of (money, day of its rate) in ``currency``; every missing rate is named once.

    Amounts that share a rate are summed exactly and converted once, so the order of the rows does not matter and
    amounts already in the currency lose no digit.
    """
    groups: dict[tuple[str, date | None], list[Decimal]] = {}
    days: dict[tuple[str, date | None], date] = {}
    missing: dict[MissingRate, None] = {}
    for money, day in amounts:
        same = money.currency == currency
        if not same and rates.on(money.currency, day) is None:
            missing[MissingRate(currency=money.currency, day=day)] = None
        elif not same and rates.on(currency, day) is None:
            missing[MissingRate(currency=currency, day=day)] = None
        else:
            group = (money.currency, None if same else day)
            groups.setdefault(group, []).append(money.amount)
            days[group] = day
    if missing:
        return Total(currency=currency, amount=None, missing=tuple(missing))
    own = exact_sum(groups.pop((currency, None), ()))
    converted = Decimal(0)
    for group in sorted(groups, key=lambda found: (found[0], days[found])):
        result = rates.convert(Money(exact_sum(groups[group]), group[0]), currency, days[group])
        if isinstance(result, Money):
            converted = WORKING.add(converted, result.amount)
    return Total(currency=currency, amount=EXACT.add(own, converted))


def percentages(weights: Sequence[Decimal], *, places: int = 2) -> tuple[Decimal, ...]:
    """Shares of 100 in proportion to ``weights``, rounded to ``places`` so that what is printed makes 100 exactly.

    Every share is rounded down; the steps then missing go to the largest remainders (of equals, to the first).
    Percentages that almost make 100, such as 33.33 three times, are weights too.

    :raises ValueError: when a weight is negative or all are zero.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a share cannot be negative")
    whole = exact_sum(weights)
    if not whole:
        raise ValueError("shares of nothing cannot make 100")
    step = Decimal(1).scaleb(-places)
    precise = [WORKING.divide(EXACT.multiply(weight, _HUNDRED), whole) for weight in weights]
    floors = [share.quantize(step, rounding=ROUND_DOWN) for share in precise]
    lacking = int(EXACT.divide(EXACT.subtract(_HUNDRED, exact_sum(floors)), step))
    by_remainder = sorted(range(len(weights)), key=lambda place: WORKING.subtract(floors[place], precise[place]))
    for place in by_remainder[:lacking]:
        floors[place] = EXACT.add(floors[place], step)
    return tuple(floors)


_HUNDRED = Decimal(100)
