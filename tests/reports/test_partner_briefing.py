"""The briefing on a partner, against printed figures of one donor, and how receipts stand against a schedule."""

import csv
import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from app.config import Settings
from app.db.engine import Database
from app.db.funding import Agreement, Instalment
from app.db.spending import ExchangeRate
from app.domain.schedule import InstalmentState, match
from app.domain.terms import AgreementStatus
from app.errors import InvalidInput
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from app.reports.writers import to_csv, to_xlsx
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries
from tests.reports.test_delivery import allocate, spend

ON = dt.date(2021, 6, 30)
#: thousands of US dollars as printed: assessed, unearmarked, earmarked; the sums are those of the print too
PRINTED = {"2018": (5640, 5000, 5240, 15880), "2019": (5640, 5000, 15040, 25680), "2020": (5365, 4999, 19830, 30194)}


def signed(session: Session, reference: str, partner_id: int, day: dt.date, amount: int, wording: str) -> Agreement:
    made = portfolio.agreement(session, reference, partner_id, str(amount))
    made.signed_on = day
    made.corporate_wording = wording
    made.category = 1 if wording != "earmarked" else 4
    session.flush()
    return made


def load(session: Session) -> None:
    portfolio.set_up(session)
    donor = portfolio.partner(session, "NLD")
    donor.note = "Asks for reports on substance and finance."
    other = portfolio.partner(session, "OTHER")
    for year, figures in PRINTED.items():
        day = dt.date(int(year), 3, 1)
        words = ("regular budget", "unearmarked", "earmarked")
        for wording, figure in zip(words, figures[:3], strict=True):
            signed(session, f"{year}-{wording}".replace(" ", "-"), donor.id or 0, day, figure, wording)
        signed(session, f"OTHER-{year}", other.id or 0, day, 16000, "earmarked")
    running = session.get(Agreement, signed(session, "PROSPECTS", donor.id or 0, ON, 94, "earmarked").id)
    assert running is not None
    running.ends_on = dt.date(2021, 12, 31)
    for due_on, amount in (("2021-01-31", 40), ("2021-03-31", 30), ("2021-09-30", 24)):
        row = Instalment(agreement_id=running.id or 0, due_on=dt.date.fromisoformat(due_on), amount=Decimal(amount))
        session.add(row)
    project = portfolio.project(session, "P", planned_start="2020-01-01", planned_end="2021-12-31")
    portfolio.share(session, running.id or 0, project.id or 0)
    allocate(session, "P", "2021", "100", source="PROSPECTS")
    spend(session, "E", "P", "2021-05-05", "40", agreement="PROSPECTS")
    spend(session, "R", "P", "2021-02-10", "50", agreement="PROSPECTS", type="1")


@pytest.fixture
def donor(database: Database) -> Database:
    with database.write("tests") as session:
        load(session)
    return database


def briefing(database: Database, partner: str = "NLD", period: str = "2018..2021") -> ReportTable:
    with database.read() as session:
        return run(session, "partner-briefing", period=period, as_of=ON, options={"partner": partner})


def section(table: ReportTable, name: str) -> list[dict[str, Cell]]:
    return [row for row in table.rows if row["section"] == name]


def test_contributions_are_as_printed_with_rank_and_share(donor: Database) -> None:
    given = {(row["day"], row["item"]): row for row in section(briefing(donor), "contribution")}
    for year, figures in PRINTED.items():
        found = [given[year, name]["amount"] for name in ("assessed", "rbsa", "non-core", "total")]
        assert found == [str(figure) for figure in figures]
    assert [given[year, "non-core"]["rank"] for year in PRINTED] == [2, 2, 1]
    assert given["2019", "total"]["share"] == "61.61"


def test_files_hold_what_was_given_in_all_apart_from_the_kinds_of_money(donor: Database) -> None:
    table = briefing(donor)
    in_all = sum(row["item"] == "total" for row in section(table, "contribution"))
    assert in_all == 4

    def named(content: bytes) -> list[str]:
        rows = csv.DictReader(content.decode("utf-8-sig").splitlines())
        return [row["item"] for row in rows if row["section"] == "contribution"]

    assert set(named(to_csv(table))) == {"assessed", "rbsa", "non-core"}
    assert named(to_csv(table, totals=True)).count("total") == in_all
    book = load_workbook(BytesIO(to_xlsx(table)))
    first, apart = ([row[1].value for row in book[name].iter_rows()] for name in ("partner-briefing", "Totals"))
    assert ("total" in first, apart) == (False, ["item", *["total"] * in_all])


