"""One record validated: from its text to rows that only lack what the rest of the file decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from iati.findings import NO_IDENTIFIER
from iati.source import RECORDS, Fragment, Limits, SourceFault, parse_fragment
from iati.validator.checks.paths import text_of
from iati.validator.dispatch import Plan
from iati.validator.rule import Scope, Settings
from iati.validator.rules import RULES, Rule
from iati.validator.rules.files import SCHEMA
from iati.validator.schema import SchemaCheck

if TYPE_CHECKING:
    from iati.schema_faults import SchemaFault

#: Longer values are cut in messages.
_LONGEST = 120
#: what rules fill in that is no value of a file
_OUR_WORDS = frozenset({"reason", "contradiction"})
#: A record that breaks the schema at more places than this is told so once more and left at that.
_MOST_SCHEMA_FAULTS = 200

#: What stands for characters that would break a line.
_SIGNS = str.maketrans({"\n": "↵", "\r": "↵", "\t": "⇥"})

#: The position of each rule in the table.
NUMBERS = {rule: number for number, rule in enumerate(RULES)}


class Row(NamedTuple):
    """A finding without its activity, small enough to travel between processes."""

    rule: int  #: position in the table of rules
    path: str
    line: int
    message: str
    reference: str | None = None  #: the finding stands only if the file has no activity of this identifier


def row(rule: Rule, path: str, line: int, **values: object) -> Row:
    """A row from a rule and what fills its advice."""
    return Row(NUMBERS[rule], path, line, _message(rule, values))


class Validated(NamedTuple):
    """What is known of a record after validation."""

    identifier: str  #: as written, or ``noIdentifier``
    identifiers: tuple[str, ...]  #: texts by which others may refer to it
    former: tuple[str, ...]  #: identifiers it says it had before
    line: int
    path: str  #: of the element that holds the identifier, or of the record
    rows: list[Row]
    relied_on: frozenset[str] = frozenset()  #: hints that must prove true
    fault: SourceFault | None = None  #: the record cannot be read, and nothing after it
    broken: bool = False  #: it breaks the schema


def schema_rows(faults: list[SchemaFault], fragment: Fragment, file_type: str) -> list[Row]:
    """Rows for the places where a record breaks the schema; the first two hundred, and how many there are beside."""
    name = RECORDS[file_type]
    base = record_path(fragment, file_type)
    rows = [
        Row(
            NUMBERS[SCHEMA],
            base + fault.path[len(name) + 1 :],
            fragment.line + fault.line - 1,
            fault.message,
        )
        for fault in faults[:_MOST_SCHEMA_FAULTS]
    ]
    more = len(faults) - len(rows)
    if more:
        rows.append(row(SCHEMA, base, fragment.line, reason=f"Correct {more} more places where the schema is broken."))
    return rows


def record_path(fragment: Fragment, file_type: str) -> str:
    """The XPath of a record in its file."""
    return f"/{file_type}/{RECORDS[file_type]}[{fragment.index + 1}]"


class RecordValidator:
    """Validates the records of one kind of file."""

    def __init__(self, *, file_type: str, settings: Settings, schemas: Path | None, limits: Limits) -> None:
        self._name = RECORDS[file_type]
        self._root = file_type
        self._identifier = "iati-identifier" if file_type == "iati-activities" else "organisation-identifier"
        self._schema = SchemaCheck(file_type, schemas)
        self._scope = Scope(settings)
        self._limits = limits
        self._plans: dict[bool, Plan] = {}  #: by whether records break the schema
        #: what makes an equal validator in another process
        self.recipe = {"file_type": file_type, "settings": settings, "schemas": schemas, "limits": limits}

    def _plan(self, *, broken: bool) -> Plan:
        found = self._plans.get(broken)
        if found is None:
            found = self._plans[broken] = Plan(self._name, anywhere=broken)
        return found

    def validate(self, fragment: Fragment, record: etree._Element | None = None) -> Validated:
        """Validate one record. ``record``: its tree, where there is one already."""
        return (self.validate_all([fragment]) if record is None else self.judge_all([fragment], [record]))[0]

    def validate_all(self, fragments: Sequence[Fragment]) -> list[Validated]:
        """Validate records; one that is not well formed comes back with its fault and no rows, and is the last."""
        records: list[etree._Element] = []
        fault: SourceFault | None = None
        for fragment in fragments:
            try:
                records.append(parse_fragment(fragment, self._limits))
            except SourceFault as found:
                fault = found
                break
        validated = self.judge_all(fragments, records)
        if fault is not None:
            line = fragments[len(records)].line
            validated.append(Validated(NO_IDENTIFIER, (), (), line, "", [], fault=fault))
        return validated

    def judge_all(self, fragments: Iterable[Fragment], records: Sequence[etree._Element]) -> list[Validated]:
        """Validate records that are parsed already: the first fragments' trees."""
        broken = [self._schema.record(record) for record in records]
        return [
            self._judge(fragment, record, faults)
            for fragment, record, faults in zip(fragments, records, broken, strict=False)
        ]

    def _judge(self, fragment: Fragment, record: etree._Element, faults: list[SchemaFault]) -> Validated:
        base = record_path(fragment, self._root)
        rows = schema_rows(faults, fragment, self._root)
        broken = bool(rows)
        scope = self._scope
        self._plan(broken=broken).run(record, fragment.xml, scope)
        if scope.hits or scope.references:
            rows.extend(self._rows(record, fragment, base))
            rows.sort(key=_line)
        holders = scope.kids.get(self._identifier, [])
        texts = tuple(text_of(each) for each in holders)
        former = tuple(
            ref
            for each in scope.kids.get("other-identifier", ())
            if each.get("type") == "A3" and (ref := each.get("ref"))
        )
        return Validated(
            identifier=(texts[0] if texts else "") or NO_IDENTIFIER,
            identifiers=texts,
            former=former,
            line=fragment.line_of(holders[0]) if holders else fragment.line,
            path=f"{base}/{self._identifier}" if holders else base,
            rows=rows,
            relied_on=frozenset(scope.relied_on),
            broken=broken,
        )

    def _rows(self, record: etree._Element, fragment: Fragment, base: str) -> list[Row]:
        getpath = record.getroottree().getpath
        cut = len(self._name) + 1
        rows = []
        last: etree._Element | None = None
        path, line = base, fragment.line
        for rule, element, attribute, values in self._scope.hits:
            if element is not last:
                last, path, line = element, base + getpath(element)[cut:], fragment.line_of(element)
            place = path if attribute is None else f"{path}/@{attribute}"
            rows.append(Row(NUMBERS[rule], place, line, _message(rule, values)))
        for rule, element, attribute, identifier in self._scope.references:
            path = f"{base}{getpath(element)[cut:]}/@{attribute}"
            message = _message(rule, {"value": identifier})
            rows.append(Row(NUMBERS[rule], path, fragment.line_of(element), message, identifier))
        return rows


def _message(rule: Rule, values: Mapping[str, object]) -> str:
    """The rule's advice, filled in. What is words of ours comes whole; values from the file are cut."""
    if not values:
        return rule.advice
    message = rule.advice.format_map(values)
    if not message.isprintable():
        message = rule.advice.format_map({name: _visible(value) for name, value in values.items()})
    if len(message) > len(rule.advice) + _LONGEST:
        message = rule.advice.format_map(
            {name: value if name in _OUR_WORDS else _cut(value) for name, value in values.items()}
        )
    return message


def _visible(value: object) -> object:
    """A value on one line: line ends and tabs become signs for them."""
    return value.translate(_SIGNS) if isinstance(value, str) else value


def _line(row: Row) -> int:
    return row.line


def _cut(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST] + "…"
    return value
