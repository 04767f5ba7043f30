"""What is said of a table that is handed in, what is kept of it, and how the API shows it."""

import datetime as dt
from typing import Literal

from pydantic import ConfigDict, Field

from app.domain.notation import DateOrder
from app.errors import Fault, InvalidInput, UsageError
from app.http.fields import Output
from app.http.lists import Page
from app.inputs import Input, Line
from app.tabular.settings import FileSettings, said


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


class WrittenIn(Input):
    """How a file is written; what is not said is told from the file, or refused with the question."""

    decimal: Literal[".", ",", "point", "comma"] | None = Field(default=None, description="The decimal sign")
    grouping: Literal[".", ",", "'", " ", "point", "comma", "space", "apostrophe", "none"] | None = Field(
        default=None, description="The sign between thousands"
    )
    dates: DateOrder | None = Field(default=None, description="The order of day, month and year")
    hidden_rows: Literal["read", "skip"] | None = Field(
        default=None, description="Rows a workbook hides or strikes through"
    )
    sheet: Line | None = Field(default=None, description="Sheet of a workbook")
    header_row: int | None = Field(default=None, ge=1, le=1_048_576, description="Row that names the columns")
    encoding: str | None = Field(
        default=None, max_length=40, description="Encoding of a text file, such as windows-1252"
    )

    def settings(self) -> FileSettings:
        """:raises InvalidInput: when they contradict each other, or no such encoding is known."""
        try:
            return said(
                decimal=self.decimal,
                grouping=self.grouping,
                dates=self.dates,
                encoding=self.encoding,
                header_row=self.header_row,
                sheet=self.sheet,
                hidden_rows=self.hidden_rows,
            )
        except UsageError as error:
            message = f"{error.message.replace('--', '').rstrip('.')}."
            raise InvalidInput([Fault(pointer="", rule="table.setting", message=message)]) from error


class UploadIn(WrittenIn):
    """A table, and how it is written."""

    kind: str = Field(max_length=60, description="Kind of table, as `/tables` lists them", examples=["projects"])
    file: Line = Field(description="What the file is called", examples=["projects.csv"])
    content: str = Field(
        max_length=200_000_000, description="The bytes of the file in Base64", examples=["Y29kZSx0aXRsZQpBLzEsTmV3Cg=="]
    )


class ImportQuery(WrittenIn):
    """How the file is written, and what is to come of it."""

    dry_run: bool = Field(default=False, description="tell what would happen; store nothing")
    row_wise: bool = Field(default=False, description="keep good rows; else all or none")
    release_vanished: bool = Field(
        default=False, description="of encumbrances: end today what the last file of the source had and this one lacks"
    )
    source: str | None = Field(default=None, max_length=200, description="system the file is from")
    file_name: str | None = Field(default=None, max_length=200, description="what the file is called")


class StoreIn(Input):
    """How a checked table is stored."""

    row_wise: bool = Field(default=False, description="keep the good rows although others have faults")


class Account(Output):
    """A part of the account of ``earmark import csv``, which leaves out what there is nothing of."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class RowFaultOut(Account):
    row: int | None = Field(default=None, description="row of the file, whose header is row 1")
    column: str | None = None
    pointer: str | None = None
    rule: str
    message: str


class SkippedOut(Output):
    """Rows that were left out because the mapping or an option says so."""

    rows: int
    first: int
    condition: str


class ChangedRowOut(Output):
    document: str
    row: int
    change: str


class AbsentRowOut(Output):
    document: str
    project: str
    date: str
    amount: str
    currency: str


class LastFileOut(Output):
    file: str
    at: str
    by: str
    rows: int


class DifferencesOut(Output):
    """What changed since the last file of the same source; lists end at a thousand, counts do not."""

    source: str
    since: LastFileOut | None
    common: int
    new: int
    changed: int
    changes: list[ChangedRowOut]
    missing: int
    absent: list[AbsentRowOut]
    released: int = Field(description="how many of the missing ones were ended, as was asked")


class TableReportOut(Account):
    """What an import did, or would do."""

    kind: str
    file: str
    rows: int
    created: int
    updated: int
    unchanged: int
    stored: bool
    faults: list[RowFaultOut]
    findings: list[RowFaultOut]
    skipped: list[SkippedOut] = Field(default_factory=list)
    differences: DifferencesOut | None = None
