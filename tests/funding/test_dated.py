"""What shares, instalments and needs were on a day stays readable, in whatever order decisions were learnt."""

import datetime as dt
from decimal import Decimal
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from app.db import dated
from app.db.base import table
from app.db.engine import Database
from app.db.funding import Agreement
from app.domain.access import LOCAL
from app.domain.money import exact_sum
from app.funding import remarks, shares
from app.funding.schemas import InstalmentIn
from app.funding.service import put_agreement
from app.reports.frame import ReportTable
from app.reports.service import run
from app.spending.budgets import put_institutional_budget
from app.spending.schemas import InstitutionalBudgetIn
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.funding.steps import TODAY, agreement, end_share, ledger, put, restore_share, share

_numbers = count()
_told = table(dated.FundingShareRevision).c


def instalment(session: Session, due_on: str, amount: str, **values: str) -> str:
    body = {"agreement": "NLD-1", "due_on": due_on, "amount": amount, **values}
    return shares.put_instalment(session, LOCAL, InstalmentIn.model_validate(body), today=TODAY).outcome


def need(session: Session, amount: str, **values: str) -> str:
    body = {"kind": "need", "line": "3", "period_start": "2026-01-01", "period_end": "2026-12-31", "amount": amount}
    model = InstitutionalBudgetIn.model_validate({**body, "currency": "EUR", **values})
    return put_institutional_budget(session, LOCAL, model, today=TODAY).outcome


def report(session: Session, name: str, day: str, **options: str) -> ReportTable:
    as_of = dt.date.fromisoformat(day)
    return run(session, name, period="2026", as_of=as_of, currency="EUR", options=options)


def test_reports_of_a_past_day_show_the_needs_shares_and_instalments_that_were_known_then(store: Database) -> None:
    put(store, agreement(starts_on="2026-01-01", ends_on="2026-12-31", earmarked_for="3"))
    share(store, "A/1", percent="60")
    share(store, "A/1", percent="80", decided_on="2026-05-01")
    # learnt late: it stood between the signature and May
    assert share(store, "A/1", percent="50", decided_on="2026-03-01") == "updated"
    assert share(store, "A/1", percent="50", decided_on="2026-03-01") == "unchanged"
    end_share(store, "A/1")
    with store.write("tests") as session:
        assert need(session, "1000") == "created"
        assert need(session, "1500", decided_on="2026-04-01") == "updated"
        assert need(session, "1200", decided_on="2026-02-01") == "updated"
        instalment(session, "2026-06-30", "400")
        instalment(session, "2026-06-30", "700", decided_on="2026-04-01")
        instalment(session, "2026-09-30", "300", decided_on="2026-04-01")
    pipelines, schedules = {}, {}
    with store.read() as session:
        for day in ("2026-01-31", "2026-02-01", "2026-03-01", "2026-04-30", "2026-11-19", "2026-11-20"):
            rows = {row["outcome"]: row for row in report(session, "pipeline", day).rows}
            # the project's outcome is not said; what its share leaves counts for the one that the money is tied to
            of_share = rows[None]["signed"] if None in rows else None
            pipelines[day] = (rows["3"]["needed"], of_share, rows["3"]["signed"])
            briefing = report(session, "partner-briefing", day, partner="NLD").rows
            schedules[day] = [row["amount"] for row in briefing if row["section"] == "instalment"]
        shares_of = [row["predictable_share"] for row in [report(session, "earmarking", "2026-01-14").totals]]
    assert pipelines == {
        "2026-01-31": ("1000", "600", "400"),
        "2026-02-01": ("1200", "600", "400"),
        "2026-03-01": ("1200", "500", "500"),
        "2026-04-30": ("1500", "500", "500"),
        "2026-11-19": ("1500", "800", "200"),
        "2026-11-20": ("1500", None, "1000"),
    }
    assert schedules["2026-03-01"] == ["400"]
    assert schedules["2026-04-30"] == schedules["2026-11-20"] == ["700", "300"]
    assert shares_of == [None]
    assert [row[2:] for row in ledger(store)] == [
        ("2026-01-15", "600"),
        ("2026-05-01", "200"),
        ("2026-03-01", "-100"),
        ("2026-05-01", "100"),
        ("2026-11-20", "-800"),
    ]
    restore_share(store, "A/1")
    assert exact_sum(Decimal(row[3]) for row in ledger(store)) == 800


