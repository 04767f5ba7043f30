"""What calls a record by its code, and goes with it when the code changes.

A duty of the institution is known by a key that names whom it obliges, or the milestone; waivers, moved days, alerts
and entries of calendars hang on it, evaluations say by its code what they look at, and lists that people keep filter by
it; agreements say by codes what their money is for, and projects towards which outcome they work. Without this a new
code would be a duty that nobody had waived, told once more, and a list without its records.
"""

from collections.abc import Collection, Sequence
from urllib.parse import parse_qsl, quote_plus, urlencode

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session

from app.db import naming
from app.db.alerts import CalendarEvent
from app.db.audit import Change
from app.db.base import table
from app.db.changelog import actor_of, note_changes
from app.db.evaluations import Evaluation, Obligation
from app.db.funding import EarmarkingPreset
from app.db.pages import SavedView
from app.db.renamed_codes import OFFICER, PRESET, note_renaming
from app.db.results import FrameworkItem
from app.domain.evaluation.institution import duties_of, milestone_key
from app.domain.evaluation.terms import Obliged
from app.domain.framework import INDICATOR
from app.domain.purposes import PurposeKind

_obligation, _event, _evaluation = table(Obligation).c, table(CalendarEvent).c, table(Evaluation).c
_view = table(SavedView).c

#: how duties and evaluations call a project or pool
OF_PROJECTS = (Obliged.FUND, Obliged.FLAGSHIP)
#: filters of lists that name a project, or a unit, by its code
_FILTERS = {
    Obliged.FUND: frozenset({"code", "project"}),
    Obliged.FLAGSHIP: frozenset({"code", "project"}),
    Obliged.UNIT: frozenset({"unit"}),
}


def called_otherwise(session: Session, kinds: Collection[Obliged], before: str, after: str) -> None:
    """Records of these kinds have another code from now on."""
    words = [kind.value for kind in kinds]
    duties = select(_obligation.id, _obligation.key, _obligation.subject_kind).where(
        _obligation.project_id.is_(None), _obligation.subject_kind.in_(words), _obligation.subject == before
    )
    for row in session.execute(duties).all():
        was, becomes = duties_of(Obliged(row.subject_kind), before), duties_of(Obliged(row.subject_kind), after)
        # a milestone of a unit is about the unit, and is not called by its code
        if _move(session, row.id, row.key, row.key.replace(was, becomes, 1)):
            session.execute(update(table(Obligation)).where(_obligation.id == row.id).values(subject=after))
    looking = _evaluation.scope.in_(words) & (_evaluation.subject == before)
    for evaluation in session.scalars(select(Evaluation).where(looking, _evaluation.archived_at.is_(None))):
        evaluation.subject = after
    session.flush()
    _in_archived(session, looking, before, after)
    _in_views(session, _filters_of(kinds), before, after)
    if kinds == OF_PROJECTS:
        meant_otherwise(session, PurposeKind.PROJECT, before, after)


def partner_called_otherwise(session: Session, before: str, after: str) -> None:
    """A partner has another code from now on: its shares of agreements go with it, evaluations that are made with it,
    and lists that filter by it."""
    naming.partner_of_agreements(session, before, after)
    naming.partner_of_evaluations(session, before, after)
    _in_views(session, frozenset({"partner"}), before, after)


def officer_called_otherwise(session: Session, before: str, after: str) -> None:
    """An officer has another code from now on: decisions that name the one before are read so, and such lists go."""
    note_renaming(session, OFFICER, before, after, actor_of(session))
    _in_views(session, frozenset({"officer"}), before, after)
    session.flush()


def preset_called_otherwise(session: Session, before: str, after: str) -> None:
    """A preset has another name from now on, once that of every span of days has: what was earmarked by it goes with
    it, and decisions that name the one before are read so."""
    preset = table(EarmarkingPreset).c
    if session.execute(select(preset.id).where(preset.code == before).limit(1)).first() is not None:
        return
    note_renaming(session, PRESET, before, after, actor_of(session))
    naming.preset_of_agreements(session, before, after)
    _in_views(session, frozenset({"preset"}), before, after)


def agreement_called_otherwise(session: Session, before: str, after: str) -> None:
    """An agreement has another reference from now on: what was set aside from it goes with it, and such lists."""
    naming.source_of_allocations(session, before, after)
    _in_views(session, frozenset({"agreement", "source"}), before, after)


