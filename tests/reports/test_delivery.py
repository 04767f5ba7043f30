"""The delivery report: sums of the database, shared out and converted, that always add up."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from app.db.base import key
from app.db.engine import Database
from app.db.projects import Classification
from app.domain.access import LOCAL
from app.domain.terms import PartnerCategory
from app.errors import InvalidInput, NotFound
from app.reports.delivery import DELIVERY, TIME
from app.reports.frame import ReportTable
from app.reports.registry import REPORTS
from app.reports.service import run
from app.reports.writers import to_csv
from app.spending.schemas import AllocationIn, EncumbranceIn, RateIn, TransactionIn
from app.spending.service import put_allocation, put_encumbrance, put_rate, put_transaction
from tests import portfolio
from tests.conftest import nothing_stays
from tests.portfolio import TODAY
from tests.queries import count_queries

Figures = dict[str, tuple[str | None, str | None, str | None]]


def allocate(session: Session, project: str, year: str, amount: str, **values: Any) -> None:
    row = {"project": project, "fiscal_year": year, "kind": "original", "decided_on": f"{year[:4]}-01-15"}
    row |= {"amount": amount, "currency": "USD", **values}
    put_allocation(session, LOCAL, AllocationIn.model_validate(row), today=TODAY)


def spend(session: Session, document: str, project: str, date: str, amount: str, **values: Any) -> None:
    row = {"document": document, "project": project, "type": "4", "date": date, "amount": amount, "currency": "USD"}
    put_transaction(session, LOCAL, TransactionIn.model_validate(row | values), today=TODAY)


def figures(table: ReportTable) -> Figures:
    """First column → allocation, expenditure, rate."""
    return {
        str(row[table.columns[0]]): (row["allocation"], row["expenditure"], row["rate"])  # type: ignore[misc]
        for row in table.rows
    }


def delivery(session: Session, period: str = "2021", as_of: dt.date = TODAY, **options: Any) -> ReportTable:
    return run(session, "delivery", period=period, as_of=as_of, **options)


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Database:
    """One project of two countries, one of none, a pool, a donor's part."""
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
        for code, region in (("AFRICA", "africa"), ("ASIA", "asia")):
            portfolio.unit(session, code).region = region
        session.flush()
        countries = [{"code": "GH", "percentage": "33.3"}, {"code": "CI", "percentage": "66.7"}]
        portfolio.project(session, "COCOA", unit="AFRICA", outcome="3", countries=countries)
        portfolio.project(session, "GARMENT", unit="ASIA")
        portfolio.pool(session, "RBSA")
        partner = portfolio.partner(session, "NLD")
        portfolio.agreement(session, "NLD-1", partner.id or 0)
        allocate(session, "COCOA", "2021", "1000", source="NLD-1")
        allocate(session, "COCOA", "2021", "500", source="RB")
        allocate(session, "GARMENT", "2021", "250")
        spend(session, "E1", "COCOA", "2021-02-10", "600.10")
        spend(session, "E2", "COCOA", "2021-11-10", "300", type="3")
        spend(session, "E3", "GARMENT", "2021-06-30", "300")
        spend(session, "E4", "GARMENT", "2022-01-01", "7")
        spend(session, "T1", "COCOA", "2021-03-01", "9000", pool="RBSA", type="3")
        spend(session, "T2", "COCOA", "2021-03-01", "9000", pool="RBSA", type="1")
    return shared_database


@pytest.fixture
def session(office: Database) -> Iterator[Session]:
    """A writing session on what the tests share, of which nothing stays."""
    with nothing_stays(office) as session:
        yield session


def test_a_rate_is_expenditure_over_allocation_and_a_roll_up_the_ratio_of_sums(session: Session) -> None:
    table = delivery(session)
    assert figures(table) == {"COCOA": ("1500", "900.10", "60.01"), "GARMENT": ("250", "300", "120.00")}
    assert table.totals == {"allocation": "1750", "expenditure": "1200.10", "rate": "68.58"}
    assert "expenditure/allocation" in table.definition
    shown = table.as_dict()
    assert (shown["columns"], shown["currency"]) == (["project", "allocation", "expenditure", "rate"], "USD")


def test_figures_are_as_known_on_the_day(session: Session) -> None:
    allocate(session, "COCOA", "2021", "800", source="NLD-1", kind="revised", decided_on="2021-09-01")
    assert figures(delivery(session, as_of=dt.date(2021, 6, 29))) == {
        "COCOA": ("1500", "600.10", "40.01"),
        "GARMENT": ("250", "0", "0.00"),
    }
    assert figures(delivery(session))["COCOA"] == ("1300", "900.10", "69.24")


