"""Keeps obligations in line with the facts: whatever changed, whoever changed it.

What a project owes is a function of its dated facts (:mod:`app.domain.evaluation.replay`), and what is kept is a copy
of it: a project of which anything changed is replayed from its beginning, and its rows are made to say the same.

No feature tells this one of its changes, so none can forget to. Instead each project carries the stamp of what it was
replayed from (versions of its own row, its revisions, agreements, evaluations, decisions, and its ledger where a rule
looks at spending), and :func:`refresh` compares the stamps in the database. A watermark over all tables concerned
answers "nothing has changed" first, and is asked only where something was stored there (:mod:`app.db.unchanged`). Every
reader of obligations (the due list, the alert job, the API, the report) calls :func:`refresh` before it reads;
those who answer many at once share it (:mod:`app.evaluations.obligations.fresh`).

Work goes batch by batch, each in a transaction of its own that holds other recomputations back: memory is constant,
nobody waits long, and a killed run is taken up where it stopped. The weekly job replays every project, should ever a
row have been changed behind the versions' back.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.engine import Database, in_batches, modest_memory
from app.db.evaluations import Assessment
from app.db.portions import OfKeys
from app.db.rates import stored_rates
from app.domain.evaluation.obligations import bases_used
from app.domain.evaluation.replay import Replayed, replay
from app.domain.evaluation.terms import Basis, Kind
from app.domain.money import Rates
from app.domain.periods import add_months
from app.evaluations.obligations import copies as copying
from app.evaluations.obligations import queries_facts, queries_stamps
from app.evaluations.obligations import queries_store as store
from app.evaluations.obligations.copies import Copied
from app.evaluations.obligations.facts import Loaded, load
from app.evaluations.obligations.institution import settle
from app.evaluations.obligations.queries_store import Noted
from app.evaluations.obligations.rows import ObligationRow
from app.evaluations.policies.rulebook import InUse, in_use

#: projects whose stamps are compared in one statement, and projects written in one transaction
RANGE, BATCH = 20_000, 500

ACTOR = "evaluations"

#: what makes another ladder of alerts of an obligation that stands
_ALERTED = frozenset({"due_on", "status", "independence"})
_WORDING = frozenset(copying.WORDING)


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What a refresh did."""

    #: projects looked at, and those whose obligations changed
    projects: int = 0
    changed: int = 0


def _unseen(_done: int, _all: int) -> None:
    """Progress that nobody watches."""


def refresh(
    database: Database,
    as_of: dt.date,
    *,
    cause: str = "",
    thorough: bool = False,
    progress: Callable[[int, int], None] = _unseen,
) -> Outcome:
    """Recomputes the obligations of every project whose facts have changed; cheap when nothing has.

    ``as_of`` is the day on which facts are known; what was copied as of a later day stays so. ``thorough``: look at
    all projects whatever their stamps say.
    """
    asked_of = as_of
    with database.read() as session:
        last, used = queries_stamps.last_assessment(session), in_use(session)
        spending = Basis.ACTUAL in bases_used(used.rulebook)
        mark = queries_stamps.watermark(session, spending=spending)
        if last is not None:
            as_of = max(as_of, last.as_of)
        unchanged = last is not None and last.watermark == mark and last.rulebook == used.digest
        # a year more comes into sight of what the institution owes
        same_year = last is not None and last.as_of.year >= asked_of.year
        coming = queries_stamps.has_facts_coming_due(session, as_of)
        if unchanged and same_year and not thorough and not coming:
            return Outcome()
        rates = stored_rates(session)
        newest_rate = queries_stamps.newest_rate_id(session)
        currencies = queries_stamps.currencies_rated_since(session, last.rate_id if last else 0)
    new_ladders = last is not None and not used.same_ladders(last.rulebook)
    settle(database, as_of, new_ladders=new_ladders)
    if unchanged and not thorough and not coming:
        return Outcome()
    new_rules = last is None or last.rulebook != used.digest
    everything = thorough or new_rules or bool(currencies & (_rule_currencies(used) - {"USD"}))
    work = _Work(
        database=database,
        as_of=as_of,
        cause=cause,
        everything=everything,
        used=used,
        rates=rates,
        spending=spending,
        new_ladders=new_ladders,
        progress=progress,
    )
    for ids in _outdated(database, as_of, currencies, everything=everything, spending=spending):
        work.batch(ids)
    with database.write(ACTOR) as session:
        # another process that ends at the same moment would settle the same row, and find it gone
        store.take_turns(session)
        row, last = work.counted(session), queries_stamps.last_assessment(session)
        outcome = Outcome(projects=row.projects, changed=row.changed)
        if last is not None and not row.changed:
            session.delete(row)
            row = store.kept_assessment(session, last.id)
        row.watermark, row.rulebook, row.rate_id = mark, used.digest, newest_rate
    return outcome


