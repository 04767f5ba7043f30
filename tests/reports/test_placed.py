"""Approvals by where they go, contributors by what they are, and how fast either grew."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlmodel import Session

from app.db.engine import Database
from app.db.funding import Agreement, AgreementRevision, FundingShare
from app.db.spending import ExchangeRate
from app.domain.contributions import yearly_growth
from app.domain.terms import AgreementStatus, PartnerCategory
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from tests import portfolio
from tests.queries import count_queries
from tests.reports.test_delivery import spend

ON = dt.date(2026, 6, 30)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Of A's 1,000 six tenths go to Kenya and Peru, 3 to 1, a quarter to a project of no country, the rest to none."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        donor = portfolio.partner(session, "NLD")
        fund = portfolio.partner(session, "UNDP", PartnerCategory.UN_ENTITY)
        portfolio.unit(session, "ROAF")
        field = portfolio.project(
            session,
            "P",
            countries=[{"code": "KE", "percentage": "75"}, {"code": "PE", "percentage": "25"}],
            unit="ROAF",
        )
        wide = portfolio.project(session, "Q")
        for reference, partner, year, amount in (
            ("A", donor, 2024, "1000"),
            ("B", donor, 2026, "1210"),
            ("C", fund, 2025, "100"),
        ):
            made = portfolio.agreement(session, reference, partner.id or 0, amount)
            made.signed_on, made.gross = dt.date(year, 5, 1), True
            if reference == "A":
                portfolio.share(session, made.id or 0, field.id or 0, "60")
                portfolio.share(session, made.id or 0, wide.id or 0, "25")
        session.flush()
        yield session


def report(session: Session, name: str, *by: str, period: str = "2024..2026", **options: str) -> ReportTable:
    return run(session, name, period=period, as_of=ON, by=by, options=options)


def figures(table: ReportTable, by: str, figure: str) -> dict[Cell, Cell]:
    return {row[by]: row[figure] for row in table.rows}


def test_approvals_go_where_the_projects_are_that_they_are_shared_out_to(session: Session) -> None:
    regions = report(session, "approvals", "region", period="2024")
    assert figures(regions, "region", "total") == {"africa": "450.00", "interregional": "400.00", "americas": "150.00"}
    assert regions.totals["total"] == "1000.00"
    assert "shares of the agreement in projects" in regions.definition
    countries = report(session, "approvals", "country", period="2024")
    assert figures(countries, "country", "total") == {"KE": "450.00", "PE": "150.00", None: "400.00"}
    units = report(session, "approvals", "unit", period="2024")
    assert figures(units, "unit", "total") == {"ROAF": "600.00", None: "400.00"}
    crossed = report(session, "approvals", "category", "region")
    assert [tuple(row[name] for name in ("category", "region", "2024", "2025", "2026")) for row in crossed.rows] == [
        ("government", "interregional", "400.00", "0.00", "1210.00"),
        ("government", "africa", "450.00", "0.00", "0.00"),
        ("government", "americas", "150.00", "0.00", "0.00"),
        ("un-entity", "interregional", "0.00", "100.00", "0.00"),
    ]


def test_approvals_are_told_by_the_assistance_that_their_money_was_spent_on(session: Session) -> None:
    for number, (reference, amount, assistance) in enumerate(
        (("A", "30", "experts"), ("A", "10", "training"), ("A", "60", None), ("B", "5", "training"), (None, "9", "x"))
    ):
        spend(session, f"E{number}", "P", "2025-03-01", amount, agreement=reference, assistance=assistance)
    table = report(session, "approvals", "assistance")
    shown = [tuple(row[name] for name in ("assistance", "2024", "2025", "2026")) for row in table.rows]
    assert shown == [
        ("training", "100.00", "0.00", "1210.00"),
        ("not attributed", "600.00", "100.00", "0.00"),
        ("experts", "300.00", "0.00", "0.00"),
    ]
    assert table.totals["total"] == "2310.00"
    assert "shared out by what was spent under it by the day" in table.definition
    crossed = report(session, "approvals", "country", "assistance", period="2024")
    found = {(row["country"], row["assistance"]): row["total"] for row in crossed.rows}
    assert found["KE", "experts"] == "135.00"
    assert crossed.totals["total"] == "1000.00"
    # a part of what was spent has no rate: the other part says nothing of the whole
    spend(session, "XOF", "P", "2025-03-02", "900", agreement="B", assistance="experts", currency="XOF")
    unrated = figures(report(session, "approvals", "assistance"), "assistance", "2026")
    assert unrated == {"training": "0.00", "not attributed": "1210.00", "experts": "0.00"}
    # nothing was spent by then
    early = run(session, "approvals", period="2024", as_of=dt.date(2025, 2, 28), by=("assistance",))
    assert figures(early, "assistance", "total") == {"not attributed": "1000.00"}


def shared_out(session: Session, reference: str, **shares: tuple[str | None, str | None]) -> Agreement:
    """An agreement of 100 signed in 2023; by country the amount and the percentage of its share in a project there."""
    made = portfolio.agreement(session, reference, portfolio.partner(session, reference).id or 0, "100")
    made.signed_on = dt.date(2023, 5, 1)
    for country, (amount, percent) in shares.items():
        place = portfolio.project(session, f"{reference}/{country}", countries=[{"code": country}])
        row = FundingShare(agreement_id=made.id or 0, project_id=place.id or 0)
        row.amount = None if amount is None else Decimal(amount)
        row.percent = None if percent is None else Decimal(percent)
        session.add(row)
    session.flush()
    return made


def countries(session: Session, day: dt.date = ON, recorded_at: dt.datetime | None = None) -> dict[Cell, Cell]:
    """Approvals of 2023 by country: no agreement of the fixture is of that year."""
    table = run(session, "approvals", period="2023", as_of=day, recorded_at=recorded_at, by=("country",))
    return figures(table, "country", "total")


def test_an_amount_is_the_part_that_it_was_of_the_agreement_as_known_on_the_day(session: Session) -> None:
    made = shared_out(session, "AMENDED", KE=("100", None))
    made.amount = Decimal(200)
    for sequence, (day, amount) in enumerate((("2023-05-01", 100), ("2025-06-01", 200)), start=1):
        session.add(
            AgreementRevision(
                agreement_id=made.id or 0,
                sequence=sequence,
                known_on=dt.date.fromisoformat(day),
                reason="as decided",
                amount=Decimal(amount),
                status=AgreementStatus.SIGNED,
                recorded_at=dt.datetime(2023 + 2 * (sequence - 1), 7, 1, tzinfo=dt.UTC),
                recorded_by="tests",
            )
        )
    session.flush()
    assert countries(session, dt.date(2024, 12, 31)) == {"KE": "100.00"}
    assert countries(session) == {"KE": "50.00", None: "50.00"}
    # the amendment was not recorded then
    assert countries(session, recorded_at=dt.datetime(2025, 6, 15, tzinfo=dt.UTC)) == {"KE": "100.00"}


@pytest.mark.parametrize(
    ("shares", "given"),
    [
        ({"KE": (None, "50"), "UG": (None, None)}, {"KE": "50.00", "UG": "50.00"}),
        ({"KE": ("70", None), "UG": (None, None), "PE": (None, None)}, {"KE": "70.00", "UG": "15.00", "PE": "15.00"}),
        ({"KE": (None, "100"), "UG": (None, None)}, {"KE": "100.00"}),
        ({"UG": (None, None)}, {"UG": "100.00"}),
    ],
)
def test_shares_without_a_size_take_what_the_others_leave(
    session: Session, shares: dict[str, tuple[str | None, str | None]], given: dict[str, str]
) -> None:
    shared_out(session, "OPEN", **shares)
    assert countries(session) == given


def test_places_of_approvals_cost_the_same_statements_whatever_the_portfolio(
    database: Database, session: Session
) -> None:
    # what was renamed since decisions were made is read once in a transaction
    report(session, "approvals", "region")
    with count_queries(database) as few:
        report(session, "approvals", "region")
    donor = portfolio.partner(session, "SWE")
    for number in range(5):
        made = portfolio.agreement(session, f"S{number}", donor.id or 0)
        portfolio.share(
            session, made.id or 0, portfolio.project(session, f"S/{number}", countries=[{"code": "KE"}]).id or 0
        )
    with count_queries(database) as many:
        report(session, "approvals", "region")
    assert len(many) == len(few)


def test_kinds_of_partners_are_ranked_by_what_was_spent_of_their_money(session: Session) -> None:
    spend(session, "E1", "P", "2024-06-01", "40", agreement="A")
    spend(session, "E2", "P", "2026-06-01", "10", agreement="A")
    spend(session, "E3", "Q", "2025-06-01", "150", agreement="C")
    table = report(session, "contributors", "category", basis="expenditure")
    assert table.columns[:2] == ("rank", "category")
    assert [(row["rank"], row["category"], row["amount"], row["share"]) for row in table.rows] == [
        (1, "un-entity", "150", "75.00"),
        (2, "government", "50", "25.00"),
    ]
    assert "category of the partners" in table.definition
    # without a subcategory there is a row too
    assert [row["subcategory"] for row in report(session, "contributors", "subcategory").rows] == [None]
    assert report(session, "contributors").columns[:2] == ("rank", "partner")


def test_only_rates_that_counted_amounts_rest_on_are_named(session: Session) -> None:
    for currency, reference in (("EUR", "D"), ("CHF", "ASSESSED")):
        session.add(ExchangeRate(currency=currency, effective_on=ON, rate=Decimal("0.9"), recorded_by="tests"))
        made = portfolio.agreement(session, reference, portfolio.partner(session, reference).id or 0)
        made.currency, made.signed_on = currency, ON
        if reference == "ASSESSED":
            made.corporate_wording, made.category, made.modality = "regular budget", 1, "C"
    session.flush()
    for name in ("approvals", "contributors"):
        assert [rate.currency for rate in report(session, name).rates] == ["EUR"]
        assert [rate.currency for rate in report(session, name, kind="assessed").rates] == ["CHF"]


def test_growth_is_that_of_each_year_from_the_first_to_the_last(session: Session) -> None:
    for name in ("approvals", "contributors"):
        table = report(session, name, *(("partner",) if name == "approvals" else ()))
        assert figures(table, "partner", "growth") == {"NLD": "10.00", "UNDP": None}
        assert table.totals["growth"] == "10.00"
        assert "Growth:" in table.definition
        assert "growth" not in report(session, name, period="2024").columns


@pytest.mark.parametrize(
    ("before", "after", "months", "growth"),
    [
        # expenditure of 91 in 2000 and 171 in 2005, told as 13 percent a year
        ("91", "171", 60, "13.45"),
        ("100", "50", 12, "-50.00"),
        ("100", "400", 24, "100.00"),
        ("0", "5", 12, None),
        ("5", "0", 12, None),
        ("-5", "5", 12, None),
    ],
)
def test_growth_of_figures(before: str, after: str, months: int, growth: str | None) -> None:
    found = yearly_growth(Decimal(before), Decimal(after), months)
    assert (found and str(round(found, 2))) == growth
