"""Delivery against a real mail server that is down, slow, choosy or drops the line: nothing lost, no id changes."""

import datetime as dt
import re
import socket
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from app.config import Settings
from app.db.alerts import Message
from app.db.base import table, utc_now
from app.domain.terms import DeliveryState
from app.outbox import queries
from app.outbox.deliver import LONGEST_PAUSE, MOST_ATTEMPTS, deliver, pause_after
from app.outbox.transport import message_id_of
from tests import portfolio
from tests.api import TestClient, service
from tests.jobs.conftest import Jobs, Mailbox


def waiting(jobs: Jobs, *addresses: str) -> None:
    """A mail to each address in the outbox."""
    with jobs.database.write("tests") as session:
        for place, address in enumerate(addresses):
            line = {"purpose": "digest", "alert": 1, "project": "P1", "title": "Title <b>", "due": "2027-01-31",
                    "overdue": False, "rung": "team", "text": "Choose the evaluators & begin.", "why": "",
                    "url": "http://127.0.0.1:8000/api/v1/obligations/1"}  # fmt: skip
            payload = {"purpose": "digest", "name": "Ofelia", "as_of": "2026-11-20", "lines": [line], "more": 0,
                       "list": "http://127.0.0.1:8000/api/v1/alerts"}  # fmt: skip
            session.add(
                Message(message_id=f"<{place:032x}@example.org>", channel="mail", recipient=address,
                        subject="Evaluations: 1 step to take (2026-11-20)", thread="officer-1", payload=payload)
            )  # fmt: skip


def outbox(jobs: Jobs) -> dict[str, Message]:
    with jobs.database.read() as session:
        return {message.recipient: message for message in session.scalars(select(Message))}


def send(jobs: Jobs, smtp: dict[str, Any], *, later: dt.timedelta = dt.timedelta()) -> dict[str, int]:
    settings = jobs.settings.model_copy(update=smtp)
    return deliver(jobs.database, settings, clock=lambda: utc_now() + later).as_dict()


def test_digest_arrives_as_text_and_html_in_one_thread_with_a_way_out(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    result = jobs.run("2026-06-30", **smtp)
    assert result["delivery"] == {"sent": 1, "postponed": 0, "failed": 0}
    jobs.run("2026-10-30", **smtp)
    first, second = [mail for mail in mailbox.mails if mail["To"] == "ofc@unit.example.org"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Subject"] == "P1: Plan the evaluation and set its budget aside (final evaluation due 30 Jun 2027)"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/unsubscribe/")
    assert first["Auto-Submitted"] == "auto-generated"
    text, page = (part.get_content() for part in first.iter_parts())
    for content in (text, page):
        assert "Dear Officer ofc" in content
        assert "The final evaluation (internal) is due on 30 Jun 2027." in content
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "sender",
    ["Earmark <earmark@example.org>", '"Évaluations @ Genève" <earmark@example.org>', "earmark@example.org"],
)
def test_sender_with_a_display_name_gives_a_right_message_id(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], sender: str
) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    # it waits first, when no sender is set yet
    jobs.run("2026-06-30")
    jobs.run("2026-06-30", **smtp | {"mail_from": sender})
    (mail,) = mailbox.mails
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])
    assert re.fullmatch(r"<thread-officer-\d+@example\.org>", mail["References"])
    assert mail["From"].addresses[0].addr_spec == "earmark@example.org"
    assert mailbox.senders == ["earmark@example.org"]


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Müller, Anna <id@example.org>", "Müller, Anna", "id@example.org"),
        ('"Müller, Anna" <id@example.org>', "Müller, Anna", "id@example.org"),
        ("Office (Lima) <id@example.org>", "Office (Lima)", "id@example.org"),
        ('Office "Lima" <id@example.org>', 'Office "Lima"', "id@example.org"),
        ('"Lima" and "Oslo" <id@example.org>', '"Lima" and "Oslo"', "id@example.org"),
        ('"The \\"big\\" office" <id@example.org>', 'The "big" office', "id@example.org"),
        ('"The "big" office" <id@example.org>', 'The "big" office', "id@example.org"),
        ('12" rule <id@example.org>', '12" rule', "id@example.org"),
        ("Earmark; reports <id@exämple.org>", "Earmark; reports", "id@xn--exmple-cua.org"),
        (" <id@example.org> ", "", "id@example.org"),
        ("id@example.org", "", "id@example.org"),
    ],
)
def test_a_sender_is_taken_as_people_write_it(written: str, name: str, address: str) -> None:
    settings = Settings(mail_from=written, _env_file=None)  # type: ignore[call-arg]
    found, plain = parseaddr(settings.mail_from)
    assert (str(make_header(decode_header(found))), plain) == (name, address)
    assert message_id_of(settings.mail_from).endswith(f"@{address.partition('@')[2]}>")


