"""Percentages over countries, regions and sectors: together they make 100, or there is one of a kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import exact_sum, plain

_WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One code and its part of the whole."""

    #: country, region or sector
    kind: str
    code: str
    percentage: Decimal | None = None
    #: None: the standard's default vocabulary
    vocabulary: str | None = None


def faulty_places(shares: Sequence[Share]) -> list[str]:
    """What is wrong with countries and regions, one sentence each; an empty list when they are right.

    Countries stand beside the regions of each vocabulary: together they make 100.
    """
    countries = [share for share in shares if share.kind == "country"]
    regions = [share for share in shares if share.kind == "region"]
    vocabularies = sorted({share.vocabulary or "1" for share in regions})
    problems = _repeated(countries, "country") + _repeated(regions, "region")
    if not vocabularies:
        return problems + _not_whole(countries, "The percentages of the countries")
    for vocabulary in vocabularies:
        together = countries + [share for share in regions if (share.vocabulary or "1") == vocabulary]
        problems += _not_whole(together, f"The percentages of countries and regions (vocabulary {vocabulary})")
    return problems


def faulty_sectors(shares: Sequence[Share]) -> list[str]:
    """What is wrong with sectors, one sentence each; each vocabulary makes 100 by itself."""
    problems = _repeated(shares, "sector")
    for vocabulary in sorted({share.vocabulary or "1" for share in shares}):
        of_vocabulary = [share for share in shares if (share.vocabulary or "1") == vocabulary]
        problems += _not_whole(of_vocabulary, f"The percentages of the sectors (vocabulary {vocabulary})")
    return problems


def _repeated(shares: Iterable[Share], noun: str) -> list[str]:
    seen: set[tuple[str, str]] = set()
    problems = []
    for share in shares:
        key = (share.vocabulary or "1", share.code)
        if key in seen:
            problems.append(f"The {noun} {share.code} stands twice: keep one with the sum of both.")
        seen.add(key)
    return problems


def _not_whole(shares: Sequence[Share], what: str) -> list[str]:
    given = [share.percentage for share in shares if share.percentage is not None]
    if not shares or (len(shares) == 1 and not given):
        return []
    if len(given) < len(shares):
        lacking = ", ".join(share.code for share in shares if share.percentage is None)
        return [f"{what} are not all given: add those of {lacking}."]
    whole = exact_sum(given)
    return [] if whole == _WHOLE else [f"{what} make {plain(whole)}, not 100."]
