"""``python -m iati score FILE...``: the tests of the Aid Transparency Index, over one publisher's files together."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iati.score import IndicatorResult, Score, score
from iati.unreadable import UnreadableError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Failed records that the text form names; the JSON form names all.
_NAMED = 3


def add_parser(subparsers: "Subparsers") -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "score", help="compute the Aid Transparency Index tests for files", description=__doc__
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="activity and organisation files")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="the day to score for (default: today)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score and print. Exit status 1 when a file cannot be read, 2 when there is no such file."""
    absent = [path for path in options.files if not path.is_file()]
    for path in absent:
        print(f"python -m iati score: {path}: there is no such file", file=sys.stderr)
    if absent:
        return 2
    as_of = options.as_of or datetime.now(UTC).date()
    try:
        result = score(options.files, as_of=as_of)
    except UnreadableError as error:
        print(f"python -m iati score: {error}", file=sys.stderr)
        return 1
    if len(result.publishers) > 1:
        names = ", ".join(publisher or "(none)" for publisher in result.publishers)
        print(f"The files hold activities of several publishers, scored as one: {names}.", file=sys.stderr)
    if options.format == "json":
        sys.stdout.write(json.dumps(asdict(result), ensure_ascii=False, indent=1, default=str) + "\n")
    else:
        for line in _text(result):
            sys.stdout.write(line + "\n")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-12-31") from None


def _text(result: Score) -> Iterator[str]:
    yield (
        f"{result.current_activities} of {result.activities} activities are current on {result.as_of}; "
        f"{result.organisations} organisation records."
    )
    for component in result.components:
        yield ""
        reached = f"{component.score:.3f} of {component.attainable:.3f}"
        yield f"{component.name}: {reached} (of {component.weight} in the index)"
        for indicator in result.indicators:
            if indicator.component == component.name and indicator.score is not None:
                yield from _indicator(indicator)
    yield ""
    yield "Left out, neither for nor against:"
    for each in result.left_out:
        yield f"  {each.weight:>6.3f}  {each.name}: {each.reason}"
    yield ""
    share = "" if result.percent is None else f" ({result.percent} %)"
    yield f"Score: {result.score:.3f} of {result.attainable:.3f} attainable from these files{share}"


def _indicator(indicator: IndicatorResult) -> Iterator[str]:
    yield (
        f"  {indicator.score:>6.3f} of {indicator.weight:>6.3f}  {indicator.name}: "
        f"{indicator.passed} passed, {indicator.failed} failed"
    )
    for test in indicator.tests:
        if test.failed:
            names = ", ".join(name or "(without identifier)" for name in test.failures[:_NAMED])
            more = f" and {test.failed - _NAMED} more" if test.failed > _NAMED else ""
            yield f"                    {test.description} Failed: {names}{more}"