def look_for_outdated(database: Database, as_of: dt.date) -> int:
    """How many projects have facts that differ from those last assessed; :func:`refresh` asks the same after a change,
    and then of those portions of the projects alone that changed."""
    with database.read() as session, modest_memory(session):
        last, used = queries_stamps.last_assessment(session), in_use(session)
        spending = Basis.ACTUAL in bases_used(used.rulebook)
        day = max(as_of, last.as_of) if last is not None else as_of
        return len(queries_stamps.outdated_by_portion(session, day, currencies=set(), spending=spending))


def rehearse(database: Database, as_of: dt.date) -> None:
    """Reads and replays a project as :func:`refresh` does after a change of it, and stores nothing: what a process does
    for the first time takes several times as long."""
    with database.read() as session, in_batches(session):
        used, rates = in_use(session), stored_rates(session)
        work = _Work(
            database=database,
            as_of=as_of,
            cause="",
            everything=False,
            used=used,
            rates=rates,
            spending=Basis.ACTUAL in bases_used(used.rulebook),
            new_ladders=False,
            progress=_unseen,
        )
        first = queries_stamps.last_of_range(session, 0, 1)
        work.replayed(session, [] if first is None else [first])


def _rule_currencies(used: InUse) -> set[str]:
    return {
        rule.condition.budget.currency
        for policy in used.policies.values()
        for rule in policy.rules
        if rule.condition.budget is not None
    }


def _outdated(
    database: Database, as_of: dt.date, currencies: set[str], *, everything: bool, spending: bool
) -> Iterator[list[int]]:
    """Keys of outdated projects in batches."""
    if not everything:
        with database.read() as session, modest_memory(session):
            found = queries_stamps.outdated_by_portion(session, as_of, currencies=currencies, spending=spending)
        for start in range(0, len(found), BATCH):
            yield found[start : start + BATCH]
        return
    after = 0
    while True:
        with database.read() as session, in_batches(session):
            upto = queries_stamps.last_of_range(session, after, RANGE)
            if upto is None:
                return
            ids = queries_stamps.projects_of_range(session, after, upto)
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]
        after = upto


@dataclass(frozen=True, slots=True)
class _Added:
    """A row that is written with this batch, by its place."""

    place: int


@dataclass(slots=True)
class _Edits:
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


