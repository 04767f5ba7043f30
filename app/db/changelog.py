"""What happens with every change, in one place: versions rise, the audit trail grows, published content is marked.

Sessions of ``Database.write(actor)`` do this for every row that goes through the unit of work. Bulk statements that
bypass it (imports) call :func:`append_events` themselves.

The audit trail is a chain per aggregate (a project with all that hangs below it, an agreement, a partner …): each
event's hash covers its content and the hash before it. Chains are separate so that writers of different projects do not
wait for each other; ``app.people.audit`` seals all chains together from time to time.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import event, func, insert, inspect, select, text, tuple_, union, update
from sqlmodel import Session, SQLModel

from app.db.alerts import (
    Alert,
    AlertEvent,
    CalendarFeed,
    JobRun,
    Lease,
    Message,
    MessageAlert,
    Subscription,
)
from app.db.base import Kept, Row, table, utc_now
from app.db.evaluations import Assessed, Assessment, Evaluation, EvaluationProject, Obligation
from app.db.funding import Agreement, AgreementRevision, FundingShare, Instalment
from app.db.partners import Organisation, Partner
from app.db.people import AuditEvent, AuditSeal, IdempotencyKey, Token
from app.db.projects import Classification, Contact, Document, Link, Location, Participant, Project
from app.db.publishing import Fragment, ImportRun
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, Encumbrance, LedgerEntry

#: rows that say nothing an auditor asks for, or that are records of their own
NOT_AUDITED = (
    Alert, AlertEvent, Assessed, Assessment, AuditEvent, AuditSeal, CalendarFeed, Fragment, IdempotencyKey,
    ImportRun, JobRun, Lease, Message, MessageAlert, Obligation, Subscription,
)  # fmt: skip

#: never shown, not even to auditors
SECRET: dict[type[SQLModel], frozenset[str]] = {Token: frozenset({"hash"})}

#: columns of a project that no publication shows
UNPUBLISHED = frozenset({
    "version", "created_at", "updated_at", "archived_at", "content_version", "content_changed_at", "officer_id",
    "unit_id", "backstopping_unit_id", "note", "mid_term_agreed", "pilot", "phase", "identifier_frozen",
    "operationally_closed_on", "financially_closed_on", "total_budget", "budget_currency", "former_identifiers",
})  # fmt: skip

#: rows below a project that a publication shows
PUBLISHED = (
    Allocation, Classification, Contact, Document, EvaluationProject, FundingShare, LedgerEntry, Link, Location,
    Participant, Result,
)  # fmt: skip

_BOOKKEEPING = frozenset({"version", "created_at", "updated_at"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One event to append: which chain, what was done to which row, and its values before and after."""

    aggregate: str
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def plain(value: Any) -> Any:
    """A column's value as JSON can hold it: decimals as text, dates in ISO form, enumerations by value."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def aggregate_of(row: Row) -> str:
    """The chain that a row's events belong to."""
    match row:
        case Project():
            return f"project:{row.id}"
        case AgreementRevision() | Instalment():
            return f"agreement:{row.agreement_id}"
    if (project_id := getattr(row, "project_id", None)) is not None:
        return f"project:{project_id}"
    return f"{row.__tablename__}:{row.id}"