def test_an_adjustment_counts_from_its_own_date(session: Session) -> None:
    spend(session, "E5", "COCOA", "2021-12-01", "-100.10", adjusts="E1", reason="Charged twice")
    assert figures(delivery(session, as_of=dt.date(2021, 11, 30)))["COCOA"][1] == "900.10"
    assert figures(delivery(session))["COCOA"][1] == "800.00"


def test_a_disbursement_to_oneself_is_no_expenditure_nor_is_its_correction(session: Session) -> None:
    portfolio.project(session, "OTHER")
    before = figures(delivery(session))
    spend(session, "S1", "COCOA", "2021-05-01", "100", type="3", receiver="XX-OWN")
    spend(session, "S2", "COCOA", "2021-05-02", "-30", type="3", adjusts="S1", reason="Too much was passed on.")
    assert figures(delivery(session)) == before
    spend(session, "S3", "COCOA", "2021-05-03", "7", type="3", receiver="Carpenters of Accra")
    assert figures(delivery(session))["COCOA"][1] == "907.10"


def test_an_archived_project_keeps_its_figures_of_the_past(session: Session) -> None:
    before = figures(delivery(session))
    portfolio.project(session, "GARMENT").archived_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    session.flush()
    assert figures(delivery(session)) == before


def test_without_an_allocation_there_is_no_rate(session: Session) -> None:
    assert figures(delivery(session, "2022")) == {"GARMENT": ("0", "7", None)}


def test_projects_without_figures_are_left_out(session: Session) -> None:
    table = delivery(session, "2015")
    assert (table.rows, table.totals["rate"]) == ((), None)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("unit", {"AFRICA": ("1500", "900.10", "60.01"), "ASIA": ("250", "300", "120.00")}),
        ("unit-region", {"africa": ("1500", "900.10", "60.01"), "asia": ("250", "300", "120.00")}),
        ("outcome", {"3": ("1500", "900.10", "60.01"), "None": ("250", "300", "120.00")}),
        # shared out by 33.3 and 66.7 %, and rounded so that the column still makes 1200.10
        (
            "country",
            {
                "CI": ("1000.50", "600.37", "60.01"),
                "GH": ("499.50", "299.73", "60.01"),
                "None": ("250.00", "300.00", "120.00"),
            },
        ),
        # spending that names no source is nobody's
        (
            "source",
            {
                "NLD-1": ("1000", "0", "0.00"),
                "RB": ("500", "0", "0.00"),
                "not attributed": ("250", "1200.10", "480.04"),
            },
        ),
        (
            "partner",
            {
                "NLD": ("1000", "0", "0.00"),
                "not attributed": ("250", "1200.10", "480.04"),
                "None": ("500", "0", "0.00"),
            },
        ),
        ("year", {"2021": ("1750", "1200.10", "68.58")}),
        (
            "quarter",
            {
                "2021-Q1": ("1750", "600.10", "34.29"),
                "2021-Q2": ("1750", "900.10", "51.43"),
                "2021-Q3": ("1750", "900.10", "51.43"),
                "2021-Q4": ("1750", "1200.10", "68.58"),
            },
        ),
    ],
)
def test_delivery_is_told_by_any_dimension(session: Session, by: str, expected: Figures) -> None:
    table = delivery(session, by=(by,))
    assert figures(table) == expected
    assert Decimal(str(table.totals["expenditure"])) == Decimal("1200.10")


def test_delivery_is_told_by_sector_of_the_row_or_else_of_the_project(session: Session) -> None:
    shares = [{"code": "16020", "percentage": "75"}, {"code": "11330", "percentage": "25"}]
    portfolio.project(session, "SPLIT", sectors=shares)
    three = [{"code": "113", "percentage": "100", "vocabulary": "2"}]
    portfolio.project(session, "COARSE", sectors=three)
    portfolio.project(session, "BOTH", sectors=[{"code": "43010", "percentage": "100"}, *three])
    # as a published file may bring it
    naught = portfolio.project(session, "NAUGHT", sectors=three)
    for code in ("11110", "11120"):
        session.add(Classification(project_id=key(naught), kind="sector", code=code, percentage=Decimal(0), ordinal=9))
    for code in ("SPLIT", "COARSE", "BOTH"):
        allocate(session, code, "2022", "100")
    spend(session, "S1", "SPLIT", "2022-02-01", "40")
    spend(session, "S2", "SPLIT", "2022-02-02", "10", sector="31110")
    spend(session, "S3", "COARSE", "2022-02-03", "20")
    spend(session, "S4", "BOTH", "2022-02-04", "5")
    # purpose codes of 0 % say nothing
    spend(session, "S5", "NAUGHT", "2022-02-05", "1")
    expected: Figures = {
        "113": ("100.00", "21.00", "21.00"),
        "11330": ("25.00", "10.00", "40.00"),
        "16020": ("75.00", "30.00", "40.00"),
        "31110": ("0.00", "10.00", None),
        "43010": ("100.00", "5.00", "5.00"),
        # what was posted elsewhere names none
        "None": ("0.00", "7.00", None),
    }
    table = delivery(session, "2022", by=("sector",))
    assert figures(table) == expected
    assert "Sector: as recorded on the row or else by the project's sectors" in table.definition
    crossed = delivery(session, "2022", by=("project", "sector"))
    assert [(row["project"], row["sector"], row["expenditure"]) for row in crossed.rows][-3:] == [
        ("SPLIT", "11330", "10.00"),
        ("SPLIT", "16020", "30.00"),
        ("SPLIT", "31110", "10.00"),
    ]


