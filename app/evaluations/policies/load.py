"""Evaluation policies between YAML and the pure values: every fault is listed with its line.

The text is read node by node, so a fault knows its place, a key that stands twice is told, and figures never pass
through a float. Aliases are refused: a policy is read by people, from top to bottom.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
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
    Policy,
    Requirement,
    Rule,
    Rung,
    Window,
)
from app.domain.evaluation.terms import Anchor, Basis, Confidence, Independence, Kind, Mode
from app.domain.findings import Finding, Severity, refused

#: A policy is a page or two, five levels deep; anything longer or deeper is something else.
LONGEST_TEXT = 200_000
DEEPEST = 20

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A policy read from text, with everything that was found wrong or doubtful."""

    #: None when a finding refuses the policy.
    policy: Policy | None
    findings: tuple[Finding, ...]


def load_policy(text: str, *, name: str = "policy") -> Loaded:
    """Read one policy. ``name`` is the file's, for findings raised before the policy's own id is known."""
    reader = _Reader(name)
    root = reader.compose(text)
    policy = None if root is None else _policy(reader, root)
    if policy is None or refused(reader.findings):
        return Loaded(policy=None, findings=tuple(reader.findings))
    findings = (*reader.findings, *check_policy(policy))
    return Loaded(policy=None if refused(findings) else policy, findings=findings)


@dataclass(slots=True)
class _Reader:
    """Takes values out of nodes and collects what is wrong with them."""

    subject: str
    findings: list[Finding] = field(default_factory=list)

    def fault(
        self, rule: str, message: str, at: yaml.Node | yaml.Event | None = None, pointer: str | None = None
    ) -> None:
        mark = None if at is None else at.start_mark
        self._add(rule, message, None if mark is None else mark.line + 1, pointer)

    def _add(self, rule: str, message: str, line: int | None, pointer: str | None = None) -> None:
        self.findings.append(
            Finding(
                rule=f"policy.{rule}",
                severity=Severity.ERROR,
                subject=self.subject,
                message=message,
                pointer=pointer,
                line=line,
            )
        )

    def compose(self, text: str) -> yaml.MappingNode | None:
        if len(text) > LONGEST_TEXT:
            self.fault("too-long", f"a policy has at most {LONGEST_TEXT:,} characters")
            return None
        try:
            if not self._is_plain(text):
                return None
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            self._add(
                "not-yaml",
                f"this is not YAML: {error.problem}",
                error.problem_mark.line + 1 if error.problem_mark else None,
            )
            return None
        except yaml.YAMLError as error:
            self.fault("not-yaml", f"this is not YAML: {error}")
            return None
        if not isinstance(root, yaml.MappingNode):
            self.fault("not-a-policy", "a policy is a mapping that begins with “policy: its id”", root)
            return None
        return root

    def _is_plain(self, text: str) -> bool:
        """Whether the text is without aliases and not nested for its own sake; told before a tree is built."""
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                self.fault("alias", "aliases (*name) are not read: write the values out", event)
                return False
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                self.fault("too-deep", f"a policy is at most {DEEPEST} levels deep", event)
                return False
        return True


