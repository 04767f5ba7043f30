"""Who prepares and approves on the command line of the machine."""

from sqlmodel import Session

from app.domain.access import LOCAL, Actor, Right
from app.errors import NotFound
from app.publishing.releasing import queries


def acting_as(session: Session, name: str | None) -> Actor:
    """The user of that name, who must be allowed to publish; without a name the machine itself.

    :raises NotFound: when there is no such user.
    """
    if name is None:
        return LOCAL
    found = queries.user_named(session, name)
    if found is None:
        raise NotFound(f"There is no user {name}: `earmark user list` shows those there are.")
    actor = Actor(name=found.name, role=found.role, unit_id=found.unit_id, user_id=found.id)
    actor.require(Right.PUBLISH)
    return actor
