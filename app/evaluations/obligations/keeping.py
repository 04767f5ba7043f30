"""Brings kept obligations in line with what was judged, batch by batch."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session

from app.db.engine import Database, in_batches
from app.db.evaluations import Assessment
from app.db.portions import OfKeys
from app.domain.evaluation.terms import Kind
from app.domain.periods import add_months
from app.evaluations.obligations import copies as copying
from app.evaluations.obligations import queries_facts, queries_stamps
from app.evaluations.obligations import queries_store as store
from app.evaluations.obligations.copies import Copied
from app.evaluations.obligations.judging import Judge, Judged
from app.evaluations.obligations.queries_stamps import Stamped
from app.evaluations.obligations.rows import ObligationRow

ACTOR = "evaluations"

#: what makes another ladder of alerts of an obligation that stands
_ALERTED = frozenset({"due_on", "status", "independence"})
_WORDING = frozenset(copying.WORDING)


@dataclass(frozen=True, slots=True)
class _Added:
    """A row that is written with this batch, by its place."""

    place: int


@dataclass(slots=True)
class Edits:
    """What a batch writes, gathered so that each sort of write is one statement."""

    #: rows that stand no more, and rows that stand, with what they are to say
    ended: list[dict[str, object]] = field(default_factory=list)
    standing: list[dict[str, object]] = field(default_factory=list)
    #: rows of which only the wording is new
    restated: list[dict[str, object]] = field(default_factory=list)
    #: standing rows that the alert job has to look at on another day
    looked: list[dict[str, object]] = field(default_factory=list)
    #: rows that are done since another day than they say
    done: list[dict[str, object]] = field(default_factory=list)
    added: list[dict[str, object]] = field(default_factory=list)
    #: key of a kept row, or place among the added → the same of its successor
    successions: list[tuple[int | _Added, int | _Added | None]] = field(default_factory=list)
    #: keys of kept rows that the facts do not know
    unknown: list[int] = field(default_factory=list)
    #: (evaluation, project) → day since which it counts as interim
    interims: dict[tuple[int, int], dt.date | None] = field(default_factory=dict)

    def write(self, session: Session, as_of: dt.date) -> None:
        retired = store.referred_to(session, self.unknown)
        # what stands no more makes room first: of each key only one stands
        store.change_obligations(session, self.ended)
        store.retire(session, retired, copying.NEVER_OWED, as_of)
        store.remove(session, set(self.unknown) - retired)
        store.change_obligations(session, self.standing)
        store.change_obligations(session, self.restated)
        store.change_obligations(session, self.looked)
        store.change_obligations(session, self.done)
        keys = store.add_obligations(session, self.added)

        def key(one: int | _Added | None) -> int | None:
            return keys[one.place] if isinstance(one, _Added) else one

        store.change_obligations(
            session, [{"row_id": key(old), "successor_id": key(new)} for old, new in self.successions]
        )
        store.mark_interims(session, self.interims)


class Done(NamedTuple):
    """What was done of a recomputation."""

    #: projects that were judged, and those of which anything is kept otherwise than before
    projects: int = 0
    changed: int = 0

    def __add__(self, other: object) -> "Done":
        if not isinstance(other, Done):
            return NotImplemented
        return Done(self.projects + other.projects, self.changed + other.changed)


class Outrun(Exception):
    """Since the recomputation began somebody has stored a policy or a rate: it is to begin again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A recomputation, which goes batch by batch, in this process and in those that share it."""

    judge: Judge
    cause: str = ""
    #: alerts fall on other days than they did
    new_ladders: bool = False

    def batch(self, database: Database, ids: Sequence[int]) -> Done:
        """Judges these projects and keeps what they owe.

        Facts are read and replayed while others may write: that takes most of the time. A project that another
        recomputation has judged meanwhile is judged again while no other may.

        :raises Outrun: when the rules or rates are not those by which the projects were judged.
        """
        with database.read() as session, in_batches(session):
            before = queries_stamps.assessed(session, ids)
            judged = self.judge.judged(session, ids)
        with database.write(ACTOR) as session, in_batches(session):
            store.take_turns(session)
            if queries_stamps.judged_by(session) != self.judge.judged_by:
                raise Outrun
            noted = queries_stamps.assessed(session, ids)
            judged = self._up_to_date(session, judged, before, noted)
            edits, changed = self.edits(session, judged)
            edits.write(session, self.judge.as_of)
            store.keep_assessed(session, [one.note for one in judged], {one: key for one, (key, _) in noted.items()})
            if self.new_ladders:
                store.look_again(session, ids)
            counts = self.counted(session)
            counts.projects += len(judged)
            counts.changed += changed
        return Done(len(judged), changed)

    def _up_to_date(
        self, session: Session, judged: list[Judged], before: Mapping[int, Stamped], noted: Mapping[int, Stamped]
    ) -> list[Judged]:
        again = {one.project_id for one in judged if noted.get(one.project_id) != before.get(one.project_id)}
        if not again:
            return judged
        stand = [one for one in judged if one.project_id not in again]
        return [*stand, *self.judge.judged(session, sorted(again))]

    def edits(self, session: Session, judged: Sequence[Judged]) -> tuple[Edits, int]:
        """What is to be written of these projects, and of how many of them anything differs."""
        rows: dict[int, list[ObligationRow]] = defaultdict(list)
        for row in queries_facts.obligations(session, OfKeys([one.project_id for one in judged])):
            rows[row.project_id].append(row)
        edits = Edits()
        changed = sum([self._copy(one, rows.get(one.project_id, []), edits) for one in judged])
        return edits, changed

    def counted(self, session: Session) -> Assessment:
        """The row that counts what was done, written with each batch; an interrupted recomputation is taken up."""
        row = queries_stamps.unfinished_assessment(session)
        if row is None:
            row = Assessment(as_of=self.judge.as_of, cause=self.cause, watermark="", rulebook="", recorded_by=ACTOR)
            session.add(row)
            session.flush()
        return row

    def _copy(self, one: Judged, rows: list[ObligationRow], edits: Edits) -> bool:
        """Gathers what makes the rows of a project say what it owes; tells whether anything differs."""
        wanted = one.owed
        matched, unknown = copying.match(rows, wanted)
        places: dict[int, int | _Added] = {}
        changed = False
        for place, copied in enumerate(wanted):
            row = matched.get(place)
            if row is None:
                places[place] = _Added(len(edits.added))
                edits.added.append(self._row(one.project_id, copied))
                changed = True
                continue
            places[place] = row.id
            if row.done_on != copied.done_on:
                edits.done.append({"row_id": row.id, "done_on": copied.done_on})
            differences = copying.differences(row, copied)
            if differences:
                changed = True
                if differences <= _WORDING:
                    edits.restated.append({"row_id": row.id, **copied.columns(copying.WORDING)})
                    continue
                (edits.standing if copied.stands else edits.ended).append({"row_id": row.id, **copied.columns()})
                if copied.stands and differences & _ALERTED:
                    active = self.judge.used.active_from(copied.rules) or row.activation_on
                    edits.looked.append({"row_id": row.id, "look_on": self._look_on(copied), "activation_on": active})
        for place, copied in enumerate(wanted):
            successor = None if copied.successor is None else places[copied.successor]
            row = matched.get(place)
            if (None if row is None else row.successor_id) != successor:
                edits.successions.append((places[place], successor))
                changed = True
        left = [row.id for row in unknown if row.status_reason != copying.NEVER_OWED]
        edits.unknown += left
        edits.interims.update({(evaluation, one.project_id): since for evaluation, since in one.interims.items()})
        return changed or bool(left)

    def _row(self, project_id: int, copied: Copied) -> dict[str, object]:
        return {
            "project_id": project_id,
            **copied.columns(),
            "done_on": copied.done_on,
            "activation_on": self.judge.used.active_from(copied.rules) if copied.opens_on else None,
            "look_on": self._look_on(copied),
        }

    def _look_on(self, copied: Copied) -> dt.date | None:
        """The first day on which the alert job has something to look at."""
        if not copied.stands or copied.kind is None or copied.opens_on is None or copied.due_on is None:
            return None
        ladder = self.judge.used.ladder(copied.rules, Kind(copied.kind))
        months = max((rung.months_before for rung in ladder), default=None)
        return None if months is None else add_months(copied.due_on, -months)
