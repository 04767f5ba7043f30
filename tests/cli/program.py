"""The program as people start it: told by its environment where the database is.

A process costs a second, so what does not hang on one is called inside the test's own.
"""

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from unittest import mock

from app.cli.commands import app
from app.cli.context import run
from app.config import get_settings

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "app.cli")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a run ended."""

    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Program:
    """``earmark`` on a database, in a folder of its own; a run that shows a trace fails its test."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.url, self.folder = database_url, folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "140",
            "EARMARK_DATABASE_URL": database_url,
            "EARMARK_DATA_DIR": str(folder / "data"),
        }

    def __call__(
        self,
        *arguments: str,
        status: int = 0,
        stdin: int = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        largest_file: int | None = None,
        **settings: str,
    ) -> Ran:
        """Runs a command to its end. ``settings`` are further variables, ``largest_file`` stands in for a full disk."""

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        # Python 3.11 takes a compiled module that the limit cut off for whole: each later process would fail on it
        unwritten = {} if largest_file is None else {"PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment | settings | unwritten,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            preexec_fn=limit,
            timeout=1200,  # for what hangs, not for what is slow
        )
        err = done.stderr.decode()
        assert "Traceback" not in err, err
        assert done.returncode == status, (done.returncode, done.stdout, err)
        return Ran(out=done.stdout or b"", err=err)

    def inside(self, *arguments: str, status: int = 0, **settings: str) -> Ran:
        """The same without a process of its own."""
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        get_settings.cache_clear()
        with (
            mock.patch.dict(os.environ, {**self.environment, **settings}),
            mock.patch.multiple(sys, argv=["earmark", *arguments], stdin=io.StringIO(), stdout=out, stderr=err),
            contextlib.chdir(self.folder),
        ):
            ended = run(app)
            out.flush()
        get_settings.cache_clear()
        written = out.buffer.getvalue()  # type: ignore[attr-defined]
        assert ended == status, (ended, written, err.getvalue())
        return Ran(out=written, err=err.getvalue())

    def once(self, *arguments: str, status: int = 0) -> Ran:
        """In a process on SQLite and without one on PostgreSQL: what hangs on a process hangs on no database."""
        return (self if self.url.startswith("sqlite") else self.inside)(*arguments, status=status)

    def write(self, name: str, *lines: str) -> str:
        """A file in the folder, from lines."""
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name