def test_delivery_is_told_by_the_kind_of_partner_and_that_by_assistance_and_outcome(session: Session) -> None:
    fund = portfolio.partner(session, "MPTF", PartnerCategory.UN_POOLED_FUND)
    fund.subcategory = "joint-programme"
    portfolio.agreement(session, "MPTF-1", fund.id or 0)
    allocate(session, "COCOA", "2021", "200", source="MPTF-1")
    spend(session, "K1", "COCOA", "2021-02-01", "50", agreement="MPTF-1", assistance="experts")
    spend(session, "K2", "COCOA", "2021-02-02", "25", agreement="NLD-1", assistance="training")
    assert figures(delivery(session, by=("category",))) == {
        "government": ("1000", "25", "2.50"),
        "not attributed": ("250", "1200.10", "480.04"),
        "un-pooled-fund": ("200", "50", "25.00"),
        # own resources
        "None": ("500", "0", "0.00"),
    }
    assert figures(delivery(session, by=("subcategory",)))["joint-programme"] == ("200", "50", "25.00")
    for by, told in (
        ("assistance", {("government", "training"): "25", ("un-pooled-fund", "experts"): "50"}),
        ("outcome", {("government", "3"): "25", ("un-pooled-fund", "3"): "50"}),
    ):
        table = delivery(session, by=("category", by))
        found = {(row["category"], row[by]): row["expenditure"] for row in table.rows if row["expenditure"] != "0"}
        assert {key: found[key] for key in told} == told
        assert table.totals == delivery(session).totals


def test_what_a_row_says_itself_goes_before_percentages(session: Session) -> None:
    spend(session, "E6", "COCOA", "2021-12-01", "50", country="UG", agreement="NLD-1")
    assert figures(delivery(session, by=("country",)))["UG"][1] == "50.00"
    assert figures(delivery(session, by=("source",)))["NLD-1"][1] == "50"


def test_spending_that_names_no_source_is_not_guessed_from_funding_shares(session: Session) -> None:
    project = portfolio.project(session, "NEW")
    swiss = portfolio.agreement(session, "CHE-1", portfolio.partner(session, "CHE").id or 0)
    portfolio.share(session, swiss.id or 0, project.id or 0)
    spend(session, "E7", "NEW", "2021-05-05", "80")
    assert "CHE" not in figures(delivery(session, by=("partner",)))
    spend(session, "E8", "NEW", "2021-05-05", "20", agreement="CHE-1")
    assert figures(delivery(session, by=("partner",)))["CHE"] == ("0", "20", None)


def test_several_periods_stand_side_by_side(session: Session) -> None:
    table = delivery(session, "2020..2022", by=("unit",))
    assert table.columns[:4] == ("unit", "allocation 2020", "expenditure 2020", "rate 2020")
    row = table.rows[1]
    assert (row["unit"], row["rate 2020"], row["rate 2021"], row["expenditure 2022"]) == ("ASIA", None, "120.00", "7")


def test_an_allocation_across_years_is_shared_out_by_days(session: Session) -> None:
    row = {"fiscal_year": "2022-12-01..2023-01-31", "decided_on": "2022-11-01"}
    allocate(session, "GARMENT", "2022", "62", **row)
    rates = {year: figures(delivery(session, year)).get("GARMENT") for year in ("2022", "2023")}
    assert (rates["2022"], rates["2023"]) == (("31.00", "7", "22.58"), ("31.00", "0", "0.00"))


