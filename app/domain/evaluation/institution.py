"""What the institution owes: evaluations of its policies that no single project carries, and milestones.

A duty is owed for each whole period that begins while the policy is in force, by each of those it obliges. It is known
by a name that stays the same whatever is learnt later: policy, rule, whom it obliges, period and number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.evaluation.dates import window_days
from app.domain.evaluation.facts import EvaluationFacts, Obligation
from app.domain.evaluation.policy import WINDOWS, DutyRule, Policy
from app.domain.evaluation.states import satisfies
from app.domain.evaluation.terms import EvaluationStatus, Every, Independence, Kind, Obliged
from app.domain.periods import FiscalCalendar, Period, day_after


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Somebody or something that a duty can oblige."""

    obliged: Obliged
    #: of a unit, programme, pool or project; the name of a theme; empty: the organisation
    code: str = ""
    name: str = ""
    #: first and last day of a programme, fund or project, where they are known
    first: date | None = None
    last: date | None = None
    #: the unit whose head is told, and the officer
    unit: str | None = None

    @property
    def label(self) -> str:
        """Such as ``unit ROAF``."""
        return f"{self.obliged} {self.code}".rstrip()


class Degree(StrEnum):
    """How far a milestone is on a day."""

    FULLY = "fully"
    PARTLY = "partly"
    NOT_ACHIEVED = "not_achieved"
    #: its day has passed, and nobody told
    NOT_TOLD = "not_told"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """A milestone of a strategy, with how far it was achieved."""

    strategy: str
    code: str
    title: str
    due: date
    unit: str | None = None
    #: fully, partly or not, told on a day
    result: str | None = None
    reported_on: date | None = None

    @property
    def is_achieved(self) -> bool:
        return self.result in ("fully", "partly")

    def degree_on(self, day: date) -> Degree:
        """By what was told until the day."""
        if self.result is not None and self.reported_on is not None and self.reported_on <= day:
            return Degree.NOT_ACHIEVED if self.result == "not" else Degree(self.result)
        return Degree.NOT_TOLD if self.due < day else Degree.AHEAD


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A duty of the institution in one period."""

    name: str
    title: str
    subject: Subject
    obligation: Obligation
    #: evaluations of these days belong to it before any other; None: a milestone
    period: Period | None = None
    milestone: Milestone | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoped:
    """An evaluation with what it looks at beyond single projects."""

    facts: EvaluationFacts
    scope: str
    #: the unit, theme, programme, fund or flagship
    subject: str | None = None
    #: codes of projects and pools that it covers
    covers: frozenset[str] = field(default_factory=frozenset)

    def is_about(self, subject: Subject) -> bool:
        """Whether it may satisfy a duty of this subject; any that is of the right kind may one of the organisation."""
        if subject.obliged is Obliged.ORGANISATION:
            return True
        if self.scope == subject.obliged.value and self.subject == subject.code:
            return True
        return subject.obliged in (Obliged.FUND, Obliged.FLAGSHIP) and subject.code in self.covers


def duties_of(obliged: Obliged, code: str) -> str:
    """How the keys of duties name whom they oblige, between the rule and the period."""
    return f"/{obliged}:{code}/"


def milestone_key(strategy: str, code: str) -> str:
    """The key of a milestone's duty."""
    return f"milestone/{strategy}/{code}"


def owed(
    policies: Iterable[Policy],
    subjects: Mapping[Obliged, Sequence[Subject]],
    milestones: Iterable[Milestone],
    calendar: FiscalCalendar,
    until: date,
) -> tuple[list[Owed], list[str]]:
    """Everything that begins by a day, by name; and sentences on what cannot be told."""
    found: list[Owed] = []
    untold: list[str] = []
    for policy in policies:
        for rule in policy.duties:
            for subject in _obliged(rule, subjects, policy, untold):
                for period in _periods(policy, rule, subject, calendar, until, untold):
                    found += _in_period(policy, rule, subject, period)
    found += [_of_milestone(one) for one in milestones]
    return found, untold


def _obliged(
    rule: DutyRule, subjects: Mapping[Obliged, Sequence[Subject]], policy: Policy, untold: list[str]
) -> Iterator[Subject]:
    if rule.obliges is Obliged.ORGANISATION:
        yield Subject(obliged=Obliged.ORGANISATION)
        return
    if rule.obliges is Obliged.THEME:
        yield from (Subject(obliged=Obliged.THEME, code=code, name=code) for code in rule.codes)
        return
    known = {subject.code: subject for subject in subjects.get(rule.obliges, ())}
    for code in rule.codes or known:
        if code in known:
            yield known[code]
        else:
            untold.append(
                f"{policy.id}/{rule.id} obliges the {rule.obliges} {code}, and there is none of that code. If it has "
                "another one now, load the policy with that one: what was waived, moved or told goes on to hold."
            )


def _periods(
    policy: Policy, rule: DutyRule, subject: Subject, calendar: FiscalCalendar, until: date, untold: list[str]
) -> Iterator[Period]:
    """Whole periods that begin while the policy is in force; a cycle that ends while it is."""
    starts = policy.in_force_from
    if starts is None:
        return
    if rule.every is Every.CYCLE:
        if subject.first is None or subject.last is None:
            untold.append(f"{policy.id}/{rule.id}: the {subject.label} lacks its first or last day.")
        elif subject.first <= until and subject.last >= starts and policy.covers(max(subject.first, starts)):
            yield Period(start=subject.first, end=subject.last, label="cycle")
        return
    whole = calendar.year_of if rule.every is Every.YEAR else calendar.biennium_of
    period = whole(starts)
    if period.start < starts:
        period = whole(day_after(period.end))
    while period.start <= until and policy.covers(period.start):
        if (subject.first is None or subject.first <= period.end) and (
            subject.last is None or period.start <= subject.last
        ):
            yield period
        period = whole(day_after(period.end))


