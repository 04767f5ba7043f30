"""Checks of a table in another form, on both databases."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op


def check_anew(table: str, checks: dict[str, str], *, optional: Mapping[str, bool] | None = None) -> None:
    """Puts checks (name → condition) in the place of those of the same names.

    ``optional`` says of columns whether they may be empty from now on.

    SQLite knows no such change, so its table is made anew: from its own words, because amounts have a collation that
    a table read back and described again would lose.
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for name, condition in checks.items():
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.create_check_constraint(op.f(name), table, condition)
        for name, may_be_empty in (optional or {}).items():
            op.alter_column(table, name, nullable=may_be_empty)
        return
    kept = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL")
    rows = connection.execute(kept, {"name": table}).all()
    (made,) = (row.sql for row in rows if row.type == "table")
    _, _, inside = made.partition("(")
    lines = [line for line in inside.rstrip().removesuffix(")").split("\n") if not any(name in line for name in checks)]
    lines = [_with(line, optional or {}) for line in lines]
    words = "\n".join(lines).rstrip().rstrip(",")
    added = ", \n".join(f"\tCONSTRAINT {name} CHECK ({condition})" for name, condition in checks.items())
    connection.exec_driver_sql(f"CREATE TABLE {table}_anew ({words}, \n{added}\n)")
    names = [column["name"] for column in sa.inspect(connection).get_columns(table)]
    before, after = (sa.table(name, *(sa.column(each) for each in names)) for name in (table, f"{table}_anew"))
    connection.execute(sa.insert(after).from_select(names, sa.select(before)))
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for row in rows:
        if row.type != "table":
            connection.exec_driver_sql(row.sql)


def _with(line: str, optional: Mapping[str, bool]) -> str:
    """A line of a table's words; of one of these columns as it may be empty or not."""
    for name, may_be_empty in optional.items():
        if line.strip().startswith((f"{name} ", f'"{name}" ')):
            plain = line.replace(" NOT NULL", "")
            return plain if may_be_empty else f"{plain.rstrip().removesuffix(',').rstrip()} NOT NULL, "
    return line
