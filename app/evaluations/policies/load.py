"""Evaluation policies between YAML and the pure values: every fault is listed with its line.

The text is read node by node, so a fault knows its place, a key that stands twice is told, and figures never pass
through a float. Aliases are refused: a policy is read by people, from top to bottom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import yaml

from app.domain.evaluation.checks import check_policy
from app.domain.evaluation.policy import (
    ALWAYS,
    OF_THE_CYCLE,
    ORGANISATION,
    RESPONSE_WEEKS,
    Band,
    BudgetBand,
    Condition,
    DutyRule,
    Policy,
    Requirement,
    Rule,
    Rung,
    Window,
)
from app.domain.evaluation.terms import (
    Anchor,
    Basis,
    Confidence,
    Every,
    Independence,
    Kind,
    Mode,
    Obliged,
)
from app.domain.findings import Finding, refused
from app.evaluations.policies.reading import Fields, Reader

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A policy read from text, with everything that was found wrong or doubtful."""

    #: None when a finding refuses the policy.
    policy: Policy | None
    findings: tuple[Finding, ...]


def load_policy(text: str, *, name: str = "policy") -> Loaded:
    """Read one policy. ``name`` is the file's, for findings raised before the policy's own id is known."""
    reader = Reader(name)
    root = reader.compose(text)
    policy = None if root is None else _policy(reader, root)
    if policy is None or refused(reader.findings):
        return Loaded(policy=None, findings=tuple(reader.findings))
    findings = (*reader.findings, *check_policy(policy))
    return Loaded(policy=None if refused(findings) else policy, findings=findings)


_POLICY = (
    *("policy", "title", "owner", "in_force", "source", "confidence", "note", "response_weeks", "reserve_percent"),
    *("merge_review_within_months", "windows", "ladders", "rules", "duties"),
)
_LIMITS = ("at_least", "over", "at_most", "under")
_WINDOW = ("opens", "due", "late")


def _policy(reader: Reader, root: yaml.MappingNode) -> Policy | None:
    fields = Fields(reader, root, "", _POLICY)
    identity = fields.text("policy", required=True)
    reader.subject = identity or reader.subject
    title = fields.text("title", required=True)
    source = fields.text("source", required=True)
    confidence = fields.choice("confidence", Confidence, required=True)
    in_force = fields.inner("in_force", ("from", "to"))
    has_duties = "duties" in fields.values
    rules = [_rule(reader, node, place) for place, node in enumerate(fields.items("rules", required=not has_duties))]
    duties = [_duty(reader, node, place) for place, node in enumerate(fields.items("duties"))]
    windows = _by_kind(fields, "windows", _window_of)
    ladders = _by_kind(fields, "ladders", _ladder_of)
    merge, weeks = fields.whole("merge_review_within_months"), fields.whole("response_weeks")
    reserve, owner, note = fields.figure("reserve_percent"), fields.text("owner"), fields.text("note")
    first, last = _span(in_force)
    if confidence is None:
        return None
    return Policy(
        id=identity,
        title=title,
        source=source,
        confidence=confidence,
        rules=tuple(rule for rule in rules if rule is not None),
        duties=tuple(duty for duty in duties if duty is not None),
        owner=owner or ORGANISATION,
        in_force_from=first,
        in_force_to=last,
        windows=windows,
        ladders=ladders,
        merge_review_months=3 if merge is None else merge,
        response_weeks=RESPONSE_WEEKS if weeks is None else weeks,
        reserve_percent=reserve,
        note=note,
    )


def _span(fields: Fields | None) -> tuple[date | None, date | None]:
    return (None, None) if fields is None else (fields.date("from"), fields.date("to"))


def _by_kind(fields: Fields, name: str, read: Callable[[Fields, str], T | None]) -> dict[Kind, T]:
    inner = fields.inner(name, tuple(Kind))
    if inner is None:
        return {}
    found = {Kind(kind): read(inner, kind) for kind in inner.values}
    return {kind: value for kind, value in found.items() if value is not None}


def _window_of(fields: Fields, name: str) -> Window | None:
    inner = fields.inner(name, _WINDOW)
    if inner is None:
        return None
    opens, due, late = (inner.whole(edge, required=True) for edge in _WINDOW)
    return None if opens is None or due is None or late is None else Window(opens=opens, due=due, late=late)


def _ladder_of(fields: Fields, name: str) -> tuple[Rung, ...]:
    rungs = []
    for place, node in enumerate(fields.items(name)):
        rung = Fields(fields.reader, node, f"{fields.pointer}/{name}/{place}", ("rung", "months_before", "ask"))
        label, months = rung.text("rung", required=True), rung.whole("months_before", required=True)
        if months is not None:
            rungs.append(Rung(name=label, months_before=months, ask=rung.text("ask")))
    return tuple(rungs)


