"""Evaluations done, beside those that were planned."""

import datetime as dt

import pytest

from app.db.engine import Database
from app.db.evaluations import Evaluation
from app.domain.periods import Period
from app.domain.terms import EvaluationStatus
from app.errors import InvalidInput
from app.evaluations.queries import scheduled
from tests import portfolio
from tests.reports.printed import ON, report, told


def test_evaluations_done_stand_beside_those_planned_by_independence_and_kind(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        done = {"status": EvaluationStatus.FINAL}
        for reference, kind, independence, end, values in (
            ("E1", "final", "independent", "2020-03-31", {"completed_on": dt.date(2020, 5, 1), **done}),
            ("E2", "final", "independent", "2020-12-31", {"completed_on": dt.date(2021, 2, 1), **done}),
            ("E3", "mid-term", "independent", "2020-06-30", {}),
            ("E4", "final", "self", "2019-12-31", {"completed_on": dt.date(2020, 1, 15), **done}),
            ("E5", "final", "self", "2020-06-30", {
                "status": EvaluationStatus.CANCELLED, "cancelled_on": dt.date(2020, 2, 1)}),
        ):  # fmt: skip
            evaluation = Evaluation(
                reference=reference,
                kind=kind,
                independence=independence,
                **({"status": EvaluationStatus.PLANNED, "planned_end": dt.date.fromisoformat(end)} | values),  # type: ignore[dict-item, operator]
            )
            session.add(evaluation)
        session.flush()
        now = report(session, "evaluations", period="2020", variant="plan")
        then = report(session, "evaluations", period="2020", variant="plan", on=dt.date(2020, 12, 31))
    columns = (
        "independence",
        "kind",
        "planned",
        "done",
        "cancelled",
        "open",
        "done_percent",
        "done_in_period",
        "share",
    )
    assert told(now, *columns) == [
        ("self", "final", 1, 0, 1, 0, "0.00", 1, "50.00"),
        ("independent", "mid-term", 1, 0, 0, 1, "0.00", 0, "0.00"),
        ("independent", "final", 2, 2, 0, 0, "100.00", 1, "50.00"),
    ]
    assert now.totals["planned"] == 4
    assert told(then, *columns)[2] == ("independent", "final", 2, 1, 0, 1, "50.00", 1, "50.00")
    with database.read() as session:
        year = Period(start=dt.date(2020, 1, 1), end=dt.date(2020, 12, 31))
        late = Period(start=dt.date(2021, 1, 1), end=dt.date(2021, 12, 31))
        # no more is read than the periods ask for: what was cancelled or accepted after the day is done in none
        assert [len(scheduled(session, periods, ON)) for periods in ([year], [late], [year, late])] == [5, 1, 5]
        assert scheduled(session, [late], dt.date(2021, 1, 31)) == []


def test_a_variant_with_rows_of_its_own_is_told_by_nothing_else(books: Database) -> None:
    with books.read() as session:
        for variant in ("plan", "cycle", "milestones"):
            with pytest.raises(InvalidInput) as refused:
                report(session, "evaluations", "unit", period="2020", variant=variant)
            assert [fault.message for fault in refused.value.faults] == [
                f"evaluations is not told by unit in its variant {variant}: ask without that or for another variant."
            ]
        assert report(session, "evaluations", "unit", period="2020").columns[0] == "unit"
