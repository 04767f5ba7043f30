"""Policies as files: checked, loaded, listed, and compared with the ones in use on today's portfolio."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from sqlmodel import Session

from app.db.bulk import take_turns
from app.db.evaluations import EvaluationPolicy
from app.db.lookups import row_by
from app.db.partners import Partner
from app.db.put import Put
from app.db.rates import stored_rates
from app.domain.access import Actor, Right
from app.domain.evaluation.checks import check_policies
from app.domain.evaluation.compare import Difference, difference, is_asked
from app.domain.evaluation.facts import CannotTell, Obligation
from app.domain.evaluation.history import Timeline
from app.domain.evaluation.obligations import assess, bases_used
from app.domain.evaluation.policy import ORGANISATION, Policy
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Basis
from app.domain.findings import Finding
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.evaluations.obligations import facts as loading
from app.evaluations.obligations import queries_facts
from app.evaluations.policies import queries
from app.evaluations.policies.load import load_policy
from app.evaluations.policies.rulebook import in_use
from app.evaluations.policies.shipped import shipped, shipped_text
from app.evaluations.recommendations import follow_policies

#: first day of a policy that does not say since when it is in force
ALWAYS = dt.date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A policy file as it was understood."""

    #: None when a finding refuses it
    policy: Policy | None
    findings: tuple[Finding, ...]


def check_policy(session: Session | None, text: str, *, name: str = "policy") -> Checked:
    """Every fault of a policy's text, by itself and beside the policies in use; without a session by itself only."""
    loaded = load_policy(text, name=name)
    if loaded.policy is None:
        return Checked(policy=None, findings=loaded.findings)
    policy = loaded.policy
    others = [] if session is None else [one for one in in_use(session).policies.values() if one.id != policy.id]
    beside = check_policies([*(other for other in others if other.owner == policy.owner), policy])
    return Checked(policy=policy, findings=(*loaded.findings, *beside))


def put_policy(
    session: Session,
    actor: Actor,
    text: str,
    *,
    today: dt.date | None,
    activation_on: dt.date | None = None,
    decided_on: dt.date | None = None,
    in_retrospect: bool = False,
) -> Put[EvaluationPolicy]:
    """Loads a policy: a new one, or a newer version of the one with its id. The same text again changes nothing.

    A newer version judges from ``decided_on`` (else today) on; what was owed by the former one until then stays as it
    was. ``in_retrospect``: it corrects the former one, as if that had never been.

    Rungs reached before ``activation_on`` (else today) are recorded and nobody is told, so that a new policy does not
    flood. Without ``today`` all are told: an empty database holds nothing yet that could flood.

    :raises InvalidInput: with every fault that refuses it.
    """
    actor.require(Right.ADMINISTER)
    # a load whose process was killed may still be ending on the server: what came of it is seen only then
    take_turns(session, "policies")
    checked = check_policy(session, text)
    faults = [fault_of(finding) for finding in checked.findings if finding.severity.refuses]
    partner = None
    if checked.policy is not None and checked.policy.owner != ORGANISATION:
        partner = row_by(session, Partner, "code", checked.policy.owner)
        if partner is None:
            message = f"There is no partner {checked.policy.owner}, whose clause this would be."
            faults.append(Fault(pointer="/owner", rule="policy.unknown-owner", message=message))
    if decided_on is not None and in_retrospect:
        message = "A version that judges in retrospect has no day from which on it does: leave one of the two out."
        faults.append(Fault(pointer="/decided_on", rule="policy.decided", message=message))
    if decided_on is not None and today is not None and decided_on > today:
        message = f"{decided_on} lies in the future: load it when it is decided, and say in the file what it rules."
        faults.append(Fault(pointer="/decided_on", rule="policy.decided", message=message))
    if faults or checked.policy is None:
        raise InvalidInput(faults)
    newest = queries.newest_policy(session, checked.policy.id)
    ends = checked.policy.in_force_to
    same = newest is not None and newest.document == text and newest.valid_to == ends and not newest.retired
    if newest is not None and same and not (in_retrospect and newest.decided_on is not None):
        return Put(newest, "unchanged")
    row = _row(
        checked.policy,
        text,
        sequence=1 if newest is None else newest.sequence + 1,
        partner_id=None if partner is None else partner.id,
        activation_on=activation_on or today,
        # what judges first judges the past as well
        decided_on=None if newest is None or in_retrospect else decided_on or today,
        recorded_by=actor.name,
    )
    session.add(row)
    session.flush()
    follow_policies(session)
    return Put(row, "created" if newest is None else "updated")


