"""The nightly alerts: everything that falls due is recorded, then told in one message to each person.

Each step takes up where an interrupted run stopped: what is recorded is not recorded again, what is recorded and not
yet told gets its message, and messages wait in the outbox until they are sent. The jobs of single subjects do the same
for their own, for a run by hand.
"""

from collections.abc import Callable, Mapping, Sequence

from app.alerts import messages
from app.alerts.duties import record_duties
from app.alerts.escalation import escalate
from app.alerts.evaluations import record_evaluations
from app.alerts.obstacles import record_obstacles
from app.alerts.recommendations import record_recommendations
from app.alerts.risks import record_risks
from app.evaluations.obligations.recompute import refresh
from app.work import Result, Work

Listed = Sequence[Mapping[str, object]]


def evaluation_alerts(work: Work) -> Result:
    """What evaluations ask for."""
    return _alerts(work, (record_evaluations,), ("obligation",))


def recommendation_alerts(work: Work) -> Result:
    """What recommendations ask for."""
    return _alerts(work, (record_recommendations,), ())


def agreement_alerts(work: Work) -> Result:
    """What agreements ask for."""
    return _alerts(work, (record_duties,), ("duty",))


def delivery_alerts(work: Work) -> Result:
    """What stands in the way of delivery, and needs somebody higher."""
    return _alerts(work, (record_obstacles,), ())


def daily_alerts(work: Work) -> Result:
    """All of it, one message to each person, and the lists that people have mailed to them."""
    # imported when it is run: jobs of single subjects need no lists
    from app.alerts.view_digests import ask_for_digests

    recorders = (record_evaluations, record_recommendations, record_duties, record_obstacles, record_risks)
    ask_for_digests(work)
    return _alerts(work, recorders, ("obligation", "duty"))


def _alerts(work: Work, recorders: Sequence[Callable[[Work], Listed]], escalated: Sequence[str]) -> Result:
    refresh(work.database, work.as_of, progress=lambda _done, _all: work.held.renew())
    recorded = [each for recorder in recorders for each in recorder(work)]
    heads = escalate(work, *escalated) if escalated else 0
    told = messages.tell(work)
    sent = messages.send(work)
    counts = {"recorded": len(recorded), "messages": told.messages + heads, "sent": sent.sent, "failed": sent.failed}
    return Result(
        content={"recorded": recorded, "messages": told.messages + heads, "delivery": sent.as_dict()},
        summary={**counts, "escalated": heads, "nobody": told.nobody, "handled": told.handled},
    )
