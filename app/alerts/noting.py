"""What people say to an alert: that they act on it, or that they want to hear of it later."""

import datetime as dt
from collections.abc import Collection

from sqlmodel import Session

from app.db.alerts import Alert, AlertEvent
from app.db.sides import units_of_alert, units_of_alerts
from app.domain.access import Actor, Right
from app.errors import Fault, InvalidInput, NotFound


def acknowledge(session: Session, actor: Actor, alert_id: int, *, reason: str) -> None:
    """Somebody acts on it: it is told no more."""
    _note(session, actor, AlertEvent(alert_id=alert_id, kind="acknowledged", reason=reason, recorded_by=actor.name))


def snooze(session: Session, actor: Actor, alert_id: int, *, until: dt.date, reason: str, today: dt.date) -> None:
    """It is told again from that day.

    :raises InvalidInput: for a day that does not lie ahead.
    """
    if until <= today:
        message = "Give a day that lies ahead."
        raise InvalidInput([Fault(pointer="/until", rule="alert.snooze", message=message)])
    event = AlertEvent(alert_id=alert_id, kind="snoozed", until=until, reason=reason, recorded_by=actor.name)
    _note(session, actor, event)


def noted_by(session: Session, actor: Actor, alert_ids: Collection[int]) -> frozenset[int]:
    """Those of the alerts to which the actor may say something."""
    if not actor.may(Right.EVALUATE):
        return frozenset()
    if not actor.of_a_unit:
        return frozenset(alert_ids)
    return frozenset(each for each, units in units_of_alerts(session, alert_ids).items() if units == {actor.unit_id})


def _note(session: Session, actor: Actor, event: AlertEvent) -> None:
    actor.require(Right.EVALUATE)
    alert = session.get(Alert, event.alert_id)
    if alert is None:
        raise NotFound(f"There is no alert {event.alert_id}.")
    actor.require_unit(*units_of_alert(session, alert))
    session.add(event)
    session.flush()
