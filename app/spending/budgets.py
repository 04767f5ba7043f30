"""The organisation's own budget and what outcomes need: figures by kind, country, period and line."""

import datetime as dt

from sqlmodel import Session

from app.db import archiving, dated
from app.db.books import check_decided, moved_open
from app.db.put import Put, assign
from app.db.spending import InstitutionalBudget
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, filled, sent
from app.spending import queries
from app.spending.queries import BudgetLine
from app.spending.schemas import InstitutionalBudgetIn

#: what is not dated by decision
_PLAIN = ("kind", "status", "note", "line_title")
_RULE = "institutional-budget.closed-period"


def create_institutional_budget(
    session: Session, actor: Actor, body: InstitutionalBudgetIn, *, today: dt.date, pointer: str = ""
) -> Put[InstitutionalBudget]:
    """A new figure; ``Conflict`` when the same one exists."""
    if queries.find_budget(session, body.kind, body.country or "", body.period_start, body.line or "") is not None:
        message = "There is a figure of this kind, country and period already."
        fault = Fault(pointer=f"{pointer}/period_start", rule="institutional-budget.exists", message=message)
        raise Conflict(message, [fault])
    return put_institutional_budget(session, actor, body, today=today, pointer=pointer)


def put_institutional_budget(
    session: Session, actor: Actor, body: InstitutionalBudgetIn, *, today: dt.date, pointer: str = ""
) -> Put[InstitutionalBudget]:
    """Creates or updates by kind, country, first day and line."""
    told = FaultList(pointer)
    kept = queries.find_budget(session, body.kind, body.country or "", body.period_start, body.line or "")
    if kept is not None:
        changed = _apply(session, actor, kept, body, today=today, told=told)
        return Put(kept, "updated" if changed else "unchanged", tuple(told.found))
    row = InstitutionalBudget(
        kind=body.kind,
        period_start=body.period_start,
        period_end=body.period_end,
        amount=body.amount,
        currency=body.currency,
        value_date=body.value_date or body.period_start,
    )
    _apply(session, actor, row, body, today=today, told=told)
    return Put(row, "created", tuple(told.found))


def update_institutional_budget(
    session: Session, actor: Actor, row: InstitutionalBudget, body: Input, *, today: dt.date, pointer: str = ""
) -> Put[InstitutionalBudget]:
    """Changes what the body (an ``InstitutionalBudgetPatch``) sets."""
    told = FaultList(pointer)
    changed = _apply(session, actor, row, body, today=today, told=told)
    return Put(row, "updated" if changed else "unchanged", tuple(told.found))


def archive_institutional_budget(
    session: Session, actor: Actor, row: InstitutionalBudget, *, today: dt.date
) -> InstitutionalBudget:
    """From today on the figure is not there; what was known of it before stays known."""
    actor.require(Right.WRITE)
    actor.require_unit(None)
    if row.archived_at is None:
        dated.append(session, dated.BUDGETS, row, None, known_on=today, recorded_by=actor.name)
    return row


def restore_institutional_budget(
    session: Session, actor: Actor, row: InstitutionalBudget, *, today: dt.date
) -> InstitutionalBudget:
    """Brings an archived budget back; ``Conflict`` when it would stand beside one of the same period and line."""
    actor.require(Right.WRITE)
    actor.require_unit(None)
    line = BudgetLine(*(getattr(row, name) for name in BudgetLine._fields))
    if row.archived_at is not None:
        if queries.overlapping_budget(session, line, except_id=row.id) is not None:
            message = "Another budget of this period and line was added by now: change that one, or archive it first."
            raise Conflict(message)
        values = {name: getattr(row, name) for name in dated.BUDGETS.values}
        dated.append(session, dated.BUDGETS, row, values, known_on=today, recorded_by=actor.name)
    return row


def _apply(
    session: Session, actor: Actor, row: InstitutionalBudget, body: Input, *, today: dt.date, told: FaultList
) -> bool:
    """Stores what is decided of a figure.

    Without a day of decision a new figure is known from the first day of its period on that the books are open for, at
    the latest from today on; a change is one of today. A decision that is learnt after a later one leaves the figure as
    the later one says. ``told``: takes the remark that closed books moved the day.
    """
    actor.require(Right.WRITE)
    actor.require_unit(None)
    if row.archived_at is not None:
        raise archiving.archived(row)
    faults = FaultList(told.pointer)
    stored = row.id is not None
    day: dt.date | None = sent(body).get("decided_on")
    is_dated = day is not None
    if day is None:
        day = today if stored else min(row.period_start, today)
        day = moved_open(session, told, day, place="decided_on", rule=_RULE)
    faults.refuse_ahead(day, today)
    held = dated.on_day(session, dated.BUDGETS, row, day) if stored else None
    names = (*_PLAIN, *dated.BUDGETS.values)
    after = filled(InstitutionalBudgetIn, body, {**{name: getattr(row, name) for name in names}, **(held or {})})
    line = BudgetLine(
        kind=after.kind,
        country=after.country or "",
        period_start=after.period_start,
        period_end=after.period_end,
        line=after.line or "",
    )
    _check(session, row, line, body, faults)
    if not stored or after.amount != row.amount:
        faults.ask_thousands("amount", after.amount, after.currency)
    faults.refuse()
    values = {name: getattr(after, name) for name in dated.BUDGETS.values}
    values |= {"country": line.country, "line": line.line, "value_date": after.value_date or line.period_start}
    known = dated.decisions(session, dated.BUDGETS, row) if stored else []
    is_news = held != values or not dated.is_repeated(known, day, is_dated=is_dated)
    if is_news:
        check_decided(session, faults, day, place="decided_on", rule=_RULE)
        faults.refuse()
    changed = assign(row, {name: getattr(after, name) for name in _PLAIN})
    if is_news:
        if not stored:
            assign(row, values)
        dated.append(session, dated.BUDGETS, row, values, known_on=day, recorded_by=actor.name)
        return True
    session.flush()
    return changed


def _check(session: Session, row: InstitutionalBudget, line: BudgetLine, body: Input, faults: FaultList) -> None:
    if line.period_end < line.period_start:
        faults.add("period_end", "period", f"The period ends on {line.period_end}, before it starts.")
    if line.kind == "need":
        if not line.line:
            message = "A need names its outcome: write the outcome's code in the column line."
            faults.add("line", "institutional-budget.need", message)
    elif (line.kind == "country") is not bool(line.country):
        faults.add("country", "institutional-budget.country", "A country's budget names its country, others none.")
    if line.country and "country" in body.model_fields_set and not known_code("Country", line.country):
        faults.add("country", "code.unknown", unlisted("Country", line.country))
    if not faults.found and (other := queries.overlapping_budget(session, line, except_id=row.id)) is not None:
        faults.add(
            "period_start",
            "institutional-budget.overlap",
            f"The period overlaps with {other.period_start} to {other.period_end} of the same kind.",
        )
