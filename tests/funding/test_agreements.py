"""Agreements: their codes agree, their status moves one way, their history is appended."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision
from app.db.organisation import Unit
from app.db.partners import Partner
from app.domain.access import LOCAL, Actor
from app.domain.terms import AgreementStatus, Origin, Role, Screening
from app.errors import Conflict, InvalidInput, NotAllowed
from app.funding import service
from app.funding.schemas import AgreementPatch
from tests.funding.steps import TODAY, agreement, put, revisions, share


def faults(error: pytest.ExceptionInfo[InvalidInput]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.rule) for fault in error.value.faults}


def change(database: Database, actor: Actor = LOCAL, **fields: Any) -> bool:
    with database.write(actor.name) as session:
        kept = session.scalars(select(Agreement)).one()
        return service.update_agreement(session, actor, kept, AgreementPatch.model_validate(fields), today=TODAY)


@pytest.mark.parametrize(
    ("preset", "modality", "category", "aid_type", "wording"),
    [
        ("assessed", "C", 1, "B021", "regular budget"),
        ("rbsa", "C", 1, "B021", "unearmarked"),
        ("thematic-fund", "E", 2, "B032", "lightly earmarked"),
        ("country-programme", "G", 3, "B033", "lightly earmarked"),
        ("project", "I", 4, "C01", "earmarked"),
        ("in-kind", "K", 4, "C01", "earmarked"),
    ],
)
def test_a_preset_says_every_code_of_the_earmarking(
    store: Database, preset: str, modality: str, category: int, aid_type: str, wording: str
) -> None:
    _, kept = put(store, agreement(preset=preset))
    assert (kept.modality, kept.category, kept.aid_type, kept.corporate_wording) == (
        modality,
        category,
        aid_type,
        wording,
    )


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"preset": "gift"}, {("/preset", "earmarking.preset-unknown")}),
        ({"preset": "rbsa", "modality": "I"}, {
            ("/aid_type", "earmarking.core-but-earmarked"), ("/modality", "earmarking.instrument-of-category"),
        }),
        ({"aid_type": "B021"}, {("/aid_type", "earmarking.core-but-earmarked")}),
        ({"aid_type": "Z99"}, {("/aid_type", "earmarking.aid-type-unknown")}),
        ({"partner": "NOBODY"}, {("/partner", "partner.unknown")}),
        ({"signed_on": None}, {("/signed_on", "agreement.signed-without-date")}),
        ({"signed_on": "2026-11-21"}, {("/signed_on", "date.future")}),
        ({"status": "pledged"}, {("/signed_on", "agreement.pledge-with-signature")}),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, {("/ends_on", "dates-in-order")}),
        ({"partner": "TEXTIL"}, {("/status", "agreement.screening")}),
        ({"partner": "REFUSED"}, {("/status", "agreement.screening")}),
        ({"partner": "X", "preset": "gift", "signed_on": None}, {
            ("/partner", "partner.unknown"), ("/preset", "earmarking.preset-unknown"),
            ("/signed_on", "agreement.signed-without-date"),
        }),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_with_every_fault(
    store: Database, changes: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        put(store, agreement(**changes))
    assert faults(refused) == found


def test_a_pledge_of_an_unscreened_partner_waits_for_its_clearance(store: Database) -> None:
    put(store, agreement(partner="TEXTIL", status="pledged", signed_on=None))
    with pytest.raises(InvalidInput) as refused:
        change(store, status="signed", signed_on="2026-11-20")
    assert faults(refused) == {("/status", "agreement.screening")}
    with store.write("tests") as session:
        partner = next(row for row in session.scalars(select(Partner)) if row.code == "TEXTIL")
        partner.screening, partner.cleared_until = Screening.CLEARED, dt.date(2026, 11, 19)
    with pytest.raises(InvalidInput):
        change(store, status="signed", signed_on="2026-11-20")
    with store.write("tests") as session:
        session.get_one(Partner, partner.id).cleared_until = dt.date(2026, 11, 20)
    assert change(store, status="signed", signed_on="2026-11-20")


def test_who_joins_an_agreement_in_force_is_screened_as_one_that_signs(store: Database) -> None:
    put(store, agreement())
    for field, value in (("further_partners", ["TEXTIL:40"]), ("partner", "REFUSED")):
        # no day makes of somebody who joins now one who joined before anybody signed
        for day in ({}, {"decided_on": "2001-01-01", "reason": "Joined"}):
            with pytest.raises(InvalidInput) as refused:
                change(store, **{field: value}, **day)
            assert faults(refused) == {(f"/{field}", "agreement.screening")}
    with pytest.raises(InvalidInput) as refused:
        change(store, further_partners=["TEXTIL:40"], decided_on="2099-01-01", reason="Joined")
    assert ("/decided_on", "date.future") in faults(refused)
    with store.write("tests") as session:
        partner = next(row for row in session.scalars(select(Partner)) if row.code == "TEXTIL")
        partner.screening, partner.cleared_until = Screening.CLEARED, dt.date(2026, 11, 20)
    assert change(store, further_partners=["TEXTIL:40"])
    # whoever signed stays, whatever became of the screening
    with store.write("tests") as session:
        session.get_one(Partner, partner.id).screening = Screening.REFUSED
    assert change(store, further_partners=["TEXTIL:30"])


def test_a_table_brings_a_partner_that_joined_long_ago_with_a_finding(store: Database) -> None:
    old = {"signed_on": "2024-01-15", "starts_on": "2024-02-01", "ends_on": "2025-12-31"}
    put(store, agreement(**old))
    joined = agreement(**old, further_partners=["TEXTIL:40"], decided_on="2025-06-30", reason="Joined")
    with store.write("tests") as session:
        made = service.put_agreement(session, LOCAL, joined, today=TODAY)
    assert [finding.rule for finding in made.findings] == ["agreement.signed-unscreened"]


def test_partners_of_an_agreement_that_is_over_are_corrected_whatever_their_screening(store: Database) -> None:
    """Nobody signs it any more: a table is told what was not cleared, and nothing is refused."""
    old = {"signed_on": "2015-01-15", "starts_on": "2015-02-01", "ends_on": "2018-12-31", "status": "completed"}
    put(store, agreement(**old))
    again = agreement(**old, further_partners=["TEXTIL:40"])
    with store.write("tests") as session:
        made = service.put_agreement(session, LOCAL, again, today=TODAY)
    assert [finding.message for finding in made.findings] == [
        "TEXTIL signed on 2018-12-31; its screening is pending: have it cleared before it signs again."
    ]
    assert change(store, further_partners=["REFUSED:20"])


def test_a_pledge_on_record_is_signed_only_by_who_is_cleared_also_by_a_table(store: Database) -> None:
    pledge = {"partner": "REFUSED", "starts_on": "2025-02-01"}
    put(store, agreement(**pledge, status="pledged", signed_on=None))
    signed = agreement(**pledge, status="signed", signed_on="2025-01-31")
    with pytest.raises(InvalidInput) as refused, store.write("tests") as session:
        service.put_agreement(session, LOCAL, signed, today=TODAY)
    assert faults(refused) == {("/status", "agreement.screening")}


def test_a_status_moves_one_way(store: Database) -> None:
    put(store, agreement(status="pledged", signed_on=None))
    change(store, status="signed", signed_on="2026-11-20")
    with pytest.raises(InvalidInput) as refused:
        change(store, status="pledged", signed_on=None)
    assert faults(refused) == {("/status", "agreement.status-move")}
    change(store, status="completed")
    for status in ("signed", "cancelled"):
        with pytest.raises(InvalidInput) as refused:
            change(store, status=status)
        assert faults(refused) == {("/status", "agreement.status-move")}


def test_every_decision_is_a_revision_and_the_newest_stands_on_the_agreement(store: Database) -> None:
    put(store, agreement(status="pledged", signed_on=None, decided_on="2025-11-01"))
    change(store, status="signed", signed_on="2026-01-15")
    change(store, amount="1500", decided_on="2026-03-01", reason="Topped up")
    change(store, title="Only the title")
    change(store, ends_on="2027-12-31", status="completed")
    assert revisions(store) == [
        ("2025-11-01", "pledged", "1000"),
        ("2026-01-15", "signed", "1000"),
        ("2026-03-01", "signed", "1500"),
        ("2026-11-20", "completed", "1500"),
    ]
    with store.read() as session:
        kept = session.scalars(select(Agreement)).one()
        newest = max(session.scalars(select(AgreementRevision)), key=lambda row: (row.known_on, row.sequence))
        assert (newest.amount, newest.status, newest.ends_on) == (kept.amount, kept.status, kept.ends_on)


def test_a_decision_before_the_newest_on_record_is_refused(store: Database) -> None:
    put(store, agreement())
    change(store, amount="1500", decided_on="2026-03-01")
    for day, rule in (("2026-02-28", "revision.not-the-newest"), ("2026-11-21", "date.future")):
        with pytest.raises(InvalidInput) as refused:
            change(store, amount="1600", decided_on=day)
        assert faults(refused) == {("/decided_on", rule)}


def test_an_agreement_entered_when_it_is_over_was_signed_before(store: Database) -> None:
    put(store, agreement(status="completed", ends_on="2026-06-30"))
    assert revisions(store) == [("2026-01-15", "signed", "1000"), ("2026-06-30", "completed", "1000")]


def test_a_second_import_changes_what_differs(store: Database) -> None:
    body = agreement(support_cost_rate="13", framework="2026–29")
    assert put(store, body)[0] == "created"
    assert put(store, body)[0] == "unchanged"
    outcome, kept = put(store, agreement(amount="1000.00", title="Wages"))
    assert (outcome, kept.title, kept.framework, len(revisions(store))) == ("updated", "Wages", "2026–29", 1)
    put(store, agreement(amount="900"), today=dt.date(2026, 12, 1))
    assert revisions(store)[1:] == [("2026-12-01", "signed", "900")]


def test_a_preset_chosen_anew_brings_its_codes_and_an_overridden_modality_stays_with_its_preset(
    store: Database,
) -> None:
    put(store, agreement(preset="un-pooled", modality="F"))
    change(store, title="Renamed")
    assert put(store, agreement(preset="un-pooled", title="Renamed"))[1].modality == "F"
    change(store, preset="thematic-fund", consented_on="2026-11-02")
    with store.read() as session:
        kept = session.scalars(select(Agreement)).one()
        assert (kept.modality, kept.aid_type, kept.category) == ("E", "B032", 2)


def test_currency_and_partner_stay_once_rows_are_posted(store: Database) -> None:
    put(store, agreement())
    change(store, currency="USD")
    share(store, "A/1", percent="100")
    with store.write("tests") as session:
        session.get_one(Partner, 2).screening = Screening.CLEARED
    with pytest.raises(InvalidInput) as refused:
        change(store, currency="EUR", partner="TEXTIL")
    assert faults(refused) == {("/currency", "agreement.posted"), ("/partner", "agreement.posted")}


def test_the_amount_is_not_lowered_below_its_shares(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", amount="700")
    with pytest.raises(InvalidInput) as refused:
        change(store, amount="699.99")
    assert faults(refused) == {("/amount", "agreement.below-shares")}
    assert change(store, amount="700")


def test_an_officer_of_another_unit_does_not_change_the_agreement_of_a_unit(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", amount="700")
    with store.write("tests") as session:
        other = Unit(code="ROAS", name="Arab States")
        session.add(other)
        session.flush()
        own = next(unit for unit in session.scalars(select(Unit)) if unit.code == "ROAF")
    with pytest.raises(NotAllowed):
        change(store, Actor(name="eve", role=Role.OFFICER, unit_id=other.id), title="Mine")
    assert change(store, Actor(name="ann", role=Role.OFFICER, unit_id=own.id), title="Ours")
    with pytest.raises(NotAllowed):
        change(store, Actor(name="vic", role=Role.VIEWER), title="Nobody's")


def test_only_what_is_over_is_archived(store: Database) -> None:
    put(store, agreement())
    with pytest.raises(Conflict), store.write("tests") as session:
        service.archive_agreement(session, LOCAL, session.scalars(select(Agreement)).one())
    change(store, status="completed")
    with store.write("tests") as session:
        kept = session.scalars(select(Agreement)).one()
        service.archive_agreement(session, LOCAL, kept)
        assert kept.archived_at is not None


def test_an_imported_agreement_that_no_preset_describes_takes_one_later(store: Database) -> None:
    with store.write("tests") as session:
        session.add(
            Agreement(
                reference="NLD-1", partner_id=1, title="From a file", status=AgreementStatus.SIGNED, currency="EUR",
                signed_on=dt.date(2020, 1, 1), amount=Decimal(5), modality="I", category=4, origin=Origin.IMPORTED,
            )
        )  # fmt: skip
    assert change(store, title="Named")
    assert change(store, preset="donor-initiated")
    with store.read() as session:
        kept = session.scalars(select(Agreement)).one()
        assert (kept.preset, kept.modality, kept.corporate_wording) == ("donor-initiated", "L", "earmarked")
