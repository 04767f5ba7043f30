"""Appended values over time: which one was known on a day, and as recorded at a moment."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import plain
from app.domain.terms import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """The value of one field from a decision on."""

    field: str
    #: order in which the values of this field were recorded
    sequence: int
    #: day of the decision
    known_on: dt.date
    #: text form of the value; None says that it was taken away
    value: str | None
    recorded_at: dt.datetime | None = None


def replay(
    revisions: Iterable[Revision], *, as_of: dt.date | None = None, recorded_at: dt.datetime | None = None
) -> dict[str, str | None]:
    """Field → value as known on ``as_of`` (None: whatever the day) and recorded by ``recorded_at`` (None: by now).

    The newest decision counts; of several decided on one day the one recorded last. Fields that nobody had decided
    yet are absent.
    """
    newest: dict[str, Revision] = {}
    for revision in revisions:
        if as_of is not None and revision.known_on > as_of:
            continue
        if recorded_at is not None and revision.recorded_at is not None and revision.recorded_at > recorded_at:
            continue
        standing = newest.get(revision.field)
        if standing is None or (revision.known_on, revision.sequence) > (standing.known_on, standing.sequence):
            newest[revision.field] = revision
    return {field: revision.value for field, revision in newest.items()}


#: the fields of a project that are days
DATES = ("planned_start", "planned_end", "actual_start", "actual_end")

_OVER = (Stage.FINALISATION, Stage.CLOSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class LifeCycle:
    """Dates and stage of a project as they stand on record."""

    stage: Stage | None
    planned_start: dt.date | None = None
    planned_end: dt.date | None = None
    actual_start: dt.date | None = None
    actual_end: dt.date | None = None

    def as_of(self, day: dt.date) -> "LifeCycle":
        """What of it can have been known on a day, whenever it was entered and however the decision was dated.

        Nothing has happened before its day: a start or an end that lay ahead was a plan. The plan on record stands, but
        for one that had passed by then. A project whose end lay ahead was neither closed nor being wound up, and one
        whose start lay ahead was in the pipeline.
        """
        begun = self.actual_start is None or self.actual_start <= day
        over = self.actual_end is None or self.actual_end <= day
        if begun and over:
            return self
        stage = self.stage
        if not over and stage in _OVER:
            stage = Stage.IMPLEMENTATION
        if not begun and stage in (*_OVER, Stage.IMPLEMENTATION):
            stage = Stage.PIPELINE
        return LifeCycle(
            stage=stage,
            planned_start=self.planned_start if begun else _plan(self.planned_start, self.actual_start, day),
            planned_end=self.planned_end if over else _plan(self.planned_end, self.actual_end, day),
            actual_start=self.actual_start if begun else None,
            actual_end=self.actual_end if over else None,
        )


def _plan(planned: dt.date | None, actual: dt.date | None, day: dt.date) -> dt.date | None:
    return actual if planned is None or planned < day else planned


def budget_text(amount: Decimal | None, currency: str | None) -> str | None:
    return None if amount is None else f"{plain(amount)} {currency}"


def read_budget(text: str | None) -> tuple[Decimal | None, str | None]:
    """Amount and currency from the text form of a total budget."""
    if text is None:
        return None, None
    amount, _, currency = text.partition(" ")
    return Decimal(amount), currency
