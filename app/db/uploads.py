"""Tables that people hand in with a browser or a program: the file, how it is written, and what came of it.

A file waits until a worker takes it, is checked without storing anything, and is stored when somebody says so. What
came of it stays; its bytes are removed after a while. None of these rows is audited: what a table changes is.
"""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.db.base import Recorded, Row, column, foreign, json_column, utc_now
from app.db.types import Code, UTCDateTime, json_object, one_of


class TableUpload(Recorded, table=True):
    """A file that was handed in as a table."""

    __tablename__ = "table_uploads"
    __table_args__ = (one_of("state", "waiting", "checking", "checked", "ordered", "storing", "stored", "failed"),)

    #: in whose name it is checked, and stored
    user_id: int = foreign("users.id")
    #: kind of table, such as projects
    kind: str = column(Code)
    file: str = column()
    #: of the file, in bytes
    size: int
    #: how it writes numbers and days: decimal, grouping, dates, presumed, hidden_rows, sheet, header_row, encoding
    written: dict[str, object] = json_column(json_object(), dict)
    state: str = column(Code, default="waiting")
    #: since when
    state_since: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    #: whether good rows are stored although others have faults
    row_wise: bool = False
    #: who works at it; empty: nobody did yet
    worker: str = column(default="")
    rows_done: int = 0
    rows_all: int = 0
    #: how many faults the check found
    faults: int = 0
    #: what the check found, or what was stored (``app.tabular.uploads.schemas.UploadReport``)
    report: dict[str, object] = json_column(json_object(), dict)
    #: of the differences that were shown: what is stored is what somebody has seen
    digest: str = column(Code, default="")
    #: why it failed
    why: str = column(default="")


class TableUploadPiece(Row, table=True):
    """A piece of such a file, in Base64."""

    __tablename__ = "table_upload_pieces"
    __table_args__ = (UniqueConstraint("upload_id", "ordinal"),)

    upload_id: int = foreign("table_uploads.id", ondelete="CASCADE", index=False)
    ordinal: int
    content: str = column()
