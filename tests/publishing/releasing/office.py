"""An office that releases: a small portfolio, and the steps of a release."""

import datetime as dt
from dataclasses import replace
from typing import Any

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL, Actor
from app.domain.datasets import Split
from app.domain.terms import Role
from app.publishing.releasing import answers, approving
from app.publishing.releasing.prepare import Prepared, prepare
from app.publishing.releasing.publish import Publication, publish, withdraw
from app.publishing.releasing.queries import PublicRow, public_files
from app.publishing.releasing.wanted import Wanted
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio

ANNA = Actor(name="anna", role=Role.PUBLISHER, user_id=1)
BORIS = Actor(name="boris", role=Role.PUBLISHER, user_id=2)
WANTED = Wanted(as_of=TODAY, split=Split.WHOLE, max_bytes=20_000_000)


class Office(Portfolio):
    """A portfolio with the steps of a release."""

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__(database)
        self.settings = settings

    def prepare(self, actor: Actor = LOCAL, **wanted: Any) -> Prepared:
        return prepare(self.database, self.settings, actor, replace(WANTED, **wanted))

    def approve(self, actor: Actor = LOCAL, number: int | None = None, *, accept: str = "") -> None:
        with self.database.write(actor.name) as session:
            release = approving.find(session, number, hold=True)
            if accept:
                approving.accept(session, actor, release, None, accept)
            approving.approve(session, actor, release)

    def publish(self, actor: Actor = LOCAL, **options: Any) -> Publication:
        return publish(self.database, self.settings, actor, **options)

    def withdraw(self, reason: str = "wrong", *datasets: str) -> Publication:
        return withdraw(self.database, self.settings, LOCAL, reason=reason, datasets=datasets)

    def release(self, **wanted: Any) -> int:
        """All steps; the number."""
        prepared = self.prepare(**wanted)
        if prepared.made:
            self.approve(number=prepared.number)
        self.publish()
        return prepared.number

    def shown(self, number: int | None = None) -> answers.ReleaseShown:
        with self.database.read() as session:
            return answers.shown(session, number)

    def lines(self, *kinds: str, number: int | None = None) -> list[str]:
        """The lines of a release of some kinds: subject and words."""
        with self.database.read() as session:
            found = answers.shown_lines(session, answers.shown(session, number)["number"], *kinds)
            return [f"{line['subject']}: {line['words']}" for line in found]

    def public_rows(self) -> list[PublicRow]:
        """What is public, and what was."""
        with self.database.read() as session:
            return public_files(session)

    def bytes_of(self, dataset: str, number: int | None = None) -> bytes:
        """What a file of a release holds."""
        (digest,) = (file["sha256"] for file in self.shown(number)["files"] if file["dataset"] == dataset)
        return (self.settings.file_store / digest[:2] / digest).read_bytes()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
