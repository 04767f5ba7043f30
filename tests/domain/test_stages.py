import pytest

from app.domain.stages import MOVES, REOPENINGS, move_refused
from app.domain.terms import Stage


def test_stages_have_the_codes_of_the_activity_status() -> None:
    assert [stage.iati_code for stage in Stage] == ["1", "2", "3", "4", "5", "6"]
    assert [Stage.from_iati(stage.iati_code) for stage in Stage] == list(Stage)


@pytest.mark.parametrize("code", ["", "0", "7", "12", "x", "²"])
def test_an_unknown_activity_status_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not an activity status"):
        Stage.from_iati(code)


def test_every_stage_has_its_moves_and_none_moves_to_itself() -> None:
    assert MOVES.keys() == set(Stage)
    assert all(stage not in after for stage, after in MOVES.items())
    assert all(after in MOVES[before] for before, after in REOPENINGS)


def test_staying_is_no_move() -> None:
    assert [move_refused(stage, stage, None) for stage in Stage] == [None] * 6


def test_a_move_that_is_not_foreseen_is_refused_with_those_that_are() -> None:
    message = move_refused(Stage.PIPELINE, Stage.CLOSED, "because")
    assert message == "A project in pipeline cannot go to closed; it can go to cancelled, implementation, suspended."


@pytest.mark.parametrize(("before", "after"), sorted(REOPENINGS))
def test_opening_again_needs_a_reason(before: Stage, after: Stage) -> None:
    assert "give the reason" in str(move_refused(before, after, None))
    assert move_refused(before, after, "the donor extended") is None
