"""``python -m iati validate FILE...``: check files against the schema, the codelists and the rules."""

import argparse
import gc
import os
import sys
from datetime import date
from pathlib import Path

from iati.validator.output import FORMATS, Writer
from iati.validator.parallel import WorkerDied, jobs_for
from iati.validator.stream import Options


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        "validate",
        help="check files against the standard's schema, codelists and rules",
        description="Check each FILE as the official validator does, and say for every fault where it is and what to "
        "do. A file is valid when it has no critical finding. The exit status is 1 when a file has critical findings "
        "or errors; warnings and advisories alone give 0. With --report, FILE may be a folder of thousands of files.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--report", type=Path, metavar="OUT", help="write a line of JSON for each file: counts by rule, first places"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the report of a run that was ended")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="text for people, json for programs")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="day after which dates are in the future; today"
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes that share the work; as many as a file is worth, 1 for a report",
    )
    parser.add_argument("--schemas", type=_folder, metavar="DIR", help="folder with the official XSD files to use")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0: nothing graver than warnings; 1: errors or critical findings; 2: a file cannot be opened."""
    as_of = options.as_of or date.today()  # noqa: DTZ011 - the user's day
    if options.report:
        return _report(options, as_of)
    # The program makes millions of short-lived values and no cycles worth a search, and ends soon.
    gc.disable()
    status = 0
    writer: Writer = FORMATS[options.format](sys.stdout.buffer)
    writer.begin()
    for path in options.files:
        try:
            source = path.open("rb")
        except OSError as error:
            print(f"{path}: cannot be opened ({error.strerror or error}).", file=sys.stderr)
            status = 2
            continue
        with source:
            jobs = options.jobs or jobs_for(os.fstat(source.fileno()).st_size)
            try:
                grave = writer.file(str(path), source, Options(as_of=as_of, schemas=options.schemas, jobs=jobs))
            except WorkerDied as died:
                print(f"{path}: {died}", file=sys.stderr)
                return 2
        status = max(status, 1 if grave else 0)
    writer.end()
    # Nor is there anything to be gained from looking for cycles on the way out.
    gc.freeze()
    return status


def _report(options: argparse.Namespace, as_of: date) -> int:
    """A line for each file, to a file that can be gone on with; the exit status is that of all of them."""
    from iati.validator.corpus import ReportFile, files_below, validate_corpus

    if missing := [path for path in options.files if not path.exists()]:
        print("".join(f"{path}: is not there.\n" for path in missing), end="", file=sys.stderr)
        return 2
    files = files_below(options.files)
    try:
        report = ReportFile(options.report, files, as_of=as_of, resume=options.resume)
    except FileExistsError:
        print(f"{options.report} is there already: go on with it by --resume, or remove it.", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"{options.report} cannot be gone on with: {error}.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.report}: cannot be written ({error.strerror or error}).", file=sys.stderr)
        return 2
    done = len(files) - len(report.left)
    try:
        for each in validate_corpus(report.left, as_of=as_of, jobs=options.jobs or 1):
            report.add(each)
            done += 1
            if sys.stderr.isatty():
                print(f"\r{done} of {len(files)} files", end="", file=sys.stderr, flush=True)
    finally:
        report.close()
    print(f"{len(files)} files, {len(report.left)} of them now: {options.report}")
    return 1 if report.grave else 0


def _jobs(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return path
