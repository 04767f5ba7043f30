"""The names of records that reports tell by their codes."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation, Partner
from app.db.projects import Project

_unit, _officer, _project = table(Unit).c, table(Officer).c, table(Project).c
_partner, _organisation = table(Partner).c, table(Organisation).c

#: columns of reports → code and name of what they tell
_NAMES = {
    "unit": select(_unit.code, _unit.name),
    "officer": select(_officer.code, _officer.name),
    "owner": select(_officer.code, _officer.name),
    "project": select(_project.code, _project.title),
    "partner": select(_partner.code, _organisation.name).join(
        table(Organisation), _organisation.id == _partner.organisation_id
    ),
}
#: more codes than these are no condition of a statement: all names are read
_MOST = 2000


def all_names(session: Session, column: str) -> dict[str, str]:
    """Code → name of all that a column can hold, those that were archived too.

    Asking for a column that holds no codes of records is a programmer's fault.
    """
    return {row[0]: row[1] for row in session.execute(_NAMES[column])}


def names_of_codes(session: Session, column: str, codes: Collection[str]) -> dict[str, str] | None:
    """Code → name of what a column of a report holds; None where it holds none of records."""
    if (statement := _NAMES.get(column)) is None or not codes:
        return None
    if len(codes) <= _MOST:
        statement = statement.where(statement.selected_columns[0].in_(sorted(codes)))
    return {code: name for code, name in session.execute(statement) if code in codes}
