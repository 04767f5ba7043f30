"""Country programmes: what goes in and comes out, and the rules of their change."""

import datetime as dt

from pydantic import Field
from sqlmodel import Session

from app.db import archiving
from app.db.lookups import row_by
from app.db.programmes import CountryProgramme
from app.db.put import Put, assign, code_remarks
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.domain.programmes import Alignment, unnamed_framework
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import Day, FaultList, Input, Line, ListCode, ListTerm, Reference, StartDay, Text, sent


class CountryProgrammeIn(Input):
    """What a country and the organisation have agreed on for some years. Table: ``country-programmes``.

    Projects belong to it that name its code as their country programme.
    """

    code: Reference = Field(description="Its code", examples=["KEN-2024-27"])
    title: Line = Field(description="Title", examples=["Decent work country programme Kenya 2024–2027"])
    country: ListTerm = Field(description="Country", examples=["KE"])
    starts_on: StartDay | None = Field(default=None, description="First day", examples=["2024-01-01"])
    ends_on: Day | None = Field(default=None, description="Last day", examples=["2027-12-31"])
    priorities: list[Line] | None = Field(
        default=None,
        max_length=50,
        description="What it is to bring about first",
        examples=["Rights at work|Jobs for young people"],
    )
    cooperation_framework: Line | None = Field(
        default=None, description="United Nations cooperation framework of the country", examples=["UNSDCF 2022–2026"]
    )
    alignment: Alignment | None = Field(
        default=None,
        description="How it goes together with that framework: aligned, partly or not-aligned",
        examples=["aligned"],
    )
    steering_body: Line | None = Field(
        default=None, description="Who steers it", examples=["Tripartite steering committee"]
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class CountryProgrammeOut(Output):
    id: int
    code: str
    title: str
    country: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    priorities: list[str]
    cooperation_framework: str | None
    alignment: Alignment | None
    steering_body: str | None
    projects: int = Field(description="how many projects belong to it")
    note: str | None
    version: int
    archived_at: dt.datetime | None


class CountryProgrammePage(KeptPage):
    """Filters of country programmes."""

    country: ListCode | None = None
    alignment: Alignment | None = None


def put_programme(
    session: Session, actor: Actor, body: CountryProgrammeIn, *, pointer: str = ""
) -> Put[CountryProgramme]:
    """Creates the country programme of this code, or changes what differs."""
    actor.require(Right.WRITE)
    faults, remarks = FaultList(pointer), FaultList(pointer)
    if not known_code("Country", body.country):
        faults.add("country", "country.unknown", unlisted("Country", body.country))
    standing = row_by(session, CountryProgramme, "code", body.code)
    row = standing or CountryProgramme(code=body.code, title=body.title, country=body.country)
    values = {name: value for name, value in sent(body).items() if name != "code"}
    if values.get("priorities", ()) is None:
        values["priorities"] = []
    starts_on, ends_on = values.get("starts_on", row.starts_on), values.get("ends_on", row.ends_on)
    if starts_on and ends_on and ends_on < starts_on:
        faults.add("ends_on", "dates-in-order", "The country programme ends before it starts.")
    faults.refuse()
    changed = assign(row, values | {"archived_at": None})
    session.add(row)
    session.flush()
    if standing is None:
        remarks.found.extend(code_remarks(row.code, pointer))
    if remark := unnamed_framework(row.alignment, row.cooperation_framework):
        remarks.add("cooperation_framework", "programme.framework-unnamed", f"{row.code}: {remark}")
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged", tuple(remarks.found))


def archive_programme(session: Session, actor: Actor, row: CountryProgramme) -> None:
    actor.require(Right.WRITE)
    archiving.archive(session, row)


def restore_programme(session: Session, actor: Actor, row: CountryProgramme) -> None:
    actor.require(Right.WRITE)
    archiving.restore(session, row)
