"""Stores the rows of a table: in batches, each row through the rules of its kind, every fault with its place."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace

from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from app.db.base import Row
from app.db.changelog import write_batch
from app.db.lookups import calendar_of, the_setup
from app.db.meant import Meant
from app.db.put import Outcome, Put
from app.db.spending import LedgerEntry
from app.db.together import Batch, together
from app.domain.access import Actor
from app.domain.advice import is_sum
from app.domain.notation import PLAIN, Notation
from app.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, step
from app.inputs import THOUSANDS
from app.pace import breathe
from app.tabular.account import STOPPED, TableReport
from app.tabular.ahead import Parsed, ahead, in_turn
from app.tabular.cells import SheetCell, code_in
from app.tabular.differences import Comparison
from app.tabular.header import TableRow
from app.tabular.kinds import AheadFunction, Kind
from app.tabular.last_remarks import LastRemarks
from app.tabular.standing import Standing
from app.tabular.unread import HELD, unknown_besides, unknown_in

#: a row with what its kind makes of it
Ready = tuple[TableRow, BaseModel]
#: a row with what is wrong with it
Refused = tuple[TableRow, list[Fault]]
#: how a row is refused
_REFUSALS = (InvalidInput, Conflict, NotFound, NotAllowed, IntegrityError, DataError)

#: rows of a ledger that are looked at together: what is noted of each project costs once for so many
BATCH = 20_000
#: rows of other kinds: a statement costs little beside so many
CHUNK = 1000
#: so many rows with faults are told before reading a file ends that will not be stored
MOST_FAULTY = 10_000
#: faults that a row further down may mend, of kinds that are stored together
_MENDED_BELOW = frozenset(("transaction.unknown",))


class _TakenBack(Exception):
    """Takes back what rows would change."""


class Storing:
    """One import while it goes on; ``row_wise``: good rows stay whatever the others are."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        kind: Kind,
        report: TableReport,
        *,
        today: dt.date,
        notation: Notation,
        row_wise: bool,
        source: str,
        release_vanished: bool,
        progress: Callable[[int, int], None],
    ) -> None:
        self.session, self.actor, self.kind, self.report = session, actor, kind, report
        self.today, self.notation, self.row_wise, self.progress = today, notation, row_wise, progress
        self.outcomes: Counter[Outcome] = Counter()
        self.meant = Meant(session)
        #: rows that were refused, and why
        self.refused: list[Refused] = []
        self.faulty = 0
        #: rows that were not tried, and the columns that have faults
        self.unread: list[tuple[TableRow, frozenset[str]]] = []
        self.first: dict[tuple[str, ...], int] = {}
        #: the rows themselves, of kinds that may repeat them
        self.said: dict[int, TableRow] = {}
        #: numbers of rows that say what a row above says, of kinds that may
        self.echoes: set[int] = set()
        #: how the organisation counts its years, where a key names a period
        self.fiscal = calendar_of(the_setup(session)) if kind.names_period else None
        #: None where rows go in together, or may be written otherwise than tables go out
        self.standing = Standing(session, kind, self.fiscal) if kind.many is None and notation == PLAIN else None
        self.many = kind.many(session, actor, today) if kind.many is not None else None
        #: rows of the batch at work that were parsed ahead
        self.parsed: Parsed = {}
        self.comparison: Comparison | None = None
        self.last = LastRemarks(kind.of_the_whole)
        self.vanish = kind.vanish if release_vanished else None
        if kind.compared:
            self.comparison = Comparison(session, actor, kind=kind.name, source=source, file=report.file)

    def store(self, rows: Iterator[TableRow | Fault]) -> None:
        """Stores the rows; what came of them stands in the report. Holds some thousands at a time."""
        report = self.report
        with closing(in_turn(rows, CHUNK) if self.many is None else ahead(rows, BATCH, self._body)) as batches:
            for batch, self.parsed in batches:
                self._batch(batch)
                breathe()
                if not self.row_wise and self.faulty + len(self.refused) > MOST_FAULTY:
                    following, _parsed = next(batches, ([], {}))
                    if following:
                        message = f"More than {MOST_FAULTY:,} rows have faults: reading stopped here."
                        report.faults.append(Fault(row=_number(following[0]), rule=STOPPED, message=message))
                    break
        self._again()
        self.refused += self._unknown_besides()
        for row, faults in self.refused:
            report.faults += self._asked(row, faults)
        report.findings += self.last.told_at_last()
        report.findings.sort(key=lambda finding: (finding.row or 0, finding.column))
        report.faults.sort(key=lambda fault: (fault.row or 0, fault.column))
        report.created, report.updated, report.unchanged = (
            self.outcomes["created"],
            self.outcomes["updated"],
            self.outcomes["unchanged"],
        )
        if self.comparison is not None:
            report.differences = self.comparison.end(
                rows=report.rows,
                created=report.created,
                updated=report.updated,
                unchanged=report.unchanged,
                vanish=None if self.kind.vanish is None else self._release,
            )

    def _asked(self, row: TableRow, faults: Iterable[Fault]) -> list[Fault]:
        """The faults; those on codes that nobody knows with the one that may be meant."""
        return [self.meant.asked(fault, code_in(row.cells.get(fault.column))) for fault in faults]

    def _unknown_besides(self) -> Iterator[Refused]:
        """What else is wrong with rows that were not tried; by now all that a row may name is there."""

        def asked(row: TableRow, faulty: Collection[str]) -> list[Fault]:
            return unknown_besides(self.session, self.actor, self.kind, row, faulty, self.notation, self.today)

        for row, found in unknown_in(self.unread, asked):
            yield row, [self.kind.explained(fault).in_row(row.number) for fault in found]

    def _release(self, documents: Sequence[str]) -> int:
        """Ends what the file has no more, where that is asked for."""
        return 0 if self.vanish is None else self.vanish(self.session, self.actor, documents, self.today)

    def _batch(self, batch: list[TableRow | Fault]) -> None:
        rows = [row for row in batch if isinstance(row, TableRow)]
        self.report.faults += [fault for fault in batch if isinstance(fault, Fault)]
        self.report.rows += len(rows)
        if self.standing is not None:
            self.standing.look_up(map(self._key, rows))
        repeated = self._repeated(rows)
        ready: list[tuple[TableRow, BaseModel]] = []
        for row in rows:
            stands = self._stands(row, repeated=row.number in repeated)
            if stands or row.number in self.echoes:
                if stands and row.number not in repeated and self._may_be_remarked(row):
                    self._remark(row)
                self.outcomes["unchanged"] += 1
                continue
            found = list(row.faults)
            if row.number in repeated:
                found.append(_repetition(self.kind, row, repeated[row.number]))
            try:
                row, body = self._parsed(row)
            except InvalidInput as error:
                found += _of_sums(row) or _faults(self.kind, error, row)
            else:
                if not found:
                    ready.append((row, body))
                    continue
            self.faulty += 1
            self.report.faults += found
            if len(self.unread) < HELD and not any(fault.rule == "table.sum" for fault in found):
                self.unread.append((row, frozenset(fault.column for fault in found)))
        if self.many is None:
            self._put(ready)
            return
        outcomes = self.many.post([body for _row, body in ready])
        self.progress(self.report.rows, 0)
        self.outcomes.update(outcome for outcome in outcomes if outcome is not None)
        closer = [each for each, outcome in zip(ready, outcomes, strict=True) if outcome is None]
        for start in range(0, len(closer), CHUNK):
            self._put(closer[start : start + CHUNK])
            breathe()
        self._tell_refused()

    def _tell_refused(self) -> None:
        """Tells the faults that no row further down mends, so that their rows need not be held."""
        waiting: list[Refused] = []
        for row, faults in self.refused:
            if any(fault.rule in _MENDED_BELOW for fault in faults):
                waiting.append((row, faults))
            else:
                self.faulty += 1
                self.report.faults += self._asked(row, faults)
        self.refused = waiting

    def _put(self, ready: Sequence[Ready]) -> None:
        """Puts rows that were read: together, where their kind can."""
        while ready and self.kind.ahead is not None:
            try:
                ready = self._together(ready, self.kind.ahead)
            except _REFUSALS:
                # a table refuses one of them, or what it belongs to is archived: alone each says which
                break
        for row, body in ready:
            self._one(row, body)

    def _together(self, ready: Sequence[Ready], ahead: AheadFunction) -> list[Ready]:
        """Puts rows as one; where some are refused nothing is stored, and those that may be put then are given back."""
        done: list[tuple[TableRow, Put[object]]] = []
        good: list[Ready] = []
        refused: list[Refused] = []
        with suppress(_TakenBack), self.session.begin_nested(), together(self.session, len(ready)) as batch:
            ahead(self.session, [body for _row, body in ready])
            for row, body in ready:
                batch.begin_record()
                spared, put = self._alone_in(batch, row, body)
                if isinstance(put, list):
                    refused.append((row, put))
                else:
                    done.append((row, put))
                    good.append(spared)
            if refused:
                raise _TakenBack
            write_batch(self.session, batch)
        self.refused += refused
        if refused:
            self.progress(sum(self.outcomes.values()), self.report.rows)
            return good
        for row, put in done:
            self._came(row, put)
        self.progress(sum(self.outcomes.values()), self.report.rows)
        return []

    def _alone_in(self, batch: Batch, row: TableRow, body: BaseModel) -> tuple[Ready, Put[object] | list[Fault]]:
        """Puts a row of a batch, without cells that have faults and say what stands; else what is wrong with it.

        One that is refused after it changed something would be seen by others: its fault is raised, and all go alone.
        """
        before = len(batch.turns)
        try:
            put = self.kind.put(self.session, self.actor, body, self.today)
        except _REFUSALS as error:
            if len(batch.turns) > before or batch.is_changed_beside():
                raise
            faults = _faults(self.kind, error, row)
            if (spared := self._spared(row, faults)) is None:
                return (row, body), faults
            return self._alone_in(batch, *self._parsed(spared))
        if isinstance(put.row, Row):
            batch.changed(put.row)
        return (row, body), put

    def _parsed(self, row: TableRow) -> tuple[TableRow, BaseModel]:
        """The row as its kind takes it, without cells that have faults and say what stands."""
        if (known := self.parsed.pop(row.number, None)) is not None:
            if isinstance(known, InvalidInput):
                raise known
            return row, known
        try:
            return row, self.kind.parse(row.cells, self.notation)
        except InvalidInput as error:
            if (spared := self._spared(row, error.faults)) is None:
                raise
            return spared, self.kind.parse(spared.cells, self.notation)

    def _body(self, row: TableRow) -> BaseModel:
        return self.kind.parse(row.cells, self.notation)

    def _stands(self, row: TableRow, *, repeated: bool) -> bool:
        return self.standing is not None and self.standing.says_all(row, self._key(row), repeated=repeated)

    def _may_be_remarked(self, row: TableRow) -> bool:
        """Whether something may be remarked on a row that stands: most say what nobody remarks on, and take no time."""
        if not self.kind.remarks or self.standing is None:
            return False
        beyond = self.kind.remarks_beyond
        return beyond is None or self.standing.says_more(row, self._key(row), beyond)

    def _remark(self, row: TableRow) -> None:
        """Tells what is remarked on a row that stands, such as an owner who left; nothing of it is stored."""
        with suppress(*_REFUSALS, _TakenBack), self.session.begin_nested():
            put = self.kind.put(self.session, self.actor, self.kind.parse(row.cells, self.notation), self.today)
            if put.outcome != "unchanged":
                raise _TakenBack
            self.report.findings += [finding.in_row(row.number) for finding in put.findings]

    def _spared(self, row: TableRow, faults: Sequence[Fault]) -> TableRow | None:
        return None if self.standing is None else self.standing.spared(row, self._key(row), faults)

    def _one(self, row: TableRow, body: BaseModel) -> None:
        try:
            with self.session.begin_nested():
                put = self.kind.put(self.session, self.actor, body, self.today)
                self.session.flush()
        except _REFUSALS as error:
            faults = _faults(self.kind, error, row)
            if (spared := self._spared(row, faults)) is None:
                self.refused.append((row, faults))
            else:
                self._one(*self._parsed(spared))
        else:
            self._came(row, put)
        self.progress(sum(self.outcomes.values()), self.report.rows)

    def _came(self, row: TableRow, put: Put[object]) -> None:
        """Notes what came of a row."""
        self.outcomes[put.outcome] += 1
        self.report.findings += self.last.told_at_once(row.number, put)
        if put.outcome == "updated" and self.comparison is not None:
            self.comparison.change(self._key(row)[0], row.number, _change(put))

    def _again(self) -> None:
        """A row may name one that stands further down: what failed is tried again as long as others succeed."""
        while self.refused:
            waiting, self.refused = self.refused, []
            for some in _parts(waiting):
                if self.standing is not None:
                    self.standing.look_up(self._key(row) for row, _faults in some)
                ready: list[Ready] = []
                for row, faults in some:
                    if self.many is not None and not any(fault.rule in _MENDED_BELOW for fault in faults):
                        self.refused.append((row, faults))
                    else:
                        ready.append((row, self.kind.parse(row.cells, self.notation)))
                self._put(ready)
            if len(self.refused) == len(waiting):
                return

    def _key(self, row: TableRow) -> tuple[str, ...]:
        return self.kind.key_of(row.cells, self.notation, fiscal=self.fiscal)

    def _repeated(self, rows: Iterable[TableRow]) -> dict[int, int]:
        """Two rows with one key would overwrite each other within the file: row → the first one with its key."""
        keyed = [(self._key(row), row) for row in rows]
        if self.comparison is not None:
            return self.comparison.repeated([(key[0], row.number) for key, row in keyed if key[0]])
        repeated = {}
        for key, row in keyed:
            first = self.first.setdefault(key, row.number)
            if self.kind.repeats:
                self.said.setdefault(first, row)
            if first == row.number:
                continue
            if self.kind.repeats and self.said[first].cells == row.cells:
                self.echoes.add(row.number)
            else:
                repeated[row.number] = first
        return repeated


