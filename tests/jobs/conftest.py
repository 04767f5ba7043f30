"""A world whose jobs run, and a real mail server on the loopback."""

import datetime as dt
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.config import Settings
from app.db.engine import Database
from app.jobs.runner import run_job
from app.jobs.timetable import job
from tests.evaluations.world import World


class Jobs(World):
    """A world with the jobs of the timetable."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database)
        self.settings = settings

    def run(self, as_of: str | dt.date, name: str = "evaluation-alerts", **settings: Any) -> dict[str, Any]:
        looked_from = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        chosen = self.settings.model_copy(update=settings)
        return run_job(self.database, chosen, job(name), looked_from).as_dict()

    def rungs(self, as_of: str | dt.date) -> list[str]:
        """What a run records, as "project kind rung date"."""
        return [
            f"{row['project']} {row['kind']} {row['rung']} {row['rung_date']}" for row in self.run(as_of)["recorded"]
        ]


@pytest.fixture
def jobs(database: Database, settings: Settings) -> Jobs:
    return Jobs(database, settings)


class Mailbox:
    """What a mail server took, and how it is told to misbehave."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.contents: list[bytes] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        #: what it answers to RCPT TO for an address; None: it takes it
        self.refuse: Callable[[str], str | None] = lambda _address: None
        #: what it answers after the text; None: it takes it
        self.answer: Callable[[], str | None] = lambda: None
        #: it takes the text and then drops the line
        self.drop_after_data = False
        self.connections = 0
        self.port = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.refuse(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answer()
        if answer is not None:
            return answer
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.contents.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.senders.append(envelope.mail_from)
        if self.drop_after_data:
            server.transport.close()
        return "250 taken"

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]


class OnAnyPort(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server; ``smtp`` has the settings that lead to it."""
    box = Mailbox()
    controller = OnAnyPort(box, hostname="127.0.0.1", port=0, ready_timeout=600)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def smtp(mailbox: Mailbox) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
        "smtp_security": "none",
        "smtp_timeout": 600.0,
        "mail_from": "earmark@example.org",
    }
