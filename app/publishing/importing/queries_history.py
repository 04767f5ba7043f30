"""What the audit trail says of records that an import meets. A constant number of statements for each batch."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import ResultRow, table
from app.db.people import AuditEvent

_event = table(AuditEvent).c
_PLAIN = (_event.id, _event.aggregate, _event.at, _event.actor, _event.action, _event.entity, _event.entity_id)
#: rows of which the values matter, not only that something was done
_WITH_VALUES = ("projects", "classifications")
#: rows of which it matters that something was done
_WITHOUT_VALUES = (
    "participants", "contacts", "locations", "documents", "links", "allocations", "planned_payments",
    "ledger_entries", "results",
)  # fmt: skip
#: what is below a result, each with the column that names the row above; each row has a chain of its own
BELOW_RESULTS = {
    "indicators": "result_id",
    "indicator_baselines": "indicator_id",
    "indicator_periods": "indicator_id",
    "period_values": "period_id",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event of the audit trail."""

    #: later events have higher keys
    id: int
    aggregate: str
    at: dt.datetime
    actor: str
    action: str
    entity: str
    entity_id: str
    before: dict[str, object]
    after: dict[str, object]

    def moment(self, name: str) -> dt.datetime | None:
        """A moment that an import noted: "last_updated" of what it stored, "generated" of its file."""
        text = self.text(name)
        return dt.datetime.fromisoformat(text) if text else None

    def text(self, name: str) -> str | None:
        """A text that an import noted: "sha256" of its file."""
        found = self.after.get(name)
        return found if isinstance(found, str) else None


def events_of_projects(session: Session, project_ids: Collection[int]) -> list[Event]:
    """What was done to projects and to what is published of them, oldest first; money and documents without values."""
    found: list[Event] = []
    for some in chunks([f"project:{key}" for key in project_ids]):
        valued = select(*_PLAIN, _event.before, _event.after).where(
            _event.aggregate.in_(some), _event.entity.in_(_WITH_VALUES)
        )
        found.extend(_read(row) for row in session.execute(valued))
        bare = select(*_PLAIN).where(_event.aggregate.in_(some), _event.entity.in_(_WITHOUT_VALUES))
        found.extend(_read(row) for row in session.execute(bare))
    return sorted(found, key=lambda event: event.id)


def events_of_organisations(session: Session, organisation_ids: Collection[int]) -> list[Event]:
    """What was changed about organisations, oldest first."""
    found: list[Event] = []
    for some in chunks([f"organisations:{key}" for key in organisation_ids]):
        changed = select(*_PLAIN, _event.before, _event.after).where(
            _event.aggregate.in_(some), _event.action == "update"
        )
        found.extend(_read(row) for row in session.execute(changed))
    return sorted(found, key=lambda event: event.id)


def events_below_results(session: Session, rows: Collection[tuple[str, int]]) -> list[Event]:
    """What was done to rows below results that stand, and which rows below results were taken away, oldest first.

    ``rows``: (table, key). The latter may have hung below other results: their values name the row above.
    """
    found: list[Event] = []
    for some in chunks([f"{name}:{key}" for name, key in rows]):
        standing = select(*_PLAIN).where(_event.aggregate.in_(some), _event.action != "import")
        found.extend(_read(row) for row in session.execute(standing))
    taken = select(*_PLAIN, _event.before, _event.after).where(
        _event.entity.in_(BELOW_RESULTS), or_(_event.action == "delete", _event.action == "archive")
    )
    found.extend(_read(row) for row in session.execute(taken))
    return sorted(found, key=lambda event: event.id)


def newest_import(session: Session, aggregate: str) -> Event | None:
    """The newest import that changed what a chain is about; None when there was none."""
    newest = (
        select(*_PLAIN, _event.before, _event.after)
        .where(_event.aggregate == aggregate, _event.action == "import")
        .order_by(_event.sequence.desc())
        .limit(1)
    )
    row = session.execute(newest).one_or_none()
    return None if row is None else _read(row)


def _read(row: ResultRow) -> Event:
    values = row._mapping
    return Event(
        id=row.id,
        aggregate=row.aggregate,
        at=row.at,
        actor=row.actor,
        action=row.action,
        entity=row.entity,
        entity_id=row.entity_id,
        before=values.get("before") or {},
        after=values.get("after") or {},
    )