def retire_policy(
    session: Session, actor: Actor, row: EvaluationPolicy, *, last_day: dt.date | None = None
) -> EvaluationPolicy:
    """Ends a policy without a successor; what it demanded is judged anew.

    With ``last_day`` it goes on ruling what was signed until then; without, it rules nothing any more.

    :raises InvalidInput: when the last day lies before the policy's first.
    :raises Conflict: when it was retired already.
    """
    actor.require(Right.ADMINISTER)
    if row.retired:
        raise Conflict(f"The policy {row.code} was retired already.")
    if last_day is None:
        row.retired = True
    elif last_day < row.valid_from:
        message = f"It is in force from {row.valid_from} on only: give a later day, or retire it without one."
        raise InvalidInput([Fault(pointer="/last_day", rule="policy.in-force", message=message)])
    else:
        row.valid_to = last_day
    session.flush()
    follow_policies(session)
    return row


def policy_named(session: Session, code: str) -> EvaluationPolicy:
    """The policy of that id as it was last loaded; ``NotFound`` names those there are."""
    row = queries.newest_policy(session, code)
    if row is None:
        known = ", ".join(sorted(in_use(session).policies)) or "none"
        raise NotFound(f"There is no policy {code} in this database (in use: {known}).")
    return row


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """The text of a policy, and what it is here."""

    text: str
    #: a sentence about where it stands
    standing: str


def show_policy(session: Session, code: str) -> Shown:
    """A policy as it was loaded, else one that ships under that name; ``NotFound`` names both kinds."""
    row = queries.newest_policy(session, code)
    if row is not None:
        ends = f", in force until {row.valid_to}" if row.valid_to else ""
        since = f", judging since {row.decided_on}" if row.decided_on else ""
        state = "retired: it rules nothing" if row.retired else f"in use{since}{ends}"
        return Shown(
            text=row.document, standing=f"{code} (version {row.sequence}, loaded by {row.recorded_by}): {state}."
        )
    return show_shipped(code, used=sorted(in_use(session).policies))


def show_shipped(code: str, *, used: Sequence[str] = ()) -> Shown:
    """A policy that ships under a name; ``NotFound`` names those ``used``, and all that ship."""
    if code in shipped():
        advice = f"It rules nothing here. To take it over: earmark evaluations policy load {code}"
        return Shown(text=shipped_text(code), standing=f"{code} ships as an example. {advice}")
    known = ", ".join(used) or "none"
    raise NotFound(f"There is no policy {code}. In use: {known}. As examples ship: {', '.join(shipped())}.")


def fault_of(finding: Finding) -> Fault:
    """A finding on a policy as a fault; its line stands in the message, since a file has lines and no pointers."""
    place = f"line {finding.line}: " if finding.line else ""
    return Fault(pointer=finding.pointer or "/document", rule=finding.rule, message=f"{place}{finding.message}")


class FindingShown(TypedDict):
    """A finding on a policy as JSON holds it."""

    rule: str
    severity: str
    line: int | None
    pointer: str | None
    message: str


def finding_as_dict(finding: Finding) -> FindingShown:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "line": finding.line,
        "pointer": finding.pointer,
        "message": finding.message,
    }


