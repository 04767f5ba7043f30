"""What runs in a process of its own, and may die at one of its points: a command of the command line, or publishing."""

import importlib
import io
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import alembic.command  # noqa: F401  what makes the tables is loaded once too, for it takes as long as making some
import httpx
from sqlalchemy.orm import configure_mappers

import app.demo
import app.main  # noqa: F401  loads what commands load when they work, once for all children
from app.cli.commands import app as commands
from app.cli.context import run
from app.config import Settings
from app.db.engine import open_database
from app.domain.access import LOCAL
from app.publishing.registering.files import PublishedFile
from app.publishing.registering.service import register
from app.publishing.releasing.publish import publish
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


def publishing(settings: Settings, last: int | None, answer: str) -> None:
    """Publishes what is approved, and writes to ``answer`` how many points it went through."""
    points = walk(last, last_words(Path(answer)))
    publish(open_database(settings), settings, LOCAL)
    points.last = None
    Path(answer).write_text(f"{len(points.names)}", encoding="utf-8")


class Dying(httpx.BaseTransport):
    """A network at whose nth step the process dies: even steps before a request goes out, odd ones after its answer."""

    def __init__(self, step: int) -> None:
        self._left = step
        self._beneath = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._die()
        answer = self._beneath.handle_request(request)
        answer.read()
        self._die()
        return answer

    def _die(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def registering(settings: Settings, files: Sequence[PublishedFile], step: int) -> None:
    """Registers files by a network that dies at that step."""
    register(open_database(settings), settings, files, actor="child", beneath=Dying(step))
