"""What mails and webhooks say: the state of the moment in which they are sent, once, to the right person."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from app.alerts import wording
from app.db.alerts import AlertEvent, Message, MessageAlert
from app.db.base import table, utc_now
from app.db.evaluations import Obligation
from app.db.lookups import row_by
from app.db.organisation import Officer, Setup, Unit
from app.db.people import User
from app.db.projects import Project
from app.domain.terms import DeliveryState, Role
from app.outbox import queries
from tests import portfolio
from tests.api import Api
from tests.jobs.conftest import Jobs, Mailbox

#: long projects look back each year
YEARLY = """
policy: yearly
title: Yearly
in_force: {from: 2020-01-01}
source: A test
confidence: stated
rules:
  - id: long-annual-review
    when: {duration_months: {over: 60}}
    require: {kind: annual-review}
    source: A test
    confidence: stated
"""
REMINDED, LATER = "2026-06-30", "2026-07-05"


def messages(jobs: Jobs) -> list[Message]:
    with jobs.database.read() as session:
        return list(session.scalars(select(Message).order_by(table(Message).c.id)))


def left_out(jobs: Jobs) -> list[str]:
    with jobs.database.read() as session:
        return list(session.scalars(select(MessageAlert.left_out).order_by(table(MessageAlert).c.id)))


def project(jobs: Jobs, code: str = "P1", **values: Any) -> int:
    """A project whose final is due on 30 June 2027: its first rung is reached a year before."""
    return jobs.project(code, **{"start": "2026-01-01", "end": "2027-06-30", "budget": "600000", **values})


def deliver(jobs: Jobs, smtp: dict[str, Any], on: str = LATER) -> dict[str, Any]:
    """The outbox an hour later, so that no pause stands in the way."""
    with jobs.database.write("tests") as session:
        session.execute(update(table(Message)).values(next_attempt_at=utc_now()))
    return jobs.run(on, "deliver-outbox", **smtp)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def settle(jobs: Jobs, key: int, how: str) -> None:
    match how:
        case "waived":
            jobs.waive(jobs.obligation(key).id or 0, on="2026-07-01")
        case "done":
            jobs.done("E1", "2026-07-01", independence="internal")
        case "the due date moved to 2027-10-31":
            jobs.reschedule(jobs.obligation(key).id or 0, to="2027-10-31", on="2026-07-01")
        case "superseded":
            jobs.decide("P1", "planned_end", "2026-07-01", "2028-06-30")
        case "acknowledged" | "silent until 2026-07-31":
            until = dt.date(2026, 7, 31) if how.startswith("silent") else None
            kind = "snoozed" if until else "acknowledged"
            with jobs.database.write("tests") as session:
                session.add(AlertEvent(alert_id=1, kind=kind, until=until, recorded_by="ofc"))
        case _:
            with jobs.database.write("tests") as session:
                row = session.get_one(Project, key)
                row.archived_at = row.created_at


SETTLED = [
    "waived",
    "done",
    "the due date moved to 2027-10-31",
    "superseded",
    "acknowledged",
    "silent until 2026-07-31",
    "the project is archived, or it is not owed any more",
]


@pytest.mark.parametrize("how", SETTLED)
def test_mail_that_waits_does_not_tell_what_was_settled_meanwhile(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], how: str
) -> None:
    key = project(jobs)
    project(jobs, "P2")
    jobs.run(REMINDED)
    settle(jobs, key, how)
    assert deliver(jobs, smtp)["sent"] == 1
    (mail,) = mailbox.mails
    assert mail["Subject"].startswith("P2: ")
    assert "P1" not in text_of(mail)
    assert "As of 5 Jul 2026." in text_of(mail)
    assert sorted(left_out(jobs)) == ["", how], "on record, with the reason"


def test_message_that_has_nothing_left_to_tell_is_withdrawn_on_record_and_no_mail_goes(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    key = project(jobs)
    jobs.run(REMINDED)
    settle(jobs, key, "waived")
    assert deliver(jobs, smtp)["sent"] == 0
    assert deliver(jobs, smtp)["sent"] == 0
    (message,) = messages(jobs)
    assert (message.state, message.error) == (DeliveryState.WITHDRAWN, "nothing left to tell")
    assert message.attempts == 0
    assert left_out(jobs) == ["waived"]
    assert mailbox.mails == []


def test_step_that_a_waiver_withdrew_is_told_when_the_waiver_is_taken_back(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    key = project(jobs)
    jobs.run(REMINDED)
    settle(jobs, key, "waived")
    assert deliver(jobs, smtp)["sent"] == 0
    assert jobs.run("2026-07-20", **smtp)["messages"] == 0, "it is waived"
    jobs.take_back(jobs.obligation(key).id or 0, on="2026-07-21")
    assert jobs.run("2026-07-22", **smtp)["messages"] == 1
    (mail,) = mailbox.mails
    assert mail["To"] == "ofc@unit.example.org"
    assert mail["Subject"].startswith("P1: ")
    assert jobs.run("2026-07-23", **smtp)["messages"] == 0, "told once"
    assert left_out(jobs) == ["waived", ""]
    assert jobs.run("2026-08-03", **smtp)["messages"] == 0
    assert jobs.run("2026-08-04", **smtp)["messages"] == 1, "the head, two weeks after it was owed again"
    assert mailbox.mails[-1]["To"] == "head@unit.example.org"


def test_step_that_was_settled_and_is_open_again_is_told_on_each_way(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    key = project(jobs)
    hook = {"webhook_url": "http://127.0.0.1:9/hook", "webhook_allow_private": True}
    jobs.run(REMINDED, **hook)
    settle(jobs, key, "archived")
    deliver(jobs, {**hook, **smtp})
    assert mailbox.mails == []
    assert left_out(jobs) == ["the project is archived, or it is not owed any more"] * 2
    with jobs.database.write("tests") as session:
        session.get_one(Project, key).archived_at = None
    jobs.run("2026-07-06", **hook, **smtp)
    assert [mail["To"] for mail in mailbox.mails] == ["ofc@unit.example.org"]
    assert sorted(left_out(jobs)[2:]) == ["", ""]


def test_what_waits_for_one_person_is_one_mail_that_tells_the_newest_step_of_each_duty(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    project(jobs)
    jobs.run(REMINDED)
    project(jobs, "P2", end="2027-10-30")
    jobs.run("2026-10-30")
    assert [message.state for message in messages(jobs)] == [DeliveryState.WAITING] * len(messages(jobs))
    assert deliver(jobs, smtp, "2026-11-01")["sent"] == len(set(mailbox.recipients))
    (mail,) = [mail for mail in mailbox.mails if mail["To"] == "ofc@unit.example.org"]
    text = text_of(mail)
    assert mail["Subject"] == "Evaluations: 2 steps to take: P1, P2"
    assert text.count("* P1") == 1
    assert text.count("* P2") == 1
    first, second = [message for message in messages(jobs) if message.recipient == "ofc@unit.example.org"]
    assert (first.state, second.state) == (DeliveryState.SENT, DeliveryState.MERGED)
    assert (second.merged_into_id, mail["Message-ID"]) == (first.id, first.message_id)
    assert left_out(jobs).count("a newer step is told") >= 1


def test_mail_says_what_is_overdue_once_without_ids_of_rules_and_with_a_link_to_the_record(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    key = project(jobs, title="Tools <& more>")
    jobs.run("2027-06-30")
    deliver(jobs, smtp | {"public_url": "https://earmark.example.org/"}, "2027-07-20")
    (mail,) = mailbox.mails
    link = f"https://earmark.example.org/evaluations/duties/{jobs.obligation(key).id}"
    assert mail["Subject"].startswith("P1: ")
    assert mail["Subject"].endswith("(final evaluation overdue since 30 Jun 2027)")
    text, page = text_of(mail), mail.get_body(("html",)).get_content()
    for content in (text, page):
        assert "The due date of the final evaluation (internal) passed on 30 Jun 2027." in content
        assert content.count("final evaluation") == 1
        assert content.count(link) == 1
        assert "rule" not in content
        assert "default/" not in content
    assert text.count("P1") == 1
    assert "Tools &lt;&amp; more&gt;" in page
    assert "Tools <& more>" in text


@pytest.mark.parametrize("trouble", ["451 4.3.0 later, please", "nowhere"])
def test_message_that_is_known_not_to_have_arrived_is_composed_again(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], trouble: str
) -> None:
    key = project(jobs)
    mailbox.refuse = lambda _address: trouble
    jobs.run(REMINDED, **smtp | ({"smtp_port": 1} if trouble == "nowhere" else {}))
    assert messages(jobs)[0].state is DeliveryState.WAITING
    settle(jobs, key, "waived")
    mailbox.refuse = lambda _address: None
    assert deliver(jobs, smtp)["sent"] == 0
    assert messages(jobs)[0].state is DeliveryState.WITHDRAWN


@pytest.mark.parametrize("lost", ["the line", "the worker"])
def test_message_that_may_have_arrived_goes_again_byte_for_byte(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], lost: str
) -> None:
    key = project(jobs)
    mailbox.drop_after_data = lost == "the line"
    jobs.run(REMINDED, **smtp)
    mailbox.drop_after_data = False
    if lost == "the worker":
        with jobs.database.write("tests") as session:
            gone = {"claimed_by": "elsewhere:1:aa", "claimed_until": utc_now() - dt.timedelta(minutes=1)}
            session.execute(update(table(Message)).values(state=DeliveryState.SENDING, **gone))
    settle(jobs, key, "waived")
    project(jobs, "P2")
    jobs.run("2026-07-02")
    assert deliver(jobs, smtp)["sent"] == 2, "what may have arrived stays apart from what is new"
    first, again, new = mailbox.contents
    assert first == again
    assert b"P2" in new


def test_alert_without_anybody_to_be_told_waits_in_sight_and_is_told_when_there_is_somebody(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    project(jobs, officer=None)
    project(jobs, "P2", officer=None)
    with jobs.database.write("tests") as session:
        unit = session.scalars(select(Unit)).one()
        unit.head = unit.head_email = None
    assert jobs.run(REMINDED, **smtp)["messages"] == 0
    for day in ("2026-07-01", "2026-07-04"):
        assert jobs.run(day, **smtp)["messages"] == 0
    with jobs.database.read() as session:
        assert queries.alerts_for_nobody(session) == 2
    with jobs.database.write("tests") as session:
        row = row_by(session, Project, "code", "P1")
        assert row is not None
        row.officer_id = session.scalars(select(Officer.id)).one()
    jobs.run(LATER, **smtp)
    assert [mail["Subject"].partition(":")[0] for mail in mailbox.mails] == ["P1"]
    assert mailbox.recipients == ["ofc@unit.example.org"]
    with jobs.database.read() as session:
        assert queries.alerts_for_nobody(session) == 1
    with jobs.database.write("tests") as session:
        session.scalars(select(Unit)).one().head_email = "head@unit.example.org"
    jobs.run("2026-07-06", **smtp)
    assert mailbox.recipients == ["ofc@unit.example.org", "head@unit.example.org"]
    jobs.run("2026-07-07", **smtp)
    assert len(mailbox.mails) == 2
    with jobs.database.read() as session:
        assert queries.alerts_for_nobody(session) == 0


@pytest.mark.parametrize(
    ("language", "sum_of_all", "each"),
    [
        ("en", "Annual review: 3 of them, the last one due 31 Dec 2025.", "- annual review 2: 31 Dec 2024 (overdue)"),
        (
            "fr",
            "Examen annuel\u00a0: 3 au total, la dernière échéance le 31 déc. 2025.",
            "- examen annuel 2\u00a0: 31 déc. 2024 (en retard)",
        ),
        (
            "es",
            "Examen anual: 3 en total, el último vencimiento el 31 dic 2025.",
            "- examen anual 2: 31 dic 2024 (atrasada)",
        ),
    ],
)
def test_several_evaluations_of_one_project_and_kind_are_one_line_as_they_are_among_ones_tasks(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], language: str, sum_of_all: str, each: str
) -> None:
    jobs.today = dt.date(2022, 12, 1)
    jobs.policy(YEARLY)
    project(jobs, "LONG", start="2023-01-01", end="2029-12-31", budget="200000", officer=None)
    with jobs.database.write("tests") as session:
        session.get_one(Setup, 1).language = language
        unit = session.scalars(select(Unit)).one()
        unit.head = unit.head_email = None
    # as nobody was there to be told, reviews of three years wait
    for day in ("2023-12-15", "2024-12-15", "2025-12-15", REMINDED, "2026-12-15"):
        jobs.run(day, **smtp)
    assert not mailbox.mails
    with jobs.database.write("tests") as session:
        session.scalars(select(Unit)).one().head_email = "head@unit.example.org"
    jobs.run("2026-12-16", **smtp)
    (mail,) = mailbox.mails
    text, page = (part.get_content() for part in mail.iter_parts())
    # the review of this year is not late yet
    assert (text.count("* LONG"), text.count(sum_of_all), text.count(each)) == (2, 1, 1)
    assert (page.count(sum_of_all), page.count(f">{each.removeprefix('- ')}</a></li>")) == (1, 1)
    (message,) = [one for one in messages(jobs) if one.message_id == mail["Message-ID"]]
    reviews = message.payload["lines"][0]["alike"]
    assert [review["due"] for review in reviews] == ["2023-12-31", "2024-12-31", "2025-12-31"]
    # every step counts in the subject
    assert sum(len(line.get("alike", [1])) for line in message.payload["lines"]) == 4
    assert "4 " in mail["Subject"]


def long_project_without_anybody_to_tell(jobs: Jobs, years: int = 7) -> None:
    jobs.today = dt.date(2022, 12, 1)
    jobs.policy(YEARLY)
    project(jobs, "LONG", start="2023-01-01", end=f"{2022 + years}-12-31", budget="200000", officer=None)
    with jobs.database.write("tests") as session:
        unit = session.scalars(select(Unit)).one()
        unit.head = unit.head_email = None


def told_to_the_head(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], on: str) -> tuple[Any, list[dict[str, Any]]]:
    """The one mail that the head is sent once there is one, and the lines that it was made from."""
    with jobs.database.write("tests") as session:
        session.scalars(select(Unit)).one().head_email = "head@unit.example.org"
    jobs.run(on, **smtp)
    (mail,) = mailbox.mails
    (message,) = [one for one in messages(jobs) if one.message_id == mail["Message-ID"]]
    lines = message.payload["lines"]
    assert isinstance(lines, list)
    return mail, lines


def test_what_is_to_be_prepared_is_not_told_among_what_is_to_be_delivered(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    long_project_without_anybody_to_tell(jobs)
    for day in ("2023-12-15", "2024-12-15", "2025-12-15", REMINDED, "2026-11-01", "2026-11-20", "2026-12-10"):
        jobs.run(day, **smtp)
    _, lines = told_to_the_head(jobs, mailbox, smtp, "2026-12-20")
    (late,) = [line for line in lines if "alike" in line]
    assert late["text"].startswith("Deliver the review. Annual review: 3 of them, ")
    assert [entry["due"] for entry in late["alike"]] == ["2023-12-31", "2024-12-31", "2025-12-31"]
    (early,) = [line for line in lines if line["due"] == "2026-12-31"]
    assert early["text"].startswith("Prepare the review.")


def test_each_of_several_evaluations_keeps_its_link_and_what_else_is_known_of_it(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    long_project_without_anybody_to_tell(jobs)
    jobs.run("2023-12-15", **smtp)
    with jobs.database.write("tests") as session:
        owed = list(session.scalars(select(Obligation).order_by(table(Obligation).c.due_on)))
        second = next(row.id or 0 for row in owed if row.due_on == dt.date(2024, 12, 31))
    jobs.today = dt.date(2024, 6, 1)
    jobs.reschedule(second, to="2024-12-30", on="2024-05-01")
    for day in ("2024-12-15", "2025-12-15", REMINDED):
        jobs.run(day, **smtp)
    mail, lines = told_to_the_head(jobs, mailbox, smtp, "2026-07-16")
    (group,) = [line for line in lines if "alike" in line]
    (moved,) = [entry for entry in group["alike"] if entry["due"] == "2024-12-30"]
    text, page = (part.get_content() for part in mail.iter_parts())
    said = "It was moved from 31 Dec 2024, approved by Chief."
    assert moved["about"] == said
    for entry in group["alike"]:
        assert text.splitlines().count(f"    {entry['url']}") == 1
        assert page.count(f'<li><a href="{entry["url"]}">{entry["text"]}</a>') == 1
    assert len({entry["url"] for entry in group["alike"]}) == 3
    assert (" ".join(text.split()).count(said), page.count(f"</a>. {said}</li>")) == (1, 1)


def test_of_many_evaluations_as_many_are_told_as_can_be_read_and_the_rest_is_counted(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "MOST_ALIKE", 2)
    long_project_without_anybody_to_tell(jobs)
    for day in ("2023-12-15", "2024-12-15", "2025-12-15", REMINDED):
        jobs.run(day, **smtp)
    mail, lines = told_to_the_head(jobs, mailbox, smtp, "2026-07-16")
    (group,) = [line for line in lines if "alike" in line]
    assert (len(group["alike"]), group["further"]) == (2, 1)
    assert "Annual review: 3 of them" in group["text"]
    text, page = (part.get_content() for part in mail.iter_parts())
    assert text.count("… and 1 more: http") == 1
    assert page.count("… and 1 more</a>") == 1


def test_heads_get_the_alerts_of_their_own_units_where_projects_have_no_officer(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    with jobs.database.write("tests") as session:
        portfolio.unit(session, "OTHER").head_email = "other@unit.example.org"
    project(jobs, officer=None)
    project(jobs, "P2", officer=None, unit="OTHER")
    jobs.run(REMINDED, **smtp)
    told = {mail["To"]: mail["Subject"].partition(":")[0] for mail in mailbox.mails}
    assert told == {"head@unit.example.org": "P1", "other@unit.example.org": "P2"}


def test_what_was_handed_over_goes_to_the_new_officer(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    project(jobs)
    project(jobs, "P2")
    jobs.run(REMINDED)
    with jobs.database.write("tests") as session:
        unit = session.scalars(select(Unit)).one()
        new = portfolio.officer(session, "new", unit.id or 0)
        row = row_by(session, Project, "code", "P1")
        assert row is not None
        row.officer_id = new.id
    assert deliver(jobs, smtp)["sent"] == 2
    told = {mail["To"]: mail["Subject"].partition(":")[0] for mail in mailbox.mails}
    assert told == {"ofc@unit.example.org": "P2", "new@unit.example.org": "P1"}
    assert "goes to new@unit.example.org instead" in left_out(jobs)


@pytest.mark.parametrize(("others", "told"), [((), "head"), (("again",), "ofc")])
def test_what_waits_for_somebody_whose_account_was_disabled_goes_to_the_head(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], others: tuple[str, ...], told: str
) -> None:
    project(jobs)
    with jobs.database.write("tests") as session:
        officer = row_by(session, Officer, "code", "ofc")
        assert officer is not None
        session.add_all(User(name=name, role=Role.OFFICER, officer_id=officer.id) for name in ("first", *others))
    jobs.run(REMINDED)
    with jobs.database.write("tests") as session:
        account = row_by(session, User, "name", "first")
        assert account is not None
        account.archived_at = utc_now()
    assert deliver(jobs, smtp)["sent"] == 1
    assert [mail["To"] for mail in mailbox.mails] == [f"{told}@unit.example.org"]


def hand(jobs: Jobs, to: str) -> None:
    """P1 is handed to the officer, whose address begins with the code."""
    with jobs.database.write("tests") as session:
        row, new = row_by(session, Project, "code", "P1"), row_by(session, Officer, "code", to)
        assert row is not None
        row.officer_id = (new or portfolio.officer(session, to, row.unit_id or 0)).id


def readdress(jobs: Jobs, to: str) -> None:
    with jobs.database.write("tests") as session:
        session.scalars(select(Officer)).one().email = f"{to}@unit.example.org"


@pytest.mark.parametrize("change", [hand, readdress])
@pytest.mark.parametrize("beside", [False, True])
def test_what_comes_back_to_whom_it_went_away_from_is_told_once(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any], change: Callable[[Jobs, str], None], beside: bool
) -> None:
    project(jobs)
    if beside:
        project(jobs, "P2")
    jobs.run(REMINDED)
    mailbox.refuse = lambda _address: "451 4.3.0 later, please"
    for number, to in enumerate(("new", "ofc", "new", "ofc")):
        change(jobs, to)
        if number < 3:
            deliver(jobs, smtp, f"2026-07-0{5 + number}")
    mailbox.refuse = lambda _address: None
    deliver(jobs, smtp, "2026-07-08")
    jobs.run("2026-07-09", **smtp)
    told = [(mail["To"], text_of(mail).count("* P1"), text_of(mail).count("* P2")) for mail in mailbox.mails]
    assert told == [("ofc@unit.example.org", 1, int(beside))]


def test_mail_names_the_day_that_counts_where_it_was_moved(jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    key = project(jobs)
    jobs.refresh()
    jobs.reschedule(jobs.obligation(key).id or 0, to="2027-10-31", on="2026-07-01")
    jobs.run("2026-10-31", **smtp)
    text = " ".join(text_of(mailbox.mails[0]).split())
    assert "is due on 31 Oct 2027. It was moved from 30 Jun 2027, approved by Chief." in text


def test_webhook_tells_the_state_of_the_moment_or_is_withdrawn(jobs: Jobs) -> None:
    key = project(jobs)
    project(jobs, "P2")
    hooked = {"webhook_url": "http://127.0.0.1:1/", "webhook_secret": SecretStr("s3cret")}
    jobs.run(REMINDED, **hooked, webhook_allow_private=True)
    settle(jobs, key, "waived")
    jobs.evaluation("E2", "P2", independence="internal", status="planned", planned_end="2027-05-31")
    deliver(jobs, {**hooked, "webhook_allow_private": True})
    first, second = [message for message in messages(jobs) if message.channel == "webhook"]
    assert (first.state, second.state) == (DeliveryState.WITHDRAWN, DeliveryState.WAITING)
    assert (second.payload["state"], second.payload["as_of"]) == ("planned", LATER)
    assert "Evaluation E2 is planned." in second.payload["message"]
    assert second.payload["url"].endswith(f"/api/v1/obligations/{second.payload['subject']['id']}")
    assert "default/" not in json.dumps(second.payload)


def test_administrators_see_what_became_of_every_message(api: Api, mailbox: Mailbox, smtp: dict[str, Any]) -> None:
    jobs = Jobs(api.database, api.settings)
    key = project(jobs)
    project(jobs, "P2", officer=None)
    mailbox.refuse = lambda address: "550 5.1.1 no such mailbox" if address.startswith("head") else None
    jobs.run(REMINDED)
    settle(jobs, key, "waived")
    deliver(jobs, smtp)
    admin = api.client(Role.ADMIN)
    items = {item["recipient"]: item for item in admin.get("/messages").json()["items"]}
    assert items["ofc@unit.example.org"]["state"] == "withdrawn"
    assert (items["ofc@unit.example.org"]["told"], items["ofc@unit.example.org"]["left_out"]) == (0, 1)
    assert items["head@unit.example.org"]["state"] == "failed"
    assert "no such mailbox" in items["head@unit.example.org"]["error"]
    assert len(admin.get("/messages", params={"state": "failed"}).json()["items"]) == 1
    assert api.client(Role.EVALUATOR, name="eve").get("/messages").status_code == 403
