"""Killed at any point, the same command again tells the same story as one that nobody killed.

By default a few points of each command, on both sides of what makes a difference; ``make kills`` asks for 200 of each
(``EARMARK_KILLS``): every point of the command, and then also the second run killed at a chance point of its own.
"""

import os
import random
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Message
from app.db.engine import open_database
from app.domain.terms import DeliveryState
from tests.jobs.conftest import Mailbox
from tests.kills.doors import DOORS, Door
from tests.kills.points import ASKED, is_boundary
from tests.kills.story import IGNORED, Story, unexplained
from tests.kills.theatre import Answer, Stage, Theatre

#: how often each command is killed on each database; a long run is asked for through the environment
KILLS = int(os.environ.get("EARMARK_KILLS", "0"))
_FEW = 4

OpenTheatre = Callable[[Door], Theatre]

#: where the command dies, and then the same command again
Deaths = tuple[int, ...]


def chosen(points: list[str], *, again: bool) -> list[Deaths]:
    """Which kills are tried, given what each point is; ``again``: the second run may be killed too."""
    if not KILLS:
        boundaries = [number for number, name in enumerate(points, start=1) if is_boundary(name)]
        return [(number,) for number in sorted({*_spread(boundaries, _FEW), len(points) // 2})]
    every = range(1, len(points) + 1)
    chance = random.Random(len(points))
    twice = [(chance.choice(every), chance.choice(every)) for _ in range(KILLS - len(every) if again else 0)]
    return [*((number,) for number in _spread(list(every), KILLS)), *twice]


def _spread(numbers: list[int], count: int) -> list[int]:
    """So many of them, from the first to the last."""
    if len(numbers) <= count:
        return numbers
    return sorted({numbers[round(place * (len(numbers) - 1) / (count - 1))] for place in range(count)})


class Expected:
    """What the story of a command must be, by the number of its steps that were done when it was killed.

    A command that was killed after its end is a command that ran; the same again is the second one.
    """

    def __init__(self, theatre: Theatre) -> None:
        self.door, self._theatre = theatre.door, theatre
        self._told: dict[int, tuple[Answer, Story]] = {}
        self.answer, self.story = self.after(0)
        assert self.answer.status == self.door.status, self.answer.out + self.answer.err

    def after(self, steps: int) -> tuple[Answer, Story]:
        if steps not in self._told:
            self._told[steps] = self._theatre.told(*self.door.steps[:steps], self.door.command)
        return self._told[steps]

    def differences(self, steps: int, again: Answer, told: Story) -> list[str]:
        """How a second run differs from what it must tell after so many steps."""
        answer, story = self.after(steps)
        found = story.differences(told)
        if not self.door.own_account and (again.status, _timeless(again.out)) != (answer.status, _timeless(answer.out)):
            found.append(f"account: {answer.out} | {again.out}")
        return found

    def steps_done(self, story: Story) -> int:
        """The steps that a killed command has done to their end: the story is that of so many which nobody killed."""
        if self.door.parts:
            return sum(run["outcome"] == "done" for run in story.tables["import_runs"])
        whole = range(1, len(self.door.steps) + 1)
        return next((number for number in whole if not story.differences(self.after(number - 1)[1])), 0)


_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")


def _timeless(account: str) -> str:
    """An account without the minutes that it names: the two runs are not of the same one."""
    return _MINUTE.sub("then", account)


def arrived(stage: Stage, mailbox: Mailbox) -> None:
    """Every mail of the outbox went out, and what came twice says the same."""
    database = open_database(Settings(database_url=stage.url, _env_file=None))  # type: ignore[call-arg]
    with database.read() as session:
        states = {row.message_id: row.state for row in session.scalars(select(Message))}
    database.dispose()
    assert set(states.values()) == {DeliveryState.SENT}
    for message in states:
        texts = {mail.get_body(("plain",)).get_content() for mail in mailbox.mails if mail["Message-ID"] == message}
        assert len(texts) == 1, message


@pytest.mark.kills
@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_killed_command_run_again_tells_the_same_story(
    door: Door, open_theatre: OpenTheatre, request: pytest.FixtureRequest
) -> None:
    theatre = open_theatre(door)
    mailbox: Mailbox | None = request.getfixturevalue("mailbox") if door.mails else None
    expected = Expected(theatre)
    faults: list[str] = []
    killed = 0
    for deaths in chosen(expected.answer.points, again=not door.parts):
        with theatre.stage() as stage:
            done, asked, died = 0, False, 0
            for last in deaths:
                if stage.play(door.command, last=last) is not None:
                    break
                died += 1
                asked = asked or stage.died_at == ASKED
                # what one run has done whole stays so, though the next one was killed in the midst of its own
                done = done if asked else max(done, expected.steps_done(stage.story()))
            killed += died
            if died < len(deaths):
                continue
            where = f"{' and '.join(map(str, deaths))} ({stage.died_at})"
            # where the server was asked it may or may not have done it by now, and the next run does not wait for that
            possible = range(len(door.steps) + 1) if asked else (done,)
            again = stage.play(door.command)
            assert again is not None
            told = stage.story()
            found = min((expected.differences(done, again, told) for done in possible), key=len)
            if found:
                faults.append(f"killed at {where}: {'; '.join(found[:5])}; {again.err}")
            if mailbox is not None:
                arrived(stage, mailbox)
    print(f"{door.name}: {len(expected.answer.points)} points, {killed} kills")
    assert not faults, "\n".join(faults)


def test_what_is_not_compared_is_named_rightly() -> None:
    assert unexplained() == []


def test_what_is_not_compared_has_a_reason() -> None:
    assert all(reason for reason in IGNORED.values())
