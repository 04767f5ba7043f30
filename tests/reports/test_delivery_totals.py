"""Whatever is spent and allocated: the rows of the delivery report make its total, and all groupings the same one."""

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.reports.frame import ReportTable
from app.spending.schemas import RateIn
from app.spending.service import put_rate
from tests import portfolio
from tests.reports.test_delivery import allocate, delivery, spend


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("delivery") / "earmark.db")
    return open_database(Settings(database_url=f"sqlite:///{path}"))


MONEY = st.decimals("0", "99999", places=4).map(lambda amount: f"{amount:f}")
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2022, 12, 31))
SHARES = st.lists(st.integers(1, 999), min_size=1, max_size=3)


class Undone(Exception):
    """Leaves the transaction of an example without storing anything."""


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shares=st.lists(SHARES, min_size=1, max_size=3),
    spending=st.lists(st.tuples(st.integers(0, 2), DAYS, MONEY, st.sampled_from(("USD", "EUR"))), max_size=8),
    allocations=st.lists(
        st.tuples(st.integers(0, 2), st.integers(2019, 2022), MONEY, st.sampled_from("AB")), max_size=6
    ),
    period=st.sampled_from(("2021", "2020-21", "2021-Q2", "2020-03-15..2021-10-05")),
    as_of=DAYS,
)
def test_rows_always_make_the_total_whatever_they_are_grouped_by(
    store: Database,
    shares: list[list[int]],
    spending: list[tuple[int, dt.date, str, str]],
    allocations: list[tuple[int, int, str, str]],
    period: str,
    as_of: dt.date,
) -> None:
    tables: list[ReportTable] = []
    later: list[ReportTable] = []
    with pytest.raises(Undone), store.write("tests") as session:
        portfolio.set_up(session)
        put_rate(
            session, LOCAL, RateIn.model_validate({"currency": "EUR", "effective_on": "2018-01-01", "rate": "0.7"})
        )
        for place, weights in enumerate(shares):
            percentages = [Decimal(weight) * 100 / 1000 for weight in weights[:-1]]
            rest = 100 - sum(percentages, Decimal(0))
            codes = ("KE", "GH", "UG")
            items = [
                {"code": code, "percentage": f"{part:f}"}
                for code, part in zip(codes, [*percentages, rest], strict=False)
            ]
            countries = items if rest >= 0 else [{"code": "KE", "percentage": "100"}]
            portfolio.project(session, f"P{place}", countries=countries)
        for place, (project, day, amount, currency) in enumerate(spending):
            if Decimal(amount):
                code = f"P{project % len(shares)}"
                spend(session, f"S{place}", code, day.isoformat(), amount, currency=currency)
        for project, year, amount, source in allocations:
            allocate(session, f"P{project % len(shares)}", str(year), amount, source=source)
        tables = [delivery(session, period, as_of, by=(by,)) for by in ("project", "country", "source", "unit")]
        later = [delivery(session, period, as_of + dt.timedelta(days=200))]
        raise Undone
    for table in tables:
        for column in ("allocation", "expenditure"):
            rows = sum((Decimal(str(row[column])) for row in table.rows), Decimal(0))
            assert rows == Decimal(str(table.totals[column])), (table.columns, column)
            # by project there are only sums, printed with all their decimals; the others are rounded to cents
            assert abs(Decimal(str(table.totals[column])) - Decimal(str(tables[0].totals[column]))) <= Decimal("0.005")
        assert table.totals["rate"] == tables[0].totals["rate"]
    # nothing here is negative, so what is known can only grow
    assert Decimal(str(later[0].totals["expenditure"])) >= Decimal(str(tables[0].totals["expenditure"]))
