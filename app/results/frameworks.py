"""Versions of the results framework, and targets of their items for a period or a region."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field
from sqlalchemy import inspect
from sqlmodel import Session

from app.db import archiving
from app.db.base import Kept, key
from app.db.frameworks import FrameworkTarget, ResultsFramework
from app.db.lookups import calendar_of, row_by, the_setup
from app.db.put import Put, assign
from app.db.results import FrameworkItem
from app.domain.access import Actor, Right
from app.domain.framework import INDICATOR, QUALITATIVE
from app.domain.notation import thousands_meant
from app.domain.periods import FiscalCalendar, Period, PeriodError
from app.domain.written_periods import parse_period
from app.errors import Fault, InvalidInput
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import (
    THOUSANDS,
    Amount,
    Day,
    FaultList,
    Input,
    Line,
    ListCode,
    PeriodText,
    Reference,
    StartDay,
    Text,
    sent,
)
from app.results import queries_frameworks as queries
from app.results.schemas import RegionName


class ResultsFrameworkIn(Input):
    """A version of the results framework: its time, its levels, and whether it is closed. Table: ``frameworks``.

    A framework that is called by its period, such as 2026-27, needs none.
    """

    code: Reference = Field(description="Its code, which its items name", examples=["PLAN-2026"])
    title: Line = Field(description="Title", examples=["Strategic plan 2026–2029"])
    starts_on: StartDay = Field(description="First day", examples=["2026-01-01"])
    ends_on: Day = Field(description="Last day", examples=["2029-12-31"])
    levels: list[ListCode] | None = Field(
        default=None,
        max_length=8,
        description="Its levels from the top down; the last is indicator",
        examples=["objective|indicator"],
    )
    closed_on: Day | None = Field(
        default=None,
        description="Day on which it was closed; as long as it is set its results are neither added nor changed",
    )
    note: Text | None = Field(default=None, description="Internal note")


class ResultsFrameworkOut(Output):
    id: int
    code: str
    title: str
    starts_on: dt.date
    ends_on: dt.date
    levels: list[str]
    closed_on: dt.date | None
    items: int = Field(description="how many items it has")
    without_baseline: int = Field(description="how many of its indicators have no baseline")
    note: str | None
    version: int
    archived_at: dt.datetime | None


class ResultsFrameworkPage(KeptPage):
    """Filters of results frameworks."""


class FrameworkTargetIn(Input):
    """The target of an item for a part of its framework: a period, a region, or both. Table: ``framework-targets``.

    The target of the whole time everywhere is that of the item itself.
    """

    framework: Reference = Field(description="Framework of the item", examples=["2026-27"])
    code: ListCode = Field(description="Code of the item, or level:code where two levels have it", examples=["1.1.2"])
    period: PeriodText = Field(description="Period that the target is for", examples=["2026"])
    region: RegionName | None = Field(default=None, description="Region; none: everywhere", examples=["africa"])
    target: Amount = Field(description="Target", examples=["4"])
    note: Text | None = Field(default=None, description="Internal note")


class FrameworkTargetOut(Output):
    id: int
    framework: str
    level: str
    code: str
    period_start: dt.date
    period_end: dt.date
    region: str
    target: Decimal
    note: str | None
    version: int
    archived_at: dt.datetime | None


class FrameworkTargetPage(KeptPage):
    """Filters of targets."""

    framework: Reference | None = None
    region: RegionName | None = None


def period_of_framework(session: Session, name: str) -> Period | None:
    """The time of a framework: as its record says, else as its name does; None where neither tells any."""
    return version_of(session, name, calendar_of(the_setup(session))).period


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A framework, whether it is on record or only called by its period."""

    name: str
    period: Period | None
    closed_on: dt.date | None


def version_of(session: Session, name: str, fiscal: FiscalCalendar) -> Version:
    """A framework of that name; no period where neither a record nor the name tells any."""
    if (stored := queries.version(session, name)) is not None:
        return Version(name=name, period=Period(start=stored.starts_on, end=stored.ends_on), closed_on=stored.closed_on)
    try:
        return Version(name=name, period=parse_period(name, fiscal), closed_on=None)
    except PeriodError:
        return Version(name=name, period=None, closed_on=None)


def ask_thousands(row: FrameworkItem | FrameworkTarget, name: str, faults: FaultList) -> None:
    """Asks back about a new figure whose decimals may be meant as thousands."""
    figure: Decimal | None = getattr(row, name)
    if figure is None or (row.id is not None and not inspect(row).attrs[name].history.has_changes()):
        return
    if question := thousands_meant(figure, None):
        faults.add(name, THOUSANDS, f"{question}.")


