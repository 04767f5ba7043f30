"""Registers of risk: what may happen to a project or a unit, who sees to it, and whether anybody looked lately.

A unit that has projects under way, or any risk on record, keeps a register. It is current while every open risk in it
has an owner who is still there and a review that is not late. A unit without a risk on record has no register.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

#: likelihood times impact, each from 1 to 5, from which a risk is high
HIGH = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskFacts:
    """A risk as it is on record."""

    reference: str
    unit: str | None
    project: str | None
    likelihood: int
    impact: int
    opened_on: date
    #: day of the next review
    review_on: date
    reviewed_on: date | None
    escalated_on: date | None
    closed_on: date | None
    owner: str | None
    #: whether whoever owns it is no officer any more
    owner_left: bool

    @property
    def rating(self) -> int:
        return self.likelihood * self.impact

    def is_open(self, as_of: date) -> bool:
        return self.opened_on <= as_of and (self.closed_on is None or self.closed_on > as_of)

    def is_late(self, as_of: date) -> bool:
        """Whether its review was due before the day, and it was not looked at since."""
        if not self.is_open(as_of) or self.review_on >= as_of:
            return False
        return self.reviewed_on is None or self.reviewed_on > as_of or self.reviewed_on < self.review_on

    def is_escalated(self, as_of: date) -> bool:
        return self.is_open(as_of) and self.escalated_on is not None and self.escalated_on <= as_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """The risks of a unit or project on a day."""

    risks: int
    open: int
    high: int
    escalated: int
    not_reviewed: int
    owner_left: int

    @property
    def is_current(self) -> bool:
        return self.risks > 0 and self.not_reviewed == 0 and self.owner_left == 0


def register(risks: Iterable[RiskFacts], as_of: date) -> Register:
    """What the risks on record by the day come to."""
    known = [risk for risk in risks if risk.opened_on <= as_of]
    running = [risk for risk in known if risk.is_open(as_of)]
    return Register(
        risks=len(known),
        open=len(running),
        high=sum(risk.rating >= HIGH for risk in running),
        escalated=sum(risk.is_escalated(as_of) for risk in running),
        not_reviewed=sum(risk.is_late(as_of) for risk in running),
        owner_left=sum(risk.owner_left for risk in running),
    )


def current_share(registers: Sequence[Register]) -> tuple[int, int]:
    """How many registers are current, of how many that are asked for."""
    return sum(each.is_current for each in registers), len(registers)
