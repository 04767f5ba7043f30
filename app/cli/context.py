"""What every command needs: the database, the day, printing, progress, and faults turned into sentences."""

import datetime as dt
import gc
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlmodel import Session

from app.clock import today
from app.config import Settings, get_settings
from app.db.engine import Database, open_database
from app.db.schema import require_current
from app.domain.codes import use_codelists
from app.domain.keys import NotAKey, seen, without_marks
from app.domain.notation import Doubt, read_day
from app.domain.values import use_value_types
from app.errors import Conflict, EarmarkError, InvalidInput, NotSetUp, StorageFailed, UsageError
from app.inputs import YEARS
from app.installation import require_one_place
from app.pace import Apart
from app.sentences import said
from app.sheets import Cell, csv_pieces

AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day to look from (default: today).")]

#: what the reader of the command line raises for a call it does not understand; Typer keeps its name to itself
_WrongCall: Any = typer.BadParameter.__base__


def run(app: typer.Typer) -> int:
    """Runs the command line and returns its exit status."""
    # what was imported stays; looking for cycles at every turn would cost long commands a quarter of their time
    Apart.begin()
    gc.set_threshold(50_000, 20, 20)
    try:
        require_one_place()
        status = typer.main.get_command(app)(standalone_mode=False)
        sys.stdout.flush()
    except _WrongCall as error:
        error.show(sys.stderr)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # the reader of our output went away; there is nobody left to tell
        _drop_output()
        return 1
    except UnicodeEncodeError as error:
        # what the shell gives that is not UTF-8 is kept as halves of characters, which nothing can store or print
        show_error(UsageError(f"{error.object[:100]!r} holds bytes that are no text: type it again"))
        return 2
    except OSError as error:
        _drop_output()
        show_error(StorageFailed(f"{error.filename or 'The output'} cannot be used: {error.strerror or error}."))
        return 1
    except EarmarkError as error:
        show_error(error)
        return 2 if isinstance(error, UsageError) else 1
    return status if isinstance(status, int) else 0


def _drop_output() -> None:
    """What is still to be written goes nowhere, so that the interpreter does not fail over it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_error(error: EarmarkError) -> None:
    """The sentence and every fault with its place, on standard error."""
    print(f"{error.title}: {error.message}", file=sys.stderr)
    if isinstance(error, InvalidInput | Conflict):
        for fault in error.faults:
            place = f"{fault.place}: " if fault.place else ""
            print(f"  {place}{fault.message} [{fault.rule}]", file=sys.stderr)


def settings() -> Settings:
    """The settings; a setting that does not fit is wrong usage."""
    try:
        return get_settings()
    except ValidationError as error:
        found = [f"EARMARK_{str(each['loc'][0]).upper()}: {said(each)}" for each in error.errors()]
        raise UsageError("; ".join(found)) from error


@contextmanager
def opened(*, any_state: bool = False) -> Iterator[Database]:
    """The database of the settings. Refuses missing or old tables unless ``any_state``.

    Whoever finds it not set up may have meant another one, and is told which one this is.
    """
    database = reopened()
    try:
        if not any_state:
            require_current(database)
        yield database
    except NotSetUp as error:
        raise NotSetUp(f"{error.message}\nThis is about {database.place}; {_OTHER}") from error
    finally:
        database.dispose()


def reopened() -> Database:
    """The database of the settings, for this process or for one that shares its work."""
    from app.publishing.codes import code_checker, meant_code, type_checker, use_data_dir

    use_data_dir(settings().data_dir)
    use_codelists(code_checker(settings().data_dir), meant_code)
    use_value_types(type_checker())
    database = open_database(settings())
    database.judge = _end_mended_drafts
    return database


#: how to reach another database than the one that was looked into
_OTHER = "EARMARK_DATABASE_URL names another."


def say_nothing_found(what: str, database: Database) -> None:
    """Tells that nothing was found, and where: it may be the wrong database."""
    say(f"{what} in {database.place}; {_OTHER}")


def _end_mended_drafts(session: Session, drafts: list[int]) -> list[int]:
    # imported when a draft is met: it brings the whole library with it
    from app.publishing.service import end_mended_drafts

    return end_mended_drafts(session, drafts)


def day(text: str | None) -> dt.date:
    """The day of an ``--as-of`` option, or today."""
    if text is None:
        return today(settings())
    try:
        found = dt.date.fromisoformat(without_marks(text))
    except ValueError as error:
        read = read_day(text)
        if isinstance(read, Doubt):
            raise UsageError(read.question() or f"{text!r} is not a date: write it as 2026-11-20") from error
        found = read
    if found.year not in YEARS:
        raise UsageError(f"{text} is not in the years {YEARS[0]} to {YEARS[-1]}: correct it")
    return found


def key(text: str) -> str:
    """A code as people see it, however it was pasted; a character that cannot stand in one is wrong usage."""
    try:
        return seen(text)
    except NotAKey as error:
        raise UsageError(str(error)) from error


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    """``value`` when it is allowed, else wrong usage."""
    if value not in allowed:
        raise UsageError(f"{option} takes {', '.join(allowed)}, not {value!r}")
    return value


def require_files(files: list[Path]) -> None:
    """Refuses names that no file has."""
    if absent := [str(file) for file in files if not file.is_file()]:
        raise UsageError(f"there is no such file: {', '.join(absent)}")


def cell(value: object) -> str:
    """A value in a table for people; empty where there is none."""
    return "" if value is None else str(value)


def print_json(content: object) -> None:
    json.dump(content, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, marked: bool = True) -> None:
    """A table as CSV on standard output, as rows come."""
    for piece in csv_pieces(columns, rows, marked=marked):
        sys.stdout.buffer.write(piece)


def say(message: str) -> None:
    """A line for people, on standard error."""
    print(message, file=sys.stderr)


def counted(number: int, what: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error when that is a terminal; ``update(done, total)`` moves it (total 0: unknown)."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


#: a last column is not squeezed into less than this, however narrow the terminal is
_NARROWEST = 40


def table(columns: list[str], rows: list[list[str]], *, right: frozenset[str] = frozenset()) -> str:
    """Rows under their columns in plain text, widths fitted; ``right`` names the columns of numbers.

    A long last column goes on below itself where the terminal ends (without a terminal: after 140 characters).
    """
    widths = [max([len(column), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)]
    room = shutil.get_terminal_size((140, 24)).columns - sum(width + 2 for width in widths[:-1])
    widths[-1] = min(widths[-1], max(room, _NARROWEST, len(columns[-1])))

    def line(cells: list[str]) -> str:
        fitted = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ]
        return "  ".join(fitted).rstrip()

    lines = [line(columns), line(["-" * width for width in widths])]
    for row in rows:
        first, *further = textwrap.wrap(row[-1], widths[-1], break_on_hyphens=False) or [""]
        lines.append(line([*row[:-1], first]))
        lines += [line([*([""] * (len(columns) - 1)), part]) for part in further]
    return "\n".join(lines)
