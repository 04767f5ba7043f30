"""What an agreement promises a project stands in the ledger, as dated differences that sum to the share."""

import datetime as dt
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Setup, Unit
from app.db.partners import Partner
from app.db.spending import LedgerEntry
from app.domain.access import Actor
from app.domain.money import exact_sum
from app.domain.terms import Origin, Role
from app.errors import Conflict, InvalidInput, NotAllowed
from tests.funding.steps import TODAY, agreement, end_share, ledger, put, receive, restore_share, revisions, share


def test_a_share_posts_its_commitment_on_the_day_of_the_signature(store: Database) -> None:
    put(store, agreement(provider_activity="NL-1-WAGES"))
    assert share(store, "A/1", percent="60") == "created"
    assert share(store, "B/2", amount="400") == "created"
    assert ledger(store) == [
        ("NLD-1/11/1", "A/1", "2026-01-15", "600"),
        ("NLD-1/11/2", "B/2", "2026-01-15", "400"),
    ]
    with store.read() as session:
        row = session.scalars(select(LedgerEntry)).first()
        partner = session.scalars(select(Partner)).first()
        assert row is not None
        assert partner is not None
        assert (row.type, row.currency, row.value_date, row.provider_id, row.provider_activity) == (
            "11",
            "EUR",
            dt.date(2026, 1, 15),
            partner.organisation_id,
            "NL-1-WAGES",
        )
        assert row.receiver_activity == "XX-1-A-1"


def test_changed_shares_and_amounts_post_their_differences(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", percent="50")
    share(store, "A/1", percent="40", decided_on="2026-02-01")
    assert share(store, "A/1", percent="40") == "unchanged"
    put(store, agreement(amount="2000", decided_on="2026-03-01", reason="Topped up"))
    end_share(store, "A/1")
    with pytest.raises(Conflict, match="restore it first"):
        share(store, "A/1", percent="10")
    restore_share(store, "A/1")
    share(store, "A/1", percent="10")
    assert ledger(store) == [
        ("NLD-1/11/1", "A/1", "2026-01-15", "500"),
        ("NLD-1/11/2", "A/1", "2026-02-01", "-100"),
        ("NLD-1/11/3", "A/1", "2026-03-01", "400"),
        ("NLD-1/11/4", "A/1", "2026-11-20", "-800"),
        ("NLD-1/11/5", "A/1", "2026-11-20", "800"),
        ("NLD-1/11/6", "A/1", "2026-11-20", "-600"),
    ]


def test_a_pledge_is_followed_by_the_commitment_when_it_is_signed(store: Database) -> None:
    put(store, agreement(status="pledged", signed_on=None, decided_on="2025-12-01"))
    share(store, "A/1", percent="100")
    put(store, agreement(signed_on="2026-01-15"))
    assert ledger(store) == [
        ("NLD-1/13/1", "A/1", "2025-12-01", "1000"),
        ("NLD-1/11/1", "A/1", "2026-01-15", "1000"),
    ]


def test_a_cancelled_pledge_is_taken_back(store: Database) -> None:
    put(store, agreement(status="pledged", signed_on=None, decided_on="2025-12-01"))
    share(store, "A/1", percent="100")
    put(store, agreement(status="cancelled", signed_on=None, decided_on="2026-05-01"))
    assert ledger(store)[1:] == [("NLD-1/13/2", "A/1", "2026-05-01", "-1000")]


def test_of_a_cancelled_agreement_what_was_received_remains_committed(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", amount="700")
    share(store, "B/2", amount="300")
    receive(store, "A/1", "250.10")
    put(store, agreement(status="cancelled", decided_on="2026-05-01"))
    assert [row for row in ledger(store) if row[2] == "2026-05-01"] == [
        ("NLD-1/11/3", "A/1", "2026-05-01", "-449.90"),
        ("NLD-1/11/4", "B/2", "2026-05-01", "-300"),
    ]


def test_amounts_without_support_cost_are_posted_gross(store: Database) -> None:
    put(store, agreement(gross=False, amount="1000000", support_cost_rate="13"))
    share(store, "A/1", percent="100")
    put(store, agreement(gross=False, amount="1000000", support_cost_rate="7", decided_on="2026-02-01"))
    assert [row[3] for row in ledger(store)] == ["1130000", "-60000"]


def test_where_no_rate_was_agreed_the_standard_one_is_added(store: Database) -> None:
    put(store, agreement(gross=False, preset="rbsa"))
    share(store, "A/1", percent="100")
    assert [row[3] for row in ledger(store)] == ["1070"]


def test_shares_of_one_project_in_two_periods_are_one_commitment(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", amount="300", starts_on="2026-01-01")
    share(store, "A/1", amount="200", starts_on="2027-01-01")
    assert [row[3] for row in ledger(store)] == ["300", "200"]


def test_agreements_of_published_files_post_nothing(store: Database) -> None:
    put(store, agreement())
    with store.write("tests") as session:
        session.scalars(select(Agreement)).one().origin = Origin.IMPORTED
    share(store, "A/1", amount="300")
    put(store, agreement(amount="2000"))
    assert ledger(store) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "rule"),
    [
        ({"percent": "50.01"}, "/percent", "share.exceeds-agreement"),
        ({"amount": "500.01"}, "/amount", "share.exceeds-agreement"),
        ({"amount": "5", "percent": "5"}, "/percent", "share.amount-and-percent"),
        ({"project": "Z/9"}, "/project", "project.unknown"),
        ({"agreement": "NONE"}, "/agreement", "agreement.unknown"),
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "/ends_on", "dates-in-order"),
        ({"percent": "5", "decided_on": "2026-11-21"}, "/decided_on", "date.future"),
    ],
)
def test_a_share_that_cannot_be_is_refused(store: Database, changes: dict[str, str], pointer: str, rule: str) -> None:
    put(store, agreement())
    share(store, "A/1", percent="50")
    with pytest.raises(InvalidInput) as refused:
        share(store, **{"project": "B/2", **changes})
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [(pointer, rule)]
    assert len(ledger(store)) == 1


