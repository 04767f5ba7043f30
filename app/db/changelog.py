"""What happens with every change, in one place: versions rise, the audit trail grows, published content is marked,
what is archived stays as it is.

Sessions of ``Database.write(actor)`` do this for every row that goes through the unit of work. Bulk statements that
bypass it (imports) call :func:`append_events` themselves.

The audit trail is a chain per aggregate (a project with all that hangs below it, an agreement, a partner …): each
event's hash covers its content and the hash before it. Chains are separate so that writers of different projects do not
wait for each other; ``app.people.audit`` seals all chains together from time to time.
"""

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import event, inspect, select
from sqlmodel import Session, SQLModel

from app.db.archiving import Guard
from app.db.audit import NOT_AUDITED, SECRET, Change, aggregate_of, append_events, plain
from app.db.base import Kept, Row, table, utc_now
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.published import (
    PUBLISHED,
    SHOWN_OF_ITEMS,
    UNPUBLISHED,
    drafts_among,
    project_of_result_row,
    projects_of_records,
    touch_projects,
    touch_screened,
)
from app.db.records import ResultRecord
from app.db.results import Baseline, FrameworkItem, Indicator, IndicatorPeriod, PeriodValue
from app.db.spending import Encumbrance
from app.domain.disclosure import unscreened

_BOOKKEEPING = frozenset({"version", "created_at", "updated_at"})


#: told the keys of drafts whose content changed, ends those that are mended and gives their keys; what that takes is
#: known further up
Judge = Callable[[Session, list[int]], list[int]]
#: so many changed projects are looked at after each flush, more of them at the end of the transaction
_FEW = 20


#: under which name a session knows its log
_LOG = "earmark_change_log"


def touch(session: Session, projects: set[int]) -> None:
    """Tells the log of a writing session that published content of projects changed by a statement of its own."""
    log: ChangeLog = session.info[_LOG]
    log.touched |= projects


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
        self.touched: set[int] = set()
        self.touched_organisations: set[int] = set()
        self.touched_agreements: set[int] = set()
        self.screened: set[int] = set()
        session.info[_LOG] = self
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "before_commit", self._before_commit)

    def _before_flush(self, session: Session, *_: object) -> None:
        now = utc_now()
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

    def _after_flush(self, session: Session, *_: object) -> None:
        changes = [
            Change(
                aggregate=aggregate_of(row),
                action=action,
                entity=str(row.__tablename__),
                entity_id=str(getattr(row, "id", "")),
                before=before,
                after=_values(row) if action == "create" else after,
            )
            for action, row, before, after in self.pending
        ]
        for _action, row, _before, _after in self.pending:
            if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.add(row.project_id)
        self.pending = []
        if changes:
            append_events(session, self.actor, changes)
        if self._few():
            # at once, so that the answer to the change shows it
            self._judge(session)

    def _few(self) -> bool:
        return len(self.touched) + len(self.touched_organisations) <= _FEW

    def _judge(self, session: Session) -> None:
        if self.judge is None or not (self.touched or self.touched_organisations):
            return
        drafts = drafts_among(session, self.touched, self.touched_organisations)
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
        if not self._few():
            self._judge(session)
        touch_projects(session, self.touched, self.touched_organisations, self.touched_agreements)
        touch_screened(session, self.screened - self.touched_organisations)
        self.touched, self.touched_organisations, self.touched_agreements = set(), set(), set()
        self.screened = set()

    def _note(self, row: SQLModel, changed: Collection[str] | None) -> None:
        """Remembers which publications the change of a row shows in; ``changed`` is None for new and deleted rows."""
        match row:
            case Project():
                if row.id is not None and changed is not None and set(changed) - UNPUBLISHED:
                    self.touched.add(row.id)
            case Organisation() if row.id is not None:
                self.touched_organisations.add(row.id)
            case Partner():
                columns = set(changed or ())
                if columns & {"organisation_id", "category"}:
                    self.touched_organisations.add(row.organisation_id)
                if columns & {"screening", "archived_at"} or (changed is None and unscreened(row.screening)):
                    self.screened.add(row.organisation_id)
            case Agreement() if row.id is not None:
                self.touched_agreements.add(row.id)
            case Evaluation() if row.id is not None:
                covering = table(EvaluationProject).c
                covered = select(covering.project_id).where(covering.evaluation_id == row.id)
                self.touched.update(self.session.scalars(covered))
            case ResultRecord() if row.id is not None:
                self.touched.update(projects_of_records(self.session, record_id=row.id))
            case FrameworkItem() if changed is not None and set(changed) & SHOWN_OF_ITEMS:
                self.touched.update(projects_of_records(self.session, framework=row.framework))
            case Indicator() | Baseline() | IndicatorPeriod() | PeriodValue():
                self.touched.update(project_of_result_row(self.session, row))
            case Encumbrance():
                pass
            case _ if isinstance(row, PUBLISHED) and row.project_id is not None:
                self.touched.add(row.project_id)


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
    hidden = SECRET.get(type(row), frozenset()) | _BOOKKEEPING
    return {
        attribute.key: plain(value)
        for attribute in inspect(row).mapper.column_attrs
        if attribute.key not in hidden and (value := getattr(row, attribute.key)) not in (None, [], {})
    }
