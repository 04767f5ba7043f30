"""Everybody is written to in a language of their own: mails, the way out of them, and calendars."""

import hashlib
from email.utils import parseaddr
from typing import Any

from app.db.alerts import CalendarFeed
from app.db.lookups import row_by
from app.db.organisation import Setup, Unit
from app.db.people import User
from app.domain.terms import Role
from tests import portfolio
from tests.api import TestClient, service
from tests.jobs.conftest import Jobs, Mailbox

#: language → subject, and what text, page, the way out and the calendar say
SAID = {
    "en": (
        "P1: Plan the evaluation and set its budget aside (final evaluation due 30 Jun 2027)",
        ("Dear Officer en,", "The final evaluation (internal) is due on 30 Jun 2027.", "As of 30 Jun 2026."),
        "Digests go to",
        ("X-WR-CALNAME:Due: Officer en", "SUMMARY:P1: final evaluation due"),
    ),
    "fr": (
        "P2: Planifier l’évaluation et réserver son budget (évaluation finale, échéance le 30 juin 2027)",
        ("Bonjour Officer fr,", "Échéance le 30 juin 2027\u00a0: évaluation finale (interne).", "au 30 juin 2026."),
        "Les récapitulatifs sont envoyés à",
        ("X-WR-CALNAME:Échéances\u00a0: Officer fr", "SUMMARY:P2\u00a0: échéance – évaluation finale"),
    ),
    "es": (
        "P3: Planifique la evaluación y reserve su presupuesto (evaluación final, vence el 30 jun 2027)",
        ("Hola, Officer es:", "Vence el 30 jun 2027: evaluación final (interna).", "Situación al 30 jun 2026."),
        "Los resúmenes se envían a",
        ("X-WR-CALNAME:Vencimientos: Officer es", "SUMMARY:P3: vence – evaluación final"),
    ),
}


def test_everybody_is_written_to_in_their_language_and_a_unit_in_that_of_the_organisation(
    jobs: Jobs, mailbox: Mailbox, smtp: dict[str, Any]
) -> None:
    with jobs.database.write("tests") as session:
        unit = row_by(session, Unit, "code", "UNIT")
        assert unit is not None
        session.get_one(Setup, 1).language = "fr"
        for language in SAID:
            officer = portfolio.officer(session, language, unit.id or 0)
            user = User(name=language, role=Role.OFFICER, officer_id=officer.id, language=language)
            secret = hashlib.sha256((language * 20).encode()).hexdigest()
            session.add_all((user, CalendarFeed(token_hash=secret, officer_id=officer.id, recorded_by=language)))
    for number, language in enumerate(SAID, start=1):
        jobs.project(f"P{number}", "2026-01-01", "2027-06-30", "600000", officer=language)
    jobs.run("2026-06-30", **smtp)
    jobs.run("2026-07-14", **smtp)
    mails = {parseaddr(str(mail["To"]))[1]: mail for mail in mailbox.mails}
    client = TestClient(service(jobs.settings, jobs.database))
    for language, (subject, sentences, way_out, events) in SAID.items():
        mail = mails[f"{language}@unit.example.org"]
        assert mail["Subject"] == subject
        text, page = (part.get_content() for part in mail.iter_parts())
        for content in (text, page):
            assert [each for each in sentences if each not in content] == []
        assert f'<html lang="{language}">' in page
        assert way_out in client.get("/" + str(mail["List-Unsubscribe"]).strip(" <>").split("/", 3)[3]).text
        calendar = client.get(f"/calendar/{language * 20}.ics").text.replace("\r\n ", "").replace("\\", "")
        assert [each for each in events if each not in calendar] == []
    escalated = mails["head@unit.example.org"]
    assert escalated["Subject"].startswith("Aucune mesure prise\u00a0: 3 mesures à prendre")
