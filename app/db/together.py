"""Many records changed at once by the same functions that change one.

A function of change finds rows by their codes, adds rows, and settles what it did. Alone, each of these steps is a
statement. Inside :func:`together` what the records name was read ahead for all of them, what is added waits, and
nothing is settled before :func:`app.db.changelog.write_batch` stores it all: so a statement is made for a table, and
not for a record.

What is added in a batch is seen by those who look for it here, and in the database once it was written. It never
belongs to the session: whoever wants to change it later reads it.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar, cast

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from app.db.among import among, among_texts, chunks
from app.db.base import Row, give_key, table
from app.db.bulk import next_keys

RowType = TypeVar("RowType", bound=Row)

_BATCH = "earmark_batch"


class Batch:
    """What is known to records that are changed together, and what they add; ``size`` is how many they are."""

    def __init__(self, session: Session, size: int) -> None:
        self.session, self.size = session, size
        #: rows by class, column and value; values that were asked for and are not among them belong to no row
        self.found: dict[tuple[type[Row], str], dict[str, Row]] = {}
        self.asked: dict[tuple[type[Row], str], set[str]] = {}
        #: rows by class, column that names their owner, and owner; an owner that is missing was not asked for
        self.below: dict[tuple[type[Row], str], dict[int, list[Row]]] = {}
        #: the table of the owners
        self._owners: dict[tuple[type[Row], str], str] = {}
        #: see :class:`Fact`
        self.facts: dict[object, object] = {}
        #: what is done once for many records, with their keys
        self.afterwards: dict[Callable[[Session, Collection[int]], None], set[int]] = {}
        #: rows that records refer to by their keys: the session keeps them as long as somebody has them
        self.held: list[Sequence[Row]] = []
        self.new: list[Row] = []
        self._keys: dict[type[Row], deque[int]] = defaultdict(deque)
        self._expected: dict[type[Row], int] = {}
        self._last: dict[type[Row], int] = {}
        self._turn = 0
        #: rows that were added with a key, by class and key
        self.keyed: dict[tuple[type[Row], int], Row] = {}
        #: rows that were added or changed, with the turn of their record
        self.turns: list[tuple[Row, int]] = []

    def find(
        self, row_class: type[RowType], column: str, values: Iterable[str | None], *, to_change: bool = False
    ) -> dict[str, RowType]:
        """Reads the rows whose unique ``column`` holds one of the values; gives those there are by it.

        ``to_change``: others wait to change them, since rows that change together set the same columns.
        """
        wanted = {value for value in values if value}
        found = self.found.setdefault((row_class, column), {})
        asked = self.asked.setdefault((row_class, column), set())
        place = table(row_class).c[column]
        for part in chunks(wanted - asked):
            statement = select(row_class).where(among_texts(self.session, place, part))
            if to_change:
                statement = statement.order_by(table(row_class).c.id).with_for_update(key_share=True)
            found.update((getattr(row, column), row) for row in self.session.scalars(statement))
        asked |= wanted
        return {value: cast("RowType", found[value]) for value in wanted if value in found}

    def known(self, row_class: type[RowType], column: str, values: Collection[str | None]) -> dict[str, RowType] | None:
        """The rows whose ``column`` holds one of the values, by it; None where not all were asked for."""
        asked, found = self.asked.get((row_class, column)), self.found.get((row_class, column))
        if asked is None or found is None or not all(value in asked for value in values if value):
            return None
        return {value: cast("RowType", found[value]) for value in values if value and value in found}

    def read_below(
        self, row_class: type[Row], owner: str, keys: Collection[int], *order: ColumnElement[object]
    ) -> None:
        """Reads the rows whose column ``owner`` names one of the keys."""
        below = self.below.setdefault((row_class, owner), {})
        place = table(row_class).c[owner]
        self._owners[row_class, owner] = next(iter(place.foreign_keys)).column.table.name
        below.update((each, []) for each in keys)
        for part in chunks(set(keys)):
            for row in self.session.scalars(select(row_class).where(among(place, part)).order_by(*order)):
                below[getattr(row, owner)].append(row)

    def hold(self, row_class: type[Row], keys: Iterable[int | None]) -> None:
        """Reads rows by their keys, so that the session has them at hand."""
        for part in chunks({each for each in keys if each is not None}):
            self.held.append(self.session.scalars(select(row_class).where(among(table(row_class).c.id, part))).all())

    def expect(self, row_class: type[Row], count: int) -> None:
        """Says how many rows of a class will be added, so that no more keys are taken for them."""
        self._expected[row_class] = count

    def begin_record(self) -> None:
        """What comes is of the next record."""
        self._turn += 1

    def changed(self, row: Row) -> None:
        """A row that is changed or taken away: its events stand where the turn of its record is."""
        self.turns.append((row, self._turn))

    def is_changed_beside(self) -> bool:
        """Whether stored rows are changed of which no record has told."""
        told = {id(row) for row, _turn in self.turns}
        return any(id(row) not in told and self.session.is_modified(row) for row in self.session.dirty)

    def add(self, row: Row, *, keyed: bool) -> None:
        if keyed:
            kept = self._keys[type(row)]
            if not kept:
                count = max(self._expected.pop(type(row), self.size), 1)
                kept.extend(next_keys(self.session, type(row), count, after=self._last.get(type(row), 0)))
                self._last[type(row)] = kept[-1]
            key_ = kept.popleft()
            give_key(row, key_)
            self.keyed[type(row), key_] = row
        self.turns.append((row, self._turn))
        self.new.append(row)
        for (row_class, column), found in self.found.items():
            if row_class is type(row):
                found[getattr(row, column)] = row
        for (row_class, owner), below in self.below.items():
            if row_class is type(row) and (rows := below.get(getattr(row, owner))) is not None:
                rows.append(row)
            elif row.id is not None and self._owners[row_class, owner] == row.__tablename__:
                # nothing stands below what is new
                below[row.id] = []


Name = TypeVar("Name")
Value = TypeVar("Value")


class Fact(Generic[Name, Value]):
    """What a batch read ahead of a matter that is asked for by a name of its own; what it adds is noted here too."""

    def learn(self, session: Session, known: dict[Name, Value]) -> None:
        if (batch := batch_of(session)) is not None:
            batch.facts[self] = known

    def known(self, session: Session) -> dict[Name, Value] | None:
        """None: a record is changed alone, or nobody read ahead."""
        batch = batch_of(session)
        return None if batch is None else cast("dict[Name, Value] | None", batch.facts.get(self))


@contextmanager
def together(session: Session, size: int) -> Iterator[Batch]:
    """Inside the block ``size`` records are changed together. What was not written at its end never was."""
    batch = session.info[_BATCH] = Batch(session, size)
    try:
        yield batch
    finally:
        del session.info[_BATCH]


def batch_of(session: Session) -> Batch | None:
    """The batch that is under way; None: a record is changed alone."""
    found = session.info.get(_BATCH)
    return found if isinstance(found, Batch) else None


def added(session: Session, row: Row) -> None:
    """Adds a row that others name: it has its key afterwards."""
    if (batch := batch_of(session)) is not None:
        batch.add(row, keyed=True)
        return
    session.add(row)
    session.flush()


def part_added(session: Session, row: Row) -> None:
    """Adds a row that nothing names; it is stored when the record is settled."""
    if (batch := batch_of(session)) is not None:
        batch.add(row, keyed=False)
        return
    session.add(row)


def altered(session: Session, row: Row) -> None:
    """Tells that a stored row below the record that is put changes with it."""
    if (batch := batch_of(session)) is not None:
        batch.changed(row)


def row_keyed(session: Session, row_class: type[RowType], key_: int) -> RowType | None:
    """The row of a key as it stands by now; what a batch has added is among them."""
    batch = batch_of(session)
    here = None if batch is None else batch.keyed.get((row_class, key_))
    return session.get(row_class, key_) if here is None else cast("RowType", here)


def removed(session: Session, row: Row) -> None:
    """Takes a stored row away; that is done when the record is settled."""
    if (batch := batch_of(session)) is not None:
        batch.changed(row)
    session.delete(row)


def settled(session: Session) -> None:
    """Stores what became of a record; of one among many, with the others."""
    if batch_of(session) is None:
        session.flush()


def once(session: Session, work: Callable[[Session, Collection[int]], None], keys: Collection[int]) -> None:
    """Does the work for the keys: at once, or for all records of a batch when they were stored."""
    if (batch := batch_of(session)) is not None:
        batch.afterwards.setdefault(work, set()).update(keys)
    else:
        work(session, keys)


def rows_below(
    session: Session, row_class: type[RowType], owner: str, key_: int, *order: ColumnElement[object]
) -> Sequence[RowType]:
    """The rows whose column ``owner`` names the key."""
    if (batch := batch_of(session)) is not None:
        known = batch.below.get((row_class, owner), {}).get(key_)
        if known is not None:
            return cast("list[RowType]", known)
    return session.scalars(select(row_class).where(table(row_class).c[owner] == key_).order_by(*order)).all()
