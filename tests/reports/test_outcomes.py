"""The report on outcomes, against printed tables: budget and expenditure of eight outcomes by source of funds.

The figures lie in ``tests/golden``, in millions of US dollars as printed. A source is a kind of agreement, or own
resources by their name; both are loaded as an office would: projects, allocations of a biennium, a ledger.
"""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database
from app.db.projects import Project
from app.domain.access import LOCAL, Actor
from app.domain.codes import use_codelists
from app.domain.outcomes import outcome_codes, outcomes_fault
from app.domain.terms import Role
from app.errors import NotAllowed
from app.funding.schemas import AgreementIn
from app.funding.service import put_agreement
from app.projects.queries import working_towards
from app.reports.frame import ReportTable
from app.reports.service import run
from app.results.items import put_framework
from app.results.queries_frameworks import stated_outcomes
from app.results.schemas import FrameworkIn
from app.spending.allocations import put_allocation
from app.spending.schemas import AllocationIn
from tests import portfolio
from tests.api import Api
from tests.filled import filled
from tests.portfolio import TODAY
from tests.queries import count_queries
from tests.reports.test_delivery import allocate, spend

GOLDEN = Path(__file__).parents[1] / "golden"
#: (scope, measure): the print rounds or cuts off before it sums, and its own tolerance covers it unless told here
MISPRINTS: dict[tuple[str, str], str] = {}
SOURCES = ("RB", "RBSA", "XBDC")