def event_hash(previous: str, sequence: int, at: dt.datetime, actor: str, change: Change) -> str:
    """SHA-256 over the event and the hash before it."""
    content = [
        previous, change.aggregate, sequence, at.astimezone(dt.UTC).isoformat(timespec="microseconds"), actor,
        change.action, change.entity, change.entity_id, change.before, change.after,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def append_events(session: Session, actor: str, changes: list[Change]) -> None:
    """Appends events to their chains. A constant number of statements, whatever the number of changes up to 500."""
    for start in range(0, len(changes), 500):
        _append(session, actor, changes[start : start + 500])


def _append(session: Session, actor: str, changes: list[Change]) -> None:
    aggregates = sorted({change.aggregate for change in changes})
    if session.get_bind().dialect.name == "postgresql":
        # writers of the same chain take turns; the order of locks is the same for all, so nobody deadlocks
        session.execute(
            text(
                "SELECT pg_advisory_xact_lock(hashtext(name)) FROM unnest(CAST(:names AS text[])) AS name ORDER BY name"
            ),
            {"names": aggregates},
        )
    events = table(AuditEvent).c
    newest = (
        select(events.aggregate, func.max(events.sequence).label("sequence"))
        .where(events.aggregate.in_(aggregates))
        .group_by(events.aggregate)
    )
    heads = {
        aggregate: (sequence, hash_)
        for aggregate, sequence, hash_ in session.execute(
            select(events.aggregate, events.sequence, events.hash).where(
                tuple_(events.aggregate, events.sequence).in_(newest)
            )
        )
    }
    at = utc_now()
    rows = []
    for change in changes:
        sequence, previous = heads.get(change.aggregate, (0, ""))
        sequence += 1
        hash_ = event_hash(previous, sequence, at, actor, change)
        heads[change.aggregate] = (sequence, hash_)
        rows.append(
            {
                "aggregate": change.aggregate,
                "sequence": sequence,
                "at": at,
                "actor": actor,
                "action": change.action,
                "entity": change.entity,
                "entity_id": change.entity_id,
                "before": change.before,
                "after": change.after,
                "previous_hash": previous,
                "hash": hash_,
            }
        )
    session.execute(insert(AuditEvent), rows)


class ChangeLog:
    """Watches one writing session. ``actor``: the name that the audit trail shows."""

    def __init__(self, session: Session, actor: str) -> None:
        self.session = session
        self.actor = actor
        self.pending: list[tuple[str, Row, dict[str, Any] | None, dict[str, Any] | None]] = []
        self.touched: set[int] = set()
        self.touched_organisations: set[int] = set()
        self.touched_agreements: set[int] = set()
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "before_commit", self._before_commit)

    def _before_flush(self, session: Session, *_: Any) -> None:
        now = utc_now()
        for row in session.dirty:
            if not session.is_modified(row):
                continue
            changed = _changes(row)
            if not changed.keys() - _BOOKKEEPING:
                continue
            if isinstance(row, Kept):
                row.version += 1
                row.updated_at = now
            self._note(row, changed.keys())
            if not isinstance(row, NOT_AUDITED):
                hidden = SECRET.get(type(row), frozenset())
                shown = {name: pair for name, pair in changed.items() if name not in _BOOKKEEPING | hidden}
                before = {name: plain(pair[0]) for name, pair in shown.items()}
                after = {name: plain(pair[1]) for name, pair in shown.items()}
                self.pending.append(("update", row, before, after))
        for row in session.new:
            self._note(row, None)
            if not isinstance(row, NOT_AUDITED):
                self.pending.append(("create", row, None, {}))
        for row in session.deleted:
            self._note(row, None)
            if not isinstance(row, NOT_AUDITED):
                self.pending.append(("delete", row, _values(row), None))

    def _after_flush(self, session: Session, *_: Any) -> None:
        changes = [
            Change(
                aggregate=aggregate_of(row),
                action=action,
                entity=str(row.__tablename__),
                entity_id=str(getattr(row, "id", "")),
                before=before,
                after=_values(row) if action == "create" else after,
            )
            for action, row, before, after in self.pending
        ]
        for _action, row, _before, _after in self.pending:
            if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.add(row.project_id)
        self.pending = []
        if changes:
            append_events(session, self.actor, changes)

    def _before_commit(self, session: Session) -> None:
        session.flush()
        touch_projects(session, self.touched, self.touched_organisations, self.touched_agreements)
        self.touched, self.touched_organisations, self.touched_agreements = set(), set(), set()

    def _note(self, row: SQLModel, changed: Any) -> None:
        """Remembers which publications the change of a row shows in; ``changed`` is None for new and deleted rows."""
        match row:
            case Project():
                if row.id is not None and changed is not None and set(changed) - UNPUBLISHED:
                    self.touched.add(row.id)
            case Organisation() if row.id is not None:
                self.touched_organisations.add(row.id)
            case Partner() if changed is not None and "organisation_id" in changed:
                self.touched_organisations.add(row.organisation_id)
            case Agreement() if row.id is not None:
                self.touched_agreements.add(row.id)
            case Evaluation() if row.id is not None:
                covering = table(EvaluationProject).c
                covered = select(covering.project_id).where(covering.evaluation_id == row.id)
                self.touched.update(self.session.scalars(covered))
            case Indicator() | Baseline() | IndicatorPeriod() | PeriodValue():
                self.touched.update(_project_of_result_row(self.session, row))
            case Encumbrance():
                pass
            case _ if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.add(row.project_id)