@pytest.mark.parametrize(
    "written",
    [
        "Earmark",
        "Earmark <example.org>",
        "a@example.org, b@example.org",
        "A <a @b.org>",
        "müller@example.org",
        "A <müller@example.org>",
        "A <a@example..org>",
    ],
)
def test_a_sender_without_an_address_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="names no sender"):
        Settings(mail_from=written, _env_file=None)  # type: ignore[call-arg]


def test_texts_cannot_break_headers_or_html(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    waiting(jobs, "a@example.org")
    with jobs.database.write("tests") as session:
        session.execute(update(table(Message)).values(subject="One\r\nBcc: victim@example.org"))
    send(jobs, smtp)
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "Title &lt;b&gt;" in mail.get_body(("html",)).get_content()
    assert mailbox.recipients == ["a@example.org"]


def test_mails_wait_while_no_server_is_named(jobs: Jobs, smtp: dict[str, Any]) -> None:
    waiting(jobs, "a@example.org")
    assert send(jobs, {}) == {"sent": 0, "postponed": 0, "failed": 0}
    assert outbox(jobs)["a@example.org"].attempts == 0


def test_server_that_is_down_costs_one_attempt_and_everything_goes_when_it_is_back(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    waiting(jobs, "a@example.org", "b@example.org", "c@example.org")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = {**smtp, "smtp_port": closed.getsockname()[1]}
        assert send(jobs, nowhere) == {"sent": 0, "postponed": 1, "failed": 0}
    kept = outbox(jobs)
    assert {message.state for message in kept.values()} == {DeliveryState.WAITING}
    assert sum(message.attempts for message in kept.values()) == 1
    assert "cannot be reached" in str(kept["a@example.org"].error)
    assert send(jobs, smtp) == {"sent": 0, "postponed": 0, "failed": 0}, "not before the pause is over"
    assert send(jobs, smtp, later=dt.timedelta(minutes=2))["sent"] == 3
    assert sorted(mailbox.recipients) == ["a@example.org", "b@example.org", "c@example.org"]


def test_slow_server_is_given_up_after_the_timeout_and_tried_again(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    waiting(jobs, "a@example.org")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slow = {**smtp, "smtp_port": silent.getsockname()[1], "smtp_timeout": 0.3}
        assert send(jobs, slow) == {"sent": 0, "postponed": 1, "failed": 0}
    assert send(jobs, smtp, later=dt.timedelta(minutes=2))["sent"] == 1


def test_refused_recipient_fails_alone_and_visibly(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    mailbox.refuse = lambda address: "550 5.1.1 no such mailbox" if address == "b@example.org" else None
    waiting(jobs, "a@example.org", "b@example.org", "c@example.org")
    assert send(jobs, smtp) == {"sent": 2, "postponed": 0, "failed": 1}
    failed = outbox(jobs)["b@example.org"]
    assert failed.state is DeliveryState.FAILED
    assert "no such mailbox" in str(failed.error)
    assert sorted(mailbox.recipients) == ["a@example.org", "c@example.org"]
    assert mailbox.connections == 1, "one line serves them all"


def test_server_that_is_busy_is_asked_again(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    mailbox.refuse = lambda _address: "451 4.3.0 later, please"
    waiting(jobs, "a@example.org")
    assert send(jobs, smtp) == {"sent": 0, "postponed": 1, "failed": 0}
    mailbox.refuse = lambda _address: None
    assert send(jobs, smtp, later=dt.timedelta(minutes=2))["sent"] == 1


def test_text_that_the_server_refuses_for_good_is_not_sent_again(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    mailbox.answer = lambda: "554 5.7.1 looks like spam"
    waiting(jobs, "a@example.org")
    assert send(jobs, smtp) == {"sent": 0, "postponed": 0, "failed": 1}
    assert send(jobs, smtp, later=dt.timedelta(days=9)) == {"sent": 0, "postponed": 0, "failed": 0}


def test_line_dropped_after_the_text_was_taken_sends_again_under_the_same_id(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    mailbox.drop_after_data = True
    waiting(jobs, "a@example.org")
    assert send(jobs, smtp) == {"sent": 0, "postponed": 1, "failed": 0}
    mailbox.drop_after_data = False
    assert send(jobs, smtp, later=dt.timedelta(minutes=2))["sent"] == 1
    assert len(mailbox.ids) == 2
    assert len(set(mailbox.ids)) == 1


def test_broken_line_does_not_stop_the_others(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    waiting(jobs, "a@example.org", "b@example.org")
    answers = iter([True, False, False])

    def drop_first() -> None:
        mailbox.drop_after_data = next(answers)

    mailbox.answer = drop_first
    assert send(jobs, smtp) == {"sent": 1, "postponed": 1, "failed": 0}
    assert mailbox.connections == 2


def test_last_attempt_leaves_a_failure_that_people_see_and_can_send_again(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    waiting(jobs, "a@example.org")
    mailbox.refuse = lambda _address: "451 4.3.0 later, please"
    later = dt.timedelta()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert sum(send(jobs, smtp, later=later).values()) == 1, attempt
        assert sum(send(jobs, smtp, later=later).values()) == 0, "the pause comes first"
        later += pause_after(attempt) + dt.timedelta(seconds=1)
    assert outbox(jobs)["a@example.org"].state is DeliveryState.FAILED
    with jobs.database.write("tests") as session:
        assert [row.recipient for row in queries.failed_messages(session, 10)] == ["a@example.org"]
        assert queries.retry_failed(session, utc_now()) == 1
    mailbox.refuse = lambda _address: None
    assert send(jobs, smtp)["sent"] == 1


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 40)]
    assert pauses[:4] == [dt.timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE


def test_message_in_the_hand_of_a_worker_that_took_too_long_is_sent_by_another(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    waiting(jobs, "a@example.org")
    until = utc_now() + dt.timedelta(minutes=5)
    with jobs.database.write("tests") as session:
        session.execute(
            update(table(Message)).values(state=DeliveryState.SENDING, claimed_by="elsewhere:1:aa", claimed_until=until)
        )
    assert send(jobs, smtp)["sent"] == 0
    assert send(jobs, smtp, later=dt.timedelta(minutes=6))["sent"] == 1


def test_worker_that_was_suspended_sends_nothing_that_another_has_taken_over(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    waiting(jobs, "a@example.org", "b@example.org", "c@example.org")
    settings, slept = jobs.settings.model_copy(update=smtp), dt.timedelta()

    def clock() -> dt.datetime:
        nonlocal slept
        if mailbox.mails and not slept:
            slept = dt.timedelta(minutes=6)
            send(jobs, smtp, later=slept)
        return utc_now() + slept

    assert deliver(jobs.database, settings, clock=clock).sent == 0
    # what it had sent and not marked yet went once more, under the same id
    assert sorted(mailbox.recipients) == ["a@example.org", "a@example.org", "b@example.org", "c@example.org"]
    assert {message.state for message in outbox(jobs).values()} == {DeliveryState.SENT}


def test_unsubscribing_takes_a_button_and_ends_digests(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    jobs.run("2026-06-30", **smtp)
    address = str(mailbox.mails[0]["List-Unsubscribe"]).strip(" <>")
    path = address.removeprefix("http://127.0.0.1:8000")
    client = TestClient(service(jobs.settings, jobs.database))
    assert "ofc@unit.example.org" in client.get(path).text
    jobs.run("2026-10-30", **smtp)
    assert mailbox.recipients.count("ofc@unit.example.org") == 2, "following the link alone changes nothing"
    assert client.post(path).status_code == 200
    assert client.post(path).status_code == 200
    assert len(jobs.run("2026-12-30", **smtp)["recorded"]) == 1
    assert mailbox.recipients.count("ofc@unit.example.org") == 2
    assert client.post("/unsubscribe/" + "0" * 32).status_code == 404


def test_line_is_encrypted_when_the_settings_say_so(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    waiting(jobs, "a@example.org")
    assert send(jobs, {**smtp, "smtp_security": "starttls"})["postponed"] == 1, "a server that cannot is not trusted"
    assert mailbox.mails == []
    assert "cannot be reached" in str(outbox(jobs)["a@example.org"].error)


def test_many_officers_get_theirs_over_one_line(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    with jobs.database.write("tests") as session:
        unit = portfolio.unit(session, "MANY")
        for number in range(60):
            portfolio.officer(session, f"o{number}", unit.id or 0)
    for number in range(60):
        jobs.project(f"P{number}", start="2026-01-01", end="2027-06-30", budget="600000", officer=f"o{number}")
    assert jobs.run("2026-06-30", **smtp)["delivery"]["sent"] == 60
    assert len(set(mailbox.recipients)) == 60
    assert mailbox.connections == 1


@pytest.mark.parametrize("code", ["421 4.3.2 shutting down", "250 fine"])
def test_whatever_the_server_says_each_mail_is_sent_or_waits(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], code: str
) -> None:
    mailbox.answer = lambda: None if code.startswith("250") else code
    waiting(jobs, "a@example.org", "b@example.org")
    result = send(jobs, smtp)
    states = {message.state for message in outbox(jobs).values()}
    assert states <= {DeliveryState.SENT, DeliveryState.WAITING}
    # a server that closes takes nothing of the others either: they are not tried, and are written anew when they go
    closes = code.startswith("421")
    assert (result["sent"], result["postponed"]) == ((0, 1) if closes else (2, 0))
    assert not closes or {message.composed_at for message in outbox(jobs).values()} == {None}
    assert mailbox.connections == 1
