"""``python -m iati upgrade FILE [--out FILE]``: bring a file of version 2.01 or 2.02 up to 2.03."""

import argparse
import sys
from pathlib import Path

from iati.commands.output import output, tell_faults
from iati.reader import open_records
from iati.source import SourceFault
from iati.upgrade import NotUpgradable, upgrade_records


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        "upgrade",
        help="bring a 2.01 or 2.02 file to version 2.03",
        description="Write FILE as version 2.03 and list what is different: on standard output, or on standard error "
        "when the new file goes to standard output. What does not follow the standard at all is left out, listed on "
        "standard error, and the exit status is then 1.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write; standard output when absent")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0: upgraded; 1: not a file that can be upgraded, or something was left out; 2: cannot be opened."""
    try:
        with open_records(options.file) as records, output(options.out) as stream:
            upgrade = upgrade_records(records, stream)
    except SourceFault as fault:
        sys.stderr.write(f"{options.file}:{fault.line}: {fault.message}\n")
        return 1
    except NotUpgradable as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 1
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"{error.filename or options.file}: {error.strerror}\n")
        return 2
    listing = sys.stderr if options.out is None else sys.stdout
    listing.writelines(f"{change.path}: {change.message}\n" for change in upgrade.changes)
    tell_faults(options.file, upgrade.faults)
    return 1 if upgrade.faults else 0