def test_what_is_said_again_of_a_later_day_stands_against_what_is_learnt_later_of_a_day_before(store: Database) -> None:
    put(store, agreement())
    share(store, "A/1", percent="40", decided_on="2026-01-15")
    assert share(store, "A/1", percent="40", decided_on="2026-03-01") == "updated"
    assert share(store, "A/1", percent="40", decided_on="2026-03-01") == "unchanged"
    assert share(store, "A/1", percent="40") == "unchanged"
    assert share(store, "A/1", percent="60", decided_on="2026-02-01") == "updated"
    with store.read() as session:
        days = (dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 1))
        assert [_percent(session, "NLD-1", day) for day in days] == [40, 60, 40]
    assert exact_sum(Decimal(row[3]) for row in ledger(store)) == 400


_DAYS = st.integers(min_value=0, max_value=200)
_DECISIONS = st.lists(
    st.tuples(_DAYS, st.integers(min_value=1, max_value=90)), max_size=6, unique_by=lambda one: one[0]
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(decisions=_DECISIONS, order=st.randoms(use_true_random=False))
def test_as_of_a_day_is_a_replay_of_what_was_decided_by_then_in_whatever_order_it_was_learnt(
    store: Database, decisions: list[tuple[int, int]], order: object
) -> None:
    reference, first = f"D-{next(_numbers)}", dt.date(2026, 1, 15)
    put(store, agreement(reference=reference))
    share(store, "A/1", agreement=reference, percent="95", decided_on=first.isoformat())
    learnt = list(decisions)
    order.shuffle(learnt)  # type: ignore[attr-defined]
    recorded: list[tuple[dt.datetime, object]] = []
    for number, percent in learnt:
        share(store, "A/1", agreement=reference, percent=str(percent), decided_on=str(first + dt.timedelta(number)))
        with store.read() as session:
            moment = session.scalars(select(_told.recorded_at).order_by(_told.id.desc()).limit(1)).one()
            recorded.append((moment, _percent(session, reference, TODAY, moment)))
    posted = [row for row in ledger(store) if row[0].startswith(f"{reference}/")]
    with store.read() as session:
        for number in {0, 200, *(when for when, _ in decisions)}:
            day = first + dt.timedelta(number)
            known = ([95] + [percent for when, percent in sorted(decisions) if when <= number])[-1]
            assert _percent(session, reference, day) == known
            assert exact_sum(Decimal(row[3]) for row in posted if row[2] <= day.isoformat()) == known * 10
        for moment, told in recorded:
            assert _percent(session, reference, TODAY, moment) == told


def _percent(session: Session, reference: str, day: dt.date, moment: dt.datetime | None = None) -> object:
    known, owner = dated.known(session, dated.SHARES, as_of=day, recorded_at=moment).c, table(Agreement).c
    return session.execute(
        select(known.percent).join(table(Agreement), owner.id == known.agreement_id).where(owner.reference == reference)
    ).scalar_one()


def test_instalments_above_their_agreement_are_told(store: Database) -> None:
    def put_one(session: Session, due_on: str, amount: str) -> list[str]:
        body = InstalmentIn.model_validate({"agreement": "NLD-1", "due_on": due_on, "amount": amount})
        return [fault.rule for fault in shares.put_instalment(session, LOCAL, body, today=TODAY).findings]

    put(store, agreement())
    with store.write("anna") as session:
        assert put_one(session, "2026-06-30", "1000") == []
        assert put_one(session, "2026-09-30", "1") == ["agreement.instalments-exceed"]
        assert put_one(session, "2026-06-30", "999") == []
        less = put_agreement(session, LOCAL, agreement(amount="900"), today=TODAY)
        assert "agreement.instalments-exceed" in {fault.rule for fault in less.findings}


def test_a_table_of_instalments_is_remarked_on_by_what_it_leaves(store: Database, tmp_path: Path) -> None:
    def told(*rows: str, name: str = "instalments", head: str = "agreement,due_on,amount") -> list[tuple[int, str]]:
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
        report = import_table(store, LOCAL, kind(name), path, today=TODAY)
        assert report.faults == []
        return [(each.row or 0, each.message) for each in report.findings if each.rule == remarks.SCHEDULED]

    put(store, agreement())
    first, second, third = "NLD-1,2026-06-30", "NLD-1,2026-09-30", "NLD-1,2026-12-15"
    assert told(f"{first},600", f"{second},400") == []
    # over it on the way, and right in the end, whichever row comes first
    assert told(f"{first},700", f"{second},300") == []
    assert told(f"{second},400", f"{first},600") == []
    # what is too much is told once, with what it comes to
    ((row, message),) = told(f"{second},900", f"{third},600")
    assert row == 3
    assert "make 2100 of 1000 " in message
    amended = "agreement,decided_on,amount,reason"
    days = ("NLD-1,2026-11-01,1500,More", "NLD-1,2026-11-02,2100,More again")
    assert told(*days, name="agreement-amendments", head=amended) == []
