"""What money is earmarked for, as references: ``country:KE``, ``outcome:1``, ``project:GLO/26/21/NLD``."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class PurposeKind(StrEnum):
    OUTCOME = "outcome"
    THEME = "theme"
    REGION = "region"
    COUNTRY = "country"
    COUNTRY_PROGRAMME = "country-programme"
    PROJECT = "project"


_OBJECTIVES = (PurposeKind.OUTCOME, PurposeKind.THEME)


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """One thing that money is for."""

    kind: PurposeKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.code}"


def read_purpose(text: str) -> Purpose | None:
    """A reference as it is written; None for what is none."""
    kind, sign, code = (part.strip() for part in text.partition(":"))
    if not sign or not code or kind not in [each.value for each in PurposeKind]:
        return None
    return Purpose(kind=PurposeKind(kind), code=code)


def objective_of(words: str | None, references: Iterable[str]) -> str | None:
    """What a report says money is for: the words; without any the outcomes and themes it refers to, or all there is."""
    if words:
        return words
    found = sorted(dict.fromkeys(references))
    own = [each for each in found if (read := read_purpose(each)) and read.kind in _OBJECTIVES]
    return " and ".join(own or found) or None


def outcomes_among(references: Iterable[str]) -> list[str]:
    """Codes of the outcomes that references name, in their order."""
    found = (read_purpose(each) for each in references)
    return [each.code for each in found if each is not None and each.kind is PurposeKind.OUTCOME]
