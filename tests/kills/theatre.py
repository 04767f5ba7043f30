"""Plays a command on copies of one database: through, killed at a point, and again."""

import itertools
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.cli.program import ROOT
from tests.kills import child
from tests.kills.doors import SMALL, Command, Door
from tests.kills.story import Story, story
from tests.processes import forking

_numbers = itertools.count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a command said, and the points it went through."""

    status: int
    out: str
    err: str
    points: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A copy of the database and of the folder."""

    #: what its database is called
    name: str
    url: str
    folder: Path
    environment: Mapping[str, str]
    answer: Path

    def play(self, command: Command, *, last: int | None = None) -> Answer | None:
        """Runs a command in a process; None when it died at point ``last``."""
        self.answer.unlink(missing_ok=True)
        arguments = (command, str(self.folder), self.environment, SMALL, last, str(self.answer))
        process = forking.Process(target=child.perform, args=arguments)
        process.start()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            return None
        assert process.exitcode == 0, f"{' '.join(command)} ended with {process.exitcode}"
        return Answer(**json.loads(self.answer.read_text(encoding="utf-8")))

    @property
    def died_at(self) -> str:
        """What the point was at which a command died last."""
        return child.last_words(self.answer).read_text(encoding="utf-8")

    def story(self) -> Story:
        return story(self.url, self.folder)


#: makes a database of a name as another one is, or as the door begins (None), and gives its address; takes one away
Copy, Drop = Callable[[str, str | None], str], Callable[[str], None]


class Theatre:
    """A door, with a database and a folder as it begins with them."""

    def __init__(self, door: Door, room: Path, copy: Copy, drop: Drop, settings: Mapping[str, str]) -> None:
        self.door, self._room, self._copy, self._drop = door, room, copy, drop
        self._settings = settings
        self._ended = ExitStack()
        self._prepared = room / "prepared"
        self.prepared.mkdir(parents=True)

    @property
    def prepared(self) -> Path:
        """The folder with the files that the command reads."""
        return self._prepared / "folder"

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """A stage on which everything was done that the door asks for before."""
        with self._copied(*self._begun) as stage:
            yield stage

    @cached_property
    def _begun(self) -> tuple[str | None, Path]:
        """The database and the home that every stage is a copy of: what was done before is done once."""
        if not self.door.before:
            return None, self._prepared
        with ExitStack() as stack:
            stage = stack.enter_context(self._copied(None, self._prepared))
            for command in self.door.before:
                answer = stage.play(command)
                assert answer is not None
            stage.answer.unlink()
            self._ended = stack.pop_all()  # stays for as long as the theatre does
            return stage.name, stage.folder.parent

    def close(self) -> None:
        """Takes away what every stage was a copy of."""
        self._ended.close()

    @contextmanager
    def _copied(self, database: str | None, begun: Path) -> Iterator[Stage]:
        name = f"kills{next(_numbers)}"
        home = self._room / name
        shutil.copytree(begun, home)
        url = self._copy(name, database)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "140",
            "EARMARK_DATABASE_URL": url,
            "EARMARK_DATA_DIR": str(home / "data"),
            **self._settings,
        }
        try:
            yield Stage(
                name=name, url=url, folder=home / "folder", environment=environment, answer=home / "answer.json"
            )
        finally:
            self._drop(name)
            shutil.rmtree(home)

    def told(self, *commands: Command) -> tuple[Answer, Story]:
        """Runs commands one after the other on a stage of their own: the last answer, and the story."""
        with self.stage() as stage:
            answers = [stage.play(command) for command in commands]
            answer = answers[-1]
            assert answer is not None
            return answer, stage.story()
