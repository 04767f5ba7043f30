"""The history of agreements as stored: read as decisions, appended to, and put on the agreement itself."""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement, AgreementRevision
from app.db.put import assign
from app.db.renamed_codes import PRESET, Renamings, renamings
from app.db.revisions import UNDATED
from app.db.together import part_added, settled
from app.domain.access import Actor
from app.domain.agreements import Decision, RevisionKind, Terms, in_force
from app.domain.promises import DatedShare
from app.funding import queries
from app.funding.schemas import AgreementIn
from app.http.lists import Shown

#: decisions with which an agreement comes on record, and terms that amendments change
_FIRST = (RevisionKind.ENTERED, RevisionKind.SIGNED)
_AMENDED = {"amount", "starts_on", "ends_on", "support_cost_rate"}


def terms_of(agreement: Agreement) -> Terms:
    """The terms that the agreement has now."""
    return Terms(
        status=agreement.status,
        amount=agreement.amount,
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        support_cost_rate=agreement.support_cost_rate,
        gross=agreement.gross,
        preset=agreement.preset,
        modality=agreement.modality,
        category=agreement.category,
        aid_type=agreement.aid_type,
        corporate_wording=agreement.corporate_wording,
        earmarked_for=agreement.earmarked_for,
        earmarked_for_refs=tuple(agreement.earmarked_for_refs),
    )


def decisions(session: Session, agreement: Agreement) -> list[Decision]:
    """Everything decided on an agreement, in the order of recording."""
    renamed = renamings(session)
    return [decision(row, agreement, renamed) for row in queries.revision_rows(session, key(agreement))]


def decision(row: AgreementRevision, agreement: Agreement, renamed: Renamings) -> Decision:
    """A revision as the rules take it; where it tells figures alone, the agreement says how it is earmarked.

    What it is for is told by the codes of now.
    """
    said = row.modality is not None
    source = row if said else agreement
    return Decision(
        sequence=row.sequence,
        known_on=row.known_on,
        recorded_at=row.recorded_at,
        kind=RevisionKind(row.kind),
        stated=None if row.stated is None else frozenset(row.stated),
        terms=Terms(
            status=row.status,
            amount=row.amount,
            starts_on=source.starts_on,
            ends_on=row.ends_on,
            support_cost_rate=source.support_cost_rate,
            gross=source.gross,
            preset=renamed.code(PRESET, source.preset, row.recorded_at if said else None),
            modality=source.modality or "",
            category=agreement.category if source.category is None else source.category,
            aid_type=source.aid_type,
            corporate_wording=source.corporate_wording,
            earmarked_for=source.earmarked_for,
            earmarked_for_refs=renamed.now(source.earmarked_for_refs, row.recorded_at if said else None),
        ),
    )


def shares(session: Session, agreement: Agreement) -> list[DatedShare]:
    """Everything decided on the shares of an agreement; one without any counts as it stands."""
    found: list[DatedShare] = []
    for share, told in queries.dated_shares(session, key(agreement)):
        source = share if told is None else told
        found.append(
            DatedShare(
                share_id=key(share),
                project_id=share.project_id,
                sequence=0 if told is None else told.sequence,
                known_on=UNDATED if told is None else told.known_on,
                withdrawn=share.archived_at is not None if told is None else told.withdrawn,
                amount=source.amount,
                percent=source.percent,
            )
        )
    return found


def append(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    kind: RevisionKind,
    known_on: dt.date,
    terms: Terms,
    reason: str,
    *,
    stated: Collection[str],
    consented_on: dt.date | None = None,
    note: str | None = None,
) -> AgreementRevision:
    """Writes a decision behind those that are on record; ``stated``: the terms that it is about."""
    agreement_id = key(agreement)
    row = AgreementRevision(
        agreement_id=agreement_id,
        sequence=queries.last_sequence(session, agreement_id) + 1,
        kind=kind.value,
        known_on=known_on,
        reason=reason,
        amount=terms.amount,
        status=terms.status,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        support_cost_rate=terms.support_cost_rate,
        gross=terms.gross,
        preset=terms.preset,
        modality=terms.modality,
        category=terms.category,
        aid_type=terms.aid_type,
        corporate_wording=terms.corporate_wording,
        earmarked_for=terms.earmarked_for,
        earmarked_for_refs=list(terms.earmarked_for_refs),
        consented_on=consented_on,
        stated=sorted(stated),
        note=note,
        recorded_by=actor.name,
    )
    part_added(session, row)
    settled(session)
    return row


def put_on(agreement: Agreement, terms: Terms) -> bool:
    """Makes these the terms of the agreement now; tells whether anything differed."""
    return assign(
        agreement,
        {
            "status": terms.status,
            "amount": terms.amount,
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "support_cost_rate": terms.support_cost_rate,
            "gross": terms.gross,
            "preset": terms.preset,
            "modality": terms.modality,
            "category": terms.category,
            "aid_type": terms.aid_type,
            "corporate_wording": terms.corporate_wording,
            "earmarked_for": terms.earmarked_for,
            "earmarked_for_refs": list(terms.earmarked_for_refs),
        },
    )


def without_amended(session: Session, agreement: Agreement, body: AgreementIn) -> AgreementIn:
    """The body without the terms that were amended since it stated them so, unless it dates its decision."""
    said = body.model_fields_set
    first = in_force(each for each in decisions(session, agreement) if each.kind in _FIRST)
    if first is None or body.decided_on is not None:
        return body
    repeated = {
        name
        for name in _AMENDED & said
        if getattr(body, name) == getattr(first.terms, name) != getattr(agreement, name)
    }
    return AgreementIn.model_construct(said - repeated, **dict(body)) if repeated else body


def name_by_codes_of_now(session: Session, revisions: Iterable[Shown]) -> None:
    """Has decisions that are shown name presets, and what the money is for, by the codes that these have now."""
    renamed = renamings(session)
    for one in revisions:
        if one["modality"] is not None:
            one["preset"] = renamed.code(PRESET, one["preset"], one["recorded_at"])
            one["earmarked_for_refs"] = list(renamed.now(one["earmarked_for_refs"], one["recorded_at"]))
