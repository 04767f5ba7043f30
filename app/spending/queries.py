"""Reads of allocations, the ledger, encumbrances, rates and institutional budgets."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import exists, func, or_, select, true
from sqlmodel import Session

from app.db import encumbrances
from app.db.among import among_texts, chunks
from app.db.base import table
from app.db.books import last_closing
from app.db.funding import Agreement
from app.db.ledger import is_internal
from app.db.lookups import row_by
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.spending import Allocation, AssistanceType, Encumbrance, ExchangeRate, InstitutionalBudget, LedgerEntry
from app.db.together import Fact, batch_of
from app.errors import NotFound
from app.http.lists import Listing, at_least, at_most, equals, sort, unless_archived
from app.spending.schemas import EncumbranceIn

#: what a batch knows: the codes of the organisation's own list of types of assistance
ASSISTANCE: Final = Fact[str, list[str]]()
#: that no document is the number of another one but for the zeros before it
PLAIN_NUMBERS: Final = Fact[str, bool]()


class BudgetLine(NamedTuple):
    """Whose figures of the institutional budget may not overlap, and the days of one."""

    kind: str
    country: str
    period_start: dt.date
    period_end: dt.date
    line: str


def find_project(session: Session, code: str) -> Project | None:
    return row_by(session, Project, "code", code)


def find_agreement(session: Session, reference: str) -> Agreement | None:
    return row_by(session, Agreement, "reference", reference)


def find_entry(session: Session, document: str) -> LedgerEntry | None:
    return row_by(session, LedgerEntry, "document", document)


def with_other_zeros(session: Session, document: str) -> str | None:
    """A posted document that is the same number with more or fewer zeros before it."""
    if PLAIN_NUMBERS.known(session) is not None:
        return None
    entry, bare = table(LedgerEntry).c, document.lstrip("0")
    widths = session.scalars(
        select(func.length(entry.document)).distinct().where(entry.document >= "0", entry.document < "1")
    )
    twins = {bare, *(bare.rjust(width, "0") for width in widths)} - {document}
    return session.scalars(select(entry.document).where(entry.document.in_(twins)).order_by(entry.document)).first()


def get_entry(session: Session, entry_id: int) -> LedgerEntry:
    if (found := session.get(LedgerEntry, entry_id)) is None:
        raise NotFound(f"There is no transaction {entry_id}.")
    return found


def own_corrections(session: Session, entry: LedgerEntry, prefix: str) -> Sequence[LedgerEntry]:
    """Adjustments of an entry whose documents begin with the prefix, in order of recording."""
    rows = table(LedgerEntry).c
    return session.scalars(
        select(LedgerEntry)
        .where(rows.adjusts_id == entry.id, rows.document.startswith(prefix, autoescape=True))
        .order_by(rows.id)
    ).all()


def find_encumbrance(session: Session, document: str) -> Encumbrance | None:
    return row_by(session, Encumbrance, "document", document)


def encumbrances_ahead(session: Session, bodies: Sequence[EncumbranceIn]) -> None:
    """Reads for a batch what encumbrances stand, with their histories, and what projects they are of or go to."""
    if (batch := batch_of(session)) is None:
        return
    documents = {body.document for body in bodies}
    standing = batch.find(Encumbrance, "document", documents, to_change=True)
    batch.find(Project, "code", [body.project for body in bodies])
    batch.hold(Project, [row.project_id for row in standing.values()])
    encumbrances.read_ahead(batch, standing.values())
    batch.expect(Encumbrance, len(documents) - len(standing))


def binding(session: Session, documents: Sequence[str]) -> list[tuple[Encumbrance, int | None]]:
    """Those of the documents that still bind, each with the unit of its project, in their order."""
    row, project = table(Encumbrance).c, table(Project).c
    return [
        (encumbrance, unit_id)
        for part in chunks(documents)
        for encumbrance, unit_id in session.execute(
            select(Encumbrance, project.unit_id)
            .join(table(Project), project.id == row.project_id)
            .where(among_texts(session, row.document, part), row.released_on.is_(None), row.archived_at.is_(None))
            .order_by(row.document)
        )
    ]


def newest_rate(session: Session, currency: str, effective_on: dt.date) -> ExchangeRate | None:
    """The rate of a day that was recorded last."""
    rate = table(ExchangeRate).c
    return session.scalars(
        select(ExchangeRate)
        .where(rate.currency == currency, rate.effective_on == effective_on)
        .order_by(rate.sequence.desc())
        .limit(1)
    ).first()


def first_rate_reported(session: Session, currency: str) -> dt.date | None:
    """The first day from which the currency had a rate when the books were closed; of all where nobody knows when."""
    rate = table(ExchangeRate).c
    closing = last_closing()
    known = or_(closing.is_(None), rate.recorded_at <= closing)
    found: dt.date | None = session.scalar(select(func.min(rate.effective_on)).where(rate.currency == currency, known))
    return found


def find_budget(
    session: Session, kind: str, country: str, period_start: dt.date, line: str
) -> InstitutionalBudget | None:
    budget = table(InstitutionalBudget).c
    return session.scalars(
        select(InstitutionalBudget).where(
            budget.kind == kind,
            budget.country == country,
            budget.period_start == period_start,
            budget.line == line,
        )
    ).first()


def overlapping_budget(session: Session, line: BudgetLine, *, except_id: int | None) -> InstitutionalBudget | None:
    """Another figure of the same kind, country and line whose period has days in common."""
    budget = table(InstitutionalBudget).c
    found = select(InstitutionalBudget).where(
        budget.kind == line.kind,
        budget.country == line.country,
        budget.line == line.line,
        budget.period_start <= line.period_end,
        budget.period_end >= line.period_start,
        budget.archived_at.is_(None),
    )
    if except_id is not None:
        found = found.where(budget.id != except_id)
    return session.scalars(found.limit(1)).first()


_project, _agreement, _provider = table(Project).c, table(Agreement).c, table(Organisation).alias("provider").c
_receiver = table(Organisation).alias("receiver").c
_allocation, _later = table(Allocation).c, table(Allocation).alias("later").c
_entry, _encumbrance, _rate, _budget = (
    table(row).c for row in (LedgerEntry, Encumbrance, ExchangeRate, InstitutionalBudget)
)
_is_internal = is_internal(table(LedgerEntry), table(Project))
_superseded = exists(select(_later.id).where(_later.supersedes_id == _allocation.id))

ALLOCATIONS = Listing(
    name="allocations",
    statement=select(
        _allocation.id,
        _project.code.label("project"),
        _allocation.period_start,
        _allocation.period_end,
        _allocation.source,
        _agreement.reference.label("agreement"),
        _allocation.kind,
        _allocation.decided_on,
        _allocation.outcome,
        _allocation.country,
        _allocation.amount,
        _allocation.currency,
        _allocation.status,
        _allocation.reason,
        _allocation.note,
        _allocation.supersedes_id.label("supersedes"),
        _allocation.withdrawn,
        _superseded.label("superseded"),
        _allocation.recorded_at,
        _allocation.recorded_by,
    )
    .select_from(table(Allocation))
    .join(table(Project), _project.id == _allocation.project_id)
    .outerjoin(table(Agreement), _agreement.id == _allocation.agreement_id),
    key=_allocation.id,
    sorts={
        "id": sort(_allocation.id),
        "decided_on": sort(_allocation.decided_on),
        "period_start": sort(_allocation.period_start),
        "project": sort(_project.code),
    },
    filters={
        "project": equals(_project.code),
        "source": equals(_allocation.source),
        "kind": equals(_allocation.kind),
        "outcome": equals(_allocation.outcome),
        "country": equals(_allocation.country),
        "decided_on_from": at_least(_allocation.decided_on),
        "decided_on_to": at_most(_allocation.decided_on),
        "period_start_from": at_least(_allocation.period_start),
        "period_end_to": at_most(_allocation.period_end),
        "history": lambda wanted: true() if wanted else ~_superseded & _allocation.withdrawn.is_(False),
    },
    usual_sort="id",
)

TRANSACTIONS = Listing(
    name="transactions",
    statement=select(
        _entry.id,
        _entry.document,
        _project.code.label("project"),
        _agreement.reference.label("agreement"),
        _entry.type,
        _entry.date,
        _entry.amount,
        _entry.currency,
        _entry.value_date,
        _entry.description,
        _entry.country,
        _entry.sector,
        _entry.assistance,
        _provider.name.label("provider"),
        _entry.provider_activity,
        _receiver.name.label("receiver"),
        _entry.receiver_activity,
        _is_internal.label("internal"),
        _entry.entry_kind,
        _entry.adjusts_id.label("adjusts"),
        _entry.reason,
        _entry.note,
        _entry.recorded_at,
        _entry.recorded_by,
    )
    .select_from(table(LedgerEntry))
    .join(table(Project), _project.id == _entry.project_id)
    .outerjoin(table(Agreement), _agreement.id == _entry.agreement_id)
    .outerjoin(_provider.id.table, _provider.id == _entry.provider_id)
    .outerjoin(_receiver.id.table, _receiver.id == _entry.receiver_id),
    key=_entry.id,
    sorts={"id": sort(_entry.id), "date": sort(_entry.date), "project": sort(_project.code)},
    filters={
        "project": equals(_project.code),
        "agreement": equals(_agreement.reference),
        "document": equals(_entry.document),
        "type": equals(_entry.type),
        "entry_kind": equals(_entry.entry_kind),
        "currency": equals(_entry.currency),
        "country": equals(_entry.country),
        "date_from": at_least(_entry.date),
        "date_to": at_most(_entry.date),
        "internal": lambda wanted: _is_internal if wanted else ~_is_internal,
    },
    usual_sort="id",
)

ENCUMBRANCES = Listing(
    name="encumbrances",
    statement=select(
        _encumbrance.id,
        _encumbrance.document,
        _project.code.label("project"),
        _encumbrance.date,
        _encumbrance.amount,
        _encumbrance.currency,
        _encumbrance.kind,
        _encumbrance.released_on,
        _encumbrance.note,
        _encumbrance.version,
        _encumbrance.archived_at,
    ).join_from(table(Encumbrance), table(Project), _project.id == _encumbrance.project_id),
    key=_encumbrance.id,
    sorts={
        "id": sort(_encumbrance.id),
        "document": sort(_encumbrance.document),
        "date": sort(_encumbrance.date),
    },
    filters={
        "archived": unless_archived(_encumbrance.archived_at),
        "project": equals(_project.code),
        "kind": equals(_encumbrance.kind),
        "document": equals(_encumbrance.document),
        "open": lambda wanted: _encumbrance.released_on.is_(None) if wanted else _encumbrance.released_on.is_not(None),
    },
    usual_sort="document",
)

RATES = Listing(
    name="rates",
    statement=select(
        _rate.id,
        _rate.currency,
        _rate.effective_on,
        _rate.sequence,
        _rate.rate,
        _rate.note,
        _rate.recorded_at,
        _rate.recorded_by,
    ),
    key=_rate.id,
    sorts={"id": sort(_rate.id), "currency": sort(_rate.currency), "effective_on": sort(_rate.effective_on)},
    filters={
        "currency": equals(_rate.currency),
        "effective_on_from": at_least(_rate.effective_on),
        "effective_on_to": at_most(_rate.effective_on),
    },
    usual_sort="currency,effective_on",
)

INSTITUTIONAL_BUDGETS = Listing(
    name="institutional budgets",
    statement=select(
        _budget.id,
        _budget.kind,
        _budget.country,
        _budget.period_start,
        _budget.period_end,
        _budget.line,
        _budget.line_title,
        _budget.amount,
        _budget.currency,
        _budget.status,
        _budget.value_date,
        _budget.note,
        _budget.version,
        _budget.archived_at,
    ),
    key=_budget.id,
    sorts={"id": sort(_budget.id), "kind": sort(_budget.kind), "period_start": sort(_budget.period_start)},
    filters={
        "archived": unless_archived(_budget.archived_at),
        "kind": equals(_budget.kind),
        "country": equals(_budget.country),
        "period_start_from": at_least(_budget.period_start),
        "period_end_to": at_most(_budget.period_end),
    },
    usual_sort="kind,period_start",
)


_assistance = table(AssistanceType).c

ASSISTANCE_TYPES = Listing(
    name="types of assistance",
    statement=select(
        _assistance.id,
        _assistance.code,
        _assistance.name,
        _assistance.note,
        _assistance.version,
        _assistance.archived_at,
    ),
    key=_assistance.id,
    sorts={"code": sort(_assistance.code), "id": sort(_assistance.id)},
    filters={"archived": unless_archived(_assistance.archived_at)},
    usual_sort="code",
)


def assistance_codes(session: Session) -> list[str]:
    """The codes of the organisation's list, in their order."""
    if (known := ASSISTANCE.known(session)) is not None:
        return known[""]
    return list(
        session.scalars(select(_assistance.code).where(_assistance.archived_at.is_(None)).order_by(_assistance.code))
    )
