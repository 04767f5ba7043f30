"""Which decisions the entry or a change of an agreement is, each with its day.

What nobody dates gets the day on which it is usual, and never one of closed books: figures that were reported of them
stay. A signature alone keeps its own day, whenever it is entered.
"""

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from app.db.base import key
from app.db.books import check_decided, moved_open
from app.db.funding import Agreement
from app.domain.agreements import TERMS
from app.domain.terms import AgreementStatus
from app.funding import queries
from app.funding.schemas import AgreementIn
from app.inputs import FaultList

RULE = "agreement.closed-period"
_STATUS = frozenset({"status"})


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: the status that it leaves, the day of the act, and the terms that it is about."""

    status: AgreementStatus
    known_on: dt.date
    about: frozenset[str]


def beginnings(body: AgreementIn, today: dt.date) -> list[Step]:
    """What is known of an agreement's past when it is entered: its signature, and how it ended."""
    if body.status is AgreementStatus.PLEDGED or body.signed_on is None:
        return [Step(body.status, body.decided_on or today, frozenset(TERMS))]
    found = [Step(AgreementStatus.SIGNED, body.signed_on, frozenset(TERMS))]
    if body.status is not AgreementStatus.SIGNED:
        ended = body.decided_on or _usual_end(body.status, body.ends_on, today)
        found.append(Step(body.status, max(ended, body.signed_on), _STATUS))
    return found


def steps(
    session: Session,
    agreement: Agreement,
    after: AgreementIn,
    changes: set[str],
    today: dt.date,
    found: FaultList,
    told: FaultList,
) -> list[Step]:
    """What a change decides, in the order of the acts; none where it is about no term.

    A signature is dated by itself, whenever it is entered, and also when the pledge before it was entered later and
    nobody said when it was made. What is completed ended on its last day, while other terms that change with it are
    decided today, as all is that nobody dates. ``told``: takes what is remarked of a day that closed books moved.
    """
    about = frozenset(changes & set(TERMS))
    if not about:
        return []
    decided_on, status, signed_on = after.decided_on, after.status, after.signed_on
    if decided_on is not None:
        found.refuse_ahead(decided_on, today)
        check_decided(session, found, decided_on, place="decided_on", rule=RULE)
    if agreement.status is AgreementStatus.PLEDGED and status is not AgreementStatus.PLEDGED and signed_on is not None:
        if status is AgreementStatus.SIGNED:
            return [Step(status, decided_on or signed_on, about)]
        ended = decided_on or _moved(session, _usual_end(status, after.ends_on, today), told)
        return [Step(AgreementStatus.SIGNED, signed_on, about), Step(status, max(ended, signed_on), _STATUS)]
    newest = queries.newest_revision(session, key(agreement))
    if decided_on is not None:
        if newest is not None and decided_on < newest.known_on:
            message = (
                f"A later decision, of {newest.known_on}, is on record: give a day that is not before it, or enter "
                "this one as an amendment."
            )
            found.add("decided_on", "revision.not-the-newest", message)
        return [Step(status, decided_on, about)]
    earliest = today if newest is None else newest.known_on
    now = max(today, earliest)
    if status is agreement.status:
        return [Step(status, now, about)]
    ended = _usual_end(status, after.ends_on, today)
    ended = _moved(session, ended if newest is None else max(ended, earliest), told)
    others = about - _STATUS
    if ended == now or not others:
        return [Step(status, ended, about)]
    return [Step(status, ended, _STATUS), Step(status, now, others)]


def posted_on(decided: list[Step]) -> dt.date:
    """The day on which a change moves money: that of its terms, or of the first act where it is about the status."""
    return next((step.known_on for step in decided if step.about - _STATUS), decided[0].known_on)


def _moved(session: Session, day: dt.date, told: FaultList) -> dt.date:
    return moved_open(session, told, day, place="decided_on", rule=RULE)


def _usual_end(status: AgreementStatus, ends_on: dt.date | None, today: dt.date) -> dt.date:
    """The day of an ending that nobody dates: what was completed ended on its last day, if that has come."""
    return min(ends_on, today) if status is AgreementStatus.COMPLETED and ends_on is not None else today
