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
from app.domain.evaluation.words import evaluation_named, why_owed
from app.domain.told import Reason, Told
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import of_keys
from app.evaluations.obligations.views import CANNOT_TELL, views
from app.evaluations.policies.rulebook import InUse, in_use
from app.projects import queries_risks
from app.reports.duties import by_name, gather
from app.reports.queries_duties import Scope

_SEEN_TO = {"response": Told("answered"), "plan": Told("the plan is given, or not asked for any more")}
#: why an alert asks for nothing any more, where the state says so
_OVER = {
    "done": Told("done"),
    "done late": Told("done late"),
    "ended": Told("its day has passed"),
    "waived": Told("waived"),
    "superseded": Told("superseded"),
    "lapsed": Told("lapsed"),
    "verified": Told("verified"),
    "dropped": Told("dropped"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An alert on a day; its sentences are :class:`Told` where the program wrote them."""

    #: why it asks for nothing any more; empty: it does
    over: str = ""
    state: str = ""
    #: what is to be done, as a sentence
    ask: str = ""
    #: what it is about, such as "final evaluation", and in full, such as "final evaluation (independent)"
    noun: str = ""
    what: str = ""
    #: of several of which one is like the other: what each of them is, such as "annual review"; empty: of none
    kind: str = ""
    due: dt.date | None = None
    overdue: bool = False
    #: whether work on it has begun
    begun: bool = False
    #: day from which it is owed again, after a waiver that was taken back
    owed_again_on: dt.date | None = None
    #: further sentences, and the reason why it is owed
    about: tuple[str, ...] = ()
    why: str = ""
    #: of the record, below the service's address: among the pages, and for programs
    page: str = ""
    path: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is to be done, and by when."""
        if self.due is None:
            return tuple(filter(None, (self.ask, *self.about)))
        if self.overdue:
            by_when = Told("The due date of the %(what)s passed on %(due)s.", what=self.what, due=self.due)
        else:
            by_when = Told("The %(what)s is due on %(due)s.", what=self.what, due=self.due)
        return tuple(part for part in (self.ask, by_when, *self.about) if part)

    @property
    def text(self) -> str:
        """The sentences as programs read them: in English, with days as ISO writes them."""
        return " ".join(self.sentences)


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
        return Standing(over=Told("there is no such note"))
    if note.overtaken:
        return Standing(over=Told("a newer note says how it stands"))
    what = Told("action against slow delivery (%(action)s, %(owner)s)", action=note.action, owner=note.owner)
    return Standing(
        state="open",
        ask=Told("Clear away what stands in the way: %(obstacle)s.", obstacle=note.obstacle.rstrip(".")),
        noun=Told("slow delivery"),
        what=what,
        due=note.due_on,
        overdue=as_of > note.due_on,
        about=(Told("The problem: %(problem)s.", problem=note.problem.rstrip(".")),),
        page="delivery/notes",
        path=f"delivery-notes/{note.id}",
    )


def _of_risk(alert: Alerted, row: queries_risks.Watched | None, as_of: dt.date) -> Standing:
    if row is None:
        return Standing(over=Told("the risk is closed, or on record no more"))
    escalated = alert.rung == RISK_ESCALATED.name
    due, noun = row.escalated_on if escalated else row.review_on, Told("risk %(risk)s", risk=row.reference)
    if due is None:
        return Standing(over=Told("it is escalated no more"), noun=noun)
    if due != alert.due_on:
        return Standing(over=Told("it was reviewed: the next review is due on %(due)s", due=due), noun=noun)
    where = Told("project %(code)s", code=row.project) if row.project else Told("unit %(code)s", code=row.unit or "")
    if escalated:
        what = Told("escalation of risk %(risk)s of %(where)s", risk=row.reference, where=where)
    else:
        what = Told("review of risk %(risk)s of %(where)s", risk=row.reference, where=where)
    return Standing(
        state="open",
        ask=_ask(alert, (*RISK_LADDER, RISK_ESCALATED)),
        noun=noun,
        what=what,
        due=due,
        overdue=as_of > due,
        about=(Told("The risk: %(event)s.", event=row.event.rstrip(".")),),
        page=f"risks/{row.id}",
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
        return Standing(over=Told("it is not asked for any more"))
    state = duty.state(as_of)
    if not state.is_open:
        return Standing(over=_OVER.get(state.value, state.value), state=state.value, noun=duty.what)
    if duty.due != alert.due_on:
        return Standing(over=Told("the due date moved to %(due)s", due=duty.due), state=state.value, noun=duty.what)
    what = duty.what
    if duty.agreement is None:
        what = Told("%(what)s of %(partner)s", what=duty.what, partner=duty.partner)
    elif duty.agreement not in duty.what:
        what = Told(
            "%(what)s of %(agreement)s (%(partner)s)", what=duty.what, agreement=duty.agreement, partner=duty.partner
        )
    about = []
    if duty.amount is not None and duty.received:
        about.append(
            Told(
                "%(received)s of %(amount)s %(currency)s came.",
                received=duty.received,
                amount=duty.amount,
                currency=duty.currency or "",
            )
        )
    path = f"agreements/{duty.agreement_id}" if duty.agreement_id is not None else "reports/agreements-due"
    return Standing(
        state=state.value,
        ask=_ask(alert, DUTY_LADDERS[duty.kind]),
        noun=what,
        what=what,
        due=duty.due,
        overdue=as_of > duty.due,
        about=tuple(about),
        page=path,
        path=path,
    )


def _of_obligation(alert: Alerted, one: Seen | None, used: InUse, as_of: dt.date) -> Standing:
    if one is None:
        return Standing(over=Told("the project is archived, or it is not owed any more"))
    if one.obligation is None or one.state == CANNOT_TELL:
        return Standing(over=Told("whether it is owed cannot be told any more"), state=one.state)
    kind, number = one.obligation.kind.value, one.row.number
    whom = None if one.row.project_id is not None else one.row.project
    noun = evaluation_named(kind, number, whom)
    row, due, state = one.row, one.obligation.due, State(one.state)
    if not state.is_open:
        return Standing(over=_OVER.get(state.value, state.value), state=one.state, noun=noun)
    if not may_alert(Stage(row.stage), state):
        return Standing(over=Told("the project has not begun"), state=one.state, noun=noun)
    if due != alert.due_on:
        return Standing(over=Told("the due date moved to %(due)s", due=due), state=one.state, noun=noun)
    begun = state is State.UNDER_WAY
    waived = one.standing.waiver if one.standing else None
    about = []
    if (moved := one.standing.reschedule if one.standing else None) is not None:
        about.append(
            Told("It was moved from %(due)s, approved by %(name)s.", due=row.due_on or due, name=moved.approved_by)
        )
    if one.reference:
        about.append(_progress(one.reference, state))
    return Standing(
        state=state.value,
        ask=_ask(alert, used.ladder(row.rules, one.obligation.kind)),
        noun=noun,
        what=evaluation_named(kind, number, whom, one.obligation.independence.value),
        kind=evaluation_named(kind, 0, whom),
        due=due,
        overdue=as_of > due,
        begun=begun,
        owed_again_on=waived.until if waived else None,
        about=tuple(about),
        why=Reason(why_owed(one.obligation.reason, row.rules)),
        page=f"evaluations/duties/{row.id}",
        path=f"obligations/{row.id}",
    )


def _of_recommendation(alert: Alerted, row: Recommended | None, as_of: dt.date) -> Standing:
    if row is None:
        return Standing(over=Told("the recommendation is archived"))
    what = _subject(alert.subject_kind, row.reference)
    if row.status not in queries.FOLLOWED:
        return Standing(over=_OVER.get(row.status.value, row.status.value), state=row.status.value, noun=what)
    due = due_of(row, alert.subject_kind)
    if due is None:
        return Standing(over=_SEEN_TO.get(alert.subject_kind, Told("not agreed to any more")), noun=what)
    if due != alert.due_on:
        return Standing(over=Told("the due date moved to %(due)s", due=due), state=row.status.value, noun=what)
    about = [Told("Recommended: %(text)s", text=row.text)]
    if row.owner:
        about.append(Told("Owner: %(name)s.", name=row.owner))
    return Standing(
        state=row.status.value,
        ask=_ask(alert, LADDERS[alert.subject_kind]),
        noun=what,
        what=what,
        due=due,
        overdue=as_of > due,
        about=tuple(about),
        page=f"recommendations/{row.id}",
        path=f"recommendations/{row.id}",
    )


def _progress(reference: str, state: State) -> Told:
    """How far the evaluation is that serves it."""
    if state is State.PLANNED:
        return Told("Evaluation %(reference)s is planned.", reference=reference)
    if state is State.UNDER_WAY:
        return Told("Evaluation %(reference)s is under way.", reference=reference)
    return Told("Evaluation %(reference)s is not done yet.", reference=reference)


def _subject(kind: str, reference: str) -> Told:
    """What is asked for of a recommendation."""
    if kind == "response":
        return Told("response to recommendation %(reference)s", reference=reference)
    if kind == "plan":
        return Told("plan of action on recommendation %(reference)s", reference=reference)
    return Told("action agreed on recommendation %(reference)s", reference=reference)


def _ask(alert: Alerted, ladder: Iterable[Rung]) -> str:
    """What the rung asks for; by the words of the record where the ladder has it no more."""
    found = next((rung.ask for rung in ladder if rung.name == alert.rung), None)
    return found or alert.message.partition(". ")[0].rstrip(".") + "."
