"""What runs in a process of its own: a command of the command line, which may die at one of its points."""

import importlib
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import configure_mappers

import app.demo
import app.main  # noqa: F401  loads what commands load when they work, once for all children
from app.cli.commands import app as commands
from app.cli.context import run
from tests.kills.points import walk

# what every command would do first
configure_mappers()


def perform(
    command: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    small: Mapping[tuple[str, str], int],
    last: int | None,
    answer: str,
) -> None:
    """Runs a command in ``folder`` and writes its status, its output and the names of its points to ``answer``."""
    for (module, name), value in small.items():
        setattr(importlib.import_module(module), name, value)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    sys.argv, sys.stdin, sys.stdout, sys.stderr = ["earmark", *command], io.StringIO(), out, err
    points = walk(last, last_words(Path(answer)))
    status = run(commands)
    out.flush()
    points.last = None
    told = {
        "status": status,
        "out": out.buffer.getvalue().decode(),  # type: ignore[attr-defined]
        "err": err.getvalue(),
        "points": points.names,
    }
    Path(answer).write_text(json.dumps(told), encoding="utf-8")


def last_words(answer: Path) -> Path:
    """The file in which a process leaves the name of the point at which it dies, beside the one for its answer."""
    return answer.with_suffix(".died")
