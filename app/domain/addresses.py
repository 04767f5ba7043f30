"""Addresses of the web that are published: what the standard's type takes is not yet what a reader can open."""

import re

_SCHEME = re.compile(r"(https?|ftp)(?=://)", re.IGNORECASE)
_PLACE = re.compile(r"[a-z]+://([^/?#]*)")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]\\%]*)(?::(?P<port>[0-9]{0,5}))?", re.ASCII)
_MOST_PORTS = 65535


def with_plain_scheme(text: str) -> str:
    """The address with its scheme in small letters, as which it means the same."""
    return _SCHEME.sub(lambda found: found[0].lower(), text, count=1) if _SCHEME.match(text) else text


def address_refused(text: str) -> str | None:
    """Why nobody could, or should, open a published address; None for one without such a fault."""
    place = _PLACE.match(text)
    named = "" if place is None else place[1]
    if "@" in named:
        return (
            "The address holds a name or password, and everybody could read it: write it without what is before the @."
        )
    found = _HOST.fullmatch(named)
    if found is None or not 0 < int(found["port"] or 80) <= _MOST_PORTS:
        return f"“{text[:100]}” is no web address: check its host, and the number behind it."
    if not any(each.isalnum() for each in found["host"]):
        return f"“{text[:100]}” names no host: write a web address such as https://www.example.org/report.pdf."
    return None
