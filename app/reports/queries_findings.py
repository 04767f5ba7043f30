"""What findings about agreements, pools and implementing partners follow from, each asked for once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.db.base import table
from app.db.funding import Agreement, AgreementRepurposing, AgreementRevision, FrameworkAgreement
from app.db.ledger import is_expenditure
from app.db.partners import Partner, ProtectionCheck
from app.db.projects import Participant, Project
from app.db.renamed_codes import renamings
from app.db.spending import Allocation, LedgerEntry
from app.domain.allocations import Decision
from app.domain.ledger import TransactionType
from app.domain.terms import AgreementStatus, AllocationKind, Consent, Grain, ProtectionResult, Screening
from app.reports.queries_classes import of_partner
from app.reports.queries_contributions import newest_revisions, was_signed

_agreement, _partner, _project = table(Agreement).c, table(Partner).c, table(Project).c


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocatedSum:
    """What stands allocated of an agreement or pool, by currency and day of the rate."""

    source: str
    currency: str
    rate_day: dt.date
    amount: Decimal


def allocated(
    session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None, partner_id: int | None = None
) -> list[AllocatedSum]:
    """Sums by source: references of agreements, codes of pools, names of own resources.

    Of a partner alone what its agreements gave, and what is called by the reference of one of them.
    """
    line = table(Allocation).c
    given = of_partner(line.agreement_id, partner_id)
    if given:
        named = select(_agreement.reference).where(*of_partner(_agreement.id, partner_id))
        given = [or_(*given, line.source.in_(named))]
    rows = effective_allocations(as_of, recorded_at, lines=given).subquery()
    source = func.coalesce(_agreement.reference, rows.c.source).label("source")
    keys = (source, rows.c.currency, rows.c.decided_on)
    found = session.execute(
        select(*keys, func.sum(rows.c.amount).label("amount"))
        .select_from(rows)
        .outerjoin(table(Agreement), _agreement.id == rows.c.agreement_id)
        .where(source != "")
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        AllocatedSum(source=row.source, currency=row.currency, rate_day=row.decided_on, amount=row.amount)
        for row in found
    ]


def pools(session: Session) -> dict[str, int]:
    """Key of each pool by its code."""
    rows = session.execute(
        select(_project.code, _project.id).where(_project.grain == Grain.POOL, _project.archived_at.is_(None))
    )
    return {row.code: row.id for row in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameworkFact:
    code: str
    partner: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    ceiling: Decimal | None
    currency: str | None
    themes: tuple[str, ...]


def frameworks(session: Session) -> dict[str, FrameworkFact]:
    """Framework agreements by their code."""
    row = table(FrameworkAgreement).c
    found = session.execute(
        select(
            row.code, _partner.code.label("partner"), row.starts_on, row.ends_on, row.ceiling, row.currency, row.themes
        )
        .join_from(table(FrameworkAgreement), table(Partner), _partner.id == row.partner_id)
        .where(row.archived_at.is_(None))
        .order_by(row.code)
    )
    return {
        each.code: FrameworkFact(
            code=each.code,
            partner=each.partner,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            ceiling=each.ceiling,
            currency=each.currency,
            themes=tuple(each.themes),
        )
        for each in found
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What of an agreement the list of findings asks, beside its terms."""

    framework: str | None
    signed_on: dt.date | None
    #: partners that did not sign with the others, and when they joined
    joined: Mapping[str, dt.date]
    currency: str
    #: as known on the day
    amount: Decimal
    status: AgreementStatus
    #: what it is for
    references: tuple[str, ...]


