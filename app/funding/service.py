"""Rules of change for agreements: classification, status, screening, and the revisions that keep their history."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.books import was_reported
from app.db.funding import Agreement
from app.db.lookups import closed_over, row_by
from app.db.meant import refuse_look_alike
from app.db.partners import Partner
from app.db.put import Put, assign
from app.db.sides import units_of_agreement
from app.db.together import added, settled
from app.domain.access import Actor, Right
from app.domain.agreements import TERMS, RevisionKind, Terms, entered_as
from app.domain.money import exact_sum, plain
from app.domain.terms import AgreementStatus, Origin
from app.errors import Conflict, Fault
from app.funding import (
    allocated,
    commitments,
    decided,
    history,
    partners,
    presets,
    purposes,
    queries,
    remarks,
    screening,
)
from app.funding.schemas import AgreementIn
from app.inputs import FaultList, Input, filled, sent

#: from which status an agreement may move to which
MOVES = {
    AgreementStatus.PLEDGED: (AgreementStatus.SIGNED, AgreementStatus.COMPLETED, AgreementStatus.CANCELLED),
    AgreementStatus.SIGNED: (AgreementStatus.COMPLETED, AgreementStatus.CANCELLED),
    AgreementStatus.COMPLETED: (),
    AgreementStatus.CANCELLED: (),
}

_IN_FORCE = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)
#: their values over time stand in ``agreement_revisions``, and those of the classification
_REVISED = ("amount", "status", "starts_on", "ends_on", "support_cost_rate", "gross")
_PLAIN = (
    "title", "status", "signed_on", "starts_on", "ends_on", "currency", "amount", "support_cost_rate", "earmarked_for",
    "earmarked_for_refs", "further_partners", "framework", "provider_activity", "note",
)  # fmt: skip
#: how money of an agreement that is signed is tied changes with the consent of the partner
_TIED = ("preset", "modality", "earmarked_for", "earmarked_for_refs")
#: yes or no; what is left out stays
_MARKS = ("gross", "mobilised_locally")
_CLASSIFYING = ("preset", "modality", "aid_type")


def create_agreement(
    session: Session, actor: Actor, body: AgreementIn, *, today: dt.date, told: FaultList | None = None
) -> Agreement:
    """A new agreement; ``Conflict`` when its reference is taken.

    ``told``: takes what is remarked of figures of closed books, which it changes all the same.
    """
    actor.require(Right.WRITE)
    if queries.agreement_by_reference(session, body.reference) is not None:
        message = f"There is an agreement {body.reference} already."
        raise Conflict(message, [Fault(pointer="/reference", rule="unique", message=message)])
    return _create(session, actor, body, today=today, told=told or FaultList())


def update_agreement(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: Input,
    *,
    today: dt.date,
    told: FaultList | None = None,
) -> bool:
    """Changes the fields that ``body`` sets, as a revision where history matters; tells whether anything differed.

    The agreement must be held. ``told``: as of :func:`create_agreement`.
    """
    actor.require(Right.WRITE)
    told = told or FaultList()
    changed = _update(session, actor, agreement, body, today=today, told=told)
    if changed:
        remarks.remark_scheduled(session, agreement, told)
    return changed


def put_agreement(
    session: Session, actor: Actor, body: AgreementIn, *, today: dt.date, pointer: str = ""
) -> Put[Agreement]:
    """Creates the agreement of this reference, or changes what differs.

    A record that repeats the terms it was entered with does not undo amendments that came in between.
    """
    actor.require(Right.WRITE)
    agreement = queries.agreement_by_reference(session, body.reference)
    if agreement is None:
        told = FaultList(pointer)
        made = _create(session, actor, body, today=today, told=told, is_history=True)
        remarks.remark_all(session, made, told)
        return Put(made, "created", tuple(told.found))
    news = history.without_amended(session, agreement, body)
    told = FaultList(pointer)
    changed = _update(session, actor, agreement, news, today=today, told=told, is_history=True)
    if changed:
        remarks.remark_all(session, agreement, told)
        remarks.remark_scheduled(session, agreement, told)
    return Put(agreement, "updated" if changed else "unchanged", tuple(told.found))


def archive_agreement(session: Session, actor: Actor, agreement: Agreement) -> None:
    """Takes an agreement out of the lists; ``Conflict`` while it is pledged or signed."""
    require_change(session, actor, agreement)
    if agreement.status in (AgreementStatus.PLEDGED, AgreementStatus.SIGNED):
        raise Conflict(f"The agreement is {agreement.status.value}: complete or cancel it first.")
    archiving.archive(session, agreement)


def restore_agreement(session: Session, actor: Actor, agreement: Agreement) -> None:
    require_change(session, actor, agreement)
    archiving.restore(session, agreement)


def require_change(session: Session, actor: Actor, agreement: Agreement) -> None:
    """Raises ``NotAllowed`` for who may not change it, or what is below it."""
    actor.require(Right.WRITE)
    require_units(session, actor, agreement)


def require_units(session: Session, actor: Actor, agreement: Agreement) -> None:
    """An officer of a unit changes agreements that fund projects of that unit alone, or none yet."""
    if actor.of_a_unit:
        actor.require_claim(units_of_agreement(session, key(agreement)))


def _create(
    session: Session,
    actor: Actor,
    body: AgreementIn,
    *,
    today: dt.date,
    told: FaultList,
    is_history: bool = False,
) -> Agreement:
    """``is_history``: nothing can stop an old signature any more, and what speaks against it is remarked."""
    found = FaultList(told.pointer)
    day = body.signed_on or body.decided_on or today
    partner = _partner(session, body.partner, found)
    parts, further = partners.checked(session, body.further_partners, body.partner, found)
    _check(body, found, today)
    found.ask_thousands("amount", body.amount, body.currency)
    if partner is not None and (body.status in _IN_FORCE or body.signed_on is not None):
        screening.screen(
            session, (partner, *further), body.signed_on or today, today, found, told if is_history else None
        )
    earmarking = presets.classify(
        session, found, preset=body.preset, day=day, modality=body.modality, aid_type=body.aid_type
    )
    references = purposes.checked(body.earmarked_for_refs, found)
    refuse_look_alike(session, found, Agreement, "reference", body.reference)
    found.refuse()
    if partner is None or earmarking is None:
        raise AssertionError("an unknown partner or preset is a fault")
    agreement = Agreement(
        reference=body.reference,
        partner_id=key(partner),
        preset=body.preset,
        gross=body.gross is not False,
        mobilised_locally=body.mobilised_locally is True,
        modality=earmarking.modality.value,
        category=int(earmarking.category),
        aid_type=earmarking.aid_type,
        corporate_wording=earmarking.wording.value,
        **{name: value for name in _PLAIN if (value := getattr(body, name)) is not None},
    )
    agreement.earmarked_for_refs, agreement.further_partners = references, parts
    added(session, agreement)
    now = history.terms_of(agreement)
    was: AgreementStatus | None = None
    begun = decided.beginnings(body, today)
    for step in begun:
        _append(session, actor, agreement, step, replace(now, status=step.status), body.reason, was)
        was = step.status
    remarks.remark_closed(session, agreement.reference, body.status, begun[0].known_on, told)
    taken = allocated.take_over(session, actor, agreement)
    remarks.remark_taken_over(session, agreement, taken, told)
    return agreement


def _update(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: Input,
    *,
    today: dt.date,
    told: FaultList,
    is_history: bool = False,
) -> bool:
    require_units(session, actor, agreement)
    found = FaultList(told.pointer)
    partner = session.get_one(Partner, agreement.partner_id)
    standing = {name: getattr(agreement, name) for name in ("reference", *_PLAIN, *_MARKS)}
    after = filled(AgreementIn, body, standing | {"partner": partner.code})
    columns = {name: getattr(after, name) for name in _PLAIN}
    columns["earmarked_for_refs"] = purposes.checked(after.earmarked_for_refs, found)
    columns["further_partners"], further = partners.checked(session, after.further_partners, after.partner, found)
    columns |= {name: value for name in _MARKS if (value := getattr(after, name)) is not None}
    if after.reference != agreement.reference:
        found.add("reference", "key-fixed", "The reference stays: documents of the ledger are named after it.")
    if after.partner != partner.code:
        partner = _partner(session, after.partner, found) or partner
    columns["partner_id"] = partner.id
    changes = {name for name, value in columns.items() if getattr(agreement, name) != value}
    if changes & {"signed_on", "ends_on", "starts_on", "status"}:
        _check(after, found, today)
    _check_move(agreement, after.status, found)
    if after.status in _IN_FORCE and agreement.status is AgreementStatus.PLEDGED:
        # a pledge that is on record here is no history, whoever tells of its signature
        screening.screen(session, (partner, *further), after.signed_on or today, today, found, None)
    elif after.status in _IN_FORCE and changes & {"partner_id", "further_partners"}:
        if after.decided_on is not None and not changes & set(TERMS):
            found.refuse_ahead(after.decided_on, today)
        who = {"partner": [partner], "further_partners": further}
        columns["joined"] = (
            screening.screen_joining(session, agreement, after, who, today, found, told if is_history else None) or None
        )
    _check_posted(session, agreement, changes, found)
    _check_reported(session, agreement, after, changes, found, told)
    if "amount" in changes:
        found.ask_thousands("amount", after.amount, after.currency)
        check_shares(session, agreement, after.amount, found)
    classification = _classification(session, agreement, body, after.signed_on or today, found)
    changes |= {name for name, value in classification.items() if getattr(agreement, name) != value}
    columns |= classification
    repurposed = [name for name in _TIED if name in changes and getattr(agreement, name)]
    is_tied = agreement.status in _IN_FORCE and agreement.preset is not None
    if repurposed and is_tied and after.consented_on is None:
        message = (
            "How signed money is tied changes with the consent of the partner: enter a repurposing, or give its day in "
            "consented_on."
        )
        found.add(repurposed[0], "agreement.repurposing-without-consent", message)
    signed_before = agreement.signed_on
    steps = decided.steps(session, agreement, after, changes, today, found, told)
    found.refuse()
    was, terms = agreement.status, history.terms_of(agreement)
    if not assign(agreement, columns):
        return False
    settled(session)
    now = history.terms_of(agreement)
    for step in steps:
        terms = replace(terms, **{name: getattr(now, name) for name in step.about} | {"status": step.status})
        _append(session, actor, agreement, step, terms, after.reason, was, after.consented_on)
        was = step.status
    if signed_before is not None and "signed_on" in changes:
        commitments.date_anew(session, actor, agreement, found, before=signed_before)
        found.refuse()
    if changes & set(_REVISED):
        commitments.post(
            session, actor, agreement, found, decided_on=decided.posted_on(steps), reason=after.reason or ""
        )
        found.refuse()
    return True


def _partner(session: Session, code: str, found: FaultList) -> Partner | None:
    partner = row_by(session, Partner, "code", code)
    if partner is None:
        found.add("partner", "partner.unknown", f"There is no partner {code}.")
    elif partner.archived_at is not None:
        found.add("partner", "partner.archived", f"The partner {code} was archived: restore it first.")
    return partner


def _check(body: AgreementIn, found: FaultList, today: dt.date) -> None:
    """Dates and status that contradict one another."""
    signed_on, starts_on, ends_on = body.signed_on, body.starts_on, body.ends_on
    if body.status in _IN_FORCE and signed_on is None:
        message = f"An agreement that is {body.status.value} has the day of its signature."
        found.add("signed_on", "agreement.signed-without-date", message)
    if body.status is AgreementStatus.PLEDGED and signed_on is not None:
        found.add("signed_on", "agreement.pledge-with-signature", "A pledge is not signed: its status is then signed.")
    if signed_on is not None and signed_on > today:
        found.add("signed_on", "date.future", f"{signed_on} lies in the future: enter it when it is signed.")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        found.add("ends_on", "dates-in-order", f"The agreement would end on {ends_on}, before it starts.")


def _check_move(agreement: Agreement, status: AgreementStatus, found: FaultList) -> None:
    if status is not agreement.status and status not in MOVES[agreement.status]:
        allowed = " or ".join(move.value for move in MOVES[agreement.status])
        message = f"An agreement that is {agreement.status.value} does not become {status.value}" + (
            f", but {allowed}." if allowed else "; it stays so."
        )
        found.add("status", "agreement.status-move", message)


def _check_posted(session: Session, agreement: Agreement, changes: set[str], found: FaultList) -> None:
    """Currency and partner stand in rows of the ledger, which stay."""
    if changes & {"currency", "partner_id"} and queries.has_entries(session, key(agreement)):
        for column, field in (("currency", "currency"), ("partner_id", "partner")):
            if column in changes:
                message = f"Rows of the ledger carry this {field}: cancel the agreement and enter another one."
                found.add(field, "agreement.posted", message)


def _check_reported(
    session: Session, agreement: Agreement, after: AgreementIn, changes: set[str], found: FaultList, told: FaultList
) -> None:
    """What has no history and was reported of closed books stays, and what may change of it all the same is remarked.

    What was entered after the closing was not reported, and may be corrected.
    """
    before, signed_on = agreement.signed_on, after.signed_on
    undated = changes & {"currency", "partner_id", "further_partners", "mobilised_locally"}
    known_on = before or queries.first_known(session, key(agreement)) if undated else None
    days = (before, signed_on) if "signed_on" in changes and signed_on is not None else ()
    closed = closed_over(session, known_on, *days) if undated or days else None
    if closed is None:
        return
    is_kept = was_reported(session, agreement.created_at)
    if days and before is not None and is_kept:
        remarks.refuse_moved(closed, before, signed_on, found)
    elif days:
        remarks.remark_closed(session, agreement.reference, after.status, signed_on, told)
    if undated and is_kept and closed_over(session, known_on):
        remarks.tell_reported(agreement, closed, undated, found, told)


def check_shares(session: Session, agreement: Agreement, amount: Decimal, found: FaultList) -> None:
    fixed = exact_sum(
        share.amount for share in queries.live_shares(session, key(agreement)) if share.amount is not None
    )
    if fixed > amount:
        message = f"The shares of projects make {plain(fixed)} {agreement.currency}: lower them first."
        found.add("amount", "agreement.below-shares", message)


def _classification(
    session: Session, agreement: Agreement, body: Input, day: dt.date, found: FaultList
) -> dict[str, str | int]:
    """Columns of the classification, when any field that decides it is given; what is not given stays."""
    given = {name: value for name, value in sent(body).items() if name in _CLASSIFYING}
    same_preset = given.get("preset", agreement.preset) == agreement.preset
    preset = given.get("preset", agreement.preset)
    if preset is None or all(getattr(agreement, name) == value for name, value in given.items()):
        return {}
    earmarking = presets.classify(
        session,
        found,
        preset=preset,
        day=day,
        modality=given.get("modality", agreement.modality if same_preset else None),
        aid_type=given.get("aid_type", agreement.aid_type if same_preset else None),
    )
    if earmarking is None:
        return {}
    return {
        "preset": preset,
        "modality": earmarking.modality.value,
        "category": int(earmarking.category),
        "aid_type": earmarking.aid_type,
        "corporate_wording": earmarking.wording.value,
    }


def _append(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    step: decided.Step,
    terms: Terms,
    reason: str | None,
    was: AgreementStatus | None = None,
    consented_on: dt.date | None = None,
) -> None:
    """Writes terms as a decision; ``was``: the status of the agreement before, None when it is new."""
    status = step.status
    if status in (AgreementStatus.COMPLETED, AgreementStatus.CANCELLED) and was is not status:
        kind = RevisionKind.ENDED
    elif was is None:
        kind = RevisionKind.ENTERED
    else:
        kind = RevisionKind.AMENDED if was is status else RevisionKind.SIGNED
    if kind is RevisionKind.AMENDED and consented_on is not None:
        kind = RevisionKind.REPURPOSED
    history.append(
        session, actor, agreement, kind, step.known_on, terms, reason or entered_as(status),
        stated=step.about, consented_on=consented_on,
    )  # fmt: skip


def is_imported(agreement: Agreement) -> bool:
    return agreement.origin is Origin.IMPORTED
