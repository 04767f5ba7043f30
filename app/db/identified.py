"""Which organisation an identifier names: the one that has it, or had it before.

Letters A to Z are the same large and small, as files write them both ways; all else is compared as it stands, so that
both databases say the same.
"""

from sqlalchemy import ColumnElement, FromClause, String, and_, cast, exists, func, or_, select

from app.db.json_lists import json_texts
from app.db.types import Code


def is_identified_by(
    organisation: FromClause, identifier: ColumnElement[str] | ColumnElement[str | None]
) -> ColumnElement[bool]:
    """Whether a row of organisations has the identifier, or had it before.

    ``identifier`` is of the type ``Code``: in other collations PostgreSQL takes more letters for the same.
    """
    sought, former = func.lower(identifier), organisation.c.former_identifiers
    said = json_texts(former).table_valued("value")
    told = func.lower(cast(said.c.value, Code))
    had = exists(select(said.c.value).where(told == sought).correlate_except(said))
    # hardly any organisation had another one: the lists are opened only where something stands in them
    return or_(
        func.lower(organisation.c.identifier) == sought,
        and_(cast(former, String) != "[]", had),
    )
