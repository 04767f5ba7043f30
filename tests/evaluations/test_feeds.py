"""Calendars show what falls due, and tell the programs that read them of every change."""

import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.alerts.calendar import as_it_was, of_duties
from app.db.base import utc_now
from app.db.funding import Agreement
from app.db.organisation import Setup, Unit
from app.db.partners import Partner
from app.db.projects import Project
from app.domain.terms import AgreementStatus
from app.evaluations.obligations import calendars
from app.evaluations.obligations import events as obligation_events
from app.evaluations.obligations.events import Entry, Event
from app.language.i18n import words
from tests import portfolio
from tests.evaluations.served import Served


def events(served: Served, url: str) -> dict[str, Any]:
    answer = served.api.stranger().get(urlsplit(url).path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_feed_keeps_the_id_of_an_event_that_moves_and_cancels_what_is_waived(served: Served) -> None:
    project = served.running()
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    assert url.startswith("http://testserver/calendar/"), "the address that was asked"
    (first,) = events(served, url).items()
    assert first[0] == "P1.final@127.0.0.1"
    assert (first[1]["DTSTART"].dt, str(first[1]["STATUS"])) == (dt.date.fromisoformat(served.ahead(60)), "CONFIRMED")
    served.decide("P1", "planned_end", str(served.today), served.ahead(90))
    (moved,) = events(served, url).items()
    assert moved[0] == first[0]
    assert moved[1]["DTSTART"].dt == dt.date.fromisoformat(served.ahead(90))
    assert moved[1]["SEQUENCE"] > first[1]["SEQUENCE"]
    served.waive(served.obligation(project).id or 0, on=str(served.today))
    (waived,) = events(served, url).items()
    assert (waived[0], str(waived[1]["STATUS"])) == (first[0], "CANCELLED")
    assert waived[1]["SEQUENCE"] > moved[1]["SEQUENCE"]


def test_feed_shows_what_the_agreements_of_the_projects_ask_for(served: Served) -> None:
    project = served.running()
    served.signed(project, str(served.today), ends_on=served.today + dt.timedelta(days=60))
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    found = {str(event["SUMMARY"]): str(event["STATUS"]) for event in events(served, url).values()}
    assert found == {
        "P1: final evaluation due (window open)": "CONFIRMED",
        "A-NLD-1: end of A-NLD-1 (ahead)": "CONFIRMED",
    }
    with served.database.write("tests") as session:
        session.scalars(select(Agreement)).one().status = AgreementStatus.COMPLETED
    found = {str(event["SUMMARY"]): str(event["STATUS"]) for event in events(served, url).values()}
    assert found["A-NLD-1: end of A-NLD-1 (ahead)"] == "CANCELLED"


def test_feed_shows_what_agreements_without_a_project_ask_of_the_officer_who_is_told(served: Served) -> None:
    project = served.running()
    served.signed(project, str(served.today), ends_on=served.today + dt.timedelta(days=60))
    with served.database.write("tests") as session:
        partner = session.scalars(select(Partner)).one()
        ends_on = served.today + dt.timedelta(days=30)
        portfolio.agreement(session, "A-NLD-9", partner.id or 0, ends_on=ends_on).signed_on = served.today
    urls = [
        served.client.post("/calendar-feeds", json=of).json()["url"] for of in ({"officer": "ofc"}, {"unit": "UNIT"})
    ]

    def found(url: str) -> dict[str, str]:
        return {str(event["SUMMARY"]): str(event["STATUS"]) for event in events(served, url).values()}

    for url in urls:
        assert found(url)["A-NLD-9: end of A-NLD-9 (ahead)"] == "CONFIRMED"
        assert shown_of(served, url) == shown_of(served, url), "nothing has changed"
    with served.database.write("tests") as session:
        for row in session.scalars(select(Agreement)):
            row.status = AgreementStatus.COMPLETED
    for url in urls:
        assert found(url)["A-NLD-9: end of A-NLD-9 (ahead)"] == "CANCELLED"
    for url in urls:
        assert shown_of(served, url) == shown_of(served, url), "it is told the same way from then on"


def test_what_goes_to_another_officer_or_unit_is_cancelled_in_the_feed_that_showed_it(served: Served) -> None:
    project = served.running()
    served.signed(project, str(served.today), ends_on=served.today + dt.timedelta(days=60))
    with served.database.write("tests") as session:
        other = portfolio.officer(session, "new", portfolio.unit(session, "OTHER").id or 0)
        partner = session.scalars(select(Partner)).one()
        ends_on = served.today + dt.timedelta(days=30)
        portfolio.agreement(session, "A-NLD-9", partner.id or 0, ends_on=ends_on).signed_on = served.today
        before = session.get_one(Project, project)
        place = before.officer_id, before.unit_id
    whose: list[dict[str, str]] = [{"officer": "ofc"}, {"unit": "UNIT"}, {"officer": "new"}, {"unit": "OTHER"}]
    urls = [served.client.post("/calendar-feeds", json=each).json()["url"] for each in whose]

    def states() -> list[list[str]]:
        return [sorted(str(event["STATUS"]) for event in events(served, url).values()) for url in urls]

    def numbers() -> list[dict[str, int]]:
        return [dict(shown_of(served, url)) for url in urls]

    def titles() -> set[str]:
        return {str(event["SUMMARY"]) for event in events(served, urls[0]).values()}

    holds, gone = ["CONFIRMED"] * 3, ["CANCELLED"] * 3
    assert states() == [holds, holds, [], []]
    first, called = numbers(), titles()
    assert "P1: final evaluation due (window open)" in called
    with served.database.write("tests") as session:
        row = session.get_one(Project, project)
        row.officer_id, row.unit_id = other.id, other.unit_id
    assert states() == [gone, gone, holds, holds]
    assert titles() == called
    numbers()  # one feed after the other hears where it went
    second = numbers()
    assert all(second[place][uid] > first[place][uid] for place in (0, 1) for uid in first[place])
    assert second == numbers(), "it is told the same way from then on"
    with served.database.write("tests") as session:
        row = session.get_one(Project, project)
        row.officer_id, row.unit_id = place
    assert states() == [holds, holds, gone, gone]
    third = numbers()
    assert all(third[place][uid] > second[place][uid] for place in (0, 1) for uid in first[place])


def test_id_of_an_event_stays_when_the_code_of_its_project_or_the_address_of_the_service_changes(
    served: Served,
) -> None:
    project = served.running()
    served.signed(project, str(served.today), ends_on=served.today + dt.timedelta(days=60))
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    before = shown_of(served, url)
    with served.database.write("tests") as session:
        row = session.get_one(Project, project)
        row.code, row.iati_identifier = "P-NEW", "XX-OWN-P-NEW"
    found = events(served, url)
    assert "P-NEW: final evaluation due (window open)" in {str(event["SUMMARY"]) for event in found.values()}
    assert sorted(found) == [uid for uid, _ in before]
    entries = calendars.of_due_rows(served.due(within=100))
    numbered = obligation_events.numbered(served.database, entries, host="earmark.example.org")
    assert [event.uid for event in numbered] == ["P1.final@127.0.0.1"]
    # another project that gets the code has events of its own
    second = served.running("P1")
    assert sorted(uid for uid, _ in before if "final" in uid) == ["P1.final@127.0.0.1"]
    assert {uid for uid in events(served, url) if "final" in uid} == {"P1.final@127.0.0.1", "P1.final.2@127.0.0.1"}
    # and so has the one after it
    with served.database.write("tests") as session:
        row = session.get_one(Project, second)
        row.code, row.iati_identifier = "P-NEXT", "XX-OWN-P-NEXT"
    served.running("P1")
    for _ in range(2):
        finals = {uid for uid in events(served, url) if "final" in uid}
        assert finals == {f"P1.final{number}@127.0.0.1" for number in ("", ".2", ".3")}


def test_number_of_an_event_rises_when_its_feed_is_said_in_another_language(served: Served) -> None:
    served.running()
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    told = [shown(served, url)[0]]
    for language in ("fr", "fr", "es", "en"):
        with served.database.write("tests") as session:
            session.scalars(select(Setup)).one().language = language
        told.append(shown(served, url)[0])
    assert told == [0, 1, 1, 2, 3]


def test_what_an_agreement_asked_for_is_not_cancelled_when_it_lies_a_year_back(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = served.running()
    served.signed(project, str(served.today), ends_on=served.today + dt.timedelta(days=1))
    told = []
    for days in (0, 2, 300, 366, 367, 370, 800):
        day = served.today + dt.timedelta(days=days)
        noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
        monkeypatch.setattr(obligation_events, "utc_now", lambda noon=noon: noon)
        with served.database.read() as session:
            unit = session.scalars(select(Unit)).one().id
            duties = of_duties(session, day, officer_id=None, unit_id=unit)
            entries = calendars.feed(session, day, unit_id=unit, further=duties)
        obligation_events.numbered(served.database, entries, host="127.0.0.1")
        told.append([entry.cancelled for entry in entries if entry.name.startswith("agreement-end")])
    assert told[:3] == [[False]] * 3
    assert not any(any(each) for each in told)
    assert told[-1] == []


def shown_of(served: Served, url: str) -> list[tuple[str, int]]:
    """Events of a feed with their numbers."""
    return sorted((uid, int(event["SEQUENCE"])) for uid, event in events(served, url).items())


def test_number_of_an_event_rises_with_every_change_in_feeds_and_files_alike(served: Served) -> None:
    project = served.running()
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    seen = [shown(served, url)]
    obligation = served.obligation(project).id or 0
    assert shown(served, url) == seen[0], "nothing has changed"
    for day in (served.ahead(75), served.ahead(60), served.ahead(75)):
        served.reschedule(obligation, day, on=str(served.today))
        seen.append(shown(served, url))
    served.evaluation("E1", independence="independent")
    (in_file,) = Calendar.from_ical(file_of(served)).walk("VEVENT")
    assert (str(in_file["UID"]), str(in_file["SUMMARY"])) == (
        "P1.final@127.0.0.1",
        "P1: final evaluation due (planned)",
    )
    seen.append(shown(served, url))
    assert in_file["SEQUENCE"] == seen[-1][0], "a feed and a file count together"
    served.waive(obligation, on=str(served.today))
    seen.append(shown(served, url))
    numbers = [number for number, _, _ in seen]
    assert numbers == sorted(set(numbers)), "also back to a day where it was before"
    days = [str(day) for _, day, _ in seen]
    assert days[:4] == [served.ahead(60), served.ahead(75), served.ahead(60), served.ahead(75)]
    assert [status for _, _, status in seen] == ["CONFIRMED"] * 5 + ["CANCELLED"]


def shown(served: Served, url: str) -> tuple[int, dt.date, str]:
    """Number, day and status of the only event."""
    (event,) = events(served, url).values()
    return int(event["SEQUENCE"]), event["DTSTART"].dt, str(event["STATUS"])


def file_of(served: Served) -> bytes:
    entries = calendars.of_due_rows(served.due(within=100))
    return obligation_events.render(obligation_events.numbered(served.database, entries, host="127.0.0.1"), name="Due")


def test_event_that_went_out_is_seen_cancelled_when_its_project_is_archived(served: Served) -> None:
    served.running()
    url = served.client.post("/calendar-feeds", json={"unit": "UNIT"}).json()["url"]
    assert shown(served, url)[2] == "CONFIRMED"
    with served.database.write("tests") as session:
        row = session.scalars(select(Project)).one()
        row.archived_at = row.created_at
    number, _, status = shown(served, url)
    assert (number, status) == (1, "CANCELLED")


def test_event_that_moved_out_of_sight_is_shown_where_it_went_for_a_year(served: Served) -> None:
    served.project(start=served.ahead(-900), end=served.ahead(60), budget="2000000")
    url = served.client.post("/calendar-feeds", json={"unit": "UNIT"}).json()["url"]
    assert "P1.final@127.0.0.1" in events(served, url)
    served.decide("P1", "planned_end", served.ahead(-600), served.ahead(-500))
    moved = events(served, url)["P1.final@127.0.0.1"]
    assert (moved["DTSTART"].dt, moved["SEQUENCE"]) == (dt.date.fromisoformat(served.ahead(-500)), 1)


@pytest.mark.parametrize("title", ["Короткое название, с запятой; и точкой " * 5, "Short"])
def test_calendar_is_written_as_strict_readers_want_it(served: Served, title: str) -> None:
    served.running(title=title)
    url = served.client.post("/calendar-feeds", json={"officer": "ofc"}).json()["url"]
    content = served.api.stranger().get(urlsplit(url).path).content
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    unfolded = content.replace(b"\r\n ", b"").decode()
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        assert re.search(rf"^{name}:\d{{8}}T\d{{6}}Z\r$", unfolded, re.MULTILINE), name
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert title.strip() in str(event["DESCRIPTION"])


def test_empty_calendar_still_has_a_component(served: Served) -> None:
    url = served.client.post("/calendar-feeds", json={"unit": "UNIT"}).json()["url"]
    content = served.api.stranger().get(urlsplit(url).path).content
    assert [part.name for part in Calendar.from_ical(content).subcomponents] == ["VTIMEZONE"]


def test_feed_of_a_unit_shows_all_its_projects_until_it_is_closed(served: Served) -> None:
    served.running("P1")
    served.running("P2", officer=None)
    made_feed = served.client.post("/calendar-feeds", json={"unit": "UNIT"}).json()
    assert sorted(events(served, made_feed["url"])) == ["P1.final@127.0.0.1", "P2.final@127.0.0.1"]
    assert served.client.delete(f"/calendar-feeds/{made_feed['id']}").status_code == 204
    assert served.api.stranger().get(urlsplit(made_feed["url"]).path).status_code == 404
    assert served.client.post("/calendar-feeds", json={}).status_code == 422
    assert served.client.post("/calendar-feeds", json={"unit": "NO"}).status_code == 422


@pytest.mark.parametrize(
    ("name", "kept", "said"),
    [
        ("instalment-1", "AG-1: instalment of AG-1 (overdue)", "AG-1 : tranche de AG-1 (en retard)"),
        ("agreement-end-1", "AG-1: end of AG-1 (overdue)", "AG-1 : fin de AG-1 (en retard)"),
        ("clearance-end-1", "P1: end of the clearance of P1 (overdue)", "P1 : fin de l’agrément de P1 (en retard)"),
        (
            "condition-1",
            "AG-1: condition C1: final report due (overdue)",
            "AG-1 : condition C1 : final report due (en retard)",
        ),
        (
            "condition-1",
            "AG-1: condition C1: it is due: due (overdue)",
            "AG-1 : condition C1 : it is due: due (en retard)",
        ),
        ("report-1-financial-report", "AG-1: financial report (overdue)", "AG-1 : rapport financier (en retard)"),
        ("final", "P1: final evaluation due (overdue)", "P1 : échéance – évaluation finale (en retard)"),
    ],
)
def test_what_is_gone_is_called_in_the_language_of_the_feed_as_it_was(name: str, kept: str, said: str) -> None:
    entry = Entry(project="P1", name=name, day=dt.date(2026, 11, 1), summary=kept, description="")
    event = Event(id=1, uid="1", sequence=1, changed_at=utc_now(), entry=entry)
    assert words("fr").said(as_it_was(event).entry.summary).replace("\u00a0", " ") == said
