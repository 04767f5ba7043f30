"""The ledger: dated transactions, appended; a correction is a further row that names what it corrects and why."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple, NoReturn, Protocol

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement
from app.db.lookups import closed_over, organisation_named, the_setup
from app.db.meant import refuse_look_alike
from app.db.projects import Project
from app.db.put import Put
from app.db.sides import units_of_agreement
from app.db.spending import LedgerEntry
from app.db.together import added
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.domain.ledger import TransactionType
from app.domain.money import EXACT, exact_sum, plain
from app.domain.terms import EntryKind, Grain
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, sent
from app.spending import assistance, queries
from app.spending.schemas import TransactionIn

#: between the document of an entry and the number of the correction that a table brought
CORRECTION = "~"
#: fields that differ from the posted row only through a new document
_SAID = ("value_date", "description", "country", "sector", "assistance", "note")
#: columns that are compared with a posted row, and the fields of the body that say them
_COMPARED = (
    ("project_id", "project"),
    ("agreement_id", "agreement"),
    ("adjusts_id", "adjusts"),
    *((name, name) for name in ("type", "date", "currency", "reason", *_SAID)),
    ("provider_id", "provider"),
    ("receiver_id", "receiver"),
)
_ALWAYS = frozenset(("type", "date", "currency"))
_TRANSFERS = (TransactionType.INCOMING_FUNDS, TransactionType.DISBURSEMENT)


class _Parties(NamedTuple):
    """Columns of the organisations on both sides, and of their activities."""

    provider_id: int | None = None
    receiver_id: int | None = None
    provider_activity: str | None = None
    receiver_activity: str | None = None


class Said(Protocol):
    """A row of the ledger, posted or to be posted, as far as two of them are compared."""

    @property
    def project_id(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...


def create_transaction(
    session: Session, actor: Actor, body: TransactionIn, *, today: dt.date, pointer: str = ""
) -> LedgerEntry:
    """Posts a transaction, or the adjustment of one.

    :raises Conflict: when the document is posted already.
    """
    actor.require(Right.WRITE)
    if queries.find_entry(session, body.document) is not None:
        raise Conflict(
            f"The document {body.document} is posted already.",
            [
                Fault(
                    pointer=f"{pointer}/document",
                    rule="transaction.exists",
                    message="A posted row stays: correct it with a new document that adjusts it.",
                )
            ],
        )
    _refuse_look_alike(session, body.document, pointer)
    return _post(session, actor, body, today=today, pointer=pointer)


def put_transaction(
    session: Session, actor: Actor, body: TransactionIn, *, today: dt.date, pointer: str = ""
) -> Put[LedgerEntry]:
    """Posts a transaction by its document.

    A document that is posted already with another amount is adjusted by the difference; any other difference is a
    fault, because a posted row stays as it is. The same amount with the other sign is asked back: a finance system that
    reverses a voucher under its own number means that nothing is left, and the difference would leave the opposite.
    """
    actor.require(Right.WRITE)
    kept = queries.find_entry(session, body.document)
    if kept is None:
        _ask_zeros(session, body.document, pointer)
        _refuse_look_alike(session, body.document, pointer)
        return Put(_post(session, actor, body, today=today, pointer=pointer), "created")
    faults = FaultList(pointer)
    wanted = _row(session, actor, body, faults, today, posted=kept)
    for name in said_otherwise(kept, wanted, body) if wanted else ():
        faults.add(
            name,
            "transaction.posted",
            f"{body.document} is posted already with another {name}: take it back with a document that adjusts it, "
            "and post a new one.",
        )
    faults.refuse()
    if wanted is None:
        raise AssertionError("faults were not raised")
    earlier = queries.own_corrections(session, kept, f"{body.document}{CORRECTION}")
    standing = exact_sum([kept.amount, *(row.amount for row in earlier)])
    if standing == body.amount:
        return Put(kept, "unchanged")
    if body.amount == -standing:
        faults.add(
            "amount",
            "transaction.reversed",
            f"{body.document} is posted with {plain(standing)} and stands here with the other sign: to take it back, "
            "post a document of its own that adjusts it, with the reason.",
        )
    _check_open(session, faults, body.date)
    faults.refuse()
    wanted.document = f"{body.document}{CORRECTION}{len(earlier) + 1}"
    wanted.amount = EXACT.subtract(body.amount, standing)
    wanted.entry_kind = EntryKind.ADJUSTMENT
    wanted.adjusts_id = kept.id
    wanted.reason = f"The amount is {plain(body.amount)} {body.currency}, not {plain(standing)}."
    return Put(_add(session, wanted), "updated")


def _ask_zeros(session: Session, document: str, pointer: str) -> None:
    """Asks back about a number that is posted already with more or fewer zeros before it: it would count twice."""
    if not document.isdigit() or not (found := queries.with_other_zeros(session, document)):
        return
    faults = FaultList(pointer)
    faults.add(
        "document",
        "transaction.lost-zeros",
        f"{found} is posted already: is it the same voucher? A spreadsheet drops zeros at the front: format the column "
        "as text. If it is another one, write it so that the two can be told apart.",
    )
    faults.refuse()


def _refuse_look_alike(session: Session, document: str, pointer: str) -> None:
    """Refuses a number with letters of another alphabet that looks like one that is posted: it would count twice."""
    faults = FaultList(pointer)
    refuse_look_alike(session, faults, LedgerEntry, "document", document, among_foreign=False)
    faults.refuse()


def update_transaction(actor: Actor, row: LedgerEntry, body: Input) -> NoReturn:
    """Always refused, with the way that is open: a posted row never changes.

    :raises Conflict: naming each field that the body wants to change.
    """
    actor.require(Right.WRITE)
    raise Conflict(
        f"The transaction {row.document or row.id} is posted: it never changes.",
        [
            Fault(
                pointer=f"/{name}",
                rule="transaction.posted",
                message=f"Post an adjustment: a new document with adjusts = {row.document or row.id}, the difference "
                "as its amount, and the reason.",
            )
            for name in sent(body)
        ],
    )


def _post(session: Session, actor: Actor, body: TransactionIn, *, today: dt.date, pointer: str) -> LedgerEntry:
    faults = FaultList(pointer)
    row = _row(session, actor, body, faults, today)
    _check_open(session, faults, body.date)
    if body.amount == 0:
        faults.add("amount", "transaction.zero", "A transaction of 0 moves nothing: leave it out.")
    faults.refuse()
    if row is None:
        raise AssertionError("faults were not raised")
    return _add(session, row)


def _add(session: Session, row: LedgerEntry) -> LedgerEntry:
    added(session, row)
    return row


def _row(
    session: Session,
    actor: Actor,
    body: TransactionIn,
    faults: FaultList,
    today: dt.date,
    posted: LedgerEntry | None = None,
) -> LedgerEntry | None:
    """The row to add, or None where every fault of the body is noted. Organisations nobody knows yet are made."""
    project, pool = _activity(session, body, faults)
    home = _home(body, project, pool)
    if home is not None:
        # a transfer touches the pool that gives and the project that receives
        actor.require_unit(*(row.unit_id for row in (project, pool) if row is not None))
    agreement = queries.find_agreement(session, body.agreement) if body.agreement else None
    if agreement is not None and actor.of_a_unit:
        actor.require_source(units_of_agreement(session, key(agreement)))
    if body.agreement and agreement is None:
        faults.add("agreement", "agreement.unknown", f"There is no agreement {body.agreement}.")
    for name in ("date", "value_date"):
        if (day := getattr(body, name)) is not None and day > today:
            faults.add(name, "transaction.future-date", f"{day} lies in the future: post it when it has happened.")
    for name, codelist in (("country", "Country"), ("sector", "Sector")):
        if (code := getattr(body, name)) is not None and not known_code(codelist, code):
            faults.add(name, "code.unknown", unlisted(codelist, code))
    if posted is None:
        assistance.check(session, body.assistance, faults)
    if posted is None or posted.amount != body.amount:
        faults.ask_thousands("amount", body.amount, body.currency)
    adjusted = _adjusted(session, body, home, faults)
    if faults.found or home is None:
        return None
    transfer = project is not None and pool is not None
    return LedgerEntry(
        project_id=key(home),
        agreement_id=_agreement_id(agreement, adjusted),
        document=body.document,
        type=body.type.value,
        date=body.date,
        amount=body.amount,
        currency=body.currency,
        **{name: getattr(body, name) for name in _SAID},
        **_counterparts(session, body, project, pool, posted, adjusted)._asdict(),
        internal=transfer or (adjusted is not None and adjusted.internal),
        entry_kind=EntryKind.POSTING if adjusted is None else EntryKind.ADJUSTMENT,
        adjusts_id=None if adjusted is None else adjusted.id,
        reason=body.reason or "",
        recorded_by=actor.name,
    )


def _agreement_id(agreement: Agreement | None, adjusted: LedgerEntry | None) -> int | None:
    """An adjustment that names no agreement belongs to that of the row it corrects."""
    if agreement is not None:
        return agreement.id
    return adjusted.agreement_id if adjusted else None


def _activity(session: Session, body: TransactionIn, faults: FaultList) -> tuple[Project | None, Project | None]:
    """The project and the pool that the body names."""
    project = queries.find_project(session, body.project) if body.project else None
    pool = queries.find_project(session, body.pool) if body.pool else None
    if body.project and project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    if body.pool and (pool is None or pool.grain is not Grain.POOL):
        faults.add("pool", "pool.unknown", f"There is no pool {body.pool}.")
        pool = None
    if not body.project and not body.pool:
        faults.add("project", "transaction.where", "Name the project or the pool the money belongs to.")
    if project and pool and body.type not in _TRANSFERS:
        faults.add(
            "type",
            "transaction.transfer",
            "A transfer has two rows: a disbursement of the pool and incoming funds of the project.",
        )
    if project and pool and project.id == pool.id:
        faults.add("project", "transaction.transfer", "A pool passes nothing on to itself: name the project.")
    return project, pool


def _home(body: TransactionIn, project: Project | None, pool: Project | None) -> Project | None:
    """Whose row it is: of a transfer, the disbursement is the pool's and the incoming funds are the project's."""
    if project is not None and pool is not None:
        return pool if body.type is TransactionType.DISBURSEMENT else project
    return project or pool


def _counterparts(
    session: Session,
    body: TransactionIn,
    project: Project | None,
    pool: Project | None,
    posted: LedgerEntry | None,
    adjusted: LedgerEntry | None,
) -> _Parties:
    """Provider and receiver with their activities; an adjustment that names none has those of the row it corrects."""
    if adjusted is not None and not body.provider and not body.receiver:
        return _Parties(*(getattr(adjusted, name) for name in _Parties._fields))
    parties = _Parties(
        provider_id=organisation_named(session, body.provider).id if body.provider else None,
        receiver_id=organisation_named(session, body.receiver).id if body.receiver else None,
    )
    if project is None or pool is None:
        return parties
    own = the_setup(session).organisation_id
    if body.type is TransactionType.DISBURSEMENT:
        named = posted.receiver_activity if posted else project.iati_identifier
        return parties._replace(receiver_id=parties.receiver_id or own, receiver_activity=named)
    named = posted.provider_activity if posted else pool.iati_identifier
    return parties._replace(provider_id=parties.provider_id or own, provider_activity=named)


def _adjusted(session: Session, body: TransactionIn, home: Project | None, faults: FaultList) -> LedgerEntry | None:
    """The row that the body corrects: of the same project, type and currency."""
    if body.adjusts is None:
        return None
    if body.reason is None:
        faults.add("reason", "adjustment.reason", "Say why the row is corrected.")
    entry = queries.find_entry(session, body.adjusts)
    if entry is None:
        faults.add("adjusts", "transaction.unknown", f"There is no document {body.adjusts}.")
        return None
    if entry.document == body.document:
        faults.add(
            "adjusts", "adjustment.itself", "A row does not correct itself: give the correction its own document."
        )
    if home is not None and entry.project_id != home.id:
        faults.add("adjusts", "adjustment.project", f"{body.adjusts} belongs to another project.")
    if entry.type != body.type.value:
        faults.add("type", "adjustment.type", f"{body.adjusts} has type {entry.type}: its correction has the same.")
    if entry.currency != body.currency:
        faults.add("currency", "adjustment.currency", f"{body.adjusts} is in {entry.currency}: so is its correction.")
    return entry


def _check_open(session: Session, faults: FaultList, day: dt.date) -> None:
    if (closed := closed_over(session, day)) is not None:
        faults.add(
            "date",
            "transaction.closed-period",
            f"The books are closed until {closed}: date it in an open period, or post a correction there.",
        )


def said_otherwise(kept: Said, wanted: Said, body: TransactionIn) -> list[str]:
    """Fields of the body that say something else than the posted row; the amount apart."""
    return [
        field
        for column, field in _COMPARED
        if (field in body.model_fields_set or column in _ALWAYS) and getattr(kept, column) != getattr(wanted, column)
    ]
