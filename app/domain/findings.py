"""A fault or remark about user data, as a value: all of them are collected, none of them stops the others."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; the words are those of the IATI validator."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ADVISORY = "advisory"

    @property
    def refuses(self) -> bool:
        """Whether what carries such a finding may not be accepted."""
        return self in (Severity.CRITICAL, Severity.ERROR)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One remark: which rule, how grave, about what, where, and a sentence that says what to do."""

    #: Stable id of the rule, ``noun.what-is-wrong``, for example ``agreement.signed-before-screening``.
    rule: str
    severity: Severity
    #: What the finding is about, for example a project's code, a policy's id or a file's name.
    subject: str
    #: A sentence for the person who can mend it.
    message: str
    #: JSON pointer or XPath of the place inside the subject.
    pointer: str | None = None
    #: Line in the file the subject was read from, counted from 1.
    line: int | None = None


def refused(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Whether any of the findings forbids to accept their subject."""
    return any(finding.severity.refuses for finding in findings)
