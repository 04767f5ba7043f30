"""The history of an agreement: decisions appended, each with the full terms from its day on.

Decisions are learnt in any order. One that is learnt late is appended like any other, and whatever later decisions
carried on without knowing of it is restated behind them. So the terms of a day are those of the newest decision by
then, and what was recorded before stays readable as it was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.domain.terms import AgreementStatus

_Value = TypeVar("_Value")


def entered_as(status: AgreementStatus) -> str:
    """The reason of a decision that was entered without one."""
    return f"Entered as {status.value}"


class RevisionKind(StrEnum):
    """What a decision on an agreement was."""

    ENTERED = "entered"
    SIGNED = "signed"
    AMENDED = "amended"
    REPURPOSED = "repurposed"
    ENDED = "ended"
    #: a later decision, told anew because an earlier one was learnt after it
    RESTATED = "restated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds between the partner and the organisation."""

    status: AgreementStatus
    amount: Decimal
    starts_on: date | None = None
    ends_on: date | None = None
    #: percent of direct cost; None: the standard rate
    support_cost_rate: Decimal | None = None
    #: whether the amount includes the support cost
    gross: bool = True
    preset: str | None = None
    modality: str = ""
    #: 1 (unearmarked) to 4 (tightly earmarked)
    category: int = 4
    aid_type: str | None = None
    corporate_wording: str | None = None
    #: what the money is for, in words and as references
    earmarked_for: str | None = None
    earmarked_for_refs: tuple[str, ...] = ()


#: names of the terms
TERMS = tuple(each.name for each in fields(Terms))


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A decision as it was recorded."""

    #: order of recording
    sequence: int
    known_on: date
    terms: Terms
    recorded_at: datetime | None = None
    kind: RevisionKind = RevisionKind.AMENDED
    #: names of the terms that it is about, also where it leaves them as they are; None: those in which it differs
    stated: frozenset[str] | None = None

    @property
    def order(self) -> tuple[bool, date, int]:
        """The greater one holds: a pledge never follows a signature, whenever it was entered."""
        return self.terms.status is not AgreementStatus.PLEDGED, self.known_on, self.sequence


def in_force(
    decisions: Iterable[Decision], *, as_of: date | None = None, recorded_at: datetime | None = None
) -> Decision | None:
    """The decision that holds on ``as_of`` (None: the newest), as recorded by ``recorded_at`` (None: by now)."""
    known = [
        each
        for each in decisions
        if (as_of is None or each.known_on <= as_of)
        and (recorded_at is None or each.recorded_at is None or each.recorded_at <= recorded_at)
    ]
    return max(known, key=lambda each: each.order, default=None)


def story(decisions: Iterable[Decision]) -> list[Decision]:
    """The last word of each day, in the order in which they hold; it is about all that was decided on the day."""
    last: dict[tuple[bool, date], Decision] = {}
    for each in sorted(decisions, key=lambda each: each.order):
        before = last.get(each.order[:2])
        if before is not None:
            both = None if before.stated is None or each.stated is None else before.stated | each.stated
            each = replace(each, stated=both)
        last[each.order[:2]] = each
    return list(last.values())


def decided(
    decisions: Sequence[Decision], day: date, change: Callable[[Terms], Terms]
) -> list[tuple[date, RevisionKind | None, Terms]]:
    """What is to be appended when ``change`` is decided as of ``day``: the decision itself (of no kind yet), then every
    later day that carried on what has now changed.

    A later decision on the same term stands.

    :raises LookupError: when nothing is on record by that day.
    """
    before = in_force(decisions, as_of=day)
    if before is None:
        raise LookupError(day)
    running, previous = change(before.terms), before.terms
    found: list[tuple[date, RevisionKind | None, Terms]] = [(day, None, running)]
    for each in story(decisions):
        if each.order[:2] > (before.order[0], day):
            running = _carried(running, previous, each)
            if running != each.terms:
                found.append((each.known_on, RevisionKind.RESTATED, running))
            previous = each.terms
    return found


def _carried(running: Terms, previous: Terms, decision: Decision) -> Terms:
    """What a later decision says itself, and for the rest what holds before it."""
    now, was, to, stated = decision.terms, previous, running, decision.stated

    def of(name: str, before: _Value, told: _Value, carried: _Value) -> _Value:
        said = told != before if stated is None else name in stated
        return told if said else carried

    refs = "earmarked_for_refs"
    return Terms(
        status=of("status", was.status, now.status, to.status),
        amount=of("amount", was.amount, now.amount, to.amount),
        starts_on=of("starts_on", was.starts_on, now.starts_on, to.starts_on),
        ends_on=of("ends_on", was.ends_on, now.ends_on, to.ends_on),
        support_cost_rate=of("support_cost_rate", was.support_cost_rate, now.support_cost_rate, to.support_cost_rate),
        gross=of("gross", was.gross, now.gross, to.gross),
        preset=of("preset", was.preset, now.preset, to.preset),
        modality=of("modality", was.modality, now.modality, to.modality),
        category=of("category", was.category, now.category, to.category),
        aid_type=of("aid_type", was.aid_type, now.aid_type, to.aid_type),
        corporate_wording=of("corporate_wording", was.corporate_wording, now.corporate_wording, to.corporate_wording),
        earmarked_for=of("earmarked_for", was.earmarked_for, now.earmarked_for, to.earmarked_for),
        earmarked_for_refs=of(refs, was.earmarked_for_refs, now.earmarked_for_refs, to.earmarked_for_refs),
    )
