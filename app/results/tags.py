"""Tags of records to a results framework, and the crosswalk that carries them to the next one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import Field
from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.frameworks import FrameworkTag, FrameworkWay
from app.db.lookups import calendar_of, row_by, the_setup
from app.db.projects import Project
from app.db.put import Put, assign
from app.domain.access import Actor, Right
from app.domain.crosswalk import Way, carry, ways_by_source
from app.domain.periods import Period, PeriodError
from app.domain.written_periods import parse_period
from app.errors import Fault, InvalidInput
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, FaultList, Input, Line, ListCode, PeriodText, Reference, Text
from app.results import queries_frameworks as queries
from app.results.frameworks import item_named, of_the_whole, period_of_framework
from app.results.queries_frameworks import TagRecord


class FrameworkTagIn(Input):
    """What a project, a country programme or an allocation works towards. Table: ``framework-tags``.

    An allocation is named by its project and fiscal year, and by its source where others have the same year.
    """

    framework: Reference = Field(description="Framework", examples=["2026-27"])
    code: ListCode = Field(description="Code of the item, or level:code where two levels have it", examples=["1.1"])
    project: CodeText | None = Field(default=None, description="Code of the project", examples=["RAF/20/50/NLD"])
    country_programme: Reference | None = Field(default=None, description="Code of the country programme")
    fiscal_year: PeriodText | None = Field(
        default=None, description="Period of the allocations of the project that are meant", examples=["2026"]
    )
    source: Line | None = Field(default=None, description="Source of these allocations", examples=["RB"])
    note: Text | None = Field(default=None, description="Internal note")


class FrameworkTagOut(Output):
    id: int
    framework: str
    level: str
    code: str
    title: str
    project: str | None
    country_programme: str | None
    period_start: dt.date | None
    period_end: dt.date | None
    source: str
    note: str | None
    version: int
    archived_at: dt.datetime | None


class FrameworkTagPage(KeptPage):
    """Filters of tags."""

    framework: Reference | None = None
    project: CodeText | None = None
    country_programme: Reference | None = None


class FrameworkWayIn(Input):
    """What an item of one framework has become in another. Table: ``framework-crosswalk``.

    A way without an end says that the item was given up.
    """

    from_framework: Reference = Field(description="Framework of the item", examples=["2024-25"])
    from_code: ListCode = Field(description="Its code, or level:code where two levels have it", examples=["1.1"])
    to_framework: Reference = Field(description="Framework that follows", examples=["2026-27"])
    to_code: ListCode | None = Field(default=None, description="What it has become; none: given up", examples=["1.2"])
    note: Text | None = Field(default=None, description="Internal note")


class FrameworkWayOut(Output):
    id: int
    from_framework: str
    from_code: str
    to_framework: str
    to_code: str | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class FrameworkWayPage(KeptPage):
    """Filters of the crosswalk."""

    from_framework: Reference | None = None
    to_framework: Reference | None = None


class CarryIn(Input):
    """From which framework to which tags are carried."""

    from_framework: Reference = Field(description="Framework whose tags are carried", examples=["2024-25"])
    to_framework: Reference = Field(description="Framework that follows", examples=["2026-27"])
    dry_run: bool = Field(default=False, description="Tell what would be carried, and store nothing")


class CarriedTag(Output):
    """A tag that was carried, or that could not be."""

    record: str = Field(description="project or country programme, and the allocation where one is meant")
    from_code: str
    to_code: str | None
    reason: str = Field(description="why it cannot be carried; empty when it was")


class CarryOut(Output):
    carried: list[CarriedTag]
    not_carried: list[CarriedTag]
    standing: int = Field(description="tags that the new framework had already")
    over: int = Field(description="tags of what ends before the new framework begins")


@dataclass(kw_only=True, slots=True)
class Carrying:
    """What came of carrying tags."""

    carried: list[CarriedTag] = field(default_factory=list)
    not_carried: list[CarriedTag] = field(default_factory=list)
    standing: int = 0
    over: int = 0

    def out(self) -> CarryOut:
        return CarryOut(carried=self.carried, not_carried=self.not_carried, standing=self.standing, over=self.over)


def put_tag(session: Session, actor: Actor, body: FrameworkTagIn, *, pointer: str = "") -> Put[FrameworkTag]:
    """Tags a project, a country programme or an allocation; a tag on record stays, with the note that is given."""
    actor.require(Right.WRITE)
    faults, remarks = FaultList(pointer), FaultList(pointer)
    item = item_named(session, body.framework, body.code, faults, "code")
    if (body.project is None) == (body.country_programme is None):
        faults.add("project", "tag.record", "Name a project or a country programme, and not both.")
    project = row_by(session, Project, "code", body.project)
    programme = queries.find_programme(session, body.country_programme) if body.country_programme else None
    if body.project and project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    if body.country_programme and programme is None:
        message = f"There is no country programme {body.country_programme}."
        faults.add("country_programme", "programme.unknown", message)
    period = _allocated(session, body, faults)
    faults.refuse()
    if item is None:
        raise AssertionError("an unknown item is a fault")
    if project is not None:
        actor.require_unit(project.unit_id)
        if period is not None and not queries.allocations_exist(session, key(project), period, body.source or ""):
            message = f"{project.code} has no allocation of {body.fiscal_year} {body.source or ''}".rstrip()
            remarks.add("fiscal_year", "tag.no-allocation", f"{message} on record yet.")
    tag = FrameworkTag(
        item_id=key(item),
        project_id=None if project is None else key(project),
        programme_id=None if programme is None else key(programme),
        period_start=None if period is None else period.start,
        period_end=None if period is None else period.end,
        source=body.source or "",
        note=body.note,
    )
    standing = queries.find_tag(session, tag)
    row = standing or tag
    values = {"archived_at": None} | ({"note": body.note} if "note" in body.model_fields_set else {})
    changed = assign(row, values)
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged", tuple(remarks.found))


def require_tag(session: Session, actor: Actor, row: FrameworkTag) -> None:
    """A tag belongs to the unit of its project."""
    actor.require(Right.WRITE)
    if row.project_id is not None:
        actor.require_unit(session.get_one(Project, row.project_id).unit_id)


def archive_tag(session: Session, actor: Actor, row: FrameworkTag) -> None:
    require_tag(session, actor, row)
    archiving.archive(session, row)


def restore_tag(session: Session, actor: Actor, row: FrameworkTag) -> None:
    require_tag(session, actor, row)
    archiving.restore(session, row)


def put_way(session: Session, actor: Actor, body: FrameworkWayIn, *, pointer: str = "") -> Put[FrameworkWay]:
    """Adds a way from an item of one framework to one of another; a way on record stays."""
    of_the_whole(actor)
    faults = FaultList(pointer)
    item = item_named(session, body.from_framework, body.from_code, faults, "from_code")
    to = item_named(session, body.to_framework, body.to_code, faults, "to_code") if body.to_code else None
    if body.from_framework == body.to_framework:
        faults.add("to_framework", "crosswalk.same", "A crosswalk leads to another framework.")
    faults.refuse()
    if item is None:
        raise AssertionError("an unknown item is a fault")
    to_id = None if to is None else key(to)
    standing = queries.find_way(session, key(item), body.to_framework, to_id)
    row = standing or FrameworkWay(from_item_id=key(item), to_framework=body.to_framework, to_item_id=to_id)
    changed = assign(row, {"archived_at": None} | ({"note": body.note} if "note" in body.model_fields_set else {}))
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def carry_tags(session: Session, actor: Actor, body: CarryIn) -> CarryOut:
    """Tags what goes on into the new framework by the ways of the crosswalk, and lists what cannot be carried.

    The outcome that a project states of itself is carried as a tag too. A second run carries nothing.

    :raises InvalidInput: where the new framework has no time, or there is no crosswalk at all.
    """
    of_the_whole(actor)
    whole = period_of_framework(session, body.to_framework)
    pairs = queries.ways_between(session, body.from_framework, body.to_framework)
    if whole is None:
        message = f"{body.to_framework} is not on record and its name tells no period: load it as a framework first."
        raise InvalidInput([Fault(pointer="/to_framework", rule="framework.unknown", message=message)])
    if not pairs:
        message = f"No crosswalk leads from {body.from_framework} to {body.to_framework}: load it first."
        raise InvalidInput([Fault(pointer="/from_framework", rule="crosswalk.missing", message=message)])
    ways = ways_by_source(Way(source=source, to=to) for source, to in pairs)
    done = Carrying()
    for tag in _tags_to_carry(session, body.from_framework):
        if tag.over or _before(tag.ends_on, whole) or _before(tag.period_end, whole):
            done.over += 1
            continue
        found = carry(tag.code, ways)
        item = None
        reason = found.reason
        if found.to is not None:
            faults = FaultList()
            item = item_named(session, body.to_framework, found.to, faults, "to_code")
            reason = " ".join(fault.message for fault in faults.found)
        told = CarriedTag(record=_record(tag), from_code=tag.code, to_code=found.to, reason=reason)
        if item is None:
            done.not_carried.append(told)
            continue
        row = FrameworkTag(
            item_id=key(item),
            project_id=tag.project_id,
            programme_id=tag.programme_id,
            period_start=tag.period_start,
            period_end=tag.period_end,
            source=tag.source,
        )
        if queries.find_tag(session, row) is not None:
            done.standing += 1
            continue
        done.carried.append(told)
        if not body.dry_run:
            session.add(row)
            session.flush()
    return done.out()


def _tags_to_carry(session: Session, framework: str) -> Iterator[TagRecord]:
    tagged = queries.tags_of(session, framework)
    yield from tagged
    whole = {tag.project_id for tag in tagged if tag.period_start is None}
    for stated in queries.stated_outcomes(session, framework):
        if stated.project_id not in whole:
            yield TagRecord(
                0, stated.outcome, stated.project_id, None, None, None, "", stated.project, None, stated.ends_on,
                stated.over,
            )  # fmt: skip


def _before(day: dt.date | None, whole: Period) -> bool:
    return day is not None and day < whole.start


def _record(tag: TagRecord) -> str:
    name = tag.project or tag.programme or ""
    if tag.period_start is None:
        return name
    return f"{name}, allocation of {tag.period_start} to {tag.period_end} {tag.source}".rstrip()


def _allocated(session: Session, body: FrameworkTagIn, faults: FaultList) -> Period | None:
    """The period of the allocations that are meant; None: the record as a whole."""
    if body.fiscal_year is None:
        if body.source is not None:
            faults.add("source", "tag.source", "Give the fiscal year of the allocations of this source too.")
        return None
    if body.project is None:
        faults.add("fiscal_year", "tag.allocation", "An allocation is one of a project: name the project.")
    try:
        period = parse_period(body.fiscal_year, calendar_of(the_setup(session)))
    except PeriodError as error:
        message = str(error)
        faults.add("fiscal_year", "period", f"{message[0].upper()}{message[1:]}.")
        return None
    whole = period_of_framework(session, body.framework)
    if whole is not None and not period.overlaps(whole):
        message = f"{body.fiscal_year} has no day of the framework: {whole.start} to {whole.end}."
        faults.add("fiscal_year", "framework.outside", message)
    return period
