"""Codes that records had before, for what was decided under them and stays as it was written.

A decision on an agreement says what the money is for by codes, and never changes. Read today it names what it named on
the day on which it was recorded, by the code that this has now.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import Recorded, column, table
from app.db.types import Code
from app.domain.purposes import Purpose, PurposeKind, read_purpose

#: kinds of records, beside those that money can be for, that decisions name by a code
OFFICER: Final = "officer"
PRESET: Final = "preset"
_PURPOSES: Final = frozenset(each.value for each in PurposeKind)


class RenamedCode(Recorded, table=True):
    """A record got another code at a moment; appended, never changed."""

    __tablename__ = "renamed_codes"

    #: a word of ``PurposeKind``, ``OFFICER`` or ``PRESET``
    kind: str = column(Code)
    former: str = column(Code)
    code: str = column(Code)


@dataclass(frozen=True, kw_only=True, slots=True)
class Renamings:
    """Every new code, in the order in which they were given."""

    given: Sequence[tuple[dt.datetime, str, str, str]] = ()

    def now(self, references: Iterable[str] | None, written_at: dt.datetime | None) -> tuple[str, ...]:
        """What references that were written at a moment name, as it is called now."""
        found = tuple(references or ())
        if not self.given or written_at is None:
            return found
        for at, kind, before, after in self.given:
            if at >= written_at and kind in _PURPOSES:
                found = tuple(called_now(reference, PurposeKind(kind), before, after) for reference in found)
        return tuple(dict.fromkeys(found))

    def code(self, kind: str, written: str | None, written_at: dt.datetime | None) -> str | None:
        """What a code of this kind that was written at a moment is now."""
        if written_at is not None:
            for at, renamed, before, after in self.given:
                if at >= written_at and (renamed, before) == (kind, written):
                    written = after
        return written


def called_now(reference: str, kind: PurposeKind, before: str, after: str) -> str:
    """A reference such as ``project:A``, with the new code where it names what got one."""
    purpose = read_purpose(reference)
    if purpose is None or (purpose.kind, purpose.code) != (kind, before):
        return reference
    return str(Purpose(kind=kind, code=after))


#: the transaction, and what was renamed by then
_KNOWN = "renamings"


def renamings(session: Session) -> Renamings:
    """All that got other codes; few ever do. It is read once in a transaction, for a table may hold many decisions."""
    transaction = session.get_transaction()
    kept: tuple[object, Renamings] | None = session.info.get(_KNOWN)
    if kept is not None and transaction is not None and kept[0] is transaction:
        return kept[1]
    row = table(RenamedCode).c
    rows = session.execute(select(row.recorded_at, row.kind, row.former, row.code).order_by(row.id)).all()
    found = Renamings(given=[(each.recorded_at, each.kind, each.former, each.code) for each in rows])
    session.info[_KNOWN] = session.get_transaction(), found
    return found


def note_renaming(session: Session, kind: str, before: str, after: str, by: str) -> None:
    """A record got another code now."""
    session.add(RenamedCode(kind=str(kind), former=before, code=after, recorded_by=by))
    session.info.pop(_KNOWN, None)
