"""Results on record: what goes in and comes out, and the rules of their change."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.lookups import calendar_of, row_by, rows_by, the_setup
from app.db.projects import Project
from app.db.put import Put, assign, code_remarks
from app.db.records import ResultRecord
from app.db.results import FrameworkItem
from app.domain.access import Actor, Right
from app.domain.achieved import Mark, as_seen
from app.domain.codes import known_code, sdg_list, unlisted
from app.domain.framework import INDICATOR
from app.domain.regions import INTERREGIONAL, REGIONS, region_of
from app.http.fields import Output, Small
from app.http.lists import KeptPage
from app.inputs import (
    CodeText,
    FaultList,
    Input,
    Line,
    ListCode,
    ListTerm,
    NewCode,
    PositiveAmount,
    Reference,
    Sent,
    Text,
    sent,
)
from app.results import queries_records as queries
from app.results.frameworks import item_named, refuse_closed, version_of
from app.results.queries_frameworks import find_programme
from app.results.schemas import Year

Target = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9a-z]{1,2})?$")]


class ResultRecordIn(Input):
    """A result achieved: one record for each, which counts once however many projects it names.

    Table: ``result-records``. Without a region it is that of the country.
    """

    reference: NewCode = Field(description="Reference by which it is known", examples=["R-2026-KEN-01"])
    framework: Reference = Field(description="Framework of the indicator", examples=["2026-27"])
    indicator: ListCode = Field(description="Code of the indicator", examples=["1.1.2"])
    year: Year = Field(description="Year in which it was achieved", examples=["2026"])
    country: ListTerm | None = Field(default=None, description="Country", examples=["KE"])
    region: ListCode | None = Field(default=None, description="Region; none: that of the country", examples=["africa"])
    projects: list[CodeText] | None = Field(
        default=None,
        max_length=100,
        description="Codes of the projects that brought it about",
        examples=["RAF/20/50/NLD"],
    )
    country_programme: Reference | None = Field(
        default=None, description="Code of the country programme", examples=["KEN-2024-27"]
    )
    sentence: Text = Field(description="What was achieved", examples=["The inspectorate adopted a plan of its own."])
    quantity: PositiveAmount | None = Field(
        default=None, description="How much of the indicator's unit it is; none: 1", examples=["1"]
    )
    gender_marker: Annotated[int, Field(ge=0, le=3)] | None = Field(
        default=None, description="Gender marker from 0 to 3", examples=["2"]
    )
    sdg: list[Target] | None = Field(
        default=None, max_length=50, description="SDG targets or goals", examples=["8.8|16.6"]
    )
    marks: list[Mark] | None = Field(
        default=None,
        max_length=10,
        description="disability, hiv, indigenous-peoples, crisis",
        examples=["disability|crisis"],
    )
    south_south: Line | None = Field(
        default=None, description="Form of South–South cooperation, where it is one", examples=["peer learning"]
    )
    sources: list[Line] | None = Field(
        default=None,
        max_length=50,
        description="Sources of funds behind it: RB, RBSA, XBDC or references of agreements (none: its projects' own)",
        examples=["RBSA"],
    )
    same_as: Reference | None = Field(
        default=None, description="Reference of the record that tells of the same result: this one does not count"
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class ResultRecordOut(Output):
    id: int
    reference: str
    framework: str
    indicator: str
    indicator_title: str
    year: int
    country: str | None
    region: str
    projects: list[str]
    country_programme: str | None
    sentence: str
    quantity: Decimal
    gender_marker: int | None
    sdg: list[str]
    marks: list[str]
    south_south: str | None
    sources: list[str]
    same_as: str | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class ResultRecordPage(KeptPage):
    """Filters of results on record."""

    framework: Reference | None = None
    indicator: ListCode | None = None
    outcome: ListCode | None = Field(default=None, description="beginning of the indicator's code")
    year: Small | None = None
    country: ListCode | None = None
    region: ListCode | None = None
    project: CodeText | None = None
    country_programme: Reference | None = None
    mark: Mark | None = None
    gender_marker: Small | None = None
    q: Line | None = Field(default=None, description="text in the sentence or the reference")


def put_record(session: Session, actor: Actor, body: ResultRecordIn, *, pointer: str = "") -> Put[ResultRecord]:
    """Creates the record of this reference, or changes what differs."""
    actor.require(Right.WRITE)
    faults, remarks = FaultList(pointer), FaultList(pointer)
    standing = row_by(session, ResultRecord, "reference", body.reference)
    item = item_named(session, body.framework, body.indicator, faults, "indicator")
    projects = rows_by(session, Project, "code", body.projects or ())
    values = _values(session, body, standing, faults)
    _check(session, body, item, projects, faults)
    faults.refuse()
    if item is None:
        raise AssertionError("an unknown indicator is a fault")
    before = set() if standing is None else queries.projects_of(session, key(standing))
    after = before if body.projects is None else {key(project) for project in projects.values()}
    require_sides(session, actor, before | after)
    row = standing or ResultRecord(
        reference=body.reference, item_id=key(item), year=body.year, region=INTERREGIONAL, sentence=body.sentence
    )
    former = None if standing is None else queries.framework_of(session, row.item_id)
    changed = assign(row, values | {"item_id": key(item), "archived_at": None})
    if changed or after != before or standing is None:
        with session.no_autoflush:
            for framework in sorted({former or body.framework, body.framework}):
                refuse_closed(session, framework, "framework", pointer)
    session.add(row)
    session.flush()
    if after != before:
        queries.link(session, key(row), before - after, after - before)
        row.version += 0 if changed or standing is None else 1
        session.flush()
        changed = True
    if standing is None:
        remarks.found.extend(code_remarks(row.reference, pointer, "reference"))
    for other in _alike(session, row, after):
        message = (
            f"{other} says the same of the same indicator and place in {row.year} and names another project: if it is "
            f"one result, name all projects in one record, or give same_as in the other, and it counts once."
        )
        remarks.add("sentence", "result.twice", message)
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged", tuple(remarks.found))


def archive_record(session: Session, actor: Actor, row: ResultRecord) -> None:
    require_change(session, actor, row)
    archiving.archive(session, row)


def restore_record(session: Session, actor: Actor, row: ResultRecord) -> None:
    require_change(session, actor, row)
    archiving.restore(session, row)


def require_change(session: Session, actor: Actor, row: ResultRecord) -> None:
    """Raises ``NotAllowed`` for who may not change it.

    :raises InvalidInput: when its framework is closed.
    """
    actor.require(Right.WRITE)
    require_sides(session, actor, queries.projects_of(session, key(row)))
    refuse_closed(session, queries.framework_of(session, row.item_id), "framework")


def require_sides(session: Session, actor: Actor, projects: Collection[int]) -> None:
    """Raises ``NotAllowed`` for who may not record what these projects achieved; of none it is the organisation's."""
    actor.require(Right.WRITE)
    if actor.of_a_unit:
        actor.require_unit(*(queries.units_of(session, projects) or {None}))


