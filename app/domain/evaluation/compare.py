"""What would change if another policy came into force."""

from dataclasses import dataclass
from datetime import date

from app.domain.evaluation.facts import Assessment, CannotTell, Key, Obligation, ProjectFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What one project would owe differently; only projects with a difference have one."""

    project: str
    #: Owed only under the second.
    added: tuple[Obligation, ...] = ()
    #: Owed only under the first.
    removed: tuple[Obligation, ...] = ()
    #: Owed under both, with other dates or another independence: (first, second).
    changed: tuple[tuple[Obligation, Obligation], ...] = ()
    #: Cannot be told under the second, though it could under the first.
    no_longer_known: tuple[CannotTell, ...] = ()
    #: Could not be told under the first, though it can under the second.
    now_known: tuple[CannotTell, ...] = ()


def is_asked(facts: ProjectFacts, as_of: date) -> bool:
    """Whether anything would still be asked of a project: it had not ended before the day."""
    return not facts.has_ended or (facts.end is not None and facts.end >= as_of)


def difference(old: Assessment, new: Assessment) -> Difference | None:
    """What two verdicts about one project say differently; None when they say the same."""
    was: dict[Key, Obligation] = {one.key: one for one in old.obligations}
    now: dict[Key, Obligation] = {one.key: one for one in new.obligations}
    unknown_was = {one.kind for one in old.cannot_tell}
    unknown_now = {one.kind for one in new.cannot_tell}
    result = Difference(
        project=new.project,
        added=tuple(one for key, one in now.items() if key not in was),
        removed=tuple(one for key, one in was.items() if key not in now),
        changed=tuple((was[key], one) for key, one in now.items() if key in was and not was[key].is_same_demand(one)),
        no_longer_known=tuple(one for one in new.cannot_tell if one.kind not in unknown_was),
        now_known=tuple(one for one in old.cannot_tell if one.kind not in unknown_now),
    )
    return None if result == Difference(project=new.project) else result
