"""Duties of the institution, kept beside those of projects: a copy of what policies, programmes and milestones say.

They are few, so that every look at obligations computes them anew, in a handful of statements, and writes only what
differs. States, waivers, moved dates and alerts go the way of all obligations.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session

from app.db.engine import Database
from app.db.lookups import calendar_of, the_setup
from app.domain.evaluation.facts import EvaluationFacts
from app.domain.evaluation.institution import Owed, evidence, owed
from app.domain.evaluation.terms import Kind, Obliged
from app.domain.periods import add_months
from app.evaluations.obligations import queries_institution as queries
from app.evaluations.obligations import queries_store as store
from app.evaluations.obligations.copies import NEVER_OWED
from app.evaluations.obligations.facts import standing_of, terms_of
from app.evaluations.obligations.rows import InstitutionRow, ObligationRow
from app.evaluations.obligations.views import View, decisions_in_force, of_standing
from app.evaluations.policies.rulebook import InUse, in_use

#: years ahead for which duties are kept
AHEAD = 2


def wanted(
    session: Session, used: InUse, as_of: dt.date, kept: Iterable[ObligationRow] = ()
) -> tuple[list[Owed], list[str]]:
    """What the institution owes until some years ahead, and sentences on what cannot be told.

    ``kept``: rows that stand, as far ahead as which it is told at least, though the day lie before theirs.
    """
    policies = [policy for policy in used.policies.values() if policy.duties]
    asked: dict[Obliged, list[str]] = {}
    for policy in policies:
        for rule in policy.duties:
            asked.setdefault(rule.obliges, []).extend(rule.codes)
    milestones = queries.milestones(session)
    if not policies:
        return owed((), {}, milestones, calendar_of(the_setup(session)), as_of) if milestones else ([], [])
    until = max(dt.date(as_of.year + AHEAD, 12, 31), *(row.due_on for row in kept if row.due_on is not None), as_of)
    return owed(policies, queries.subjects(session, asked), milestones, calendar_of(the_setup(session)), until)


def settle(database: Database, as_of: dt.date, *, new_ladders: bool = False) -> bool:
    """Makes the rows say what the institution owes; tells whether anything differed.

    ``new_ladders``: alerts may fall on other days than the job was to look at, so it looks at its next run.
    """
    with database.read() as session:
        differs = _differs(session, as_of)
        if not (differs or new_ladders):
            return False
    with database.write("evaluations") as session:
        store.take_turns(session)
        if differs:
            _write(session, as_of)
        if new_ladders:
            store.look_at_institution_again(session)
    return differs


def _differs(session: Session, as_of: dt.date) -> bool:
    kept = {row.key: row for row in queries.kept(session)}
    found, _ = wanted(session, in_use(session), as_of, kept.values())
    units = queries.unit_ids(session) if found else {}
    if any(name not in kept or _changes(kept[name], columns) for name, columns in _columns(found, units).items()):
        return True
    return any(name not in {one.name for one in found} and row.status == "open" for name, row in kept.items())


def _write(session: Session, as_of: dt.date) -> None:
    used = in_use(session)
    kept = {row.key: row for row in queries.kept(session)}
    found, _ = wanted(session, used, as_of, kept.values())
    rows = _columns(found, queries.unit_ids(session))
    added = []
    for one in found:
        columns = rows[one.name]
        row = kept.get(one.name)
        if row is None:
            added.append({"key": one.name, **columns, **_alerted(one, used)})
        elif changed := _changes(row, columns):
            moved = {"due_on", "status"} & changed.keys()
            store.change_obligations(session, [{"row_id": row.id, **changed, **(_alerted(one, used) if moved else {})}])
    store.add_obligations(session, added)
    gone = [row.id for name, row in kept.items() if name not in rows and row.status == "open"]
    stay = store.referred_to(session, gone)
    store.retire(session, stay, NEVER_OWED, as_of)
    store.remove(session, set(gone) - stay)


def _columns(found: Iterable[Owed], units: Mapping[str, int]) -> dict[str, dict[str, object]]:
    return {
        one.name: {
            "kind": one.obligation.kind.value,
            "number": one.obligation.ordinal,
            "independence": one.obligation.independence.value,
            "status": "open",
            "opens_on": one.obligation.opens,
            "due_on": one.obligation.due,
            "late_on": one.obligation.late,
            "reason": one.obligation.reason,
            "rules": list(one.obligation.rules),
            "terms": terms_of(one.obligation),
            "subject_kind": one.subject.obliged.value,
            "subject": one.subject.code,
            "title": one.title,
            "duty_unit_id": None if one.subject.unit is None else units.get(one.subject.unit),
            "status_reason": "",
            "ended_on": None,
        }
        for one in found
    }


def _changes(row: ObligationRow, columns: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in columns.items() if getattr(row, name) != value}


def _alerted(one: Owed, used: InUse) -> dict[str, object]:
    """The first day on which the alert job has something to look at, and before which nobody is told."""
    ladder = used.ladder(one.obligation.rules, one.obligation.kind)
    months = max((rung.months_before for rung in ladder), default=0)
    return {
        "look_on": add_months(one.obligation.due, -months),
        "activation_on": used.active_from(one.obligation.rules),
    }


def institution_views(session: Session, as_of: dt.date, *conditions: ColumnElement[bool]) -> list[View[InstitutionRow]]:
    """Kept duties of the institution under the conditions with their states on the day; none where there are none.

    Which evaluation counts for which duty is told over all of them, so that one does not count twice.
    """
    chosen = queries.rows(session, *conditions)
    if not chosen:
        return []
    used = in_use(session)
    everything, _ = wanted(session, used, as_of, [own for own, _ in chosen])
    codes = sorted({one.subject.code for one in everything if one.subject.obliged in (Obliged.FUND, Obliged.FLAGSHIP)})
    serving = evidence(everything, queries.scoped_evaluations(session, codes), as_of)
    decisions = decisions_in_force(session, [own for own, _ in chosen])
    return [
        of_standing(shown, standing_of(own, shown.project, decisions), _serving(serving, own), as_of)
        for own, shown in chosen
    ]


def _serving(serving: Mapping[str, EvaluationFacts], row: ObligationRow) -> Sequence[EvaluationFacts]:
    found = serving.get(row.key)
    if found is None:
        return ()
    # a milestone that was told on is no evaluation that could be too early for its window
    return (found,) if row.kind != Kind.MILESTONE.value or found.completed_on is not None else ()


def untold(session: Session, as_of: dt.date) -> list[str]:
    """What duties of the institution cannot be told, in sentences."""
    return wanted(session, in_use(session), as_of)[1]
