"""The facts that duties of agreements follow from, each asked for once."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    true,
    union,
)
from sqlmodel import Session

from app.db import dated
from app.db.agreements import newest_first, of_partner
from app.db.base import table
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.funding import Agreement, AgreementRevision, FrameworkAgreement, FundingShare, Instalment
from app.db.ledger import is_internal
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.duties import ReportKind, Schedule
from app.domain.ledger import TransactionType
from app.domain.money import Money
from app.domain.partners import codes_of
from app.domain.terms import AgreementStatus, Screening
from app.reports.sums import BATCH

_agreement, _partner, _share = table(Agreement).c, table(Partner).c, table(FundingShare).c
_instalment, _project, _officer = table(Instalment).c, table(Project).c, table(Officer).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Whose duties are asked for; nothing given: everybody's."""

    partner: str | None = None
    agreement_ids: frozenset[int] | None = None
    #: of these partners alone, by code
    partners: frozenset[str] | None = None
    #: of agreements that only end, and ask for nothing else, those that end by this day; None: all of them
    ends_by: dt.date | None = None

    def of_agreements(self) -> ColumnElement[bool]:
        if self.agreement_ids is not None:
            return _agreement.id.in_(sorted(self.agreement_ids))
        asked = true() if self.partner is None else of_partner(self.partner)
        if self.partners is not None:
            asked = and_(asked, _partner.code.in_(sorted(self.partners)))
        return asked if self.ends_by is None else and_(asked, _agreement.id.in_(_asking(self.ends_by)))


