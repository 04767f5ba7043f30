"""What is remarked of an agreement that was taken in all the same."""

from sqlmodel import Session

from app.db.funding import Agreement
from app.db.lookups import closed_over
from app.domain.contributions import VOLUNTARY, below_full_cost, full_cost, kind_of
from app.domain.money import Money
from app.funding import frameworks, purposes
from app.inputs import FaultList


def remark_all(session: Session, agreement: Agreement, found: FaultList) -> None:
    """Everything that somebody should look at."""
    remark_amended(session, agreement, found)
    purposes.remark(session, agreement.earmarked_for_refs, found)


def remark_closed(session: Session, agreement: Agreement, found: FaultList) -> None:
    """An old signature is history, which is taken in; but the approvals of its time were reported without it."""
    if (closed := closed_over(session, agreement.signed_on)) is not None:
        message = (
            f"{agreement.reference} was signed on {agreement.signed_on}, and the books are closed until {closed}: what "
            "was approved then is more than was reported."
        )
        found.add("signed_on", "agreement.closed-period", message)


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