class _Fields:
    """A mapping's fields by name; tells unknown, repeated and missing ones."""

    def __init__(self, reader: _Reader, node: yaml.Node, pointer: str, known: tuple[str, ...]) -> None:
        self.reader, self.node, self.pointer = reader, node, pointer
        self.values: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            reader.fault("not-a-mapping", f"here must stand the fields {', '.join(known)}", node, pointer)
            return
        for key_node, value in node.value:
            key = str(key_node.value)
            if key not in known:
                reader.fault("unknown-field", f"“{key}” is not a field here; known are {', '.join(known)}", key_node)
            elif key in self.values:
                reader.fault("field-twice", f"“{key}” stands twice", key_node, f"{pointer}/{key}")
            elif not _is_null(value):
                self.values[key] = value

    def node_of(self, name: str, *, required: bool = False) -> yaml.Node | None:
        found = self.values.get(name)
        if found is None and required:
            self.reader.fault("missing-field", f"“{name}” is missing", self.node, f"{self.pointer}/{name}")
        return found

    def parsed(self, name: str, parse: Callable[[str], T], expected: str, *, required: bool = False) -> T | None:
        """A scalar through ``parse``, which raises ValueError or InvalidOperation when it is not what is expected."""
        node = self.node_of(name, required=required)
        if node is None:
            return None
        try:
            if not isinstance(node, yaml.ScalarNode):
                raise ValueError(expected)
            return parse(str(node.value))
        except (ValueError, InvalidOperation):
            written = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
            message = f"“{name}” is {written!r}; expected {expected}"
            self.reader.fault("value", message, node, f"{self.pointer}/{name}")
            return None

    def text(self, name: str, *, required: bool = False) -> str:
        return self.parsed(name, str, "a text", required=required) or ""

    def date(self, name: str) -> date | None:
        return self.parsed(name, date.fromisoformat, "a date such as 2005-12-01")

    def whole(self, name: str, *, required: bool = False) -> int | None:
        return self.parsed(name, int, "a whole number", required=required)

    def figure(self, name: str) -> Decimal | None:
        return self.parsed(name, _figure, "a figure such as 350000 or 0.5")

    def choice(self, name: str, among: type[E], *, required: bool = False) -> E | None:
        return self.parsed(name, among, f"one of {', '.join(among)}", required=required)

    def boolean(self, name: str) -> bool | None:
        return self.parsed(name, _boolean, "true or false")

    def items(self, name: str, *, required: bool = False) -> list[yaml.Node]:
        node = self.node_of(name, required=required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.reader.fault("not-a-list", f"“{name}” is a list", node, f"{self.pointer}/{name}")
            return []
        return list(node.value)

    def texts(self, name: str) -> list[str]:
        found = []
        for item in self.items(name):
            if isinstance(item, yaml.ScalarNode):
                found.append(str(item.value))
            else:
                self.reader.fault("value", f"“{name}” is a list of words", item, f"{self.pointer}/{name}")
        return found

    def inner(self, name: str, known: tuple[str, ...], *, required: bool = False) -> "_Fields | None":
        node = self.node_of(name, required=required)
        return None if node is None else _Fields(self.reader, node, f"{self.pointer}/{name}", known)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _figure(text: str) -> Decimal:
    figure = Decimal(text.replace("_", ""))
    if not figure.is_finite():
        raise ValueError(text)
    return figure


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_POLICY = (
    *("policy", "title", "owner", "in_force", "source", "confidence", "note", "response_weeks", "reserve_percent"),
    *("merge_review_within_months", "windows", "ladders", "rules"),
)
_LIMITS = ("at_least", "over", "at_most", "under")
_WINDOW = ("opens", "due", "late")


def _policy(reader: _Reader, root: yaml.MappingNode) -> Policy | None:
    fields = _Fields(reader, root, "", _POLICY)
    identity = fields.text("policy", required=True)
    reader.subject = identity or reader.subject
    title = fields.text("title", required=True)
    source = fields.text("source", required=True)
    confidence = fields.choice("confidence", Confidence, required=True)
    in_force = fields.inner("in_force", ("from", "to"))
    rules = [_rule(reader, node, place) for place, node in enumerate(fields.items("rules", required=True))]
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


def _span(fields: _Fields | None) -> tuple[date | None, date | None]:
    return (None, None) if fields is None else (fields.date("from"), fields.date("to"))


def _by_kind(fields: _Fields, name: str, read: Callable[[_Fields, str], T | None]) -> dict[Kind, T]:
    inner = fields.inner(name, tuple(Kind))
    if inner is None:
        return {}
    found = {Kind(kind): read(inner, kind) for kind in inner.values}
    return {kind: value for kind, value in found.items() if value is not None}


def _window_of(fields: _Fields, name: str) -> Window | None:
    inner = fields.inner(name, _WINDOW)
    if inner is None:
        return None
    opens, due, late = (inner.whole(edge, required=True) for edge in _WINDOW)
    return None if opens is None or due is None or late is None else Window(opens=opens, due=due, late=late)


def _ladder_of(fields: _Fields, name: str) -> tuple[Rung, ...]:
    rungs = []
    for place, node in enumerate(fields.items(name)):
        rung = _Fields(fields.reader, node, f"{fields.pointer}/{name}/{place}", ("rung", "months_before", "ask"))
        label, months = rung.text("rung", required=True), rung.whole("months_before", required=True)
        if months is not None:
            rungs.append(Rung(name=label, months_before=months, ask=rung.text("ask")))
    return tuple(rungs)


def _rule(reader: _Reader, node: yaml.Node, place: int) -> Rule | None:
    known = ("id", "when", "require", "source", "confidence", "valid", "note")
    fields = _Fields(reader, node, f"/rules/{place}", known)
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


def _condition(fields: _Fields) -> Condition:
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


def _budget(fields: _Fields) -> BudgetBand:
    basis = fields.choice("basis", Basis) or Basis.REVISED
    return BudgetBand(band=_band(fields), currency=fields.text("currency", required=True), basis=basis)


def _months(fields: _Fields) -> Band:
    band = _band(fields)
    for name in _LIMITS:
        limit = fields.figure(name) if name in fields.values else None
        if limit is not None and limit != limit.to_integral_value():
            fields.reader.fault("months", "a duration is counted in whole months", fields.values[name], fields.pointer)
    return band


def _band(fields: _Fields) -> Band:
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


def _requirement(fields: _Fields) -> Requirement | None:
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


def _kinds(fields: _Fields, name: str) -> tuple[Kind, ...]:
    kinds = []
    for node in fields.items(name):
        if str(node.value) in tuple(Kind):
            kinds.append(Kind(str(node.value)))
        else:
            fields.reader.fault("value", f"{node.value!r} is not a kind: {', '.join(Kind)}", node)
    return tuple(kinds)


def _once_in_cycle(fields: _Fields) -> tuple[Kind, ...]:
    """``true`` for any evaluation of the cycle, or a list of the kinds that can be the one."""
    if isinstance(fields.node_of("once_in_cycle"), yaml.ScalarNode):
        return OF_THE_CYCLE if fields.boolean("once_in_cycle") else ()
    return _kinds(fields, "once_in_cycle")