def _asking(ends_by: dt.date) -> CompoundSelect[tuple[int]]:
    """Keys of the agreements that ask for something, or have ended by the day in any of their terms."""
    revision = table(AgreementRevision).c
    return union(
        *(
            select(table(each).c.agreement_id)
            for each in (ReportSchedule, AgreementReport, AgreementCondition, Instalment)
        ),
        select(_agreement.id).where(_agreement.ends_on <= ends_by),
        select(revision.agreement_id).where(revision.ends_on <= ends_by),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementFact:
    """An agreement as known on the day."""

    id: int
    reference: str
    title: str
    partner: str
    currency: str
    status: AgreementStatus
    ends_on: dt.date | None
    #: of the decision that holds
    known_on: dt.date | None
    #: further partners, by code
    further: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A project that an agreement funds, with its officer and unit."""

    project_id: int | None = None
    project: str | None = None
    officer_id: int | None = None
    officer: str | None = None
    #: of the project, else of its officer
    unit: str | None = None
    unit_id: int | None = None


#: of an agreement that funds no project
NOWHERE = Place()


def agreements(session: Session, scope: Scope, *, as_of: dt.date) -> list[AgreementFact]:
    """Agreements that were known by the day, with the terms of it."""
    revision = table(AgreementRevision).c
    place = func.row_number().over(partition_by=revision.agreement_id, order_by=newest_first())
    known = (
        select(revision.agreement_id, revision.status, revision.ends_on, revision.known_on, place.label("place"))
        .where(revision.known_on <= as_of)
        .subquery()
    )
    has_history = known.c.agreement_id.is_not(None)
    any_revision = exists(select(revision.id).where(revision.agreement_id == _agreement.id))
    rows = session.execute(
        select(
            _agreement.id,
            _agreement.reference,
            _agreement.title,
            _partner.code,
            _agreement.further_partners,
            _agreement.currency,
            case((has_history, known.c.status), else_=_agreement.status).label("status"),
            case((has_history, known.c.ends_on), else_=_agreement.ends_on).label("ends_on"),
            known.c.known_on,
        )
        .select_from(table(Agreement))
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .outerjoin(known, and_(known.c.agreement_id == _agreement.id, known.c.place == 1))
        .where(_agreement.archived_at.is_(None), scope.of_agreements(), or_(has_history, ~any_revision))
        .order_by(_agreement.id)
    )
    return [
        AgreementFact(
            id=row.id,
            reference=row.reference,
            title=row.title,
            partner=row.code,
            currency=row.currency,
            status=AgreementStatus(row.status),
            ends_on=row.ends_on,
            known_on=row.known_on,
            further=tuple(codes_of(row.further_partners)),
        )
        for row in rows.yield_per(BATCH)
    ]


def schedules(session: Session, scope: Scope) -> dict[int, list[Schedule]]:
    """By agreement."""
    found: dict[int, list[Schedule]] = defaultdict(list)
    rows = _below(table(ReportSchedule), scope, "kind", "first_due", "every_months", "final_months")
    for agreement_id, kind, first_due, every_months, final_months in session.execute(rows):
        found[agreement_id].append(
            Schedule(kind=ReportKind(kind), first_due=first_due, every_months=every_months, final_months=final_months)
        )
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A report with a day of its own, or one that was sent."""

    kind: ReportKind
    due_on: dt.date
    submitted_on: dt.date | None
    document_url: str | None


def reports(session: Session, scope: Scope) -> dict[int, list[Sent]]:
    """By agreement."""
    found: dict[int, list[Sent]] = defaultdict(list)
    rows = _below(table(AgreementReport), scope, "kind", "due_on", "submitted_on", "document_url")
    for agreement_id, kind, due_on, submitted_on, url in session.execute(rows):
        found[agreement_id].append(
            Sent(kind=ReportKind(kind), due_on=due_on, submitted_on=submitted_on, document_url=url)
        )
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionFact:
    id: int
    code: str
    text: str
    due_on: dt.date
    met_on: dt.date | None


def conditions(session: Session, scope: Scope) -> dict[int, list[ConditionFact]]:
    """Conditions that have a day, by agreement."""
    found: dict[int, list[ConditionFact]] = defaultdict(list)
    dated = table(AgreementCondition).c.due_on.is_not(None)
    rows = _below(table(AgreementCondition), scope, "id", "code", "text", "due_on", "met_on").where(dated)
    for agreement_id, id_, code, text, due_on, met_on in session.execute(rows):
        found[agreement_id].append(ConditionFact(id=id_, code=code, text=text, due_on=due_on, met_on=met_on))
    return found


def _below(rows: FromClause, scope: Scope, *names: str) -> Select[tuple[Any, ...]]:
    """The rows in use that hang below the agreements asked for: the key of each agreement, and the columns named."""
    return (
        select(rows.c.agreement_id, *(rows.c[name] for name in names))
        .join_from(rows, table(Agreement), _agreement.id == rows.c.agreement_id)
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .where(rows.c.archived_at.is_(None), _agreement.archived_at.is_(None), scope.of_agreements())
        .order_by(rows.c.agreement_id, rows.c.id)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalmentFact:
    id: int
    due_on: dt.date
    amount: Decimal


def instalments(session: Session, scope: Scope, *, as_of: dt.date) -> dict[int, list[InstalmentFact]]:
    """By agreement, in the order of their days, as known on a day."""
    found: dict[int, list[InstalmentFact]] = defaultdict(list)
    rows = dated.known(session, dated.INSTALMENTS, as_of=as_of, recorded_at=None)
    for agreement_id, id_, due_on, amount in session.execute(_below(rows, scope, "id", "due_on", "amount")):
        found[agreement_id].append(InstalmentFact(id=id_, due_on=due_on, amount=amount))
    return {key: sorted(own, key=lambda one: one.due_on) for key, own in found.items()}


#: day, sum and day of its rate
Receipt = tuple[dt.date, Money, dt.date]


def receipts(session: Session, scope: Scope, *, until: dt.date) -> dict[int, list[Receipt]]:
    """Day, sum and day of its rate of what was received under agreements with a schedule."""
    entry, project = table(LedgerEntry), table(Project)
    instalment = dated.known(session, dated.INSTALMENTS, as_of=until, recorded_at=None).c
    scheduled = exists(select(instalment.id).where(instalment.agreement_id == _agreement.id))
    keys = (entry.c.agreement_id, entry.c.date, entry.c.currency, func.coalesce(entry.c.value_date, entry.c.date))
    rows = session.execute(
        select(*keys, func.sum(entry.c.amount).label("amount"))
        .select_from(entry)
        .join(project, project.c.id == entry.c.project_id)
        .join(table(Agreement), _agreement.id == entry.c.agreement_id)
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .where(
            entry.c.type == TransactionType.INCOMING_FUNDS.value,
            entry.c.date <= until,
            ~is_internal(entry, project),
            scheduled,
            scope.of_agreements(),
        )
        .group_by(*keys)
        .order_by(*keys)
    )
    found: dict[int, list[Receipt]] = defaultdict(list)
    for some in rows.yield_per(BATCH).partitions():
        for agreement_id, day, currency, rate_day, amount in some:
            found[agreement_id].append((day, Money(amount, currency), rate_day))
    return found


def places(session: Session, scope: Scope, *, as_of: dt.date) -> dict[int, Place]:
    """By agreement a project that it funds: of several one with an officer, else one whose unit has a head to write
    to; of equals the first."""
    shares = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=None)
    unit, named = table(Unit).c, table(Officer).alias("named").c
    asked = case((named.archived_at.is_(None) & named.id.is_not(None), 0), (unit.head_email.is_not(None), 1), else_=2)
    order = func.row_number().over(partition_by=shares.c.agreement_id, order_by=(asked, _project.id))
    ranked = (
        select(shares.c.agreement_id, shares.c.project_id, order.label("place"))
        .join_from(shares, table(Project), _project.id == shares.c.project_id)
        .join(table(Agreement), _agreement.id == shares.c.agreement_id)
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .outerjoin(named.id.table, named.id == _project.officer_id)
        .outerjoin(table(Unit), unit.id == _project.unit_id)
        .where(scope.of_agreements())
        .subquery()
    )
    rows = session.execute(
        select(
            ranked.c.agreement_id,
            _project.id,
            _project.code,
            _project.officer_id,
            _officer.code.label("officer"),
            unit.code.label("unit"),
            unit.id.label("unit_id"),
        )
        .select_from(ranked)
        .join(table(Project), _project.id == ranked.c.project_id)
        .outerjoin(table(Officer), _officer.id == _project.officer_id)
        .outerjoin(table(Unit), unit.id == func.coalesce(_project.unit_id, _officer.unit_id))
        .where(ranked.c.place == 1)
    )
    return {
        row.agreement_id: Place(
            project_id=row.id,
            project=row.code,
            officer_id=row.officer_id,
            officer=row.officer,
            unit=row.unit,
            unit_id=row.unit_id,
        )
        for row in rows
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class PartnerFact:
    """What of a partner ends on a day."""

    id: int
    code: str
    cleared_until: dt.date | None
    #: its framework agreements: key, last day, title
    frameworks: tuple[tuple[str, dt.date, str], ...]


def partners(session: Session, scope: Scope) -> list[PartnerFact]:
    """Partners whose framework agreements or clearance have an end."""
    if scope.agreement_ids is not None:
        return []
    framework = table(FrameworkAgreement).c
    frameworks: dict[int, list[tuple[str, dt.date, str]]] = defaultdict(list)
    for row in session.execute(
        select(framework.partner_id, framework.id, framework.ends_on, framework.title)
        .where(framework.archived_at.is_(None), framework.ends_on.is_not(None))
        .order_by(framework.ends_on, framework.id)
    ):
        frameworks[row.partner_id].append((f"own/{row.id}", row.ends_on, row.title))
    cleared = and_(_partner.screening == Screening.CLEARED, _partner.cleared_until.is_not(None))
    rows = session.execute(
        select(
            _partner.id,
            _partner.code,
            _partner.framework_agreement,
            _partner.framework_ends_on,
            case((cleared, _partner.cleared_until)).label("cleared_until"),
        )
        .where(
            _partner.archived_at.is_(None),
            true() if scope.partner is None else _partner.code == scope.partner,
        )
        .order_by(_partner.id)
    )
    found = []
    for row in rows:
        own = frameworks[row.id]
        # the partner's own record names one in passing; where it is kept as such, that counts
        if row.framework_ends_on is not None and not own:
            own = [(str(row.id), row.framework_ends_on, row.framework_agreement or "the framework agreement")]
        if own or row.cleared_until is not None:
            fact = PartnerFact(id=row.id, code=row.code, cleared_until=row.cleared_until, frameworks=tuple(own))
            found.append(fact)
    return found
