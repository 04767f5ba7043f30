"""What an indicator is: a weight in the index, and the tests that share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from iati.score.facts import Activity, Organisation

ActivityTest = Callable[[Activity], bool | None]
OrganisationTest = Callable[[Organisation], bool | None]


class Component(Enum):
    """The parts of the index, with what they weigh in it."""

    PLANNING = ("Organisational planning and commitments", Decimal(15))
    FINANCE = ("Finance and budgets", Decimal("24.99"))
    ATTRIBUTES = ("Project attributes", Decimal(20))
    JOINING_UP = ("Joining-up development data", Decimal(20))
    PERFORMANCE = ("Performance", Decimal(20))

    def __init__(self, title: str, weight: Decimal) -> None:
        self.title = title
        self.weight = weight


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator. Its weight is shared equally by its tests.

    A test is a function from a record to True (passed), False (failed) or None (the test does not apply to it); the
    function's docstring says what it asks.
    """

    id: str
    name: str
    component: Component
    weight: Decimal  #: points of the index, of about 100
    activity_tests: tuple[ActivityTest, ...] = ()
    organisation_tests: tuple[OrganisationTest, ...] = ()

    @property
    def tests(self) -> tuple[Callable[..., bool | None], ...]:
        """All its tests; an indicator has tests of one kind only."""
        return (*self.activity_tests, *self.organisation_tests)


def describe(test: Callable[..., bool | None]) -> str:
    """What a test asks, in a sentence or two."""
    return " ".join((test.__doc__ or "").split())


def name_of(test: Callable[..., bool | None]) -> str:
    """The name under which a test is reported: ``planned_end`` → ``planned-end``."""
    return getattr(test, "__name__", "").replace("_", "-")