def _rule(reader: Reader, node: yaml.Node, place: int) -> Rule | None:
    known = ("id", "when", "require", "source", "confidence", "valid", "note")
    fields = Fields(reader, node, f"/rules/{place}", known)
    identity, source = fields.text("id", required=True), fields.text("source", required=True)
    confidence = fields.choice("confidence", Confidence, required=True)
    valid_from, valid_to = _span(fields.inner("valid", ("from", "to")))
    condition, requirement, note = _condition(fields), _requirement(fields), fields.text("note")
    if confidence is None or requirement is None:
        return None
    return Rule(
        id=identity,
        requirement=requirement,
        condition=condition,
        source=source,
        confidence=confidence,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
        line=node.start_mark.line + 1,
    )


def _duty(reader: Reader, node: yaml.Node, place: int) -> DutyRule | None:
    known = ("id", "title", "obliges", "codes", "require", "every", "times", "due", "source", "confidence", "note")
    fields = Fields(reader, node, f"/duties/{place}", known)
    identity, title = fields.text("id", required=True), fields.text("title", required=True)
    source, confidence = fields.text("source", required=True), fields.choice("confidence", Confidence, required=True)
    obliges, every = fields.choice("obliges", Obliged, required=True), fields.choice("every", Every)
    times, due = fields.whole("times"), fields.parsed("due", _month_and_day, "a month and day such as 11-30")
    requirement, codes, note = _requirement(fields), fields.texts("codes"), fields.text("note")
    if confidence is None or obliges is None or requirement is None:
        return None
    return DutyRule(
        id=identity,
        title=title,
        obliges=obliges,
        codes=tuple(codes),
        requirement=requirement,
        every=every or Every.YEAR,
        times=1 if times is None else times,
        due=due,
        source=source,
        confidence=confidence,
        note=note,
        line=node.start_mark.line + 1,
    )


def _month_and_day(text: str) -> tuple[int, int]:
    # a year without a 29 February, which not every year has
    day = date.fromisoformat(f"2001-{text}")
    return day.month, day.day


def _condition(fields: Fields) -> Condition:
    when = fields.inner("when", ("budget", "duration_months", "pilot", "phase_at_least", "funding"))
    if when is None:
        return ALWAYS
    budget = when.inner("budget", ("currency", "basis", *_LIMITS))
    months = when.inner("duration_months", _LIMITS)
    return Condition(
        budget=_budget(budget) if budget else None,
        months=_months(months) if months else None,
        pilot=when.boolean("pilot"),
        phase_at_least=when.whole("phase_at_least"),
        funding=frozenset(when.texts("funding")),
    )


def _budget(fields: Fields) -> BudgetBand:
    basis = fields.choice("basis", Basis) or Basis.REVISED
    return BudgetBand(band=_band(fields), currency=fields.text("currency", required=True), basis=basis)


def _months(fields: Fields) -> Band:
    band = _band(fields)
    for name in _LIMITS:
        limit = fields.figure(name) if name in fields.values else None
        if limit is not None and limit != limit.to_integral_value():
            fields.reader.fault("months", "a duration is counted in whole months", fields.values[name], fields.pointer)
    return band


def _band(fields: Fields) -> Band:
    for one, other in (("at_least", "over"), ("at_most", "under")):
        if one in fields.values and other in fields.values:
            message = f"“{one}” and “{other}” are the same limit: keep one"
            fields.reader.fault("limit-twice", message, fields.values[other], fields.pointer)
    over, under = fields.figure("over"), fields.figure("under")
    return Band(
        lower=fields.figure("at_least") if over is None else over,
        lower_is="at_least" if over is None else "over",
        upper=fields.figure("at_most") if under is None else under,
        upper_is="at_most" if under is None else "under",
    )


def _requirement(fields: Fields) -> Requirement | None:
    known = ("kind", "independence", "mode", "anchor", "window", "or", "once_in_cycle", "response_weeks")
    require = fields.inner("require", known, required=True)
    if require is None:
        return None
    kind = require.choice("kind", Kind, required=True)
    independence = require.choice("independence", Independence)
    mode, anchor = require.choice("mode", Mode), require.choice("anchor", Anchor)
    window, weeks = _window_of(require, "window"), require.whole("response_weeks")
    others, once = _kinds(require, "or"), _once_in_cycle(require)
    if kind is None:
        return None
    return Requirement(
        kind=kind,
        independence=independence,
        mode=mode or Mode.REQUIRED,
        anchor=anchor,
        window=window,
        or_kinds=others,
        once_in_cycle=once,
        response_weeks=weeks,
    )


def _kinds(fields: Fields, name: str) -> tuple[Kind, ...]:
    kinds = []
    for node in fields.items(name):
        if str(node.value) in tuple(Kind):
            kinds.append(Kind(str(node.value)))
        else:
            fields.reader.fault("value", f"{node.value!r} is not a kind: {', '.join(Kind)}", node)
    return tuple(kinds)


def _once_in_cycle(fields: Fields) -> tuple[Kind, ...]:
    """``true`` for any evaluation of the cycle, or a list of the kinds that can be the one."""
    if isinstance(fields.node_of("once_in_cycle"), yaml.ScalarNode):
        return OF_THE_CYCLE if fields.boolean("once_in_cycle") else ()
    return _kinds(fields, "once_in_cycle")
