"""A file validated as it streams by: rows in the order of the file, each with the name of its activity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

from iati import codelists
from iati.findings import WHOLE_FILE, Finding
from iati.source import Document, Extra, Fragment, Limits, SourceFault, open_document, parse_fragment
from iati.validator.hints import Hints, look_ahead
from iati.validator.labels import Labels
from iati.validator.parallel import in_order
from iati.validator.records import RecordValidator, Row, Validated, row, schema_rows
from iati.validator.rule import Settings
from iati.validator.rules import RULES
from iati.validator.rules.codes import CODE_RULES, CodeFrom
from iati.validator.rules.files import (
    ADVISORIES,
    DUPLICATE,
    FORMER_IDENTIFIER,
    NOT_IATI,
    NOT_XML,
    SCHEMA,
    UNSUPPORTED_ADVICE,
    UNSUPPORTED_VERSION,
    VERSIONS,
)
from iati.validator.schema import SchemaCheck

#: Enough to see that a file without a known version does not follow the current one either.
_MOST_FAULTS_OF_NO_VERSION = 100
_CODE, _ADVISORY = 1, 2
#: By which of an activity's names the findings of each rule call it: a position in the names of a batch.
KIND = [_CODE if isinstance(rule.check, CodeFrom) else _ADVISORY if rule in ADVISORIES else 0 for rule in RULES]
_FAULTS = {rule.id: rule for rule in (NOT_XML, NOT_IATI)}
#: The rules for the version of each kind of file.
_VERSION_CODES = {
    "iati-activities": next(rule for rule in CODE_RULES if rule.id == "9.1.1"),
    "iati-organisations": next(rule for rule in CODE_RULES if rule.id == "9.97.1"),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to validate."""

    as_of: date  #: the day after which dates are in the future
    schemas: Path | None = None  #: folder with other XSD files than the library's own
    jobs: int = 1  #: processes that share the work
    limits: Limits = field(default_factory=Limits)

    def settings(self, hints: Hints | None = None) -> Settings:
        """What the checks are told."""
        return Settings(
            as_of=self.as_of,
            publishers=codelists.registered_publishers(),
            prefixes=codelists.org_id_prefixes(),
            hints=hints,
        )

    def validator(self, file_type: str, hints: Hints | None = None) -> RecordValidator:
        """What looks at the records of a file."""
        return RecordValidator(
            file_type=file_type, settings=self.settings(hints), schemas=self.schemas, limits=self.limits
        )


class Batch(NamedTuple):
    """Rows that belong together, and the names by which they call their activity: see `KIND`."""

    names: tuple[str, str, str]  #: for rules, for codelists, for advisories
    rows: Sequence[Row]

    def named(self) -> Iterator[Named]:
        """The rows, each with the name of its activity."""
        for each in self.rows:
            yield Named(self.names[KIND[each.rule]], each)


class Named(NamedTuple):
    """A row with the name of its activity."""

    activity: str
    row: Row

    def finding(self) -> Finding:
        """The row as a finding."""
        rule = RULES[self.row.rule]
        return Finding(
            rule=rule.id,
            severity=rule.severity,
            category=rule.category,
            activity=self.activity,
            path=self.row.path,
            line=self.row.line,
            message=self.row.message,
        )


def hinted(source: Path | bytes | BinaryIO, options: Options) -> Iterator[Stream]:
    """Streams of one source to be tried in turn: the first relies on hints, the second is there if it was misled."""
    hints = look_ahead(source)
    start = source.tell() if hints and not isinstance(source, bytes | Path) else 0
    first = Stream(source, options, hints=hints)
    yield first
    if first.misled:
        if not isinstance(source, bytes | Path):
            source.seek(start)
        yield Stream(source, options)


