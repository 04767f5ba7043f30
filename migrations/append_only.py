"""Tables whose rows are appended and never changed: the database itself refuses updates and deletions."""

from alembic import op

_FUNCTION = """
CREATE OR REPLACE FUNCTION earmark_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are appended and never changed', TG_TABLE_NAME;
END
$$
"""


def guard(table: str) -> None:
    """Updates and deletions of rows of ``table`` fail from now on."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION earmark_refuse_change()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are appended and never changed'); END"
        )


def unguard(table: str) -> None:
    """Takes the guard away, before the table itself goes."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS {table}_append_only_{event}")
