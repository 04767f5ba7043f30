"""Types of assistance: the organisation's own list, by which the ledger tells expenditure apart."""

import datetime as dt

from pydantic import Field
from sqlmodel import Session

from app.db import archiving
from app.db.lookups import row_by
from app.db.put import Put, assign, code_remarks
from app.db.spending import AssistanceType
from app.domain.access import Actor, Right
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import FaultList, Input, Line, NewCode, Text, sent
from app.spending import queries


class AssistanceTypeIn(Input):
    """A type of assistance. Table: ``assistance-types``, matched by its code."""

    code: NewCode = Field(description="Code that transactions carry", examples=["experts"])
    name: Line = Field(description="Name", examples=["Experts"])
    note: Text | None = Field(default=None, description="Internal note, never published")


class AssistanceTypeOut(Output):
    id: int
    code: str
    name: str
    note: str | None
    version: int
    archived_at: dt.datetime | None


class AssistanceTypePage(KeptPage):
    """Filters of types of assistance."""


def put_assistance_type(
    session: Session, actor: Actor, body: AssistanceTypeIn, *, pointer: str = ""
) -> Put[AssistanceType]:
    """Creates the type of this code, or changes what differs."""
    actor.require(Right.ADMINISTER)
    standing = row_by(session, AssistanceType, "code", body.code)
    row = standing or AssistanceType(code=body.code, name=body.name)
    changed = assign(row, sent(body) | {"archived_at": None})
    session.add(row)
    session.flush()
    if standing is None:
        return Put(row, "created", code_remarks(body.code, pointer))
    return Put(row, "updated" if changed else "unchanged")


def archive_assistance_type(session: Session, actor: Actor, row: AssistanceType) -> None:
    actor.require(Right.ADMINISTER)
    archiving.archive(session, row)


def restore_assistance_type(session: Session, actor: Actor, row: AssistanceType) -> None:
    actor.require(Right.ADMINISTER)
    archiving.restore(session, row)


def check(session: Session, code: str | None, found: FaultList) -> None:
    """Notes a type that the organisation's list does not hold; while there is no list, any word is one."""
    known = queries.assistance_codes(session) if code else []
    if code and known and code not in known:
        listed = ", ".join(known)
        message = f"{code} is not a type of assistance: write one of {listed}, or add it to the list."
        found.add("assistance", "assistance.unknown", message)
