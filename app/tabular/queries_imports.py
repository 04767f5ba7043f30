"""Statements about tables that were imported, and about the keys of their rows."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, column, delete, exists, func, select, true, update
from sqlmodel import Session

from app.db.among import array_of, chunks
from app.db.base import table
from app.db.imports import TableImport, TableImportLine
from app.db.projects import Project
from app.db.spending import Encumbrance, LedgerEntry
from app.db.types import Code
from app.domain.money import plain

_line = table(TableImportLine)
#: tables whose rows are compared by their document
_KEPT = {"transactions": table(LedgerEntry), "encumbrances": table(Encumbrance)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """A row of the last file that the new one lacks, as it is kept."""

    document: str
    project: str
    date: dt.date
    amount: Decimal
    currency: str

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "project": self.project,
            "date": self.date.isoformat(),
            "amount": plain(self.amount),
            "currency": self.currency,
        }


def newest_import(session: Session, kind: str, source: str) -> TableImport | None:
    """The file of a source that went in last."""
    made = table(TableImport).c
    return session.scalars(
        select(TableImport).where(made.kind == kind, made.source == source).order_by(made.id.desc()).limit(1)
    ).first()


def rows_of(session: Session, import_id: int, keys: Collection[str]) -> dict[str, int]:
    """Numbers of the rows that an import has noted already, by their keys."""
    made = _rows_each if session.get_bind().dialect.name == "postgresql" else _rows_listed
    return {key: row for part in chunks(keys) for key, row in session.execute(made(import_id, part)).all()}


def _rows_listed(import_id: int, keys: list[str]) -> Select[tuple[str, int]]:
    return select(_line.c.key, _line.c.row).where(_line.c.import_id == import_id, _line.c.key.in_(keys))


def _rows_each(import_id: int, keys: list[str]) -> Select[tuple[str, int]]:
    """Each key by itself: of a list PostgreSQL takes the index for the import alone, and looks at all its rows for each
    thousand of them."""
    asked = func.unnest(array_of(keys)).table_valued(column("key", Code), name="asked").render_derived()
    noted = select(_line.c.row).where(_line.c.import_id == import_id, _line.c.key == asked.c.key)
    line = noted.limit(1).lateral("line")
    return select(asked.c.key, line.c.row).select_from(asked.join(line, true()))


def count_lines(session: Session, import_id: int) -> int:
    return session.scalar(select(func.count()).where(_line.c.import_id == import_id)) or 0


def in_both(session: Session, last: int, this: int) -> int:
    """How many keys stand in both imports."""
    other = _line.alias("other")
    same = exists(select(other.c.id).where(other.c.import_id == this, other.c.key == _line.c.key))
    return session.scalar(select(func.count()).select_from(_line).where(_line.c.import_id == last, same)) or 0


def absent(session: Session, kind: str, last: int, this: int, most: int) -> list[Absent]:
    """Rows of the last import that this one lacks, in the order of the last file."""
    other, kept, project = _line.alias("other"), _KEPT[kind], table(Project).c
    same = exists(select(other.c.id).where(other.c.import_id == this, other.c.key == _line.c.key))
    found = (
        select(kept.c.document, project.code, kept.c.date, kept.c.amount, kept.c.currency)
        .select_from(_line)
        .join(kept, kept.c.document == _line.c.key)
        .join(project.id.table, project.id == kept.c.project_id)
        .where(_line.c.import_id == last, ~same)
        .order_by(_line.c.row)
        .limit(most)
    )
    return [
        Absent(document=document, project=code, date=date, amount=amount, currency=currency)
        for document, code, date, amount, currency in session.execute(found)
    ]


def absent_keys(session: Session, last: int, this: int) -> list[str]:
    """The keys of all rows of the last import that this one lacks."""
    other = _line.alias("other")
    same = exists(select(other.c.id).where(other.c.import_id == this, other.c.key == _line.c.key))
    return list(session.scalars(select(_line.c.key).where(_line.c.import_id == last, ~same).order_by(_line.c.row)))


def carry_binding(session: Session, last: int, this: int) -> None:
    """Keeps with this import the encumbrances that it lacks and that still bind: they are missing until they end."""
    other, kept = _line.alias("other"), table(Encumbrance).c
    same = select(other.c.key).where(other.c.import_id == this)
    binding = select(kept.document).where(kept.released_on.is_(None), kept.archived_at.is_(None))
    session.execute(
        update(_line)
        .where(_line.c.import_id == last, _line.c.key.not_in(same), _line.c.key.in_(binding))
        .values(import_id=this, row=0)
    )


def forget_lines(session: Session, import_id: int) -> None:
    session.execute(delete(_line).where(_line.c.import_id == import_id))
