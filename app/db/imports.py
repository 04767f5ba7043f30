"""Tables that were imported, so that the next file of the same source can be compared with the last one."""

from sqlalchemy import UniqueConstraint

from app.db.base import Recorded, Row, column, foreign
from app.db.types import Code


class TableImport(Recorded, table=True):
    """A file that went in."""

    __tablename__ = "table_imports"

    #: kind of table, such as transactions
    kind: str = column(Code)
    #: system or report that the file came from; empty: nobody said
    source: str = column(Code, default="")
    file: str = column()
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0


class TableImportLine(Row, table=True):
    """The key of a row of such a file. Only those of the newest file of each source are kept."""

    __tablename__ = "table_import_lines"
    __table_args__ = (UniqueConstraint("import_id", "key"),)

    import_id: int = foreign("table_imports.id", index=False)
    key: str = column(Code)
    #: number of the row in the file
    row: int
