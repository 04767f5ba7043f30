"""What recorded alerts come to on a day: whether they still ask for anything, and in which words."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.alerts import queries, queries_obstacles
from app.alerts.evaluations import Seen
from app.alerts.followup import DUTY_LADDERS, LADDERS, RISK_ESCALATED, RISK_LADDER, due_of
from app.alerts.rows import Alerted, Recommended
from app.db.base import key
from app.domain.duties import Duty
from app.domain.evaluation.alerts import may_alert
from app.domain.evaluation.policy import Rung
from app.domain.evaluation.terms import Stage, State
from app.domain.evaluation.words import why_owed
from app.domain.money import plain
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import of_keys
from app.evaluations.obligations.views import CANNOT_TELL, views
from app.evaluations.policies.rulebook import InUse, in_use
from app.projects import queries_risks
from app.reports.duties import by_name, gather
from app.reports.queries_duties import Scope

_PROGRESS = {State.PLANNED: "planned", State.UNDER_WAY: "under way"}
_SEEN_TO = {"response": "answered", "plan": "the plan is given, or not asked for any more"}
_SUBJECTS = {"response": "response to", "plan": "plan of action on", "recommendation": "action agreed on"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An alert on a day."""

    #: why it asks for nothing any more; empty: it does
    over: str = ""
    state: str = ""
    #: what is to be done, as a sentence
    ask: str = ""
    #: what it is about, such as "final evaluation", and in full, such as "final evaluation (independent)"
    noun: str = ""
    what: str = ""
    due: dt.date | None = None
    overdue: bool = False
    #: whether work on it has begun
    begun: bool = False
    #: day from which it is owed again, after a waiver that was taken back
    owed_again_on: dt.date | None = None
    #: further sentences, and the reason why it is owed
    about: str = ""
    why: str = ""
    #: of the record, below the service's address
    path: str = ""

    @property
    def text(self) -> str:
        """What is to be done, and by when."""
        passed = f"The due date of the {self.what} passed on {self.due}."
        by_when = passed if self.overdue else f"The {self.what} is due on {self.due}."
        return " ".join(part for part in (self.ask, by_when, self.about) if part)


def standings(session: Session, alerts: Sequence[Alerted], as_of: dt.date) -> dict[int, Standing]:
    """Alert → what it comes to on the day. Call :func:`app.evaluations.obligations.recompute.refresh` before."""
    found: dict[int, Standing] = {}
    owed = [alert for alert in alerts if alert.subject_kind == "obligation"]
    if owed:
        ids = sorted({alert.subject_id for alert in owed})
        seen: dict[int, Seen] = {one.row.id: one for one in views(session, queries_due.by_ids(session, ids), as_of)}
        if others := sorted(set(ids) - seen.keys()):
            seen |= {duty.row.id: duty for duty in institution_views(session, as_of, of_keys(others))}
        used = in_use(session)
        for alert in owed:
            found[alert.id] = _of_obligation(alert, seen.get(alert.subject_id), used, as_of)
    asked = [alert for alert in alerts if alert.subject_kind == "duty"]
    if asked:
        names, duties = _duties(session, asked, as_of)
        for alert in asked:
            found[alert.id] = _of_duty(alert, duties.get(names.get(alert.subject_id, "")), as_of)
    obstacles = [alert for alert in alerts if alert.subject_kind == "delivery"]
    if obstacles:
        notes = queries_obstacles.notes(session, sorted({alert.subject_id for alert in obstacles}), as_of)
        for alert in obstacles:
            found[alert.id] = _of_obstacle(notes.get(alert.subject_id), as_of)
    risks = [alert for alert in alerts if alert.subject_kind == "risk"]
    if risks:
        kept = queries_risks.watched(session, sorted({alert.subject_id for alert in risks}), as_of)
        for alert in risks:
            found[alert.id] = _of_risk(alert, kept.get(alert.subject_id), as_of)
    followed = [alert for alert in alerts if alert.subject_kind in LADDERS]
    if followed:
        ids = sorted({alert.subject_id for alert in followed})
        known = {row.id: row for row in queries.recommendations(session, ids)}
        for alert in followed:
            found[alert.id] = _of_recommendation(alert, known.get(alert.subject_id), as_of)
    return found


def _of_obstacle(note: queries_obstacles.Obstacle | None, as_of: dt.date) -> Standing:
    if note is None:
        return Standing(over="there is no such note")
    if note.overtaken:
        return Standing(over="a newer note says how it stands")
    what = f"action against slow delivery ({note.action}, {note.owner})"
    return Standing(
        state="open",
        ask=f"Clear away what stands in the way: {note.obstacle.rstrip('.')}.",
        noun="slow delivery",
        what=what,
        due=note.due_on,
        overdue=as_of > note.due_on,
        about=f"The problem: {note.problem.rstrip('.')}.",
        path=f"delivery-notes/{note.id}",
    )