def _of_sums(row: TableRow) -> list[Fault]:
    """The one fault of a row that adds up those above it; none of another row that cannot be read."""
    named = next((cell for cell in row.cells.values() if isinstance(cell, str) and is_sum(cell)), None)
    if named is None:
        return []
    message = f"The row holds a sum (“{named}”) and no record: take it out, or say skip in a mapping."
    return [Fault(row=row.number, rule="table.sum", message=message)]


def _parts(waiting: Sequence[Refused]) -> Iterator[Sequence[Refused]]:
    return (waiting[start : start + CHUNK] for start in range(0, len(waiting), CHUNK))


def _number(row: TableRow | Fault) -> int | None:
    return row.row if isinstance(row, Fault) else row.number


def _repetition(kind: Kind, row: TableRow, first: int) -> Fault:
    key = ", ".join(kind.key)
    message = f"Row {first} has the same {key}: keep one of the two."
    if kind.names_period:
        message = f"Row {first} has the same {key}, though the period may be written differently: keep one of the two."
    if own := row.cells.get(kind.parted_by or ""):
        field, example = kind.parted_by, f"{own}-{row.number}"
        further = f"Where both count, give this one a {field} of its own, such as {example}."
        message = f"{message} {further}"
    return Fault(
        row=row.number,
        pointer=step(kind.key[0]),
        rule="table.repeated-key",
        message=message,
    )


