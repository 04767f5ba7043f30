"""Saved views that people have mailed to them: asked for by the timetable, composed when they go, ended by a link."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Subscription
from app.db.base import table
from app.db.people import User
from app.domain.terms import Role
from app.jobs.runner import run_job
from app.jobs.timetable import job
from tests.api import Api
from tests.jobs.conftest import Mailbox
from tests.web import example
from tests.web.people import signed_in, stranger

DAY = dt.date(2026, 1, 6)


def test_a_saved_view_is_mailed_as_it_stands_when_it_goes_and_ended_by_the_link_alone(
    light_api: Api, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.OFFICER, name="olga")
    program = light_api.client()
    assert olga.post("/views", data={"page": "projects", "name": "Mine", "query": "q=wells"}).status_code == 303
    refused = olga.post("/views/1/digest", data={"digest": "week"})
    assert (refused.status_code, "Nobody knows your address" in refused.text) == (422, True)
    with light_api.database.write("tests") as session:
        session.scalars(select(User).where(table(User).c.name == "olga")).one().officer_id = 1
    assert olga.post("/views/1/digest", data={"digest": "week"}).status_code == 303
    assert '<option value="week" selected>' in olga.get("/projects").text

    def run(day: dt.date, settings: Settings) -> list[str]:
        """Subjects of the mails about the view that have gone by then."""
        run_job(light_api.database, settings, job("alerts"), day)
        return [str(mail["Subject"]) for mail in mailbox.mails if str(mail["Subject"]).startswith("Mine")]

    reachable = light_api.settings.model_copy(update=smtp)
    # without a mail server it waits; it tells what is on record once it goes
    assert run(DAY, light_api.settings) == []
    assert run(DAY + dt.timedelta(days=7), light_api.settings) == [], "the one of the week before waits still"
    body = example.PROJECT | {"code": "RAF/2", "title": "More wells"}
    assert program.post("/projects", json=body).status_code == 201
    assert run(DAY + dt.timedelta(days=7), reachable) == ["Mine: 2 projects"], "once, as it stands"
    (mail,) = [each for each in mailbox.mails if str(each["Subject"]).startswith("Mine")]
    assert mail["List-Unsubscribe-Post"]
    text = mail.get_body(("plain",)).get_content()
    wanted = ("RAF/2: More wells", "/projects?q=wells", "No more mails of this list")
    assert [line in text for line in wanted] == [True] * 3
    assert [len(run(DAY + dt.timedelta(days=days), reachable)) for days in (8, 13, 14)] == [1, 1, 2]
    olga_elsewhere = stranger(light_api)
    way_out = "/" + str(mail["List-Unsubscribe"]).strip(" <>").split("/", 3)[3]
    assert "A list is mailed to ann@example.org" in olga_elsewhere.get(way_out).text
    assert olga_elsewhere.post(way_out).status_code == 200
    assert len(run(DAY + dt.timedelta(days=21), reachable)) == 2
    with light_api.database.read() as session:
        assert session.scalars(select(Subscription)).all() == [], "other digests go on"