def _of_risk(alert: Alerted, row: queries_risks.Watched | None, as_of: dt.date) -> Standing:
    if row is None:
        return Standing(over="the risk is closed, or on record no more")
    escalated = alert.rung == RISK_ESCALATED.name
    due = row.escalated_on if escalated else row.review_on
    if due is None:
        return Standing(over="it is escalated no more")
    if due != alert.due_on:
        return Standing(over=f"it was reviewed: the next review is due on {due}")
    where = f"project {row.project}" if row.project else f"unit {row.unit}"
    return Standing(
        state="open",
        ask=_ask(alert, (*RISK_LADDER, RISK_ESCALATED)),
        noun=f"risk {row.reference}",
        what=f"{'escalation' if escalated else 'review'} of risk {row.reference} of {where}",
        due=due,
        overdue=as_of > due,
        about=f"The risk: {row.event.rstrip('.')}.",
        path=f"risks/{row.id}",
    )


def _duties(session: Session, alerts: Sequence[Alerted], as_of: dt.date) -> tuple[dict[int, str], Mapping[str, Duty]]:
    """Names of the duties that alerts are about, by key, and the duties as they are now."""
    rows = queries.duties(session, sorted({alert.subject_id for alert in alerts}))
    below = frozenset(row.agreement_id for row in rows if row.agreement_id is not None)
    known = gather(session, as_of, scope=Scope(agreement_ids=below))
    if any(row.agreement_id is None for row in rows):
        known = gather(session, as_of)
    return {key(row): row.name for row in rows}, by_name(known)


def _of_duty(alert: Alerted, duty: Duty | None, as_of: dt.date) -> Standing:
    if duty is None:
        return Standing(over="it is not asked for any more")
    state = duty.state(as_of)
    if not state.is_open:
        return Standing(over=state.value, state=state.value)
    if duty.due != alert.due_on:
        return Standing(over=f"the due date moved to {duty.due}", state=state.value)
    whose = f"of {duty.agreement} ({duty.partner})" if duty.agreement else f"of {duty.partner}"
    named = duty.agreement is not None and duty.agreement in duty.what
    what = duty.what if named else f"{duty.what} {whose}"
    paid = (
        f"{plain(duty.received)} of {plain(duty.amount)} {duty.currency} came."
        if duty.amount is not None and (duty.received)
        else ""
    )
    return Standing(
        state=state.value,
        ask=_ask(alert, DUTY_LADDERS[duty.kind]),
        noun=what,
        what=what,
        due=duty.due,
        overdue=as_of > duty.due,
        about=paid,
        path=f"agreements/{duty.agreement_id}" if duty.agreement_id is not None else "reports/agreements-due",
    )


def _of_obligation(alert: Alerted, one: Seen | None, used: InUse, as_of: dt.date) -> Standing:
    if one is None:
        return Standing(over="the project is archived, or it is not owed any more")
    if one.obligation is None or one.state == CANNOT_TELL:
        return Standing(over="whether it is owed cannot be told any more", state=one.state)
    row, due, state = one.row, one.obligation.due, State(one.state)
    if not state.is_open:
        return Standing(over=state.value, state=one.state)
    if not may_alert(Stage(row.stage), state):
        return Standing(over="the project has not begun", state=one.state)
    if due != alert.due_on:
        return Standing(over=f"the due date moved to {due}", state=one.state)
    noun = f"{row.kind} {row.number}" if row.number else str(row.kind)
    of_whom = "" if row.project_id is not None else f" of the {row.project}"
    independence = one.obligation.independence.value
    begun = state is State.UNDER_WAY
    waived = one.standing.waiver if one.standing else None
    about = []
    if (moved := one.standing.reschedule if one.standing else None) is not None:
        about.append(f"It was moved from {row.due_on}, approved by {moved.approved_by}.")
    if one.reference:
        about.append(f"Evaluation {one.reference} is {_PROGRESS.get(state, 'not done yet')}.")
    return Standing(
        state=state.value,
        ask=_ask(alert, used.ladder(row.rules, one.obligation.kind)),
        noun=f"{noun} evaluation{of_whom}",
        what=f"{noun} evaluation ({independence}){of_whom}",
        due=due,
        overdue=as_of > due,
        begun=begun,
        owed_again_on=waived.until if waived else None,
        about=" ".join(about),
        why=why_owed(one.obligation.reason, row.rules),
        path=f"obligations/{row.id}",
    )


def _of_recommendation(alert: Alerted, row: Recommended | None, as_of: dt.date) -> Standing:
    if row is None:
        return Standing(over="the recommendation is archived")
    if row.status not in queries.FOLLOWED:
        return Standing(over=row.status.value, state=row.status.value)
    due = due_of(row, alert.subject_kind)
    if due is None:
        return Standing(over=_SEEN_TO.get(alert.subject_kind, "not agreed to any more"))
    if due != alert.due_on:
        return Standing(over=f"the due date moved to {due}", state=row.status.value)
    what = _SUBJECTS[alert.subject_kind]
    owner = f" Owner: {row.owner}." if row.owner else ""
    return Standing(
        state=row.status.value,
        ask=_ask(alert, LADDERS[alert.subject_kind]),
        noun=f"{what} recommendation {row.reference}",
        what=f"{what} recommendation {row.reference}",
        due=due,
        overdue=as_of > due,
        about=f"Recommended: {row.text}{owner}",
        path=f"recommendations/{row.id}",
    )


def _ask(alert: Alerted, ladder: Iterable[Rung]) -> str:
    """What the rung asks for; by the words of the record where the ladder has it no more."""
    found = next((rung.ask for rung in ladder if rung.name == alert.rung), None)
    return found or alert.message.partition(". ")[0].rstrip(".") + "."
