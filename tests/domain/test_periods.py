from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.periods import (
    CALENDAR_YEARS,
    FiscalCalendar,
    Period,
    PeriodError,
    PeriodKind,
    add_months,
    chunks,
    day_after,
    split_by_days,
    split_over_years,
)
from app.domain.written_periods import parse_period, parse_periods

days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))
calendars = st.builds(
    FiscalCalendar,
    first_month=st.integers(1, 12),
    named_after=st.sampled_from(["start", "end"]),
    biennium_begins=st.sampled_from(["even", "odd"]),
)


def span(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("text", "first", "last", "kind"),
    [
        ("2021", "2021-01-01", "2021-12-31", PeriodKind.YEAR),
        ("2020-21", "2020-01-01", "2021-12-31", PeriodKind.BIENNIUM),
        ("1999-00", "1999-01-01", "2000-12-31", PeriodKind.BIENNIUM),
        ("2006-2007", "2006-01-01", "2007-12-31", PeriodKind.BIENNIUM),
        ("2021-Q3", "2021-07-01", "2021-09-30", PeriodKind.QUARTER),
        ("2021-07", "2021-07-01", "2021-07-31", PeriodKind.MONTH),
        ("2024-02", "2024-02-01", "2024-02-29", PeriodKind.MONTH),
        (" 2021-01-01..2021-06-30 ", "2021-01-01", "2021-06-30", PeriodKind.RANGE),
        ("2021-01-01 – 2021-06-30", "2021-01-01", "2021-06-30", PeriodKind.RANGE),
        ("2021-01-01/2021-06-30", "2021-01-01", "2021-06-30", PeriodKind.RANGE),
        ("2020 – 21", "2020-01-01", "2021-12-31", PeriodKind.BIENNIUM),
        ("Q3 2021", "2021-07-01", "2021-09-30", PeriodKind.QUARTER),
        ("2021-H2", "2021-07-01", "2021-12-31", PeriodKind.RANGE),
        ("h1/2021", "2021-01-01", "2021-06-30", PeriodKind.RANGE),
    ],
)
def test_every_written_form_is_read(text: str, first: str, last: str, kind: PeriodKind) -> None:
    period = parse_period(text)
    assert (period.start, period.end) == span(first, last)
    assert period.kind is kind


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a period"),
        ("soon", "is not a period"),
        ("２０２１", "is not a period"),
        ("2021-Q5", "Q1 to Q4"),
        ("2021-13", "neither a month nor two successive years"),
        ("2020-22", "neither a month nor two successive years"),
        ("2021-02-30..2021-03-01", "not a date"),
        ("2021-06-30..2021-01-01", "before it starts"),
        ("0000", "no year 0"),
        ("0000-07", "no year 0"),
        ("2000..2001-Q1", "joins a year and a quarter"),
        ("2004..2000", "ends before it starts"),
        ("0001..9998", "more than 600 periods"),
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(PeriodError, match=complaint):
        parse_periods(text)


def test_a_month_that_is_also_a_biennium_is_refused_with_both_clear_spellings() -> None:
    with pytest.raises(PeriodError, match=r"2006-2007 .* 2006-07-01\.\.2006-07-31"):
        parse_period("2006-07")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("2000..2004", ["2000", "2001", "2002", "2003", "2004"]),
        ("2016-17..2020-21", ["2016-17", "2018-19", "2020-21"]),
        ("2020-Q4..2021-Q1", ["2020-Q4", "2021-Q1"]),
        ("2020-12..2021-02", ["2020-12", "2021-01", "2021-02"]),
        ("2021-01-01..2021-06-30", ["2021-01-01..2021-06-30"]),
        ("2021\u201101\u201101..2021\u201106\u201130", ["2021-01-01..2021-06-30"]),
        ("2021", ["2021"]),
    ],
)
def test_several_periods_are_one_column_each(text: str, labels: list[str]) -> None:
    assert [period.label for period in parse_periods(text)] == labels


def test_a_fiscal_year_may_begin_in_another_month() -> None:
    july = FiscalCalendar(first_month=7)
    assert (july.year(2021).start, july.year(2021).end) == span("2021-07-01", "2022-06-30")
    assert (july.quarter(2021, 3).start, july.quarter(2021, 3).end) == span("2022-01-01", "2022-03-31")
    assert july.year_name(date(2022, 6, 30)) == 2021
    named_later = FiscalCalendar(first_month=7, named_after="end")
    assert (named_later.year(2021).start, named_later.year(2021).end) == span("2020-07-01", "2021-06-30")
    assert named_later.biennium(2020).end == date(2021, 6, 30)


def test_a_calendar_without_such_a_month_is_refused() -> None:
    with pytest.raises(PeriodError, match="month 13"):
        FiscalCalendar(first_month=13)


