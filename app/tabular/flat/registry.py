"""All flat tables, those that others refer to first, and the day that they are looked from."""

import datetime as dt

from sqlmodel import Session

from app.db.engine import Database
from app.db.lookups import the_setup
from app.db.rates import stored_rates
from app.errors import NotFound
from app.evaluations.obligations.fresh import fresh
from app.tabular.flat import followup, money, records
from app.tabular.flat.shape import FlatTable, Outlook

FLAT_TABLES: tuple[FlatTable, ...] = (
    records.UNIT,
    records.OFFICER,
    records.PARTNER,
    records.AGREEMENT,
    records.ACTIVITY,
    records.COUNTRY,
    records.REGION,
    records.SECTOR,
    records.POLICY_MARKER,
    records.TAG,
    records.PARTICIPANT,
    records.LOCATION,
    records.RELATED,
    money.FUNDING_SHARE,
    money.INSTALMENT,
    money.ALLOCATION,
    money.TRANSACTION,
    money.ENCUMBRANCE,
    money.RATE,
    money.DELIVERY_MONTH,
    *followup.TABLES,
)


def flat_table(name: str) -> FlatTable:
    """The flat table of that name; ``NotFound`` names the others."""
    for each in FLAT_TABLES:
        if each.name == name:
            return each
    raise NotFound(f"There is no flat table {name!r}. Tables: {', '.join(each.name for each in FLAT_TABLES)}.")


def outlook(session: Session, *, as_of: dt.date | None, today: dt.date) -> Outlook:
    """What the tables are read with. Two statements."""
    return Outlook(as_of=as_of, today=today, currency=the_setup(session).currency, rates=stored_rates(session))


def freshen(database: Database, table: FlatTable | None, today: dt.date) -> None:
    """Has what the table (None: every one) reads follow the facts; call it before taking the snapshot."""
    if table is None or table.of_obligations:
        fresh(database, today)