def test_encumbrances_count_in_their_variant_only_and_until_they_end(session: Session) -> None:
    for document, kind, released in (("N1", "encumbrance", None), ("N2", "advance", None), ("N3", "encumbrance", 1)):
        row = {"document": document, "project": "COCOA", "date": "2021-12-01", "amount": "100", "currency": "USD"}
        row |= {"kind": kind} | ({"released_on": "2021-12-15"} if released else {})
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(row), today=TODAY)
    variant = "(expenditure+encumbrance)/allocation"
    (cocoa, _) = delivery(session, variant=variant).rows
    assert (cocoa["expenditure"], cocoa["encumbrance"], cocoa["rate"]) == ("900.10", "100", "66.67")
    (before, _) = delivery(session, variant=variant, as_of=dt.date(2021, 12, 14)).rows
    assert before["encumbrance"] == "200"
    assert figures(delivery(session))["COCOA"][1] == "900.10"


def test_cumulative_expenditure_over_receipts_reaches_back_to_the_beginning(session: Session) -> None:
    spend(session, "R1", "GARMENT", "2020-01-10", "1000", type="1")
    spend(session, "E8", "GARMENT", "2020-02-10", "100")
    table = delivery(session, variant="cumulative expenditure/receipts")
    rows = {row["project"]: (row["receipts"], row["expenditure"], row["rate"]) for row in table.rows}
    assert rows["GARMENT"] == ("1000", "400", "40.00")
    # what the pool passed on is the project's receipt, and counts once in the whole portfolio
    assert rows["COCOA"] == ("9000", "900.10", "10.00")
    assert table.totals["receipts"] == "1000"


def test_currencies_are_converted_by_the_rate_of_the_day(session: Session) -> None:
    for day, rate in (("2021-01-01", "0.8"), ("2021-07-01", "0.5")):
        body = RateIn.model_validate({"currency": "EUR", "effective_on": day, "rate": rate})
        put_rate(session, LOCAL, body)
    allocate(session, "GARMENT", "2021", "80", currency="EUR", source="EU")
    spend(session, "E9", "GARMENT", "2021-08-01", "10", currency="EUR")
    spend(session, "E10", "GARMENT", "2021-08-01", "10", currency="EUR", value_date="2021-06-30")
    # 250 + 80 / 0.8; 300 + 10 / 0.5 + 10 / 0.8
    assert figures(delivery(session))["GARMENT"] == ("350.00", "332.50", "95.00")
    in_euro = delivery(session, currency="EUR")
    assert figures(in_euro)["GARMENT"][0] == "280.00"


def test_a_missing_rate_is_told_and_never_guessed(session: Session) -> None:
    spend(session, "E11", "GARMENT", "2021-08-01", "10", currency="CHF")
    table = delivery(session)
    assert figures(table)["GARMENT"] == ("250.00", None, None)
    assert figures(table)["COCOA"] == ("1500.00", "900.10", "60.01")
    assert table.totals["expenditure"] is None
    assert any("no rate of CHF on or before 2021-08-01" in remark for remark in table.remarks)


