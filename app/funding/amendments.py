"""Amendments of agreements: what changes from a day on, entered at any time; and the terms as known on a day."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.books import check_decided
from app.db.funding import Agreement, AgreementRevision
from app.db.put import Put
from app.db.renamed_codes import renamings
from app.domain.access import Actor, Right
from app.domain.agreements import TERMS, Decision, RevisionKind, Terms, decided, in_force
from app.domain.contributions import FullCost, full_cost
from app.domain.money import Money
from app.domain.promises import Story
from app.domain.terms import AgreementStatus
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.funding import commitments, history, queries, remarks, service
from app.funding.decided import RULE
from app.funding.schemas import AmendmentIn, AmendmentOfAgreementIn
from app.inputs import FaultList

#: what an amendment may change
CHANGED = ("amount", "starts_on", "ends_on", "support_cost_rate")


def create_amendment(
    session: Session, actor: Actor, agreement: Agreement, body: AmendmentOfAgreementIn, *, today: dt.date
) -> AgreementRevision:
    """Appends an amendment of an agreement that is held.

    :raises Conflict: when one of that day is on record already.
    """
    actor.require(Right.WRITE)
    standing = _standing(history.decisions(session, agreement), body.decided_on)
    if standing is not None:
        message = f"An amendment of {body.decided_on} is on record already."
        raise Conflict(message, [Fault(pointer="/decided_on", rule="amendment.exists", message=message)])
    return _store(session, actor, agreement, body, FaultList(), today=today)


def put_amendment(
    session: Session, actor: Actor, body: AmendmentIn, *, today: dt.date, pointer: str = ""
) -> Put[AgreementRevision]:
    """Appends an amendment by agreement and day; the same again changes nothing, other values take its place."""
    actor.require(Right.WRITE)
    found = FaultList(pointer)
    agreement = queries.agreement_by_reference(session, body.agreement)
    if agreement is None:
        found.add("agreement", "agreement.unknown", f"There is no agreement {body.agreement}.")
        raise InvalidInput(found.found)
    known = history.decisions(session, agreement)
    standing = _standing(known, body.decided_on)
    if standing is not None:
        row = next(
            each for each in queries.revision_rows(session, key(agreement)) if each.sequence == standing.sequence
        )
        held = in_force(known, as_of=body.decided_on)
        if (
            (row.reason, row.note) == (body.reason, body.note or row.note)
            and held is not None
            and _amended(held.terms, body) == held.terms
        ):
            return Put(row, "unchanged")
    row = _store(session, actor, agreement, body, found, today=today)
    told = FaultList(pointer)
    remarks.remark_amended(session, agreement, told)
    remarks.remark_scheduled(session, agreement, told)
    return Put(row, "created" if standing is None else "updated", tuple(told.found))


def _standing(known: list[Decision], day: dt.date) -> Decision | None:
    """The last amendment that was entered for that day."""
    own = [each for each in known if each.known_on == day and each.kind is RevisionKind.AMENDED]
    return max(own, key=lambda each: each.sequence, default=None)


def _amended(terms: Terms, body: AmendmentOfAgreementIn) -> Terms:
    return replace(
        terms,
        amount=terms.amount if body.amount is None else body.amount,
        starts_on=body.starts_on or terms.starts_on,
        ends_on=body.ends_on or terms.ends_on,
        support_cost_rate=terms.support_cost_rate if body.support_cost_rate is None else body.support_cost_rate,
    )


def _store(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: AmendmentOfAgreementIn,
    found: FaultList,
    *,
    today: dt.date,
) -> AgreementRevision:
    service.require_units(session, actor, agreement)
    if all(getattr(body, name) is None for name in CHANGED):
        message = "Say what the amendment changes: amount, starts_on, ends_on or support_cost_rate."
        found.add("", "amendment.empty", message)
    found.refuse_ahead(body.decided_on, today)
    found.ask_thousands("amount", body.amount, agreement.currency)
    before = history.decisions(session, agreement)
    if not before:
        # a record without a history begins one with what it says of itself
        day = min(agreement.signed_on or body.decided_on, body.decided_on)
        terms = history.terms_of(agreement)
        history.append(session, actor, agreement, RevisionKind.ENTERED, day, terms, "As entered", stated=TERMS)
        before = history.decisions(session, agreement)
    held = in_force(before, as_of=body.decided_on)
    if held is None:
        first = min(each.known_on for each in before)
        message = f"Nothing was known of the agreement before {first}: give a day from then on."
        found.add("decided_on", "amendment.before-agreement", message)
    elif held.terms.status is AgreementStatus.CANCELLED:
        message = f"The agreement was cancelled on {held.known_on}: there is nothing left to amend after it."
        found.add("decided_on", "amendment.cancelled", message)
    found.refuse()
    return apply(
        session,
        actor,
        agreement,
        before,
        decided(before, body.decided_on, lambda terms: _amended(terms, body)),
        RevisionKind.AMENDED,
        body.reason,
        found,
        stated=[name for name in CHANGED if getattr(body, name) is not None],
        note=body.note,
    )


def apply(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    before: list[Decision],
    told: list[tuple[dt.date, RevisionKind | None, Terms]],
    kind: RevisionKind,
    reason: str,
    found: FaultList,
    *,
    stated: Collection[str],
    consented_on: dt.date | None = None,
    note: str | None = None,
) -> AgreementRevision:
    """Writes a decision with what it restates, puts the terms that hold on the agreement, and posts what changed.

    Gives the row of the decision itself.
    """
    for day, _, terms in told:
        if terms.starts_on is not None and terms.ends_on is not None and terms.ends_on < terms.starts_on:
            message = (
                f"From {day} on the agreement would end on {terms.ends_on}, before its start on {terms.starts_on}."
            )
            found.add("ends_on", "dates-in-order", message)
            break
    check_decided(session, found, told[0][0], place="decided_on", rule=RULE)
    found.refuse()
    rows = [
        history.append(
            session,
            actor,
            agreement,
            own or kind,
            day,
            terms,
            reason if own is None else f"Restated after the decision of {told[0][0]} was entered: {reason}",
            stated=stated if own is None else (),
            consented_on=consented_on if own is None else None,
            note=note if own is None else None,
        )
        for day, own, terms in told
    ]
    after = history.decisions(session, agreement)
    newest = in_force(after)
    if newest is None:
        raise AssertionError("what was just appended is on record")
    if newest.terms.amount != agreement.amount:
        service.check_shares(session, agreement, newest.terms.amount, found)
        found.refuse()
    history.put_on(agreement, newest.terms)
    session.flush()
    shares = history.shares(session, agreement)
    commitments.post_amended(
        session,
        actor,
        agreement,
        found,
        before=Story(decisions=before, shares=shares),
        after=Story(decisions=after, shares=shares),
        reason=reason,
    )
    return rows[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementState:
    """What was known of an agreement on a day, and its amount taken apart by the rate that was in force."""

    decision: Decision
    reason: str
    cost: FullCost


def agreement_as_of(
    session: Session, agreement: Agreement, as_of: dt.date, recorded_at: dt.datetime | None = None
) -> AgreementState:
    """The agreement as known on ``as_of`` and recorded by ``recorded_at`` (None: by now).

    :raises NotFound: when nothing was known of it then.
    """
    rows = {each.sequence: each for each in queries.revision_rows(session, key(agreement))}
    renamed = renamings(session)
    known = in_force(
        [history.decision(row, agreement, renamed) for row in rows.values()],
        as_of=as_of,
        recorded_at=recorded_at,
    )
    if known is None:
        raise NotFound(f"Nothing was known of the agreement {agreement.reference} on {as_of}.")
    terms = known.terms
    rate: Decimal | None = terms.support_cost_rate
    cost = full_cost(
        Money(terms.amount, agreement.currency),
        gross=terms.gross,
        agreed_rate=None if rate is None else rate.scaleb(-2),
        category=terms.category,
    )
    return AgreementState(decision=known, reason=rows[known.sequence].reason, cost=cost)
