"""Changes of how the money of an agreement is tied: recorded as asked, in force with the consent of the partner."""

import datetime as dt
from dataclasses import replace

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement, AgreementRepurposing
from app.db.put import Put, assign
from app.domain.access import Actor, Right
from app.domain.agreements import RevisionKind, Terms, decided, in_force
from app.domain.earmarking import Earmarking
from app.domain.terms import AgreementStatus, Consent
from app.errors import InvalidInput
from app.funding import amendments, history, presets, purposes, queries, queries_duties, service
from app.funding.schemas_repurposing import RepurposingIn, RepurposingOfAgreementIn
from app.inputs import FaultList, sent

#: what a change may say
CHANGED = ("preset", "modality", "aid_type", "earmarked_for", "earmarked_for_refs")


def put_repurposing(
    session: Session, actor: Actor, body: RepurposingIn, *, today: dt.date, pointer: str = ""
) -> Put[AgreementRepurposing]:
    """A change by agreement and day of decision; what the partner says to it may be entered later."""
    found = FaultList(pointer)
    agreement = queries.agreement_by_reference(session, body.agreement)
    if agreement is None:
        found.add("agreement", "agreement.unknown", f"There is no agreement {body.agreement}.")
        raise InvalidInput(found.found)
    return set_repurposing(session, actor, agreement, body, found, today=today)


def set_repurposing(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: RepurposingOfAgreementIn,
    found: FaultList,
    *,
    today: dt.date,
) -> Put[AgreementRepurposing]:
    """The same for an agreement that is held."""
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)
    standing = queries_duties.find_repurposing(session, key(agreement), body.decided_on)
    values = {name: value for name, value in sent(body).items() if name != "agreement"}
    if body.earmarked_for_refs is not None:
        values["earmarked_for_refs"] = purposes.checked(body.earmarked_for_refs, found)
    if standing is not None and standing.in_force_from is not None:
        if any(getattr(standing, name) != value for name, value in values.items()):
            message = f"It is in force since {standing.in_force_from} and stays on record: enter a further change."
            found.add("decided_on", "repurposing.in-force", message)
        found.refuse()
        return Put(standing, "unchanged")
    row = standing or AgreementRepurposing(
        agreement_id=key(agreement), decided_on=body.decided_on, reason=body.reason, consent=body.consent
    )
    _check(body, found, today)
    found.refuse()
    changed = assign(row, values)
    session.add(row)
    session.flush()
    if row.consent in (Consent.GRANTED, Consent.NOT_NEEDED):
        _bring_into_force(session, actor, agreement, row, found)
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def _check(body: RepurposingOfAgreementIn, found: FaultList, today: dt.date) -> None:
    if all(getattr(body, name) is None for name in CHANGED):
        found.add("", "repurposing.empty", f"Say what changes: {', '.join(CHANGED)}.")
    if body.consent is Consent.GRANTED and body.consented_on is None:
        message = "A consent that was granted has a day: without it the change is not in force."
        found.add("consented_on", "repurposing.consent-without-day", message)
    if body.consent is not Consent.GRANTED and body.consented_on is not None:
        message = f"The consent is {body.consent.value}, so there is no day of it: leave one of the two out."
        found.add("consented_on", "repurposing.no-consent", message)
    for name in ("decided_on", "consented_on"):
        if (day := getattr(body, name)) is not None and day > today:
            found.add(name, "date.future", f"{day} lies in the future.")


def _bring_into_force(
    session: Session, actor: Actor, agreement: Agreement, row: AgreementRepurposing, found: FaultList
) -> None:
    """Appends the change as a revision of its own kind, from the decision or the consent on, whichever is later."""
    day = max(row.decided_on, row.consented_on or row.decided_on)
    before = history.decisions(session, agreement)
    held = in_force(before, as_of=day)
    if held is None or held.terms.status is AgreementStatus.CANCELLED:
        message = f"On {day} nothing was in force of the agreement that could change."
        found.add("decided_on", "repurposing.nothing-in-force", message)
        found.refuse()
        raise AssertionError
    earmarking = None
    if any(getattr(row, name) is not None for name in ("preset", "modality", "aid_type")):
        earmarking = _classified(session, held.terms, row, day, found)
    found.refuse()
    told = decided(before, day, lambda terms: _tied(terms, row, earmarking))
    amendments.apply(
        session,
        actor,
        agreement,
        before,
        told,
        RevisionKind.REPURPOSED,
        row.reason,
        found,
        stated=_stated(row, earmarking),
        consented_on=row.consented_on,
        note=row.note,
    )
    row.in_force_from = day
    session.flush()


def _classified(
    session: Session, terms: Terms, row: AgreementRepurposing, day: dt.date, found: FaultList
) -> Earmarking | None:
    preset = row.preset or terms.preset
    if preset is None:
        found.add("preset", "repurposing.preset", "The agreement has no preset yet: say which one it gets.")
        return None
    same = preset == terms.preset
    return presets.classify(
        session,
        found,
        preset=preset,
        day=day,
        modality=row.modality or (terms.modality if same else None),
        aid_type=row.aid_type or (terms.aid_type if same and row.modality is None else None),
    )


def _stated(row: AgreementRepurposing, earmarking: Earmarking | None) -> list[str]:
    """The terms that the change is about."""
    said = [name for name in ("earmarked_for", "earmarked_for_refs") if getattr(row, name) is not None]
    return said if earmarking is None else [*said, "preset", "modality", "category", "aid_type", "corporate_wording"]


def _tied(terms: Terms, row: AgreementRepurposing, earmarking: Earmarking | None) -> Terms:
    tied = replace(
        terms,
        earmarked_for=row.earmarked_for or terms.earmarked_for,
        earmarked_for_refs=terms.earmarked_for_refs
        if row.earmarked_for_refs is None
        else tuple(row.earmarked_for_refs),
    )
    if earmarking is None:
        return tied
    return replace(
        tied,
        preset=earmarking.preset,
        modality=earmarking.modality.value,
        category=int(earmarking.category),
        aid_type=earmarking.aid_type,
        corporate_wording=earmarking.wording.value,
    )
