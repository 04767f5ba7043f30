"""Finds rows by what people call them: the set-up, rows by code, organisations by partner code, identifier or name."""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import cast, select
from sqlmodel import Session

from app.db.base import Row, table
from app.db.identified import is_identified_by
from app.db.organisation import Officer, Setup, Unit
from app.db.partners import Organisation, Partner, name_key
from app.db.together import batch_of
from app.db.types import Code
from app.domain.periods import FiscalCalendar
from app.errors import NotSetUp

RowType = TypeVar("RowType", bound=Row)

#: what many records name, and few of them change while records come in
_NAMED_OFTEN = (Unit, Officer)
_KEPT = "lookups"


@contextmanager
def keeping_lookups(session: Session) -> Iterator[None]:
    """Units and officers that were found stay at hand, and so do the set-up and its organisation: for long imports."""
    session.info[_KEPT] = {}
    # the session itself keeps rows only as long as somebody refers to them
    setup = session.get(Setup, 1)
    organisation = setup and session.get(Organisation, setup.organisation_id)
    try:
        yield
    finally:
        del session.info[_KEPT], setup, organisation


def _identified_otherwise(session: Session, text: str) -> Organisation | None:
    """The one organisation that a text names by its identifier in other letters, or by a former one."""
    same = is_identified_by(table(Organisation), cast(text, Code))
    found = session.scalars(select(Organisation).where(same).limit(2)).all()
    return found[0] if len(found) == 1 else None


def kept_lookups(session: Session) -> dict[Any, Any] | None:
    """What an import keeps at hand while it lasts, by whatever keeps it; None outside of one."""
    kept: dict[Any, Any] | None = session.info.get(_KEPT)
    return kept


def the_setup(session: Session) -> Setup:
    """The organisation's own set-up; ``NotSetUp`` before ``earmark init``."""
    if (found := session.get(Setup, 1)) is None:
        raise NotSetUp("Tell Earmark who the organisation is first: run `earmark init`.")
    return found


def closed_over(session: Session, *days: dt.date | None) -> dt.date | None:
    """Until when the books are closed, where one of the days lies in the time that is closed; else None."""
    closed = the_setup(session).closed_until
    return closed if closed is not None and any(day is not None and day <= closed for day in days) else None


def rows_by(
    session: Session, row_class: type[RowType], column: str, values: Collection[str | None]
) -> dict[str, RowType]:
    """Rows whose ``column`` holds one of the values, by that value. One query, or none when there is no value.

    In a batch values that were all read ahead are not asked for again, and what the batch has added is among them.
    """
    if (batch := batch_of(session)) is not None:
        known = batch.known(row_class, column, values)
        if known is not None:
            return known
    wanted = {value for value in values if value}
    kept: dict[str, RowType] = {}
    if row_class in _NAMED_OFTEN and _KEPT in session.info:
        kept = session.info[_KEPT].setdefault((row_class, column), {})
    found = {
        value: kept[value]
        for value in wanted & kept.keys()
        # one that was made and taken back, or is called otherwise by now, is looked for anew
        if kept[value] in session and getattr(kept[value], column) == value
    }
    if missing := sorted(wanted - found.keys()):
        rows = session.scalars(select(row_class).where(table(row_class).c[column].in_(missing)))
        found |= {getattr(row, column): row for row in rows}
        kept |= found
    return found


def row_by(session: Session, row_class: type[RowType], column: str, value: str | None) -> RowType | None:
    """The row whose unique ``column`` holds the value."""
    return rows_by(session, row_class, column, (value,)).get(value or "")


def organisation_named(session: Session, text: str) -> Organisation:
    """The organisation that a text names: code of a partner, identifier, or name; made when nobody knows it yet.

    An identifier in other letters is the same one, and so is one that an organisation had before.
    """
    partner = row_by(session, Partner, "code", text)
    if partner is not None:
        return session.get_one(Organisation, partner.organisation_id)
    if (found := row_by(session, Organisation, "identifier", text)) is not None:
        return found
    organisation = table(Organisation).c
    named = session.scalars(
        select(Organisation)
        .where(organisation.name_key == name_key(text))
        .order_by(organisation.identifier.is_(None), organisation.id)
        .limit(1)
    ).first()
    named = named or _identified_otherwise(session, text)
    if named is not None:
        return named
    made = Organisation(name=text, name_key=name_key(text))
    session.add(made)
    session.flush()
    return made


def calendar_of(setup: Setup) -> FiscalCalendar:
    """How the organisation counts its years."""
    return FiscalCalendar(
        first_month=setup.fiscal_year_start,
        biennium_begins="even" if setup.biennium_starts_even else "odd",
    )
