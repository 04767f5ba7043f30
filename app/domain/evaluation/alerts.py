"""The alert ladder: which rungs are due, which one message tells, and when somebody higher up is told.

An alert is keyed by (obligation, rung, due date) and fires once, whenever the job next runs after the rung's date. So a
missed night loses nothing and a second run, or a second worker, finds nothing left to record. A moved due date is a
new key: its ladder starts again, and alerts of the old date are withdrawn.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.evaluation.facts import Obligation
from app.domain.evaluation.policy import Rung
from app.domain.evaluation.terms import Stage, State
from app.domain.periods import add_months

#: Days without any sign of life after which the unit's head is told; no source gives the figure.
PATIENCE_DAYS = 14


class RungKey(NamedTuple):
    """Under what an alert is recorded, within one obligation."""

    rung: str
    due: date


@dataclass(frozen=True, kw_only=True, slots=True)
class RungDue:
    """An alert to record."""

    rung: Rung
    #: The day the rung was reached.
    rung_date: date
    #: Due date the ladder leads to.
    due: date
    #: Whether a message tells it: the newest of those recorded together; the others are only recorded.
    told: bool

    @property
    def key(self) -> RungKey:
        return RungKey(self.rung.name, self.due)


def may_alert(stage: Stage, state: State) -> bool:
    """Pipeline projects have obligations but no alerts; what is done, waived or past has none either."""
    return stage is not Stage.PIPELINE and state.is_open


def rungs_due(
    obligation: Obligation,
    ladder: Sequence[Rung],
    as_of: date,
    already_recorded: Collection[RungKey],
    activation_date: date | None = None,
) -> tuple[RungDue, ...]:
    """The rungs of an obligation that are to be recorded; pass it with its reschedule applied.

    See :func:`rungs_towards`, which does the same for any due date.
    """
    return rungs_towards(obligation.due, ladder, as_of, already_recorded, activation_date)


def rungs_towards(
    due: date,
    ladder: Sequence[Rung],
    as_of: date,
    already_recorded: Collection[RungKey],
    activation_date: date | None = None,
) -> tuple[RungDue, ...]:
    """The rungs reached on or before ``as_of`` and not yet recorded for this due date, oldest first.

    Serves donor reports, late instalments and agreements about to expire as well. Rungs reached before
    ``activation_date`` (the day a policy or an imported portfolio came into use) are recorded but not told, so a first
    run does not flood.
    """
    reached = [(add_months(due, -rung.months_before), -rung.months_before, rung) for rung in ladder]
    new = [row for row in reached if row[0] <= as_of and RungKey(row[2].name, due) not in already_recorded]
    if not new:
        return ()
    new.sort(key=lambda row: row[:2])
    newest = new[-1][0]
    told_before = [day for day, _, rung in reached if RungKey(rung.name, due) in already_recorded]
    tells = (not told_before or newest >= max(told_before)) and (activation_date is None or newest >= activation_date)
    return tuple(
        RungDue(rung=rung, rung_date=day, due=due, told=tells and place == len(new) - 1)
        for place, (day, _, rung) in enumerate(new)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertFacts:
    """A recorded alert, as far as the decision about it asks."""

    #: Due date the alert was recorded for.
    due: date
    recorded_on: date
    told: bool = True
    acknowledged_on: date | None = None
    #: Last day of the silence the officer asked for.
    snoozed_until: date | None = None
    escalated_on: date | None = None


class Attention(StrEnum):
    """What an alert asks for on a day."""

    #: Stands in the officer's digest.
    SHOW = "show"
    #: Snoozed for now.
    WAIT = "wait"
    #: The unit's head is to be told, once.
    ESCALATE = "escalate"
    #: Acknowledged, or only recorded beside a newer one.
    QUIET = "quiet"
    #: Its obligation is settled or moved to another date by an approved reschedule or a change of dates.
    WITHDRAWN = "withdrawn"


def attention(
    alert: AlertFacts,
    state: State,
    current_due: date,
    as_of: date,
    *,
    patience_days: int = PATIENCE_DAYS,
) -> Attention:
    """What becomes of a recorded alert.

    It is escalated when, ``patience_days`` after it was recorded (or after the snooze ran out), it was neither
    acknowledged nor followed by any work on the evaluation.
    """
    if not state.is_open or alert.due != current_due:
        return Attention.WITHDRAWN
    if not alert.told or (alert.acknowledged_on is not None and alert.acknowledged_on <= as_of):
        return Attention.QUIET
    if alert.snoozed_until is not None and as_of <= alert.snoozed_until:
        return Attention.WAIT
    since = max(alert.recorded_on, alert.snoozed_until or date.min)
    patient_until = since + timedelta(days=patience_days)
    begun = state is State.UNDER_WAY
    if as_of >= patient_until and not begun and alert.escalated_on is None:
        return Attention.ESCALATE
    return Attention.SHOW
