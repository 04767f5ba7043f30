"""What goes in and comes out about users, tokens, units, officers and the audit trail."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.terms import Role
from app.http.fields import Moment, Output, RemarkOut
from app.http.lists import KeptPage, Page
from app.inputs import AS_SEEN, CodeText, Day, Input, Line, ListCode, NewCode, Partial, Reference, Text

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$"), AS_SEEN]


class UnitIn(Input):
    """A responsible unit. Table: ``units``, matched by its code."""

    code: NewCode = Field(description="The unit's code", examples=["CO-LIMA"])
    name: Line = Field(description="Name", examples=["Country Office for the Andean Countries"])
    head: Line | None = Field(default=None, description="Name of its head")
    head_email: Email | None = Field(
        default=None, description="Address of its head, for alerts that nobody answered", examples=["head@example.org"]
    )
    region: Line | None = Field(default=None, description="Region it works in", examples=["americas"])
    note: Text | None = Field(default=None, description="Internal note")


class OfficerIn(Input):
    """A person who is named on projects. Table: ``officers``, matched by its code."""

    code: NewCode = Field(description="The officer's code", examples=["cej"])
    name: Line = Field(description="Name", examples=["Carmen Ejemplar"])
    email: Email = Field(description="Address, for alerts", examples=["carmen@example.org"])
    unit: CodeText = Field(description="Code of the unit", examples=["CO-LIMA"])
    note: Text | None = Field(default=None, description="Internal note")


class HandoverIn(Input):
    """The portfolio of one officer goes to another, all projects at once."""

    to: CodeText = Field(description="Code of the officer who takes over", examples=["dna"])
    decided_on: Day | None = Field(default=None, description="Day of the decision; empty: today")
    reason: Line = Field(description="Why", examples=["Left the organisation"])


class UserIn(Input):
    """A person or program that may use the service."""

    name: Reference = Field(description="Name, as it stands in the audit trail", examples=["carmen"])
    role: Role = Field(description=f"One of {', '.join(role.value for role in Role)}", examples=["officer"])
    unit: CodeText | None = Field(
        default=None, description="An officer of a unit may change that unit's projects only; empty: all projects"
    )
    officer: CodeText | None = Field(default=None, description="Code of the officer that the user is")


class TokenIn(Input):
    """A bearer token for a user."""

    user: Reference = Field(description="Name of the user", examples=["carmen"])
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="Days until it expires; empty: it does not"
    )


UnitPatch = Partial[UnitIn]
OfficerPatch = Partial[OfficerIn]
UserPatch = Partial[UserIn]


class UnitOut(Output):
    id: int
    code: str
    name: str
    head: str | None
    head_email: str | None
    region: str | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class UnitNewOut(UnitOut):
    """A unit that was added, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class OfficerOut(Output):
    id: int
    code: str
    name: str
    email: str
    unit: str
    note: str | None
    version: int
    archived_at: dt.datetime | None


class OfficerNewOut(OfficerOut):
    """An officer who was added, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class HandoverOut(Output):
    """Codes of the projects that changed hands."""

    projects: list[str]


class UserOut(Output):
    id: int
    name: str
    role: Role
    unit: str | None
    officer: str | None
    version: int
    archived_at: dt.datetime | None


class MeOut(Output):
    """The user whose token this is."""

    name: str
    role: Role
    unit: str | None = Field(description="code of the unit that limits what may be changed; null: none does")
    officer: str | None = Field(description="code of the officer that the user is")
    rights: list[str] = Field(description="read, write, evaluate, publish, administer")


class TokenOut(Output):
    id: int
    user: str
    hint: str = Field(description="its first characters")
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


class IssuedTokenOut(TokenOut):
    token: str | None = Field(description="the token itself, shown this once; null when the request is repeated")


class AuditEventOut(Output):
    """Who changed what, when, from what to what."""

    id: int
    at: dt.datetime
    actor: str
    action: str
    entity: str
    entity_id: str
    aggregate: str = Field(description="the chain the event belongs to, such as `project:17`")
    sequence: int
    before: dict[str, object] | None
    after: dict[str, object] | None
    previous_hash: str
    hash: str


class UnitPage(KeptPage):
    """Filters of units."""

    code: CodeText | None = None
    region: Line | None = None
    q: Line | None = Field(default=None, description="text in the code or the name")


class OfficerPage(KeptPage):
    """Filters of officers."""

    code: CodeText | None = None
    unit: CodeText | None = None
    email: Email | None = None
    q: Line | None = Field(default=None, description="text in the code or the name")


class UserPage(KeptPage):
    """Filters of users."""

    name: Reference | None = None
    role: list[Role] = Field(default=[], max_length=10)
    unit: CodeText | None = None


class TokenPage(Page):
    """Filters of tokens."""

    user: Reference | None = None
    revoked: bool = Field(default=False, description="also those that were revoked")


class AuditEventPage(Page):
    """Filters of the audit trail."""

    aggregate: ListCode | None = None
    entity: ListCode | None = Field(default=None, description="table of the row, such as `projects`")
    entity_id: ListCode | None = None
    actor: Reference | None = None
    action: ListCode | None = None
    at_from: Moment | None = None
    at_to: Moment | None = None
