"""What the rules and the transparency tests say about the records of a release; what does not change is judged
once."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from app.publishing.exporting.fragments import Judgement, Rendered
from iati.codelists.store import state
from iati.findings import Severity
from iati.score import Outcomes, Scorer, Tester
from iati.source import Fragment, SourceFault, parse_record
from iati.source_tree import parse_own
from iati.validator.apart import Judged, RecordJudge, Tally, summary

#: rises when the rules or the tests say otherwise about the same record
JUDGED = "1"


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
        self._by = f"{JUDGED}:{state(data_dir)}"
        self._tally = Tally()
        self._scorers: dict[str, Scorer] = {}

    def activity(self, rendered: Rendered, reporting_org: str) -> tuple[str, ...]:
        """Counts an activity; gives why a file with it would not be valid, and then does not count it."""
        kept, identifier = rendered.kept, str(rendered.project["iati_identifier"])
        judged = outcomes = None
        if (
            kept is not None
            and kept.judged is not None
            and kept.scored is not None
            and kept.judged_by == self._by
            and kept.scored_on is None
            and (kept.judged_from or self._as_of) <= self._as_of <= (kept.judged_until or self._as_of)
        ):
            judged = Judged.from_text(kept.judged, kept.judged_until)
            outcomes = Outcomes(identifier, reporting_org, kept.scored, kept.judged_until)
        elif rendered.xml is not None:
            xml = rendered.xml.encode()
            try:
                element = parse_own(xml)
            except SourceFault:
                return self._activities.judge(xml).critical
            judged, outcomes = self._activities.judge(xml, element), self._tester.activity(element)
            rendered.judgement = Judgement(
                judged=judged.as_text(),
                scored=outcomes.signs,
                judged_by=self._by,
                judged_from=self._as_of,
                judged_until=min(filter(None, (judged.until, outcomes.until)), default=None),
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
