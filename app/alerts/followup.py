"""The ladders of what follows an evaluation and of what agreements ask for, and the days they lead to."""

import datetime as dt
from collections.abc import Mapping

from app.alerts.rows import Recommended
from app.domain.duties import DutyKind
from app.domain.evaluation.policy import Rung
from app.domain.terms import RecommendationResponse

#: no source gives these: a month ahead, on the day, and a month or a quarter late
LADDERS = {
    "response": (
        Rung(name="response-ahead", months_before=1, ask="Prepare the management response."),
        Rung(name="response-due", months_before=0, ask="Give the management response."),
        Rung(name="response-late", months_before=-1, ask="The management response is late."),
    ),
    "plan": (
        Rung(name="plan-ahead", months_before=1, ask="Prepare the plan of action."),
        Rung(name="plan-due", months_before=0, ask="Give the plan of action."),
        Rung(name="plan-late", months_before=-1, ask="The plan of action is late."),
    ),
    "recommendation": (
        Rung(name="action-ahead", months_before=1, ask="Complete what was agreed."),
        Rung(name="action-due", months_before=0, ask="Report that it is done."),
        Rung(name="action-late", months_before=-3, ask="What was agreed is three months late."),
    ),
}


#: of a risk: its review, and the day on which it was escalated
RISK_LADDER = (
    Rung(name="risk-review", months_before=0, ask="Review the risk."),
    Rung(name="risk-review-late", months_before=-1, ask="The review of the risk is late."),
)
RISK_ESCALATED = Rung(name="risk-escalated", months_before=0, ask="See to the risk: it was escalated.")

#: what agreements ask for; offices wait for a reminder of money, donors for reports
DUTY_LADDERS: Mapping[DutyKind, tuple[Rung, ...]] = {
    **dict.fromkeys(
        (DutyKind.SUBSTANTIVE, DutyKind.FINANCIAL),
        (
            Rung(name="report-ahead", months_before=2, ask="Plan the report to the donor."),
            Rung(name="report-draft", months_before=1, ask="Draft the report to the donor."),
            Rung(name="report-due", months_before=0, ask="Send the report to the donor."),
            Rung(name="report-late", months_before=-1, ask="The report to the donor is late."),
        ),
    ),
    DutyKind.CONDITION: (
        Rung(name="condition-ahead", months_before=1, ask="See to the condition."),
        Rung(name="condition-due", months_before=0, ask="Report that the condition is met."),
        Rung(name="condition-late", months_before=-1, ask="The condition is late."),
    ),
    DutyKind.INSTALMENT: (
        Rung(name="instalment-ahead", months_before=1, ask="Ask the partner for the instalment."),
        Rung(name="instalment-due", months_before=0, ask="See whether the instalment came."),
        Rung(name="instalment-late", months_before=-1, ask="The instalment is late or not complete."),
    ),
    DutyKind.AGREEMENT_END: (
        Rung(name="end-6", months_before=6, ask="Decide whether an extension is asked for."),
        Rung(name="end-3", months_before=3, ask="Ask for an extension, or prepare the end."),
        Rung(name="end-1", months_before=1, ask="The agreement is about to end."),
        Rung(name="end-past", months_before=-1, ask="The agreement has ended: complete it."),
    ),
    DutyKind.FRAMEWORK_END: (
        Rung(name="framework-12", months_before=12, ask="Begin to talk about the next framework agreement."),
        Rung(name="framework-6", months_before=6, ask="Negotiate the next framework agreement."),
        Rung(name="framework-1", months_before=1, ask="The framework agreement is about to end."),
    ),
    DutyKind.CLEARANCE_END: (
        Rung(name="clearance-3", months_before=3, ask="Have the partner screened again."),
        Rung(name="clearance-1", months_before=1, ask="The clearance of the partner is about to end."),
    ),
}


def due_of(row: Recommended, kind: str) -> dt.date | None:
    """The day that counts: for the response while there is none, for plan and action once it was agreed."""
    if kind == "response":
        return row.response_due_on if row.response is None else None
    if row.response in (None, RecommendationResponse.REJECTED):
        return None
    if kind == "plan":
        return row.plan_due_on if row.plan_on is None else None
    return row.due_on
