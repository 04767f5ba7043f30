"""Faults of a policy as data: what makes it unusable (errors) and what is probably not meant (warnings)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from app.domain.earmarking import PRESET
from app.domain.evaluation.policy import ORGANISATION, Band, DutyRule, Policy, Rule, Rung, Window
from app.domain.evaluation.terms import OF_PROJECTS, Every, Independence, Kind, Mode, Obliged
from app.domain.findings import Finding, Severity
from app.domain.money import CURRENCIES, plain

_DAY = timedelta(days=1)
#: months before and after the day that counts, beyond which a window or a rung is a slip of the keyboard
EARLIEST, LATEST = -36, 120


def check_policy(policy: Policy) -> tuple[Finding, ...]:
    """Every fault of one policy; an empty tuple when it can be used as it is."""
    found = [*_frame_faults(policy), *_window_faults(policy), *_ladder_faults(policy)]
    for rule in policy.rules:
        found += _rule_faults(policy, rule)
    found += _duty_faults(policy)
    found += _band_faults(policy)
    return tuple(found)


def check_policies(policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """Faults of a set of policies: the same id twice; days with two policies of one owner, or with none between."""
    found = []
    by_owner: dict[str, list[Policy]] = {}
    ids: set[str] = set()
    for policy in policies:
        if policy.id in ids:
            found.append(_error("id-twice", policy.id, "another policy has the same id: rename one"))
        ids.add(policy.id)
        if not policy.rules:
            continue
        by_owner.setdefault(policy.owner, []).append(policy)
    for owned in by_owner.values():
        owned.sort(key=lambda policy: (policy.in_force_from or date.min, policy.id))
        for before, after in pairwise(owned):
            found += _succession_faults(before, after)
    return tuple(found)


def _succession_faults(before: Policy, after: Policy) -> Iterator[Finding]:
    starts = after.in_force_from or date.min
    ends = before.in_force_to or date.max
    if starts <= ends:
        message = f"from {starts} on it is in force beside {before.id}: end that one on {_day_before(starts)}"
        yield _warning("overlap", after.id, message)
    elif after.owner == ORGANISATION and starts > ends + _DAY:
        message = f"no policy is in force from {ends + _DAY} to {_day_before(starts)}, after {before.id}"
        yield _warning("gap", after.id, message)


def _day_before(day: date) -> date:
    return day if day == date.min else day - _DAY


def _frame_faults(policy: Policy) -> Iterator[Finding]:
    if not policy.rules and not policy.duties:
        yield _error("no-rules", policy.id, "it has no rules: nobody would ever owe an evaluation")
    if policy.in_force_from and policy.in_force_to and policy.in_force_to < policy.in_force_from:
        yield _error("in-force", policy.id, f"it ends on {policy.in_force_to}, before it is in force", "/in_force")
    if policy.reserve_percent is not None and not 0 <= policy.reserve_percent <= 100:
        message = f"a reserve of {plain(policy.reserve_percent)} % is none: give 0 to 100"
        yield _error("reserve", policy.id, message, "/reserve_percent")
    if policy.response_weeks < 1:
        yield _error("response-weeks", policy.id, "the management response needs a week at least", "/response_weeks")
    if policy.merge_review_months < 0:
        yield _error("merge-months", policy.id, "months cannot be negative", "/merge_review_within_months")


def _duty_faults(policy: Policy) -> Iterator[Finding]:
    """Faults of what a policy asks of the institution, and of kinds that stand on the wrong side."""
    for rule in policy.rules:
        asked = (rule.requirement.kind, *rule.requirement.or_kinds, *rule.requirement.once_in_cycle)
        if any(kind not in OF_PROJECTS for kind in asked):
            message = f"{rule.id} asks a project for what only the institution owes: write it under “duties”"
            yield _error("kind", policy.id, message, None, rule.line)
    if policy.duties and policy.in_force_from is None:
        message = "a policy with duties says from when it is in force: the first period begins on that day or after"
        yield _error("in-force", policy.id, message, "/in_force")
    if policy.duties and policy.owner != ORGANISATION:
        yield _error("duties", policy.id, "a partner's clause has no duties of the institution", "/duties")
    seen: set[str] = set()
    for duty in policy.duties:
        if duty.id in seen:
            yield _error("id-twice", policy.id, f"the duty {duty.id} stands twice: rename one", None, duty.line)
        seen.add(duty.id)
        yield from _one_duty(policy, duty)


def _one_duty(policy: Policy, duty: DutyRule) -> Iterator[Finding]:
    named = f"the duty {duty.id}"
    if not 1 <= duty.times <= 100:
        yield _error("times", policy.id, f"{named} is owed once to 100 times in a period", None, duty.line)
    if duty.obliges is Obliged.ORGANISATION and duty.codes:
        yield _error("codes", policy.id, f"{named} obliges the organisation, so that it names nobody", None, duty.line)
    if duty.obliges in (Obliged.THEME, Obliged.FLAGSHIP) and not duty.codes:
        yield _error("codes", policy.id, f"{named} names its {duty.obliges}s in “codes”", None, duty.line)
    lasting = duty.obliges in (Obliged.COUNTRY_PROGRAMME, Obliged.FUND, Obliged.FLAGSHIP)
    if duty.every is Every.CYCLE and not lasting:
        message = f"{named} is owed by a {duty.obliges}, which has no cycle: ask for it every year or biennium"
        yield _error("every", policy.id, message, None, duty.line)
    if duty.every is Every.CYCLE and duty.due is not None:
        yield _error("due", policy.id, f"{named} is due at the end of the cycle: leave out “due”", None, duty.line)
    if duty.requirement.kind is Kind.MILESTONE:
        message = f"{named} asks for a milestone: milestones are a table (earmark import csv milestones)"
        yield _error("kind", policy.id, message, None, duty.line)
    yield from _one_window(policy.window(duty.requirement), policy.id, f"/duties/{duty.id}", duty.line)


def _window_faults(policy: Policy) -> Iterator[Finding]:
    for kind, window in policy.windows.items():
        yield from _one_window(window, policy.id, f"/windows/{kind}", None)


def _one_window(window: Window, subject: str, pointer: str, line: int | None) -> Iterator[Finding]:
    for edge, months in (("opens", window.opens), ("due", window.due), ("late", window.late)):
        if not EARLIEST <= months <= LATEST:
            advice = f"write {EARLIEST} to {LATEST}, such as -6 for half a year before"
            message = (
                f"“{edge}: {months}” lies {abs(months)} months {'before' if months < 0 else 'after'} the day: {advice}"
            )
            yield _error("window-far", subject, message, pointer, line)
    if window.due < window.opens:
        message = f"the window is due at {window.due} months, before it opens at {window.opens}"
        yield _error("window-order", subject, message, pointer, line)
    if window.late < window.due:
        message = f"the window is late at {window.late} months, before it is due at {window.due}"
        yield _error("window-order", subject, message, pointer, line)


def _ladder_faults(policy: Policy) -> Iterator[Finding]:
    for kind, rungs in policy.ladders.items():
        pointer = f"/ladders/{kind}"
        for name in _twice(rung.name for rung in rungs):
            message = f"the rung “{name}” stands twice; alerts are recorded by that name"
            yield _error("rung-twice", policy.id, message, pointer)
        for rung in rungs:
            if not EARLIEST <= -rung.months_before <= LATEST:
                message = (
                    f"the rung “{rung.name}” lies {rung.months_before} months before: write {-LATEST} to {-EARLIEST}"
                )
                yield _error("rung-far", policy.id, message, pointer)
        for months in _twice(str(rung.months_before) for rung in rungs):
            yield _warning("rung-same-month", policy.id, f"two rungs stand {months} months before", pointer)
        yield from _rungs_after_late(policy, kind, rungs, pointer)


def _rungs_after_late(policy: Policy, kind: Kind, rungs: Sequence[Rung], pointer: str) -> Iterator[Finding]:
    window = policy.windows.get(kind)
    for rung in rungs:
        if window is not None and -rung.months_before > window.late:
            message = f"the rung “{rung.name}” lies after the window is late"
            yield _warning("rung-after-late", policy.id, message, pointer)


def _twice(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for name in names:
        if name in seen:
            twice[name] = None
        seen.add(name)
    return list(twice)


def _rule_faults(policy: Policy, rule: Rule) -> Iterator[Finding]:
    place = f"/rules/{rule.id}"
    condition, requirement = rule.condition, rule.requirement
    if [other.id for other in policy.rules].count(rule.id) > 1:
        yield _error("rule-id-twice", policy.id, f"the rule id “{rule.id}” stands twice", place, rule.line)
    if requirement.kind is Kind.INTERIM:
        message = "an interim evaluation comes of a mid-term under way; demand a mid-term"
        yield _error("interim-demanded", policy.id, message, place, rule.line)
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        yield _error("rule-validity", policy.id, f"rule {rule.id} ends before it is valid", place, rule.line)
    if _never_in_force(policy, rule):
        message = f"rule {rule.id} is never valid while the policy is in force"
        yield _warning("rule-never-in-force", policy.id, message, place, rule.line)
    if requirement.window is not None:
        yield from _one_window(requirement.window, policy.id, place, rule.line)
    if requirement.response_weeks is not None and requirement.response_weeks < 1:
        message = "the management response needs a week at least"
        yield _error("response-weeks", policy.id, message, place, rule.line)
    if requirement.kind in requirement.or_kinds:
        yield _error("or-itself", policy.id, f"“{requirement.kind}” is its own alternative", place, rule.line)
    if requirement.once_in_cycle and not (requirement.independence or Independence.SELF).strength:
        message = f"rule {rule.id} asks once in the cycle, but not how independent that evaluation must be"
        yield _error("once-without-independence", policy.id, message, place, rule.line)
    for preset in sorted(condition.funding - PRESET.keys()):
        message = f"rule {rule.id} asks for money of “{preset}”, which is no preset that ships"
        yield _warning("preset-unknown", policy.id, message, place, rule.line)
    yield from _rule_band_faults(policy, rule, place)


def _rule_band_faults(policy: Policy, rule: Rule, place: str) -> Iterator[Finding]:
    condition = rule.condition
    budget = condition.budget
    if budget is not None and budget.currency not in CURRENCIES:
        message = f"“{budget.currency}” is not a currency of ISO 4217"
        yield _error("currency", policy.id, message, place, rule.line)
    bands = {"budget": None if budget is None else budget.band, "duration_months": condition.months}
    for name, band in bands.items():
        if band is not None and band.is_empty:
            yield _error("band-empty", policy.id, f"no {name} can lie in the band of rule {rule.id}", place, rule.line)
        if band is not None and band.lower is None and band.upper is None:
            yield _error("band-open", policy.id, f"the band {name} of rule {rule.id} has no limit", place, rule.line)
        if band is not None and any(limit is not None and limit < 0 for limit in (band.lower, band.upper)):
            yield _error("band-negative", policy.id, f"the band {name} of rule {rule.id} is negative", place, rule.line)


def _never_in_force(policy: Policy, rule: Rule) -> bool:
    after = rule.valid_from and policy.in_force_to and rule.valid_from > policy.in_force_to
    before = rule.valid_to and policy.in_force_from and rule.valid_to < policy.in_force_from
    return bool(after or before)


def _band_faults(policy: Policy) -> Iterator[Finding]:
    """Gaps and overlaps between rules of one kind that differ in one band only.

    Rules that look at different things (a duration here, a budget there) overlap on purpose: their union counts.
    """
    families: dict[object, list[tuple[Band, Rule]]] = {}
    for rule in policy.rules:
        condition, requirement = rule.condition, rule.requirement
        if requirement.mode is Mode.SELECTIVE:
            continue
        dates = (rule.valid_from, rule.valid_to)
        others = (requirement.kind, condition.pilot, condition.phase_at_least, condition.funding, dates)
        budget = condition.budget
        if budget is not None and not budget.band.is_empty:
            place = ("budget", budget.currency, budget.basis, condition.months, others)
            families.setdefault(place, []).append((budget.band, rule))
        elif condition.months is not None and not condition.months.is_empty:
            families.setdefault(("months", others), []).append((condition.months, rule))
    for family in families.values():
        # An unlimited band lies below all limits; of equal limits the one that holds the limit begins first.
        family.sort(key=lambda row: (row[0].lower is not None, row[0].lower or 0, row[0].lower_is == "over"))
        for (band, rule), (following, next_rule) in pairwise(family):
            yield from _neighbours(policy, band, rule, following, next_rule)


def _neighbours(policy: Policy, band: Band, rule: Rule, following: Band, next_rule: Rule) -> Iterator[Finding]:
    place = f"/rules/{next_rule.id}"
    upper, lower = band.upper, following.lower
    both_hold = band.upper_is == "at_most" and following.lower_is == "at_least"
    neither_holds = band.upper_is == "under" and following.lower_is == "over"
    if upper is None or lower is None or lower < upper or (lower == upper and both_hold):
        what = "the limit itself" if lower is not None and lower == upper else "part of the band"
        message = f"{what} belongs to rule {rule.id} as well: the union of both would count"
        yield _warning("band-overlap", policy.id, message, place, next_rule.line)
    elif lower > upper or neither_holds:
        span = f"{plain(upper)} itself" if lower == upper else f"from {plain(upper)} to {plain(lower)}"
        message = f"between rule {rule.id} and this one lies a gap, {span}: no rule of this kind holds there"
        yield _warning("band-gap", policy.id, message, place, next_rule.line)


def _error(rule: str, subject: str, message: str, pointer: str | None = None, line: int | None = None) -> Finding:
    return _finding(rule, Severity.ERROR, subject, message, pointer, line)


def _warning(rule: str, subject: str, message: str, pointer: str | None = None, line: int | None = None) -> Finding:
    return _finding(rule, Severity.WARNING, subject, message, pointer, line)


def _finding(
    rule: str, severity: Severity, subject: str, message: str, pointer: str | None, line: int | None
) -> Finding:
    return Finding(
        rule=f"policy.{rule}", severity=severity, subject=subject, message=message, pointer=pointer, line=line
    )
