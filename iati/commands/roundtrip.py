"""``python -m iati roundtrip FILE [--out FILE]``: read a file and write it again."""

import argparse
from pathlib import Path

from iati.commands.copying import copy_file


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        "roundtrip",
        help="read a file and write it again, which must change nothing",
        description="Read FILE and write what was understood. For a file that follows the standard the result is the "
        "same canonical XML. What could not be kept is listed, and the exit status is then 1.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write; standard output when absent")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0: everything was kept; 1: something was not; 2: a file cannot be opened."""
    return copy_file(options.file, options.out)
