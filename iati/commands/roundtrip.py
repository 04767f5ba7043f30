"""``python -m iati roundtrip FILE [--out FILE]``: read a file and write it again."""

import argparse
import sys
from pathlib import Path

from iati.commands.output import output, tell_faults
from iati.copying import copy_records
from iati.reader import open_records
from iati.source import SourceFault


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
    """Exit status 0: everything was kept; 1: something was not; 2: a file cannot be opened or written."""
    try:
        with open_records(options.file) as records, output(options.out) as stream:
            faults = copy_records(records, stream)
    except SourceFault as fault:
        sys.stderr.write(f"{options.file}:{fault.line}: {fault.message}\n")
        return 1
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"{error.filename or options.file}: {error.strerror}\n")
        return 2
    tell_faults(options.file, faults)
    return 1 if faults else 0
