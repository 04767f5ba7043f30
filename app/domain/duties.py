"""What an agreement asks for by a day: reports to the donor, conditions, instalments, and what is about to end.

Duties are a function of dated facts. Asked for as of a past day, they have the state that was known then.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.periods import add_months


class DutyKind(StrEnum):
    """What falls due."""

    SUBSTANTIVE = "substantive-report"
    FINANCIAL = "financial-report"
    CONDITION = "condition"
    INSTALMENT = "instalment"
    AGREEMENT_END = "agreement-end"
    FRAMEWORK_END = "framework-end"
    CLEARANCE_END = "clearance-end"

    @property
    def is_report(self) -> bool:
        return self in (DutyKind.SUBSTANTIVE, DutyKind.FINANCIAL)

    @property
    def passes(self) -> bool:
        """Whether it is over when its day is: nobody is late with the end of a framework or a clearance."""
        return self in (DutyKind.FRAMEWORK_END, DutyKind.CLEARANCE_END)


class ReportKind(StrEnum):
    """Reports that donors ask for."""

    SUBSTANTIVE = "substantive"
    FINANCIAL = "financial"

    @property
    def duty(self) -> DutyKind:
        return DutyKind.SUBSTANTIVE if self is ReportKind.SUBSTANTIVE else DutyKind.FINANCIAL


class DutyState(StrEnum):
    """How a duty stands on a day."""

    AHEAD = "ahead"
    #: money came, and less than was due
    PARTLY = "partly paid"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done late"
    #: it asked for nothing but attention, and its day has passed
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        return self in (DutyState.AHEAD, DutyState.PARTLY, DutyState.LATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """One thing that falls due on a day."""

    kind: DutyKind
    #: what it is through all changes but that of a report's day, such as "condition/7"
    name: str
    partner: str
    #: reference of the agreement; None: it is one of the partner
    agreement: str | None
    agreement_id: int | None
    due: date
    #: what it is about, as a noun
    what: str
    #: the day on which it was seen to
    settled_on: date | None = None
    #: of an instalment, in the currency of the agreement
    amount: Decimal | None = None
    received: Decimal | None = None
    currency: str | None = None
    #: of a project that it concerns, its officer and its unit
    project_id: int | None = None
    project: str | None = None
    officer_id: int | None = None
    officer: str | None = None
    unit: str | None = None
    unit_id: int | None = None
    #: where what was sent is to be read
    document_url: str | None = None
    #: further partners of the agreement, by code
    further: tuple[str, ...] = ()

    def state(self, on: date) -> DutyState:
        """What is done after its day is done late; what is not done after it is late."""
        if self.settled_on is not None and self.settled_on <= on:
            return DutyState.DONE_LATE if self.settled_on > self.due else DutyState.DONE
        partly = self.received is not None and self.received > 0
        if self.due >= on:
            return DutyState.PARTLY if partly else DutyState.AHEAD
        if self.kind.passes:
            return DutyState.ENDED
        return DutyState.PARTLY if partly else DutyState.LATE

    def days_late(self, on: date) -> int:
        """Days after the due date until it was done, or until the day looked from; 0 if it was not late."""
        settled = self.settled_on is not None and self.settled_on <= on
        if self.kind.passes and not settled:
            return 0
        return max(((self.settled_on if settled and self.settled_on else on) - self.due).days, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When reports of a kind are due."""

    kind: ReportKind
    first_due: date | None = None
    #: months from one to the next; None: the first one alone
    every_months: int | None = None
    #: months after the last day of the agreement; None: no final one is asked for
    final_months: int | None = None


def report_days(schedule: Schedule, ends_on: date | None, until: date) -> list[date]:
    """The days on which reports are due, in their order; those of an agreement without an end only until ``until``.

    Every day counts from the first one, so that the 31st stays the end of each month. The last regular report is that
    of the last day of the agreement or before; where no final one is asked for, the next one closes the account. A
    regular report on the day of the final one is the final one.
    """
    final = None
    if schedule.final_months is not None and ends_on is not None:
        final = add_months(ends_on, schedule.final_months)
    found: list[date] = []
    if schedule.first_due is not None:
        limit = until if ends_on is None else ends_on
        day, number = schedule.first_due, 0
        while day <= limit or not found:
            found.append(day)
            if schedule.every_months is None:
                break
            number += 1
            day = add_months(schedule.first_due, number * schedule.every_months)
        else:
            if ends_on is not None and final is None and found[-1] < ends_on:
                found.append(day)
    if final is not None:
        found = [day for day in found if day < final]
        found.append(final)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Punctuality:
    """Reports of a partner that had fallen due, and how they were sent."""

    due: int
    on_time: int
    late: int
    missing: int


def punctuality(duties: list[Duty], on: date) -> Punctuality:
    """Of reports due by the day: on time, sent late, not sent."""
    fallen = [duty.state(on) for duty in duties if duty.kind.is_report and duty.due <= on]
    # what is due today and not sent yet is neither
    open_today = fallen.count(DutyState.AHEAD)
    return Punctuality(
        due=len(fallen) - open_today,
        on_time=fallen.count(DutyState.DONE),
        late=fallen.count(DutyState.DONE_LATE),
        missing=fallen.count(DutyState.LATE),
    )