class Stream:
    """One validation. Walk :meth:`rows` to its end; the other attributes are complete then.

    A row with a reference stands only if :meth:`stands` says so at the end, when all identifiers are known.
    """

    def __init__(self, source: Path | bytes | BinaryIO, options: Options, *, hints: Hints | None = None) -> None:
        self._source = source
        self._options = options
        self._hints = hints
        self._relied_on: set[str] = set()
        self.file_type: str | None = None
        self.version: str | None = None
        #: not empty when the file cannot be read to its end or is of no known version: then nothing else is said
        self.fatal: tuple[Named, ...] = ()
        self._identifiers: set[str] = set()
        self._former: dict[str, str] = {}

    @property
    def misled(self) -> bool:
        """Whether the hints were wrong where it matters, so that findings are missing or too many."""
        if self._hints is None or self.fatal:
            return False
        known = self._identifiers - {""} <= self._hints.identifiers and self._former.keys() <= self._hints.former
        return not known or not self._relied_on <= self._identifiers

    def leads_nowhere(self, reference: str) -> bool:
        """Whether no activity of the file has an identifier; to be asked when all of the file is known."""
        return reference not in self._identifiers

    def now_called(self, reference: str) -> str | None:
        """The present identifier of the activity that had this one before."""
        return self._former.get(reference)

    def standing(self, named: Named) -> Iterator[Named]:
        """A row if it stands at the end of the file, with what else there is to say about its reference."""
        reference = named.row.reference
        if reference is None or self.leads_nowhere(reference):
            yield named
            now = None if reference is None else self.now_called(reference)
            if now is not None:
                yield Named(named.activity, former_row(named.row.path, named.row.line, reference, now))

    def rows(self) -> Iterator[Named]:
        """The rows one by one, as they are found."""
        for batch in self.batches():
            yield from batch.named()

    def batches(self) -> Iterator[Batch]:
        """The rows of each record, as they are found. Holds few records at a time."""
        try:
            with open_document(self._source, self._options.limits, any_namespace=True) as document:
                self.file_type, self.version = document.file_type, document.version
                if document.version in VERSIONS:
                    yield from self._document(document)
                elif _names_no_number(document.version):
                    yield version_row(document)
                    yield from self._document(document)
                else:
                    self._refuse_version(document)
        except SourceFault as fault:
            self.fatal = (Named(WHOLE_FILE, row(_FAULTS[fault.rule], "/", fault.line, reason=fault.message)),)

    def _refuse_version(self, document: Document) -> None:
        """Say that the version is not supported, once all of the file has been read: not being XML comes first.

        Where the version is none of the standard at all, the file is also told where it breaks the current schema.
        Records that carry a version themselves, in a foreign namespace, were taken out of a collection by somebody
        else; then only the version is asked for.
        """
        claim = _claim(document.version)
        path = f"/{document.file_type}"
        reason = document.namespace_fault or UNSUPPORTED_ADVICE.format(claim=claim)
        found = [row(UNSUPPORTED_VERSION, path, document.line, reason=reason)]
        check = SchemaCheck(document.file_type, self._options.schemas)
        judged = document.version not in codelists.code_set("Version")
        if judged:
            faults = check.root(document, empty=False)
            found.extend(row(SCHEMA, path, document.line, reason=fault.message) for fault in faults)
        for fragment in document:
            record = parse_fragment(fragment, self._options.limits)
            if any(str(name).endswith("}version") for name in record.attrib):
                judged = False
                del found[1:]
            if judged and len(found) < _MOST_FAULTS_OF_NO_VERSION:
                found.extend(schema_rows(check.record(record), fragment, document.file_type))
        self.fatal = tuple(Named(WHOLE_FILE, each) for each in found)

    def _document(self, document: Document) -> Iterator[Batch]:
        check = SchemaCheck(document.file_type, self._options.schemas)
        labels = Labels(count_codes=document.file_type == "iati-activities")
        validator = self._options.validator(document.file_type, self._hints)
        root = f"/{document.file_type}"
        records = 0
        foreign_before = False
        for item in in_order(document.parts(), validator, self._options.jobs):
            if isinstance(item, Extra):
                for fault in check.beside_records(document, item):
                    yield _of_file(row(SCHEMA, root, item.line, reason=fault.message))
                foreign_before = foreign_before or item.kind == "element"
                continue
            if item.fault:
                raise item.fault
            records += 1
            if foreign_before and not check.record_may_follow(document):
                reason = "Move the elements of other namespaces behind all records; none may follow them."
                yield _of_file(row(SCHEMA, root, item.line, reason=reason))
                foreign_before = False
            yield from self.record(item, labels)
        for fault in check.root(document, empty=not records):
            yield _of_file(row(SCHEMA, root, document.line, reason=fault.message))

    def record(self, item: Validated, labels: Labels) -> Iterator[Batch]:
        """The rows of a record, whose identifiers are known from then on."""
        label, repeated = labels.for_rules(item.identifier)
        coded = any(KIND[each.rule] == _CODE for each in item.rows)
        names = (label, labels.for_codes(item.identifier, faulty=coded), item.identifier)
        self._identifiers.update(item.identifiers)
        self._relied_on |= item.relied_on - self._identifiers
        for former in item.former:
            self._former.setdefault(former, item.identifier)
        if repeated:
            yield _of_file(row(DUPLICATE, item.path, item.line, value=item.identifier))
        if item.rows:
            yield Batch(names, item.rows)


def version_row(document: Document) -> Batch:
    """What is said of a version that is a word: its rows stand beside those of the present version."""
    rule = _VERSION_CODES[document.file_type]
    values = {"value": document.version, "codelist": "Version", "hint": ""}
    return _of_file(row(rule, f"/{document.file_type}/@version", document.line, **values))


def _of_file(row_: Row) -> Batch:
    return Batch((WHOLE_FILE, WHOLE_FILE, WHOLE_FILE), (row_,))


def former_row(path: str, line: int, reference: str | None, now: str) -> Row:
    """The row for a reference to an activity by its former identifier."""
    return row(FORMER_IDENTIFIER, path, line, value=reference, now=now)


def _claim(version: str | None) -> str:
    """What a file says of its version, as the end of a sentence about it."""
    if version is None:
        return "names no version"
    if version != version.strip() and version.strip() in VERSIONS:
        return f"names the version “{version.strip()}” with blanks beside it, which programs do not know"
    return f"is of version “{version}”"


def _names_no_number(version: str | None) -> bool:
    """Whether a version is a word.

    A number that is not among the supported versions, or none at all, is refused. A word, such as the “xx” of
    templates, names no other version of the standard: it is an error, and the file is judged by the current version.
    """
    return bool(version and version.strip()) and not any(character.isdigit() for character in version or "")


def record_rows(fragment: Fragment, *, file_type: str, options: Options) -> Validated:
    """One record by itself."""
    return options.validator(file_type).validate(fragment)
