"""Amounts without support cost: what stands on record is gross, and gross is direct cost × (1 + the agreement's rate).

Sums come by project and agreement, and are divided once, after summing. Money that names no agreement has the rate of
those that fund its project, where they all have the same; the organisation's own resources have none.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlmodel import Session

from app.domain.money import WORKING
from app.reports import queries_projects
from app.reports.frame import Request
from app.reports.options import chosen
from app.reports.queries_support import support_rates

#: whether support cost is part of the figures
IN, OUT = "in", "out"
SENTENCES: Mapping[str, str] = {
    IN: "Support cost is included on both sides.",
    OUT: "Support cost is left out on both sides: amounts are divided by 1 plus the rate of their agreement as agreed "
    "on the day; money that names no agreement has the one rate of the agreements that fund its project.",
}
UNKNOWN = (
    "Some money names no agreement and the agreements of its project have no one rate of support cost: it is shown "
    "with whatever support cost it holds."
)
_ONE = Decimal(1)


@dataclass(kw_only=True, slots=True)
class Net:
    """Takes support cost out of amounts."""

    #: agreement → 1 + its rate
    agreements: Mapping[int, Decimal]
    #: project → the same, where all that funds it has one
    projects: Mapping[int, Decimal]
    #: whether an amount was met whose rate is not known
    unknown: bool = field(default=False)

    def of(self, amount: Decimal, project_id: int, agreement_id: int | None, *, own: bool = False) -> Decimal:
        """The amount without support cost; ``own``: it is of the organisation's own resources."""
        divisor = None if agreement_id is None else self.agreements.get(agreement_id)
        if divisor is None and not own:
            divisor = self.projects.get(project_id)
            self.unknown |= divisor is None and amount != 0
        return amount if divisor is None or divisor == _ONE else WORKING.divide(amount, divisor)


def asked(request: Request) -> str:
    """Whether support cost is in or out."""
    return chosen(request, "support_cost", (IN, OUT), IN)


def read(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> Net:
    rates = support_rates(session, as_of=as_of, recorded_at=recorded_at)
    agreements = {key: WORKING.add(_ONE, rate) for key, rate in rates.items()}
    funding: dict[int, set[Decimal]] = defaultdict(set)
    for project_id, agreement_id in queries_projects.funded_by(session, as_of=as_of, recorded_at=recorded_at):
        funding[project_id].add(agreements[agreement_id])
    alone = {project_id: next(iter(found)) for project_id, found in funding.items() if len(found) == 1}
    return Net(agreements=agreements, projects=alone)
