"""``python -m iati diff A B``: compare two files by meaning. Exit status 0: same meaning, 1: different."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from iati.diff import ChangedRecord, Comparison, Record, UnreadableError, compare

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Characters of a value that the text form quotes.
_QUOTED = 100


def add_parser(subparsers: "Subparsers") -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser("diff", help="compare two files by meaning", description=__doc__)
    parser.add_argument("old", type=Path, metavar="A", help="the file before")
    parser.add_argument("new", type=Path, metavar="B", help="the file after")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--ignore-updates",
        action="store_true",
        help="take a record for unchanged when its last-updated-datetime alone moved",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, print, and tell by the exit status whether the files mean the same."""
    for path in (options.old, options.new):
        if not path.is_file():
            print(f"python -m iati diff: {path}: there is no such file", file=sys.stderr)
            return 2
    try:
        comparison = compare(options.old, options.new, ignore_stamp=options.ignore_updates)
    except UnreadableError as error:
        print(f"python -m iati diff: {error}", file=sys.stderr)
        if options.format == "json":
            fault = {"file": str(error.source), "line": error.fault.line, "message": error.fault.message}
            sys.stdout.write(json.dumps({"same": None, "faults": [fault]}, ensure_ascii=False) + "\n")
        return 1
    pieces = _json(options, comparison) if options.format == "json" else _text(options, comparison)
    for piece in pieces:
        sys.stdout.write(piece)
    return 0 if comparison.same else 1


def _json(options: argparse.Namespace, comparison: Comparison) -> Iterator[str]:
    """One object; the changed records are written one by one as they are read."""
    head = {
        "same": comparison.same,
        "old": {"file": str(options.old), **asdict(comparison.old)},
        "new": {"file": str(options.new), **asdict(comparison.new)},
        "summary": _summary(comparison),
        "root": [asdict(each) for each in comparison.root],
        "added": [asdict(each) for each in comparison.added],
        "removed": [asdict(each) for each in comparison.removed],
    }
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "changed": ['
    separator = "\n"
    for record in comparison.changed_records():
        yield separator + json.dumps(asdict(record), ensure_ascii=False)
        separator = ",\n"
    yield "]\n}\n"


def _summary(comparison: Comparison) -> dict[str, int]:
    return {
        "added": len(comparison.added),
        "removed": len(comparison.removed),
        "changed": comparison.changed,
        "unchanged": comparison.unchanged,
    }


def _text(options: argparse.Namespace, comparison: Comparison) -> Iterator[str]:
    for difference in comparison.root:
        yield f"root: {difference.what}: {_values(difference.old, difference.new)}\n"
    for record in comparison.removed:
        yield f"- {_named(record)} ({options.old}:{record.line})\n"
    for record in comparison.added:
        yield f"+ {_named(record)} ({options.new}:{record.line})\n"
    for changed in comparison.changed_records():
        yield from _changed(options, changed)
    counts = ", ".join(f"{count} {what}" for what, count in _summary(comparison).items())
    yield f"{'Same meaning' if comparison.same else 'Different'}: {counts}.\n"


def _changed(options: argparse.Namespace, record: ChangedRecord) -> Iterator[str]:
    yield f"~ {record.identifier} ({options.new}:{record.new_line})\n"
    for difference in record.differences:
        which = f" [{difference.identity}]" if difference.identity else ""
        yield f"    {difference.path}{which}: {_values(difference.old, difference.new)}\n"


def _named(record: Record) -> str:
    return record.identifier or "(without identifier)"


def _values(old: str | None, new: str | None) -> str:
    if old is None:
        return f"added {_short(new)}"
    if new is None:
        return f"removed {_short(old)}"
    return f"{_short(old)} → {_short(new)}"


def _short(value: str | None) -> str:
    words = " ".join((value or "").split())
    return f"“{words}”" if len(words) <= _QUOTED else f"“{words[: _QUOTED - 1]}…”"
