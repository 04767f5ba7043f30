"""How signed money is tied changes with the consent of the partner, from the day of the consent on."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision
from app.domain.access import LOCAL
from app.domain.agreements import Terms
from app.errors import InvalidInput
from app.funding import repurposing, service
from app.funding.schemas import AgreementPatch
from app.funding.schemas_repurposing import RepurposingIn
from app.reports.service import run
from tests.funding.steps import TODAY, agreement, put, share
from tests.funding.test_amendments import as_of, faults


def repurpose(database: Database, consent: str, **changes: object) -> str:
    values = {"agreement": "NLD-1", "decided_on": "2026-03-01", "reason": "Flood", "consent": consent, **changes}
    with database.write("tests") as session:
        return repurposing.put_repurposing(session, LOCAL, RepurposingIn.model_validate(values), today=TODAY).outcome


def tied(terms: Terms) -> tuple[str | None, str, int, str | None, tuple[str, ...]]:
    return terms.preset, terms.modality, terms.category, terms.earmarked_for, terms.earmarked_for_refs


def test_a_change_waits_for_the_consent_and_holds_from_its_day_on(store: Database) -> None:
    put(store, agreement(earmarked_for="Project", earmarked_for_refs=["project:A/1"]))
    asked = {"preset": "thematic-fund", "earmarked_for_refs": ["country:MZ", "theme:relief"]}
    assert repurpose(store, "pending", **asked) == "created"
    assert tied(as_of(store, "2026-11-20")) == ("project", "I", 4, "Project", ("project:A/1",))
    with store.read() as session:
        found = run(session, "agreement-findings", as_of=dt.date(2026, 11, 20)).rows
        assert [row["partner"] for row in found if row["finding"] == "pending"] == ["NLD"]
    assert repurpose(store, "granted", consented_on="2026-04-10", **asked) == "updated"
    assert tied(as_of(store, "2026-04-09")) == ("project", "I", 4, "Project", ("project:A/1",))
    assert tied(as_of(store, "2026-04-10")) == ("thematic-fund", "E", 2, "Project", ("country:MZ", "theme:relief"))
    assert repurpose(store, "granted", consented_on="2026-04-10", **asked) == "unchanged"
    with store.read() as session:
        newest = session.scalars(select(AgreementRevision)).all()[-1]
        assert (newest.kind, newest.consented_on, newest.reason) == ("repurposed", dt.date(2026, 4, 10), "Flood")
        for day, category in ((dt.date(2026, 4, 9), "4"), (dt.date(2026, 4, 10), "2")):
            report = run(session, "earmarking", period="2026", as_of=day, currency="EUR")
            assert [row["category"] for row in report.rows if row["amount"] not in (None, "0", "0.00")] == [category]
    with pytest.raises(InvalidInput) as refused:
        repurpose(store, "refused", **asked)
    assert faults(refused) == {("/decided_on", "repurposing.in-force")}


@pytest.mark.parametrize(
    ("consent", "changes", "found"),
    [
        ("granted", {"preset": "rbsa"}, {("/consented_on", "repurposing.consent-without-day")}),
        ("pending", {"preset": "rbsa", "consented_on": "2026-03-02"}, {("/consented_on", "repurposing.no-consent")}),
        ("pending", {}, {("", "repurposing.empty")}),
        (
            "pending",
            {"earmarked_for_refs": ["country:XX", "planet:mars", "region:africa"]},
            {("/earmarked_for_refs/0", "code.unknown"), ("/earmarked_for_refs/1", "purpose.unknown-kind")},
        ),
        (
            "granted",
            {"preset": "thematic-fund", "modality": "I", "consented_on": "2026-03-02"},
            {("/modality", "earmarking.instrument-category")},
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_reason(
    store: Database, consent: str, changes: dict[str, object], found: set[tuple[str, str]]
) -> None:
    put(store, agreement())
    with pytest.raises(InvalidInput) as refused:
        repurpose(store, consent, **changes)
    assert {pointer for pointer, _ in faults(refused)} == {pointer for pointer, _ in found}


def test_a_signed_agreement_is_not_tied_anew_in_passing(store: Database) -> None:
    put(store, agreement(earmarked_for="Theme: wages"))
    share(store, "A/1", percent="50")
    for changes in ({"preset": "rbsa"}, {"earmarked_for": "Country: Kenya"}):
        with pytest.raises(InvalidInput) as refused, store.write("tests") as session:
            row = session.scalars(select(Agreement)).one()
            service.update_agreement(session, LOCAL, row, AgreementPatch.model_validate(changes), today=TODAY)
        assert {rule for _, rule in faults(refused)} == {"agreement.repurposing-without-consent"}
    # what was not said before is only said now, and a consent may come with the change itself
    put(store, agreement(earmarked_for="Theme: wages", earmarked_for_refs=["country:KE"]))
    put(store, agreement(preset="rbsa", consented_on="2026-11-01"))
    assert as_of(store, "2026-11-20").modality == "C"


def test_outcomes_and_projects_that_are_not_kept_yet_are_remarked(store: Database) -> None:
    with store.write("tests") as session:
        body = agreement(earmarked_for_refs=["project:A/1", "project:NO", "outcome:9", "country:KE"])
        put_ = service.put_agreement(session, LOCAL, body, today=TODAY)
        said = [finding.message.split(" yet")[0] for finding in put_.findings]
    assert said == ["There is no project NO", "There is no outcome 9"]
