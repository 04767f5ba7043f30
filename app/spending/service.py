"""Rules of change for encumbrances, rates of exchange and the organisation's own budget.

Allocations and the ledger have modules of their own: ``app.spending.allocations``, ``app.spending.ledger``.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from app.db import archiving, encumbrances
from app.db.changelog import write_batch
from app.db.lookups import closed_over, the_setup
from app.db.meant import refuse_look_alike
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.spending import Encumbrance, ExchangeRate, LedgerEntry
from app.db.together import added, settled, together
from app.domain.access import Actor, Right
from app.domain.ledger import TransactionType
from app.domain.money import plain
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, filled, sent
from app.spending import queries
from app.spending.allocations import create_allocation, put_allocation, withdraw_allocation
from app.spending.ledger import create_transaction, put_transaction, update_transaction
from app.spending.schemas import EncumbranceIn, LiquidationIn, RateIn, TransactionIn

#: what the expenditure that an advance or encumbrance was for says of itself
_SAID = ("description", "agreement", "value_date", "country", "sector", "assistance")
#: where a session keeps the first days of the rates that were on record when the books were closed
_FIRST_RATES = "first rates"
_RESERVED = ("document", "date", "amount", "currency", "kind", "released_on", "note")


def create_encumbrance(
    session: Session, actor: Actor, body: EncumbranceIn, *, today: dt.date, pointer: str = ""
) -> Encumbrance:
    """A new encumbrance; ``Conflict`` when its document exists."""
    put = put_encumbrance(session, actor, body, today=today, pointer=pointer)
    if put.outcome != "created":
        raise _exists(f"The encumbrance {body.document} exists already.", f"{pointer}/document", "encumbrance.exists")
    return put.row


def put_encumbrance(
    session: Session, actor: Actor, body: EncumbranceIn, *, today: dt.date, pointer: str = ""
) -> Put[Encumbrance]:
    """Creates or updates by the document."""
    kept = queries.find_encumbrance(session, body.document)
    if kept is not None:
        changed = _apply_encumbrance(session, actor, kept, body, today, pointer)
        told = FaultList(pointer)
        if kept.released_on is not None and "released_on" not in body.model_fields_set:
            message = (
                f"The {kept.kind.value} {kept.document} ended here on {kept.released_on}, and the table has it still: "
                "say in released_on when it ended, or take the day away from the record."
            )
            told.add("released_on", "encumbrance.ended", message)
        return Put(kept, "updated" if changed else "unchanged", tuple(told.found))
    faults = FaultList(pointer)
    refuse_look_alike(session, faults, Encumbrance, "document", body.document, among_foreign=False)
    faults.refuse()
    row = Encumbrance(
        document=body.document,
        project_id=0,
        date=body.date,
        amount=body.amount,
        currency=body.currency,
        kind=body.kind,
    )
    _apply_encumbrance(session, actor, row, body, today, pointer)
    return Put(row, "created")


def update_encumbrance(
    session: Session, actor: Actor, row: Encumbrance, body: Input, *, today: dt.date, pointer: str = ""
) -> Encumbrance:
    """Changes what the body (an ``EncumbrancePatch``) sets."""
    after = filled(EncumbranceIn, body, {"document": row.document})
    other = queries.find_encumbrance(session, after.document)
    if other is not None and other.id != row.id:
        raise _exists(f"The encumbrance {other.document} exists already.", f"{pointer}/document", "encumbrance.exists")
    if (document := after.document) != row.document:
        faults = FaultList(pointer)
        refuse_look_alike(
            session, faults, Encumbrance, "document", document, instead_of=row.document, among_foreign=False
        )
        faults.refuse()
    _apply_encumbrance(session, actor, row, body, today, pointer)
    return row


def archive_encumbrance(session: Session, actor: Actor, row: Encumbrance) -> Encumbrance:
    """Takes an encumbrance that should never have been out of all figures."""
    actor.require(Right.WRITE)
    actor.require_unit(session.get_one(Project, row.project_id).unit_id)
    _require_open(session, row)
    archiving.archive(session, row)
    return row


def restore_encumbrance(session: Session, actor: Actor, row: Encumbrance) -> Encumbrance:
    actor.require(Right.WRITE)
    actor.require_unit(session.get_one(Project, row.project_id).unit_id)
    _require_open(session, row)
    archiving.restore(session, row)
    return row


def release_encumbrances(session: Session, actor: Actor, documents: Sequence[str], released_on: dt.date) -> int:
    """Ends on a day what still binds of these documents, since the finance system has it no more; gives their number.

    Of a document that begins later than the day its own first day counts.
    """
    actor.require(Right.WRITE)
    binding = queries.binding(session, documents)
    for _row, unit_id in binding:
        actor.require_unit(unit_id)
    with together(session, len(binding)) as batch:
        encumbrances.read_ahead(batch, [row for row, _unit_id in binding])
        for row, _unit_id in binding:
            batch.begin_record()
            encumbrances.end(session, row, max(released_on, row.date), recorded_by=actor.name)
            batch.changed(row)
        write_batch(session, batch)
    return len(binding)


def liquidate_encumbrance(
    session: Session, actor: Actor, row: Encumbrance, body: LiquidationIn, *, today: dt.date, pointer: str = ""
) -> LedgerEntry:
    """Ends an encumbrance or advance and posts the expenditure that it was for.

    :raises Conflict: when it ended already.
    """
    actor.require(Right.WRITE)
    actor.require_unit(session.get_one(Project, row.project_id).unit_id)
    require_standing(row)
    faults = FaultList(pointer)
    if body.date < row.date:
        faults.add("date", "encumbrance.dates-order", f"{body.date} is before the {row.kind.value} of {row.date}.")
    if body.amount > row.amount:
        faults.add(
            "amount", "encumbrance.exceeded", f"Only {plain(row.amount)} {row.currency} were set aside: post the rest."
        )
    faults.refuse()
    posting = TransactionIn(
        document=body.document,
        project=session.get_one(Project, row.project_id).code,
        type=TransactionType.EXPENDITURE,
        date=body.date,
        amount=body.amount,
        currency=row.currency,
        **{name: getattr(body, name) for name in _SAID},
    )
    entry = create_transaction(session, actor, posting, today=today, pointer=pointer)
    encumbrances.end(session, row, body.date, recorded_by=actor.name)
    session.flush()
    return entry


def require_standing(row: Encumbrance) -> None:
    """:raises Conflict: when the encumbrance or advance ended already."""
    if row.released_on is not None:
        raise Conflict(f"The {row.kind.value} {row.document} ended on {row.released_on}.")


def _apply_encumbrance(
    session: Session, actor: Actor, row: Encumbrance, body: Input, today: dt.date, pointer: str
) -> bool:
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    given, stored = body.model_fields_set, row.id is not None
    # of what is new the day from which it binds is its own
    changed_on: dt.date | None = sent(body).get("changed_on") if stored else None
    standing = {name: getattr(row, name) for name in (*_RESERVED, "project_id")}
    if changed_on is not None:
        standing |= encumbrances.on_day(session, row, changed_on)
    after = filled(EncumbranceIn, body, {name: standing[name] for name in _RESERVED})
    project_id = standing["project_id"]
    if row.project_id:
        actor.require_unit(session.get_one(Project, row.project_id).unit_id)
    if "project" in given:
        project = queries.find_project(session, after.project)
        if project is None or project.id is None:
            faults.add("project", "project.unknown", f"There is no project {after.project}.")
        else:
            actor.require_unit(project.unit_id)
            project_id = project.id
    for name, day in (("date", after.date), ("released_on", after.released_on), ("changed_on", changed_on)):
        if name in given and day is not None and day > today:
            faults.add(name, "encumbrance.future-date", f"{day} lies in the future.")
    if after.released_on is not None and after.released_on < after.date:
        faults.add("released_on", "encumbrance.dates-order", "It cannot end before it begins.")
    if not stored or after.amount != row.amount:
        faults.ask_thousands("amount", after.amount, after.currency)
    values = {**{name: getattr(after, name) for name in _RESERVED}, "project_id": project_id}
    _check_open(session, row, standing, values, changed_on, faults)
    faults.refuse()
    if not stored:
        assign(row, values)
        added(session, row)
        return True
    changed = encumbrances.change(session, row, values, changed_on=changed_on, today=today, recorded_by=actor.name)
    changed = assign(row, {name: values[name] for name in ("document", "note")}) or changed
    settled(session)
    return changed


def _require_open(session: Session, row: Encumbrance) -> None:
    """Refuses to take a row away, or to bring it back, that bound money in a closed period."""
    if (closed := closed_over(session, row.date)) is not None:
        raise Conflict(
            f"The books are closed until {closed}, and the {row.kind.value} {row.document} bound money then.",
            [Fault(pointer="/date", rule="encumbrance.closed-period", message=_end_it(closed))],
        )


def _end_it(closed: dt.date | None) -> str:
    return (
        f"The books are closed until {closed}: give a day in an open period; what bound money before ends there, and "
        "what takes its place begins there."
    )


def _check_open(
    session: Session,
    row: Encumbrance,
    standing: Mapping[str, Any],
    after: Mapping[str, Any],
    day: dt.date | None,
    faults: FaultList,
) -> None:
    """Notes what would change how much was bound in a closed period; that it ends after it is no such change, and
    neither is what holds from a given ``day`` on that lies behind it."""
    message = _end_it(the_setup(session).closed_until)
    if row.id is None:
        if closed_over(session, after["date"]):
            faults.add("date", "encumbrance.closed-period", message)
        return
    ends = row.released_on, after["released_on"]
    if ends[0] != ends[1] and closed_over(session, *ends):
        faults.add("released_on", "encumbrance.closed-period", message)
    changed = [name for name in encumbrances.HELD if standing[name] != after[name]]
    first = min(standing["date"], after["date"])
    if day is not None:
        if changed and (closed := closed_over(session, max(day, first))):
            faults.ask_later_day("changed_on", "encumbrance.closed-period", closed)
    elif closed_over(session, first):
        for name in changed:
            place = "project" if name == "project_id" else name
            faults.add(place, "encumbrance.closed-period", message)


def create_rate(session: Session, actor: Actor, body: RateIn, *, pointer: str = "") -> ExchangeRate:
    """A new rate; ``Conflict`` when one of that currency and day exists (``put_rate`` appends a corrected one)."""
    if queries.newest_rate(session, body.currency, body.effective_on) is not None:
        message = f"There is a rate of {body.currency} of {body.effective_on} already."
        raise _exists(message, f"{pointer}/effective_on", "rate.exists")
    return put_rate(session, actor, body, pointer=pointer).row


def put_rate(session: Session, actor: Actor, body: RateIn, *, pointer: str = "") -> Put[ExchangeRate]:
    """Appends a rate by currency and day; a corrected rate stands behind the one it corrects."""
    actor.require(Right.WRITE)
    actor.require_unit(None)
    faults = FaultList(pointer)
    if body.currency == "USD" and body.rate != 1:
        faults.add("rate", "rate.dollar", "Rates are local units per US dollar: a dollar is 1.")
    faults.refuse()
    kept = queries.newest_rate(session, body.currency, body.effective_on)
    if kept is not None and kept.rate == body.rate and ("note" not in body.model_fields_set or kept.note == body.note):
        return Put(kept, "unchanged")
    closed = closed_over(session, body.effective_on)
    if closed is not None and _is_reckoned_with(session, body.currency, body.effective_on):
        message = (
            f"The books are closed until {closed}, and a rate from {body.effective_on} on would change what was "
            "reported of them: an administrator opens them again with a reason, for as long as it is entered."
        )
        faults.add("effective_on", "rate.closed-period", message)
    faults.refuse()
    row = ExchangeRate(
        currency=body.currency,
        effective_on=body.effective_on,
        sequence=kept.sequence + 1 if kept else 1,
        rate=body.rate,
        note=body.note,
        recorded_by=actor.name,
    )
    session.add(row)
    session.flush()
    return Put(row, "updated" if kept else "created")


def _is_reckoned_with(session: Session, currency: str, day: dt.date) -> bool:
    """Whether amounts of a day were converted when the books were closed, by whatever rate: they had one, and another
    one changes them. Amounts that lacked a rate were reported as such, and may get one, and a better one after it."""
    firsts: dict[str, dt.date | None] = session.info.setdefault(_FIRST_RATES, {})
    if currency not in firsts:
        firsts[currency] = queries.first_rate_reported(session, currency)
    first = firsts[currency]
    return first is not None and first <= day


def _exists(message: str, pointer: str, rule: str) -> Conflict:
    return Conflict(message, [Fault(pointer=pointer, rule=rule, message=message)])


__all__ = [
    "archive_encumbrance",
    "create_allocation",
    "create_encumbrance",
    "create_rate",
    "create_transaction",
    "liquidate_encumbrance",
    "put_allocation",
    "put_encumbrance",
    "put_rate",
    "put_transaction",
    "release_encumbrances",
    "restore_encumbrance",
    "update_encumbrance",
    "update_transaction",
    "withdraw_allocation",
]
