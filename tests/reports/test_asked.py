"""What reports are asked for and cannot tell is refused with the reason, whatever the report; days may be any day."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlmodel import Session

from app.db.engine import Database
from app.errors import InvalidInput
from app.reports.choices import CHOICES
from app.reports.registry import REPORTS
from app.reports.service import run
from tests import portfolio
from tests.portfolio import TODAY

BRIEFING = "partner-briefing"


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Database:
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
        partner = portfolio.partner(session, "NLD").id or 0
        portfolio.agreement(session, "A", partner)
    return shared_database


@pytest.fixture
def session(office: Database) -> Iterator[Session]:
    with office.read() as session:
        yield session


def told(session: Session, name: str, pointer: str, **asked: object) -> str:
    with pytest.raises(InvalidInput) as refused:
        run(session, name, as_of=TODAY, **asked)  # type: ignore[arg-type]
    (fault,) = refused.value.faults
    assert fault.pointer == pointer
    return fault.message


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("delivery", ("month", "quarter")),
        ("delivery", ("year", "project", "month")),
        ("agreements-due", ("duty", "partner")),
        ("agreements-due", ("kind", "duty")),
    ],
)
def test_dimensions_that_do_not_go_together_are_refused(session: Session, name: str, by: tuple[str, ...]) -> None:
    assert "together: ask for one of them" in told(session, name, "/query/by", by=by)


@pytest.mark.parametrize(
    ("name", "option"),
    [(report.name, option) for report in REPORTS for option in CHOICES if option in report.options],
)
def test_a_code_that_nobody_has_is_refused_and_is_no_empty_report(session: Session, name: str, option: str) -> None:
    assert "There is no" in told(session, name, f"/query/{option}", options={option: "NOBODY"})


@pytest.mark.parametrize("name", [report.name for report in REPORTS])
@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_a_report_as_of_the_first_or_the_last_day_there_is(session: Session, name: str, day: dt.date) -> None:
    options = {"partner": "NLD"} if name == BRIEFING else {}
    assert run(session, name, as_of=day, options=options).as_of == day
    assert run(session, name, as_of=day, period=f"{day.year:04}", options=options).as_of == day


def test_duties_may_be_looked_for_as_far_ahead_as_the_calendar_goes(session: Session) -> None:
    table = run(session, "agreements-due", as_of=TODAY, options={"within": "999999999"})
    assert table.period.endswith("..9999-12-31")
