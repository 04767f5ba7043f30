"""The account of a release: counts, findings, score and what it is compared with, as JSON that stays small."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from app.domain.datasets import Split
from app.publishing.exporting.account import ExportAccount
from app.publishing.releasing.changes import Changes
from app.publishing.releasing.files import Released
from app.publishing.releasing.judging import Judging
from iati.findings import Severity


class RuleAccount(TypedDict):
    """A rule that does not hold somewhere, with the first place."""

    rule: str
    severity: str
    count: int
    activity: str
    path: str
    message: str


class ScoreAccount(TypedDict):
    """The transparency score of a publisher; decimals as text."""

    reporting_org: str
    score: str
    attainable: str
    percent: str | None


class Counts(TypedDict):
    """How many records, files and bytes; what is new, changed, gone, held back and withheld."""

    activities: int
    organisations: int
    files: int
    bytes: int
    new: int
    changed: int
    gone: int
    held_back: int
    withheld: int
    vanishing: int


class ReleaseAccount(TypedDict):
    """What is kept with a release."""

    split: str
    compared_with: str
    #: digest of the lines that tell what changes
    told: str
    counts: Counts
    findings: dict[Severity, int]
    rules: list[RuleAccount]
    scores: list[ScoreAccount]


def account_of(
    account: ExportAccount,
    judging: Judging,
    files: Sequence[Released],
    changes: Changes,
    *,
    split: Split,
    compared_with: str,
) -> ReleaseAccount:
    """The account of a release that was prepared."""
    activities = [file for file in files if file.file_type == "iati-activities"]
    return ReleaseAccount(
        split=split.value,
        compared_with=compared_with,
        told=changes.digest(),
        counts=Counts(
            activities=sum(file.records for file in activities),
            organisations=sum(file.records for file in files) - sum(file.records for file in activities),
            files=len(files),
            bytes=sum(file.size for file in files),
            new=changes.counts["new"],
            changed=changes.counts["changed"],
            gone=changes.counts["gone"],
            held_back=len(account.held_back),
            withheld=len(account.exclusions),
            vanishing=changes.vanishing,
        ),
        findings=judging.summary(),
        rules=[
            RuleAccount(
                rule=each.rule,
                severity=each.severity,
                count=each.count,
                activity=each.activity,
                path=each.path,
                message=each.message,
            )
            for each in judging.rules()
        ],
        scores=[
            ScoreAccount(
                reporting_org=each.reporting_org,
                score=str(each.score),
                attainable=str(each.attainable),
                percent=None if each.percent is None else str(each.percent),
            )
            for each in judging.points()
        ],
    )
