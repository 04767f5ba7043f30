"""Reports of one project, unit, officer or partner: what stands for them at every door, and what they narrow down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.errors import Fault, InvalidInput
from app.reports.frame import Request
from app.reports.queries_classes import Scope, officer_key, partner_key, project_key, unit_key

#: options that narrow a report down to one, by its code
CHOICES = ("project", "unit", "officer", "partner")


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What a report is narrowed down to."""

    scope: Scope
    #: code of the partner that money is attributed to
    partner: str | None
    partner_id: int | None
    #: the same in sentences, for the definition
    sentences: tuple[str, ...]


_KEYS: Mapping[str, Callable[[Session, str], int | None]] = {
    "project": project_key,
    "unit": unit_key,
    "officer": officer_key,
    "partner": partner_key,
}


def chosen_of(session: Session, request: Request) -> Chosen:
    """What is chosen by the options of a report.

    :raises InvalidInput: when there is no such project, unit, officer or partner.
    """
    given = {option: request.options[option] for option in CHOICES if option in request.options}
    keys = {option: _KEYS[option](session, code) for option, code in given.items()}
    faults = [
        Fault(pointer=f"/query/{option}", rule=f"{option}.unknown", message=f"There is no {option} {given[option]!r}.")
        for option, key in keys.items()
        if key is None
    ]
    if faults:
        raise InvalidInput(faults)
    # a comma would put the line of a CSV file between quotation marks
    sentences = (f"Only {option} {code.replace(',', ' ')}." for option, code in given.items())
    return Chosen(
        scope=Scope(project_id=keys.get("project"), unit_id=keys.get("unit"), officer_id=keys.get("officer")),
        partner=given.get("partner"),
        partner_id=keys.get("partner"),
        sentences=tuple(sentences),
    )
