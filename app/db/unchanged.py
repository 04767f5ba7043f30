"""What was read once and is known to stand, as long as nothing was stored in the tables that it was read from.

Who reads is watched: the tables that its statements name are those it stands on, so that nobody declares them, and
nobody can forget one. As long as these tables are what they were, the same statements give the same rows, and the same
rows lead to the same statements.

Every posting touches its project too, for what is published of it has changed. So of projects there are
further numbers, which leave alone what hardly any figure is made of (:data:`PARTS`), and count where a statement names
none of that.

How the tables stand is told by the database itself: each transaction that changes one leaves a chance number beside it,
by a trigger (``migrations/stamped.py``). What a snapshot sees as the sum of the numbers of a table stands for all that
was stored there, whoever stored it, on whichever machine, and in whatever order. So what was read of a standby, or
before a failover or a restore, is given again only to a snapshot that sees the same rows. One short statement of a
snapshot tells it, however much is asked for.

In a large portfolio somebody always stores something. What is a sum over projects is therefore known by portion of them
(:func:`known_by_portion`): a portion has a number of its own, and only those are read again of which anything was
stored, all of these together: how many statements that takes does not depend on how many portions there are.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import is_not
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

from app.db.engine import WRITE
from app.db.portions import BITS, Portions
from app.db.tables import metadata

Value = TypeVar("Value")

_VERSIONS = frozenset({"version", "updated_at", "content_version", "content_changed_at", "iati_remainder"})
_TEXTS = frozenset({"title", "title_translations", "description", "description_translations", "note"})
#: table → numbers that tell of its rows and of all columns but these, the narrowest first. The columns stand in the
#: triggers; a test compares them
PARTS = {"projects": (("projects.figures", _VERSIONS | _TEXTS), ("projects.words", _VERSIONS))}

#: what tells of keys, identifiers and reporting organisations of projects, and of nothing else of them
IDENTIFIERS, OF_IDENTIFIERS = "projects.identifiers", frozenset({"id", "iati_identifier", "reporting_org_id"})

_PORTION = "portion "

#: values that are kept of one database, and the rows in all of them
_MOST, _MOST_ROWS = 96, 400_000
#: under which name a session knows the tables that were read in it, and how the tables of its snapshot stand
_READ, _STAMPS = "earmark_read", "earmark_stamps"

_SUMS = {
    "sqlite": "SELECT kind, n FROM stamps",
    "postgresql": "SELECT kind, mod(sum(n), 4611686018427387904)::bigint FROM stamps GROUP BY kind",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A value, the tables that it was read from and how they stood."""

    value: object
    stamps: Mapping[str, int]
    rows: int


@dataclass(slots=True)
class _Kept:
    """What is known of one database, by name; the last one that was asked for stands at the end."""

    found: OrderedDict[str, _Found] = field(default_factory=OrderedDict)
    rows: int = 0
    lock: Lock = field(default_factory=Lock)

    def get(self, name: str, stamps: Mapping[str, int]) -> _Found | None:
        with self.lock:
            found = self.found.get(name)
            if found is None or not _holds(found.stamps, stamps):
                return None
            self.found.move_to_end(name)
            return found

    def put(self, name: str, new: _Found) -> None:
        with self.lock:
            if (old := self.found.pop(name, None)) is not None:
                self.rows -= old.rows
            self.found[name] = new
            self.rows += new.rows
            while len(self.found) > _MOST or (self.rows > _MOST_ROWS and len(self.found) > 1):
                self.rows -= self.found.popitem(last=False)[1].rows


_lock = Lock()
_of_databases: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def _one(_value: object) -> int:
    return 1


