"""What is kept of a table that was handed in, and how the API shows it."""

import datetime as dt

from pydantic import Field

from app.http.fields import Output
from app.http.lists import Page
from app.inputs import Input, Line


class FaultTold(Output):
    """A fault at its place, with the value as it was typed."""

    row: int | None
    column: str
    value: str = Field(description="as it stands in the file; empty where the row as a whole is meant")
    rule: str
    message: str


class FieldChange(Output):
    """A field of a record, before and after."""

    name: str
    before: str
    after: str


class RecordChange(Output):
    """A record that a row makes or changes."""

    row: int
    key: str
    outcome: str = Field(description="created or updated")
    fields: list[FieldChange]


class Understood(Output):
    """A number or a day as it was typed, and as it was read."""

    row: int
    column: str
    form: str
    typed: str
    read: str


class UploadReport(Output):
    """What a check found, or what was stored."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = Field(default=0, description="rows that were left out because that was said")
    fault_count: int = 0
    faulty_rows: int = 0
    faults: list[FaultTold] = Field(default_factory=list, description="the first of them")
    findings: list[FaultTold] = Field(default_factory=list)
    records: list[RecordChange] = Field(default_factory=list, description="the first records that differ")
    record_count: int = 0
    understood: list[Understood] = Field(default_factory=list, description="some numbers and days, as they were read")
    decimal: str = ""
    grouping: str = ""
    dates: str = ""
    readable: bool = Field(default=True, description="false for what is no table at all")
    moved: bool = Field(default=False, description="what is stored had changed since the check, so nothing was stored")


class UploadOut(Output):
    """A table that was handed in."""

    id: int
    kind: str
    file: str
    size: int
    state: str = Field(description="waiting, checking, checked, ordered, storing, stored, failed or interrupted")
    handed_in_at: dt.datetime
    handed_in_by: str
    state_since: dt.datetime
    rows_done: int
    rows_all: int
    row_wise: bool
    why: str
    report: UploadReport


class UploadLine(Output):
    """A table that was handed in, in a list."""

    id: int
    kind: str
    file: str
    size: int
    state: str
    faults: int = Field(description="how many the check found")
    recorded_at: dt.datetime
    recorded_by: str


class UploadPage(Page):
    """Which of the tables that were handed in."""

    kind: str | None = Field(default=None, max_length=60)
    state: str | None = Field(default=None, max_length=20)


class UploadIn(Input):
    """A table, and how it is written."""

    kind: str = Field(max_length=60, description="Kind of table, as `/tables` lists them", examples=["projects"])
    file: Line = Field(description="What the file is called", examples=["projects.csv"])
    content: str = Field(
        max_length=200_000_000, description="The bytes of the file in Base64", examples=["Y29kZSx0aXRsZQpBLzEsTmV3Cg=="]
    )
    decimal: str | None = Field(default=None, max_length=20, description="The decimal sign", examples=[","])
    grouping: str | None = Field(default=None, max_length=20, description="The sign between thousands", examples=["."])
    dates: str | None = Field(default=None, max_length=20, description="The order of days", examples=["dmy"])
    hidden_rows: str | None = Field(default=None, max_length=20, description="Rows a workbook hides: read or skip")
    sheet: Line | None = Field(default=None, description="Sheet of a workbook")
    header_row: int | None = Field(default=None, ge=1, le=1_048_576, description="Row that names the columns")
    encoding: str | None = Field(default=None, max_length=40, description="Encoding of a text file")


class StoreIn(Input):
    """How a checked table is stored."""

    row_wise: bool = Field(default=False, description="keep the good rows although others have faults")
