"""What came of a row that was put: made, changed, or already so."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

RowType = TypeVar("RowType")

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Put(Generic[RowType]):
    row: RowType
    outcome: Outcome
