"""Which policy and which clauses rule a project."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from app.domain.evaluation.facts import ProjectFacts
from app.domain.evaluation.policy import ORGANISATION, Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulebook:
    """All policies an organisation has in use: its own, by date, and its partners' clauses."""

    #: The organisation's own, newest first.
    own: tuple[Policy, ...]
    #: Partner's code → its clauses, newest first.
    clauses: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    #: Presets of agreements that some rule looks at.
    presets: frozenset[str] = frozenset()
    #: The day on which the organisation's first policy comes into force; None where one always was, or none is.
    first_in_force: date | None = None
    #: What ruled before a policy was changed, oldest first, each with the day of the change.
    former: tuple[tuple[date, Self], ...] = ()

    @classmethod
    def of(cls, policies: Iterable[Policy], former: Iterable[tuple[date, Self]] = ()) -> Self:
        """From policies in any order; their owner tells the organisation's from the partners'.

        What holds duties of the institution alone rules no project.
        """
        newest_first = sorted((policy for policy in policies if policy.rules), key=lambda policy: policy.id)
        newest_first.sort(key=lambda policy: policy.in_force_from or date.min, reverse=True)
        clauses: dict[str, tuple[Policy, ...]] = {}
        for policy in newest_first:
            if policy.owner != ORGANISATION:
                clauses[policy.owner] = (*clauses.get(policy.owner, ()), policy)
        own = tuple(policy for policy in newest_first if policy.owner == ORGANISATION)
        return cls(
            own=own,
            clauses=clauses,
            presets=frozenset(name for one in newest_first for rule in one.rules for name in rule.condition.funding),
            first_in_force=own[-1].in_force_from if own else None,
            former=tuple(former),
        )

    def on(self, day: date) -> Self:
        """The rules as they were on a day: a policy that was changed later does not judge in retrospect."""
        return next((book for until, book in self.former if day < until), self)

    @property
    def ever(self) -> tuple[Self, ...]:
        """These rules and those they replaced."""
        return (*(book for _, book in self.former), self)

    @property
    def policies(self) -> Iterator[Policy]:
        """All of them, those that were replaced as well."""
        for book in self.ever:
            yield from book.own
            for clauses in book.clauses.values():
                yield from clauses

    def policy_on(self, day: date) -> Policy | None:
        """The organisation's policy in force on a day; of two, the one that came into force last."""
        return _in_force(self.own, day)

    def ruling(self, facts: ProjectFacts, as_of: date) -> tuple[Policy, date] | None:
        """The organisation's policy that rules a project as known on a day, with the day that fixed it.

        It is the one in force on the project's policy day. A project that began before any was in force is ruled by
        the first one, from the day it comes into force, unless the project ended before.
        """
        day = facts.policy_day
        if day is None:
            return None
        policy = self.policy_on(day)
        if policy is not None:
            return policy, day
        begins = self.first_in_force
        if begins is None or not day < begins <= as_of or (facts.end is not None and facts.end < begins):
            return None
        first = self.policy_on(begins)
        return None if first is None else (first, begins)

    def clauses_for(self, facts: ProjectFacts) -> tuple[tuple[Policy, date], ...]:
        """The clause of every funding partner, with the day that fixed it.

        That day is the earliest signature with the partner; while nothing is signed, the project's own policy day.
        """
        if not self.clauses:
            return ()
        days: dict[str, date | None] = {}
        for funding in facts.funding:
            if funding.partner in self.clauses:
                known = [day for day in (days.get(funding.partner), funding.signed_on) if day is not None]
                days[funding.partner] = min(known) if known else None
        found = []
        for partner, signed_on in days.items():
            day = signed_on or facts.policy_day
            clause = _in_force(self.clauses[partner], day) if day else None
            if clause is not None and day is not None:
                found.append((clause, day))
        return tuple(found)


def _in_force(newest_first: tuple[Policy, ...], day: date) -> Policy | None:
    for policy in newest_first:
        if policy.covers(day):
            return policy
    return None
