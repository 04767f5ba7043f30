"""What projects owe by their dated facts, beside whatever is kept of it; nothing is written."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from app.domain.evaluation.replay import Replayed, replay
from app.domain.money import Rates
from app.evaluations.obligations import queries_stamps
from app.evaluations.obligations.copies import Copied, copies_of
from app.evaluations.obligations.facts import load
from app.evaluations.obligations.queries_store import Noted
from app.evaluations.policies.rulebook import InUse


class Judged(NamedTuple):
    """What a project owes and owed."""

    project_id: int
    #: as the rows are to say it
    owed: list[Copied]
    #: evaluation → day since which it counts as interim, of those that are noted otherwise
    interims: Mapping[int, dt.date | None]
    note: Noted


class Judge(NamedTuple):
    """The rules, rates and the day by which projects are judged."""

    used: InUse
    rates: Rates
    as_of: dt.date
    #: a rule looks at the ledger
    spending: bool
    #: see :func:`app.evaluations.obligations.queries_stamps.judged_by`
    judged_by: Sequence[int]

    def judged(self, session: Session, ids: Sequence[int]) -> list[Judged]:
        """Of each of these projects, replayed from its beginning. Stamps are read before facts: what changes between
        them, where the session sees more than one snapshot, is looked at again."""
        stamps = queries_stamps.stamps_of(session, ids, spending=self.spending)
        found = []
        for one in load(session, ids, self.as_of, self.rates, spending=self.spending):
            if one.id not in stamps:
                # restored from the archive between the two
                continue
            replayed = replay(one.history, self.used.rulebook, self.rates, self.as_of)
            interims = {
                each.id: each.interim_since
                for each in replayed.evaluations
                if each.interim_since != one.interims.get(each.id)
            }
            note = self._note(one.id, stamps[one.id], replayed)
            found.append(Judged(one.id, copies_of(replayed), interims, note))
        return found

    def _note(self, project_id: int, stamp: str, replayed: Replayed) -> Noted:
        return Noted(
            project_id=project_id,
            stamp=stamp,
            assessed_on=self.as_of,
            next_on=replayed.next_on,
            policy=replayed.assessment.policy,
            findings=[{"rule": one.rule, "message": one.message} for one in replayed.assessment.findings],
        )
