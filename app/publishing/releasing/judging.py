"""What the rules and the transparency tests say about the records of a release; what does not change is judged
once."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from app.errors import StorageFailed
from app.publishing.exporting.fragments import Judgement, Kept, Known, Rendered
from app.publishing.releasing import judge
from app.publishing.releasing.differing import Differs
from app.publishing.releasing.judge import Asked, Judge, Looked
from iati.batches import BATCH_BYTES
from iati.codelists.store import state
from iati.findings import Severity
from iati.processes import workers
from iati.score import Outcomes, Scorer, Tester
from iati.source import Fragment, parse_record
from iati.validator.apart import Judged, RecordJudge, Tally, summary

#: rises when the rules or the tests say otherwise about the same record
JUDGED = "3"


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


#: what was public of an activity, where that was something else
PublicBefore = Callable[[Rendered], bytes | None]


class Verdict(NamedTuple):
    """What there is to know of an activity before it is written."""

    #: why a file with it would not be valid; empty: it would be
    critical: tuple[str, ...]
    #: how it differs from what was public; None: it was not compared
    differs: Differs | None = None


#: activities that have to be judged before a further process is worth its beginning
_WORTH = 25
#: activities, in hundreds, that are rendered while others are judged
AHEAD = 3


class Judging:
    """Judges the records of one release. With ``jobs`` above 1 activities are judged in a further process, once there
    are enough of them; what it says is waited for where it is asked for. ``settle`` is called before that process is
    made, which is quick where this one has no other thread. ``before``: what activities are compared with as well."""

    def __init__(
        self,
        *,
        as_of: dt.date,
        data_dir: Path,
        jobs: int = 1,
        settle: Callable[[], None] | None = None,
        before: PublicBefore | None = None,
    ) -> None:
        self._as_of = as_of
        self._data_dir = data_dir
        self._here = Judge(as_of=as_of, data_dir=data_dir)
        self._shares = jobs > 1
        self._settle = settle
        self._before = before
        #: where activities are judged beside this process; None: nowhere yet
        self._pool: ProcessPoolExecutor | None = None
        #: activities that had to be judged
        self._new = 0
        self._organisations = RecordJudge(as_of=as_of, file_type="iati-organisations")
        self._tester = Tester(as_of=as_of, data_dir=data_dir)
        #: by which rules and codelists it is judged
        self.by = f"{JUDGED}:{state(data_dir)}"
        self._tally = Tally()
        self._scorers: dict[str, Scorer] = {}
        #: what was looked at and not asked for yet, by project: what comes of some together, and its place among them
        self._looked: dict[int, tuple[Future[list[Looked]], int]] = {}

    def look(self, rendered: Iterable[Rendered]) -> None:
        """Judges those that are new, before :meth:`activity` is asked for each of them in turn."""
        for some in _together(each for each in rendered if each.xml is not None and not self.holds(each.kept)):
            found = self._judged([Asked((each.xml or "").encode(), self._public(each)) for each in some])
            for place, each in enumerate(some):
                self._looked[each.project["id"]] = found, place

    def _public(self, rendered: Rendered) -> bytes | None:
        """What it is compared with."""
        return None if self._before is None else self._before(rendered)

    def _judged(self, asked: list[Asked]) -> Future[list[Looked]]:
        """What there is to say about activities, at once or later."""
        self._new += len(asked)
        if self._shares and self._new > _WORTH:
            try:
                with _death_told():
                    if self._pool is None:
                        if self._settle is not None:
                            self._settle()
                        self._pool = workers(1, judge.begin, self._as_of, self._data_dir)
                    return self._pool.submit(judge.judged, asked)
            except (OSError, NotImplementedError, ValueError):
                # the system allows no further process, or none that can be talked to
                self._shares = False
        done: Future[list[Looked]] = Future()
        done.set_result(self._here.judged(asked))
        return done

    def close(self) -> None:
        """Ends the further process, if there is one."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def holds(self, kept: Kept | None) -> bool:
        """Whether a stored judgement holds on the day."""
        return (
            kept is not None
            and kept.judged is not None
            and kept.scored is not None
            and kept.judged_by == self.by
            and kept.scored_on is None
            and (kept.judged_from or self._as_of) <= self._as_of <= (kept.judged_until or self._as_of)
        )

    def known(self, activities: Sequence[Known], reporting_org: str) -> None:
        """Counts activities of which nothing but stored judgements is looked at, which hold and forbid nothing."""
        count, scorer = self._tally.add, self._scorer(reporting_org)
        judged = Judged.from_texts([each.judged or "" for each in activities])
        for each, said in zip(activities, judged, strict=True):
            count(each.identifier, said)
            scorer.add_activity(Outcomes(each.identifier, reporting_org, each.scored or "", each.judged_until))

    def activity(self, rendered: Rendered, reporting_org: str) -> Verdict:
        """Counts an activity that was looked at, unless a file with it would not be valid."""
        kept, identifier = rendered.kept, str(rendered.project["iati_identifier"])
        outcomes: Outcomes | None
        differs: Differs | None = None
        looked = self._looked.pop(rendered.project["id"], None)
        if looked is None and kept is not None:
            judged = Judged.from_text(kept.judged or "", kept.judged_until)
            outcomes = Outcomes(identifier, reporting_org, kept.scored or "", kept.judged_until)
        elif looked is None:
            raise RuntimeError("an activity is looked at before it is asked for")
        else:
            found, place = looked
            with _death_told():
                judged, outcomes, differs = found.result()[place]
            if outcomes is not None:
                rendered.judgement = Judgement(
                    judged=judged.as_text(),
                    scored=outcomes.signs,
                    judged_by=self.by,
                    judged_from=self._as_of,
                    judged_until=min(filter(None, (judged.until, outcomes.until)), default=None),
                )
        if outcomes is None or judged.critical:
            return Verdict(judged.critical)
        self._tally.add(identifier, judged)
        self._scorer(reporting_org).add_activity(outcomes)
        return Verdict((), differs)

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


@contextmanager
def _death_told() -> Iterator[None]:
    """Says in words that the further process died."""
    try:
        yield
    except BrokenProcessPool as error:
        raise StorageFailed(
            "The process that judges the records of a release died, so that nothing was prepared: is there enough "
            "memory? With EARMARK_RELEASE_JOBS=1 there is no further process."
        ) from error


def _together(rendered: Iterable[Rendered]) -> Iterator[list[Rendered]]:
    """Activities whose trees are held together."""
    some: list[Rendered] = []
    size = 0
    for each in rendered:
        some.append(each)
        size += len(each.xml or "")
        if size > BATCH_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some
