"""Who may do what: roles, rights, and the unit scope of officers. Stated once; routes and commands only ask."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.domain.terms import Role
from app.domain.told import Term, Told
from app.errors import NotAllowed


class Right(StrEnum):
    """What a caller wants to do."""

    READ = "read"
    #: change projects, agreements, partners, allocations, transactions
    WRITE = "write"
    #: change evaluations, obligations, recommendations
    EVALUATE = "evaluate"
    #: import and export, prepare, approve and publish releases
    PUBLISH = "publish"
    #: users, tokens, units, officers, policies, the organisation's set-up
    ADMINISTER = "administer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.OFFICER: frozenset({Right.READ, Right.WRITE, Right.EVALUATE}),
    Role.EVALUATOR: frozenset({Right.READ, Right.EVALUATE}),
    Role.PUBLISHER: frozenset({Right.READ, Right.PUBLISH}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: a user with a role, or the command line of the machine itself."""

    #: name in the audit trail
    name: str
    role: Role
    #: officers with a unit may change that unit's projects only; None: no such limit
    unit_id: int | None = None
    #: None for the command line
    user_id: int | None = None

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def require(self, right: Right) -> None:
        """Raises ``NotAllowed`` when the role does not carry the right."""
        if not self.may(right):
            raise NotAllowed(
                Told(
                    "The role %(role)s does not carry the right to %(right)s.",
                    role=Term(self.role.value),
                    right=Term(right.value),
                )
            )

    @property
    def of_a_unit(self) -> bool:
        """Whether the actor is an officer who may change what belongs to one unit only."""
        return self.role is Role.OFFICER and self.unit_id is not None

    def require_unit(self, *unit_ids: int | None) -> None:
        """Raises ``NotAllowed`` when an officer of a unit wants to change what touches anything else.

        ``unit_ids`` are the units of every side of the record: of all projects of an evaluation, of the project and
        of all that its agreement funds, of source and receiver of money, of the record before the change and after
        it. None stands for what has no unit; nothing at all is what belongs to the whole organisation.
        """
        if self.of_a_unit and set(unit_ids) != {self.unit_id}:
            raise NotAllowed(
                Told(
                    "This belongs to another unit, or touches what does: its officers, an officer without a unit or an "
                    "administrator may change it."
                )
            )

    def require_claim(self, unit_ids: Collection[int | None]) -> None:
        """Raises ``NotAllowed`` when an officer of a unit wants to change a record that has belonged to nobody so far.

        ``unit_ids`` as above; where they are empty, whoever comes first may: a new agreement funds nothing yet.
        """
        if unit_ids:
            self.require_unit(*unit_ids)

    def require_source(self, unit_ids: Collection[int | None]) -> None:
        """Raises ``NotAllowed`` when an officer of a unit names, as source of money, what funds other units alone."""
        if self.of_a_unit and unit_ids and self.unit_id not in unit_ids:
            raise NotAllowed(
                Told(
                    "This agreement funds other units: its officers, an officer without a unit or an administrator may "
                    "name it as a source."
                )
            )


#: the command line acts with the rights of whoever may open the database
LOCAL = Actor(name="command line", role=Role.ADMIN)
