"""Reads of agreements, their shares, instalments and revisions, and what stands of them in the ledger."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from app.db.agreements import newest_first, of_partner
from app.db.base import key, table
from app.db.dated import FundingShareRevision
from app.db.funding import Agreement, AgreementRevision, EarmarkingPreset, FundingShare, Instalment
from app.db.partners import Partner
from app.db.projects import Project
from app.db.results import FrameworkItem
from app.db.spending import LedgerEntry
from app.db.together import batch_of, rows_below
from app.domain.money import exact_sum
from app.domain.terms import AgreementStatus, EntryKind
from app.funding.queries_ahead import DOCUMENTS, OFFERED, OUTCOMES, POSTED, PROJECTS
from app.http import lists
from app.http.lists import Listing, Shown, Sort, at_least, at_most, contains, equals, sort, unless_archived

_agreement, _partner, _project = table(Agreement).c, table(Partner).c, table(Project).c
_share, _instalment, _revision = table(FundingShare).c, table(Instalment).c, table(AgreementRevision).c
_preset, _entry = table(EarmarkingPreset).c, table(LedgerEntry).c


def _funds(code: object) -> ColumnElement[bool]:
    """Whether the agreement funds the project of this code."""
    # those of one project are few: nobody looks through all agreements for them
    return _agreement.id.in_(
        select(_share.agreement_id)
        .join(table(Project), _project.id == _share.project_id)
        .where(_project.code == code, _share.archived_at.is_(None))
    )


AGREEMENTS = Listing(
    name="agreements",
    statement=select(
        _agreement.id,
        _agreement.reference,
        _partner.code.label("partner"),
        _agreement.title,
        _agreement.preset,
        _agreement.status,
        _agreement.signed_on,
        _agreement.starts_on,
        _agreement.ends_on,
        _agreement.currency,
        _agreement.amount,
        _agreement.support_cost_rate,
        _agreement.gross,
        _agreement.earmarked_for,
        _agreement.earmarked_for_refs,
        _agreement.further_partners,
        _agreement.framework,
        _agreement.mobilised_locally,
        _agreement.modality,
        _agreement.category,
        _agreement.aid_type,
        _agreement.corporate_wording,
        _agreement.provider_activity,
        _agreement.origin,
        _agreement.note,
        _agreement.version,
        _agreement.archived_at,
    ).join_from(table(Agreement), table(Partner), _partner.id == _agreement.partner_id),
    key=_agreement.id,
    sorts={
        "reference": sort(_agreement.reference),
        "title": sort(_agreement.title),
        "partner": Sort(by=_partner.code),
        "status": sort(_agreement.status),
        "signed_on": sort(_agreement.signed_on),
        "starts_on": sort(_agreement.starts_on),
        "ends_on": sort(_agreement.ends_on),
        "amount": sort(_agreement.amount),
        "id": sort(_agreement.id),
    },
    filters={
        "archived": unless_archived(_agreement.archived_at),
        "reference": equals(_agreement.reference),
        "partner": of_partner,
        "project": _funds,
        "status": equals(_agreement.status),
        "preset": equals(_agreement.preset),
        "modality": equals(_agreement.modality),
        "category": equals(_agreement.category),
        "currency": equals(_agreement.currency),
        "framework": equals(_agreement.framework),
        "signed_on_from": at_least(_agreement.signed_on),
        "signed_on_to": at_most(_agreement.signed_on),
        "ends_on_from": at_least(_agreement.ends_on),
        "ends_on_to": at_most(_agreement.ends_on),
        "q": contains(_agreement.reference, _agreement.title),
    },
    usual_sort="reference",
)

SHARES = Listing(
    name="funding shares",
    statement=select(
        _share.id,
        _agreement.reference.label("agreement"),
        _project.code.label("project"),
        _share.starts_on,
        _share.ends_on,
        _share.amount,
        _share.percent,
        _share.note,
        _share.version,
        _share.archived_at,
    )
    .join_from(table(FundingShare), table(Agreement), _agreement.id == _share.agreement_id)
    .join(table(Project), _project.id == _share.project_id),
    key=_share.id,
    sorts={"project": Sort(by=_project.code), "starts_on": sort(_share.starts_on), "id": sort(_share.id)},
    filters={"archived": unless_archived(_share.archived_at), "project": equals(_project.code)},
    usual_sort="project",
)

INSTALMENTS = Listing(
    name="instalments",
    statement=select(
        _instalment.id,
        _agreement.reference.label("agreement"),
        _instalment.due_on,
        _instalment.amount,
        _instalment.note,
        _instalment.version,
        _instalment.archived_at,
    ).join_from(table(Instalment), table(Agreement), _agreement.id == _instalment.agreement_id),
    key=_instalment.id,
    sorts={"due_on": sort(_instalment.due_on), "amount": sort(_instalment.amount), "id": sort(_instalment.id)},
    filters={
        "archived": unless_archived(_instalment.archived_at),
        "due_on_from": at_least(_instalment.due_on),
        "due_on_to": at_most(_instalment.due_on),
    },
    usual_sort="due_on",
)

REVISIONS = Listing(
    name="revisions",
    statement=select(
        _revision.id,
        _revision.sequence,
        _revision.kind,
        _revision.known_on.label("decided_on"),
        _revision.reason,
        _revision.amount,
        _revision.status,
        _revision.starts_on,
        _revision.ends_on,
        _revision.support_cost_rate,
        _revision.gross,
        _revision.preset,
        _revision.modality,
        _revision.earmarked_for,
        _revision.earmarked_for_refs,
        _revision.consented_on,
        _revision.note,
        _revision.recorded_at,
        _revision.recorded_by,
    ),
    key=_revision.id,
    sorts={"sequence": sort(_revision.sequence), "decided_on": sort(_revision.known_on), "id": sort(_revision.id)},
    filters={"decided_on_from": at_least(_revision.known_on), "decided_on_to": at_most(_revision.known_on)},
    usual_sort="sequence",
)

PRESETS = Listing(
    name="presets",
    statement=select(
        _preset.id,
        _preset.code,
        _preset.valid_from,
        _preset.valid_to,
        _preset.instrument,
        _preset.aid_type,
        _preset.category,
        _preset.modality,
        _preset.wording,
        _preset.version,
        _preset.archived_at,
    ),
    key=_preset.id,
    sorts={"code": sort(_preset.code), "valid_from": sort(_preset.valid_from), "id": sort(_preset.id)},
    filters={"archived": unless_archived(_preset.archived_at), "code": equals(_preset.code)},
    usual_sort="code",
)


def show_agreement(session: Session, agreement_id: int) -> Shown | None:
    return lists.one(session, AGREEMENTS, _agreement.id == agreement_id)


def show_revision(session: Session, revision_id: int) -> Shown | None:
    return lists.one(session, REVISIONS, _revision.id == revision_id)


def show_preset(session: Session, preset_id: int) -> Shown | None:
    return lists.one(session, PRESETS, _preset.id == preset_id)


def shares_of(agreement_id: int) -> ColumnElement[bool]:
    """Narrows the shares to those of an agreement."""
    return _share.agreement_id == agreement_id


def revisions_of(agreement_id: int) -> ColumnElement[bool]:
    return _revision.agreement_id == agreement_id


def agreement_by_reference(session: Session, reference: str) -> Agreement | None:
    """The agreement, held until the transaction ends; nobody else changes it or its shares meanwhile."""
    batch = batch_of(session)
    if batch is not None and (known := batch.known(Agreement, "reference", [reference])) is not None:
        return known.get(reference)
    return session.scalars(
        select(Agreement)
        .where(_agreement.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def live_shares(session: Session, agreement_id: int) -> list[FundingShare]:
    """The shares of an agreement that are not archived."""
    shares = rows_below(session, FundingShare, "agreement_id", agreement_id, _share.id)
    return [row for row in shares if row.archived_at is None]


def dated_shares(session: Session, agreement_id: int) -> list[tuple[FundingShare, FundingShareRevision | None]]:
    """The shares of an agreement with what was decided on each, in the order of recording."""
    told = table(FundingShareRevision).c
    if batch_of(session) is not None:
        found: list[tuple[FundingShare, FundingShareRevision | None]] = []
        for share in rows_below(session, FundingShare, "agreement_id", agreement_id, _share.id):
            decided = rows_below(session, FundingShareRevision, "share_id", key(share), told.sequence)
            found += [(share, each) for each in sorted(decided, key=_sequence)] or [(share, None)]
        return found
    rows = session.execute(
        select(FundingShare, FundingShareRevision)
        .outerjoin(FundingShareRevision, told.share_id == _share.id)
        .where(_share.agreement_id == agreement_id)
        .order_by(_share.id, told.sequence)
    )
    return [(share, revision) for share, revision in rows]


def find_share(session: Session, agreement_id: int, project_id: int, starts_on: dt.date | None) -> FundingShare | None:
    """The share of this key, archived or not."""
    if batch_of(session) is not None:
        rows = rows_below(session, FundingShare, "agreement_id", agreement_id, _share.id)
        return next((row for row in rows if (row.project_id, row.starts_on) == (project_id, starts_on)), None)
    start = _share.starts_on.is_(None) if starts_on is None else _share.starts_on == starts_on
    return session.scalars(
        select(FundingShare)
        .where(_share.agreement_id == agreement_id, _share.project_id == project_id, start)
        .order_by(_share.id)
        .limit(1)
    ).first()


def find_instalment(session: Session, agreement_id: int, due_on: dt.date) -> Instalment | None:
    if batch_of(session) is not None:
        rows = rows_below(session, Instalment, "agreement_id", agreement_id, _instalment.id)
        return next((row for row in rows if row.due_on == due_on), None)
    return session.scalars(
        select(Instalment).where(_instalment.agreement_id == agreement_id, _instalment.due_on == due_on)
    ).one_or_none()


def scheduled(session: Session, agreement_id: int) -> Decimal:
    """What the instalments of an agreement make together, in its currency."""
    rows = rows_below(session, Instalment, "agreement_id", agreement_id, _instalment.id)
    return exact_sum(row.amount for row in rows if row.archived_at is None)


def projects_by_id(session: Session, ids: set[int]) -> dict[int, Project]:
    if batch_of(session) is not None:
        return {each: session.get_one(Project, each) for each in ids}
    return {key(row): row for row in session.scalars(select(Project).where(_project.id.in_(sorted(ids))))}


def revision_rows(session: Session, agreement_id: int) -> list[AgreementRevision]:
    """Everything decided on an agreement, in the order of recording."""
    return list(rows_below(session, AgreementRevision, "agreement_id", agreement_id, _revision.sequence))


def newest_revision(session: Session, agreement_id: int) -> AgreementRevision | None:
    """The revision that holds."""
    if batch_of(session) is not None:
        return max(revision_rows(session, agreement_id), key=_in_order, default=None)
    return session.scalars(
        select(AgreementRevision).where(_revision.agreement_id == agreement_id).order_by(*newest_first()).limit(1)
    ).first()


def last_sequence(session: Session, agreement_id: int) -> int:
    if batch_of(session) is not None:
        return max(map(_sequence, revision_rows(session, agreement_id)), default=0)
    found = session.scalar(select(func.max(_revision.sequence)).where(_revision.agreement_id == agreement_id))
    return found or 0


def _sequence(row: AgreementRevision | FundingShareRevision) -> int:
    return row.sequence


def _in_order(row: AgreementRevision) -> tuple[bool, dt.date, int]:
    """As :func:`app.db.agreements.in_order`."""
    return row.status is not AgreementStatus.PLEDGED, row.known_on, row.sequence


def first_known(session: Session, agreement_id: int) -> dt.date | None:
    """The day of the first decision that is recorded of an agreement."""
    if batch_of(session) is not None:
        return min((row.known_on for row in revision_rows(session, agreement_id)), default=None)
    found: dt.date | None = session.scalar(
        select(func.min(_revision.known_on)).where(_revision.agreement_id == agreement_id)
    )
    return found


def standing(
    session: Session, agreement_id: int, currency: str, types: tuple[str, ...]
) -> dict[tuple[int, str], Decimal]:
    """What the ledger holds of an agreement in its currency: (project, type) → sum, corrections included."""
    if (posted := POSTED.known(session)) is not None:
        sums = posted.get((agreement_id, currency), {})
        return {place: amount for place, amount in sums.items() if place[1] in types}
    rows = session.execute(
        select(_entry.project_id, _entry.type, func.sum(_entry.amount))
        .where(_entry.agreement_id == agreement_id, _entry.currency == currency, _entry.type.in_(types))
        .group_by(_entry.project_id, _entry.type)
    )
    return {(project_id, type_): amount for project_id, type_, amount in rows}


def posted_on(session: Session, agreement_id: int, type_: str, day: dt.date) -> list[LedgerEntry]:
    """The postings of a type under an agreement on a day that were not withdrawn, in the order of posting."""
    above = table(LedgerEntry).alias()
    withdrawn = select(above.c.adjusts_id).where(
        above.c.agreement_id == agreement_id, above.c.entry_kind == EntryKind.WITHDRAWAL
    )
    statement = select(LedgerEntry).where(
        _entry.agreement_id == agreement_id,
        _entry.type == type_,
        _entry.date == day,
        _entry.entry_kind == EntryKind.POSTING,
        _entry.ordinal.is_(None),
        _entry.id.not_in(withdrawn),
    )
    return list(session.scalars(statement.order_by(_entry.id)))


def has_entries(session: Session, agreement_id: int) -> bool:
    """Whether anything was posted under the agreement."""
    return session.execute(select(_entry.id).where(_entry.agreement_id == agreement_id).limit(1)).first() is not None


def documents_with(session: Session, prefix: str) -> int:
    """How many ledger documents begin with ``prefix``, which ends with a slash."""
    if (documents := DOCUMENTS.known(session)) is not None:
        return documents.get(prefix, 0)
    return session.scalar(select(func.count()).where(_entry.document.startswith(prefix, autoescape=True))) or 0


def preset_rows(session: Session, code: str) -> list[EarmarkingPreset]:
    """Everything the organisation keeps under the code, the newest first."""
    known = OFFERED.known(session)
    if known is not None and code in known:
        return known[code]
    found = list(
        session.scalars(select(EarmarkingPreset).where(_preset.code == code).order_by(_preset.valid_from.desc()))
    )
    if known is not None:
        known[code] = found
    return found


def known_projects(session: Session, codes: Collection[str]) -> set[str]:
    """Those of the codes that projects or pools have."""
    if (known := PROJECTS.known(session)) is not None:
        return known.keys() & set(codes)
    return set(session.scalars(select(_project.code).where(_project.code.in_(codes))))


def known_outcomes(session: Session, codes: Collection[str]) -> set[str]:
    """Those of the codes that outcomes of some results framework have."""
    if (known := OUTCOMES.known(session)) is not None:
        return known.keys() & set(codes)
    item = table(FrameworkItem).c
    return set(session.scalars(select(item.code).where(item.level == "outcome", item.code.in_(codes))))


def find_preset(session: Session, code: str, valid_from: dt.date) -> EarmarkingPreset | None:
    return session.scalars(
        select(EarmarkingPreset).where(_preset.code == code, _preset.valid_from == valid_from)
    ).one_or_none()
