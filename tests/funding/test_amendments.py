"""Amendments are appended: whenever one is learnt, every day shows what had been decided by then."""

import datetime as dt
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement
from app.domain.access import LOCAL
from app.domain.agreements import Terms
from app.domain.money import exact_sum
from app.errors import InvalidInput
from app.funding import amendments, history
from app.funding.schemas import AmendmentIn
from tests.api import Api
from tests.funding.steps import TODAY, agreement, ledger, put, revisions, share


def amend(database: Database, day: str, *, reference: str = "NLD-1", **changes: str) -> str:
    values = {"agreement": reference, "decided_on": day, "reason": "Agreed by letter", **changes}
    body = AmendmentIn.model_validate(values)
    with database.write("tests") as session:
        return amendments.put_amendment(session, LOCAL, body, today=TODAY).outcome


def as_of(database: Database, day: str, reference: str = "NLD-1") -> Terms:
    with database.read() as session:
        found = session.scalars(select(Agreement).where(Agreement.reference == reference)).one()  # type: ignore[arg-type]
        return amendments.agreement_as_of(session, found, dt.date.fromisoformat(day)).decision.terms


def faults(refused: pytest.ExceptionInfo[InvalidInput]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.rule) for fault in refused.value.faults}


def test_an_amendment_that_is_learnt_late_changes_the_days_from_its_own_to_the_next(store: Database) -> None:
    put(store, agreement(ends_on="2027-12-31", starts_on="2026-02-01", support_cost_rate="7"))
    share(store, "A/1", percent="50")
    assert amend(store, "2026-06-01", amount="1500") == "created"
    # learnt after it: a smaller rise before, and an extension that the rise carries on
    assert amend(store, "2026-03-01", amount="1200", ends_on="2028-12-31") == "created"
    assert [as_of(store, day).amount for day in ("2026-02-28", "2026-03-01", "2026-06-01")] == [1000, 1200, 1500]
    assert [as_of(store, day).ends_on for day in ("2026-02-28", "2026-11-20")] == [
        dt.date(2027, 12, 31),
        dt.date(2028, 12, 31),
    ]
    assert ledger(store) == [
        ("NLD-1/11/1", "A/1", "2026-01-15", "500"),
        ("NLD-1/11/2", "A/1", "2026-06-01", "250"),
        ("NLD-1/11/3", "A/1", "2026-03-01", "100"),
        ("NLD-1/11/4", "A/1", "2026-06-01", "-100"),
    ]
    assert revisions(store)[-1] == ("2026-06-01", "signed", "1500")
    assert amend(store, "2026-03-01", amount="1200", ends_on="2028-12-31") == "unchanged"
    assert amend(store, "2026-03-01", amount="1300") == "updated"
    assert as_of(store, "2026-05-31").amount == 1300
    with store.read() as session:
        kept = session.scalars(select(Agreement)).one()
        assert (kept.amount, kept.ends_on) == (1500, dt.date(2028, 12, 31))


def test_a_decision_to_leave_a_term_as_it_is_stands_against_what_is_learnt_later(store: Database) -> None:
    put(store, agreement(support_cost_rate="7"))
    amend(store, "2026-06-01", support_cost_rate="7")
    amend(store, "2026-03-01", support_cost_rate="5")
    rates = [as_of(store, day).support_cost_rate for day in ("2026-02-28", "2026-03-01", "2026-06-01")]
    assert rates == [7, 5, 7]


def test_a_table_that_is_read_again_does_not_undo_an_amendment(store: Database) -> None:
    record = agreement(ends_on="2027-12-31")
    put(store, record)
    amend(store, "2026-06-01", amount="1200", ends_on="2028-12-31")
    assert put(store, record)[0] == "unchanged"
    assert put(store, agreement(ends_on="2027-12-31", title="Living wages for all"))[0] == "updated"
    kept = put(store, agreement(amount="1300"))[1]
    assert (kept.amount, kept.ends_on) == (1300, dt.date(2028, 12, 31)), "another amount is a decision"
    dated = put(store, agreement(amount="1000", decided_on="2026-11-20"))
    assert (dated[0], dated[1].amount) == ("updated", 1000), "so is one that is dated"


def test_the_rate_in_force_on_the_day_takes_the_amount_apart(store: Database) -> None:
    put(store, agreement(amount="1130", support_cost_rate="13"))
    amend(store, "2026-06-01", support_cost_rate="0")
    with store.read() as session:
        found = session.scalars(select(Agreement)).one()
        shown = [
            (state.cost.net.amount, state.cost.charged.amount)
            for day in (dt.date(2026, 5, 31), dt.date(2026, 6, 1))
            for state in [amendments.agreement_as_of(session, found, day)]
        ]
    assert shown == [(1000, 130), (1130, 0)]


