import pytest

from app.domain.access import LOCAL, RIGHTS, Actor, Right
from app.domain.terms import Role
from app.errors import NotAllowed


def test_every_role_may_read_and_only_the_administrator_may_do_everything() -> None:
    assert RIGHTS.keys() == set(Role)
    assert all(Right.READ in rights for rights in RIGHTS.values())
    assert [role for role, rights in RIGHTS.items() if rights == set(Right)] == [Role.ADMIN]


@pytest.mark.parametrize(
    ("role", "right", "allowed"),
    [
        (Role.VIEWER, Right.WRITE, False),
        (Role.OFFICER, Right.WRITE, True),
        (Role.OFFICER, Right.PUBLISH, False),
        (Role.EVALUATOR, Right.EVALUATE, True),
        (Role.EVALUATOR, Right.WRITE, False),
        (Role.PUBLISHER, Right.PUBLISH, True),
        (Role.PUBLISHER, Right.ADMINISTER, False),
    ],
)
def test_a_role_carries_its_rights_and_no_others(role: Role, right: Right, allowed: bool) -> None:
    actor = Actor(name="a", role=role)
    assert actor.may(right) is allowed
    if allowed:
        actor.require(right)
    else:
        with pytest.raises(NotAllowed, match=f"{role} does not carry the right to {right}"):
            actor.require(right)


def test_an_officer_of_a_unit_changes_what_is_that_units_from_every_side() -> None:
    officer = Actor(name="a", role=Role.OFFICER, unit_id=1)
    officer.require_unit(1)
    officer.require_unit(1, 1)
    for elsewhere in ((2,), (None,), (), (1, 2), (1, None)):
        with pytest.raises(NotAllowed, match="another unit"):
            officer.require_unit(*elsewhere)
    Actor(name="b", role=Role.OFFICER).require_unit(2)
    LOCAL.require_unit(2)


def test_what_is_nobodys_is_whoevers_comes_first() -> None:
    officer = Actor(name="a", role=Role.OFFICER, unit_id=1)
    officer.require_claim(set())
    officer.require_claim({1})
    for others in ({2}, {1, 2}, {None}):
        with pytest.raises(NotAllowed):
            officer.require_claim(others)


def test_a_common_source_may_be_named_and_another_units_may_not() -> None:
    officer = Actor(name="a", role=Role.OFFICER, unit_id=1)
    officer.require_source(set())
    officer.require_source({1, 2})
    with pytest.raises(NotAllowed, match="funds other units"):
        officer.require_source({2, None})
    Actor(name="b", role=Role.OFFICER).require_source({2})
