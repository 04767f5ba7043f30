"""Days of reports follow from a schedule; the state of a duty follows from dated facts."""

import datetime as dt

import pytest

from app.domain.duties import Duty, DutyKind, DutyState, ReportKind, Schedule, punctuality, report_days


def days(
    first: str | None, every: int | None, final: int | None, end: str | None, until: str = "2030-12-31"
) -> list[str]:
    schedule = Schedule(
        kind=ReportKind.FINANCIAL,
        first_due=None if first is None else dt.date.fromisoformat(first),
        every_months=every,
        final_months=final,
    )
    ends_on = None if end is None else dt.date.fromisoformat(end)
    return [day.isoformat() for day in report_days(schedule, ends_on, dt.date.fromisoformat(until))]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        # every half year, and the final one three months after the end
        (("2026-03-31", 6, 3, "2027-06-30"), ["2026-03-31", "2026-09-30", "2027-03-31", "2027-09-30"]),
        # the 31st stays the end of each month
        (("2026-01-31", 1, None, "2026-04-30"), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        # without a final report the next regular one closes the account
        (("2026-03-31", 12, None, "2027-06-30"), ["2026-03-31", "2027-03-31", "2028-03-31"]),
        # one report alone, a final one alone, and both on one day
        (("2026-03-31", None, None, "2027-06-30"), ["2026-03-31"]),
        ((None, None, 6, "2027-06-30"), ["2027-12-30"]),
        (("2027-12-30", None, 6, "2027-06-30"), ["2027-12-30"]),
        # without an end there is no final one, and regular ones as far as is asked
        (("2029-12-31", 12, 6, None), ["2029-12-31", "2030-12-31"]),
    ],
)
def test_days_of_reports_follow_from_the_schedule(
    asked: tuple[str | None, int | None, int | None, str | None], found: list[str]
) -> None:
    assert days(*asked) == found


def duty(settled: str | None, kind: DutyKind = DutyKind.FINANCIAL) -> Duty:
    return Duty(
        kind=kind,
        name="d",
        partner="NLD",
        agreement="A",
        agreement_id=1,
        due=dt.date(2026, 6, 30),
        what="report",
        settled_on=None if settled is None else dt.date.fromisoformat(settled),
    )


def test_a_report_is_late_until_it_is_sent_and_was_late_ever_after() -> None:
    on = [dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2026, 7, 15)]
    assert [duty("2026-07-10").state(day) for day in on] == [DutyState.AHEAD, DutyState.LATE, DutyState.DONE_LATE]
    assert [duty("2026-07-10").days_late(day) for day in on] == [0, 1, 10]
    assert duty(None, DutyKind.CLEARANCE_END).state(on[1]) is DutyState.ENDED
    sent = punctuality([duty("2026-06-30"), duty("2026-07-10"), duty(None), duty(None, DutyKind.CONDITION)], on[2])
    assert (sent.due, sent.on_time, sent.late, sent.missing) == (3, 1, 1, 1)
