"""What people write for a currency instead of its code: small letters, signs, names.

What can mean one currency only is read; the rest is asked back, never guessed.
"""

import unicodedata
from typing import Final

from app.domain.codes import meant_of
from app.domain.money import CURRENCIES
from app.domain.told import Told

_DOLLARS: Final = ("USD", "CAD", "AUD")
_FRANCS_CFA: Final = ("XOF", "XAF")
#: in capital letters and without points → the codes that may be meant
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "€": ("EUR",), "US$": ("USD",), "$US": ("USD",), "USD$": ("USD",), "U$S": ("USD",), "CA$": ("CAD",),
    "C$": ("CAD", "NIO"),
    "A$": ("AUD",), "AU$": ("AUD",), "NZ$": ("NZD",), "HK$": ("HKD",), "R$": ("BRL",), "STG": ("GBP",), "₦": ("NGN",),
    "₹": ("INR",), "₱": ("PHP",), "₫": ("VND",), "₽": ("RUB",), "₵": ("GHS",), "₴": ("UAH",), "₸": ("KZT",),
    "₺": ("TRY",), "ZŁ": ("PLN",), "฿": ("THB",), "৳": ("BDT",), "₲": ("PYG",), "₪": ("ILS",), "RMB": ("CNY",),
    "KSH": ("KES",), "TSH": ("TZS",), "USH": ("UGX",), "EUROS": ("EUR",), "EURO": ("EUR",), "SFR": ("CHF",),
    "₩": ("KRW", "KPW"), "$": _DOLLARS, "DOLLAR": _DOLLARS, "DOLLARS": _DOLLARS, "£": ("GBP", "EGP", "SSP"),
    "¥": ("JPY", "CNY"), "KR": ("DKK", "NOK", "SEK"), "FR": ("CHF", *_FRANCS_CFA), "CFA": _FRANCS_CFA,
    "FCFA": _FRANCS_CFA, "F CFA": _FRANCS_CFA, "RS": ("INR", "PKR", "LKR", "NPR"),
}  # fmt: skip
_PESOS_AND_DOLLARS: Final = (
    "ARS AUD BBD BMD BND BRL BSD BZD CAD CLF CLP COP COU CUC CUP CVE DOP FJD GYD HKD JMD KYD LRD MOP MXN MXV NAD NIO "
    "NZD SBD SGD SRD SVC TOP TTD TWD USD USN UYI UYU WST XCD ZWD ZWG ZWL XCG ANG"
)
#: a sign that several currencies have → every one that may be shown with it; above are the likeliest, for a question
_SHARED: Final[dict[str, str]] = {
    "$": _PESOS_AND_DOLLARS, "DOLLAR": _PESOS_AND_DOLLARS, "DOLLARS": _PESOS_AND_DOLLARS,
    "C$": "CAD NIO", "US$": "USD USN", "¥": "CNY JPY", "₩": "KPW KRW", "₱": "ARS CLP COP CUP DOP MXN PHP UYU",
    "£": "CYP EGP FKP GBP GIP IEP ITL LBP MTL SDG SHP SSP SYP", "KR": "DKK EEK ISK NOK SEK",
    "FR": "BEF BIF CDF CHE CHF CHW DJF FRF GNF KMF LUF MGF RWF XAF XOF XPF", "CFA": "XAF XOF", "FCFA": "XAF XOF",
    "F CFA": "XAF XOF", "RS": "INR LKR MUR MVR NPR PKR SCR",
}  # fmt: skip


def currency_meant(text: str) -> str | None:
    """The code of a currency that a text means in one way only, such as ``usd`` and ``€``."""
    codes = currencies_meant(text)
    return codes[0] if len(codes) == 1 else None


def unknown_currency(text: str) -> str:
    """What to write instead of a text that is no code of a currency; empty where nothing is known of it."""
    codes = currencies_meant(text)
    if not codes and (found := meant_of("Currency", text.strip())) is not None and found[0] in CURRENCIES:
        codes = (found[0],)
    if len(codes) == 1:
        return Told("Is %(code)s meant? Write the three capital letters of ISO 4217.", code=codes[0])
    if codes:
        return Told(
            "“%(text)s” may be %(codes)s: write the one that is meant.", text=text.strip(), codes="/".join(codes)
        )
    return ""


def currencies_meant(text: str) -> tuple[str, ...]:
    """The codes that a code in other letters or a sign may mean; empty where it is of no currency."""
    plain = _plain(text)
    return (plain,) if plain in CURRENCIES else _SIGNS.get(plain, ())


def may_be_shown(code: str, sign: str) -> bool:
    """Whether amounts in the currency ``code`` may be shown with ``sign``, a code in any letters or a sign."""
    return code in currencies_meant(sign) or code in _SHARED.get(_plain(sign), "").split()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().rstrip(".").upper()
