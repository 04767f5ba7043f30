"""The report on regions: what is recorded, and what interregional projects spend for the regions of their countries."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlmodel import Session

from app.config import Settings
from app.db.engine import Database
from app.domain.regions import INTERREGIONAL, region_of
from app.reports.frame import ReportTable
from app.reports.service import run
from iati.codelists import code_set
from tests import portfolio
from tests.api import Api
from tests.portfolio import TODAY
from tests.queries import count_queries
from tests.reports.test_delivery import spend

#: shares of expenditure 2000-04 as printed; the print says that 24 % of interregional approvals were for Africa, so
#: that Africa has about 32 % in all, and that at least 53 % of them were for single countries
PRINTED = {"KE": "25.2", "PE": "17.3", "IN": "22.9", "FR": "5.7", "JO": "2.0"}
INTERREGIONAL_PRINTED = Decimal("26.9")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for country, share in PRINTED.items():
            portfolio.project(session, country, countries=[{"code": country}])
            spend(session, f"E-{country}", country, "2002-05-05", str(Decimal(share) * 1000))
        places = {"countries": [{"code": "GH", "percentage": "24"}, {"code": "IN", "percentage": "29"}]}
        portfolio.project(session, "INT", **places, regions=[{"code": "998", "percentage": "47"}])
        spend(session, "E-INT", "INT", "2002-05-05", str(INTERREGIONAL_PRINTED * 1000))
        yield session


def regions(session: Session, *by: str, period: str = "2000..2004") -> ReportTable:
    return run(session, "regions", period=period, as_of=TODAY, by=by)


def test_interregional_money_is_shared_out_over_the_regions_of_its_countries(session: Session) -> None:
    table = regions(session)
    assert table.columns == ("region", "recorded", "recorded_share", "attributed", "attributed_share")
    rows = {row["region"]: row for row in table.rows}
    assert list(rows)[-1] == "interregional"
    assert (rows["africa"]["recorded_share"], rows["africa"]["attributed_share"]) == ("25.20", "31.66")
    assert (rows["interregional"]["recorded"], rows["interregional"]["attributed"]) == ("26900.00", "12643.00")
    assert rows["americas"]["recorded"] == rows["americas"]["attributed"] == "17300.00"
    for view in ("recorded", "attributed"):
        assert sum(Decimal(str(row[view])) for row in table.rows) == Decimal(str(table.totals[view])) == 100000
        assert sum(Decimal(str(row[f"{view}_share"])) for row in table.rows) == 100


def test_a_row_s_country_comes_before_the_project_s_and_a_region_stands_for_itself(session: Session) -> None:
    spend(session, "E-ROW", "INT", "2003-01-01", "100", country="PE")
    portfolio.project(session, "REGIONAL", regions=[{"code": "289"}])
    spend(session, "E-REG", "REGIONAL", "2003-01-01", "50")
    portfolio.project(session, "NOWHERE")
    spend(session, "E-NO", "NOWHERE", "2003-01-01", "7")
    rows = {row["region"]: (row["recorded"], row["attributed"]) for row in regions(session, period="2003").rows}
    assert rows == {"africa": ("50", "50"), "americas": ("100", "100"), "interregional": ("7", "7")}


def test_countries_are_told_within_their_region(session: Session) -> None:
    rows = {(row["region"], row["country"]): row for row in regions(session, "country").rows}
    assert rows["africa", "GH"]["recorded"] == "0.00"
    assert rows["africa", "GH"]["attributed"] == "6456.00"
    assert rows["interregional", None]["recorded"] == "26900.00"


def test_attributed_is_what_the_delivery_report_says_by_region(session: Session) -> None:
    for by in (("region",), ("region", "country")):
        delivery = run(session, "delivery", period="2002", as_of=TODAY, by=by)
        spent = {tuple(row[name] for name in by): row["expenditure"] for row in delivery.rows}
        rows = regions(session, *by[1:], period="2002").rows
        own = {tuple(row[name] for name in by): row["attributed"] for row in rows if float(str(row["attributed"]))}
        assert own == spent


def test_every_country_lies_in_a_region_but_for_the_antarctic() -> None:
    assert {code for code in code_set("Country") if region_of(code) == INTERREGIONAL} == {"AQ"}
    assert {code for code in code_set("Region") if region_of(code) == INTERREGIONAL} == {"998"}


def test_a_missing_rate_is_told_and_no_figure_guessed(session: Session) -> None:
    spend(session, "E-EUR", "KE", "2002-05-05", "10", currency="EUR")
    table = regions(session)
    row = table.rows[0]
    assert (row["region"], row["recorded"], row["recorded_share"]) == ("africa", None, None)
    assert "EUR" in table.remarks[0]


def test_statements_do_not_follow_the_rows_and_the_interface_says_the_same(
    settings: Settings, database: Database
) -> None:
    api = Api(settings, database)
    counts = []
    for number in range(2):
        with database.write("tests") as session:
            portfolio.set_up(session)
            for place in range(1 + 5 * number):
                code = f"P{number}{place}"
                portfolio.project(session, code, countries=[{"code": "KE"}])
                spend(session, f"E-{code}", code, "2021-03-01", "1")
        with count_queries(database) as seen, database.read() as session:
            regions(session, period="2021")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    answer = api.client().get("/reports/regions", params={"period": "2021", "by": "country"}).json()
    assert answer["rows"] == [
        {"region": "africa", "country": "KE", "recorded": "7", "recorded_share": "100.00", "attributed": "7",
         "attributed_share": "100.00"}
    ]  # fmt: skip
