"""Ways of earmarking that officers pick: those that ship, and the organisation's own rows in their place."""

import datetime as dt

from sqlmodel import Session

from app.db import archiving
from app.db.funding import EarmarkingPreset
from app.db.put import Put, assign, code_remarks
from app.domain.access import Actor, Right
from app.domain.earmarking import PRESET, PRESETS, Earmarking, Instrument, Modality, Wording, contradictions
from app.errors import Conflict, Fault
from app.funding import queries
from app.funding.schemas import PresetIn
from app.inputs import FaultList, Input, filled

#: the day from which the presets that ship are offered
ALWAYS = dt.date(1900, 1, 1)


def ship_presets(session: Session) -> int:
    """Gives a new organisation its own copies of the presets that ship; tells how many were missing."""
    missing = [preset for preset in PRESETS if not queries.preset_rows(session, preset.preset)]
    for preset in missing:
        session.add(_row(preset, ALWAYS, None))
    session.flush()
    return len(missing)


def create_preset(session: Session, actor: Actor, body: PresetIn) -> EarmarkingPreset:
    """A preset from a day on. ``Conflict`` when there is one of this name from this day already."""
    actor.require(Right.ADMINISTER)
    if queries.find_preset(session, body.code, body.valid_from) is not None:
        message = f"The preset {body.code} from {body.valid_from} on is there already."
        raise Conflict(message, [Fault(pointer="/valid_from", rule="unique", message=message)])
    preset = _row(_checked(body), body.valid_from, body.valid_to)
    session.add(preset)
    session.flush()
    return preset


def put_preset(session: Session, actor: Actor, body: PresetIn) -> Put[EarmarkingPreset]:
    """The preset of this name from this day on: made, or changed where it differs."""
    standing = queries.find_preset(session, body.code, body.valid_from)
    if standing is None:
        return Put(create_preset(session, actor, body), "created", code_remarks(body.code))
    changed = update_preset(session, actor, standing, body)
    if standing.archived_at is not None:
        archiving.restore(session, standing)
        changed = True
    return Put(standing, "updated" if changed else "unchanged")


def update_preset(session: Session, actor: Actor, preset: EarmarkingPreset, body: Input) -> bool:
    """Changes the fields that ``body`` sets. Agreements keep the codes that they were given."""
    actor.require(Right.ADMINISTER)
    after = filled(PresetIn, body, {name: getattr(preset, name) for name in PresetIn.model_fields})
    for name in ("code", "valid_from"):
        if getattr(after, name) != getattr(preset, name):
            found = FaultList()
            found.add(name, "key-fixed", "Name and first day stay: add another preset from another day on.")
            found.refuse()
    changed = assign(preset, {"valid_to": after.valid_to, **_columns(_checked(after))})
    session.flush()
    return changed


def archive_preset(session: Session, actor: Actor, preset: EarmarkingPreset) -> None:
    actor.require(Right.ADMINISTER)
    archiving.archive(session, preset)


def restore_preset(session: Session, actor: Actor, preset: EarmarkingPreset) -> None:
    actor.require(Right.ADMINISTER)
    archiving.restore(session, preset)


def classify(
    session: Session, found: FaultList, *, preset: str, day: dt.date, modality: str | None, aid_type: str | None
) -> Earmarking | None:
    """The codes that an agreement gets from the preset as offered on ``day``, and from what was chosen in its place.

    An unknown preset and every contradiction between the codes are noted in ``found``.
    """
    chosen = _offered(session, preset, day)
    if chosen is None:
        shipped = ", ".join(PRESET)
        message = f"“{preset}” is not a preset offered on {day}; those that ship are {shipped}."
        found.add("preset", "earmarking.preset-unknown", message)
        return None
    result = Earmarking(
        preset=preset,
        instrument=chosen.instrument,
        aid_type=aid_type or chosen.aid_type,
        modality=Modality(modality) if modality else chosen.modality,
        wording=chosen.wording,
    )
    for finding in contradictions(result, subject=preset):
        found.add(
            (finding.pointer or "").lstrip("/"), finding.rule, f"{finding.message[0].upper()}{finding.message[1:]}."
        )
    return result


def _offered(session: Session, code: str, day: dt.date) -> Earmarking | None:
    """The organisation's own row of that day; what ships only where it has no row of the name."""
    rows = queries.preset_rows(session, code)
    if not rows:
        return PRESET.get(code)
    for row in rows:
        if row.archived_at is None and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
            return Earmarking(
                preset=code,
                instrument=Instrument(row.instrument),
                aid_type=row.aid_type,
                modality=Modality(row.modality),
                wording=Wording(row.wording),
            )
    return None


def _checked(body: PresetIn) -> Earmarking:
    """The preset's codes; raises ``InvalidInput`` when they contradict one another or its days are in wrong order."""
    found = FaultList()
    if body.valid_to is not None and body.valid_to < body.valid_from:
        found.add("valid_to", "dates-in-order", "The last day lies before the first.")
    result = Earmarking(
        preset=body.code,
        # what stands in the store is text
        instrument=Instrument(body.instrument),
        aid_type=body.aid_type,
        modality=Modality(body.modality),
        wording=Wording(body.wording),
    )
    for finding in contradictions(result, subject=result.preset):
        place = (finding.pointer or "").lstrip("/")
        found.add("" if place == "preset" else place, finding.rule, finding.message)
    found.refuse()
    return result


def _row(preset: Earmarking, valid_from: dt.date, valid_to: dt.date | None) -> EarmarkingPreset:
    row = EarmarkingPreset(code=preset.preset, valid_from=valid_from, valid_to=valid_to)
    assign(row, _columns(preset))
    return row


def _columns(preset: Earmarking) -> dict[str, str]:
    return {
        "instrument": preset.instrument.value,
        "aid_type": preset.aid_type,
        "category": preset.category.value,
        "modality": preset.modality.value,
        "wording": preset.wording.value,
    }
