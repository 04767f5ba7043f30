"""What an agreement promises its projects, as rows of the ledger: commitments (11) and pledges (13).

The ledger is appended only, so each decision posts the difference between what should stand and what stands, dated on
the day of the decision. The sum of a project's rows is then always its share, and figures "as of" a day are right.
Agreements that came from a published file post nothing: their rows are in the file.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.books import check_decided
from app.db.funding import Agreement, FundingShare
from app.db.lookups import closed_over
from app.db.partners import Partner
from app.db.projects import Project
from app.db.revisions import UNDATED
from app.db.spending import LedgerEntry
from app.db.together import part_added, settled
from app.domain.access import Actor
from app.domain.agreements import Terms, in_force, story
from app.domain.earmarking import Category, standard_support_rate
from app.domain.ledger import TransactionType
from app.domain.money import EXACT
from app.domain.promises import DatedShare, Story, part_of, percent_of, shares_on
from app.domain.terms import AgreementStatus, EntryKind, Origin
from app.funding import queries
from app.funding.decided import RULE
from app.funding.history import terms_of
from app.funding.queries_ahead import note_posted
from app.funding.remarks import refuse_moved
from app.inputs import FaultList

_COMMITMENT = TransactionType.INCOMING_COMMITMENT.value
_PLEDGE = TransactionType.INCOMING_PLEDGE.value
_RECEIPT = TransactionType.INCOMING_FUNDS.value
_HUNDRED = Decimal(100)


def gross(terms: Terms, amount: Decimal) -> Decimal:
    """``amount`` with the support cost on top, where the agreement states its amounts without."""
    if terms.gross:
        return amount
    rate = terms.support_cost_rate
    if rate is None:
        rate = EXACT.multiply(standard_support_rate(Category(str(terms.category))), _HUNDRED)
    return EXACT.add(amount, percent_of(amount, rate))


def post(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    found: FaultList,
    *,
    decided_on: dt.date,
    reason: str = "",
    place: str = "decided_on",
) -> None:
    """Posts what lacks between the agreement's shares and the ledger, for each project, in the order of their codes.

    Notes a fault at ``place`` when the day of the decision lies in a closed period. Needs everything flushed, and the
    agreement held.
    """
    if agreement.origin is Origin.IMPORTED:
        return
    shares = queries.live_shares(session, key(agreement))
    stands = queries.standing(session, key(agreement), agreement.currency, (_COMMITMENT, _PLEDGE, _RECEIPT))
    targets = _targets(agreement, terms_of(agreement), shares, stands)
    projects = queries.projects_by_id(session, {project_id for project_id, _ in targets})
    lacking = [
        (projects[project_id], type_, difference)
        for (project_id, type_), target in targets.items()
        if (difference := EXACT.subtract(target, stands.get((project_id, type_), Decimal(0))))
    ]
    if not lacking:
        return
    _require_open(session, decided_on, found, place)
    _append(session, actor, agreement, lacking, decided_on, reason)


def _require_open(session: Session, day: dt.date, found: FaultList, place: str) -> None:
    check_decided(session, found, day, place=place, rule=RULE)
    found.refuse()


def post_amended(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    found: FaultList,
    *,
    before: Story,
    after: Story,
    reason: str,
) -> None:
    """Posts what decisions learnt since ``before`` change of the promises, each on the day on which it changed them.

    What a later decision replaces is taken back on the day of that one, so that the sums of every day are right. Needs
    everything flushed, and the agreement held.
    """
    if agreement.origin is Origin.IMPORTED:
        return
    projects = queries.projects_by_id(session, {each.project_id for each in (*before.shares, *after.shares)})
    posted: dict[tuple[int, str], Decimal] = {}
    days = {each.known_on for told in (before, after) for each in story(told.decisions)}
    days |= {each.known_on for told in (before, after) for each in told.shares}
    for day in sorted(days - {UNDATED}):
        stood, stands = _promised_on(agreement, before, day), _promised_on(agreement, after, day)
        lacking = []
        for place in sorted({*stood, *stands}):
            difference = EXACT.subtract(stands.get(place, Decimal(0)), stood.get(place, Decimal(0)))
            if step := EXACT.subtract(difference, posted.get(place, Decimal(0))):
                lacking.append((projects[place[0]], place[1], step))
            posted[place] = difference
        if lacking:
            _require_open(session, day, found, "decided_on")
            _append(session, actor, agreement, lacking, day, reason)


def _append(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    amounts: list[tuple[Project, str, Decimal]],
    day: dt.date,
    reason: str,
) -> None:
    """Adds rows of one day: (project, type, amount) each, numbered on from those that stand."""
    # of several partners each gives its part, and none of them all
    joint = bool(agreement.further_partners)
    provider = None if joint else session.get_one(Partner, agreement.partner_id).organisation_id
    numbers = {
        type_: queries.documents_with(session, f"{agreement.reference}/{type_}/") for type_ in (_COMMITMENT, _PLEDGE)
    }
    for project, type_, amount in sorted(amounts, key=lambda item: (item[0].code, item[1])):
        numbers[type_] += 1
        posted = LedgerEntry(
            project_id=key(project),
            agreement_id=agreement.id,
            document=f"{agreement.reference}/{type_}/{numbers[type_]}",
            type=type_,
            date=day,
            amount=amount,
            currency=agreement.currency,
            value_date=day,
            description=agreement.title,
            provider_id=provider,
            provider_activity=None if joint else agreement.provider_activity,
            receiver_id=project.reporting_org_id,
            receiver_activity=project.iati_identifier,
            reason=reason,
            recorded_by=actor.name,
        )
        _add(session, posted)
    settled(session)


def _add(session: Session, row: LedgerEntry) -> None:
    part_added(session, row)
    note_posted(session, row)


def date_anew(session: Session, actor: Actor, agreement: Agreement, found: FaultList, *, before: dt.date) -> None:
    """Moves what the signature posted to its right day, after ``signed_on`` was corrected.

    The rows of the wrong day are withdrawn on that day, so that no day keeps an amount that was never due then. Notes a
    fault at ``signed_on`` when one of the days lies in a closed period.
    """
    after = agreement.signed_on
    posted = queries.posted_on(session, key(agreement), _COMMITMENT, before)
    if after is None or not posted or agreement.origin is Origin.IMPORTED:
        return
    if (closed := closed_over(session, before, after)) is not None:
        refuse_moved(closed, before, after, found)
        found.refuse()
    reason = f"The day of the signature was corrected from {before} to {after}"
    for entry in posted:
        withdrawn = LedgerEntry(
            project_id=entry.project_id,
            agreement_id=entry.agreement_id,
            type=entry.type,
            date=entry.date,
            amount=EXACT.minus(entry.amount),
            currency=entry.currency,
            value_date=entry.value_date,
            entry_kind=EntryKind.WITHDRAWAL,
            adjusts_id=entry.id,
            reason=reason,
            recorded_by=actor.name,
        )
        _add(session, withdrawn)
    projects = queries.projects_by_id(session, {entry.project_id for entry in posted})
    moved = [(projects[entry.project_id], entry.type, entry.amount) for entry in posted]
    _append(session, actor, agreement, moved, after, reason)


def _targets(
    agreement: Agreement, terms: Terms, shares: list[FundingShare], stands: dict[tuple[int, str], Decimal]
) -> dict[tuple[int, str], Decimal]:
    """What should stand in the ledger: (project, type) → amount.

    A pledge stays on record when it is followed by the commitment, and is taken back when it is cancelled. Of a
    cancelled commitment there remains what was received.
    """
    known = {key for key in stands if key[1] != _RECEIPT}
    targets = _promised(agreement, terms, shares)
    if terms.status is AgreementStatus.CANCELLED:
        if agreement.signed_on is None:
            return {key: Decimal(0) for key in known}
        return {key: stands.get((key[0], _RECEIPT), Decimal(0)) for key in known if key[1] == _COMMITMENT}
    type_ = _PLEDGE if terms.status is AgreementStatus.PLEDGED else _COMMITMENT
    return {key: Decimal(0) for key in known if key[1] == type_} | targets


def _promised_on(agreement: Agreement, told: Story, day: dt.date) -> dict[tuple[int, str], Decimal]:
    """What had been promised by the end of a day."""
    held = in_force(told.decisions, as_of=day)
    return {} if held is None else _promised(agreement, held.terms, shares_on(told.shares, day))


def _promised(
    agreement: Agreement, terms: Terms, shares: Sequence[FundingShare | DatedShare]
) -> dict[tuple[int, str], Decimal]:
    """What terms promise projects by their shares: (project, type) → amount; nothing more when they are cancelled."""
    cancelled = terms.status is AgreementStatus.CANCELLED
    pledged = terms.status is AgreementStatus.PLEDGED or (cancelled and agreement.signed_on is None)
    found: dict[tuple[int, str], Decimal] = {}
    for share in shares:
        key = (share.project_id, _PLEDGE if pledged else _COMMITMENT)
        amount = Decimal(0) if cancelled else part_of(terms.amount, share)
        found[key] = EXACT.add(found.get(key, Decimal(0)), amount)
    return {key: gross(terms, amount) for key, amount in found.items()}
