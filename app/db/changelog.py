"""What happens with every change, in one place: versions rise, the audit trail grows, published content is marked,
what is archived stays as it is.

Sessions of ``Database.write(actor)`` do this for every row that goes through the unit of work. Bulk statements that
bypass it (imports) call :func:`append_events` themselves.

The audit trail is a chain per aggregate (a project with all that hangs below it, an agreement, a partner …): each
event's hash covers its content and the hash before it. Chains are separate so that writers of different projects do not
wait for each other; ``app.people.audit`` seals all chains together from time to time.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, SQLModel

from app.db.among import among, chunks
from app.db.archiving import Guard
from app.db.audit import NOT_AUDITED, SECRET, Change, aggregate_of, append_events, plain
from app.db.base import Kept, Row, give_key, key, metadata, table, utc_now
from app.db.bulk import add_columns, next_keys
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.published import (
    PUBLISHED,
    SHOWN_OF_ITEMS,
    UNPUBLISHED,
    Touched,
    drafts_among,
    project_of_result_row,
    projects_of_records,
)
from app.db.records import ResultRecord
from app.db.results import Baseline, FrameworkItem, Indicator, IndicatorPeriod, PeriodValue
from app.db.spending import Encumbrance
from app.db.together import Batch
from app.domain.disclosure import unscreened

_BOOKKEEPING = frozenset({"version", "created_at", "updated_at"})


#: told the keys of drafts whose content changed, ends those that are mended and gives their keys; what that takes is
#: known further up
Judge = Callable[[Session, list[int]], list[int]]
#: so many changed projects are looked at after each flush, those of a batch when it was written, and more of
#: them at the end of the transaction
_FEW = 20


#: under which name a session knows its log
_LOG = "earmark_change_log"


def touch(session: Session, projects: set[int]) -> None:
    """Tells the log of a writing session that published content of projects changed by a statement of its own."""
    _log_of(session).touched.projects |= projects
    _log_of(session).judged = False


def note_changes(session: Session, changes: Sequence[Change]) -> None:
    """Tells the audit trail of changes that were made by statements of their own."""
    append_events(session, _log_of(session).actor, list(changes))


def actor_of(session: Session) -> str:
    """Who changes something in a writing session, as the audit trail shows it."""
    return _log_of(session).actor


def _log_of(session: Session) -> "ChangeLog":
    """The log of a session that writes."""
    log: ChangeLog = session.info[_LOG]
    return log


def write_batch(session: Session, batch: Batch) -> None:
    """Stores what a batch added, and what changed of rows that the session knows, with the events of each record in
    its turn. What nothing names gets its key here.

    :raises IntegrityError: when a table refuses a row.
    :raises Conflict: when a row is archived, or part of what is.
    """
    _log_of(session).write_batch(batch)


class ChangeLog:
    """Watches one writing session.

    ``actor``: the name that the audit trail shows; ``judge``: ends the drafts that were mended.
    """

    def __init__(self, session: Session, actor: str, judge: Judge | None = None) -> None:
        self.session = session
        self.actor = actor
        self.guard = Guard(session)
        self.judge = judge
        self.pending: list[tuple[str, Row, Mapping[str, object] | None, Mapping[str, object] | None]] = []
        #: what changed since the innermost savepoint that is open, or since the last one that was kept
        self.touched = Touched()
        #: what changed in savepoints that were kept: it is marked with the rest, once, at the end of the transaction
        self.kept = Touched()
        #: both, and whether drafts were looked at, as they were before each savepoint that is open
        self.outside: list[tuple[Touched, Touched, bool]] = []
        self.evaluations: set[int] = set()
        #: whether the drafts among what was touched were looked at
        self.judged = True
        #: events of records that are stored together, with their rows; None: each flush appends its own
        self.held: list[tuple[Row, Change]] | None = None
        session.info[_LOG] = self
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "before_commit", self._before_commit)
        event.listen(session, "after_commit", self._after_commit)
        event.listen(session, "after_transaction_create", self._begun)
        event.listen(session, "after_transaction_end", self._ended)

    def _before_flush(self, session: Session, *_: object) -> None:
        now = utc_now()
        # what a flush noted that failed never was
        self.pending = []
        updated: dict[type[SQLModel], list[tuple[SQLModel, Collection[str]]]] = {}
        # the session keeps changed rows in no order, and the trail is to tell the same story whenever the same happens
        for row in sorted(session.dirty, key=_place):
            if not session.is_modified(row):
                continue
            changed = _changes(row)
            if not changed:
                continue
            self.guard.changed(row, changed)
            if not changed.keys() - _BOOKKEEPING:
                continue
            if isinstance(row, Kept):
                row.version += 1
                row.updated_at = now
            self._note(row, changed.keys())
            updated.setdefault(type(row), []).append((row, changed.keys()))
            if not isinstance(row, NOT_AUDITED):
                hidden = SECRET.get(type(row), frozenset())
                shown = {name: pair for name, pair in changed.items() if name not in _BOOKKEEPING | hidden}
                before = {name: plain(pair[0]) for name, pair in shown.items()}
                after = {name: plain(pair[1]) for name, pair in shown.items()}
                self.pending.append(("update", row, before, after))
        self.guard.parts(session.new)
        self.guard.parts(session.deleted)
        for row in session.new:
            self._note(row, None)
            if not isinstance(row, NOT_AUDITED):
                self.pending.append(("create", row, None, {}))
        for row in session.deleted:
            self._note(row, None)
            if not isinstance(row, NOT_AUDITED):
                self.pending.append(("delete", row, _values(row), None))
        if self.held is not None:
            for rows in updated.values():
                _change_alike(rows)
        self._note_evaluations(session)

    def _after_flush(self, session: Session, *_: object) -> None:
        changes = [
            _event(action, row, before, _values(row) if action == "create" else after)
            for action, row, before, after in self.pending
        ]
        changed = [row for _action, row, _before, _after in self.pending]
        for row in changed:
            if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.projects.add(row.project_id)
        self.judged = False
        if self.held is not None:
            self.held += zip(changed, changes, strict=True)
            return
        if changes:
            append_events(session, self.actor, changes)
        if self._few():
            # at once, so that the answer to the change shows it
            self._judge(session)

    def write_batch(self, batch: Batch) -> None:
        """See :func:`write_batch`."""
        new = batch.new
        begun = {(type(row), key(row)) for row in new if isinstance(row, Kept) and row.id is not None}
        self.guard.in_use |= begun
        self.held = []
        try:
            self.guard.parts(new)
            for row in new:
                self._note(row, None)
            _insert(self.session, new)
            audited = (row for row in new if not isinstance(row, NOT_AUDITED))
            self.held += [(row, _event("create", row, None, _values(row))) for row in audited]
            self.session.flush()
            changes = _in_turn(self.held, batch)
        except BaseException:
            self.guard.in_use -= begun
            raise
        finally:
            self.held = None
        if changes:
            append_events(self.session, self.actor, changes)
        for work, keys in batch.afterwards.items():
            work(self.session, keys)
        self._judge(self.session)

    def _few(self) -> bool:
        return len(self.touched.projects) + len(self.touched.organisations) <= _FEW

    def _judge(self, session: Session) -> None:
        self.judged = True
        touched = self.touched
        if self.judge is None or not (touched.projects or touched.organisations):
            return
        drafts = drafts_among(session, touched.projects, touched.organisations)
        ended = self.judge(session, drafts) if drafts else []
        append_events(
            session,
            self.actor,
            [
                Change(
                    aggregate=f"project:{key}",
                    action="update",
                    entity="projects",
                    entity_id=str(key),
                    before={"draft": True},
                    after={"draft": False},
                )
                for key in ended
            ],
        )

    def _before_commit(self, session: Session) -> None:
        session.flush()
        if not self.judged:
            self._judge(session)
        if not session.in_nested_transaction():
            self.kept.add(self.touched)
            self.kept.mark(session)
            self.touched, self.kept = Touched(), Touched()

    def _begun(self, _session: Session, transaction: SessionTransaction) -> None:
        if transaction.nested:
            self.outside.append((self.touched, self.kept, self.judged))
            self.touched, self.kept, self.judged = Touched(), Touched(), True

    def _after_commit(self, session: Session) -> None:
        """What a savepoint stored that is kept is marked at the end."""
        if session.in_nested_transaction():
            _touched, outer, _judged = self.outside[-1]
            outer.add(self.kept)
            outer.add(self.touched)

    def _ended(self, _session: Session, transaction: SessionTransaction) -> None:
        """What a savepoint stored that was taken back never was."""
        if transaction.nested:
            self.touched, self.kept, self.judged = self.outside.pop()

    def _note(self, row: SQLModel, changed: Collection[str] | None) -> None:
        """Remembers which publications the change of a row shows in; ``changed`` is None for new and deleted rows."""
        match row:
            case Project():
                if row.id is not None and changed is not None and set(changed) - UNPUBLISHED:
                    self.touched.projects.add(row.id)
            case Organisation() if row.id is not None and changed is not None:
                self.touched.organisations.add(row.id)
            case Partner():
                columns = set(changed or ())
                if columns & {"organisation_id", "category"}:
                    self.touched.organisations.add(row.organisation_id)
                if columns & {"screening", "archived_at"} or (changed is None and unscreened(row.screening)):
                    self.touched.screened.add(row.organisation_id)
            case Agreement() if row.id is not None and changed is not None:
                self.touched.agreements.add(row.id)
            case Evaluation() if row.id is not None and changed is not None:
                self.evaluations.add(row.id)
            case ResultRecord() if row.id is not None and changed is not None:
                self.touched.projects.update(projects_of_records(self.session, record_id=row.id))
            case FrameworkItem() if changed is not None and set(changed) & SHOWN_OF_ITEMS:
                self.touched.projects.update(projects_of_records(self.session, framework=row.framework))
            case Indicator() | Baseline() | IndicatorPeriod() | PeriodValue():
                self.touched.projects.update(project_of_result_row(self.session, row))
            case Encumbrance():
                pass
            case _ if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.projects.add(row.project_id)

    def _note_evaluations(self, session: Session) -> None:
        """The publications that show evaluations which change."""
        covering = table(EvaluationProject).c
        for part in chunks(self.evaluations):
            shown = select(covering.project_id).where(among(covering.evaluation_id, part))
            self.touched.projects.update(session.scalars(shown))
        self.evaluations = set()


#: the order of events of a chain that come of one flush
_RANKS = {"update": 0, "create": 1, "delete": 2}


def _event(action: str, row: Row, before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> Change:
    return Change(
        aggregate=aggregate_of(row),
        action=action,
        entity=str(row.__tablename__),
        entity_id=str(getattr(row, "id", "")),
        before=before,
        after=after,
    )


def _in_turn(events: Sequence[tuple[Row, Change]], batch: Batch) -> list[Change]:
    """The events of each record where its turn was, as if records were stored one after the other."""
    of_rows = {id(row): turn for row, turn in batch.turns}
    of_chains: dict[str, int] = {}
    for row, turn in batch.turns:
        of_chains.setdefault(aggregate_of(row), turn)
    last = len(batch.turns)

    def place(event: tuple[Row, Change]) -> tuple[int, int]:
        row, change = event
        turn = of_rows.get(id(row))
        return (of_chains.get(change.aggregate, last) if turn is None else turn, _RANKS[change.action])

    return [change for _row, change in sorted(events, key=place)]


def _insert(session: Session, rows: Sequence[Row]) -> None:
    """Stores rows by their tables, what others name first; those without a key get one, in their order."""
    by_table: dict[str, list[Row]] = {}
    for row in rows:
        by_table.setdefault(str(row.__tablename__), []).append(row)
    for target in metadata.sorted_tables if by_table else ():
        if (some := by_table.get(target.name)) is None:
            continue
        unkeyed = [row for row in some if row.id is None]
        if unkeyed:
            for row, next_key in zip(unkeyed, next_keys(session, type(unkeyed[0]), len(unkeyed)), strict=True):
                give_key(row, next_key)
        held = [row.__dict__ for row in some]
        columns = {column.name: [values.get(column.name) for values in held] for column in target.columns}
        add_columns(session, type(some[0]), columns)


def _change_alike(rows: Sequence[tuple[SQLModel, Collection[str]]]) -> None:
    """Lets rows of a table that change together set the same columns, so that one statement is made for them."""
    together = {name for _row, names in rows for name in names} | {"version", "updated_at"}
    for row, names in rows:
        for name in together - set(names):
            if name in row.__dict__:
                flag_modified(row, name)


def _place(row: SQLModel) -> tuple[str, int]:
    return str(row.__tablename__), getattr(row, "id", None) or 0


def _changes(row: SQLModel) -> dict[str, tuple[object, object]]:
    """Columns of a dirty row whose value really differs: name → (before, after)."""
    found: dict[str, tuple[object, object]] = {}
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            if before != after or isinstance(after, list | dict):
                found[attribute.key] = (before, after)
    return found


def _values(row: SQLModel) -> dict[str, object]:
    # what a row holds is read at once, unless something of it has to be fetched
    held = row.__dict__
    names = _told(type(row))
    values = [held[name] if name in held else getattr(row, name) for name in names]
    return {
        name: value if type(value) in _PLAIN else plain(value)
        for name, value in zip(names, values, strict=True)
        if value is not None and (type(value) in _PLAIN or (value != [] and value != {}))
    }


#: values that JSON holds as they are
_PLAIN = frozenset((str, int, bool))


@cache
def _told(row_class: type[SQLModel]) -> tuple[str, ...]:
    """The columns that events tell."""
    hidden = SECRET.get(row_class, frozenset()) | _BOOKKEEPING
    return tuple(each.key for each in inspect(row_class).column_attrs if each.key not in hidden)