@settings(deadline=None)
@given(day=days, fiscal=calendars)
def test_the_year_quarter_and_biennium_of_a_day_hold_it(day: date, fiscal: FiscalCalendar) -> None:
    year, quarter, biennium = fiscal.year_of(day), fiscal.quarter_of(day), fiscal.biennium_of(day)
    assert day in year
    assert day in quarter
    assert day in fiscal.month_of(day)
    assert year.start <= quarter.start
    assert quarter.end <= year.end
    assert biennium.start <= year.start
    assert year.end <= biennium.end
    assert int(biennium.label.removeprefix("biennium-")[:4]) % 2 == (0 if fiscal.biennium_begins == "even" else 1)


@settings(deadline=None)
@given(day=days, fiscal=calendars)
def test_years_follow_one_another_without_gap(day: date, fiscal: FiscalCalendar) -> None:
    year = fiscal.year_of(day)
    assert fiscal.year_of(day_after(year.end)).start == day_after(year.end)


@settings(deadline=None)
@given(fiscal=calendars, name=st.integers(1960, 2090))
def test_the_label_of_a_period_reads_back_as_it(fiscal: FiscalCalendar, name: int) -> None:
    for period in (fiscal.year(name), fiscal.quarter(name, 2), fiscal.month(name, 1), fiscal.biennium(name)):
        if period.label not in {"2000-01", *(f"{year}-{year % 100 + 1:02}" for year in range(2000, 2012))}:
            # those are months and years at once, so they are refused
            assert parse_period(period.label, fiscal) == period


ACROSS = FiscalCalendar(first_month=7)


@pytest.mark.parametrize("named_after", ["start", "end"])
@pytest.mark.parametrize(
    "text", ["2025-26", "2025/26", "2025-2026", "2025/2026", "FY2026", "fy 2026", "FY26", "FY2025-26", "FY2025/26"]
)
def test_a_fiscal_year_across_two_calendar_years_is_written_by_both(text: str, named_after: str) -> None:
    fiscal = FiscalCalendar(first_month=7, named_after="end" if named_after == "end" else "start")
    period = parse_period(text, fiscal)
    assert (period.start, period.end) == span("2025-07-01", "2026-06-30")
    assert period.kind is PeriodKind.YEAR


@pytest.mark.parametrize(
    "text",
    ["FY2026-Q1", "Q1 FY2026", "FY26 Q1", "2025/26-Q1", "2025-26 Q1", "Q1 2025–26", "FY2025/26 Q1", "FY25/26-Q1"],
)
@pytest.mark.parametrize("named_after", ["start", "end"])
def test_a_quarter_is_of_the_fiscal_year_that_it_names(text: str, named_after: str) -> None:
    fiscal = FiscalCalendar(first_month=7, named_after="end" if named_after == "end" else "start")
    period = parse_period(text, fiscal)
    assert (period.start, period.end) == span("2025-07-01", "2025-09-30")
    assert parse_period(period.label, fiscal) == period
    half = parse_period(text.replace("Q1", "H2"), fiscal)
    assert (half.start, half.end) == span("2026-01-01", "2026-06-30")


@pytest.mark.parametrize(
    "text",
    [
        "2025-26-Q1",
        "Q1 2025/26",
        "Q1 biennium-2024",
        "2025-07-Q1",
        "Q1 2025-12",
        "2025-H3",
        "FY 2025-26 Q2",
        "2006-07-H1",
    ],
)
def test_a_quarter_of_what_is_no_year_is_refused_as_it_was_typed(text: str) -> None:
    with pytest.raises(PeriodError, match=f"^“{text}”"):
        parse_period(text)


@pytest.mark.parametrize("text", ["Q2 2006-07", "2006-07-Q2", "FY 2006-07 Q2"])
def test_of_a_month_there_is_no_quarter_so_two_years_are_meant(text: str) -> None:
    period = parse_period(text, ACROSS)
    assert (period.start, period.end) == span("2006-10-01", "2006-12-31")


@pytest.mark.parametrize("text", ["FY99", "FY99/00", "FY99-00-Q1", "Q1 FY61"])
def test_two_digits_of_the_century_before_are_asked_back(text: str) -> None:
    with pytest.raises(PeriodError, match="leaves the century open: write the year with four digits"):
        parse_period(text, ACROSS)


@pytest.mark.parametrize("text", ["biennium-2025", "biennium 2025-26", "Biennium 2025/2026"])
def test_two_years_across_are_written_as_a_biennium(text: str) -> None:
    period = parse_period(text, ACROSS)
    assert (period.start, period.end, period.kind) == (*span("2025-07-01", "2027-06-30"), PeriodKind.BIENNIUM)


