"""What a job is: the work it is given, and the result it gives back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.config import Settings
from app.db.engine import Database
from app.db.leases import Held


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a job is given."""

    database: Database
    settings: Settings
    as_of: dt.date
    #: key of the run
    run_id: int
    held: Held

    @property
    def worker(self) -> str:
        return self.held.holder


@dataclass(kw_only=True, slots=True)
class Result:
    """What came of a job."""

    #: what the caller is told, beside the run and its day
    content: Mapping[str, object] = field(default_factory=dict)
    #: what the history keeps
    summary: Mapping[str, object] = field(default_factory=dict)
