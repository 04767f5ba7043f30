"""The audit trail: every change as an event, chained by aggregate."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from sqlalchemy import Select, column, func, insert, select, true, tuple_
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
from app.db.among import array_of
from app.db.base import Row, table, utc_now
from app.db.bulk import Bound, add_rows, take_turns
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.dated import FundingShareRevision, InstalmentRevision, InstitutionalBudgetRevision
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.encumbrances import EncumbranceRevision
from app.db.evaluations import Assessed, Assessment, Obligation
from app.db.funding import AgreementRepurposing, AgreementRevision, Instalment
from app.db.imports import TableImport, TableImportLine
from app.db.pages import OF_PAGES
from app.db.people import AuditArchive, AuditEvent, AuditSeal, IdempotencyKey, Token
from app.db.projects import Project
from app.db.publishing import (
    Fragment,
    ImportMark,
    ImportRun,
    PublicFile,
    PublishedActivity,
    PublishedOrganisation,
    ReleaseFile,
    ReleaseLine,
    ReleaseOutcome,
)
from app.db.registry import RegistryCall, RegistryEntry
from app.db.renamed_codes import RenamedCode
from app.db.types import Code
from app.db.uploads import TableUpload, TableUploadPiece
from app.domain import money

#: rows that say nothing an auditor asks for, or that are records of their own
NOT_AUDITED = (
    *OF_PAGES, Alert, AlertEvent, Assessed, Assessment, AuditArchive, AuditEvent, AuditSeal, DeliveryStatement,
    DeliveryStatementRow, EncumbranceRevision, Fragment, IdempotencyKey, ImportMark, ImportRun, JobRun, Lease,
    Message, MessageAlert, Obligation, PublicFile, PublishedActivity, PublishedOrganisation, RegistryCall,
    RegistryEntry, ReleaseFile, ReleaseLine, ReleaseOutcome, RenamedCode, Subscription, TableImport, TableImportLine,
    TableUpload, TableUploadPiece,
)  # fmt: skip


#: never shown, not even to auditors
SECRET: dict[type[SQLModel], frozenset[str]] = {
    Token: frozenset({"hash"}),
    CalendarFeed: frozenset({"token_hash"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One event to append: which chain, what was done to which row, and its values before and after."""

    aggregate: str
    action: str
    entity: str
    entity_id: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


