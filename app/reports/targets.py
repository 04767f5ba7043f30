"""Targets beside the figures of units and officers: the target in percent, and how far the rate is from it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.delivery import Delivery, Variant
from app.domain.money import WORKING, Money, Rates, round_places
from app.domain.periods import Period
from app.reports.frame import Cell, Request
from app.reports.printing import percent
from app.reports.queries_control import Target, Whose, targets

#: dimensions whose members have targets
OF = (("unit",), ("officer",))
MEANING = (
    "Target: as decided for exactly this period; an amount is told in percent of the allocation. To_target is the rate "
    "less the target in percentage points."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aims:
    """The targets of some periods."""

    by_whose: Mapping[Whose, Target]
    currency: str
    rates: Rates
    #: day of the rate of exchange of an amount
    on: dt.date

    def columns(
        self, slot: Period, rows: Sequence[tuple[str | None, Delivery]], variant: Variant
    ) -> dict[str, Sequence[Cell]]:
        """For each row, by its code: the target of a period, and the rate less it; empty where there is none."""
        wanted = [self._wanted(code, slot, cell) for code, cell in rows]
        return {
            "target": [None if each is None else percent(each) for each in wanted],
            "to_target": [_distance(cell.percent(variant), each) for (_, cell), each in zip(rows, wanted, strict=True)],
        }

    def _wanted(self, code: str | None, slot: Period, cell: Delivery) -> Decimal | None:
        target = self.by_whose.get((code or "", slot.start, slot.end))
        if target is None or target.percent is not None:
            return None if target is None else target.percent
        if target.amount is None or target.currency is None or not cell.allocation:
            return None
        money = self.rates.convert(Money(target.amount, target.currency), self.currency, self.on)
        return WORKING.divide(money.amount.scaleb(2), cell.allocation) if isinstance(money, Money) else None


def known(session: Session, request: Request, groups: tuple[str, ...], slots: Sequence[Period]) -> Aims | None:
    """The targets of these periods; None where there are none, or figures are grouped by anything else."""
    if groups not in OF:
        return None
    days = {(slot.start, slot.end) for slot in slots}
    found = targets(session, groups[0], as_of=request.as_of, recorded_at=request.recorded_at)
    asked = {whose: each for whose, each in found.items() if whose[1:] in days}
    if not asked:
        return None
    rates = stored_rates(session, recorded_at=request.recorded_at)
    return Aims(by_whose=asked, currency=request.currency, rates=rates, on=request.as_of)


def _distance(rate: str | None, wanted: Decimal | None) -> str | None:
    if rate is None or wanted is None:
        return None
    return percent(WORKING.subtract(Decimal(rate), round_places(wanted, 2)))
