"""Keeps obligations in line with the facts: whatever changed, whoever changed it.

No feature tells this one of its changes, so none can forget to. Instead each project carries the stamp of what it was
assessed from (versions of its own row, its revisions, agreements, evaluations), and :func:`refresh` compares the stamps
in the database. A watermark over all tables concerned answers "nothing has changed" first, in some ten milliseconds.
Every reader of obligations (the due list, the alert job, the API, the report) calls :func:`refresh` before it reads.

Work goes batch by batch, each in a transaction of its own that holds other recomputations back: memory is constant,
nobody waits long, and a killed run is taken up where it stopped. The weekly job looks at every project's facts, should
ever a row have been changed behind the versions' back.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from app.db.engine import Database, modest_memory
from app.db.evaluations import Assessment, Evaluation
from app.db.rates import stored_rates
from app.domain.evaluation.changes import reconcile
from app.domain.evaluation.facts import Assessment as Verdict
from app.domain.evaluation.facts import CannotTell, Obligation
from app.domain.evaluation.obligations import assess, bases_used
from app.domain.evaluation.records import BecameInterim, Created, Lapsed, Restated, Superseded
from app.domain.evaluation.terms import Basis, Kind
from app.domain.money import Rates
from app.domain.periods import add_months
from app.evaluations.obligations import facts as loading
from app.evaluations.obligations import queries_facts as queries
from app.evaluations.obligations import queries_store as store
from app.evaluations.policies.rulebook import InUse, in_use

#: projects whose stamps are compared in one statement, and projects written in one transaction
RANGE, BATCH = 20_000, 500

ACTOR = "evaluations"


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

    ``as_of`` is the day on which facts are known. ``thorough``: look at all projects whatever their stamps say.
    """
    with database.read() as session:
        mark, last = queries.watermark(session), queries.last_assessment(session)
        used = in_use(session)
        unchanged = last is not None and last.watermark == mark and last.rulebook == used.digest
        if unchanged and not thorough and not queries.has_facts_coming_due(session, as_of):
            return Outcome()
        rates = stored_rates(session)
        newest_rate = queries.newest_rate_id(session)
        currencies = queries.currencies_rated_since(session, last.rate_id if last else 0)
    new_rules = last is None or last.rulebook != used.digest
    everything = thorough or new_rules or bool(currencies & (_rule_currencies(used) - {"USD"}))
    work = _Work(
        database=database,
        as_of=as_of,
        used=used,
        rates=rates,
        bases=bases_used(used.rulebook),
        because=cause or ("the policies in use changed" if new_rules and last is not None else ""),
        new_ladders=last is not None and not used.same_ladders(last.rulebook),
        forced=everything or bool(currencies),
        progress=progress,
    )
    for ids in _outdated(database, as_of, currencies, everything=everything):
        work.batch(ids)
    with database.write(ACTOR) as session:
        row = queries.last_assessment(session)
        if row is None or work.outcome.changed:
            row = Assessment(as_of=as_of, cause=cause, watermark="", rulebook="", recorded_by=ACTOR)
            row.projects, row.changed = work.outcome.projects, work.outcome.changed
            session.add(row)
        row.watermark, row.rulebook, row.rate_id = mark, used.digest, newest_rate
    return work.outcome


def _rule_currencies(used: InUse) -> set[str]:
    return {
        rule.condition.budget.currency
        for policy in used.policies.values()
        for rule in policy.rules
        if rule.condition.budget is not None
    }


def _outdated(database: Database, as_of: dt.date, currencies: set[str], *, everything: bool) -> Iterator[list[int]]:
    """Keys of outdated projects in batches."""
    after = 0
    while True:
        with database.read() as session, modest_memory(session):
            upto = queries.last_of_range(session, after, RANGE)
            if upto is None:
                return
            ids = queries.outdated_projects(session, after, upto, as_of, currencies=currencies, everything=everything)
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]
        after = upto


@dataclass(slots=True)
class _Edits:
    """What a batch writes, gathered so that each sort of write is one statement."""

    ended: list[dict[str, Any]] = field(default_factory=list)
    restated: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    #: (key of the predecessor, place of its successor among the added)
    successions: list[tuple[int, int]] = field(default_factory=list)
    #: what cannot be told, in other words than before
    reworded: list[dict[str, Any]] = field(default_factory=list)
    interim: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ended) + len(self.restated) + len(self.added) + len(self.reworded)

    def write(self, session: Session) -> None:
        # an ended one makes room first: of each key only one stands
        for rows in (self.ended, self.restated, self.reworded):
            store.change_obligations(session, rows)
        keys = store.add_obligations(session, self.added)
        store.change_obligations(
            session, [{"row_id": old, "successor_id": keys[place]} for old, place in self.successions]
        )
        for evaluation_id, reason in self.interim.items():
            evaluation = session.get_one(Evaluation, evaluation_id)
            evaluation.kind = Kind.INTERIM.value
            evaluation.note = f"{evaluation.note}\n{reason}" if evaluation.note else reason


