"""Checks of implementing partners on protection from abuse: entered here, asked for by whoever is paid."""

import datetime as dt

from pydantic import Field
from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.partners import Partner, ProtectionCheck
from app.db.put import Put, assign
from app.domain.access import Actor, Right
from app.domain.terms import ProtectionResult
from app.errors import Fault, InvalidInput
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Day, FaultList, Input, Line, Text, sent
from app.partners import queries


class ProtectionCheckOfPartnerIn(Input):
    """What a check of an implementing partner on protection from abuse came to."""

    checked_on: Day = Field(description="Day of the check", examples=["2026-05-11"])
    result: ProtectionResult = Field(
        description=f"One of {', '.join(result.value for result in ProtectionResult)}", examples=["passed"]
    )
    valid_until: Day | None = Field(
        default=None, description="Last day on which it holds; empty: until the next check", examples=["2028-05-10"]
    )
    reason: Line = Field(description="What it rests on", examples=["Policy and training seen on site"])
    note: Text | None = Field(default=None, description="Internal note, never published")


class ProtectionCheckIn(ProtectionCheckOfPartnerIn):
    """A check of an implementing partner. Table: ``protection-checks``, matched by partner and day."""

    partner: CodeText = Field(description="Code of the partner", examples=["NGO-1"])


class ProtectionCheckOut(Output):
    id: int
    partner: str
    checked_on: dt.date
    result: ProtectionResult
    valid_until: dt.date | None
    reason: str
    note: str | None
    version: int
    archived_at: dt.datetime | None


class ProtectionCheckPage(KeptPage):
    """Filters of checks."""


def put_protection_check(
    session: Session, actor: Actor, body: ProtectionCheckIn, *, today: dt.date, pointer: str = ""
) -> Put[ProtectionCheck]:
    """A check by partner and day."""
    partner = queries.partner_by_code(session, body.partner)
    if partner is None:
        message = f"There is no partner {body.partner}."
        raise InvalidInput([Fault(pointer=f"{pointer}/partner", rule="partner.unknown", message=message)])
    return set_protection_check(session, actor, partner, body, today=today, pointer=pointer)


def set_protection_check(
    session: Session,
    actor: Actor,
    partner: Partner,
    body: ProtectionCheckOfPartnerIn,
    *,
    today: dt.date,
    pointer: str = "",
) -> Put[ProtectionCheck]:
    """The same for a partner that is known."""
    actor.require(Right.WRITE)
    found = FaultList(pointer)
    if body.checked_on > today:
        found.add("checked_on", "date.future", "A check cannot lie in the future.")
    if body.valid_until is not None and body.valid_until < body.checked_on:
        found.add("valid_until", "dates-in-order", "The check would end before it was made.")
    found.refuse()
    standing = queries.find_protection_check(session, key(partner), body.checked_on)
    row = standing or ProtectionCheck(
        partner_id=key(partner), checked_on=body.checked_on, result=body.result, reason=body.reason
    )
    values = {name: value for name, value in sent(body).items() if name != "partner"}
    changed = assign(row, values | {"archived_at": None})
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def archive_protection_check(session: Session, actor: Actor, row: ProtectionCheck) -> None:
    actor.require(Right.WRITE)
    archiving.archive(session, row)


def restore_protection_check(session: Session, actor: Actor, row: ProtectionCheck) -> None:
    actor.require(Right.WRITE)
    archiving.restore(session, row)
