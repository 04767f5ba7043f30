"""What came of a row that was put: made, changed, or already so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from app.db.base import Row
from app.domain.keys import formula_told
from app.errors import Fault

RowType_co = TypeVar("RowType_co", covariant=True)

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Put(Generic[RowType_co]):
    row: RowType_co
    outcome: Outcome
    #: remarks on a row that was taken in all the same
    findings: tuple[Fault, ...] = ()


def code_remarks(code: str, pointer: str = "", place: str = "code") -> tuple[Fault, ...]:
    """What is remarked of a code that a new record was given. ``pointer``: to the record; ``place``: of the code."""
    doubt = formula_told(code)
    return () if doubt is None else (Fault(pointer=f"{pointer}/{place}", rule="code.formula", message=doubt),)


def assign(row: Row, values: Mapping[str, object]) -> bool:
    """Sets what differs, and tells whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