def golden(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def load(session: Session, rows: list[dict[str, str]]) -> None:
    portfolio.set_up(session)
    donor = portfolio.partner(session, "DONOR").id or 0
    for source in ("XBDC", "RBSA"):
        agreement = portfolio.agreement(session, source, donor)
        agreement.category = 1 if source == "RBSA" else 4
    for row in rows:
        code = f"{row['outcome']}-{row['source']}"
        portfolio.project(session, code, outcome=row["outcome"])
        if row["budget"]:
            allocate(session, code, "2020-21", f"{Decimal(row['budget']) * 10**6:.0f}", source=row["source"])
        agreement_said = {} if row["source"] == "RB" else {"agreement": row["source"]}
        spend(session, f"E-{code}", code, "2021-03-01", f"{Decimal(row['expenditure']) * 10**6:.0f}", **agreement_said)


@pytest.fixture(scope="module")
def printed(shared_database: Database) -> Database:
    with shared_database.write("tests") as session:
        load(session, golden("outcomes.csv"))
    return shared_database


@pytest.fixture
def growing(database: Database) -> Database:
    """The same, to be added to."""
    use_codelists(portfolio.known)
    filled(database, put_golden)
    return database


def put_golden(database: Database) -> None:
    with database.write("tests") as session:
        load(session, golden("outcomes.csv"))


def outcomes(database: Database, *by: str, period: str = "2020-21") -> ReportTable:
    with database.read() as session:
        return run(session, "outcomes", period=period, as_of=TODAY, by=by)


def number(cell: object) -> Decimal:
    return Decimal(str(cell or 0))


def percent(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * 100


def computed(table: ReportTable, scope: str, measure: str) -> Decimal:
    """What the print says, from the rows of the report."""

    def of(column: str, outcome: str | None = None, source: str | None = None) -> Decimal:
        return sum(
            (
                number(row[column])
                for row in table.rows
                if outcome in (None, row["outcome"]) and source in (None, row["source"])
            ),
            Decimal(),
        )

    million = Decimal(10**6)
    outcome = scope.removeprefix("outcome ") if scope != "all outcomes" else None
    spent = of("expenditure", outcome)
    if measure.startswith("share_of_actual_"):
        (row,) = (row for row in table.rows if (row["outcome"], row["source"]) == (outcome, measure.rpartition("_")[2]))
        return number(row["share"])
    figures: dict[str, Callable[[], Decimal]] = {
        "strategic_budget_total": lambda: of("budget", outcome) / million,
        "actual_expenditure_total": lambda: spent / million,
        "actual_total": lambda: spent / million,
        "actual_over_strategic_budget": lambda: percent(spent, of("budget", outcome)) - 100,
        "regular_budget_for_policy_outcomes": lambda: of("budget", source="RB") / million,
        "xbdc_strategic_budget": lambda: of("budget", source="XBDC") / million,
        "voluntary_share_of_actual": lambda: 100 - percent(of("expenditure", source="RB"), spent),
        "share_of_RBSA_actual": lambda: percent(
            of("expenditure", outcome, "RBSA"), of("expenditure", source="RBSA")
        ),
        **{f"actual_{source}": lambda source=source: of("expenditure", source=source) / million for source in SOURCES},
    }  # fmt: skip
    return figures[measure]()


def test_the_printed_table_is_reproduced(printed: Database) -> None:
    table = outcomes(printed)
    assert table.columns[:5] == ("outcome", "source", "budget", "expenditure", "rate")
    checked = golden("outcomes_printed.csv")
    apart = {
        (row["scope"], row["measure"]): (found, row["printed"])
        for row in checked
        if abs((found := computed(table, row["scope"], row["measure"])) - Decimal(row["printed"]))
        > Decimal(row["tolerance"]) + Decimal("0.0001")
    }
    assert len(checked) == 52
    assert apart.keys() == MISPRINTS.keys(), apart
    rows = {(row["outcome"], row["source"]): row for row in table.rows}
    # what has no budget has no rate, and more may be spent than was budgeted
    assert (rows["1", "RBSA"]["budget"], rows["1", "RBSA"]["rate"]) == (None, None)
    assert rows["1", "XBDC"]["rate"] == "383.64"
    assert table.totals == {"budget": "966600000", "expenditure": "1104700000", "rate": "114.29"}


def test_rows_by_outcome_are_the_sums_of_its_sources(printed: Database) -> None:
    by_source, by_outcome = outcomes(printed, "source"), outcomes(printed, "outcome")
    assert by_outcome.columns[:4] == ("outcome", "budget", "expenditure", "rate")
    assert by_outcome.rows[0]["budget"] == "112800000"
    assert by_outcome.totals == by_source.totals


def test_the_report_and_that_on_delivery_have_one_figure(printed: Database) -> None:
    with printed.read() as session:
        delivery = run(session, "delivery", period="2020-21", as_of=TODAY, by=("outcome",))
    own = {row["outcome"]: row["expenditure"] for row in outcomes(printed, "outcome").rows}
    assert own == {row["outcome"]: row["expenditure"] for row in delivery.rows}


def test_an_output_belongs_to_its_outcome(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for level, code in (("outcome", "1"), ("output", "1.2"), ("indicator", "1.2.1")):
            body = {"framework": "2020-21", "level": level, "code": code, "title": code}
            put_framework(session, LOCAL, FrameworkIn.model_validate(body))
        for project, outcome in (("A", "1"), ("B", "1.2"), ("C", "1.2.1"), ("D", "2.5")):
            portfolio.project(session, project, outcome=outcome)
            spend(session, f"E-{project}", project, "2021-03-01", "10")
    rows = [(row["outcome"], row["output"], row["expenditure"]) for row in outcomes(database, "output").rows]
    assert rows == [("1", "1.2", "20"), ("1", None, "10"), ("2.5", None, "10")]
    assert {row["source"] for row in outcomes(database).rows} == {"not attributed"}
    unknown = "Projects or allocations name outcomes that 2020-21 does not know: 2.5."
    assert outcomes(database).remarks == (unknown,)


def test_the_money_of_a_project_of_several_outcomes_is_shared_out_by_its_percentages(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(
            session, "P", outcome="1:33.3% | 2:66.7", planned_start="2021-01-01", planned_end="2021-12-31"
        )
        allocate(session, "P", "2021", "1000", source="RB")
        allocate(session, "P", "2021", "10", source="OWN", outcome="3")
        portfolio.project(session, "Q", outcome="2")
        spend(session, "E1", "P", "2020-05-01", "100")
        spend(session, "E2", "P", "2021-05-01", "1010")
        agreement = portfolio.agreement(session, "A", portfolio.partner(session, "DONOR").id or 0)
        portfolio.share(session, agreement.id or 0, portfolio.project(session, "P", outcome="1:33.3|2:66.7").id or 0)

    def figures(name: str, period: str, *columns: str) -> dict[str, list[object]]:
        with database.read() as session:
            found = run(session, name, period=period, as_of=TODAY, by=("outcome",))
        return {str(row["outcome"]): [row[column] for column in columns] for row in found.rows}

    # a year whose allocations name no outcome follows the project, another follows them
    assert figures("delivery", "2020", "expenditure") == {"1": ["33.30"], "2": ["66.70"]}
    of_2021 = {"1": ["333.00", "333.00"], "2": ["667.00", "667.00"], "3": ["10.00", "10.00"]}
    assert figures("delivery", "2021", "allocation", "expenditure") == of_2021
    assert figures("outcomes", "2021", "budget", "expenditure") == of_2021
    assert figures("pipeline", "2021", "assessed")["1"] == ["333.00"]
    assert {"1", "2"} <= figures("pipeline", "2021", "signed").keys()
    with database.read() as session:
        codes = table(Project).c.code
        assert stated_outcomes(session, "none") == []
        found = session.scalars(select(codes).where(working_towards("2")).order_by(codes)).all()
        assert found == ["P", "Q"]
        assert not session.scalars(select(codes).where(working_towards("66.7"))).all()
    for text, told in (
        ("1:60|2:30", "make 90, not 100"), ("1|2", "each of several with its percentage"),
        ("1:50|1:50", "stands twice"), ("1:100|2:0", "leave it out"), ("1:x", "by its code"),
    ):  # fmt: skip
        assert told in str(outcomes_fault(text)), text
    # what was stored before several could be told is one
    assert outcome_codes("a:b") == ("a:b",)


def test_spending_without_an_agreement_has_the_one_source_that_funds_it(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        donor = portfolio.partner(session, "DONOR").id or 0
        core = portfolio.agreement(session, "CORE", donor)
        core.category = 1
        earmarked = portfolio.agreement(session, "EAR", donor)
        for code in ("ALLOCATED", "SHARED", "TWO", "NONE"):
            project = portfolio.project(session, code, outcome=code)
            if code in ("SHARED", "TWO"):
                portfolio.share(session, core.id or 0, project.id or 0)
            if code == "TWO":
                portfolio.share(session, earmarked.id or 0, project.id or 0)
            spend(session, f"E-{code}", code, "2021-03-01", "10")
        allocate(session, "ALLOCATED", "2021", "20", source="RB")
    rows = {row["outcome"]: row["source"] for row in outcomes(database, period="2021").rows}
    assert rows == {"ALLOCATED": "RB", "SHARED": "RBSA", "TWO": "not attributed", "NONE": "not attributed"}


def test_an_allocation_names_an_agreement_that_is_entered_later(database: Database) -> None:
    """The order in which tables are loaded does not matter, and a name that is no agreement's is told once."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P", outcome="1")
        row = {"project": "P", "fiscal_year": "2021", "kind": "original", "decided_on": "2021-01-15", "currency": "USD"}
        told = []
        for source, outcome in (("NLD/2020/01", "1"), ("NLD/2020/01", "2"), ("RB", "1")):
            body = AllocationIn.model_validate(row | {"source": source, "outcome": outcome, "amount": "10"})
            told.append([one.message for one in put_allocation(session, LOCAL, body, today=TODAY).findings])
        assert [len(one) for one in told] == [1, 0, 1]
        assert "There is no agreement NLD/2020/01" in told[0][0]
        before = {each["source"] for each in run(session, "outcomes", period="2021", as_of=TODAY).rows}
        assert before == {"NLD/2020/01", "RB"}
        portfolio.partner(session, "NLD")
        agreed = {"reference": "NLD/2020/01", "partner": "NLD", "title": "T", "preset": "project", "status": "signed"}
        agreed |= {"signed_on": "2020-12-01", "currency": "USD", "amount": "1000"}
        officer = Actor(name="ann", role=Role.OFFICER, unit_id=portfolio.unit(session, "ROAF").id)
        with pytest.raises(NotAllowed), session.begin_nested():
            put_agreement(session, officer, AgreementIn.model_validate(agreed), today=TODAY)
        put_agreement(session, LOCAL, AgreementIn.model_validate(agreed), today=TODAY)
        table_ = run(session, "outcomes", period="2021", as_of=TODAY)
        assert [(each["outcome"], each["source"]) for each in table_.rows] == [
            ("1", "RB"),
            ("1", "XBDC"),
            ("2", "XBDC"),
        ]
        assert table_.totals["budget"] == "30"
        body = AllocationIn.model_validate(row | {"source": "nld-2020-01", "amount": "10"})
        (asked,) = put_allocation(session, LOCAL, body, today=TODAY).findings
        assert "is NLD/2020/01 meant?" in asked.message


def test_a_missing_rate_is_told_and_no_figure_guessed(growing: Database) -> None:
    with growing.write("tests") as session:
        spend(session, "EUR", "1-RB", "2021-03-01", "10", currency="EUR")
    table = outcomes(growing)
    row = next(row for row in table.rows if (row["outcome"], row["source"]) == ("1", "RB"))
    assert row["expenditure"] is None
    assert table.totals["expenditure"] is None
    assert "EUR" in table.remarks[0]


def test_statements_do_not_follow_the_rows(growing: Database) -> None:
    with count_queries(growing) as seen:
        outcomes(growing)
    before = len(seen)
    with growing.write("tests") as session:
        for number_ in range(5):
            portfolio.project(session, f"MORE-{number_}", outcome=str(number_))
            spend(session, f"M-{number_}", f"MORE-{number_}", "2021-04-01", "1")
    with count_queries(growing) as seen:
        outcomes(growing)
    assert len(seen) == before


def test_the_interface_gives_the_same_figures(settings: Settings, database: Database) -> None:
    api = Api(settings, database)
    with database.write("tests") as session:
        load(session, golden("outcomes.csv")[:3])
    answer = api.client().get("/reports/outcomes", params={"period": "2020-21", "by": "source"}).json()
    assert [row["source"] for row in answer["rows"]] == ["RB", "RBSA", "XBDC"]
    assert answer["rows"][0]["rate"] == "99.31"
