"""Books that printed tables are made of, and how those are asked for."""

import datetime as dt

from sqlmodel import Session

from app.domain.earmarking import Wording
from app.domain.terms import PartnerCategory
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from tests import portfolio

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
