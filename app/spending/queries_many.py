"""What the rows of a table name, looked up for thousands of them at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.among import among, among_texts, chunks
from app.db.base import table
from app.db.by_keys import by_keys
from app.db.funding import Agreement
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.db.together import batch_of
from app.domain.terms import Grain
from app.errors import Conflict
from app.spending.queries import ASSISTANCE, PLAIN_NUMBERS, assistance_codes
from app.spending.schemas import TransactionIn

_entry = table(LedgerEntry).c


class Place(NamedTuple):
    """A project or pool, as far as a posting needs it."""

    id: int
    is_pool: bool
    #: nothing is posted to it any more
    is_archived: bool


class Posted(NamedTuple):
    """A row of the ledger by its document."""

    id: int
    document: str
    project_id: int
    agreement_id: int | None
    adjusts_id: int | None
    type: str
    date: dt.date
    amount: Decimal
    currency: str
    reason: str
    value_date: dt.date | None
    description: str | None
    country: str | None
    sector: str | None
    assistance: str | None
    note: str | None
    provider_id: int | None
    receiver_id: int | None


class Correction(NamedTuple):
    """An adjustment of a row."""

    document: str
    amount: Decimal


def entries_ahead(session: Session, bodies: Sequence[TransactionIn]) -> None:
    """Reads for a batch what rows of the ledger name, and which of them are posted already.

    :raises Conflict: when numbers may differ by the zeros before them, so that they go in one after the other.
    """
    if (batch := batch_of(session)) is None:
        return
    documents = {body.document for body in bodies}
    numbers = [document for document in documents if document.isdigit()]
    if numbers and (any(number[0] == "0" for number in numbers) or widths_with_zeros(session)):
        raise Conflict("Some of these documents may be one number.")
    PLAIN_NUMBERS.learn(session, {"": True})
    batch.find(LedgerEntry, "document", documents | {body.adjusts for body in bodies if body.adjusts})
    batch.find(Project, "code", [code for body in bodies for code in (body.project, body.pool)])
    batch.find(Agreement, "reference", [body.agreement for body in bodies])
    ASSISTANCE.learn(session, {"": assistance_codes(session)})
    batch.expect(LedgerEntry, len(documents - batch.found[LedgerEntry, "document"].keys()))


def places(session: Session, codes: Collection[str]) -> dict[str, Place]:
    """Projects and pools by their codes."""
    project = table(Project).c
    return {
        code: Place(id_, grain is Grain.POOL, archived_at is not None)
        for part in chunks(codes)
        for code, id_, grain, archived_at in session.execute(
            select(project.code, project.id, project.grain, project.archived_at).where(
                among_texts(session, project.code, part)
            )
        )
    }


def agreements(session: Session, references: Collection[str]) -> dict[str, int]:
    """Keys of agreements by their references."""
    agreement = table(Agreement).c
    return {
        reference: id_
        for part in chunks(references)
        for reference, id_ in session.execute(
            select(agreement.reference, agreement.id).where(among_texts(session, agreement.reference, part))
        )
    }


def posted(session: Session, documents: Collection[str]) -> dict[str, Posted]:
    """Rows of the ledger by their documents."""
    columns = [_entry[name] for name in Posted._fields]
    with by_keys(session.connection()):
        return {
            row.document: Posted(*row)
            for part in chunks(set(documents))
            for row in session.execute(select(*columns).where(among_texts(session, _entry.document, part))).all()
        }


def corrections(session: Session, entries: Collection[int]) -> dict[int, list[Correction]]:
    """Adjustments that have a document, by the key of the row they correct."""
    found: dict[int, list[Correction]] = defaultdict(list)
    with by_keys(session.connection()):
        for part in chunks(entries):
            rows = session.execute(
                select(_entry.adjusts_id, _entry.document, _entry.amount).where(
                    among(_entry.adjusts_id, part), _entry.document.is_not(None)
                )
            )
            for entry, document, amount in rows:
                found[entry].append(Correction(document, amount))
    return found


def widths_with_zeros(session: Session) -> set[int]:
    """How long the documents are that begin with a zero."""
    zeros = select(func.length(_entry.document)).distinct().where(_entry.document >= "0", _entry.document < "1")
    return set(session.scalars(zeros))
