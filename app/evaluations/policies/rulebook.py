"""The policies in use: those that were loaded."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlmodel import Session

from app.domain.evaluation.policy import LADDERS, Policy, Rung
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Kind
from app.evaluations.policies import queries
from app.evaluations.policies.load import load_policy
from app.evaluations.policies.queries import PolicyInUse


@dataclass(frozen=True, kw_only=True, slots=True)
class InUse:
    """The rulebook with what is known of its policies beyond their rules."""

    rulebook: Rulebook
    policies: Mapping[str, Policy]
    #: policy → day before which its rungs are recorded and nobody is told
    activation: Mapping[str, dt.date] = field(default_factory=dict)
    #: of the texts, a full stop, and of the ladders
    digest: str

    def same_ladders(self, digest: str) -> bool:
        """Whether alerts fall on the same days as by the policies of another digest."""
        return digest.partition(".")[2] == self.digest.partition(".")[2]

    def ladder(self, rules: tuple[str, ...] | list[str], kind: Kind) -> tuple[Rung, ...]:
        """The ladder of an obligation: that of the policy whose rule made it."""
        policy = self._policy_of(rules)
        return LADDERS[kind] if policy is None else policy.ladder(kind)

    def active_from(self, rules: tuple[str, ...] | list[str]) -> dt.date | None:
        policy = self._policy_of(rules)
        return None if policy is None else self.activation.get(policy.id)

    def _policy_of(self, rules: tuple[str, ...] | list[str]) -> Policy | None:
        for rule in rules:
            if (found := self.policies.get(rule.partition("/")[0])) is not None:
                return found
        return None


@lru_cache(maxsize=64)
def parsed(text: str) -> Policy:
    """A policy that was accepted when it was stored.

    :raises ValueError: when it is refused now.
    """
    loaded = load_policy(text)
    if loaded.policy is None:
        raise ValueError("; ".join(finding.message for finding in loaded.findings))
    return loaded.policy


def in_use(session: Session) -> InUse:
    """The policies in use: those that were loaded and not retired. Without any nothing is owed.

    A version of a policy judges from the day on which it was decided, until the next one does.
    """
    versions = queries.versions(session)
    days = sorted({row.decided_on for row in versions if row.decided_on is not None})
    rows = _judging(versions, dt.date.max)
    policies = _policies(rows)
    former: list[tuple[dt.date, Rulebook]] = []
    replaced: list[str] = []
    for day in days:
        ruled = _judging(versions, day - dt.timedelta(days=1))
        if (before := _policies(ruled)) != _policies(_judging(versions, day)):
            former.append((day, Rulebook.of(before)))
            replaced += [f"{day}|{row.partner}|{row.valid_to}|{row.document}" for row in ruled]
    activation = {
        policy.id: row.activation_on
        for policy, row in zip(policies, rows, strict=True)
        if row.activation_on is not None
    }
    texts = [f"{row.partner}|{row.activation_on}|{row.valid_to}|{row.document}" for row in rows]
    return InUse(
        rulebook=Rulebook.of(policies, former),
        policies={policy.id: policy for policy in policies},
        activation=activation,
        digest=f"{_digest(*texts, *replaced)}.{_digest(*sorted(map(_ladders, policies)))}",
    )


def _judging(versions: Sequence[PolicyInUse], day: dt.date) -> list[PolicyInUse]:
    """The version of each policy that judges on a day: of those decided by then the last that was loaded.

    A policy that was retired judges nothing, on no day.
    """
    newest = {row.code: row for row in versions}
    found = {row.code: row for row in versions if row.decided_on is None or row.decided_on <= day}
    return [row for code, row in found.items() if not row.retired and not newest[code].retired]


def _policies(rows: Sequence[PolicyInUse]) -> list[Policy]:
    """As their rows say: whose clause a policy is, and when it ends, may have changed since its file was written."""
    return [_as_kept(parsed(row.document), row.partner, row.valid_to) for row in rows]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _ladders(policy: Policy) -> str:
    return repr((policy.id, [(kind, policy.ladder(kind)) for kind in Kind]))


def _as_kept(policy: Policy, partner: str | None, valid_to: dt.date | None) -> Policy:
    owner = policy.owner if partner is None else partner
    if (policy.owner, policy.in_force_to) == (owner, valid_to):
        return policy
    return replace(policy, owner=owner, in_force_to=valid_to)