def test_amounts_without_support_cost_are_posted_by_the_rate_of_each_day(store: Database) -> None:
    put(store, agreement(support_cost_rate="13", gross="false"))
    share(store, "A/1", percent="100")
    amend(store, "2026-06-01", support_cost_rate="7")
    assert ledger(store)[1:] == [("NLD-1/11/2", "A/1", "2026-06-01", "-60")]


@pytest.mark.parametrize(
    ("day", "changes", "pointer", "rule"),
    [
        ("2026-03-01", {}, "", "amendment.empty"),
        ("2027-03-01", {"amount": "5"}, "/decided_on", "date.future"),
        ("2025-03-01", {"amount": "5"}, "/decided_on", "amendment.before-agreement"),
        ("2026-03-01", {"ends_on": "2025-12-31"}, "/ends_on", "dates-in-order"),
        ("2026-03-01", {"amount": "5"}, "/amount", "agreement.below-shares"),
        ("2026-10-01", {"amount": "2000"}, "/decided_on", "amendment.cancelled"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(
    store: Database, day: str, changes: dict[str, str], pointer: str, rule: str
) -> None:
    put(store, agreement(starts_on="2026-01-01", ends_on="2027-12-31"))
    share(store, "A/1", amount="700")
    if rule == "amendment.cancelled":
        put(store, agreement(starts_on="2026-01-01", status="cancelled", decided_on="2026-09-01"))
    with pytest.raises(InvalidInput) as refused:
        amend(store, day, **changes)
    assert faults(refused) == {(pointer, rule)}


_numbers = count()
_DAYS = st.integers(min_value=0, max_value=200)
_STEPS = st.lists(
    st.tuples(_DAYS, st.sampled_from(["amount", "support_cost_rate"]), st.integers(min_value=1, max_value=90)),
    max_size=6,
    unique_by=lambda step: step[0],
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, order=st.randoms(use_true_random=False))
def test_replay_as_of_a_day_is_what_was_decided_by_then_in_whatever_order_it_was_learnt(
    store: Database, steps: list[tuple[int, str, int]], order: object
) -> None:
    reference, first = f"P-{next(_numbers)}", dt.date(2026, 1, 15)
    put(store, agreement(reference=reference, gross="false", support_cost_rate="7"))
    share(store, "A/1", agreement=reference, percent="50")
    learnt = list(steps)
    order.shuffle(learnt)  # type: ignore[attr-defined]
    recorded = []
    for number, name, figure in learnt:
        day = first + dt.timedelta(days=number)
        amend(store, day.isoformat(), reference=reference, **{name: str(figure)})
        with store.read() as session:
            found = session.scalars(select(Agreement).where(Agreement.reference == reference)).one()  # type: ignore[arg-type]
            rows = history.decisions(session, found)
            recorded.append((rows[-1].recorded_at, amendments.agreement_as_of(session, found, TODAY).decision.terms))
    posted = [row for row in ledger(store) if row[0].startswith(f"{reference}/")]
    for number in {0, 200, *(step[0] for step in steps)}:
        day = first + dt.timedelta(days=number)
        known = {"amount": Decimal(1000), "support_cost_rate": Decimal(7)}
        known |= {name: Decimal(figure) for when, name, figure in sorted(steps) if when <= number}
        terms = as_of(store, day.isoformat(), reference)
        assert {"amount": terms.amount, "support_cost_rate": terms.support_cost_rate} == known
        stands = exact_sum(Decimal(row[3]) for row in posted if row[2] <= day.isoformat())
        assert stands == known["amount"] / 2 * (1 + known["support_cost_rate"] / 100)
    # and what was recorded at each moment is still told as it was then
    with store.read() as session:
        found = session.scalars(select(Agreement).where(Agreement.reference == reference)).one()  # type: ignore[arg-type]
        for moment, terms in recorded:
            assert amendments.agreement_as_of(session, found, TODAY, moment).decision.terms == terms


def test_amendments_go_in_and_are_read_over_http(light_api: Api) -> None:
    client = light_api.client()
    client.post("/partners", json={"code": "NLD", "name": "Netherlands", "category": "government"})
    body = agreement(amount="1130", support_cost_rate="13").model_dump(mode="json", exclude_unset=True)
    path = f"/agreements/{client.post('/agreements', json=body).json()['id']}"
    amendment = {"decided_on": "2026-06-01", "reason": "Second phase", "amount": "2260"}
    amended = client.post(f"{path}/amendments", json=amendment).json()
    assert (amended["kind"], amended["amount"], amended["support_cost_rate"]) == ("amended", "2260", "13")
    assert client.post(f"{path}/amendments", json=amendment).status_code == 409
    before = client.get(f"{path}/as-of", params={"as_of": "2026-05-31"}).json()
    assert (before["amount"], before["net_amount"], before["support_cost"]) == ("1130", "1000", "130")
    assert client.get(f"{path}/as-of", params={"as_of": "2025-12-31"}).status_code == 404
    assert client.get(path).json()["amount"] == "2260"
