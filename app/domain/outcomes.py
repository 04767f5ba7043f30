"""The outcomes of a results framework that a project works towards: one, or several by percentages."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from app.domain.money import exact_sum, plain

#: the form of several, for messages
WRITTEN: Final = "1:60|2:40"
_ITEM: Final = re.compile(r"([^\s|:]+)\s*:\s*([0-9]{1,3}(?:\.[0-9]{1,12})?)\s*%?", re.ASCII)
_HUNDRED: Final = Decimal(100)


def outcome_shares(text: str | None) -> tuple[tuple[str, Decimal], ...]:
    """(code, percent) of each outcome that a project states; what is not written as several is one."""
    if not text:
        return ()
    found = _items(text)
    if found is None or outcomes_fault(text) is not None:
        return ((text, _HUNDRED),)
    return found


def outcome_codes(text: str | None) -> tuple[str, ...]:
    """The outcomes alone, the first one first."""
    return tuple(code for code, _ in outcome_shares(text))


def outcomes_fault(text: str) -> str | None:
    """What is wrong with the outcomes as somebody wrote them, with what to write; None: nothing."""
    if "|" not in text and ":" not in text:
        return None
    found = _items(text)
    if found is None:
        return f"Write one outcome by its code, or each of several with its percentage, as {WRITTEN}."
    codes = [code for code, _ in found]
    repeated = next((code for code in codes if codes.count(code) > 1), None)
    if repeated is not None:
        return f"The outcome {repeated} stands twice: keep one with the sum of both."
    if any(not percent for _, percent in found):
        return "An outcome has 0 percent: leave it out."
    whole = exact_sum(percent for _, percent in found)
    return None if whole == _HUNDRED else f"The percentages of the outcomes make {plain(whole)}, not 100."


def written_outcomes(shares: Iterable[tuple[str, Decimal]]) -> str:
    """As a cell or a field has them."""
    listed = list(shares)
    return listed[0][0] if len(listed) == 1 else "|".join(f"{code}:{plain(percent)}" for code, percent in listed)


def _items(text: str) -> tuple[tuple[str, Decimal], ...] | None:
    matched = [_ITEM.fullmatch(item.strip()) for item in text.split("|") if item.strip()]
    found = [(match[1], Decimal(match[2])) for match in matched if match is not None]
    return tuple(found) if found and len(found) == len(matched) else None
