"""Checks what an agreement is said to be for: references to outcomes, themes, places, programmes and projects."""

from collections.abc import Sequence

from sqlmodel import Session

from app.domain.codes import known_code, unlisted
from app.domain.purposes import PurposeKind, read_purpose
from app.domain.regions import INTERREGIONAL, region_of
from app.funding import queries
from app.inputs import FaultList

_FIELD = "earmarked_for_refs"
_WRITTEN = f"write a kind and a code, such as country:KE; kinds are {', '.join(kind.value for kind in PurposeKind)}"


def checked(references: Sequence[str] | None, found: FaultList) -> list[str]:
    """The references in one form, each once; what cannot be read, and codes that no list holds, are noted."""
    kept: dict[str, None] = {}
    for place, text in enumerate(references or ()):
        purpose = read_purpose(text)
        if purpose is None:
            found.add(f"{_FIELD}/{place}", "purpose.unknown-kind", f"“{text}” says no purpose: {_WRITTEN}.")
            continue
        if purpose.kind is PurposeKind.COUNTRY and not known_code("Country", purpose.code):
            found.add(f"{_FIELD}/{place}", "code.unknown", unlisted("Country", purpose.code))
        if purpose.kind is PurposeKind.REGION and not _is_region(purpose.code):
            message = f"{purpose.code} is neither on the codelist Region nor a region such as africa or arab_states."
            found.add(f"{_FIELD}/{place}", "code.unknown", message)
        kept[str(purpose)] = None
    return list(kept)


def _is_region(code: str) -> bool:
    words = {"africa", "americas", "arab_states", "asia_pacific", "europe_central_asia"}
    return code in words or known_code("Region", code) or region_of(code) != INTERREGIONAL


def remark(session: Session, references: Sequence[str], found: FaultList) -> None:
    """Remarks outcomes and projects that are not kept here (yet): they may be entered later."""
    purposes = [purpose for text in references if (purpose := read_purpose(text)) is not None]
    for kind, known in (
        (PurposeKind.PROJECT, queries.known_projects),
        (PurposeKind.OUTCOME, queries.known_outcomes),
    ):
        codes = [purpose.code for purpose in purposes if purpose.kind is kind]
        there = known(session, codes) if codes else set()
        for code in codes:
            if code not in there:
                message = f"There is no {kind.value} {code} yet: enter it, or correct what the agreement is for."
                found.add(_FIELD, "purpose.unknown", message)
