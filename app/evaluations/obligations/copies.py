"""The kept obligations of a project as a copy of what its dated facts say.

What is kept is matched with what was replayed, so that an obligation keeps its key, and with it its alerts and the
decisions about it, through every replay: also when older facts are learnt and the history before it reads otherwise.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields

from app.domain.evaluation.facts import CannotTell, EvaluationFacts, Obligation
from app.domain.evaluation.replay import Owed, Replayed, Untold
from app.domain.evaluation.states import done_beyond_doubt
from app.evaluations.obligations.facts import terms_of, terms_of_unknown
from app.evaluations.obligations.rows import ObligationRow, Terms

#: why something that people had decided about, or were told of, stands no more
NEVER_OWED = "it was not owed by the dated facts as they are known now"
TOLD = "it can be told now"

#: columns that only word it anew, as most changes of a policy do
WORDING = ("reason", "rules", "missing", "terms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What the columns of one obligation say; the alert job's columns and the key of the successor are apart."""

    key: str
    kind: str | None = None
    number: int = 0
    independence: str | None = None
    status: str
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    late_on: dt.date | None = None
    reason: str
    rules: list[str]
    missing: str | None = None
    terms: Terms
    caused_on: dt.date | None = None
    created_on: dt.date | None = None
    ended_on: dt.date | None = None
    status_reason: str = ""
    waiver_id: int | None = None
    reschedule_id: int | None = None


COLUMNS = tuple(field.name for field in fields(Stated))


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied(Stated):
    """What the columns of one obligation say, and who comes after it."""

    #: place of the successor in the list of copies
    successor: int | None = None
    #: see :func:`app.domain.evaluation.states.done_beyond_doubt`
    done_on: dt.date | None = None

    @property
    def stands(self) -> bool:
        return self.status in ("open", "cannot-tell")

    def columns(self, names: Sequence[str] = COLUMNS) -> dict[str, object]:
        """The columns as a statement takes them."""
        return {name: getattr(self, name) for name in names}


def copies_of(replayed: Replayed) -> list[Copied]:
    """Everything that was replayed, in the order in which it was made; what cannot be told comes last."""
    owed = [_of_owed(one, replayed.evaluations) for one in replayed.owed]
    return [*owed, *map(_of_untold, replayed.untold)]


def _place(number: int | None) -> int | None:
    return None if number is None else number - 1


def key_of(obligation: Obligation) -> str:
    """Identity within the project: the kind, and for a review its number."""
    return f"{obligation.kind}-{obligation.ordinal}" if obligation.ordinal else str(obligation.kind)


def key_of_unknown(unknown: CannotTell) -> str:
    return f"?{unknown.kind or ''}"


def _of_owed(owed: Owed, evaluations: Sequence[EvaluationFacts]) -> Copied:
    standing, obligation = owed.standing, owed.standing.obligation
    ended = "superseded" if standing.superseded_by is not None else "lapsed"
    return Copied(
        key=key_of(obligation),
        kind=obligation.kind.value,
        number=obligation.ordinal,
        independence=obligation.independence.value,
        status="open" if standing.is_current else ended,
        opens_on=obligation.opens,
        due_on=obligation.due,
        late_on=obligation.late,
        reason=obligation.reason,
        rules=list(obligation.rules),
        terms=terms_of(obligation, standing.lapsed_at_end),
        caused_on=obligation.not_before,
        created_on=owed.since,
        ended_on=owed.until,
        status_reason=owed.because,
        waiver_id=None if owed.waiver is None else owed.waiver.id,
        reschedule_id=None if owed.reschedule is None else owed.reschedule.id,
        successor=_place(owed.successor),
        done_on=done_beyond_doubt(obligation, evaluations) if standing.is_current else None,
    )


def _of_untold(untold: Untold) -> Copied:
    unknown = untold.unknown
    told = untold.until is not None
    return Copied(
        key=key_of_unknown(unknown),
        kind=unknown.kind.value if unknown.kind else None,
        status="lapsed" if told else "cannot-tell",
        due_on=unknown.due,
        reason=unknown.reason,
        rules=list(unknown.rules),
        missing="; ".join(unknown.missing),
        terms=terms_of_unknown(unknown),
        created_on=untold.since,
        ended_on=untold.until,
        status_reason=TOLD if told else "",
    )


def match(
    rows: Sequence[ObligationRow], wanted: Sequence[Copied]
) -> tuple[dict[int, ObligationRow], list[ObligationRow]]:
    """Place of a copy → the kept row that is it; and the rows that are none.

    Of one key the same demand on the same dates is the same obligation, first where it stands or ended alike; then
    what stands is what stands, and what is left goes in order.
    """
    left: dict[str, list[ObligationRow]] = {}
    for row in rows:
        left.setdefault(row.key, []).append(row)
    found: dict[int, ObligationRow] = {}
    for alike in (_same_demand_and_state, _same_demand, _both_stand, _any):
        for place, copied in enumerate(wanted):
            candidates = left.get(copied.key)
            if place in found or not candidates:
                continue
            same = next((row for row in candidates if alike(row, copied)), None)
            if same is not None:
                candidates.remove(same)
                found[place] = same
        if not any(left.values()) or len(found) == len(wanted):
            break
    return found, [row for candidates in left.values() for row in candidates]


def _same_demand(row: ObligationRow, copied: Copied) -> bool:
    return (
        row.due_on == copied.due_on
        and row.opens_on == copied.opens_on
        and row.late_on == copied.late_on
        and row.independence == copied.independence
    )


def _same_demand_and_state(row: ObligationRow, copied: Copied) -> bool:
    return row.status == copied.status and _same_demand(row, copied)


def _both_stand(row: ObligationRow, copied: Copied) -> bool:
    return copied.stands and row.status in ("open", "cannot-tell")


def _any(row: ObligationRow, copied: Copied) -> bool:
    """What ended, or came to stand where nothing did."""
    return not copied.stands or row.status not in ("open", "cannot-tell")


def differences(row: ObligationRow, copied: Copied) -> frozenset[str]:
    """The columns in which a kept row says anything else than its copy."""
    return frozenset(name for name in COLUMNS if getattr(row, name) != getattr(copied, name))