def _change(put: Put[object]) -> str:
    """What became of a row that stood already: of a posting the reason of its correction."""
    return put.row.reason if isinstance(put.row, LedgerEntry) else "It was brought up to date."


def _faults(kind: Kind, error: Exception, row: TableRow) -> list[Fault]:
    """What is wrong with a row, whatever refused it."""
    match error:
        case InvalidInput() | Conflict() if error.faults:
            found = error.faults
        case IntegrityError() | DataError():
            message = "The database refuses the row: it contradicts another row or a rule of its table."
            found = [Fault(rule="table.refused", message=message)]
        case _:
            found = [Fault(rule=type(error).__name__.lower(), message=str(error))]
    return [kind.explained(_with_options(fault, row)).in_row(row.number) for fault in found]


def _with_options(fault: Fault, row: TableRow) -> Fault:
    """Of an amount that can be read in two ways, the options that say for the whole file which one is meant.

    Of a number that a spreadsheet holds only one does: if thousands are meant, a neighbour that was typed as 1.500 is
    held as 1.5, and nothing tells it.
    """
    if fault.rule != THOUSANDS:
        return fault
    advice = "or say how the file is written: --decimal . (the point parts decimals)"
    if not isinstance(row.cells.get(fault.column), SheetCell):
        advice += " or --grouping . (it parts thousands)"
    return replace(fault, message=f"{fault.message.rstrip('.')}; {advice}.")
