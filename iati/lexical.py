"""Between the text of a value in a file and what it means.

The model holds the text, because it has to come out of the library as it went in: ``1000.10`` and ``1000.1`` are one
number but two texts. These functions follow the lexical rules of XML Schema; None stands for an absent value on both
sides. A text that breaks the rules raises :class:`LexicalError`.
"""

import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

Meaning = TypeVar("Meaning")

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z").match
_INTEGER = re.compile(r"[+-]?[0-9]+\Z").match
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" + _ZONE + r"\Z").match
_DATETIME = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?" + _ZONE + r"\Z"
).match
# An address by RFC 3986, after what XML Schema lets people write unescaped was taken out of the way.
_ESCAPED = re.compile(r'[\s<>"{}|\\^`\x00-\x1f\x7f-\U0010ffff]')
_UNSCHEMED = r"[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2}"
_PART = rf"(?:{_UNSCHEMED}|[:@])"
_ADDRESS = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?![^/?#]*:))"
    rf"(?://(?:(?:{_UNSCHEMED}|:)*@)?(?P<host>\[[^\[\]/?#@]*\]|(?:{_UNSCHEMED})*)(?::[0-9]+)?(?=[/?#]|\Z)|(?!//))"
    rf"(?:{_PART}|/)*(?:\?(?:{_PART}|[/?])*)?(?:\#(?:{_PART}|[/?\[\]])*)?\Z"
).match
_FUTURE_HOST = re.compile(r"v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+\Z").match
_NMTOKEN = re.compile(r"[\w.:·-]+\Z").match
_LANGUAGE = re.compile(r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?\Z").match
#: what XML calls white space; Python's own ``strip`` would take away more
BLANKS = " \t\r\n"
#: what is white space to people beside that
_INVISIBLE = (
    "\x0b\x0c\x85\xa0\xad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d"
    "\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
#: all that stands around a value without being seen
SPACES = BLANKS + _INVISIBLE


class LexicalError(ValueError):
    """A text that is not a value of its type, such as ``1,000`` for a decimal."""

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"{text!r} is not {expected}")
        self.text = text
        self.expected = expected


def parse_decimal(text: str | None) -> Decimal | None:
    """``" 1000.10 "`` → ``Decimal("1000.10")``; exponents, separators and NaN are refused."""
    if text is None:
        return None
    bare = text.strip(BLANKS)
    if not _DECIMAL(bare):
        raise LexicalError(text, "a decimal number such as 1000.50")
    return Decimal(bare)


def format_decimal(value: Decimal) -> str:
    """``Decimal("1E+3")`` → ``"1000"``: never an exponent; digits after the point are kept, and nothing has no sign."""
    if not value.is_finite():
        raise LexicalError(str(value), "a finite number")
    # nothing has no sign, though a decimal keeps that of what was rounded away
    unsigned = value or value.copy_abs()
    written = str(unsigned)
    return format(unsigned, "f") if "E" in written else written


def parse_integer(text: str | None) -> int | None:
    """``"+7"`` → ``7``."""
    if text is None:
        return None
    bare = text.strip(BLANKS)
    if not _INTEGER(bare):
        raise LexicalError(text, "a whole number")
    return int(bare)


def parse_non_negative(text: str | None) -> int | None:
    """A whole number of 0 or more."""
    value = parse_integer(text)
    if value is not None and value < 0:
        raise LexicalError(str(text), "a whole number of 0 or more")
    return value


def parse_positive(text: str | None) -> int | None:
    """A whole number above 0."""
    value = parse_integer(text)
    if value is not None and value < 1:
        raise LexicalError(str(text), "a whole number above 0")
    return value


def parse_int(text: str | None) -> int | None:
    """A whole number of 32 bits."""
    value = parse_integer(text)
    if value is not None and not -(2**31) <= value < 2**31:
        raise LexicalError(str(text), "a whole number of at most ten digits")
    return value


def parse_uri(text: str | None) -> str | None:
    """``"https://example.org/a"`` → itself. Spaces and letters beyond ASCII may stand for their escapes, as XML Schema
    says; brackets may only enclose the address of a host, as in ``https://[::1]/``."""
    if text is None:
        return None
    bare = text.strip(BLANKS)
    match = _ADDRESS(_ESCAPED.sub("_", bare))
    host = match["host"] if match else None
    if not match or (host and host.startswith("[") and not _is_literal(host[1:-1])):
        raise LexicalError(text, "a web address such as https://www.example.org/report.pdf")
    return bare


def _is_literal(host: str) -> bool:
    if _FUTURE_HOST(host):
        return True
    try:
        ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def parse_nmtoken(text: str | None) -> str | None:
    """A code of letters, digits and ``. : - _``."""
    if text is not None and not _NMTOKEN(text.strip(BLANKS)):
        raise LexicalError(text, "a code without spaces")
    return text


def parse_language(text: str | None) -> str | None:
    """``"en"``, ``"pt-BR"``; empty takes a language back."""
    if text is not None and not _LANGUAGE(text.strip(BLANKS)):
        raise LexicalError(text, "a language such as en or pt-BR")
    return text


def parse_boolean(text: str | None) -> bool | None:
    """``"1"`` and ``"true"`` → True, ``"0"`` and ``"false"`` → False."""
    if text is None:
        return None
    match text.strip(BLANKS):
        case "1" | "true":
            return True
        case "0" | "false":
            return False
    raise LexicalError(text, "true, false, 1 or 0")


def format_boolean(value: bool) -> str:
    """True → ``"true"``."""
    return "true" if value else "false"


@lru_cache(maxsize=10_000)
def parse_date(text: str | None) -> date | None:
    """``"2024-02-29Z"`` → ``date(2024, 2, 29)``: the day as written, whatever its zone; years 1 to 9999.

    Days come again and again: the last ten thousand are remembered.
    """
    if text is None:
        return None
    match = _DATE(text.strip(BLANKS))
    if match:
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            pass
    raise LexicalError(text, "a date such as 2024-02-29")


def parse_datetime(text: str | None) -> datetime | None:
    """``"2024-02-29T12:00:00Z"`` → an aware datetime; without a zone a naive one. Microseconds at most."""
    if text is None:
        return None
    match = _DATETIME(text.strip(BLANKS))
    if match:
        try:
            return _datetime(match)
        except (ValueError, OverflowError):
            pass
    raise LexicalError(text, "a date and time such as 2024-02-29T12:00:00Z")


def _datetime(match: re.Match[str]) -> datetime:
    hour = int(match["hour"])
    midnight_after = hour == 24 and not int(match["minute"]) and not int(match["second"])
    value = datetime(
        int(match["year"]),
        int(match["month"]),
        int(match["day"]),
        0 if midnight_after else hour,
        int(match["minute"]),
        int(match["second"]),
        int((match["fraction"] or "0")[:6].ljust(6, "0")),
        tzinfo=_zone(match["zone"]),
    )
    return value + timedelta(days=1) if midnight_after else value


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def format_datetime(value: datetime) -> str:
    """An ISO text; UTC is written as ``Z``."""
    text = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def keep(
    present: str | None,
    value: Meaning | None,
    parse: Callable[[str | None], Meaning | None],
    write: Callable[[Meaning], str],
) -> str | None:
    """The text for a new value: the present one while it already means the same, otherwise a fresh one."""
    if value is None:
        return None
    if present is not None:
        try:
            if parse(present) == value:
                return present
        except LexicalError:
            pass
    return write(value)
