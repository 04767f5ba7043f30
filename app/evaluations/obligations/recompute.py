"""Keeps obligations in line with the facts: whatever changed, whoever changed it.

What a project owes is a function of its dated facts (:mod:`app.domain.evaluation.replay`), and what is kept is a copy
of it: a project of which anything changed is replayed from its beginning, and its rows are made to say the same.

No feature tells this one of its changes, so none can forget to. Instead each project carries the stamp of what it was
replayed from (versions of its own row, its revisions, agreements, evaluations, decisions, and its ledger where a rule
looks at spending), and :func:`refresh` compares the stamps in the database. A watermark over all tables concerned
answers "nothing has changed" first, and is asked only where something was stored there (:mod:`app.db.unchanged`). Every
reader of obligations (the due list, the alert job, the API, the report) calls :func:`refresh` before it reads;
those who answer many at once share it (:mod:`app.evaluations.obligations.fresh`).

Work goes batch by batch (:mod:`app.evaluations.obligations.keeping`), each in a transaction of its own that holds other
recomputations back: memory is constant, nobody waits long, and what a killed run has stored stays. Where there is much
of it, processes share it (:mod:`app.evaluations.obligations.sharing`). The weekly job replays every project, should
ever a row have been changed behind the versions' back.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.db.engine import Database, in_batches, modest_memory
from app.db.rates import stored_rates
from app.domain.evaluation.obligations import bases_used
from app.domain.evaluation.terms import Basis
from app.evaluations.obligations import queries_stamps
from app.evaluations.obligations import queries_store as store
from app.evaluations.obligations.institution import settle
from app.evaluations.obligations.judging import Judge
from app.evaluations.obligations.keeping import ACTOR, Outrun, Work
from app.evaluations.obligations.sharing import Sharing
from app.evaluations.policies.rulebook import InUse, in_use

#: projects whose stamps are compared in one statement, and projects written in one transaction
RANGE, BATCH = 20_000, 500


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
    reopened: Callable[[], Database] | None = None,
) -> Outcome:
    """Recomputes the obligations of every project whose facts have changed; cheap when nothing has.

    ``as_of`` is the day on which facts are known; what was copied as of a later day stays so. ``thorough``: look at
    all projects whatever their stamps say. ``reopened``: opens the database in further processes, which share the work
    where there is enough of it; None: this one does it all.
    """
    while True:
        try:
            return _refreshed(database, as_of, cause, progress, reopened, thorough=thorough)
        except Outrun:
            # a policy or a rate was stored meanwhile: what the former ones say is not kept any more
            continue


def _refreshed(
    database: Database,
    as_of: dt.date,
    cause: str,
    progress: Callable[[int, int], None],
    reopened: Callable[[], Database] | None,
    *,
    thorough: bool,
) -> Outcome:
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
        coming = queries_stamps.coming_due(session, as_of)
        if unchanged and same_year and not thorough and not coming:
            return Outcome()
        rates = stored_rates(session)
        newest_rate = queries_stamps.newest_rate_id(session)
        judged_by = queries_stamps.judged_by(session)
        currencies = queries_stamps.currencies_rated_since(session, last.rate_id if last else 0)
    new_ladders = last is not None and not used.same_ladders(last.rulebook)
    settle(database, as_of, new_ladders=new_ladders)
    if unchanged and not thorough and not coming:
        return Outcome()
    new_rules = last is None or last.rulebook != used.digest
    everything = thorough or new_rules or bool(currencies & (_rule_currencies(used) - {"USD"}))
    work = Work(judge=Judge(used, rates, as_of, spending, judged_by), cause=cause, new_ladders=new_ladders)
    with Sharing(work, database, reopened, progress) as sharing:
        # a day that brings nothing but what was known before asks no project for its stamp
        for ids in (
            _in_batches(coming)
            if unchanged and not everything
            else _outdated(database, as_of, currencies, everything=everything, spending=spending)
        ):
            sharing.batch(ids)
    with database.write(ACTOR) as session:
        # another process that ends at the same moment would settle the same row, and find it gone
        store.take_turns(session)
        row, last = work.counted(session), queries_stamps.last_assessment(session)
        # a small one in its midst, as after a change of one project, has taken over what was counted until then
        row.projects = sharing.done.projects if everything else max(row.projects, sharing.done.projects)
        row.changed = max(row.changed, sharing.done.changed)
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
        spending, judged_by = Basis.ACTUAL in bases_used(used.rulebook), queries_stamps.judged_by(session)
        judge = Judge(used, rates, as_of, spending, judged_by)
        work = Work(judge=judge)
        first = queries_stamps.last_of_range(session, 0, 1)
        work.edits(session, judge.judged(session, [] if first is None else [first]))


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
        yield from _in_batches(found)
        return
    after = 0
    while True:
        with database.read() as session, in_batches(session):
            upto = queries_stamps.last_of_range(session, after, RANGE)
            if upto is None:
                return
            ids = queries_stamps.projects_of_range(session, after, upto)
        yield from _in_batches(ids)
        after = upto


def _in_batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
