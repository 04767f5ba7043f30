"""Tables that a governing body prints: periods beside each other with shares and ranks, and by what money is."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from app.db.engine import Database
from app.db.evaluations import Evaluation
from app.db.spending import ExchangeRate, InstitutionalBudget
from app.domain.access import LOCAL
from app.domain.delivery import Variant
from app.domain.earmarking import Wording
from app.domain.periods import CALENDAR_YEARS, Period
from app.domain.terms import EvaluationStatus, PartnerCategory
from app.errors import InvalidInput
from app.evaluations.queries import scheduled
from app.reports.contributors import EACH_RANK
from app.reports.delivery_sums import Question, read
from app.reports.frame import Cell, ReportTable, Request
from app.reports.service import run
from app.spending.schemas import EncumbranceIn
from app.spending.service import put_encumbrance
from tests import portfolio
from tests.conftest import nothing_stays
from tests.queries import count_queries
from tests.reports.test_delivery import allocate, spend

ON = dt.date(2022, 6, 30)
YEARS = ("2019", "2020")


def report(
    session: Session,
    name: str,
    *by: str,
    period: str = "2019..2020",
    variant: str | None = None,
    on: dt.date = ON,
    **options: str,
) -> ReportTable:
    return run(session, name, period=period, as_of=on, by=by, variant=variant, options=options)


def told(table: ReportTable, *columns: str) -> list[tuple[Cell, ...]]:
    return [tuple(row[name] for name in columns) for row in table.rows]


def fill(session: Session) -> None:
    """Three partners, of a State, of the UN and of a business; money of every kind; two projects of two sectors."""
    portfolio.set_up(session)
    givers = {
        code: portfolio.partner(session, code, category).id or 0
        for code, category in (
            ("NLD", PartnerCategory.GOVERNMENT),
            ("MPTF", PartnerCategory.UN_POOLED_FUND),
            ("HM", PartnerCategory.PRIVATE_SECTOR),
        )
    }
    field = portfolio.project(
        session,
        "FIELD",
        countries=[{"code": "KE", "percentage": "75"}, {"code": "PE", "percentage": "25"}],
        sectors=[{"code": "16020", "percentage": "40"}, {"code": "11330", "percentage": "60"}],
        outcome="1:50|2:50",
        total_budget="4999999.99",
        currency="USD",
        planned_start="2019-03-01",
    )
    desk = portfolio.project(session, "DESK", outcome="2", total_budget="5000000", currency="USD", status="closed")
    for reference, giver, signed, amount, preset in (
        ("N1", "NLD", "2019-05-01", "600", "project"),
        ("N2", "NLD", "2020-05-01", "100", "project"),
        ("CORE", "NLD", "2020-05-02", "50", "rbsa"),
        ("DUES", "NLD", "2019-01-02", "1000", "assessed"),
        ("UN", "MPTF", "2020-06-01", "300", "un-pooled"),
        ("BUS", "HM", "2019-06-01", "400", "project"),
    ):
        made = portfolio.agreement(session, reference, givers[giver], amount)
        made.signed_on, made.gross, made.preset = dt.date.fromisoformat(signed), True, preset
        if preset in ("rbsa", "assessed"):
            made.category, made.corporate_wording = (
                1,
                Wording.UNEARMARKED if preset == "rbsa" else Wording.REGULAR_BUDGET,
            )
        if reference == "N1":
            portfolio.share(session, made.id or 0, field.id or 0, "100")
        if reference == "BUS":
            portfolio.share(session, made.id or 0, desk.id or 0, "50")
    session.flush()


@pytest.fixture(scope="module")
def books(shared_database: Database) -> Database:
    with shared_database.write("tests") as session:
        fill(session)
        spend(session, "E1", "FIELD", "2019-07-01", "100", agreement="N1", country="KE", sector="16020")
        spend(session, "E2", "FIELD", "2020-02-01", "60.03", agreement="N1")
        spend(session, "E3", "FIELD", "2020-03-01", "-20", agreement="N1")
        spend(session, "E4", "DESK", "2020-03-31", "40", agreement="BUS")
        spend(session, "E5", "DESK", "2020-04-01", "10")
        spend(session, "E6", "DESK", "2020-05-01", "5", agreement="CORE")
    return shared_database


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