def test_receipts_stand_against_the_schedule(donor: Database) -> None:
    rows = section(briefing(donor), "instalment")
    assert [(row["day"], row["amount"], row["received"], row["state"]) for row in rows] == [
        ("2021-01-31", "40", "40", "paid late, 10 days late"),
        ("2021-03-31", "30", "10", "partly paid, 91 days late"),
        ("2021-09-30", "24", "0", "ahead"),
    ]


def test_projects_agreements_duties_and_notes_are_told(donor: Database) -> None:
    table = briefing(donor, period="2021")
    (project,) = section(table, "project")
    assert (project["item"], project["amount"], project["rate"], project["expenditure"]) == ("P", "100", "40.00", "40")
    agreement = next(row for row in section(table, "agreement") if row["item"] == "PROSPECTS")
    assert (agreement["received"], agreement["day"]) == ("50.00", "2021-12-31")
    (duty,) = section(table, "duty")
    assert (duty["item"], duty["day"]) == ("PROSPECTS ends", "2021-12-31")
    assert section(table, "note")[0]["state"] == "Asks for reports on substance and finance."


def test_rates_that_agreements_rest_on_are_named_and_those_that_lack_are_told(database: Database) -> None:
    def briefing(session: Session) -> ReportTable:
        return run(session, "partner-briefing", as_of=ON, period="2021", options={"partner": "SWE"})

    def stands(table: ReportTable) -> list[Cell]:
        return [row["amount"] for row in table.rows if row["section"] == "agreement"]

    with database.write("tests") as session:
        portfolio.set_up(session)
        sweden = portfolio.partner(session, "SWE")
        for reference, day in (("SIGNED", dt.date(2019, 5, 1)), ("PLEDGED", None)):
            made = portfolio.agreement(session, reference, sweden.id or 0, "1000")
            made.currency, made.signed_on = "SEK", day
            made.status = AgreementStatus.SIGNED if day else AgreementStatus.PLEDGED
        session.flush()
        table = briefing(session)
        assert stands(table) == [None, None]
        assert sorted(table.remarks) == [
            "There is no rate of SEK on or before 2019-05-01.",
            "There is no rate of SEK on or before 2021-06-30.",
        ]
        for day, rate in ((dt.date(2019, 1, 1), 10), (dt.date(2021, 6, 1), 8)):
            session.add(ExchangeRate(currency="SEK", effective_on=day, rate=Decimal(rate), recorded_by="tests"))
        session.flush()
        table = briefing(session)
        assert sorted(map(str, stands(table))) == ["100.00", "125.00"]
        assert [(each.currency, each.effective_on.year) for each in table.rates] == [("SEK", 2019), ("SEK", 2021)]
        assert table.remarks == ()


def test_a_partner_has_to_be_named_and_known(donor: Database) -> None:
    for code in ("", "NOBODY"):
        with pytest.raises(InvalidInput):
            briefing(donor, code)


def test_statements_do_not_follow_agreements(donor: Database) -> None:
    with count_queries(donor) as seen:
        briefing(donor)
    before = len(seen)
    with donor.write("tests") as session:
        partner = session.get(Agreement, 1)
        assert partner is not None
        for number in range(5):
            signed(session, f"MORE-{number}", partner.partner_id, ON, 1, "earmarked")
    with count_queries(donor) as seen:
        briefing(donor)
    assert len(seen) == before


def test_the_interface_gives_the_same(settings: Settings, database: Database) -> None:
    api = Api(settings, database)
    with database.write("tests") as session:
        load(session)
    asked: dict[str, Any] = {"period": "2018..2021", "as_of": ON.isoformat(), "partner": "NLD"}
    rows = api.client().get("/reports/partner-briefing", params=asked).json()["rows"]
    assert len(rows) == len(briefing(database).rows)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_repayment_makes_an_instalment_incomplete_again() -> None:
    schedule = [(day("2021-01-31"), Decimal(10))]
    paid = [(day("2021-01-10"), Decimal(10))]
    assert match(schedule, paid)[0].state(ON) is InstalmentState.PAID
    (one,) = match(schedule, [*paid, (day("2021-02-01"), Decimal(-10))])
    assert (one.received, one.state(ON)) == (0, InstalmentState.LATE)
    (again,) = match(schedule, [*paid, (day("2021-02-01"), Decimal(-10)), (day("2021-03-01"), Decimal(12))])
    assert (again.complete_on, again.state(ON)) == (day("2021-03-01"), InstalmentState.PAID_LATE)
