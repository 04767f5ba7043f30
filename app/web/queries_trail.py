"""What the records are called that the audit trail tells of."""

from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Column, Table, select
from sqlmodel import Session

from app.db.among import among
from app.db.tables import metadata

#: the columns by which people know a row
KNOWN_BY = ("code", "reference", "document", "name", "title")
#: tables in which a code is nothing without what it is a code of, and many records have the same
KINDS = frozenset({"classifications", "lesson_tags"})
#: to what a record belongs that has no name of its own, the nearest first
_OWNERS = (
    "indicator_id", "result_id", "recommendation_id", "evaluation_id", "lesson_id", "share_id", "agreement_id",
    "project_id", "partner_id", "unit_id",
)  # fmt: skip


def names(
    session: Session, wanted: Mapping[str, Collection[int]]
) -> Mapping[tuple[str, int], Mapping[str, str | None]]:
    """By table and key the columns by which people know each record, archived ones among them.

    ``of`` is the name of what a record belongs to, where it has none of its own. One statement for each table.
    """
    found: dict[tuple[str, int], Mapping[str, str | None]] = {}
    for entity, keys in sorted(wanted.items()):
        table = metadata.tables.get(entity)
        if table is None or (not (own := _named_by(table)) and not _owner(table)):
            continue
        columns = [table.c.id, *own]
        statement = select(*columns)
        if owner := _owner(table):
            of = owner[1].alias("owner")
            further = [of.c[each.key].label(f"of_{each.key}") for each in _named_by(owner[1])]
            statement = select(*columns, *further).join_from(table, of, of.c.id == owner[0], isouter=True)
        for row in session.execute(statement.where(among(table.c.id, sorted(keys)))).mappings():
            whose = next((text for name, text in row.items() if name.startswith("of_") and text), None)
            found[entity, row["id"]] = {each.key: row[each.key] for each in own} | {"of": whose}
    return found


@cache
def _named_by(table: Table) -> tuple[Column[str], ...]:
    """Columns by which a row is known, the one that each has last: what stands behind it is not read."""
    found: list[Column[str]] = []
    if table.name in KINDS:
        found.append(table.c.kind)
    for name in KNOWN_BY:
        if name in table.c:
            found.append(table.c[name])
            if not table.c[name].nullable:
                break
    return tuple(found)


@cache
def _owner(table: Table) -> tuple[Column[int], Table] | None:
    """The column that says to what a row belongs, and that table; None where the row has a name of its own."""
    if _named_by(table) and table.name not in KINDS:
        return None
    for name in _OWNERS:
        if name in table.c and (keys := list(table.c[name].foreign_keys)):
            of = keys[0].column.table
            if _named_by(of):
                return table.c[name], of
    return None
