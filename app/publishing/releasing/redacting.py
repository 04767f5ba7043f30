"""Withholding from publication, and releasing again: a project, a posting, the amount of a budget, a contact, a
document. Each is a decision with its reason, kept for good; the newest one counts."""

import datetime as dt
from enum import StrEnum

from sqlmodel import Session

from app.db.base import Kept, Row, key
from app.db.projects import Contact, Document, Project
from app.db.publishing import Redaction
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import Actor, Right
from app.errors import Fault, InvalidInput
from app.publishing.releasing import queries_redacting as queries


class Part(StrEnum):
    """What may be withheld."""

    PROJECT = "project"
    TRANSACTION = "transaction"
    CONTACT = "contact"
    DOCUMENT = "document"
    AMOUNT = "amount"


_ROWS: dict[Part, type[Row]] = {
    Part.TRANSACTION: LedgerEntry,
    Part.CONTACT: Contact,
    Part.DOCUMENT: Document,
    Part.AMOUNT: Allocation,
}


def decide(
    session: Session,
    actor: Actor,
    *,
    project: str,
    part: Part,
    subject: int | None,
    withheld: bool,
    reason: str,
    until: dt.date | None = None,
) -> Redaction:
    """Withholds a part of a project, or releases it again.

    ``project``: its code or identifier. ``subject``: key of the part; of the project itself none. ``until``: it is
    published again from that day.

    :raises InvalidInput: when there is no such project, the part is none of it, or a reason is missing.
    """
    actor.require(Right.PUBLISH)
    row = queries.project_called(session, project)
    if row is None:
        message = f"No project has the code or identifier {project}."
        raise InvalidInput([Fault(pointer="/project", rule="project.unknown", message=message)])
    faults = []
    if not reason.strip():
        faults.append(Fault(pointer="/reason", rule="required", message="Say why."))
    if until is not None and not withheld:
        message = "A day belongs to what is withheld until then."
        faults.append(Fault(pointer="/until", rule="redaction.until", message=message))
    below = None
    if part is not Part.PROJECT:
        below = None if subject is None else session.get(_ROWS[part], subject)
        if below is None or getattr(below, "project_id", None) != row.id:
            message = f"{project} has no {part.value} {subject}: the API and `earmark release show` tell the keys."
            faults.append(Fault(pointer="/subject", rule="redaction.unknown", message=message))
    elif subject is not None:
        message = "The project itself has no part: leave it out."
        faults.append(Fault(pointer="/subject", rule="redaction.unknown", message=message))
    if faults:
        raise InvalidInput(faults)
    target: Kept | None = row if part is Part.PROJECT else below if isinstance(below, Document) else None
    if isinstance(target, Project | Document):
        # what stands on the record itself is what publication looks at
        target.withheld_reason = reason.strip() if withheld and until is None else None
        target.embargo_until = until if withheld else None
    decision = Redaction(
        project_id=key(row),
        subject_kind=part.value,
        subject_id=key(row) if below is None else key(below),
        withheld=withheld,
        reason=reason.strip(),
        until=until,
        recorded_by=actor.name,
    )
    session.add(decision)
    session.flush()
    return decision