def _values(session: Session, body: ResultRecordIn, standing: ResultRecord | None, faults: FaultList) -> Sent:
    """The columns that the body sets."""
    values = {name: value for name, value in sent(body).items() if name not in _NAMED}
    for name in ("sdg", "marks", "sources"):
        if name in values:
            values[name] = [str(each) for each in values[name] or ()]
    if values.get("quantity", ...) is None:
        values["quantity"] = Decimal(1)
    if "country" in values or "region" in values or standing is None:
        country = values.get("country", standing and standing.country)
        values["region"] = body.region or (region_of(country) if country else (standing and standing.region))
        if values["region"] is None:
            faults.add("region", "result.place", "Give the country or the region in which it was achieved.")
    if "country_programme" in body.model_fields_set:
        programme = find_programme(session, body.country_programme) if body.country_programme else None
        values["programme_id"] = programme and programme.id
        if body.country_programme and programme is None:
            message = f"There is no country programme {body.country_programme}."
            faults.add("country_programme", "programme.unknown", message)
    if "same_as" in body.model_fields_set:
        other = row_by(session, ResultRecord, "reference", body.same_as)
        values["same_as_id"] = other and other.id
        _check_same(body, standing, other, faults)
    return values


#: what names other records, and is stored otherwise
_NAMED = frozenset(("reference", "framework", "indicator", "projects", "country_programme", "same_as", "region"))


def _check_same(
    body: ResultRecordIn, standing: ResultRecord | None, other: ResultRecord | None, faults: FaultList
) -> None:
    if body.same_as is None:
        return
    if other is None:
        faults.add("same_as", "result.unknown", f"There is no result {body.same_as}.")
    elif standing is not None and other.id == standing.id:
        faults.add("same_as", "result.same", "A record does not repeat itself: name the other one.")
    elif other.same_as_id is not None:
        faults.add("same_as", "result.same", f"{body.same_as} repeats another record itself: name that one.")


def _check(
    session: Session,
    body: ResultRecordIn,
    item: FrameworkItem | None,
    projects: Mapping[str, Project],
    faults: FaultList,
) -> None:
    if item is not None and item.level != INDICATOR:
        faults.add(
            "indicator", "result.indicator", f"{body.indicator} is no indicator: it is of the level {item.level}."
        )
    fiscal = calendar_of(the_setup(session))
    whole, year = version_of(session, body.framework, fiscal).period, fiscal.year(body.year)
    if whole is not None and not year.overlaps(whole):
        message = f"{body.year} is not within the framework {body.framework}: {whole.start} to {whole.end}."
        faults.add("year", "result.year", message)
    if body.country is not None and not known_code("Country", body.country):
        faults.add("country", "country.unknown", unlisted("Country", body.country))
    home = region_of(body.country)
    if body.region in REGIONS and body.country is not None and home not in (body.region, INTERREGIONAL):
        faults.add("region", "result.region", f"{body.country} lies in {home} and not in {body.region}.")
    for place, code in enumerate(body.projects or ()):
        if code not in projects:
            faults.add(f"projects/{place}", "project.unknown", f"There is no project {code}.")
    for place, target in enumerate(body.sdg or ()):
        if not known_code(sdg_list(target), target):
            faults.add(f"sdg/{place}", "code.unknown", f"{target} is neither a goal nor a target of the SDGs.")


def _alike(session: Session, row: ResultRecord, projects: Collection[int]) -> Sequence[str]:
    """References of records that say the same and name other projects."""
    if not projects or row.same_as_id is not None:
        return ()
    others = [other for other in queries.beside(session, row) if as_seen(other.sentence) == as_seen(row.sentence)]
    named = queries.projects_of_each(session, [other.id for other in others])
    return [other.reference for other in others if named.get(other.id) and named[other.id] != set(projects)]
