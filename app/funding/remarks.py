"""What stops a new signature, and what is remarked of an agreement that was taken in all the same."""

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session

from app.db.funding import Agreement
from app.db.lookups import calendar_of, the_setup
from app.db.partners import Partner
from app.domain.contributions import VOLUNTARY, below_full_cost, full_cost, kind_of
from app.domain.disclosure import cleared_before
from app.domain.money import Money
from app.domain.terms import Screening
from app.funding import frameworks, purposes
from app.inputs import FaultList


def remark_all(session: Session, agreement: Agreement, found: FaultList) -> None:
    """Everything that somebody should look at."""
    remark_amended(session, agreement, found)
    purposes.remark(session, agreement.earmarked_for_refs, found)


def remark_amended(session: Session, agreement: Agreement, found: FaultList) -> None:
    """What somebody should look at of all that an amendment can change: amount, period, support cost."""
    remark_nothing(agreement, found)
    remark_support_cost(agreement, found)
    frameworks.remark(session, agreement, found)


def remark_nothing(agreement: Agreement, found: FaultList) -> None:
    """Tables of approvals print noughts, and they are taken as printed; an amount that is not known yet is not one."""
    if not agreement.amount:
        message = (
            f"{agreement.reference} is on record with an amount of 0: enter the amount if it is only not known yet."
        )
        found.add("amount", "agreement.nothing-agreed", message)


def screen(
    session: Session,
    who: Iterable[Partner],
    day: dt.date,
    today: dt.date,
    found: FaultList,
    history: FaultList | None,
) -> None:
    """Whether partners may sign on the day.

    ``history``: takes what is remarked of a signature of an earlier fiscal year, which nothing can stop any more; None:
    it is refused as well.
    """
    is_old = day < calendar_of(the_setup(session)).year_of(today).start
    for each in who:
        if history is not None and is_old:
            remark_screening(each, day, history)
        else:
            check_screening(each, day, found)


def check_screening(partner: Partner, day: dt.date, found: FaultList) -> None:
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
    found.add("status", "agreement.screening", message)


def remark_screening(partner: Partner, day: dt.date, found: FaultList) -> None:
    """A signature of an earlier fiscal year that a table brings is history: it is remarked, not refused."""
    if partner.screening in (Screening.PENDING, Screening.REFUSED):
        how = f"its screening is {partner.screening.value}"
    elif cleared_before(partner.screening, partner.cleared_until, day):
        how = f"its clearance had ended on {partner.cleared_until}"
    else:
        return
    message = f"{partner.code} signed on {day}; {how}: have it cleared before it signs again."
    found.add("partner", "agreement.signed-unscreened", message)


def remark_support_cost(agreement: Agreement, found: FaultList) -> None:
    """A donor that pays less than full cost is told of."""
    kind = kind_of(agreement.corporate_wording, agreement.category)
    if agreement.support_cost_rate is None or kind not in VOLUNTARY:
        return
    cost = full_cost(
        Money(agreement.amount, agreement.currency),
        gross=agreement.gross,
        agreed_rate=agreement.support_cost_rate.scaleb(-2),
        category=agreement.category,
    )
    finding = below_full_cost(agreement.reference, cost)
    if finding is not None:
        found.add("support_cost_rate", finding.rule, finding.message)
