"""A small office into which tables go as people write them."""

import datetime as dt
from pathlib import Path

from app import demo
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.organisation.service import put_setup
from app.publishing.codes import code_checker, meant_code
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from app.tabular.settings import said
from tests.filled import filled

TODAY = dt.date(2026, 11, 20)

PARTNERS = "code,name,category\nNLD,Netherlands,government\n"


def small_office(database: Database, folder: Path) -> Database:
    """A database with an organisation, a partner and a project; codes are those of the standard."""

    def fill(database: Database) -> None:
        with database.write("anna") as session:
            put_setup(session, LOCAL, demo.ORGANISATION)
        assert load(database, "partners", PARTNERS.encode(), folder).faults == []
        assert load(database, "projects", b"code,title,status\nP/1,One,pipeline\n", folder).faults == []

    use_codelists(code_checker(None), meant_code)
    filled(database, fill)
    return database


def load(database: Database, name: str, content: bytes, folder: Path, **words: str | int) -> TableReport:
    path = folder / f"{name}.csv"
    path.write_bytes(content)
    settings = said(**words)  # type: ignore[arg-type]
    return import_table(database, LOCAL, kind(name), path, today=TODAY, settings=settings)


def messages(report: TableReport) -> str:
    return "\n".join(f"{fault.row} {fault.column} {fault.message}" for fault in report.faults)
