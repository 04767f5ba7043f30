"""Reads a mapping file: YAML whose every figure, code and word is text as it is written.

The text is read node by node, so that a fault knows its line, a key that stands twice is told, and ``0010`` stays what
it is. Aliases are refused: a mapping is read by people, from top to bottom.
"""

from difflib import get_close_matches

import yaml
from pydantic import ValidationError

from app.errors import Fault, InvalidInput, UsageError, step
from app.inputs import faults as faults_of
from app.tabular.kinds import Kind
from app.tabular.mapping.model import FileWords, Mapping, Source
from app.tabular.settings import FileSettings, said

#: a mapping is a page or two
LONGEST_TEXT = 100_000
DEEPEST = 12

_Plain = str | list["_Plain"] | dict[str, "_Plain"]


def load_mapping(text: str, kind: Kind) -> Mapping:
    """The mapping that ``text`` describes, for tables of ``kind``.

    :raises InvalidInput: with every fault, each with its line.
    """
    reader = _Reader()
    content = reader.content(text)
    if content is None or reader.faults:
        raise _unusable(reader.faults)
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        raise _unusable([_plainer(reader.placed(fault)) for fault in faults_of(error)]) from error
    found = [reader.placed(fault) for fault in (*_of_kind(mapping, kind), *_of_file(mapping.file))]
    if found:
        raise _unusable(found)
    return mapping


def settings_of(words: FileWords) -> FileSettings:
    """What a mapping says about how its files are written."""
    return said(
        decimal=words.decimal,
        grouping=words.grouping,
        dates=words.dates,
        encoding=words.encoding,
        header_row=words.header_row,
        sheet=words.sheet,
        separator=words.separator,
        hidden_rows=words.hidden_rows,
    )


def _unusable(faults: list[Fault]) -> InvalidInput:
    return InvalidInput(faults, "The mapping cannot be used")


def _plainer(fault: Fault) -> Fault:
    """The fault without the name that pydantic gives to a key of a dictionary."""
    pointer = fault.pointer.replace("/[key]", "")
    return Fault(pointer=pointer, rule=fault.rule, message=fault.message)


def _of_file(words: FileWords) -> list[Fault]:
    found = []
    for name, value in words.model_dump(exclude_none=True).items():
        try:
            said(**{name: value})
        except UsageError as error:
            message = error.message.replace("--", "").replace("sep= takes", "separator takes")
            found.append(Fault(pointer=f"/file/{name}", rule="mapping.file", message=f"{message}."))
    if not found:
        try:
            settings_of(words)
        except UsageError as error:
            found.append(Fault(pointer="/file", rule="mapping.file", message=f"{error.message.replace('--', '')}."))
    return found


def _of_kind(mapping: Mapping, kind: Kind) -> list[Fault]:
    """What the mapping says of columns that the kind does not have, or not so."""
    found: list[Fault] = []

    def tell(pointer: str, rule: str, message: str) -> None:
        found.append(Fault(pointer=pointer, rule=f"mapping.{rule}", message=message))

    if mapping.kind is not None and mapping.kind != kind.name:
        tell("/kind", "kind", f"The mapping is for {mapping.kind}, and the file is to be read as {kind.name}.")
    known = kind.columns
    for place, names in (("columns", mapping.columns), ("constants", mapping.constants)):
        for name in names:
            if known and name not in known:
                close = get_close_matches(name, sorted(known), 1)
                advice = f"is {close[0]} meant? " if close else ""
                listed = ", ".join(sorted(known))
                tell(
                    f"/{place}{step(name)}", "column", f"{kind.name} have no column {name}: {advice}Columns: {listed}."
                )
    for name in mapping.columns.keys() & mapping.constants.keys():
        tell(f"/constants{step(name)}", "twice", f"{name} is filled from a column already: say one of the two.")
    missing = sorted(kind.required - mapping.columns.keys() - mapping.constants.keys())
    if missing:
        tell("/columns", "missing", f"Say where these come from, in columns or constants: {', '.join(missing)}.")
    for name, source in mapping.columns.items():
        if name in kind.model.model_fields:
            found += _of_source(name, source, kind)
    for name, text in mapping.constants.items():
        if name in kind.model.model_fields and (wrong := _refused(text, name, kind)):
            tell(f"/constants{step(name)}", "constant", wrong)
    return found


