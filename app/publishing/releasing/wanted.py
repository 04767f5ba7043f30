"""How a release is to be made."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.datasets import Split


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How a release is to be made."""

    as_of: dt.date
    split: Split
    max_bytes: int
    #: what the organisation publishes already: addresses, folders, files
    live: Sequence[str] = ()
    note: str | None = None
