"""The rules that a project's values must keep before they are stored."""

import datetime as dt
from collections.abc import Mapping, Sequence

from app.domain.codes import known_code, sdg_list, unlisted
from app.domain.shares import Share, faulty_places, faulty_sectors
from app.domain.terms import Grain, Stage
from app.inputs import FaultList, Sent
from app.projects.schemas import ShareIn

#: a project is closed, and nobody knows when it ended
WITHOUT_END = "project.closed-without-end"
#: field → codelist
CODELISTS = {
    "activity_scope": "ActivityScope",
    "collaboration_type": "CollaborationType",
    "flow_type": "FlowType",
    "finance_type": "FinanceType",
    "aid_type": "AidType",
    "tied_status": "TiedStatus",
}
#: what people write for DAC 5-digit, DAC 3-digit, SDG goals and targets
SECTOR_LISTS = {"1": "Sector", "2": "SectorCategory", "7": "UNSDG-Goals", "8": "UNSDG-Targets"}


def check_dates(faults: FaultList, after: Sent, changed: Sent, today: dt.date) -> None:
    """Dates in their order, and nothing that has happened in the future. ``after``: the values as they would stand."""
    pairs = (
        ("planned_start", "planned_end"),
        ("actual_start", "actual_end"),
        ("operationally_closed_on", "financially_closed_on"),
        ("actual_start", "operationally_closed_on"),
    )
    for first, last in pairs:
        start, end = after.get(first), after.get(last)
        if start and end and end < start and (first in changed or last in changed):
            place = last if last in changed else first
            faults.add(
                place, "project.dates-order", f"{last} ({end}) is before {first} ({start}): correct one of them."
            )
    for name in ("actual_start", "actual_end", "operationally_closed_on", "financially_closed_on", "decided_on"):
        if (day := changed.get(name)) and day > today:
            faults.add(name, "project.future-date", f"{name} ({day}) lies in the future: nobody can know that yet.")
    if changed.get("financially_closed_on") and not after.get("operationally_closed_on"):
        faults.add(
            "financially_closed_on",
            "project.closing-order",
            "A project is closed operationally before it is closed financially: give operationally_closed_on.",
        )


def check_ended(
    faults: FaultList, grain: Grain, stage: Stage, actual_end: dt.date | str | None, *, place: str = "actual_end"
) -> None:
    """A project that is to stand as closed has an end, whichever change would leave it without; a pool needs none."""
    if stage is Stage.CLOSED and grain is Grain.PROJECT and not actual_end:
        message = "A project that is closed has ended: give the day on which work ended."
        faults.add(place, WITHOUT_END, message)


def check_codes(faults: FaultList, values: Sent) -> None:
    """Codes are on their codelists."""
    for name, codelist in CODELISTS.items():
        if (code := values.get(name)) is not None and not known_code(codelist, code):
            faults.add(name, "code.unknown", unlisted(codelist, code))
    for place, target in enumerate(values.get("sdg") or ()):
        if not known_code(sdg_list(target), target):
            faults.add(f"sdg/{place}", "code.unknown", f"{target} is neither a goal nor a target of the SDGs.")
        if target in values["sdg"][:place]:
            faults.add(f"sdg/{place}", "code.repeated", f"{target} stands twice.")
    for place, marker in enumerate(values.get("markers") or ()):
        if (marker.vocabulary or "1") == "1" and not known_code("PolicyMarker", marker.code):
            faults.add(f"markers/{place}/code", "code.unknown", unlisted("PolicyMarker", marker.code))
        elif " " in marker.code:
            faults.add(f"markers/{place}/code", "code.spaces", "A code holds no spaces.")
        if any(
            (other.vocabulary, other.code) == (marker.vocabulary, marker.code) for other in values["markers"][:place]
        ):
            faults.add(f"markers/{place}/code", "code.repeated", f"The marker {marker.code} stands twice.")
        if not known_code("PolicySignificance", marker.significance):
            faults.add(
                f"markers/{place}/significance", "code.unknown", unlisted("PolicySignificance", marker.significance)
            )


def check_shares(faults: FaultList, values: Sent, current: Mapping[str, list[Share]]) -> None:
    """Countries, regions and sectors: known codes, percentages that make 100 with what stands already."""
    after = {name: shares(name, values[name]) if name in values else current.get(name, []) for name in SHARED}
    for name in SHARED.keys() & values.keys():
        for place, share in enumerate(after[name]):
            if (codelist := _codelist(name, share.vocabulary)) and not known_code(codelist, share.code):
                faults.add(f"{name}/{place}/code", "code.unknown", unlisted(codelist, share.code))
            elif codelist is None and " " in share.code:
                faults.add(f"{name}/{place}/code", "code.spaces", "A code holds no spaces.")
    if "countries" in values or "regions" in values:
        named = "countries" if "countries" in values else "regions"
        for sentence in faulty_places(after["countries"] + after["regions"]):
            faults.add(named, "percentages.not-100", sentence)
    if "sectors" in values:
        for sentence in faulty_sectors(after["sectors"]):
            faults.add("sectors", "percentages.not-100", sentence)


#: field of the input → kind of classification
SHARED = {"countries": "country", "regions": "region", "sectors": "sector"}


def shares(name: str, items: Sequence[ShareIn] | None) -> list[Share]:
    """Items of the input as the rules take them."""
    return [
        Share(kind=SHARED[name], code=item.code, percentage=item.percentage, vocabulary=item.vocabulary)
        for item in items or ()
    ]


def _codelist(name: str, vocabulary: str | None) -> str | None:
    """The codelist of a country, region or sector; None for vocabularies of others."""
    if name == "countries":
        return "Country"
    if name == "regions":
        return "Region" if (vocabulary or "1") == "1" else None
    return SECTOR_LISTS.get(vocabulary or "1")
