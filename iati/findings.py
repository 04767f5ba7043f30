"""A fault in the data of a file, as a value: where it is, which rule found it and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted
from typing import Final, Literal, get_args

Severity = Literal["critical", "error", "warning", "advisory"]

#: From the gravest to the mildest; a file with a critical finding is not valid.
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

#: What stands for the activity where a finding belongs to the file as a whole.
WHOLE_FILE: Final = "file"
#: What stands for the activity where it has no identifier.
NO_IDENTIFIER: Final = "noIdentifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault at one place of one file."""

    rule: str  #: official id such as ``6.11.1``, or one of our own that begins with ``earmark.``
    severity: Severity
    category: str  #: the group the standard puts the rule in, such as ``financial``
    activity: str  #: identifier of the activity (organisation); a repeated one is followed by ``(2)``, ``(3)`` …
    path: str  #: XPath of the element or attribute, with positions; of the parent where something is missing
    line: int  #: of the file, from 1
    message: str  #: a sentence that says what to do

    def to_json(self) -> str:
        """The finding as one JSON object on one line."""
        head = json_head(self.rule, self.severity, self.category)
        return head + _quoted(self.activity) + json_tail(self.path, self.line, self.message)


def json_head(rule: str, severity: str, category: str) -> str:
    """The beginning of a finding's JSON object, as far as the activity: the same for all findings of a rule."""
    return f'{{"rule": "{rule}", "severity": "{severity}", "category": "{category}", "activity": '


def json_tail(path: str, line: int, message: str) -> str:
    """The rest of a finding's JSON object, after the activity."""
    return f', "path": {_quoted(path)}, "line": {line}, "message": {_quoted(message)}}}'


def count_by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, zeros included, gravest first."""
    counted = Counter(finding.severity for finding in findings)
    return {severity: counted[severity] for severity in SEVERITIES}