def _row(
    policy: Policy,
    text: str,
    *,
    sequence: int,
    partner_id: int | None,
    activation_on: dt.date | None,
    decided_on: dt.date | None,
    recorded_by: str,
) -> EvaluationPolicy:
    return EvaluationPolicy(
        code=policy.id,
        sequence=sequence,
        title=policy.title,
        partner_id=partner_id,
        valid_from=policy.in_force_from or ALWAYS,
        valid_to=policy.in_force_to,
        activation_on=activation_on,
        decided_on=decided_on,
        document=text,
        recorded_by=recorded_by,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What a policy would change for one project."""

    difference: Difference
    #: Loading the policy would do it, by the days it is in force; otherwise only ruling every running project by it.
    on_loading: bool


def understood(session: Session, text: str) -> Policy:
    """The policy that a text says, loadable or not beside those in use.

    :raises InvalidInput: with every fault of a text that says none.
    """
    checked = check_policy(session, text)
    if checked.policy is None:
        raise InvalidInput([fault_of(finding) for finding in checked.findings if finding.severity.refuses])
    return checked.policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What a policy would change for some of the running projects."""

    effects: tuple[Effect, ...]
    #: how many projects were looked at
    projects: int
    #: key of the last of them; None: there are no more
    next: int | None


def compare_some(session: Session, policy: Policy, as_of: dt.date, *, after: int, most: int) -> Compared:
    """What :func:`compare` tells, for so many running projects from the one after this key on."""
    ids = next(queries_facts.project_ids(session, running_on=as_of, after=after, batch=most), [])
    effects = tuple(compare(session, policy, as_of, batches=[ids])) if ids else ()
    return Compared(effects=effects, projects=len(ids), next=ids[-1] if len(ids) == most else None)


def compare(
    session: Session,
    policy: Policy,
    as_of: dt.date,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    batches: Iterable[list[int]] | None = None,
) -> Iterator[Effect]:
    """What every running project would owe differently: by loading this policy, else if it ruled all of them.

    A policy mostly comes into force for what will be signed, so its own days alone would tell nothing of what it means.
    To rule all, one of the organisation takes the place of all of its own, with the partners' clauses as they are; a
    clause stands beside everything else. Holds a batch of projects at a time; ``batches`` are keys of those to look at.
    """
    used = in_use(session)
    others = [other for other in used.policies.values() if other.id != policy.id]
    loaded = Rulebook.of([policy, *others])
    if policy.owner == ORGANISATION:
        others = [other for other in others if other.owner != ORGANISATION]
    ruling_all = Rulebook.of([replace(policy, in_force_from=None, in_force_to=None), *others])
    rates = stored_rates(session)
    spending = Basis.ACTUAL in bases_used(used.rulebook) | bases_used(ruling_all)
    looked_at = 0
    for ids in batches or queries_facts.project_ids(session, running_on=as_of):
        for one in loading.load(session, ids, as_of, rates, spending=spending):
            facts = Timeline(one.history, used.rulebook, rates).facts_on(as_of)
            if not is_asked(facts, as_of):
                continue
            owed = assess(facts, used.rulebook, rates, as_of)
            by_its_days = difference(owed, assess(facts, loaded, rates, as_of))
            found = by_its_days or difference(owed, assess(facts, ruling_all, rates, as_of))
            if found is not None:
                yield Effect(difference=found, on_loading=by_its_days is not None)
        looked_at += len(ids)
        progress(looked_at, 0)


class OwedShown(TypedDict):
    """An obligation as JSON holds it."""

    kind: str
    independence: str
    window_opens: str
    due: str
    late: str
    reason: str
    rules: list[str]


class UnknownShown(TypedDict):
    """What cannot be told, as JSON holds it."""

    kind: str | None
    missing: list[str]
    reason: str


#: an obligation that becomes another one
ChangeShown = TypedDict("ChangeShown", {"from": OwedShown, "to": OwedShown})


class EffectShown(TypedDict):
    """What a policy changes for a project, as JSON holds it."""

    project: str
    on_loading: bool
    added: list[OwedShown]
    removed: list[OwedShown]
    changed: list[ChangeShown]
    no_longer_known: list[UnknownShown]
    now_known: list[UnknownShown]


def effect_as_dict(effect: Effect) -> EffectShown:
    """As JSON holds it."""
    found = effect.difference
    return {
        "project": found.project,
        "on_loading": effect.on_loading,
        "added": [_obligation(one) for one in found.added],
        "removed": [_obligation(one) for one in found.removed],
        "changed": [{"from": _obligation(was), "to": _obligation(now)} for was, now in found.changed],
        "no_longer_known": [_unknown(one) for one in found.no_longer_known],
        "now_known": [_unknown(one) for one in found.now_known],
    }


def _obligation(one: Obligation) -> OwedShown:
    return {
        "kind": one.kind.value,
        "independence": one.independence.value,
        "window_opens": one.opens.isoformat(),
        "due": one.due.isoformat(),
        "late": one.late.isoformat(),
        "reason": one.reason,
        "rules": list(one.rules),
    }


def _unknown(one: CannotTell) -> UnknownShown:
    return {"kind": one.kind.value if one.kind else None, "missing": list(one.missing), "reason": one.reason}
