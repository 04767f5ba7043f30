"""The ladders of what follows a report, and the days they lead to."""

import datetime as dt

from app.alerts.queries import Recommended
from app.domain.evaluation.policy import Rung
from app.domain.terms import RecommendationResponse

#: no source gives these: a month ahead, on the day, and a month or a quarter late
LADDERS = {
    "response": (
        Rung(name="response-ahead", months_before=1, ask="Prepare the management response."),
        Rung(name="response-due", months_before=0, ask="Give the management response."),
        Rung(name="response-late", months_before=-1, ask="The management response is late."),
    ),
    "recommendation": (
        Rung(name="action-ahead", months_before=1, ask="Complete what was agreed."),
        Rung(name="action-due", months_before=0, ask="Report that it is done."),
        Rung(name="action-late", months_before=-3, ask="What was agreed is three months late."),
    ),
}


def due_of(row: Recommended, kind: str) -> dt.date | None:
    """The day that counts: for the response while there is none, for the action once it was agreed."""
    if kind == "response":
        return row.response_due_on if row.response is None else None
    return row.due_on if row.response not in (None, RecommendationResponse.REJECTED) else None