def _in_period(policy: Policy, rule: DutyRule, subject: Subject, period: Period) -> Iterator[Owed]:
    requirement = rule.requirement
    anchor = period.end if rule.due is None else date(period.end.year, *rule.due)
    if not period.start <= anchor <= period.end:
        anchor = date(period.start.year, *rule.due) if rule.due else period.end
    window = policy.window(requirement)
    opens, due, late = window_days(anchor, window)
    independence = requirement.independence or Independence.SELF
    often = "one" if rule.times == 1 else str(rule.times)
    asked = "in the cycle" if rule.every is Every.CYCLE else f"each {rule.every}"
    for number in range(1, rule.times + 1):
        ordinal = number if rule.times > 1 else 0
        noun = f"{requirement.kind} {ordinal}" if ordinal else str(requirement.kind)
        name = f"{policy.id}/{rule.id}"
        obligation = Obligation(
            project=subject.label,
            kind=requirement.kind,
            ordinal=ordinal,
            independence=independence,
            opens=opens,
            due=due,
            late=late,
            reason=f"{noun}, {independence}: {rule.title}; {often} {asked} of the {subject.label}; "
            f"{period.label} from {period.start} to {period.end}; rule {name}",
            rules=(name,),
            or_kinds=requirement.or_kinds,
            grace_months=window.late - window.due,
            response_weeks=requirement.response_weeks or policy.response_weeks,
        )
        when = "cycle" if rule.every is Every.CYCLE else period.label
        identity = f"{name}{duties_of(subject.obliged, subject.code)}{when}/{number}"
        yield Owed(name=identity, title=rule.title, subject=subject, obligation=obligation, period=period)


def _of_milestone(one: Milestone) -> Owed:
    window = WINDOWS[Kind.MILESTONE]
    opens, due, late = window_days(one.due, window)
    subject = (
        Subject(obliged=Obliged.UNIT, code=one.unit, unit=one.unit)
        if one.unit
        else Subject(obliged=Obliged.ORGANISATION)
    )
    said = f"; achieved: {one.result}, told on {one.reported_on}" if one.result else ""
    obligation = Obligation(
        project=subject.label,
        kind=Kind.MILESTONE,
        independence=Independence.SELF,
        opens=opens,
        due=due,
        late=late,
        reason=f"milestone {one.code} of {one.strategy}: {one.title}{said}",
        rules=(),
        grace_months=window.late - window.due,
    )
    name = milestone_key(one.strategy, one.code)
    return Owed(name=name, title=one.title, subject=subject, obligation=obligation, milestone=one)


def evidence(duties: Sequence[Owed], evaluations: Iterable[Scoped], as_of: date) -> dict[str, EvaluationFacts]:
    """Which evaluation counts for which duty, each for one duty of a rule; as known on a day.

    One whose day lies in the period of a duty counts for that one. What is left over counts for the earliest period
    that has none yet, so that a late report closes its year, but never for a period that begins after it.
    """
    known = [_as_known(one, as_of) for one in evaluations]
    dated = sorted(
        ((day, one) for one in known if (day := _day(one.facts)) is not None),
        key=lambda each: (not each[1].facts.is_done(as_of), each[0], each[1].facts.id),
    )
    found: dict[str, EvaluationFacts] = {}
    for own in _by_rule(duties):
        used: set[int] = set()
        for inside in (True, False):
            for day, one in dated:
                if one.facts.id in used:
                    continue
                for duty in own:
                    if duty.name in found or not _serves(one, duty, day, inside=inside):
                        continue
                    found[duty.name] = one.facts
                    used.add(one.facts.id)
                    break
    for duty in duties:
        if duty.milestone is not None and duty.milestone.is_achieved:
            found[duty.name] = _report_of(duty.milestone)
    return found


def _as_known(one: Scoped, as_of: date) -> Scoped:
    return Scoped(facts=one.facts.known_on(as_of), scope=one.scope, subject=one.subject, covers=one.covers)


def _by_rule(duties: Sequence[Owed]) -> Iterator[list[Owed]]:
    """Duties of the same rule and subject, earliest first."""
    groups: dict[tuple[tuple[str, ...], str], list[Owed]] = {}
    for duty in duties:
        if duty.period is not None:
            groups.setdefault((duty.obligation.rules, duty.subject.label), []).append(duty)
    for own in groups.values():
        yield sorted(own, key=lambda duty: (duty.obligation.due, duty.obligation.ordinal))


def _serves(one: Scoped, duty: Owed, day: date, *, inside: bool) -> bool:
    if duty.period is None or not one.is_about(duty.subject) or not satisfies(one.facts, duty.obligation):
        return False
    return day in duty.period if inside else day > duty.period.end


def _day(facts: EvaluationFacts) -> date | None:
    return facts.completed_on or facts.planned_end or facts.planned_start


def _report_of(milestone: Milestone) -> EvaluationFacts:
    """What was told of a milestone, as the rules of states take it."""
    return EvaluationFacts(
        id=0,
        kind=Kind.MILESTONE,
        independence=Independence.SELF,
        status=EvaluationStatus.FINAL,
        reference=milestone.code,
        completed_on=milestone.reported_on,
    )