def _filters_of(kinds: Collection[Obliged]) -> frozenset[str]:
    return frozenset().union(*(_FILTERS.get(kind, frozenset()) for kind in kinds))


def outcome_called_otherwise(session: Session, before: str, after: str) -> None:
    """An item of a results framework has another code from now on, and what names it by its code goes with it.

    While another framework has an item of the code before, the code names that one still, and nothing goes.
    """
    if _items(session, before):
        return
    _in_views(session, frozenset({"outcome"}), before, after)
    meant_otherwise(session, PurposeKind.OUTCOME, before, after)
    naming.outcome_of_projects(session, before, after)
    naming.outcome_of_allocations(session, before, after)
    naming.outcome_of_needs(session, before, after)
    naming.outcome_of_lessons(session, before, after)


def outcome_in_the_way(session: Session, row: FrameworkItem, code: str, title: str) -> str | None:
    """Why an item cannot have a new code, with the way out; None: it can.

    What names the item goes with it, and could not be told from what names the new code already: of two figures of one
    project and period that differed in their outcomes alone, one would replace the other. A code that names an item of
    the same title in another framework, and nothing else, is the same outcome.
    """
    if any(each.id != row.id for each in _items(session, row.code)) or not naming.names_outcome(session, row.code):
        return None
    others = any(each.id != row.id and each.title != title for each in _items(session, code))
    if not others and not naming.names_outcome(session, code):
        return None
    return (
        f"{code} names an outcome already, and what names {row.code} would be mixed up with it: choose a code that "
        f"nothing names. If both are one outcome, add {code} as an item of its own, archive {row.code}, and decide "
        f"under {code} what was set aside for {row.code}."
    )


def _items(session: Session, code: str) -> Sequence[FrameworkItem]:
    """Items of all frameworks that the code names; archived ones are named still by what was decided then."""
    item = table(FrameworkItem).c
    return session.scalars(select(FrameworkItem).where(item.code == code, item.level != INDICATOR)).all()


def meant_otherwise(session: Session, kind: PurposeKind, before: str, after: str) -> None:
    """What money is for, and what evaluations give evidence on, goes with a new code; decisions that were made under
    the code before are read so."""
    note_renaming(session, kind, before, after, actor_of(session))
    naming.purposes(session, kind, before, after)
    session.flush()


def _in_archived(session: Session, looking: ColumnElement[bool], before: str, after: str) -> None:
    """What is archived does not change, but for how it calls others; the audit trail tells that too."""
    archived = session.scalars(select(_evaluation.id).where(looking).order_by(_evaluation.id)).all()
    session.execute(update(table(Evaluation)).where(_evaluation.id.in_(archived)).values(subject=after))
    note_changes(
        session,
        [
            Change(
                aggregate=f"evaluations:{key}",
                action="update",
                entity="evaluations",
                entity_id=str(key),
                before={"subject": before},
                after={"subject": after},
            )
            for key in archived
        ],
    )


def _in_views(session: Session, names: Collection[str], before: str, after: str) -> None:
    """Lists that somebody kept filter by the new code where they filter by these names."""
    sought = _view.query.contains(quote_plus(before), autoescape=True) | _view.query.contains(before, autoescape=True)
    for view in session.scalars(select(SavedView).where(sought)):
        given = parse_qsl(view.query, keep_blank_values=True)
        meant = [(name, after if name in names and value == before else value) for name, value in given]
        if meant != given:
            view.query = urlencode(meant)
    session.flush()


def milestone_called_otherwise(session: Session, before: tuple[str, str], after: tuple[str, str]) -> None:
    """A milestone has another strategy and code from now on."""
    was = milestone_key(*before)
    row_id = session.scalar(select(_obligation.id).where(_obligation.project_id.is_(None), _obligation.key == was))
    if row_id is not None:
        _move(session, row_id, was, milestone_key(*after))


def _move(session: Session, row_id: int, was: str, becomes: str) -> bool:
    """Another key for a duty and its entry in calendars, unless one stands under that key; tells whether the duty got
    it."""
    moved = False
    for rows, name, own in (
        (table(Obligation), _obligation.key, _obligation.id == row_id),
        (table(CalendarEvent), _event.name, _event.name == was),
    ):
        without_project = rows.c.project_id.is_(None)
        taken = session.execute(select(rows.c.id).where(without_project, name == becomes)).first()
        if taken is None:
            session.execute(update(rows).where(without_project, own).values({name: becomes}))
            moved = moved or rows is table(Obligation)
    return moved