def agreements(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> dict[int, Known]:
    """Agreements in use that were known by the day, by key."""
    known = newest_revisions(as_of, recorded_at)
    renamed = renamings(session)
    has_history = known.c.agreement_id.is_not(None)
    found = session.execute(
        select(
            _agreement.id,
            _agreement.framework,
            _agreement.signed_on,
            _agreement.joined,
            _agreement.currency,
            case((has_history, known.c.amount), else_=_agreement.amount).label("amount"),
            case((has_history, known.c.status), else_=_agreement.status).label("status"),
            case(
                (known.c.modality.is_not(None), known.c.earmarked_for_refs), else_=_agreement.earmarked_for_refs
            ).label("references"),
            case((known.c.modality.is_not(None), known.c.recorded_at)).label("written_at"),
        )
        .select_from(table(Agreement))
        .outerjoin(known, known.c.agreement_id == _agreement.id)
        .where(_agreement.archived_at.is_(None), was_signed(has_history, as_of, recorded_at))
    )
    return {
        row.id: Known(
            framework=row.framework,
            signed_on=row.signed_on,
            joined={code: dt.date.fromisoformat(day) for code, day in (row.joined or {}).items()},
            currency=row.currency,
            amount=row.amount,
            status=AgreementStatus(row.status),
            references=renamed.now(row.references, row.written_at),
        )
        for row in found
    }


def screened(session: Session) -> dict[str, tuple[Screening, dt.date | None]]:
    """Partners that are screened, by code: how that stands, and until when a clearance holds (None: it lasts)."""
    rows = session.execute(
        select(_partner.code, _partner.screening, _partner.cleared_until).where(
            _partner.screening != Screening.NOT_REQUIRED
        )
    )
    return {code: (screening, cleared_until) for code, screening, cleared_until in rows}


def pending(session: Session, *, as_of: dt.date) -> list[tuple[int, dt.date]]:
    """Agreement and day of changes that wait for the consent of the partner."""
    row = table(AgreementRepurposing).c
    found = session.execute(
        select(row.agreement_id, row.decided_on)
        .join_from(table(AgreementRepurposing), table(Agreement), _agreement.id == row.agreement_id)
        .where(row.consent == Consent.PENDING, row.archived_at.is_(None), row.decided_on <= as_of)
        .order_by(_agreement.reference, row.decided_on)
    )
    return [(each.agreement_id, each.decided_on) for each in found]


@dataclass(frozen=True, kw_only=True, slots=True)
class Implementer:
    """A partner that receives money or implements, and its last check by the day."""

    code: str
    projects: int
    result: ProtectionResult | None
    checked_on: dt.date | None
    valid_until: dt.date | None


def implementers(session: Session, *, as_of: dt.date) -> list[Implementer]:
    """Partners that are named as receiver of a disbursement or as implementing organisation of a project."""
    entry, participant = table(LedgerEntry).c, table(Participant).c
    paid = select(entry.receiver_id.label("organisation_id"), entry.project_id).where(
        entry.type == TransactionType.DISBURSEMENT.value,
        entry.receiver_id.is_not(None),
        entry.internal.is_(False),
        entry.date <= as_of,
    )
    named = select(participant.organisation_id, participant.project_id).where(participant.role == "4")
    doing = paid.union(named).subquery()
    check = table(ProtectionCheck).c
    newest = (
        select(
            check.partner_id,
            check.result,
            check.checked_on,
            check.valid_until,
            func.row_number().over(partition_by=check.partner_id, order_by=check.checked_on.desc()).label("place"),
        )
        .where(check.archived_at.is_(None), check.checked_on <= as_of)
        .subquery()
    )
    own = select(_project.reporting_org_id)
    keys = (_partner.code, newest.c.result, newest.c.checked_on, newest.c.valid_until)
    rows = session.execute(
        select(*keys, func.count(doing.c.project_id.distinct()).label("projects"))
        .select_from(doing)
        .join(table(Partner), _partner.organisation_id == doing.c.organisation_id)
        .outerjoin(newest, and_(newest.c.partner_id == _partner.id, newest.c.place == 1))
        .where(or_(_partner.organisation_id.not_in(own), _partner.organisation_id.is_(None)))
        .group_by(*keys)
        .order_by(_partner.code)
    )
    return [
        Implementer(
            code=row.code,
            projects=row.projects,
            result=row.result,
            checked_on=row.checked_on,
            valid_until=row.valid_until,
        )
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedLine:
    """A decision on allocations of a project in which money was moved between years."""

    project: str
    #: of the agreement, None: own resources or not said
    agreement_id: int | None
    source: str
    currency: str
    amount: Decimal
    decision: Decision


def moved(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> list[MovedLine]:
    """Every decision by the day on allocations of projects in which money was moved between years."""
    row, other = table(Allocation).c, table(Allocation).alias("moving").c
    moving = select(other.project_id).where(
        other.kind.in_((AllocationKind.REPHASING, AllocationKind.CARRY_OVER)), other.decided_on <= as_of
    )
    statement = (
        select(
            row.id, _project.code, row.agreement_id, row.source, row.currency, row.amount, row.kind, row.decided_on,
            row.supersedes_id, row.withdrawn, row.period_start, row.period_end, row.outcome, row.country, row.line,
        )
        .join_from(table(Allocation), table(Project), _project.id == row.project_id)
        .where(row.project_id.in_(moving), row.decided_on <= as_of)
        .order_by(_project.code, row.id)
    )  # fmt: skip
    if recorded_at is not None:
        statement = statement.where(row.recorded_at <= recorded_at)
    return [
        MovedLine(
            project=each.code,
            agreement_id=each.agreement_id,
            source=each.source,
            currency=each.currency,
            amount=each.amount,
            decision=Decision(
                id=each.id,
                line=(each.code, each.agreement_id, each.source, *each[10:]),
                kind=AllocationKind(each.kind),
                decided_on=each.decided_on,
                supersedes=each.supersedes_id,
                withdrawn=each.withdrawn,
            ),
        )
        for each in session.execute(statement)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpentLate:
    """What was spent of an agreement on a day on which it had perhaps ended."""

    agreement_id: int
    currency: str
    day: dt.date
    amount: Decimal
    #: the first decision that cancelled the agreement, if it is cancelled
    cancelled_on: dt.date | None


def spent_late(
    session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None, partner_id: int | None = None
) -> list[SpentLate]:
    """Expenditure of agreements behind the earliest end that was ever agreed, or behind the decision to cancel; of a
    partner's agreements alone, where one is named."""
    revision, entries, projects = table(AgreementRevision).c, table(LedgerEntry), table(Project)
    cancelling = case((revision.status == AgreementStatus.CANCELLED, revision.known_on))
    decided = select(
        revision.agreement_id,
        func.min(revision.ends_on).label("first_end"),
        func.min(cancelling).label("cancelled_on"),
    ).where(revision.known_on <= as_of)
    if recorded_at is not None:
        decided = decided.where(revision.recorded_at <= recorded_at)
    ends = decided.group_by(revision.agreement_id).subquery()
    keys = (entries.c.agreement_id, entries.c.currency, entries.c.date, ends.c.cancelled_on)
    statement = (
        select(*keys, func.sum(entries.c.amount).label("amount"))
        .join_from(entries, projects, projects.c.id == entries.c.project_id)
        .join(table(Agreement), _agreement.id == entries.c.agreement_id)
        .outerjoin(ends, ends.c.agreement_id == entries.c.agreement_id)
        .where(
            entries.c.date <= as_of,
            or_(entries.c.date > func.coalesce(ends.c.first_end, _agreement.ends_on),
                entries.c.date > ends.c.cancelled_on),
            is_expenditure(entries, projects),
            *of_partner(entries.c.agreement_id, partner_id),
        )
        .group_by(*keys)
        .order_by(*keys)
    )  # fmt: skip
    if recorded_at is not None:
        statement = statement.where(entries.c.recorded_at <= recorded_at)
    return [
        SpentLate(
            agreement_id=row.agreement_id,
            currency=row.currency,
            day=row.date,
            amount=row.amount,
            cancelled_on=row.cancelled_on,
        )
        for row in session.execute(statement)
    ]