def plain(value: object) -> object:
    """A column's value as JSON can hold it: decimals as text, dates in ISO form, enumerations by value."""
    if isinstance(value, dt.date):
        return _iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return money.plain(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


@lru_cache(maxsize=4096)
def _iso(day: dt.date) -> str:
    """A day or moment in ISO form; the same ones come again and again."""
    return day.isoformat()


def aggregate_of(row: Row) -> str:
    """The chain that a row's events belong to."""
    match row:
        case Project():
            return f"project:{row.id}"
        case (
            AgreementRevision()
            | Instalment()
            | AgreementRepurposing()
            | ReportSchedule()
            | AgreementReport()
            | AgreementCondition()
        ):
            return f"agreement:{row.agreement_id}"
        case FundingShareRevision():
            return f"funding_shares:{row.share_id}"
        case InstalmentRevision():
            return f"instalments:{row.instalment_id}"
        case InstitutionalBudgetRevision():
            return f"institutional_budgets:{row.budget_id}"
    if (project_id := getattr(row, "project_id", None)) is not None:
        return f"project:{project_id}"
    return f"{row.__tablename__}:{row.id}"


def several(first: int, last: int) -> str:
    """The ``entity_id`` of one event about rows that were added together; their keys lie between the two."""
    return str(first) if first == last else f"{first}-{last}"


def keys_of(entity_id: str) -> range:
    """The keys that an ``entity_id`` names; of several rows perhaps keys of others between them."""
    first, _, last = entity_id.partition("-")
    return range(int(first), int(last or first) + 1)


def event_hash(previous: str, sequence: int, at: dt.datetime, actor: str, change: Change) -> str:
    """SHA-256 over the event and the hash before it."""
    content = [
        previous, change.aggregate, sequence, _moment(at), actor, change.action, change.entity, change.entity_id,
        change.before, change.after,
    ]  # fmt: skip
    return hashlib.sha256(_ENCODER.encode(content).encode()).hexdigest()


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=4)
def _moment(at: dt.datetime) -> str:
    """The moment as hashes have it; that of many events is the same."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


_COLUMNS = (
    "aggregate", "sequence", "at", "actor", "action", "entity", "entity_id", "before", "after", "previous_hash", "hash",
)  # fmt: skip
#: what is done to a row that nobody else can know yet
_BEGINS = frozenset({"create", "import"})
#: from so many on PostgreSQL is handed events as it takes tables
_MANY = 50


#: so many events are stored together
_TOGETHER = 5000


def append_events(session: Session, actor: str, changes: Sequence[Change]) -> None:
    """Appends events to their chains. A constant number of statements for up to 5000 of them."""
    for start in range(0, len(changes), _TOGETHER):
        _append(session, actor, changes[start : start + _TOGETHER])


def _append(session: Session, actor: str, changes: Sequence[Change]) -> None:
    heads = _heads(session, changes)
    at = utc_now()
    rows: list[Sequence[Bound]] = []
    for change in changes:
        sequence, previous = heads.get(change.aggregate, (0, ""))
        sequence += 1
        hash_ = event_hash(previous, sequence, at, actor, change)
        heads[change.aggregate] = (sequence, hash_)
        rows.append(
            (
                change.aggregate,
                sequence,
                at,
                actor,
                change.action,
                change.entity,
                change.entity_id,
                change.before,
                change.after,
                previous,
                hash_,
            )
        )
    if len(rows) < _MANY:
        session.execute(insert(AuditEvent), [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    else:
        add_rows(session, AuditEvent, _COLUMNS, rows)


def _heads(session: Session, changes: Sequence[Change]) -> dict[str, tuple[int, str]]:
    """The number and hash of the newest event of each chain that goes on.

    On PostgreSQL writers of the same chain take turns: they hold its newest event, and look again after they have
    waited. Any number of rows can be held in a transaction; advisory locks fill the memory that all share, so they
    stand in only where a chain without an event is begun by a change of what was there before it.
    """
    aggregates = sorted({change.aggregate for change in changes})
    on_postgresql = session.get_bind().dialect.name == "postgresql"

    def read() -> dict[str, tuple[int, str]]:
        statement = _newest_held(aggregates) if on_postgresql else _newest(aggregates)
        return {aggregate: (sequence, hash_) for aggregate, sequence, hash_ in session.execute(statement).all()}

    heads = read()
    if on_postgresql:
        begun = {change.aggregate for change in changes if change.action in _BEGINS}
        beginning = sorted(set(aggregates) - heads.keys() - begun)
        for aggregate in beginning:
            take_turns(session, aggregate)
        again = read() if heads or beginning else heads
        while again != heads:
            heads, again = again, read()
    return heads


_event = table(AuditEvent).c


def _newest(aggregates: Sequence[str]) -> Select[tuple[str, int, str]]:
    """The newest event of each chain."""
    newest = (
        select(_event.aggregate, func.max(_event.sequence))
        .where(_event.aggregate.in_(aggregates))
        .group_by(_event.aggregate)
    )
    return select(_event.aggregate, _event.sequence, _event.hash).where(
        tuple_(_event.aggregate, _event.sequence).in_(newest)
    )


def _newest_held(aggregates: Sequence[str]) -> Select[tuple[str, int, str]]:
    """The same, found one after the other by the index and held; the order of locks is the same for all, so nobody
    deadlocks."""
    asked = func.unnest(array_of(aggregates)).table_valued(column("aggregate", Code), name="asked").render_derived()
    newest = (
        select(_event.aggregate, _event.sequence, _event.hash)
        .where(_event.aggregate == asked.c.aggregate)
        .order_by(_event.sequence.desc())
        .limit(1)
        .with_for_update()
        .lateral("newest")
    )
    return select(newest.c.aggregate, newest.c.sequence, newest.c.hash).select_from(asked.join(newest, true()))
