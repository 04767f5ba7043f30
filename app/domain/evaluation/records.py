"""Obligations as kept, with what people decided about them, and the changes a recomputation makes."""

from dataclasses import dataclass
from datetime import date

from app.domain.evaluation.facts import Obligation


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """An approved decision that an evaluation need not be done."""

    reason: str
    approved_by: str
    approved_on: date
    #: Day from which it no longer holds, since it was taken back.
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.approved_on <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """An approved decision that a waiver holds no longer: the evaluation is owed again."""

    reason: str
    approved_by: str
    approved_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Reschedule:
    """An approved decision to move an evaluation's due date."""

    due: date
    reason: str
    approved_by: str
    approved_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An obligation as kept. The id is its identity; several may share a key, at most one of them current."""

    id: int
    obligation: Obligation
    #: Set when a newer one took its place.
    superseded_by: int | None = None
    #: Set when it came to nothing without a successor.
    lapsed_because: str | None = None
    #: Last day of the project when it lapsed by an early close.
    lapsed_at_end: date | None = None
    waiver: Waiver | None = None
    reschedule: Reschedule | None = None

    @property
    def is_waived(self) -> bool:
        """Whether a waiver was approved and not taken back."""
        return self.waiver is not None and self.waiver.until is None

    @property
    def is_current(self) -> bool:
        return self.superseded_by is None and self.lapsed_because is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """A new obligation. ``replaces`` names a lapsed one of the same key that it brings back, if any."""

    obligation: Obligation
    replaces: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """The kept obligation ``id`` gives way to a new one and must point to it."""

    id: int
    successor: Obligation
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Restated:
    """Identity and dates stay; the reason in words, the rules behind it or the weeks to respond are newer."""

    id: int
    obligation: Obligation


@dataclass(frozen=True, kw_only=True, slots=True)
class Lapsed:
    """The kept obligation ``id`` comes to nothing, visibly."""

    id: int
    reason: str
    #: See :attr:`Standing.lapsed_at_end`.
    at_end: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BecameInterim:
    """The mid-term evaluation ``evaluation`` was under way when the end moved: its kind is now interim."""

    evaluation: int
    reason: str


Change = Created | Superseded | Restated | Lapsed | BecameInterim


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What a recomputation makes of a project's kept obligations."""

    changes: tuple[Change, ...]
    #: Ids that stay exactly as they are.
    kept: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)
