"""Alerts are acted on and put off where they are read; secrets that a page shows once stand nowhere in the database."""

import datetime as dt

from sqlmodel import select

from app.db.alerts import Alert, AlertEvent
from app.db.base import utc_now
from app.db.pages import SignInLink, WebSession
from app.domain.terms import Role
from app.jobs import queries
from tests.api import Api
from tests.web import example
from tests.web.people import link, signed_in, user


def test_an_alert_is_acted_on_or_put_off_from_its_page(light_api: Api) -> None:
    example.fill(light_api)
    today = dt.date(2026, 1, 6)
    with light_api.database.write("tests") as session:
        for number in (1, 2):
            session.add(
                Alert(
                    subject_kind="obligation", subject_id=number, project_id=1, rung="final-8", rung_on=today,
                    due_on=today, as_of=today, run_id=None, message=f"An evaluation is due, number {number}.",
                    recorded_by="tests",
                )
            )  # fmt: skip
    ann = signed_in(light_api, Role.OFFICER, name="ann2")
    assert "Nothing is asked any more" in ann.get("/alerts").text
    assert "Plus rien n’est demandé" in signed_in(light_api, Role.OFFICER, name="fr", language="fr").get("/alerts").text
    assert ann.post("/alerts/1/acknowledge").headers["location"] == "/alerts"
    assert ann.post("/alerts/2/snooze", data={"until": "2020-01-01"}).status_code == 422
    assert ann.post("/alerts/2/snooze", data={"until": "soon"}).status_code == 422
    assert ann.post("/alerts/2/snooze", data={"until": "2999-01-01", "reason": "On leave"}).status_code == 303
    page = ann.get("/alerts").text
    assert "somebody acts on it" in page
    assert "again on 1 Jan 2999" in page
    vera = signed_in(light_api, Role.VIEWER, name="vera")
    assert "I act on it" not in vera.get("/alerts").text
    assert vera.post("/alerts/2/acknowledge").status_code == 403
    with light_api.database.read() as session:
        assert [each.kind for each in session.scalars(select(AlertEvent))] == ["acknowledged", "snoozed"]


def test_a_link_that_is_shown_once_stands_nowhere_in_the_database(light_api: Api) -> None:
    admin = signed_in(light_api, Role.ADMIN)
    assert admin.post("/admin/people/users/1/link").status_code == 303
    with light_api.database.read() as session:
        kept = [row.flash for row in session.scalars(select(WebSession)) if row.flash]
    assert len(kept) == 1
    assert "/sign-in/once/" not in kept[0]
    assert "/sign-in/once/" in admin.get("/admin/people").text
    assert "/sign-in/once/" not in admin.get("/admin/people").text


def test_sessions_and_links_that_are_over_are_forgotten_but_not_when_somebody_was_here_last(light_api: Api) -> None:
    name = user(light_api, Role.VIEWER, name="vera")
    long_ago = utc_now() - dt.timedelta(days=400)
    link(light_api, name)
    with light_api.database.write("tests") as session:
        for number in range(3):
            session.add(WebSession(user_id=1, hash=str(number), door="link", started_at=long_ago, expires_at=long_ago))
        session.flush()
        assert queries.forget_sessions(session, utc_now()) == 2
        assert queries.forget_links(session, utc_now()) == 0
        assert queries.forget_links(session, utc_now() + dt.timedelta(days=1)) == 1
        assert len(session.scalars(select(WebSession)).all()) == 1
        assert session.scalars(select(SignInLink)).all() == []
