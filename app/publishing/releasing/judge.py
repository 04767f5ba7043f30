"""Where activities are judged: rules and transparency tests on one tree each, in this process or in one of its own.

There they are also compared with what was public of them, which takes as long as to judge them.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from app.publishing.releasing.differing import Differs, differs
from iati.score import Outcomes, Tester
from iati.source import SourceFault
from iati.source_tree import parse_own
from iati.validator.apart import Judged, RecordJudge


class Asked(NamedTuple):
    """The XML of an activity."""

    xml: bytes
    #: what was public of it; None: nothing, or the same
    before: bytes | None


class Looked(NamedTuple):
    """What there is to say about an activity."""

    judged: Judged
    #: what came of the tests; None: it cannot be read
    outcomes: Outcomes | None
    #: how it differs from what was public; None: it was not compared
    differs: Differs | None


class Judge:
    """Judges activities by their XML and nothing else."""

    def __init__(self, *, as_of: dt.date, data_dir: Path) -> None:
        self._rules = RecordJudge(as_of=as_of)
        self._tester = Tester(as_of=as_of, data_dir=data_dir)

    def judged(self, asked: Sequence[Asked]) -> list[Looked]:
        """What there is to say about each; holds the trees of all of them."""
        texts = [each.xml for each in asked]
        try:
            trees = [parse_own(xml) for xml in texts]
        except SourceFault:
            # one of them cannot be read, such as what is nested too deep
            return [self._alone(each) for each in asked]
        judged = self._rules.judge_all(texts, trees)
        outcomes = [self._tester.activity(tree) for tree in trees]
        return list(map(Looked, judged, outcomes, map(_differs, asked)))

    def _alone(self, asked: Asked) -> Looked:
        judged = self._rules.judge(asked.xml)
        try:
            return Looked(judged, self._tester.activity(parse_own(asked.xml)), _differs(asked))
        except SourceFault:
            return Looked(judged, None, None)


def _differs(asked: Asked) -> Differs | None:
    """How it differs; whoever needs to know of one that cannot be read is told when it compares them itself."""
    if asked.before is None:
        return None
    try:
        return differs(asked.before, asked.xml)
    except SourceFault:
        return None


_judge: Judge | None = None


def begin(as_of: dt.date, data_dir: Path) -> None:
    """Makes this process one that judges."""
    global _judge
    _judge = Judge(as_of=as_of, data_dir=data_dir)


def judged(asked: Sequence[Asked]) -> list[Looked]:
    """The same as :meth:`Judge.judged`, in a process that :func:`begin` was called in."""
    if _judge is None:
        raise RuntimeError("the process was not begun")
    return _judge.judged(asked)