def test_closed_books_stay_closed(store: Database) -> None:
    put(store, agreement())
    with store.write("tests") as session:
        session.get_one(Setup, 1).closed_until = dt.date(2026, 6, 30)
    with pytest.raises(InvalidInput) as refused:
        share(store, "A/1", percent="50")
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [
        ("/decided_on", "agreement.closed-period")
    ]
    assert ledger(store) == []
    share(store, "A/1", percent="50", decided_on="2026-07-01")
    assert ledger(store) == [("NLD-1/11/1", "A/1", "2026-07-01", "500")]


def test_an_officer_funds_projects_of_the_own_unit_only(store: Database) -> None:
    put(store, agreement())
    with store.read() as session:
        unit = session.scalars(select(Unit)).one()
    ann = Actor(name="ann", role=Role.OFFICER, unit_id=unit.id)
    assert share(store, "A/1", actor=ann, percent="10") == "created"
    with pytest.raises(NotAllowed):
        share(store, "B/2", actor=ann, percent="10")


_DAYS = st.dates(min_value=dt.date(2026, 2, 1), max_value=TODAY)
_PERCENT = st.decimals(min_value=0, max_value=50, places=2)
_numbers = count()
_STEPS = st.lists(
    st.tuples(st.sampled_from(["A/1", "B/2"]), _PERCENT, _DAYS)
    | st.tuples(st.just("amount"), st.decimals(min_value="0.01", max_value=10**9, places=4), _DAYS),
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_the_ledger_always_sums_to_the_shares(store: Database, steps: list[tuple[str, Decimal, dt.date]]) -> None:
    reference = f"R{len(ledger(store))}-{next(_numbers)}"
    put(store, agreement(reference=reference))
    amount, percents = Decimal(1000), dict.fromkeys(("A/1", "B/2"), Decimal(0))
    for what, figure, _ in steps:
        if what == "amount":
            amount = figure
            put(store, agreement(reference=reference, amount=format(figure, "f")))
        else:
            percents[what] = figure
            share(store, what, agreement=reference, percent=format(figure, "f"))
    for code, percent in percents.items():
        rows = [Decimal(row[3]) for row in ledger(store) if row[0].startswith(f"{reference}/") and row[1] == code]
        assert exact_sum(rows) == amount * percent / 100


def test_nothing_is_left_of_a_share_that_failed(store: Database) -> None:
    put(store, agreement())
    with pytest.raises(InvalidInput):
        share(store, "A/1", percent="100", decided_on="2027-01-01")
    with store.read() as session:
        assert session.scalars(select(FundingShare)).all() == []


def test_a_pledge_entered_late_is_committed_on_the_day_of_its_signature(store: Database) -> None:
    put(store, agreement(status="pledged", signed_on=None))
    share(store, "A/1", percent="100")
    put(store, agreement(status="signed", signed_on="2026-11-05"))
    put(store, agreement(signed_on="2026-11-05", amount="1500", decided_on="2026-11-12"))
    assert ledger(store) == [
        ("NLD-1/13/1", "A/1", "2026-11-20", "1000"),
        ("NLD-1/11/1", "A/1", "2026-11-05", "1000"),
        ("NLD-1/11/2", "A/1", "2026-11-12", "500"),
    ]
    assert revisions(store)[1:] == [("2026-11-05", "signed", "1000"), ("2026-11-12", "signed", "1500")]


def test_a_pledge_that_was_signed_and_completed_since_commits_on_its_signature_and_ends_on_its_last_day(
    store: Database,
) -> None:
    put(store, agreement(status="pledged", signed_on=None, decided_on="2025-12-01"))
    share(store, "A/1", percent="100")
    put(store, agreement(status="completed", signed_on="2026-01-15", ends_on="2026-10-31"))
    assert ledger(store)[1:] == [("NLD-1/11/1", "A/1", "2026-01-15", "1000")]
    assert revisions(store)[1:] == [("2026-01-15", "signed", "1000"), ("2026-10-31", "completed", "1000")]


def test_a_corrected_signature_moves_what_it_posted(store: Database) -> None:
    put(store, agreement(signed_on="2026-02-15"))
    share(store, "A/1", percent="100")
    put(store, agreement(amount="1200", signed_on="2026-02-15", decided_on="2026-03-01"))
    put(store, agreement(amount="1200", signed_on="2026-01-15"))
    assert [row[1:] for row in ledger(store)] == [
        ("A/1", "2026-02-15", "1000"),
        ("A/1", "2026-03-01", "200"),
        ("A/1", "2026-02-15", "-1000"),
        ("A/1", "2026-01-15", "1000"),
    ]
    put(store, agreement(amount="1200", signed_on="2026-01-16"))
    assert [row[1:] for row in ledger(store)][4:] == [("A/1", "2026-01-15", "-1000"), ("A/1", "2026-01-16", "1000")]


def test_a_corrected_signature_leaves_closed_books_alone(store: Database) -> None:
    put(store, agreement(signed_on="2026-02-15"))
    share(store, "A/1", percent="100")
    with store.write("tests") as session:
        session.get_one(Setup, 1).closed_until = dt.date(2026, 1, 31)
    with pytest.raises(InvalidInput) as refused:
        put(store, agreement(signed_on="2026-01-15"))
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [
        ("/signed_on", "agreement.closed-period")
    ]
