"""From a project's facts and the policies in force to what it owes, with every reason in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from app.domain.evaluation.conditions import FORESEES, Subject, Verdict, judge
from app.domain.evaluation.dates import is_near, review_days, window_days
from app.domain.evaluation.facts import Assessment, CannotTell, CycleDuty, Obligation, OnceAsked, ProjectFacts
from app.domain.evaluation.policy import ANCHORS, Policy, Requirement
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Anchor, Basis, Independence, Kind, Mode, Stage
from app.domain.evaluation.words import money_in_words
from app.domain.findings import Finding, Severity
from app.domain.money import EXACT, MissingRate, Rates, plain, round_minor

_ORDER = {kind: place for place, kind in enumerate(Kind)}


def assess(facts: ProjectFacts, rulebook: Rulebook, rates: Rates, as_of: date = date.max) -> Assessment:
    """What a project owes by these facts; see :func:`assess_subject`."""
    return assess_subject(Subject(facts, rates), rulebook, as_of)


def assess_subject(subject: Subject, rulebook: Rulebook, as_of: date) -> Assessment:
    """What a project owes under the policy of its earliest signature (else its start) and its partners' clauses.

    ``as_of`` is the day on which the facts are known: policies that come into force later do not rule yet, and of one
    that was changed later the former version rules.

    The union of all rules: a clause can only add or strengthen; of one kind there is one obligation, with the
    strongest independence and the earliest dates any rule demands. A project cancelled before it started owes nothing,
    nor does any project of an organisation that has no policy, beyond its partners' clauses.
    """
    rulebook, facts, rates = rulebook.on(as_of), subject.facts, subject.rates
    if facts.stage is Stage.CANCELLED and facts.actual_start is None:
        return Assessment(project=facts.project, policy=None, findings=tuple(subject.findings))
    ruling = rulebook.ruling(facts, as_of)
    policy = None if ruling is None else ruling[0]
    clauses = rulebook.clauses_for(facts)
    ruled = clauses if ruling is None else (ruling, *clauses)
    verdicts = tuple(_verdicts(ruled, subject))
    merge_months = min((one.merge_review_months for one, _ in ruled), default=0)
    obligations, near_reviews = _obligations(verdicts, subject, merge_months)
    cannot_tell = _unknown(verdicts, obligations, subject)
    if policy is None and rulebook.own:
        cannot_tell = (_no_policy(facts, facts.policy_day), *cannot_tell)
    return Assessment(
        project=facts.project,
        policy=None if policy is None else policy.id,
        clauses=tuple(clause.id for clause, _ in clauses),
        obligations=obligations,
        cannot_tell=cannot_tell,
        near_reviews=near_reviews,
        merge_months=merge_months,
        findings=(*subject.findings, *_budget_findings(facts), *_reserve_findings(facts, policy, obligations, rates)),
    )


def _verdicts(ruled: tuple[tuple[Policy, date], ...], subject: Subject) -> Iterator[Verdict]:
    for policy, day in ruled:
        for rule in policy.rules:
            if rule.requirement.mode is Mode.SELECTIVE:
                continue
            if (rule.valid_from is not None and day < rule.valid_from) or (
                rule.valid_to is not None and day > rule.valid_to
            ):
                continue
            verdict = judge(rule, policy, subject)
            if verdict is not None:
                yield verdict


class _Demand(NamedTuple):
    """What one rule demands on certain dates."""

    verdict: Verdict
    independence: Independence
    grace_months: int
    response_weeks: int
    opens: date
    due: date
    late: date

    @property
    def requirement(self) -> Requirement:
        return self.verdict.rule.requirement


_due = attrgetter("due")


def _demand(verdict: Verdict, anchor: date) -> _Demand:
    requirement, policy = verdict.rule.requirement, verdict.policy
    window = policy.window(requirement)
    return _Demand(
        verdict,
        requirement.independence or Independence.SELF,
        window.late - window.due,
        requirement.response_weeks or policy.response_weeks,
        *window_days(anchor, window),
    )


@dataclass(slots=True)
class _Draft:
    """All demands for one kind (and year), with the reviews that merge into it."""

    kind: Kind
    ordinal: int
    demands: list[_Demand]
    merged: list["_Draft"] = field(default_factory=list)

    @property
    def due(self) -> date:
        return min([demand.due for demand in self.demands])

    def unite(self, subject: Subject) -> Obligation:
        """The strongest independence and the earliest dates; alternatives only those that every rule accepts.

        What takes a review over is at least as independent as it.
        """
        demands = self.demands
        earliest = min(demands, key=_due) if len(demands) > 1 else demands[0]
        everyone = demands
        if self.merged:
            everyone = [*demands, *(demand for review in self.merged for demand in review.demands)]
        independence, cycle = _independence(everyone)
        accepted = demands[0].requirement.or_kinds
        for demand in demands[1:]:
            accepted = tuple(other for other in accepted if other in demand.requirement.or_kinds)
        words = dict.fromkeys([text for demand in demands for text in demand.verdict.words])
        words[_when(self.kind, self.ordinal, earliest, subject)] = None
        if accepted:
            words[f"a {' or '.join(accepted)} would do instead"] = None
        if cycle is not None:
            words[f"at least one {independence} evaluation in the cycle, and none is done or under way"] = None
        for review in self.merged:
            words[f"{review.noun} of {review.due} merges into it"] = None
        rules = tuple(dict.fromkeys([demand.verdict.name for demand in everyone]))
        return Obligation(
            project=subject.facts.project,
            kind=self.kind,
            ordinal=self.ordinal,
            independence=independence,
            opens=min([demand.opens for demand in demands]),
            due=earliest.due,
            late=min([demand.late for demand in demands]),
            reason=f"{self.noun}, {independence}: {'; '.join(words)}; rule {', '.join(rules)}",
            rules=rules,
            or_kinds=accepted,
            cycle=cycle,
            merged_reviews=tuple([review.ordinal for review in self.merged if review.ordinal]),
            grace_months=earliest.grace_months,
            response_weeks=min([demand.response_weeks for demand in demands]),
        )

    @property
    def noun(self) -> str:
        return f"{self.kind} {self.ordinal}" if self.ordinal else str(self.kind)


def _independence(demands: list[_Demand]) -> tuple[Independence, CycleDuty | None]:
    """The strongest independence asked for, and the duty of the cycle where only that asks for so much."""
    strongest, asks_most = Independence.SELF, None
    for demand in demands:
        if not demand.requirement.once_in_cycle:
            strongest = max(strongest, demand.independence, key=_strength)
        elif asks_most is None or demand.independence.strength > asks_most.independence.strength:
            asks_most = demand
    if asks_most is None or strongest.satisfies(asks_most.independence):
        return strongest, None
    return asks_most.independence, CycleDuty(otherwise=strongest, kinds=asks_most.requirement.once_in_cycle)


_strength = attrgetter("strength")


def _when(kind: Kind, ordinal: int, demand: _Demand, subject: Subject) -> str:
    anchor = demand.requirement.anchor or ANCHORS[kind]
    if anchor is Anchor.END:
        return f"ends {subject.end}"
    if anchor is Anchor.MIDPOINT:
        return f"half-way from {subject.start} to {subject.end}"
    return f"year {ordinal or 1} from {subject.start}"


def _obligations(
    verdicts: tuple[Verdict, ...], subject: Subject, merge_months: int
) -> tuple[tuple[Obligation, ...], tuple[Obligation, ...]]:
    """One per kind (per year for yearly ones) in order of due dates; without the kinds whose dates are unknown.

    Beside them the reviews that merged into the mid-term.
    """
    drafts: dict[tuple[Kind, int], _Draft] = {}

    def add(verdict: Verdict, ordinal: int, anchor: date) -> None:
        place = (verdict.requirement.kind, ordinal)
        if place not in drafts:
            drafts[place] = _Draft(*place, demands=[])
        drafts[place].demands.append(_demand(verdict, anchor))

    for verdict in verdicts:
        if not verdict.applies:
            continue
        if not _is_yearly(verdict):
            anchor = subject.anchor(verdict.requirement)
            if anchor is not None:
                add(verdict, 0, anchor)
        elif subject.start is not None and subject.end is not None:
            for k, day in enumerate(review_days(subject.start, subject.end), 1):
                add(verdict, k, day)
    _merge(drafts, subject, merge_months)
    united = [draft.unite(subject) for draft in drafts.values()]
    united.sort(key=lambda one: (one.due, _ORDER[one.kind], one.ordinal))
    mid_term = drafts.get((Kind.MID_TERM, 0))
    return tuple(united), () if mid_term is None else tuple(review.unite(subject) for review in mid_term.merged)


def _is_yearly(verdict: Verdict) -> bool:
    return (verdict.requirement.anchor or ANCHORS[verdict.requirement.kind]) is Anchor.EVERY_YEAR


def _merge(drafts: dict[tuple[Kind, int], _Draft], subject: Subject, months: int) -> None:
    """Reviews on the end and an evaluability assessment not before it go into the final, near ones into a mid-term."""
    final, mid_term = drafts.get((Kind.FINAL, 0)), drafts.get((Kind.MID_TERM, 0))
    for place, draft in list(drafts.items()):
        if draft.kind not in (Kind.ANNUAL_REVIEW, Kind.EVALUABILITY):
            continue
        if final is not None and subject.end is not None and draft.due >= subject.end:
            final.merged.append(drafts.pop(place))
        elif mid_term is not None and draft.kind is Kind.ANNUAL_REVIEW and is_near(draft.due, mid_term.due, months):
            mid_term.merged.append(drafts.pop(place))


def _unknown(
    verdicts: tuple[Verdict, ...], obligations: tuple[Obligation, ...], subject: Subject
) -> tuple[CannotTell, ...]:
    """One per kind for the rules that could not be judged or dated and could still add something."""
    owed = {one.kind: one for one in obligations}
    waiting: dict[Kind, list[tuple[Verdict, tuple[str, ...], date | None]]] = {}
    for verdict in verdicts:
        requirement = verdict.requirement
        anchor = subject.anchor(requirement)
        yearly_unknown = _is_yearly(verdict) and (subject.start is None or subject.end is None)
        if verdict.applies and anchor is not None and not yearly_unknown:
            continue
        due = None if anchor is None else window_days(anchor, verdict.policy.window(requirement))[1]
        if verdict.applies:
            missing = tuple(subject.missing_dates)
        else:
            missing = verdict.missing
            known = owed.get(requirement.kind)
            demanded = requirement.independence or Independence.SELF
            if known and known.independence.satisfies(demanded) and (due is None or due >= known.due):
                continue
        waiting.setdefault(requirement.kind, []).append((verdict, missing, due))
    found = []
    for kind, rows in waiting.items():
        missing = tuple(dict.fromkeys(text for _, texts, _ in rows for text in texts))
        rules = tuple(dict.fromkeys(verdict.name for verdict, _, _ in rows))
        due = min((due for _, _, due in rows if due is not None), default=None)
        noun = f"how independent the {kind} must be" if kind in owed else f"the {kind}"
        reason = f"cannot tell {noun}; not known: {', '.join(missing)}; rule {', '.join(rules)}"
        found.append(
            CannotTell(
                project=subject.facts.project,
                kind=kind,
                missing=missing,
                reason=reason,
                rules=rules,
                due=due,
                if_agreed=_if_agreed([verdict for verdict, _, _ in rows], missing),
                if_once=_if_once([verdict for verdict, _, _ in rows]) if kind in owed else None,
            )
        )
    return tuple(found)


def _if_agreed(verdicts: list[Verdict], missing: tuple[str, ...]) -> Independence | None:
    if not all(text.startswith(FORESEES) for text in missing):
        return None
    asked = (verdict.requirement.independence or Independence.SELF for verdict in verdicts)
    return max(asked, key=lambda one: one.strength)


def _if_once(verdicts: list[Verdict]) -> OnceAsked | None:
    """What any evaluation of the cycle may answer, where no rule asks more of this one itself."""
    asked = [verdict.requirement for verdict in verdicts]
    if any(verdict.applies or not verdict.requirement.once_in_cycle for verdict in verdicts):
        return None
    independence = max((one.independence or Independence.SELF for one in asked), key=lambda one: one.strength)
    kinds = tuple(kind for kind in asked[0].once_in_cycle if all(kind in one.once_in_cycle for one in asked))
    return OnceAsked(independence=independence, kinds=kinds)


def _no_policy(facts: ProjectFacts, day: date | None) -> CannotTell:
    missing = "signature date or start date" if day is None else f"evaluation policy in force on {day}"
    return CannotTell(
        project=facts.project,
        kind=None,
        missing=(missing,),
        reason=f"cannot tell which evaluations are owed; not known: {missing}",
    )


def _budget_findings(facts: ProjectFacts) -> Iterator[Finding]:
    figure = facts.revised_budget or facts.original_budget
    if figure is None or figure.money.amount > 0:
        return
    if figure.money.amount:
        message = "the total budget is negative, so no budget rule can be judged: correct it"
        rule = "project.budget-negative"
    else:
        message = "the total budget is zero and falls into the smallest band: enter the real one"
        rule = "project.budget-zero"
    yield Finding(rule=rule, severity=Severity.WARNING, subject=facts.project, message=message)


def _reserve_findings(
    facts: ProjectFacts, policy: Policy | None, obligations: tuple[Obligation, ...], rates: Rates
) -> Iterator[Finding]:
    """Whether the share of the budget the policy asks for is set aside, while that can still be done."""
    figure = facts.revised_budget or facts.original_budget
    if policy is None or policy.reserve_percent is None or figure is None or facts.has_ended or not obligations:
        return
    asked = EXACT.multiply(figure.money.amount, EXACT.scaleb(policy.reserve_percent, -2))
    reserve = facts.evaluation_reserve
    if reserve is None:
        held = "none is known"
    else:
        converted = rates.convert(reserve, figure.money.currency, figure.decided_on)
        if isinstance(converted, MissingRate):
            held = str(converted)
        elif converted.amount >= asked:
            return
        else:
            held = f"{money_in_words(reserve.amount, reserve.currency)} is set aside"
    percent = plain(policy.reserve_percent)
    share = money_in_words(round_minor(asked, figure.money.currency), figure.money.currency)
    message = f"policy {policy.id} asks to set {percent} % of the budget aside for evaluation ({share}); {held}"
    yield Finding(rule="project.evaluation-reserve", severity=Severity.WARNING, subject=facts.project, message=message)


def bases_used(rulebook: Rulebook) -> frozenset[Basis]:
    """The bases of budget bands in the rulebook, so that callers need not load figures nothing asks for."""
    return frozenset(
        rule.condition.budget.basis
        for policy in rulebook.policies
        for rule in policy.rules
        if rule.condition.budget is not None
    )