def test_two_dimensions_are_combined(session: Session) -> None:
    table = delivery(session, by=("quarter", "unit"))
    assert table.columns == ("quarter", "unit", "allocation", "expenditure", "rate")
    assert [(row["quarter"], row["unit"]) for row in table.rows[:3]] == [
        ("2021-Q1", "AFRICA"),
        ("2021-Q1", "ASIA"),
        ("2021-Q2", "AFRICA"),
    ]


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"period": "soon"}, "/query/period"),
        ({"by": ("planet",)}, "/query/by"),
        ({"by": ("unit", "unit")}, "/query/by"),
        ({"variant": "best"}, "/query/variant"),
        ({"currency": "QQQ"}, "/query/currency"),
        ({"options": {"top": "3"}}, "/query/top"),
        ({"options": {"partner": "NOBODY"}}, "/query/partner"),
    ],
)
def test_what_the_report_does_not_know_is_told(session: Session, options: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as error:
        delivery(session, **options)
    assert [fault.pointer for fault in error.value.faults] == [pointer]
    with pytest.raises(NotFound, match="delivery"):
        run(session, "wishes", as_of=TODAY)


def test_an_allocation_across_the_period_comes_to_the_same_cents_however_it_is_grouped(session: Session) -> None:
    before = Decimal(str(delivery(session, "2021", by=("unit",)).totals["allocation"]))
    for number in range(7):
        shares = (("KE", "33.4"), ("GH", "33.3"), ("UG", "33.3"))
        countries = [{"code": code, "percentage": percentage} for code, percentage in shares]
        portfolio.project(session, f"P{number}", countries=countries)
        allocate(session, f"P{number}", "2020-21", "100.01")
    tables = [delivery(session, "2021", by=(by,)) for by in ("project", "country", "unit")]
    # each project's part of 2021 is 365 of 731 days, in cents: 49.94, and not 7 times the exact 49.9366
    assert {str(each.totals["allocation"]) for each in tables} == {f"{before + Decimal('349.58'):f}"}
    assert len({each.totals["rate"] for each in tables}) == 1


def test_the_current_year_is_the_usual_period(session: Session) -> None:
    assert run(session, "delivery", as_of=dt.date(2021, 5, 1)).period == "2021"


def test_the_number_of_statements_does_not_grow(session: Session, office: Database) -> None:
    counts = []
    for round_ in range(2):
        with count_queries(office) as statements:
            delivery(session, "2019..2022", by=("source", "country"))
        counts.append(len(statements))
        for number in range(20):
            project = portfolio.project(session, f"N/{round_}/{number}")
            spend(session, f"N-{round_}-{number}", project.code, "2021-05-05", "80")
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_every_report_says_what_it_is() -> None:
    names = [report.name for report in REPORTS]
    assert len(set(names)) == len(names)
    assert all(report.definition and report.sentence for report in REPORTS)
    assert set(TIME) <= set(DELIVERY.dimensions)


def test_a_line_of_csv_that_tells_the_definition_begins_with_its_mark(session: Session) -> None:
    for variant in DELIVERY.variants:
        table = delivery(session, variant=variant, by=("country", "source", "partner"))
        lines = to_csv(table).decode("utf-8-sig").splitlines()
        assert [line for line in lines if "definition: " in line] == [f"# definition: {table.definition}"]


def test_delivery_that_is_projected_below_a_threshold_is_told(session: Session) -> None:
    on = dt.date(2021, 7, 2)
    asked = {"threshold": "90"}
    table = run(session, "delivery", period="2021", as_of=on, by=("project",), options=asked)
    # 600.10 of 1500 on the 183rd day of 365
    (told,) = table.remarks
    assert told.startswith("COCOA: 40.01 % is delivered when 50.14 % of the time has passed")
    assert told.endswith("at this pace it will be 79.79 % and below 90 %.")
    assert run(session, "delivery", period="2021", as_of=on, options={"threshold": "70"}).remarks == ()
    assert delivery(session, as_of=on).remarks == ()


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"project": "COCOA"}, {"COCOA": ("1500", "900.10", "60.01")}),
        ({"unit": "ASIA"}, {"GARMENT": ("250", "300", "120.00")}),
        ({"unit": "AFRICA", "project": "GARMENT"}, {}),
        ({"officer": "ama"}, {"GARMENT": ("250", "300", "120.00")}),
        ({"partner": "NLD"}, {"COCOA": ("1000", "0", "0.00")}),
        ({"partner": "NLD", "unit": "ASIA"}, {}),
    ],
)
def test_delivery_of_one_project_unit_officer_or_partner(
    session: Session, options: dict[str, str], rows: Figures
) -> None:
    garment = portfolio.project(session, "GARMENT")
    garment.officer_id = portfolio.officer(session, "ama", garment.unit_id or 0).id
    session.flush()
    table = delivery(session, options=options)
    assert figures(table) == rows
    assert all(f"Only {option} {code}." in table.definition for option, code in options.items())
    # whatever it is grouped by, and one figure with the report that shows all
    whole = [Decimal(str(table.totals[name])) for name in ("allocation", "expenditure")]
    for by in DELIVERY.dimensions:
        totals = delivery(session, by=(by,), options=options).totals
        assert [Decimal(str(totals[name])) for name in ("allocation", "expenditure")] == whole, by


def test_what_a_pool_passed_on_is_told_on_the_side_that_is_asked_for(session: Session) -> None:
    cumulative = "cumulative expenditure/receipts"
    receipts = {
        code: delivery(session, variant=cumulative, options={"project": code}).totals["receipts"]
        for code in ("COCOA", "RBSA")
    }
    assert receipts == {"COCOA": "9000", "RBSA": "-9000"}


@pytest.mark.parametrize("option", ["project", "unit", "officer", "partner"])
def test_whom_nobody_knows_is_told(session: Session, option: str) -> None:
    with pytest.raises(InvalidInput) as error:
        delivery(session, options={option: "NOBODY"})
    assert [(fault.pointer, fault.message) for fault in error.value.faults] == [
        (f"/query/{option}", f"There is no {option} 'NOBODY'.")
    ]