def _of_source(name: str, source: Source, kind: Kind) -> list[Fault]:
    place = f"/columns{step(name)}"
    found = []
    if source.of_amounts and name != "amount":
        message = "debit, credit, minus, reversed and reversed_for tell the sign of the column amount."
        found.append(Fault(pointer=place, rule="mapping.sign", message=message))
    if source.times is not None and (wrong := _refused("1", name, kind)):
        found.append(Fault(pointer=f"{place}/times", rule="mapping.times", message=f"times is for figures. {wrong}"))
    if source.reversed_for is not None:
        for position, text in enumerate(source.reversed_for):
            typed = "type" in kind.model.model_fields
            wrong = _refused(text, "type", kind) if typed else f"{kind.name} have no column type."
            if wrong:
                pointer = f"{place}/reversed_for/{position}"
                found.append(Fault(pointer=pointer, rule="mapping.value", message=wrong))
    for code, text in (source.values or {}).items():
        if text and (wrong := _refused(text, name, kind)):
            found.append(Fault(pointer=f"{place}/values{step(code)}", rule="mapping.value", message=wrong))
    if source.when_empty and (wrong := _refused(source.when_empty, name, kind)):
        found.append(Fault(pointer=f"{place}/when_empty", rule="mapping.value", message=wrong))
    return found


def _refused(text: str, name: str, kind: Kind) -> str:
    """Why the column does not take the text; empty: it does."""
    try:
        kind.parse({name: text})
    except InvalidInput as error:
        return next((fault.message for fault in error.faults if fault.column == name), "")
    return ""


class _Reader:
    """Plain values out of nodes, with the line of each."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}

    def content(self, text: str) -> _Plain | None:
        if len(text) > LONGEST_TEXT:
            self._fault("", 0, "too-long", f"A mapping has at most {LONGEST_TEXT:,} characters.")
            return None
        try:
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.AliasEvent):
                    line = event.start_mark.line + 1 if event.start_mark else 0
                    self._fault("", line, "alias", "Write it out: a mapping uses no aliases (*name).")
                    return None
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self._fault("", line, "not-yaml", f"This is not YAML: {error.problem}.")
            return None
        except (yaml.YAMLError, RecursionError) as error:
            self._fault("", 0, "not-yaml", f"This is not YAML: {error}.")
            return None
        if not isinstance(root, yaml.MappingNode):
            self._fault("", 1, "not-a-mapping", "A mapping has keys: columns, and perhaps file, constants, skip.")
            return None
        return self._plain(root, "", 0)

    def placed(self, fault: Fault) -> Fault:
        """The fault with the line of the nearest place that has one."""
        pointer = fault.pointer
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        line = self.lines.get(pointer, 0)
        message = f"Line {line}: {fault.message}" if line else fault.message
        return Fault(pointer=fault.pointer, rule=fault.rule, message=message)

    def _plain(self, node: yaml.Node, pointer: str, depth: int) -> _Plain:
        self.lines[pointer] = node.start_mark.line + 1 if node.start_mark else 0
        if depth > DEEPEST:
            self._fault(pointer, self.lines[pointer], "too-deep", "This is nested too deeply for a mapping.")
            return ""
        match node:
            case yaml.MappingNode():
                return self._keys(node, pointer, depth)
            case yaml.SequenceNode():
                return [self._plain(each, f"{pointer}/{place}", depth + 1) for place, each in enumerate(node.value)]
        return str(node.value)

    def _keys(self, node: yaml.MappingNode, pointer: str, depth: int) -> dict[str, _Plain]:
        found: dict[str, _Plain] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1 if key.start_mark else 0
            if not isinstance(key, yaml.ScalarNode):
                self._fault(pointer, line, "key", "A key is a word or a text, not a list.")
                continue
            name = str(key.value)
            below = f"{pointer}{step(name)}"
            if name in found:
                self._fault(below, line, "twice", f"{name} stands twice here, first in line {self.lines[below]}.")
                continue
            if depth == 0 and isinstance(value, yaml.ScalarNode) and not value.value and not value.style:
                continue  # a key with nothing but comments below it says nothing
            found[name] = self._plain(value, below, depth + 1)
            self.lines[below] = line
        return found

    def _fault(self, pointer: str, line: int, rule: str, message: str) -> None:
        told = f"Line {line}: {message}" if line else message
        self.faults.append(Fault(pointer=pointer, rule=f"mapping.{rule}", message=told))
