"""Allocations that were entered before the agreement that they name: they are of it from its entry on.

So the order in which an office loads its tables does not matter.
"""

import datetime as dt

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement
from app.db.spending import Allocation
from app.db.together import part_added, settled
from app.domain.access import Actor
from app.funding import queries_allocated
from app.funding.queries_ahead import NAMED

#: what a decision says beside its source
_SAID = (
    "project_id", "period_start", "period_end", "source", "kind", "outcome", "country", "line", "decided_on", "amount",
    "currency", "status", "value_date", "reason", "note",
)  # fmt: skip


def take_over(session: Session, actor: Actor, agreement: Agreement) -> list[dt.date]:
    """Appends each such decision with the agreement as its source; gives the days of the decisions.

    :raises NotAllowed: when an officer of a unit would so change the sources of another.
    """
    known = NAMED.known(session)
    reference = agreement.reference
    rows = queries_allocated.named(session, reference) if known is None else known.get(reference, ())
    if rows and actor.of_a_unit:
        actor.require_claim(queries_allocated.units_of(session, rows))
    for row in rows:
        said = {name: getattr(row, name) for name in _SAID}
        taken = Allocation(**said, agreement_id=key(agreement), supersedes_id=row.id, recorded_by=actor.name)
        part_added(session, taken)
    settled(session)
    return [row.decided_on for row in rows]