@dataclass(kw_only=True, slots=True)
class _Work:
    database: Database
    as_of: dt.date
    cause: str
    #: all projects are looked at, those as well that an interrupted recomputation has judged
    everything: bool
    used: InUse
    rates: Rates
    #: a rule looks at the ledger
    spending: bool
    new_ladders: bool
    progress: Callable[[int, int], None]
    #: projects that were looked at
    projects: int = 0

    def batch(self, ids: list[int]) -> None:
        with self.database.write(ACTOR) as session, in_batches(session):
            store.take_turns(session)
            noted = queries_stamps.assessed(session, ids)
            edits, notes, changed = self.replayed(session, ids)
            edits.write(session, self.as_of)
            store.keep_assessed(session, notes, noted)
            if self.new_ladders:
                store.look_again(session, ids)
            counts = self.counted(session)
            counts.projects = (self.projects if self.everything else counts.projects) + len(notes)
            counts.changed += changed
        self.projects += len(notes)
        self.progress(self.projects, 0)

    def replayed(self, session: Session, ids: list[int]) -> tuple[_Edits, list[Noted], int]:
        """What is to be written of these projects, what is to be noted, and of how many of them anything differs."""
        stamps = queries_stamps.stamps_of(session, ids, spending=self.spending)
        loaded = load(session, ids, self.as_of, self.rates, spending=self.spending)
        rows: dict[int, list[ObligationRow]] = defaultdict(list)
        for row in queries_facts.obligations(session, OfKeys(ids)):
            rows[row.project_id].append(row)
        edits, notes, changed = _Edits(), [], 0
        for one in loaded:
            replayed = replay(one.history, self.used.rulebook, self.rates, self.as_of)
            changed += self._copy(one, replayed, rows.get(one.id, []), edits)
            notes.append(self._note(one.id, stamps[one.id], replayed))
        return edits, notes, changed

    def counted(self, session: Session) -> Assessment:
        """The row that counts what was done, written with each batch; an interrupted recomputation is taken up."""
        row = queries_stamps.unfinished_assessment(session)
        if row is None:
            row = Assessment(as_of=self.as_of, cause=self.cause, watermark="", rulebook="", recorded_by=ACTOR)
            session.add(row)
            session.flush()
        return row

    def _note(self, project_id: int, stamp: str, replayed: Replayed) -> Noted:
        findings = replayed.assessment.findings
        return Noted(
            project_id=project_id,
            stamp=stamp,
            assessed_on=self.as_of,
            next_on=replayed.next_on,
            policy=replayed.assessment.policy,
            findings=[{"rule": finding.rule, "message": finding.message} for finding in findings],
        )

    def _copy(self, one: Loaded, replayed: Replayed, rows: list[ObligationRow], edits: _Edits) -> bool:
        """Gathers what makes the rows of a project say what was replayed; tells whether anything differs."""
        wanted = copying.copies_of(replayed)
        matched, unknown = copying.match(rows, wanted)
        places: dict[int, int | _Added] = {}
        changed = False
        for place, copied in enumerate(wanted):
            row = matched.get(place)
            if row is None:
                places[place] = _Added(len(edits.added))
                edits.added.append(self._row(one.id, copied))
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
                    active = self.used.active_from(copied.rules) or row.activation_on
                    edits.looked.append({"row_id": row.id, "look_on": self._look_on(copied), "activation_on": active})
        for place, copied in enumerate(wanted):
            successor = None if copied.successor is None else places[copied.successor]
            row = matched.get(place)
            if (None if row is None else row.successor_id) != successor:
                edits.successions.append((places[place], successor))
                changed = True
        left = [row.id for row in unknown if row.status_reason != copying.NEVER_OWED]
        edits.unknown += left
        for evaluation in replayed.evaluations:
            if evaluation.interim_since != one.interims.get(evaluation.id):
                edits.interims[evaluation.id, one.id] = evaluation.interim_since
        return changed or bool(left)

    def _row(self, project_id: int, copied: Copied) -> dict[str, object]:
        return {
            "project_id": project_id,
            **copied.columns(),
            "done_on": copied.done_on,
            "activation_on": self.used.active_from(copied.rules) if copied.opens_on else None,
            "look_on": self._look_on(copied),
        }

    def _look_on(self, copied: Copied) -> dt.date | None:
        """The first day on which the alert job has something to look at."""
        if not copied.stands or copied.kind is None or copied.opens_on is None or copied.due_on is None:
            return None
        ladder = self.used.ladder(copied.rules, Kind(copied.kind))
        months = max((rung.months_before for rung in ladder), default=None)
        return None if months is None else add_months(copied.due_on, -months)
