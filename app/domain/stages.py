"""Stages of a project and the moves between them."""

from collections.abc import Mapping

from app.domain.terms import Stage

#: where a project may go from a stage
MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.PIPELINE: frozenset({Stage.IMPLEMENTATION, Stage.SUSPENDED, Stage.CANCELLED}),
    Stage.IMPLEMENTATION: frozenset({Stage.FINALISATION, Stage.CLOSED, Stage.SUSPENDED, Stage.CANCELLED}),
    Stage.FINALISATION: frozenset({Stage.CLOSED, Stage.IMPLEMENTATION, Stage.SUSPENDED}),
    Stage.CLOSED: frozenset({Stage.FINALISATION, Stage.IMPLEMENTATION}),
    Stage.SUSPENDED: frozenset(
        {Stage.PIPELINE, Stage.IMPLEMENTATION, Stage.FINALISATION, Stage.CLOSED, Stage.CANCELLED}
    ),
    Stage.CANCELLED: frozenset({Stage.PIPELINE, Stage.IMPLEMENTATION}),
}

#: moves that open again what was ended: they need a reason
REOPENINGS = frozenset(
    {
        (Stage.FINALISATION, Stage.IMPLEMENTATION),
        (Stage.CLOSED, Stage.FINALISATION),
        (Stage.CLOSED, Stage.IMPLEMENTATION),
        (Stage.CANCELLED, Stage.PIPELINE),
        (Stage.CANCELLED, Stage.IMPLEMENTATION),
    }
)


def move_refused(before: Stage, after: Stage, reason: str | None) -> str | None:
    """Why a project may not go from one stage to another; None when it may."""
    if before is after:
        return None
    if after not in MOVES[before]:
        allowed = ", ".join(sorted(stage.value for stage in MOVES[before]))
        return f"A project in {before.value} cannot go to {after.value}; it can go to {allowed}."
    if (before, after) in REOPENINGS and not reason:
        return f"Going from {before.value} back to {after.value} opens the project again: give the reason."
    return None
