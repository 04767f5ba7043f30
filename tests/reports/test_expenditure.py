"""Expenditure in columns of periods, and what money without a source follows."""

import datetime as dt
from decimal import Decimal

from app.db.engine import Database
from app.db.spending import ExchangeRate
from app.domain.access import LOCAL
from app.domain.delivery import Variant
from app.domain.periods import CALENDAR_YEARS, Period
from app.reports.delivery_sums import Question, read
from app.reports.frame import Request
from app.spending.schemas import EncumbranceIn
from app.spending.service import put_encumbrance
from tests import portfolio
from tests.conftest import nothing_stays
from tests.queries import count_queries
from tests.reports.printed import ON, YEARS, report, told
from tests.reports.test_delivery import allocate, spend


def test_expenditure_stands_in_columns_of_years_with_the_largest_first(books: Database) -> None:
    with books.read() as session:
        table = report(session, "expenditure", "funds", variant="shares-by-year")
        regions = report(session, "expenditure", "region")
        recorded = report(session, "expenditure", "recorded-region")
        sectors = report(session, "expenditure", "sector")
        crossed = report(session, "expenditure", "funding", "partner")
        top = report(session, "expenditure", "project", top="1")
    assert told(table, "funds", "2019", "share 2019", "2020", "share 2020", "total", "average", "share", "change") == [
        ("XBDC", "100", "100.00", "90.03", "94.74", "190.03", "95.02", "97.44", "-9.97"),
        ("RBSA", "0", "0.00", "5", "5.26", "5", "2.50", "2.56", None),
    ]
    assert table.totals == {
        "2019": "100", "share 2019": "100.00", "2020": "95.03", "share 2020": "100.00", "total": "195.03",
        "average": "97.52", "share": "100.00", "change": "-4.97",
    }  # fmt: skip
    assert told(regions, "region", *YEARS) == [
        ("africa", "100.00", "30.02"), ("interregional", "0.00", "55.00"), ("americas", "0.00", "10.01"),
    ]  # fmt: skip
    assert told(recorded, "recorded-region", *YEARS) == [("africa", "100", "0"), ("interregional", "0", "95.03")]
    assert told(sectors, "sector", *YEARS) == [
        ("16020", "100.00", "16.01"), (None, "0.00", "55.00"), ("11330", "0.00", "24.02"),
    ]  # fmt: skip
    assert told(crossed, "funding", "partner", "total") == [
        ("state", "NLD", "145.03"), ("non-state", "HM", "40"), ("not attributed", "not attributed", "10"),
    ]  # fmt: skip
    assert told(top, "project", "total") == [("FIELD", "140.03"), ("all others", "55")]


def test_expenditure_of_a_month_is_its_own_and_not_that_of_the_year_so_far(books: Database) -> None:
    with books.read() as session:
        months = report(session, "expenditure", "project", period="2020-02..2020-04")
        biennium = report(session, "expenditure", "project", period="2018-19..2020-21")
    assert told(months, "project", "2020-02", "2020-03", "2020-04") == [
        ("DESK", "0", "40", "10"), ("FIELD", "60.03", "-20", "0"),
    ]  # fmt: skip
    assert told(biennium, "project", "2018-19", "2020-21", "average") == [
        ("FIELD", "100", "40.03", "35.01"), ("DESK", "0", "55", "13.75"),
    ]  # fmt: skip


def test_expenditure_is_the_expenditure_of_the_report_on_delivery(books: Database) -> None:
    with books.read() as session:
        for name in ("unit", "partner", "outcome", "category", "assistance", "country", "funds"):
            spent = {row[name]: row["2020"] for row in report(session, "expenditure", name, period="2020").rows}
            delivered = {
                row[name]: row["expenditure"]
                for row in report(session, "delivery", name, period="2020").rows
                if Decimal(str(row["expenditure"]))
            }
            assert spent == delivered, name