def refuse_closed(session: Session, name: str, place: str, pointer: str = "") -> None:
    """Refuses a change of a framework that is closed.

    :raises InvalidInput: telling when it was closed, and what to do.
    """
    record = queries.version(session, name)
    if record is None or record.closed_on is None:
        return
    message = (
        f"The framework {name} was closed on {record.closed_on}: its targets and results stay as they are. Take its "
        f"closed_on away to open it again."
    )
    raise InvalidInput([Fault(pointer=f"{pointer}/{place}", rule="framework.closed", message=message)])


def item_named(session: Session, framework: str, text: str, faults: FaultList, place: str) -> FrameworkItem | None:
    """The item that ``1.1`` or ``output:1.1`` names; a fault at ``place`` where there is none, or more than one."""
    level, _, bare = text.rpartition(":")
    found = queries.items_of_code(session, framework, bare or text, level)
    if len(found) == 1:
        return found[0]
    if found:
        levels = " or ".join(f"{each.level}:{each.code}" for each in found)
        faults.add(place, "framework.ambiguous", f"{framework} has {text} on several levels: write {levels}.")
    else:
        faults.add(place, "framework.unknown", f"The framework {framework} has no {text}.")
    return None


def put_results_framework(
    session: Session, actor: Actor, body: ResultsFrameworkIn, *, pointer: str = ""
) -> Put[ResultsFramework]:
    """Creates the framework of this code, or changes what differs."""
    of_the_whole(actor)
    faults = FaultList(pointer)
    standing = row_by(session, ResultsFramework, "code", body.code)
    row = standing or ResultsFramework(code=body.code, title=body.title, starts_on=body.starts_on, ends_on=body.ends_on)
    values = {name: value for name, value in sent(body).items() if name != "code"}
    if body.ends_on < body.starts_on:
        faults.add("ends_on", "dates-in-order", "The framework ends before it starts.")
    levels = body.levels if body.levels is not None else list(row.levels)
    values["levels"] = levels
    if levels and (levels[-1] != INDICATOR or len(set(levels)) < len(levels)):
        faults.add("levels", "framework.levels", "Name each level once from the top down; the last is indicator.")
    others = sorted(queries.levels_of(session, body.code) - set(levels)) if levels else []
    if others:
        faults.add("levels", "framework.levels", f"Items of it are of other levels: {', '.join(others)}.")
    faults.refuse()
    changed = assign(row, values | {"archived_at": None})
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def put_framework_target(
    session: Session, actor: Actor, body: FrameworkTargetIn, *, pointer: str = ""
) -> Put[FrameworkTarget]:
    """Creates the target, or changes what differs; that of the whole time everywhere is set at the item."""
    of_the_whole(actor)
    faults = FaultList(pointer)
    item = item_named(session, body.framework, body.code, faults, "code")
    period = _period(session, body.period, faults)
    whole = period_of_framework(session, body.framework)
    if period is not None and whole is not None and not (whole.start <= period.start and period.end <= whole.end):
        message = f"{body.period} is not within the framework: {whole.start} to {whole.end}."
        faults.add("period", "framework.outside", message)
    days = period and (period.start, period.end)
    if days is not None and whole is not None and body.region is None and days == (whole.start, whole.end):
        message = f"The target of all of {body.framework} everywhere is that of the item {body.code}: set it there."
        faults.add("period", "framework.whole-target", message)
    if item is not None and item.measure == QUALITATIVE:
        faults.add("target", "framework.qualitative", f"{body.code} is told in words: it has no target in numbers.")
    faults.refuse()
    if item is None or period is None:
        raise AssertionError("an unknown item or period is a fault")
    standing = queries.find_target(session, key(item), period, body.region or "")
    row = standing or FrameworkTarget(
        item_id=key(item),
        period_start=period.start,
        period_end=period.end,
        region=body.region or "",
        target=body.target,
    )
    values = {name: value for name, value in sent(body).items() if name in ("target", "note")}
    changed = assign(row, values | {"archived_at": None})
    with session.no_autoflush:
        ask_thousands(row, "target", faults)
        faults.refuse()
    _refuse_changed(session, body.framework, pointer, changed=changed or standing is None)
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def archive_for_the_whole(session: Session, actor: Actor, row: Kept) -> None:
    """Archives what belongs to the whole organisation."""
    of_the_whole(actor)
    archiving.archive(session, row)


def restore_for_the_whole(session: Session, actor: Actor, row: Kept) -> None:
    of_the_whole(actor)
    archiving.restore(session, row)


def of_the_whole(actor: Actor) -> None:
    """The framework belongs to the whole organisation."""
    actor.require(Right.WRITE)
    actor.require_unit(None)


def _refuse_changed(session: Session, framework: str, pointer: str, *, changed: bool) -> None:
    if changed:
        with session.no_autoflush:
            refuse_closed(session, framework, "framework", pointer)


def _period(session: Session, text: str, faults: FaultList) -> Period | None:
    try:
        return parse_period(text, calendar_of(the_setup(session)))
    except PeriodError as error:
        message = str(error)
        faults.add("period", "period", f"{message[0].upper()}{message[1:]}.")
        return None
