"""Nodes of YAML and what is taken out of them: every fault has its line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

import yaml

try:
    # in C, and ten times as fast; it is not there everywhere
    from yaml import CSafeLoader as QuickLoader
except ImportError:  # pragma: no cover
    from yaml import SafeLoader as QuickLoader  # type: ignore[assignment]

from app.domain.findings import Finding, Severity

#: A policy is a page or two, five levels deep; anything longer or deeper is something else.
LONGEST_TEXT = 200_000
DEEPEST = 20

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(slots=True)
class Reader:
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
            try:
                if not self._is_plain(text, QuickLoader):
                    return None
                root = yaml.compose(text, Loader=QuickLoader)
            except yaml.YAMLError:
                # the other reader says in better words what is wrong
                if not self._is_plain(text, yaml.SafeLoader):
                    return None
                root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            self._add(
                "not-yaml",
                f"this is not YAML: {error.problem}",
                error.problem_mark.line + 1 if error.problem_mark else None,
            )
            return None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            message = f"the character U+{ord(text[error.position]):04X} cannot stand in YAML: take it out"
            self._add("not-yaml", message, line)
            return None
        except yaml.YAMLError as error:
            self.fault("not-yaml", f"this is not YAML: {error}")
            return None
        if not isinstance(root, yaml.MappingNode):
            self.fault("not-a-policy", "a policy is a mapping that begins with “policy: its id”", root)
            return None
        return root

    def _is_plain(self, text: str, loader: type[yaml.SafeLoader | QuickLoader]) -> bool:
        """Whether the text is without aliases and not nested for its own sake; told before a tree is built."""
        depth = 0
        for event in yaml.parse(text, Loader=loader):
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


class Fields:
    """A mapping's fields by name; tells unknown, repeated and missing ones."""

    def __init__(self, reader: Reader, node: yaml.Node, pointer: str, known: tuple[str, ...]) -> None:
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

    def inner(self, name: str, known: tuple[str, ...], *, required: bool = False) -> "Fields | None":
        node = self.node_of(name, required=required)
        return None if node is None else Fields(self.reader, node, f"{self.pointer}/{name}", known)


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
