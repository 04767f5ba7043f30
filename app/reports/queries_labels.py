"""The names of records that reports tell by their codes."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from app.db.base import Statement, table
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.language.i18n import in_language

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
#: where a record has its name in several languages
_TRANSLATIONS = {"project": _project.title_translations, "partner": _organisation.name_translations}
#: more codes than these are no condition of a statement: all names are read
_MOST = 2000


def all_names(session: Session, column: str, language: str = "") -> dict[str, str]:
    """Code → name of all that a column can hold, those that were archived too.

    Asking for a column that holds no codes of records is a programmer's fault.
    """
    return _named(session, _NAMES[column], _TRANSLATIONS.get(column), language)


def names_of_codes(session: Session, column: str, codes: Collection[str], language: str = "") -> dict[str, str] | None:
    """Code → name of what a column of a report holds; None where it holds none of records.

    ``language``: of the names where they have it; empty: the one that the record is kept in.
    """
    if (statement := _NAMES.get(column)) is None or not codes:
        return None
    if len(codes) <= _MOST:
        statement = statement.where(statement.selected_columns[0].in_(sorted(codes)))
    named = _named(session, statement, _TRANSLATIONS.get(column), language)
    return {code: name for code, name in named.items() if code in codes}


def _named(
    session: Session, statement: Statement, translations: ColumnElement[list[list[str]]] | None, language: str
) -> dict[str, str]:
    if translations is None or not language:
        return {row[0]: row[1] for row in session.execute(statement)}
    rows = session.execute(statement.add_columns(translations))
    return {row[0]: in_language(row[1], row[2], language) for row in rows}
