"""Where activities are judged: rules and transparency tests on one tree each, in this process or in one of its own."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from iati.score import Outcomes, Tester
from iati.source import SourceFault
from iati.source_tree import parse_own
from iati.validator.apart import Judged, RecordJudge

#: what the rules say, and what came of the tests; None: it cannot be read
Looked = tuple[Judged, Outcomes | None]


class Judge:
    """Judges activities by their XML and nothing else."""

    def __init__(self, *, as_of: dt.date, data_dir: Path) -> None:
        self._rules = RecordJudge(as_of=as_of)
        self._tester = Tester(as_of=as_of, data_dir=data_dir)

    def judged(self, texts: Sequence[bytes]) -> list[Looked]:
        """What there is to say about each; holds the trees of all of them."""
        try:
            trees = [parse_own(xml) for xml in texts]
        except SourceFault:
            # one of them cannot be read, such as what is nested too deep
            return [self._alone(xml) for xml in texts]
        judged = self._rules.judge_all(texts, trees)
        return list(zip(judged, [self._tester.activity(tree) for tree in trees], strict=True))

    def _alone(self, xml: bytes) -> Looked:
        try:
            return self._rules.judge(xml), self._tester.activity(parse_own(xml))
        except SourceFault:
            return self._rules.judge(xml), None


_judge: Judge | None = None


def begin(as_of: dt.date, data_dir: Path) -> None:
    """Makes this process one that judges."""
    global _judge
    _judge = Judge(as_of=as_of, data_dir=data_dir)


def judged(texts: Sequence[bytes]) -> list[Looked]:
    """The same as :meth:`Judge.judged`, in a process that :func:`begin` was called in."""
    if _judge is None:
        raise RuntimeError("the process was not begun")
    return _judge.judged(texts)