def test_a_fiscal_year_that_may_be_a_month_is_refused_with_both_clear_spellings() -> None:
    with pytest.raises(PeriodError, match=r"2006/07 or FY2007 .* 2006-07-01\.\.2006-07-31"):
        parse_period("2006-07", ACROSS)
    assert parse_period("2006/07", ACROSS).start == date(2006, 7, 1)
    assert parse_period("2006-08", ACROSS).end == date(2006, 8, 31)


def test_several_fiscal_years_across_are_columns() -> None:
    assert [period.label for period in parse_periods("2023/24..2025/26", ACROSS)] == ["2023", "2024", "2025"]


@pytest.mark.parametrize("text", ["2025-27", "2025/27", "FY2025-27", "FY1", "biennium 2025-27"])
def test_years_that_do_not_follow_one_another_are_no_fiscal_year(text: str) -> None:
    with pytest.raises(PeriodError):
        parse_period(text, ACROSS)


def test_calendar_years_are_written_as_before() -> None:
    assert parse_period("2025-26").kind is PeriodKind.BIENNIUM
    assert parse_period("FY2026").label == "2026"
    with pytest.raises(PeriodError):
        parse_period("2025/26")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-01-15", -1, "2023-12-15"),
        ("9999-12-31", 3, "9999-12-31"),
        ("0001-01-15", -1, "0001-01-01"),
    ],
)
def test_adding_months_clamps_to_the_end_of_the_month(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@settings(deadline=None)
@given(day=days, months=st.integers(-600, 600))
def test_adding_months_lands_in_the_month_counted_and_never_gains_days(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=12, allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(amount=amounts, first=days, length=st.integers(0, 4000), fiscal=calendars)
def test_an_amount_split_over_fiscal_years_sums_to_itself(
    amount: Decimal, first: date, length: int, fiscal: FiscalCalendar
) -> None:
    period = Period(start=first, end=first + timedelta(days=length))
    parts = split_over_years(amount, period, fiscal)
    total = Decimal(0)
    for _, part in parts:
        total += part
    assert total == amount
    assert all(year.overlaps(period) for year, _ in parts)


def test_an_amount_is_split_by_days_and_the_remainder_is_not_lost() -> None:
    period = Period(start=date(2020, 7, 1), end=date(2021, 6, 30))
    parts = split_over_years(Decimal("100.00"), period)
    assert [(year.label, part) for year, part in parts] == [("2020", Decimal("50.41")), ("2021", Decimal("49.59"))]
    thirds = [Period(start=date(2021, 1, day), end=date(2021, 1, day)) for day in (1, 2, 3)]
    whole = Period(start=date(2021, 1, 1), end=date(2021, 1, 3))
    assert split_by_days(Decimal(100), whole, thirds) == (Decimal("33.33"), Decimal("33.34"), Decimal("33.33"))


def test_a_part_outside_the_period_gets_nothing() -> None:
    whole = Period(start=date(2021, 1, 1), end=date(2021, 12, 31))
    assert split_by_days(Decimal(10), whole, [CALENDAR_YEARS.year(2020), CALENDAR_YEARS.year(2021)]) == (0, 10)


@settings(deadline=None)
@given(first=days, length=st.integers(0, 3000), fiscal=calendars)
def test_chunks_cover_the_period_and_none_is_longer_than_a_budget_may_be(
    first: date, length: int, fiscal: FiscalCalendar
) -> None:
    period = Period(start=first, end=first + timedelta(days=length))
    found = chunks(period, fiscal)
    assert found[0].start == period.start
    assert found[-1].end == period.end
    assert all((chunk.end - chunk.start).days <= 365 for chunk in found)
    assert all(day_after(before.end) == after.start for before, after in pairwise(found))


def test_a_leap_year_is_one_chunk() -> None:
    assert len(chunks(CALENDAR_YEARS.year(2024))) == 1


def test_days_overlap_and_elapsed_time_count_both_ends() -> None:
    year = CALENDAR_YEARS.year(2021)
    assert year.days == 365
    assert year.elapsed_days(date(2020, 12, 31)) == 0
    assert year.elapsed_days(date(2021, 1, 1)) == 1
    assert year.elapsed_days(date(2030, 1, 1)) == 365
    assert year.overlaps(Period(start=date(2021, 12, 31), end=date(2022, 5, 1)))
    assert not year.overlaps(CALENDAR_YEARS.year(2022))
    assert year.shared_days(Period(start=date(2021, 12, 30), end=date(2022, 5, 1))) == 2


def test_a_period_that_ends_before_it_starts_cannot_be_made() -> None:
    with pytest.raises(PeriodError, match="before it starts"):
        Period(start=date(2021, 1, 2), end=date(2021, 1, 1))