@dataclass(kw_only=True, slots=True)
class _Work:
    database: Database
    as_of: dt.date
    used: InUse
    rates: Rates
    bases: frozenset[Basis]
    because: str
    new_ladders: bool
    #: judge projects even when their facts are the same
    forced: bool
    progress: Callable[[int, int], None]
    outcome: Outcome = field(default_factory=Outcome)

    def batch(self, ids: list[int]) -> None:
        with self.database.write(ACTOR) as session, modest_memory(session):
            store.take_turns(session)
            stamps = queries.stamps_of(session, ids)
            known = queries.assessed(session, ids)
            loaded = loading.load(session, ids, self.as_of, self.rates, self.bases)
            changed = [
                one for one in loaded.known if self.forced or one.id not in known or known[one.id].digest != one.digest
            ]
            edits = _Edits()
            remarks = self._reconcile(session, changed, known, loaded, edits)
            edits.write(session)
            store.keep_assessed(session, [self._noted(one, stamps, remarks) for one in changed], known)
            same = [
                {"project_id": one.id, "stamp": stamps[one.id], "assessed_on": self.as_of, "next_on": one.next_on}
                for one in loaded.known
                if one.id not in remarks
            ]
            store.keep_assessed(session, same, known)
            if self.new_ladders:
                store.look_again(session, ids)
        self.outcome.projects += len(loaded.known)
        self.progress(self.outcome.projects, 0)

    def _noted(self, one: loading.Known, stamps: dict[int, str], verdicts: dict[int, Verdict]) -> dict[str, Any]:
        verdict = verdicts[one.id]
        return {
            "project_id": one.id,
            "stamp": stamps[one.id],
            "digest": one.digest,
            "assessed_on": self.as_of,
            "revision_id": max((key for key, *_ in one.decisions), default=0),
            "next_on": one.next_on,
            "policy": verdict.policy,
            "findings": [{"rule": finding.rule, "message": finding.message} for finding in verdict.findings],
        }

    def _reconcile(
        self,
        session: Session,
        changed: list[loading.Known],
        known: dict[int, Any],
        loaded: loading.Batch,
        edits: _Edits,
    ) -> dict[int, Verdict]:
        if not changed:
            return {}
        ids = [one.id for one in changed]
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in queries.obligations(session, ids):
            rows[row.project_id].append(row)
        decisions: dict[int, list[Any]] = defaultdict(list)
        for row in queries.decisions_of_projects(session, ids):
            decisions[row.obligation_id].append(row)
        verdicts = {}
        for one in changed:
            verdict = verdicts[one.id] = assess(one.facts, self.used.rulebook, self.rates)
            before = len(edits)
            self._judge(one, verdict, rows[one.id], decisions, known.get(one.id), loaded, edits)
            self.outcome.changed += before != len(edits)
        return verdicts

    def _judge(
        self,
        one: loading.Known,
        verdict: Verdict,
        rows: list[Any],
        decisions: dict[int, list[Any]],
        last: Any,
        loaded: loading.Batch,
        edits: _Edits,
    ) -> None:
        code = one.facts.project
        standings = [loading.standing_of(row, code, decisions[row.id]) for row in rows if not row.key.startswith("?")]
        cause_date, because = self._cause(one, last, rows)
        changes = reconcile(
            standings,
            verdict,
            one.facts,
            loaded.evaluations.get(one.id, ()),
            as_of=self.as_of,
            cause_date=cause_date,
            because=because,
        )
        first, kept = not standings, {row.id: row for row in rows}
        for change in changes.changes:
            match change:
                case Created(obligation=obligation, replaces=replaced):
                    edits.added.append(self._row(one.id, obligation, first=first))
                    if replaced is not None:
                        edits.successions.append((replaced, len(edits.added) - 1))
                case Superseded(id=key, successor=obligation, reason=reason):
                    edits.ended.append(self._ended(kept[key], "superseded", reason))
                    edits.added.append(self._row(one.id, obligation, first=False))
                    edits.successions.append((key, len(edits.added) - 1))
                case Lapsed(id=key, reason=reason, at_end=at_end):
                    edits.ended.append(self._ended(kept[key], "lapsed", reason, at_end))
                case Restated(id=key, obligation=obligation):
                    edits.restated.append(
                        {
                            "row_id": key,
                            "reason": obligation.reason,
                            "rules": list(obligation.rules),
                            "terms": _terms(obligation),
                        }
                    )
                case BecameInterim(evaluation=evaluation, reason=reason):
                    edits.interim[evaluation] = reason
        self._unknown(one.id, verdict.cannot_tell, rows, edits)

    def _cause(self, one: loading.Known, last: Any, rows: list[Any]) -> tuple[dt.date | None, str]:
        """The day of the decision that caused the change, and its words; no day where nothing dated is new.

        Of a project that was judged before and owed nothing, whatever it owes now is caused now.
        """
        if last is None:
            return None, self.because
        unseen = [decision for decision in one.decisions if decision[0] > last.revision_id]
        coming = [decision for decision in one.decisions if decision[1] > last.assessed_on]
        if not unseen and not coming:
            return (None if rows else self.as_of), self.because
        _, day, name, reason = max(unseen or coming, key=lambda decision: (decision[1], decision[0]))
        return day, f"{name.replace('_', ' ')} of {day}: {reason}"

    def _ended(self, row: Any, status: str, reason: str, at_end: dt.date | None = None) -> dict[str, Any]:
        return {
            "row_id": row.id,
            "status": status,
            "status_reason": reason or status,
            "ended_on": self.as_of,
            "terms": row.terms if at_end is None else {**row.terms, "lapsed_at_end": at_end.isoformat()},
        }

    def _row(self, project_id: int, obligation: Obligation, *, first: bool) -> dict[str, Any]:
        ladder = self.used.ladder(obligation.rules, obligation.kind)
        months = max((rung.months_before for rung in ladder), default=None)
        number = f"-{obligation.ordinal}" if obligation.ordinal else ""
        return {
            "project_id": project_id,
            "key": f"{obligation.kind}{number}",
            "kind": obligation.kind.value,
            "number": obligation.ordinal,
            "independence": obligation.independence.value,
            "status": "open",
            "opens_on": obligation.opens,
            "due_on": obligation.due,
            "late_on": obligation.late,
            "reason": obligation.reason,
            "rules": list(obligation.rules),
            "missing": None,
            "terms": _terms(obligation),
            "caused_on": obligation.not_before,
            "created_on": None if first else self.as_of,
            "status_reason": "",
            "activation_on": self.used.active_from(obligation.rules),
            "look_on": None if months is None else add_months(obligation.due, -months),
        }

    def _unknown(self, project_id: int, found: tuple[CannotTell, ...], rows: list[Any], edits: _Edits) -> None:
        """What cannot be told stands as a row of its own; it goes when it can be told."""
        standing = {row.key: row for row in rows if row.status == "cannot-tell"}
        for unknown in found:
            values = {
                "reason": unknown.reason,
                "rules": list(unknown.rules),
                "missing": "; ".join(unknown.missing),
                "due_on": unknown.due,
            }
            key = f"?{unknown.kind or ''}"
            row = standing.pop(key, None)
            if row is None:
                edits.added.append(
                    {
                        "project_id": project_id,
                        "key": key,
                        "kind": unknown.kind.value if unknown.kind else None,
                        "number": 0,
                        "independence": None,
                        "status": "cannot-tell",
                        "opens_on": None,
                        "late_on": None,
                        "terms": {},
                        "caused_on": None,
                        "created_on": self.as_of if rows else None,
                        "status_reason": "",
                        "activation_on": None,
                        "look_on": None,
                        **values,
                    }
                )
            elif any(getattr(row, name) != value for name, value in values.items()):
                edits.reworded.append({"row_id": row.id, **values})
        for row in standing.values():
            edits.ended.append(self._ended(row, "lapsed", "it can be told now"))


def _terms(obligation: Obligation) -> dict[str, Any]:
    terms: dict[str, Any] = {"grace_months": obligation.grace_months, "response_weeks": obligation.response_weeks}
    if obligation.or_kinds:
        terms["or_kinds"] = [kind.value for kind in obligation.or_kinds]
    if obligation.merged_reviews:
        terms["merged_reviews"] = list(obligation.merged_reviews)
    return terms
