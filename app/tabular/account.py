"""What an import of a table did, or would do: the account that every door gives."""

from dataclasses import dataclass, field

from app.errors import Fault
from app.tabular.differences import Differences
from app.tabular.mapping.apply import Skipped

#: the rule of a fault by which reading stopped
STOPPED = "table.too-many"


@dataclass(kw_only=True, slots=True)
class TableReport:
    """What an import did, or would do."""

    kind: str
    file: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    #: whether anything was stored
    stored: bool = False
    faults: list[Fault] = field(default_factory=list)
    #: remarks on rows that were taken in all the same
    findings: list[Fault] = field(default_factory=list)
    #: rows that were left out because the mapping or an option says so
    skipped: list[Skipped] = field(default_factory=list)
    #: what changed since the last file of the same source; None for kinds that are not compared
    differences: Differences | None = None

    @property
    def faulty_rows(self) -> int:
        """How many of the ``rows`` have faults; where reading stopped, the row that says so is not one of them."""
        told = (fault for fault in self.faults if fault.rule != STOPPED)
        return len({fault.row for fault in told if fault.row is not None})

    @property
    def stopped(self) -> bool:
        """Whether reading stopped, so that ``rows`` are not all that the file has."""
        return any(fault.rule == STOPPED for fault in self.faults)

    def as_dict(self) -> dict[str, object]:
        further: dict[str, object] = {}
        if self.skipped:
            further["skipped"] = [each.as_dict() for each in self.skipped]
        if self.differences is not None:
            further["differences"] = self.differences.as_dict()
        return further | {
            "kind": self.kind,
            "file": self.file,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "stored": self.stored,
            "faults": [fault.as_dict() for fault in self.faults],
            "findings": [finding.as_dict() for finding in self.findings],
        }
