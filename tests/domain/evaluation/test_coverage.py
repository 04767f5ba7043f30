from app.domain.evaluation.coverage import Coverage, coverage
from app.domain.evaluation.terms import State


def test_coverage_counts_what_is_still_required() -> None:
    states = [
        *[State.DONE] * 2,
        *[State.PLANNED, State.UNDER_WAY],
        *[State.OVERDUE, State.UPCOMING, State.WINDOW_OPEN],
        State.WAIVED,
        *[State.SUPERSEDED, State.LAPSED],
    ]
    found = coverage(states, cannot_tell=3)
    assert found == Coverage(required=8, done=2, planned=2, overdue=1, waived=1, cannot_tell=3)
    assert found.percent_done == "28.6"


def test_without_anything_required_there_is_no_share() -> None:
    assert coverage([]).percent_done is None
    assert coverage([State.WAIVED, State.LAPSED]).percent_done is None