def touch_projects(
    session: Session, projects: set[int], organisations: set[int] | None = None, agreements: set[int] | None = None
) -> None:
    """Marks the published content of projects as changed now: directly, or through what they name."""
    now = utc_now().replace(microsecond=0)
    project, share, entry = table(Project), table(FundingShare).c, table(LedgerEntry).c
    mark = update(project).values(content_version=project.c.content_version + 1, content_changed_at=now)
    for ids in _chunks(projects):
        session.execute(mark.where(project.c.id.in_(ids)))
    for ids in _chunks(agreements or set()):
        session.execute(mark.where(project.c.id.in_(select(share.project_id).where(share.agreement_id.in_(ids)))))
    for ids in _chunks(organisations or set()):
        participant, agreement, partner = table(Participant).c, table(Agreement), table(Partner)
        naming = union(
            select(participant.project_id).where(participant.organisation_id.in_(ids)),
            select(entry.project_id).where(entry.provider_id.in_(ids)),
            select(entry.project_id).where(entry.receiver_id.in_(ids)),
            select(project.c.id).where(project.c.reporting_org_id.in_(ids)),
            select(share.project_id)
            .join(agreement, agreement.c.id == share.agreement_id)
            .join(partner, partner.c.id == agreement.c.partner_id)
            .where(partner.c.organisation_id.in_(ids)),
        )
        session.execute(mark.where(project.c.id.in_(naming)))


def _chunks(keys: set[int]) -> list[list[int]]:
    ids = sorted(keys)
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _changes(row: SQLModel) -> dict[str, tuple[Any, Any]]:
    """Columns of a dirty row whose value really differs: name → (before, after)."""
    found: dict[str, tuple[Any, Any]] = {}
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            if before != after or isinstance(after, list | dict):
                found[attribute.key] = (before, after)
    return found


def _values(row: SQLModel) -> dict[str, Any]:
    hidden = SECRET.get(type(row), frozenset()) | _BOOKKEEPING
    return {
        attribute.key: plain(value)
        for attribute in inspect(row).mapper.column_attrs
        if attribute.key not in hidden and (value := getattr(row, attribute.key)) not in (None, [], {})
    }


def _project_of_result_row(session: Session, row: SQLModel) -> list[int]:
    """The project above a row of the logframe."""
    result, indicator, period = table(Result), table(Indicator), table(IndicatorPeriod)
    projects = select(result.c.project_id)
    match row:
        case Indicator():
            found = projects.where(result.c.id == row.result_id)
        case Baseline() | IndicatorPeriod():
            found = projects.select_from(result.join(indicator)).where(indicator.c.id == row.indicator_id)
        case PeriodValue():
            joined = result.join(indicator).join(period, period.c.indicator_id == indicator.c.id)
            found = projects.select_from(joined).where(period.c.id == row.period_id)
        case _:
            raise TypeError(f"{type(row).__name__} is not part of a logframe")
    return list(session.scalars(found))
