"""What is remarked of an agreement that was taken in all the same."""

import datetime as dt

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement
from app.db.lookups import closed_over
from app.domain.contributions import VOLUNTARY, below_full_cost, full_cost, kind_of
from app.domain.money import Money, plain
from app.domain.terms import AgreementStatus, Origin
from app.funding import frameworks, purposes, queries
from app.funding.decided import RULE
from app.inputs import FaultList

#: rule: the instalments of an agreement make more than it
SCHEDULED = "agreement.instalments-exceed"


def remark_all(session: Session, agreement: Agreement, found: FaultList) -> None:
    """Everything that somebody should look at."""
    remark_amended(session, agreement, found)
    purposes.remark(session, agreement.earmarked_for_refs, found)


def remark_closed(
    session: Session, reference: str, status: AgreementStatus, day: dt.date | None, told: FaultList
) -> None:
    """An old signature or pledge is history, which is taken in; but figures of its time were reported without it.

    ``day``: that of the signature or of the pledge.
    """
    if (closed := closed_over(session, day)) is None:
        return
    if status is AgreementStatus.PLEDGED:
        message = (
            f"{reference} was pledged on {day}, and the books are closed until {closed}: what was pledged "
            "then is more than was reported."
        )
        told.add("decided_on", RULE, message)
    else:
        message = (
            f"{reference} was signed on {day}, and the books are closed until {closed}: what was approved "
            "then is more than was reported."
        )
        told.add("signed_on", RULE, message)


def refuse_moved(closed: dt.date, before: dt.date, after: dt.date | None, found: FaultList) -> None:
    """Notes a fault: the day of a signature would move from or into books that are closed until a day."""
    message = (
        f"The books are closed until {closed}, and what was approved on {before} would move to {after}: an "
        "administrator opens them again with a reason, for as long as it is corrected."
    )
    found.add("signed_on", RULE, message)


def tell_reported(agreement: Agreement, closed: dt.date, changes: set[str], found: FaultList, told: FaultList) -> None:
    """Refuses another currency or partner of what was reported of closed books; others may join, which is remarked."""
    for column, field in (("currency", "currency"), ("partner_id", "partner")):
        if column in changes:
            message = (
                f"The books are closed until {closed}, and this {field} was reported of them: cancel the agreement "
                "and enter another one, or let an administrator open them again with a reason."
            )
            found.add(field, RULE, message)
    for field in ("further_partners", "mobilised_locally"):
        if field in changes:
            message = (
                f"{agreement.reference} was reported of books that are closed until {closed}, and this changes their "
                "figures."
            )
            told.add(field, RULE, message)


def remark_taken_over(session: Session, agreement: Agreement, days: list[dt.date], told: FaultList) -> None:
    """Allocations that named an agreement before it was entered are of its partner now. ``days``: of their decisions"""
    if (closed := closed_over(session, *days)) is not None:
        message = (
            f"{agreement.reference} takes over allocations that were decided in books that are closed until {closed}: "
            "delivery by partner is no longer what was reported of them."
        )
        told.add("reference", RULE, message)


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


def remark_scheduled(session: Session, agreement: Agreement, found: FaultList) -> None:
    """More than is agreed may be promised in a schedule, as long as an amendment waits; it is not left unsaid.

    Of an agreement that was taken over from a publication the amount is what its donors paid or committed there.
    """
    if agreement.origin is Origin.IMPORTED:
        return
    promised = queries.scheduled(session, key(agreement))
    if promised > agreement.amount:
        message = (
            f"The instalments of {agreement.reference} make {plain(promised)} of {plain(agreement.amount)} "
            f"{agreement.currency}: amend the agreement, or correct the instalment that is too much."
        )
        found.add("amount", SCHEDULED, message)


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
