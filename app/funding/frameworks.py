"""Framework agreements, and whether the agreements under them keep to them."""

import datetime as dt
from decimal import Decimal

from pydantic import Field
from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.funding import Agreement, FrameworkAgreement
from app.db.lookups import row_by
from app.db.partners import Partner
from app.db.put import Put, assign
from app.domain.access import Actor, Right
from app.domain.frameworks import outside_of
from app.funding.schemas import AmountAboveZero
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Currency, Day, FaultList, Input, Line, Reference, StartDay, Text, sent


class FrameworkAgreementIn(Input):
    """An agreement with a partner under which others are signed. Table: ``framework-agreements``.

    Agreements belong to it that name its code as their framework.
    """

    code: Reference = Field(description="Its reference", examples=["NLD-FRAMEWORK-2026"])
    partner: CodeText = Field(description="Code of the partner", examples=["NLD"])
    title: Line = Field(description="Title", examples=["Partnership programme 2026–2029"])
    starts_on: StartDay | None = Field(default=None, description="First day", examples=["2026-01-01"])
    ends_on: Day | None = Field(default=None, description="Last day", examples=["2029-12-31"])
    themes: list[Line] | None = Field(default=None, max_length=50, description="Themes that it is about")
    ceiling: AmountAboveZero | None = Field(
        default=None, description="What the agreements under it may come to together, gross", examples=["50000000"]
    )
    currency: Currency | None = Field(default=None, description="Currency of the ceiling", examples=["EUR"])
    note: Text | None = Field(default=None, description="Internal note, never published")


class FrameworkAgreementOut(Output):
    id: int
    code: str
    partner: str
    title: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    themes: list[str]
    ceiling: Decimal | None
    currency: str | None
    agreements: int = Field(description="how many agreements name it as their framework")
    note: str | None
    version: int
    archived_at: dt.datetime | None


class FrameworkAgreementPage(KeptPage):
    """Filters of framework agreements."""

    partner: CodeText | None = None


def put_framework_agreement(
    session: Session, actor: Actor, body: FrameworkAgreementIn, *, pointer: str = ""
) -> Put[FrameworkAgreement]:
    """Creates the framework agreement of this code, or changes what differs."""
    actor.require(Right.WRITE)
    found = FaultList(pointer)
    partner = row_by(session, Partner, "code", body.partner)
    if partner is None:
        found.add("partner", "partner.unknown", f"There is no partner {body.partner}.")
    standing = row_by(session, FrameworkAgreement, "code", body.code)
    row = standing or FrameworkAgreement(code=body.code, partner_id=0, title=body.title)
    values = {name: value for name, value in sent(body).items() if name not in ("code", "partner")}
    after = {name: values.get(name, getattr(row, name)) for name in ("starts_on", "ends_on", "ceiling", "currency")}
    if (after["ceiling"] is None) != (after["currency"] is None):
        found.add("currency", "framework.ceiling", "A ceiling has a currency: give both or none.")
    if after["starts_on"] and after["ends_on"] and after["ends_on"] < after["starts_on"]:
        found.add("ends_on", "dates-in-order", "The framework agreement ends before it starts.")
    if body.ceiling is not None and body.currency is not None:
        found.ask_thousands("ceiling", body.ceiling, body.currency)
    found.refuse()
    if partner is None:
        raise AssertionError("an unknown partner is a fault")
    if values.get("themes", ()) is None:
        values["themes"] = []
    changed = assign(row, values | {"partner_id": key(partner), "archived_at": None})
    session.add(row)
    session.flush()
    return Put(row, "created" if standing is None else "updated" if changed else "unchanged")


def archive_framework_agreement(session: Session, actor: Actor, row: FrameworkAgreement) -> None:
    actor.require(Right.WRITE)
    archiving.archive(session, row)


def restore_framework_agreement(session: Session, actor: Actor, row: FrameworkAgreement) -> None:
    actor.require(Right.WRITE)
    archiving.restore(session, row)


def remark(session: Session, agreement: Agreement, found: FaultList) -> None:
    """Remarks an agreement that does not keep to the framework agreement whose code it names."""
    framework = row_by(session, FrameworkAgreement, "code", agreement.framework) if agreement.framework else None
    if framework is None or framework.archived_at is not None:
        return
    if outside := outside_of(framework.starts_on, framework.ends_on, agreement.starts_on, agreement.ends_on):
        found.add("ends_on", "agreement.outside-framework", f"{agreement.reference} {outside} {framework.code}.")
    if framework.partner_id != agreement.partner_id:
        partner = session.get_one(Partner, framework.partner_id).code
        message = f"{framework.code} is an agreement with {partner}: {agreement.reference} has another partner."
        found.add("framework", "agreement.other-framework-partner", message)