def known(
    session: Session, name: str, read: Callable[[Session], Value], *, rows: Callable[[Value], int | None] = _one
) -> Value:
    """What ``read`` gives of what the session sees; it is asked only where something it reads was stored since.

    ``name`` stands for the function and all its arguments; all that it reads it reads by the session that it is given,
    which sees the same. The value is shared and stays as it is. ``rows`` tells how much room it takes; None: it is too
    large, and is read each time. A session that writes reads for itself, for it sees what is not stored yet.
    """
    connection = session.connection()
    if _writes(connection):
        return read(session)
    stamps = _stamps(session, connection)
    with _lock:
        kept = _of_databases.setdefault(connection.engine, _Kept())
    watched: set[str] | None = session.info.get(_READ)
    if (found := kept.get(name, stamps)) is not None:
        if watched is not None:
            watched.update(found.stamps)
        return cast("Value", found.value)
    tables: set[str] = set()
    with _watching(connection, tables), _beside(session, connection, tables) as fresh:
        value = read(fresh)
    if watched is not None:
        watched.update(tables)
    # of a table without a number nobody notes the changes: what stands on it is read each time
    if (room := rows(value)) is not None and tables <= stamps.keys():
        kept.put(name, _Found(value=value, stamps={table: stamps[table] for table in tables}, rows=room))
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What was read of a portion, all that it stands on, and how that of it stood which tells; ``kinds``: the names of
    its numbers."""

    value: object
    kinds: Sequence[str]
    tables: frozenset[str]
    stamps: Mapping[str, int]
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """What is known of the portions by their numbers, and what was made of those that stand side by side."""

    of: Mapping[int, _Part]
    #: number of a group → the values it was made of, and what was made of them
    groups: Mapping[int, tuple[Sequence[object], object]]

    def merged(self, before: "_Parts | None", merge: Callable[[Sequence[Value]], Value]) -> Value:
        """What all of it makes; of ``before`` those groups are taken that are of the same values."""
        members: dict[int, list[Value]] = {}
        for number in sorted(self.of):
            members.setdefault(number >> _GROUP, []).append(cast("Value", self.of[number].value))
        found: list[Value] = []
        groups = cast("dict[int, tuple[Sequence[object], object]]", self.groups)
        for group, values in members.items():
            kept = before.groups.get(group) if before is not None else None
            if kept is None or len(kept[0]) != len(values) or any(map(is_not, kept[0], values)):
                kept = values, merge(values)
            groups[group] = kept
            found.append(cast("Value", kept[1]))
        return merge(found)


#: bits of the number of a portion that a group of portions leaves open
_GROUP = 4
#: as many bits of it are read together, and again together after each change: what is kept of all has fewer parts
_TOGETHER = {"sqlite": 0, "postgresql": 2}


def known_by_portion(
    session: Session,
    name: str,
    read: Callable[[Session, Portions], Mapping[int, Value]],
    merge: Callable[[Sequence[Value]], Value],
    *,
    within: Collection[str],
    beyond: Collection[str] = (),
    rows: Callable[[Value], int] = _one,
) -> Value:
    """What ``read`` gives of the portions of the projects, put together; only those are read of which anything was
    stored since they were last, or where something else was stored that they stand on. See :func:`known`.

    ``read`` gives values by the numbers of portions, of all that it is asked for in one go; what it says nothing of has
    nothing. ``merge`` makes one of any number of values, in the order of their projects, and of what it made of some;
    it leaves them as they are. ``within``: tables of which ``read`` reads nothing but rows of the projects of its
    portions; each is stamped by portion (``migrations/stamped.py``). ``beyond``: what it reads of those tables that is
    of other projects, as the name of a number (:data:`IDENTIFIERS`). Inside ``read`` nothing else is asked to be known.
    """
    connection = session.connection()
    writes = _writes(connection)
    stamps = _stamps_of(connection) if writes else _stamps(session, connection)
    together = _TOGETHER[connection.dialect.name]
    kinds: dict[int, list[str]] = {}
    for number in sorted(int(kind.removeprefix(_PORTION)) for kind in stamps if kind.startswith(_PORTION)):
        kinds.setdefault(number >> together, []).append(f"{_PORTION}{number}")
    bits = BITS + together
    if writes:
        values = read(session, Portions(list(kinds), bits)) if kinds else {}
        return merge([values[number] for number in sorted(values)])
    with _lock:
        kept = _of_databases.setdefault(connection.engine, _Kept())
    found = kept.get(name, {})
    before = cast("_Parts | None", found.value if found is not None else None)
    known_of = before.of if before is not None else {}
    now = {
        number: part
        for number, named in kinds.items()
        if (part := known_of.get(number)) is not None and part.kinds == named and _holds(part.stamps, stamps)
    }
    missing = [number for number in kinds if number not in now]
    if missing:
        tables: set[str] = set()
        with _watching(connection, tables), _beside(session, connection, tables) as fresh:
            values = read(fresh, Portions(missing, bits))
        nothing = merge([])
        tells = {kind for kind in tables if kind.partition(".")[0] not in within} | set(beyond)
        for number in missing:
            value = values.get(number, nothing)
            told = {kind: stamps[kind] for kind in (*tells, *kinds[number]) if kind in stamps}
            on = frozenset(tables | tells)
            now[number] = _Part(value=value, kinds=kinds[number], tables=on, stamps=told, rows=rows(value))
    # without any project nothing was read, and still it does not stand for ever
    standing_on = frozenset({*within, *beyond}).union(*{part.tables for part in now.values()})
    if (watched := session.info.get(_READ)) is not None:
        watched.update(standing_on)
    parts = _Parts(of=now, groups={})
    value = parts.merged(before, merge)
    # of a table without a number nobody notes the changes: what stands on it is read each time
    if standing_on <= stamps.keys() and (missing or len(now) < len(known_of)):
        # beside the portions stands what groups of them made
        kept.put(name, _Found(value=parts, stamps={}, rows=2 * sum(part.rows for part in now.values())))
    return value


def _holds(stood: Mapping[str, int], stamps: Mapping[str, int]) -> bool:
    return all(stamps.get(kind) == stamp for kind, stamp in stood.items())


def _writes(connection: Connection) -> bool:
    """Whether a session writes: it reads for itself, for it sees what is not stored yet."""
    return bool(connection.get_execution_options().get(WRITE))


@contextmanager
def _beside(session: Session, connection: Connection, tables: set[str]) -> Iterator[Session]:
    """A session that sees the same, and has read nothing yet: what another one has read would be taken from there, and
    no statement would tell of it."""
    info = {_READ: tables, _STAMPS: session.info[_STAMPS]}
    with Session(
        connection, autoflush=False, expire_on_commit=False, join_transaction_mode="rollback_only", info=info
    ) as fresh:
        yield fresh


@contextmanager
def seen_along(session: Session, connection: Connection) -> Iterator[Session]:
    """A session on another connection that holds the same snapshot; what it reads counts as read by ``session``."""
    tables: set[str] = set()
    watched: set[str] | None = session.info.get(_READ)
    info: dict[str, object] = {} if watched is None else {_READ: tables}
    with (
        _watching(connection, tables),
        Session(connection, autoflush=False, expire_on_commit=False, info=info) as other,
    ):
        yield other
    if watched is not None:
        watched.update(tables)


def portions(session: Session) -> list[int]:
    """The numbers of the portions that projects lie in, rising; see :data:`app.db.portions.BITS`."""
    stamps = _stamps(session, session.connection())
    return sorted(int(kind.removeprefix(_PORTION)) for kind in stamps if kind.startswith(_PORTION))


def _stamps(session: Session, connection: Connection) -> Mapping[str, int]:
    """How the tables stand that the session sees; asked once for a snapshot."""
    transaction = connection.get_transaction()
    asked, stamps = session.info.get(_STAMPS, (None, {}))
    if asked is None or asked is not transaction:
        stamps = _stamps_of(connection)
        session.info[_STAMPS] = (transaction, stamps)
    return cast("Mapping[str, int]", stamps)


def _stamps_of(connection: Connection) -> Mapping[str, int]:
    return {row[0]: row[1] for row in connection.exec_driver_sql(_SUMS[connection.dialect.name])}


@contextmanager
def _watching(connection: Connection, tables: set[str]) -> Iterator[None]:
    """Inside the block ``tables`` gathers those that statements of the connection name."""

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        tables.update(named(statement))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", note)


@lru_cache(maxsize=512)
def named(statement: str) -> frozenset[str]:
    """The numbers that tell how everything stands that a statement names.

    A column that is called as a table counts as well, which does no harm.
    """
    found = set(_names().findall(statement))
    for table in PARTS.keys() & found:
        for part, left_out in PARTS[table]:
            if not _names_of(statement, table, left_out):
                found.remove(table)
                found.add(part)
                break
    return frozenset(found)


def _names_of(statement: str, table: str, columns: frozenset[str]) -> bool:
    """Whether a statement may read one of the columns of the table: under any of its names, or without one."""
    listed = "|".join(sorted(columns))
    called = "|".join({table, *re.findall(rf'"?\b{table}"? (?:AS )?"?(\w+)', statement)})
    named = rf'\b(?:{called})"?\."?(?:{listed})\b'
    alone = rf'(?<!AS )(?<![\w."])"?(?:{listed})\b'
    return re.search(rf"{named}|{alone}|\*(?=\s*(?:,|FROM\b))", statement) is not None


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(metadata.tables))})\b")
