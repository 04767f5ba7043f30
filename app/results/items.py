"""Rules of change for the items of a results framework."""

from sqlmodel import Session

from app.db import archiving
from app.db.frameworks import ResultsFramework
from app.db.lookups import calendar_of, row_by, the_setup
from app.db.put import Put, code_remarks
from app.db.renamed import outcome_called_otherwise, outcome_in_the_way
from app.db.results import FrameworkItem
from app.domain.access import Actor
from app.domain.framework import INDICATOR, LEVELS, PERCENTAGE, QUALITATIVE
from app.domain.money import plain
from app.domain.results import baseline_fault
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, Sent, sent
from app.results import queries
from app.results.frameworks import ask_thousands, of_the_whole, refuse_closed, version_of
from app.results.schemas import FrameworkIn


def put_framework(session: Session, actor: Actor, body: FrameworkIn, *, pointer: str = "") -> Put[FrameworkItem]:
    """Creates or updates an item of a results framework by framework, level and code."""
    of_the_whole(actor)
    kept = queries.find_item(session, body.framework, body.level, body.code)
    if kept is None:
        row = create_framework(session, actor, body, pointer=pointer)
        return Put(row, "created", remarks_on_new(session, row, pointer))
    _apply_item(kept, sent(body))
    changed = _stored(session, kept, pointer)
    found = (*remarks(kept, pointer), *_of_no_time(session, kept, pointer))
    return Put(kept, "updated" if changed else "unchanged", found)


def create_framework(session: Session, actor: Actor, body: FrameworkIn, *, pointer: str = "") -> FrameworkItem:
    """A new item; ``Conflict`` when it exists."""
    of_the_whole(actor)
    if queries.find_item(session, body.framework, body.level, body.code) is not None:
        message = f"The framework {body.framework} has {body.level} {body.code} already."
        raise Conflict(message, [Fault(pointer=f"{pointer}/code", rule="framework.exists", message=message)])
    row = FrameworkItem(framework=body.framework, level=body.level, code=body.code, title=body.title)
    _apply_item(row, body.model_dump())
    session.add(row)
    _stored(session, row, pointer)
    return row


def update_framework(
    session: Session, actor: Actor, row: FrameworkItem, body: Input, *, pointer: str = ""
) -> FrameworkItem:
    """Changes what the body (a ``FrameworkPatch``) sets."""
    of_the_whole(actor)
    values = sent(body)
    place = [values.get(name, getattr(row, name)) for name in ("framework", "level", "code")]
    other = queries.find_item(session, *place)
    if other is not None and other.id != row.id:
        message = f"The framework {place[0]} has {place[1]} {place[2]} already."
        raise Conflict(message, [Fault(pointer=f"{pointer}/code", rule="framework.exists", message=message)])
    code = row.code
    if place[2] != code and row.level != INDICATOR:
        taken = outcome_in_the_way(session, row, place[2], values.get("title") or row.title)
        if taken is not None:
            raise Conflict(taken, [Fault(pointer=f"{pointer}/code", rule="framework.code-taken", message=taken)])
    _apply_item(row, values)
    _stored(session, row, pointer)
    if row.code != code and row.level != INDICATOR:
        outcome_called_otherwise(session, code, row.code)
    return row


def remarks(row: FrameworkItem, pointer: str = "") -> tuple[Fault, ...]:
    """What an indicator lacks: it is taken in all the same, and the report on results tells the share that lacks it."""
    found = FaultList(pointer)
    if row.target is not None and row.unit is None and row.measure != PERCENTAGE:
        message = f"{row.level} {row.code} has a target and does not say what it counts: give its unit."
        found.add("unit", "framework.no-unit", message)
    if row.level == INDICATOR and row.baseline_value is None:
        found.add("baseline_value", "framework.no-baseline", f"Indicator {row.code} has no baseline.")
    return tuple(found.found)


def remarks_on_new(session: Session, row: FrameworkItem, pointer: str = "") -> tuple[Fault, ...]:
    """What somebody should look at of an item that was added."""
    return (*code_remarks(row.code, pointer), *remarks(row, pointer), *_of_no_time(session, row, pointer))


def _of_no_time(session: Session, row: FrameworkItem, pointer: str) -> tuple[Fault, ...]:
    """A framework of which no days are known, such as one whose code was mistyped, stands in no report."""
    if version_of(session, row.framework, calendar_of(the_setup(session))).period is not None:
        return ()
    message = (
        f"{row.framework} is no framework on record, and its name is no period, so that no report shows it: load its "
        f"days (earmark import csv frameworks), or correct the name."
    )
    return (Fault(pointer=f"{pointer}/framework", rule="framework.no-time", message=message),)


def _stored(session: Session, row: FrameworkItem, pointer: str) -> bool:
    """Stores an item that is as it may be; returns whether anything changed.

    :raises InvalidInput: where it is not, or its framework is closed.
    """
    changed = row.id is None or session.is_modified(row)
    with session.no_autoflush:
        faults = FaultList(pointer)
        _check(session, row, faults)
        for name in ("target", "result_total"):
            ask_thousands(row, name, faults)
        faults.refuse()
        if changed:
            refuse_closed(session, row.framework, "framework", pointer)
    session.flush()
    return changed


def _check(session: Session, row: FrameworkItem, faults: FaultList) -> None:
    record = row_by(session, ResultsFramework, "code", row.framework)
    levels = (record and record.levels) or LEVELS
    if row.level not in levels:
        message = f"{row.level} is no level of {row.framework}: write one of {', '.join(levels)}."
        faults.add("level", "framework.level", f"{message} A framework with levels of its own names them on record.")
    if row.measure == QUALITATIVE and row.target is not None:
        message = "An indicator that is told in words has no target in numbers: write it as target_text."
        faults.add("target", "framework.qualitative", message)
    if row.measure == QUALITATIVE and row.better is not None:
        message = "An indicator that is told in words is neither higher nor lower: leave better empty."
        faults.add("better", "framework.qualitative", message)
    if row.baseline_value is not None and row.baseline_year is None:
        faults.add("baseline_year", "framework.baseline-year", "Give the year of the baseline.")
    if row.baseline_year is not None:
        period = version_of(session, row.framework, calendar_of(the_setup(session))).period
        fault = baseline_fault(row.baseline_year, None if period is None else period.end.year)
        if fault is not None:
            faults.add("baseline_year", "framework.baseline-year", fault)


def archive_framework(session: Session, actor: Actor, row: FrameworkItem) -> FrameworkItem:
    of_the_whole(actor)
    archiving.archive(session, row)
    return row


def restore_framework(session: Session, actor: Actor, row: FrameworkItem) -> FrameworkItem:
    of_the_whole(actor)
    archiving.restore(session, row)
    return row


def _apply_item(row: FrameworkItem, values: Sent) -> None:
    for name, value in values.items():
        if name == "regions":
            regions = {region: plain(amount) for region, amount in value.items()}
            if dict(row.regions) != regions:
                row.regions = regions
        else:
            setattr(row, name, value)
