"""The organisation's own budget in columns of periods."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session, select

from app.db.engine import Database
from app.db.spending import ExchangeRate, InstitutionalBudget
from tests import portfolio
from tests.reports.printed import YEARS, report, told


def budgets(session: Session, figures: Sequence[tuple[str, str, str, str]]) -> None:
    for line, first, last, amount in figures:
        session.add(
            InstitutionalBudget(
                kind="total",
                line=line,
                line_title=f"Title of {line}" if line else None,
                period_start=dt.date.fromisoformat(first),
                period_end=dt.date.fromisoformat(last),
                amount=Decimal(amount),
                currency="USD",
                value_date=dt.date.fromisoformat(first),
            )
        )
    session.flush()


def test_the_organisation_s_own_budget_stands_in_columns_of_biennia(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        budgets(session, [
            ("RB", "2020-01-01", "2021-12-31", "804"), ("RBSA", "2020-01-01", "2021-12-31", "30"),
            ("XB", "2020-01-01", "2021-12-31", "470"), ("RB", "2022-01-01", "2023-12-31", "805"),
            ("RBSA", "2022-01-01", "2023-12-31", "30"), ("XB", "2022-01-01", "2023-12-31", "520"),
        ])  # fmt: skip
        table = report(session, "institutional-budget", period="2020-21..2022-23")
        budgets(session, [("", "2020-01-01", "2021-12-31", "1608")])
        in_all = report(session, "institutional-budget", period="2020-21")
        years = report(session, "institutional-budget", period="2020..2021")
    columns = ("line", "title", "2020-21", "share 2020-21", "2022-23", "share 2022-23", "change")
    assert told(table, *columns) == [
        ("RB", "Title of RB", "804.00", "61.66", "805.00", "59.41", "0.12"),
        ("RBSA", "Title of RBSA", "30.00", "2.30", "30.00", "2.21", "0.00"),
        ("XB", "Title of XB", "470.00", "36.04", "520.00", "38.38", "10.64"),
    ]
    assert [table.totals[name] for name in ("2020-21", "2022-23", "change")] == ["1304.00", "1355.00", "3.91"]
    # the figure in all is the total, whatever its lines make
    assert in_all.totals["2020-21"] == "1608.00"
    assert told(in_all, "line", "share 2020-21")[1] == ("RB", "50.00")
    # a biennium is shared out by days, to the cent
    assert [Decimal(str(years.totals[name])) for name in YEARS[1:]] == [Decimal("805.10")]


def test_the_total_is_chosen_day_by_day_and_not_by_the_column(database: Database) -> None:
    """A total of 2021 takes the place of the lines of 2021 alone, whatever stands in one column."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        budgets(session, [
            *((line, "2020-01-01", "2020-12-31", "111.11") for line in "ABC"),
            ("", "2021-01-01", "2021-12-31", "500"), ("C", "2021-07-01", "2021-12-31", "40"),
        ])  # fmt: skip
        years = report(session, "institutional-budget", period="2020..2021")
        both = report(session, "institutional-budget", period="2020-21")
    assert [years.totals[name] for name in ("2020", "2021")] == ["333.33", "500.00"]
    assert both.totals["2020-21"] == "833.33"
    assert told(both, "line", "2020-21", "share 2020-21") == [
        (None, "500.00", "60.00"), ("A", "111.11", "13.33"), ("B", "111.11", "13.33"), ("C", "151.11", "18.13"),
    ]  # fmt: skip


def test_rows_of_the_own_budget_make_its_total_as_they_are_printed(database: Database) -> None:
    """Of three equal lines one is printed with the cent, and the hundredth of a percent, that are left."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        budgets(session, [(line, "2020-01-01", "2020-12-31", "1") for line in "ABC"])
        alone = report(session, "institutional-budget", period="2020")
        session.add(ExchangeRate(currency="EUR", effective_on=dt.date(2020, 1, 1), rate=Decimal("3")))
        for row in session.scalars(select(InstitutionalBudget)):
            row.currency, row.amount = "EUR", Decimal(100)
        session.flush()
        converted = report(session, "institutional-budget", period="2020")
        budgets(session, [("", "2020-01-01", "2020-12-31", "100")])
        in_all = report(session, "institutional-budget", period="2020")
    for table in (alone, converted, in_all):
        lines = [row for row in table.rows if row["line"]]
        for name in ("2020", "share 2020"):
            assert sum(Decimal(str(row[name])) for row in lines) == Decimal(str(table.totals[name])), name
    assert sorted(told(converted, "2020", "share 2020")) == [
        ("33.33", "33.33"), ("33.33", "33.33"), ("33.34", "33.34"),
    ]  # fmt: skip
    assert converted.totals["2020"] == "100.00"
