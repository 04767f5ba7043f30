"""Tables that a governing body prints: periods beside each other with shares and ranks, and by what money is."""

import pytest

from app.db.engine import Database
from app.errors import InvalidInput
from app.reports.contributors import EACH_RANK
from tests.reports.printed import report, told


def test_approvals_have_the_share_of_each_year_beside_its_amount(books: Database) -> None:
    with books.read() as session:
        table = report(session, "approvals", "partner", variant="shares-by-year")
    wanted = ("partner", "2019", "share 2019", "2020", "share 2020", "total", "share")
    assert told(table, *wanted) == [
        ("NLD", "600", "60.00", "100", "25.00", "700", "50.00"),
        ("HM", "400", "40.00", "0", "0.00", "400", "28.57"),
        ("MPTF", "0", "0.00", "300", "75.00", "300", "21.43"),
    ]
    assert [table.totals[name] for name in wanted[1:]] == ["1000", "100.00", "400", "100.00", "1400", "100.00"]
    assert "The share beside a period is that of the total of this period." in table.definition


def test_contributors_have_the_rank_of_each_year_beside_that_of_all(books: Database) -> None:
    with books.read() as session:
        table = report(session, "contributors", variant="ranks-by-year")
        usual = report(session, "contributors")
    assert told(table, "rank", "partner", "rank 2019", "share 2019", "rank 2020", "share 2020") == [
        (1, "NLD", 1, "60.00", 2, "25.00"),
        (2, "HM", 2, "40.00", None, "0.00"),
        (3, "MPTF", None, "0.00", 1, "75.00"),
    ]
    assert "rank 2019" not in usual.columns


def test_contributors_of_one_period_have_their_rank_in_it_where_that_is_asked_for(books: Database) -> None:
    with books.read() as session:
        table = report(session, "contributors", period="2020", variant="ranks-by-year")
        usual = report(session, "contributors", period="2020")
    assert told(table, "rank", "partner", "2020", "rank 2020", "share 2020") == [
        (1, "MPTF", "300", 1, "75.00"), (2, "NLD", "100", 2, "25.00"),
    ]  # fmt: skip
    assert EACH_RANK in table.definition
    assert not [name for name in usual.columns if "2020" in name]


def test_money_is_told_by_what_it_is_to_the_budget_whose_it_is_and_whether_it_is_joint(books: Database) -> None:
    with books.read() as session:
        funds = report(session, "approvals", "funds", kind="all")
        funding = report(session, "contributors", "funding")
        joint = report(session, "earmarking", "joint-un")
        core = report(session, "contributors", kind="rbsa")
    assert told(funds, "funds", "2019", "2020") == [("XBDC", "1000", "400"), ("RB", "1000", "0"), ("RBSA", "0", "50")]
    assert told(funding, "rank", "funding", "amount") == [(1, "state", "1000"), (2, "non-state", "400")]
    assert told(joint, "joint-un", "amount", "share") == [("no", "1150", "79.31"), ("yes", "300", "20.69")]
    assert told(core, "partner", "amount") == [("NLD", "50")]


def test_approvals_follow_the_sectors_and_outcomes_of_the_projects_they_go_to(books: Database) -> None:
    with books.read() as session:
        sectors = report(session, "approvals", "sector", period="2019")
        crossed = report(session, "approvals", "outcome", "region", period="2019")
    assert told(sectors, "sector", "total") == [(None, "400.00"), ("11330", "360.00"), ("16020", "240.00")]
    assert sorted(told(crossed, "outcome", "region", "total"), key=str) == [
        ("1", "africa", "225.00"), ("1", "americas", "75.00"), ("2", "africa", "225.00"), ("2", "americas", "75.00"),
        ("2", "interregional", "200.00"), (None, "interregional", "200.00"),
    ]  # fmt: skip
    assert crossed.totals["total"] == "1000.00"
    assert "by the percentages of its purpose codes" in crossed.definition


def test_a_table_may_be_of_partners_of_one_category_alone(books: Database) -> None:
    with books.read() as session:
        approvals = report(session, "approvals", "partner", category="government")
        ranks = report(session, "contributors", category="private-sector")
        shares = report(session, "earmarking", category="government")
        with pytest.raises(InvalidInput) as refused:
            report(session, "approvals", category="governments")
    assert "category is one of government, " in refused.value.faults[0].message
    assert told(approvals, "partner", "total", "share") == [("NLD", "700", "100.00")]
    assert "Only category government." in approvals.definition
    assert told(ranks, "rank", "partner", "amount") == [(1, "HM", "400")]
    assert shares.totals["unearmarked_and_softly_share"] == "6.67"  # 50 of 750


def test_projects_are_counted_by_size_and_by_the_years_of_their_life(books: Database) -> None:
    with books.read() as session:
        sizes = report(session, "portfolio", "size", "stage", period="")
        signed = report(session, "portfolio", "signed", period="")
        started = report(session, "portfolio", "started", period="")
    assert told(sizes, "size", "stage", "projects", "budget") == [
        ("1m to under 5m", "implementation", 1, "4999999.99"), ("5m and more", "closed", 1, "5000000"),
    ]  # fmt: skip
    assert told(signed, "signed", "projects") == [("2019", 2)]
    assert told(started, "started", "projects") == [(None, 1), ("2019", 1)]
