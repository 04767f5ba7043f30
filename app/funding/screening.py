"""Screening where agreements are signed: a new signature waits for it, and of an old one it is remarked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement
from app.db.lookups import calendar_of, the_setup
from app.db.partners import Partner
from app.domain.disclosure import cleared_before
from app.domain.terms import AgreementStatus, Screening
from app.funding.partners import keys_of
from app.funding.schemas import AgreementIn
from app.inputs import FaultList


def screen(
    session: Session,
    who: Iterable[Partner],
    day: dt.date,
    today: dt.date,
    found: FaultList,
    history: FaultList | None,
    *,
    field: str = "status",
) -> None:
    """Whether partners may sign on the day.

    ``field``: what is at fault where one may not. ``history``: takes what is remarked of a signature of an earlier
    fiscal year, which nothing can stop any more; None: it is refused as well.
    """
    is_old = day < calendar_of(the_setup(session)).year_of(today).start
    for each in who:
        if history is not None and is_old:
            _remark(each, day, history)
        else:
            _check(each, day, found, field)


def _check(partner: Partner, day: dt.date, found: FaultList, field: str) -> None:
    """A new signature waits until the partner's screening is cleared."""
    match partner.screening:
        case Screening.PENDING:
            message = f"The screening of {partner.code} is pending: sign when it is cleared."
        case Screening.REFUSED:
            message = f"The screening of {partner.code} was refused."
        case _ if cleared_before(partner.screening, partner.cleared_until, day):
            message = f"The clearance of {partner.code} ended on {partner.cleared_until}: have it screened again."
        case _:
            return
    found.add(field, "agreement.screening", message)


def _remark(partner: Partner, day: dt.date, found: FaultList) -> None:
    """What nothing can stop any more, such as an old signature that a table brings, is remarked, not refused."""
    if partner.screening in (Screening.PENDING, Screening.REFUSED):
        how = f"its screening is {partner.screening.value}"
    elif cleared_before(partner.screening, partner.cleared_until, day):
        how = f"its clearance had ended on {partner.cleared_until}"
    else:
        return
    message = f"{partner.code} signed on {day}; {how}: have it cleared before it signs again."
    found.add("partner", "agreement.signed-unscreened", message)


def screen_joining(
    session: Session,
    agreement: Agreement,
    after: AgreementIn,
    who: Mapping[str, Sequence[Partner]],
    today: dt.date,
    found: FaultList,
    history: FaultList | None,
) -> dict[str, str]:
    """Who joins an agreement in force signs it on the day of the decision; of one that is over nobody signs any more.

    ``who``: its partners after the change, by the field that names them. ``history``: as :func:`screen` says. Gives
    the days on which those joined who did not sign with the others.
    """
    ends = (agreement.ends_on, after.ends_on)
    is_over = agreement.status is AgreementStatus.COMPLETED or all(day is not None and day < today for day in ends)
    usual = (after.ends_on or after.signed_on or today) if is_over else today
    day = max(after.decided_on or usual, after.signed_on or usual)
    before = keys_of(session, agreement)
    joined = agreement.joined or {}
    days: dict[str, str] = {}
    for field, some in who.items():
        days |= {each.code: joined[each.code] for each in some if key(each) in before and each.code in joined}
        days |= {each.code: day.isoformat() for each in some if key(each) not in before}
        joining = [each for each in some if key(each) not in before]
        if not is_over:
            screen(session, joining, day, today, found, history, field=field)
        elif history is not None:
            for each in joining:
                _remark(each, day, history)
    return days
