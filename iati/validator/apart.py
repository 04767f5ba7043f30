"""Records validated one by one, so that the findings of what did not change need not be found again.

    >>> judge = RecordJudge(as_of=date(2026, 11, 20))
    >>> judged = judge.judge(xml)
    >>> judged.critical, judged.until
    ((), datetime.date(2027, 6, 30))
    >>> tally.add("XM-EX-1-A", Judged.from_text(judged.as_text()))

Rules look at dates of the record against the day of the validation and at nothing else that passes, so a judgement
holds until the next day that the record names. Whether a reference leads to an activity is decided when all are known:
:class:`Tally`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

from lxml import etree

from iati.findings import SEVERITIES, Severity
from iati.source import RECORDS, Fragment, Limits
from iati.validator.records import RecordValidator, Validated
from iati.validator.rules import RULES
from iati.validator.rules.files import FORMER_IDENTIFIER
from iati.validator.stream import Options

_DAY = re.compile(rb'="\s*(\d{4}-\d{2}-\d{2})')

#: findings about references of which the place is kept, for each rule
_EXAMPLES = 100

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: rule, severity, path below the record, sentence, how often
_Said = tuple[str, Severity, str, str, int]
#: rule, severity, path below the record, sentence, identifier that should be there
_Reference = tuple[str, Severity, str, str, str]


class Judged(NamedTuple):
    """What the rules say about one record."""

    findings: Sequence[_Said]  #: those of one rule together, with the first place
    references: Sequence[_Reference]  #: findings that stand only if nothing has this identifier
    identifiers: Sequence[str]
    former: Sequence[str]
    until: date | None  #: the last day for which this holds; None: for good

    @property
    def critical(self) -> tuple[str, ...]:
        """Why a file with this record would not be valid; empty: it would be."""
        return tuple([message for _, severity, _, message, _ in self.findings if severity == "critical"])

    def as_text(self) -> str:
        """All of it but ``until``."""
        return _written([self.findings, self.references, self.identifiers, self.former])

    @classmethod
    def from_text(cls, text: str, until: date | None = None) -> Judged:
        """The same again."""
        return cls._make((*json.loads(text), until))

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Iterator[Judged]:
        """The same of many, which are read at once; how long each holds is not said."""
        return (cls._make((*said, None)) for said in json.loads(f"[{','.join(texts)}]"))

    @staticmethod
    def may_forbid(text: str) -> bool:
        """Whether what :meth:`as_text` gave may hold something critical; without reading it, so that True may err."""
        return '"critical"' in text


class RecordJudge:
    """Validates records of one kind. Holds one at a time."""

    def __init__(
        self, *, as_of: date, file_type: Literal["iati-activities", "iati-organisations"] = "iati-activities"
    ) -> None:
        self._as_of = as_of
        self._base = f"/{file_type}/{RECORDS[file_type]}[1]"
        self._validator = RecordValidator(
            file_type=file_type, settings=Options(as_of=as_of).settings(), schemas=None, limits=Limits()
        )

    def judge(self, xml: bytes) -> Judged:
        """What the rules say about the XML of one record; XML that cannot be parsed is a critical finding."""
        return self._judged(xml, self._validator.validate(Fragment(xml, 1, 0)))

    def judge_all(self, texts: Iterable[bytes], records: Sequence[etree._Element]) -> list[Judged]:
        """The same for records with their trees; some dozen together take a third less time than one by one."""
        fragments = [Fragment(xml, 1, 0) for xml in texts]
        checked = self._validator.judge_all(fragments, records)
        return [self._judged(fragment.xml, each) for fragment, each in zip(fragments, checked, strict=True)]

    def _judged(self, xml: bytes, checked: Validated) -> Judged:
        if checked.fault is not None:
            fault: _Said = ("0.1.1", "critical", "", checked.fault.message, 1)
            return Judged(findings=(fault,), references=(), identifiers=(), former=(), until=None)
        first: dict[str, tuple[Severity, str, str]] = {}
        often: Counter[str] = Counter()
        references: list[_Reference] = []
        for row in checked.rows:
            rule = RULES[row.rule]
            path = row.path.removeprefix(self._base)
            if row.reference is not None:
                references.append((rule.id, rule.severity, path, row.message, row.reference))
                continue
            often[rule.id] += 1
            first.setdefault(rule.id, (rule.severity, path, row.message))
        return Judged(
            findings=tuple((name, *said, often[name]) for name, said in first.items()),
            references=tuple(references),
            identifiers=checked.identifiers,
            former=checked.former,
            until=self._until(xml),
        )

    def _until(self, xml: bytes) -> date | None:
        """The eve of the first day that the record names and that is still to come."""
        today = self._as_of.isoformat().encode()
        ahead = [day for day in _DAY.findall(xml) if day > today]
        while ahead:
            first = min(ahead)
            try:
                return date.fromisoformat(first.decode()) - timedelta(days=1)
            except ValueError:  # a day that no month has
                ahead = [day for day in ahead if day != first]
        return None


@dataclass(kw_only=True, slots=True)
class RuleCount:
    """How often a rule does not hold, and where first."""

    severity: Severity
    count: int
    activity: str
    path: str
    message: str


class Tally:
    """Findings of many records by rule. Holds identifiers, and a number for each reference that is not settled yet."""

    def __init__(self) -> None:
        self._rules: dict[str, RuleCount] = {}
        self._identifiers: set[str] = set()
        self._former: dict[str, str] = {}
        #: rule → identifier that is referred to → how often
        self._waiting: dict[str, Counter[str]] = {}
        #: rule → the first findings about references, with the identifier
        self._examples: dict[str, list[tuple[str, RuleCount]]] = {}

    def add(self, activity: str, judged: Judged) -> None:
        """Counts what is said about a record."""
        self._identifiers.update(judged.identifiers)
        for former in judged.former:
            self._former.setdefault(former, activity)
        for rule, severity, path, message, often in judged.findings:
            self._count(self._rules, rule, severity, often, activity, path, message)
        for rule, severity, path, message, reference in judged.references:
            waiting = self._waiting.get(rule)
            if waiting is None:
                waiting, self._examples[rule] = self._waiting.setdefault(rule, Counter()), []
            waiting[reference] += 1
            examples = self._examples[rule]
            if len(examples) < _EXAMPLES:
                first = RuleCount(severity=severity, count=1, activity=activity, path=path, message=message)
                examples.append((reference, first))

    @staticmethod
    def _count(
        into: dict[str, RuleCount],
        key: str,
        severity: Severity,
        often: int,
        activity: str,
        path: str,
        message: str,
    ) -> None:
        known = into.get(key)
        if known is None:
            into[key] = RuleCount(severity=severity, count=often, activity=activity, path=path, message=message)
        else:
            known.count += often

    def rules(self) -> dict[str, RuleCount]:
        """Every rule that does not hold somewhere, gravest first, then by its id; references are judged by all that
        was added."""
        found = {name: replace(each) for name, each in self._rules.items()}
        for rule, waiting in self._waiting.items():
            leading_nowhere = {name: often for name, often in waiting.items() if name not in self._identifiers}
            if not leading_nowhere:
                continue
            examples = self._examples[rule]
            first = next((each for name, each in examples if name in leading_nowhere), examples[0][1])
            total = sum(leading_nowhere.values())
            self._count(found, rule, first.severity, total, first.activity, first.path, first.message)
            for reference, often in leading_nowhere.items():
                if reference in self._former:
                    advice = FORMER_IDENTIFIER.advice
                    words = advice.format_map({"value": reference, "now": self._former[reference]})
                    severity = FORMER_IDENTIFIER.severity
                    self._count(found, FORMER_IDENTIFIER.id, severity, often, first.activity, first.path, words)
        order = {severity: place for place, severity in enumerate(SEVERITIES)}
        return dict(sorted(found.items(), key=lambda item: (order[item[1].severity], item[0])))

    def summary(self) -> dict[Severity, int]:
        """Findings by severity, zeros included."""
        return summary(self.rules().values())


def summary(counts: Iterable[RuleCount]) -> dict[Severity, int]:
    """Findings by severity, zeros included."""
    by_severity: Counter[Severity] = Counter()
    for each in counts:
        by_severity[each.severity] += each.count
    return {severity: by_severity[severity] for severity in SEVERITIES}
