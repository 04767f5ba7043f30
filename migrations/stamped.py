"""Tables on which remembered figures stand: the database itself notes each transaction that changes one of them.

What is noted is a chance number, by table. PostgreSQL adds a row for each transaction, so that writers never wait for
each other, and what a reader sees as the sum of a table's numbers tells which of those transactions it sees: whatever
the order in which they were stored, on the primary or a standby. Every twentieth writer folds what is stored and free
into one row with the same sum, modulo 2**62. SQLite has one writer, who replaces the one number of the table.

What is taken back, in part or whole, takes its note back with it. See ``app/db/unchanged.py``.

What is kept of projects is noted by portion as well: one number for five hundred projects whose keys follow each other,
whichever of their tables changed.
"""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# one note of a transaction is enough, since all of it is stored at one moment; a setting that is local goes back to
# what it was with a savepoint, as the note does. Rows that another fold holds are left to it.
_NOTE = """
    noted := coalesce(current_setting('earmark.noted', true), '');
    IF position(' ' || changed || ' ' IN noted) = 0 THEN
        PERFORM set_config('earmark.noted', noted || ' ' || changed || ' ', true);
        INSERT INTO stamps (kind, n) VALUES (changed, (random() * 4503599627370496)::bigint);
        IF random() < 0.05 AND current_setting('transaction_isolation') = 'read committed' THEN
            WITH folded AS (
                DELETE FROM stamps WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM stamps WHERE kind = changed FOR UPDATE SKIP LOCKED
                )) RETURNING n
            )
            INSERT INTO stamps (kind, n)
            SELECT changed, mod(sum(n), 4611686018427387904)::bigint FROM folded HAVING count(*) > 0;
        END IF;
    END IF;
"""
_FUNCTION = f"""
CREATE FUNCTION earmark_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text := TG_ARGV[0];
    noted text;
BEGIN
{_NOTE}
    RETURN NULL;
END
$$
"""
#: the last bits of a key that a portion leaves open; ``app/db/unchanged.py`` has the same
_BITS = 9
_KIND = "'portion ' || ({key} >> " + str(_BITS) + ")"
# the rows of a statement by the table that PostgreSQL hands over; of a table that is emptied it hands over none
_PORTIONS_FUNCTION = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
    noted text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stamps (kind, n) SELECT kind, (random() * 4503599627370496)::bigint
        FROM (SELECT DISTINCT kind FROM stamps WHERE kind LIKE 'portion %') AS portions;
        RETURN NULL;
    END IF;
    FOR changed IN SELECT DISTINCT {kind} FROM touched WHERE {key} IS NOT NULL LOOP
{note}
    END LOOP;
    RETURN NULL;
