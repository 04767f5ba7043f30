"""Closes the books: what is dated on or before the day is neither posted nor changed any more.

A period that was closed is opened again only with a reason, which the audit trail keeps.
"""

import datetime as dt

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.books import CLOSING
from app.db.lookups import the_setup
from app.db.organisation import Setup
from app.domain.access import Actor, Right
from app.domain.told import Told
from app.inputs import FaultList
from app.organisation.schemas import BooksIn


def set_books(session: Session, actor: Actor, body: BooksIn, *, today: dt.date) -> Setup:
    """Closes the books up to a day that is over, or opens a part of them (or all) again.

    :raises InvalidInput: when the day is not over, or when a period is opened again without a reason.
    """
    actor.require(Right.ADMINISTER)
    setup = the_setup(session)
    before, wanted = setup.closed_until, body.closed_until
    faults = FaultList("")
    if wanted is not None and wanted >= today:
        message = Told("%(day)s is not over: close the books up to a day before today.", day=wanted)
        faults.add("closed_until", "books.future-date", message)
    opened = before is not None and (wanted is None or wanted < before)
    if before is not None and opened and body.reason is None:
        message = Told("The books are closed until %(day)s: say why they are opened again.", day=before)
        faults.add("reason", "books.reason", message)
    faults.refuse()
    if wanted == before:
        return setup
    setup.closed_until = wanted
    session.flush()
    why = Change(
        aggregate=f"organisations:{setup.organisation_id}",
        action="open-books" if opened else CLOSING,
        entity="setup",
        entity_id=str(setup.id),
        before={"closed_until": before and before.isoformat()},
        after={"closed_until": wanted and wanted.isoformat(), "reason": body.reason},
    )
    append_events(session, actor.name, [why])
    return setup