def test_a_missing_rate_leaves_the_row_without_a_figure_and_is_told(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("P", "Q"):
            portfolio.project(session, code)
        spend(session, "E1", "P", "2020-07-01", "100")
        spend(session, "E2", "Q", "2020-07-01", "100", currency="EUR")
        table = report(session, "expenditure", "project", period="2020")
        assert told(table, "project", "2020", "share") == [("P", "100.00", None), ("Q", None, None)]
        assert table.totals["total"] is None
        assert "There is no rate of EUR on or before 2020-07-01." in table.remarks
        session.add(ExchangeRate(currency="EUR", effective_on=dt.date(2020, 1, 1), rate=Decimal("0.8")))
        session.flush()
        table = report(session, "expenditure", "project", period="2020")
        assert told(table, "project", "2020", "share") == [("Q", "125.00", "55.56"), ("P", "100.00", "44.44")]


def test_statements_do_not_follow_the_periods_and_rows(books: Database) -> None:
    def count(period: str, *by: str) -> int:
        with books.read() as session, count_queries(books.engine) as counted:
            report(session, "expenditure", *by, period=period)
        return len(counted)

    assert count("2019", "unit") == count("2010..2021", "unit")
    assert count("2019", "project") == count("2010..2021", "project")
    by_each = ("unit", "project", "partner", "funds", "country", "sector")
    with nothing_stays(books) as session:

        def counts() -> dict[str, int]:
            session.flush()
            found = {}
            for by in by_each:
                with count_queries(books.engine) as counted:
                    report(session, "expenditure", by)
                found[by] = len(counted)
            return found

        counts()  # what is asked once of a session is asked
        few = counts()
        donor = portfolio.partner(session, "SWE").id or 0
        for number in range(12):
            code = f"MORE-{number}"
            portfolio.unit(session, code)
            made = portfolio.agreement(session, code, donor, "10")
            project = portfolio.project(session, code, unit=code, countries=[{"code": "GH"}])
            portfolio.share(session, made.id or 0, project.id or 0)
            spend(session, code, code, "2020-05-01", "3", agreement=code if number % 2 else None)
        assert counts() == few
        assert len(report(session, "expenditure", "project").rows) == 14


def test_money_without_a_source_follows_the_agreements_that_fund_its_own_project(database: Database) -> None:
    """Two projects that agree in all else are not as good as one: other agreements fund them."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        donor = portfolio.partner(session, "NLD").id or 0
        core, tied = (portfolio.agreement(session, name, donor) for name in ("CORE", "TIED"))
        core.category = 1
        for code, amount, agreement in (("P", "10", core), ("Q", "200", tied)):
            project = portfolio.project(session, code)
            portfolio.share(session, agreement.id or 0, project.id or 0)
            allocate(session, code, "2020", amount)
            body = {"document": f"B-{code}", "project": code, "date": "2020-02-01", "amount": amount, "currency": "USD"}
            put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(body), today=ON)
        delivery = report(session, "delivery", "funds", period="2020", variant="(expenditure+encumbrance)/allocation")
        outcomes = report(session, "outcomes", "source", period="2020")
    assert told(delivery, "funds", "allocation", "encumbrance") == [("RBSA", "10", "10"), ("XBDC", "200", "200")]
    assert told(outcomes, "source", "budget") == [("RBSA", "10"), ("XBDC", "200")]


def test_encumbrances_follow_the_allocations_of_the_year_in_which_they_began(database: Database) -> None:
    """What funds the projects is of two sources, so that only the allocations of the year tell which one it is."""
    rate = "(expenditure+encumbrance)/allocation"
    columns = ("funds", "allocation", "expenditure", "encumbrance", "rate")
    with database.write("tests") as session:
        portfolio.set_up(session)
        donor = portfolio.partner(session, "NLD").id or 0
        core, tied = (portfolio.agreement(session, name, donor) for name in ("CORE", "TIED"))
        core.category = 1
        for code in ("P", "Q"):
            project = portfolio.project(session, code)
            for agreement in (core, tied):
                portfolio.share(session, agreement.id or 0, project.id or 0, "50")
        allocate(session, "P", "2019", "60", source="CORE")
        allocate(session, "P", "2020", "100", source="TIED")
        spend(session, "E-1", "P", "2020-03-01", "30")

        def bind(project: str, day: str, amount: str, **values: str) -> None:
            body = {"document": f"B-{project}-{day}", "project": project, "date": day, "amount": amount}
            body |= {"currency": "USD", **values}
            put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(body), today=ON)

        bind("P", "2020-02-01", "20")
        year = report(session, "delivery", "funds", period="2020", variant=rate)
        assert told(year, *columns) == [("XBDC", "100", "30", "20", "50.00")]
        # one that ends in a later year is taken off where it stood, and of a project without allocations nobody knows
        bind("P", "2019-06-01", "7", released_on="2020-06-30")
        bind("Q", "2020-02-01", "5")
        years = report(session, "delivery", "funds", period="2019..2020", variant=rate)
        assert told(years, "funds", "encumbrance 2019", "encumbrance 2020") == [
            ("RBSA", "7", "0"), ("XBDC", "0", "20"), ("not attributed", "0", "5"),
        ]  # fmt: skip
        alone = report(session, "delivery", "funds", period="2020", variant=rate)
        assert told(alone, "funds", "encumbrance") == [("XBDC", "20"), ("not attributed", "5")]
        crossed = report(session, "delivery", "project", "funds", period="2020", variant=rate)
        assert told(crossed, "project", "funds", "encumbrance") == [
            ("P", "XBDC", "20"), ("Q", "not attributed", "5"),
        ]  # fmt: skip


def test_sums_of_encumbrances_by_funds_do_not_follow_the_projects(database: Database) -> None:
    """Projects of which allocations and agreements say the same come in one row."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        donor = portfolio.partner(session, "NLD").id or 0
        tied = portfolio.agreement(session, "TIED", donor)
        for number in range(5):
            project = portfolio.project(session, f"P{number}")
            portfolio.share(session, tied.id or 0, project.id or 0, "20")
            body = {"document": f"B-{number}", "project": f"P{number}", "date": "2020-02-01", "amount": "2"}
            put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(body | {"currency": "USD"}), today=ON)
        year = Period(start=dt.date(2020, 1, 1), end=dt.date(2020, 12, 31))
        request = Request(
            period="2020", as_of=ON, recorded_at=None, currency="USD", by=("funds",), variant=Variant.WITH_ENCUMBRANCE
        )
        question = Question(
            request=request,
            variant=Variant.WITH_ENCUMBRANCE,
            groups=("funds",),
            periods=[year],
            fiscal=CALENDAR_YEARS,
        )
        (row,) = read(session, question).bound.rows
    assert [amount for _, amount in row.amounts] == [Decimal(10)]