END
$$
"""


def begin() -> None:
    """Makes the place of the notes."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    # no table of records: it goes into no backup, and nobody asks for its rows
    op.create_table(
        "stamps",
        sa.Column("kind", sa.Text(), primary_key=not postgresql, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    )
    if postgresql:
        op.execute(_FUNCTION)
        # each write leaves a row behind that a fold deletes: what a reader walks over is kept short
        op.execute("ALTER TABLE stamps SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)")


def end() -> None:
    op.drop_table("stamps")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION earmark_stamp")


def stamp(table: str) -> None:
    """Changes of ``table`` are noted from now on. On SQLite also after a migration that made the table anew."""
    _note(table, f"{table}_stamped", table, "UPDATE")


def stamp_part(table: str, part: str, columns: Sequence[str]) -> None:
    """Notes, as ``table.part``, new and deleted rows of ``table`` and changes that name one of ``columns``."""
    _note(table, f"{table}_{part}_stamped", f"{table}.{part}", f"UPDATE OF {', '.join(columns)}")


def _note(table: str, name: str, kind: str, changed: str) -> None:
    first = f"VALUES ('{kind}', {secrets.randbits(62)})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"INSERT INTO stamps (kind, n) {first}")
        op.execute(
            f"CREATE TRIGGER {name} AFTER INSERT OR DELETE OR TRUNCATE OR {changed} ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION earmark_stamp('{kind}')"
        )
        return
    op.execute(f"INSERT OR REPLACE INTO stamps (kind, n) {first}")
    note = f"UPDATE stamps SET n = random() WHERE kind = '{kind}'"  # noqa: S608 - names of our own tables
    for event in ("INSERT", changed, "DELETE"):
        begun = event.partition(" ")[0].lower()
        op.execute(f"CREATE TRIGGER {name}_{begun} AFTER {event} ON {table} BEGIN {note}; END")


def unstamp(table: str, part: str = "") -> None:
    """Changes of ``table``, or of that part of it, are noted no more."""
    name, kind = (f"{table}_{part}_stamped", f"{table}.{part}") if part else (f"{table}_stamped", table)
    op.execute(f"DELETE FROM stamps WHERE kind = '{kind}'")  # noqa: S608 - names of our own tables
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        return
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS {name}_{event}")


def begin_portions() -> None:
    """Makes what :func:`stamp_portions` needs."""
    if op.get_bind().dialect.name == "postgresql":
        for function, key in _FUNCTIONS.items():
            kind = _KIND.format(key=key)
            op.execute(_PORTIONS_FUNCTION.format(function=function, key=key, kind=kind, note=_NOTE))


def number_portions(projects: str) -> None:
    """Gives each portion of what is there its first number; ``projects``: the table whose keys are told apart. Comes
    after its triggers, since nobody else adds to the table while they are made."""
    bind = op.get_bind()
    # names of our own tables
    found = bind.execute(sa.text(f"SELECT DISTINCT id >> {_BITS} FROM {projects}"))  # noqa: S608
    for number in sorted(row[0] for row in found):
        op.execute(f"INSERT INTO stamps (kind, n) VALUES ('portion {number}', {secrets.randbits(62)})")  # noqa: S608


def end_portions() -> None:
    op.execute("DELETE FROM stamps WHERE kind LIKE 'portion %'")
    if op.get_bind().dialect.name == "postgresql":
        for function in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}")


_FUNCTIONS = {"earmark_stamp_portions": "project_id", "earmark_stamp_portions_of_projects": "id"}


def stamp_portions(table: str) -> None:
    """Changes of ``table`` are noted from now on for the portions of projects that they are of. On SQLite also after a
    migration that made the table anew."""
    of_projects = table == "projects"
    key = "id" if of_projects else "project_id"
    if op.get_bind().dialect.name == "postgresql":
        (function,) = (name for name, of in _FUNCTIONS.items() if of == key)
        listed = [("INSERT", "NEW", "inserted"), ("UPDATE", "NEW", "updated"), ("DELETE", "OLD", "deleted")]
        if not of_projects:
            listed.append(("UPDATE", "OLD", "left"))
        for event, side, name in listed:
            op.execute(
                f"CREATE TRIGGER {table}_portioned_{name} AFTER {event} ON {table} "
                f"REFERENCING {side} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
        op.execute(
            f"CREATE TRIGGER {table}_portioned_emptied AFTER TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
        return
    # a portion begins with the first of its projects. It is looked for, because what a statement does about rows that
    # are there already would also be done here
    for event, sides in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
        notes = []
        for side in sides[-1:] if of_projects else sides:
            kind = _KIND.format(key=f"{side}.{key}")
            if of_projects and event == "INSERT":
                notes.append(
                    f"INSERT INTO stamps (kind, n) SELECT {kind}, random() "  # noqa: S608
                    f"WHERE NOT EXISTS (SELECT 1 FROM stamps WHERE kind = {kind});"
                )
            notes.append(f"UPDATE stamps SET n = random() WHERE kind = {kind};")  # noqa: S608
        op.execute(
            f"CREATE TRIGGER {table}_portioned_{event.lower()} AFTER {event} ON {table} BEGIN {' '.join(notes)} END"
        )


def unstamp_portions(table: str) -> None:
    """Changes of ``table`` are noted for portions no more."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("inserted", "updated", "deleted", "left", "emptied"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_portioned_{name} ON {table}")
        return
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS {table}_portioned_{event}")
