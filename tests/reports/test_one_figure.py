"""One figure, one truth: every view of the delivery report against plain sums over what was posted.

The sums here are made in a few lines from the list of postings, without the program: what is spent, received, bound
and allocated, each amount by the rate of its own day.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.terms import PartnerCategory
from app.reports.delivery import DIMENSIONS, TIME
from app.reports.frame import ReportTable
from app.reports.service import delivery_and_months, run
from app.spending.schemas import AllocationIn, EncumbranceIn, RateIn, TransactionIn
from app.spending.service import put_allocation, put_encumbrance, put_rate, put_transaction
from tests import portfolio
from tests.portfolio import TODAY

Day = dt.date
EXPENDITURE, ENCUMBERED, CUMULATIVE = (
    "expenditure/allocation",
    "(expenditure+encumbrance)/allocation",
    "cumulative expenditure/receipts",
)
PROJECTS, SOURCES = ("P0", "P1", "POOL"), ("A0", "A1", None)
PARTNER = {"A0": "D0", "A1": "D1", None: "not attributed"}
EURO = ((Day(2018, 1, 1), Fraction(4, 5)), (Day(2020, 7, 1), Fraction(1, 2)), (Day(2021, 5, 5), Fraction(5, 4)))
PERIODS = {
    "2021": (Day(2021, 1, 1), Day(2021, 12, 31)),
    "2020-2021": (Day(2020, 1, 1), Day(2021, 12, 31)),
    "2020-11-15..2021-06-10": (Day(2020, 11, 15), Day(2021, 6, 10)),
}
#: periods that are counted from the beginning of their year, against the whole year's allocation
TO_DATE = {"2021-Q2": Day(2021, 6, 30), "2021-08": Day(2021, 8, 31)}


@dataclass(frozen=True)
class Posting:
    project: str
    source: str | None
    #: 1 received, 3 disbursed, 4 spent; "self" disbursed to oneself; "passed" from the pool to the project
    kind: str
    day: Day
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Bound:
    project: str
    day: Day
    released: Day | None
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Allocated:
    project: str
    source: str | None
    year: int
    amount: Decimal
    currency: str


def dollars(amount: Decimal, currency: str, day: Day) -> Fraction:
    rate = next((rate for since, rate in reversed(EURO) if since <= day), Fraction(1))
    return Fraction(amount) / (rate if currency == "EUR" else 1)


AMOUNT = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
DAYS = st.dates(Day(2019, 6, 1), Day(2022, 6, 30))
CURRENCY = st.sampled_from(("USD", "EUR"))
POSTINGS = st.lists(
    st.builds(
        Posting,
        project=st.sampled_from(PROJECTS),
        source=st.sampled_from(SOURCES),
        kind=st.sampled_from(("1", "3", "4", "4", "self", "passed")),
        day=DAYS,
        amount=AMOUNT,
        currency=CURRENCY,
    ),
    max_size=10,
)
BOUND = st.lists(
    st.builds(
        Bound,
        project=st.sampled_from(PROJECTS[:2]),
        day=DAYS,
        released=st.none() | st.dates(Day(2022, 7, 1), Day(2022, 12, 31)) | st.just(Day(2021, 3, 3)),
        amount=AMOUNT,
        currency=CURRENCY,
    ).filter(lambda row: row.released is None or row.released >= row.day),
    max_size=4,
)
ALLOCATED = st.lists(
    st.builds(
        Allocated,
        project=st.sampled_from(PROJECTS),
        source=st.sampled_from(SOURCES),
        year=st.integers(2020, 2021),
        amount=AMOUNT,
        currency=CURRENCY,
    ),
    max_size=5,
    unique_by=lambda row: (row.project, row.source, row.year),
)


def put(session: Session, postings: list[Posting], bound: list[Bound], allocated: list[Allocated]) -> None:
    portfolio.set_up(session)
    for since, rate in EURO:
        body = {"currency": "EUR", "effective_on": since, "rate": str(rate.numerator / Decimal(rate.denominator))}
        put_rate(session, LOCAL, RateIn.model_validate(body))
    countries = [{"code": "KE", "percentage": "33.3"}, {"code": "GH", "percentage": "66.7"}]
    sectors = [{"code": "16020", "percentage": "33.3"}, {"code": "11330", "percentage": "66.7"}]
    portfolio.project(session, "P0", outcome="3:33.3|4:66.7", countries=countries, sectors=sectors)
    portfolio.project(session, "P1")
    portfolio.pool(session, "POOL")
    for number in range(2):
        category = (PartnerCategory.GOVERNMENT, PartnerCategory.UN_ENTITY)[number]
        portfolio.agreement(session, f"A{number}", portfolio.partner(session, f"D{number}", category).id or 0)
    for number, row in enumerate(postings):
        said = {"project": row.project, "type": row.kind, "agreement": row.source, **OF_ROWS[number % len(OF_ROWS)]}
        if row.kind == "self":
            said |= {"type": "3", "receiver": "XX-OWN"}
        if row.kind == "passed":
            home = "P0" if row.project == "POOL" else row.project
            said = {"project": home, "pool": "POOL", "type": "1"}
        elif row.project == "POOL":
            said = {**said, "pool": "POOL", "project": None}
        body = {**said, "document": f"T{number}", "date": row.day, "amount": row.amount, "currency": row.currency}
        put_transaction(session, LOCAL, TransactionIn.model_validate(body), today=TODAY)
    for number, held in enumerate(bound):
        body = {"document": f"N{number}", "project": held.project, "date": held.day, "released_on": held.released}
        body |= {"amount": held.amount, "currency": held.currency}
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(body), today=TODAY)
    for line in allocated:
        body = {"project": line.project, "fiscal_year": str(line.year), "kind": "original", "currency": line.currency}
        body |= {"amount": line.amount, "source": line.source, "decided_on": f"{line.year}-01-15"}
        put_allocation(session, LOCAL, AllocationIn.model_validate(body), today=TODAY)


def plain_sums(
    postings: list[Posting], bound: list[Bound], allocated: list[Allocated], period: str
) -> dict[tuple[str, str], Fraction]:
    """(column, project) and (column, source) → dollars, as known long afterwards."""
    start, end = PERIODS[period] if period in PERIODS else (Day(2021, 1, 1), TO_DATE[period])
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)

    def add(column: str, project: str, source: str | None, amount: Fraction) -> None:
        found[column, project] += amount
        found[column, source or "not attributed"] += amount
        found[column, PARTNER[source]] += amount if source else 0

    for row in postings:
        amount = dollars(row.amount, row.currency, row.day)
        if row.day > end:
            continue
        if row.kind in ("3", "4"):
            add("cumulative", row.project, row.source, amount)
            if row.day >= start:
                add("expenditure", row.project, row.source, amount)
        if row.kind == "1":
            add("receipts", row.project, row.source, amount)
        if row.kind == "passed":
            found["receipts", "P0" if row.project == "POOL" else row.project] += amount
            found["receipts", "POOL"] -= amount
    for held in bound:
        if held.day <= end and (held.released is None or held.released > end):
            add("encumbrance", held.project, None, dollars(held.amount, held.currency, held.day))
    for line in allocated:
        year = (Day(line.year, 1, 1), Day(line.year, 12, 31))
        first, last = (start, end) if period in PERIODS else (Day(2021, 1, 1), Day(2021, 12, 31))
        shared = (min(last, year[1]) - max(first, year[0])).days + 1
        share = Fraction(max(shared, 0), (year[1] - year[0]).days + 1)
        add("allocation", line.project, line.source, dollars(line.amount, line.currency, Day(line.year, 1, 15)) * share)
    return found


class Undone(Exception):
    """Leaves the transaction of an example without storing anything."""


COLUMNS = {
    EXPENDITURE: (("allocation", "allocation"), ("expenditure", "expenditure")),
    ENCUMBERED: (("allocation", "allocation"), ("expenditure", "expenditure"), ("encumbrance", "encumbrance")),
    CUMULATIVE: (("receipts", "receipts"), ("expenditure", "cumulative")),
}
#: dimensions that tables of a governing body combine
COMBINED = (("category", "assistance"), ("category", "outcome"), ("sector", "category"))
#: what rows of the ledger say beside
OF_ROWS: tuple[dict[str, str], ...] = ({}, {"assistance": "experts"}, {"sector": "43010", "assistance": "training"})
#: days are cut to cents by the allocation, and rows to cents by the report
CENTS = Fraction(6, 100)


def figure(cell: object) -> Fraction:
    return Fraction(str(cell))


def check_views(
    ask: Callable[..., ReportTable], variant: str, period: str, expected: dict[tuple[str, str], Fraction]
) -> None:
    tables = {by: ask(period=period, variant=variant, by=(by,)) for by in DIMENSIONS}
    for column, name in COLUMNS[variant]:
        plain = sum(
            (amount for (of, whose), amount in expected.items() if of == name and whose in PROJECTS), Fraction()
        )
        for by, table in tables.items():
            assert abs(figure(table.totals[column]) - plain) <= CENTS, (by, column)
            # the same figure in every view, and the same rate
            assert figure(table.totals[column]) == figure(tables["project"].totals[column]), (by, column)
            assert table.totals["rate"] == tables["project"].totals["rate"]
            if by not in TIME:
                assert sum(figure(row[column]) for row in table.rows) == figure(table.totals[column]), (by, column)
            if by in ("project", "source", "partner"):
                shown = {str(row[by]): figure(row[column]) for row in table.rows}
                said = {whose for of, whose in expected if of == name}
                of_kind = {"project": PROJECTS, "source": ("A0", "A1"), "partner": ("D0", "D1")}[by]
                for whose in set(of_kind) & said:
                    assert abs(shown.get(whose, Fraction()) - expected[name, whose]) <= CENTS, (by, whose, column)
    for pair in COMBINED:
        table = ask(period=period, variant=variant, by=pair)
        for column, _ in COLUMNS[variant]:
            assert figure(table.totals[column]) == figure(tables["project"].totals[column]), (pair, column)
            assert sum(figure(row[column]) for row in table.rows) == figure(table.totals[column]), (pair, column)
    for by in TIME:
        for row in tables[by].rows:
            alone = ask(period=str(row[by]), variant=variant, by=("project",))
            for column, _ in COLUMNS[variant]:
                assert figure(row[column]) == figure(alone.totals[column]), (by, row[by], column)
    if variant == EXPENDITURE and period in PERIODS:
        for column, _ in COLUMNS[variant]:
            by_year = sum(figure(row[column]) for row in tables["year"].rows)
            assert abs(by_year - figure(tables["year"].totals[column])) <= Fraction(1, 100)


# an example is small enough to be read as it is, and making it smaller takes minutes
@settings(
    max_examples=4, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    postings=POSTINGS,
    bound=BOUND,
    allocated=ALLOCATED,
    variant=st.sampled_from(tuple(COLUMNS)),
    period=st.sampled_from((*PERIODS, *TO_DATE)),
)
def test_every_view_of_the_delivery_report_says_the_same_and_what_was_posted(
    database: Database,
    postings: list[Posting],
    bound: list[Bound],
    allocated: list[Allocated],
    variant: str,
    period: str,
) -> None:
    with pytest.raises(Undone), database.write("tests") as session:
        put(session, postings, bound, allocated)

        def ask(**options: object) -> ReportTable:
            return run(session, "delivery", as_of=TODAY, **options)  # type: ignore[arg-type]

        check_views(ask, variant, period, plain_sums(postings, bound, allocated, period))
        narrowed = {"threshold": "70"}
        both = delivery_and_months(session, period=period, as_of=TODAY, by="source", currency=None, options=narrowed)
        apart = [ask(period=period, by=by, options=narrowed) for by in (("source",), ("source", "month"))]
        assert list(both) == apart
        raise Undone


def test_money_that_a_pool_passed_on_keeps_the_donors_shares_of_the_pool(database: Database) -> None:
    day = Day(2021, 1, 5)
    postings = [
        Posting("P0", "A0", "1", day, Decimal(100), "USD"),
        Posting("POOL", "A1", "1", day, Decimal(3000), "USD"),
        Posting("POOL", None, "1", day, Decimal(1000), "USD"),
        Posting("P0", None, "passed", day, Decimal(900), "USD"),
    ]
    with database.write("tests") as session:
        put(session, postings, [], [])
        table = run(session, "delivery", period="2021", as_of=TODAY, by=("project", "source"), variant=CUMULATIVE)
        receipts = {(row["project"], row["source"]): Decimal(str(row["receipts"])) for row in table.rows}
    assert receipts == {
        ("P0", "A0"): 100,
        ("P0", "A1"): 675,
        ("P0", "not attributed"): 225,
        ("POOL", "A1"): 2325,
        ("POOL", "not attributed"): 775,
    }
    assert Decimal(str(table.totals["receipts"])) == 4100
