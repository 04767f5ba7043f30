"""What the rules and the transparency tests say about the records of a release; of what did not change, as before."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from app.publishing.exporting.activities_file import Rendered
from app.publishing.exporting.fragments import Judgement
from iati.findings import Severity
from iati.score import Outcomes, Scorer, Tester
from iati.source import Fragment, SourceFault, parse_record
from iati.source_tree import parse_own
from iati.validator.apart import Judged, RecordJudge, Tally, summary


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSaid:
    """A rule that does not hold somewhere in the release."""

    rule: str
    severity: Severity
    count: int
    #: the first place: identifier of the activity, and the path below it
    activity: str
    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """The transparency score of one publisher's files."""

    reporting_org: str
    score: Decimal
    attainable: Decimal
    #: score ÷ attainable in percent; None: nothing was attainable
    percent: Decimal | None


class Judging:
    """Judges the records of one release, one at a time."""

    def __init__(self, *, as_of: dt.date, data_dir: Path) -> None:
        self._as_of = as_of
        self._activities = RecordJudge(as_of=as_of)
        self._organisations = RecordJudge(as_of=as_of, file_type="iati-organisations")
        self._tester = Tester(as_of=as_of, data_dir=data_dir)
        self._tally = Tally()
        self._scorers: dict[str, Scorer] = {}

    def activity(self, rendered: Rendered, reporting_org: str) -> tuple[str, ...]:
        """Counts an activity; gives why a file with it would not be valid, and then does not count it."""
        kept, identifier = rendered.kept, str(rendered.project["iati_identifier"])
        judged = outcomes = None
        if kept is not None and kept.judged is not None and kept.judged_from is not None:
            until = kept.judged_until
            if kept.judged_from <= self._as_of and (until is None or self._as_of <= until):
                judged = Judged.from_text(kept.judged, until)
            if kept.scored is not None and kept.scored_on == self._as_of:
                outcomes = Outcomes(identifier, reporting_org, kept.scored)
        if (judged is None or outcomes is None) and rendered.xml is not None:
            xml = rendered.xml.encode()
            try:
                element = parse_own(xml)
            except SourceFault:
                return self._activities.judge(xml).critical
            since = self._as_of if judged is None or kept is None else kept.judged_from
            judged = judged or self._activities.judge(xml, element)
            if outcomes is None:
                outcomes = self._tester.activity(element)
            rendered.judgement = Judgement(
                judged=judged.as_text(),
                judged_from=since or self._as_of,
                judged_until=judged.until,
                scored=outcomes.signs,
                scored_on=self._as_of,
            )
        if judged is None or outcomes is None or judged.critical:
            return judged.critical if judged is not None else ()
        self._tally.add(identifier, judged)
        self._scorer(reporting_org).add_activity(outcomes)
        return ()

    def organisation(self, xml: bytes, identifier: str) -> tuple[str, ...]:
        """The same for an organisation record."""
        judged = self._organisations.judge(xml)
        if judged.critical:
            return judged.critical
        self._tally.add(identifier, judged)
        self._scorer(identifier).add_organisation(self._tester.organisation(parse_record(Fragment(xml, 1, 0))))
        return ()

    def _scorer(self, reporting_org: str) -> Scorer:
        found = self._scorers.get(reporting_org)
        if found is None:
            found = self._scorers[reporting_org] = Scorer(as_of=self._as_of, name_failures=False)
        return found

    def rules(self) -> list[RuleSaid]:
        """Every rule that does not hold somewhere, gravest first."""
        return [
            RuleSaid(
                rule=rule,
                severity=each.severity,
                count=each.count,
                activity=each.activity,
                path=each.path,
                message=each.message,
            )
            for rule, each in self._tally.rules().items()
        ]

    def summary(self) -> dict[Severity, int]:
        """Findings by severity, zeros included."""
        return summary(self._tally.rules().values())

    def points(self) -> list[Points]:
        """The score of each publisher."""
        found = []
        for reporting_org, scorer in sorted(self._scorers.items()):
            score = scorer.score()
            found.append(
                Points(
                    reporting_org=reporting_org,
                    score=score.score,
                    attainable=score.attainable,
                    percent=score.percent,
                )
            )
        return found
