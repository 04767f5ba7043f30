"""The kept obligations of a project as a copy of what its dated facts say.

What is kept is matched with what was replayed, so that an obligation keeps its key, and with it its alerts and the
decisions about it, through every replay: also when older facts are learnt and the history before it reads otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.evaluation.facts import CannotTell, Obligation
from app.domain.evaluation.replay import Owed, Replayed, Untold
from app.evaluations.obligations.facts import terms_of

#: why something that people had decided about, or were told of, stands no more
NEVER_OWED = "it was not owed by the dated facts as they are known now"
TOLD = "it can be told now"

#: what a copy says; the alert job's columns and the keys of successors are apart
COLUMNS = (
    "key",
    "kind",
    "number",
    "independence",
    "status",
    "opens_on",
    "due_on",
    "late_on",
    "reason",
    "rules",
    "missing",
    "terms",
    "caused_on",
    "created_on",
    "ended_on",
    "status_reason",
    "waiver_id",
    "reschedule_id",
)

#: columns that only word it anew, as most changes of a policy do
WORDING = ("reason", "rules", "missing", "terms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What the columns of one obligation say, and who comes after it."""

    #: by :data:`COLUMNS`
    values: dict[str, Any]
    #: place of the successor in the list of copies
    successor: int | None = None

    @property
    def stands(self) -> bool:
        return self.values["status"] in ("open", "cannot-tell")


def copies_of(replayed: Replayed) -> list[Copied]:
    """Everything that was replayed, in the order in which it was made; what cannot be told comes last."""
    owed = [Copied(values=_of_owed(one), successor=_place(one.successor)) for one in replayed.owed]
    return owed + [Copied(values=_of_untold(one)) for one in replayed.untold]


def _place(number: int | None) -> int | None:
    return None if number is None else number - 1


def key_of(obligation: Obligation) -> str:
    """Identity within the project: the kind, and for a review its number."""
    return f"{obligation.kind}-{obligation.ordinal}" if obligation.ordinal else str(obligation.kind)


def key_of_unknown(unknown: CannotTell) -> str:
    return f"?{unknown.kind or ''}"


def _of_owed(owed: Owed) -> dict[str, Any]:
    standing, obligation = owed.standing, owed.standing.obligation
    ended = "superseded" if standing.superseded_by is not None else "lapsed"
    return {
        "key": key_of(obligation),
        "kind": obligation.kind.value,
        "number": obligation.ordinal,
        "independence": obligation.independence.value,
        "status": "open" if standing.is_current else ended,
        "opens_on": obligation.opens,
        "due_on": obligation.due,
        "late_on": obligation.late,
        "reason": obligation.reason,
        "rules": list(obligation.rules),
        "missing": None,
        "terms": terms_of(obligation, standing.lapsed_at_end),
        "caused_on": obligation.not_before,
        "created_on": owed.since,
        "ended_on": owed.until,
        "status_reason": owed.because,
        "waiver_id": None if owed.waiver is None else owed.waiver.id,
        "reschedule_id": None if owed.reschedule is None else owed.reschedule.id,
    }


def _of_untold(untold: Untold) -> dict[str, Any]:
    unknown = untold.unknown
    told = untold.until is not None
    return {
        "key": key_of_unknown(unknown),
        "kind": unknown.kind.value if unknown.kind else None,
        "number": 0,
        "independence": None,
        "status": "lapsed" if told else "cannot-tell",
        "opens_on": None,
        "due_on": unknown.due,
        "late_on": None,
        "reason": unknown.reason,
        "rules": list(unknown.rules),
        "missing": "; ".join(unknown.missing),
        "terms": {},
        "caused_on": None,
        "created_on": untold.since,
        "ended_on": untold.until,
        "status_reason": TOLD if told else "",
        "waiver_id": None,
        "reschedule_id": None,
    }


def match(rows: Sequence[Any], wanted: Sequence[Copied]) -> tuple[dict[int, Any], list[Any]]:
    """Place of a copy → the kept row that is it; and the rows that are none.

    Of one key the same demand on the same dates is the same obligation, first where it stands or ended alike; then
    what stands is what stands, and what is left goes in order.
    """
    left: dict[str, list[Any]] = {}
    for row in rows:
        left.setdefault(row.key, []).append(row)
    found: dict[int, Any] = {}
    for alike in (_same_demand_and_state, _same_demand, _both_stand, _any):
        for place, copied in enumerate(wanted):
            candidates = left.get(copied.values["key"])
            if place in found or not candidates:
                continue
            row = next((row for row in candidates if alike(row, copied)), None)
            if row is not None:
                candidates.remove(row)
                found[place] = row
        if not any(left.values()) or len(found) == len(wanted):
            break
    return found, [row for candidates in left.values() for row in candidates]


def _same_demand(row: Any, copied: Copied) -> bool:
    values = copied.values
    return bool(
        row.due_on == values["due_on"]
        and row.opens_on == values["opens_on"]
        and row.late_on == values["late_on"]
        and row.independence == values["independence"]
    )


def _same_demand_and_state(row: Any, copied: Copied) -> bool:
    return bool(row.status == copied.values["status"]) and _same_demand(row, copied)


def _both_stand(row: Any, copied: Copied) -> bool:
    return copied.stands and row.status in ("open", "cannot-tell")


def _any(row: Any, copied: Copied) -> bool:
    """What ended, or came to stand where nothing did."""
    return not copied.stands or row.status not in ("open", "cannot-tell")


def differences(row: Any, copied: Copied) -> frozenset[str]:
    """The columns in which a kept row says anything else than its copy."""
    values = copied.values
    return frozenset(name for name in COLUMNS if getattr(row, name) != values[name])
