"""Approving a release, and accepting what would vanish with it."""

from collections.abc import Collection

from sqlmodel import Session

from app.db.base import key, utc_now
from app.db.organisation import Setup
from app.db.publishing import Release
from app.domain.access import Actor, Right
from app.domain.releases import Standing, why_not_approved
from app.domain.terms import ReleaseState
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.publishing.releasing import queries


def find(session: Session, number: int | None, *, hold: bool = False) -> Release:
    """The release of a number, else the newest. Raises NotFound."""
    if number is None:
        found = queries.newest(session)
        if found is None:
            raise NotFound("There is no release yet: `earmark release prepare` makes one.")
        number = found.number
    release = queries.numbered(session, number, hold=hold)
    if release is None:
        raise NotFound(f"There is no release {number}: `earmark release list` shows those there are.")
    return release


def standing(session: Session, release: Release) -> Standing:
    """What decides about a release."""
    public = queries.newest(session, ReleaseState.PUBLISHED)
    before = None if release.previous_id is None else session.get(Release, release.previous_id)
    setup = session.get(Setup, 1)
    return Standing(
        number=release.number,
        state=release.state,
        prepared_by=release.prepared_by,
        compared_with=None if before is None else before.number,
        public=None if public is None else public.number,
        not_accepted=queries.not_accepted(session, key(release)),
        second_person=setup is not None and setup.approval_by_second_person,
    )


def accept(session: Session, actor: Actor, release: Release, lines: Collection[int] | None, reason: str) -> list[int]:
    """Accepts that lines of a release vanish; all when ``lines`` is None. Gives those that were open.

    :raises Conflict: when the release is no longer a prepared one.
    :raises InvalidInput: when a line is not one of what would vanish, or the reason is missing.
    """
    actor.require(Right.PUBLISH)
    if release.state is not ReleaseState.PREPARED:
        raise Conflict(f"Release {release.number} is {release.state.value}: nothing of it is decided any more.")
    if not reason.strip():
        message = "Say why it is right that this vanishes."
        raise InvalidInput([Fault(pointer="/reason", rule="required", message=message)])
    if lines is not None:
        known = {line.ordinal for line in queries.lines(session, key(release), "vanishing")}
        faults = [
            Fault(
                pointer="/accept",
                rule="release.line-unknown",
                message=f"Line {line} of release {release.number} tells nothing that would vanish.",
            )
            for line in sorted(set(lines) - known)
        ]
        if faults:
            raise InvalidInput(faults)
    return queries.accept(session, key(release), lines, reason=reason.strip(), by=actor.name)


def approve(session: Session, actor: Actor, release: Release) -> None:
    """Lets a release go out; what is published is what it holds, whatever happens to the records.

    :raises Conflict: with what stands in the way.
    """
    actor.require(Right.PUBLISH)
    if release.state is ReleaseState.APPROVED and release.approved_by == actor.name:
        return
    if (reason := why_not_approved(standing(session, release), actor.name)) is not None:
        raise Conflict(reason)
    release.state = ReleaseState.APPROVED
    release.approved_by, release.approved_at = actor.name, utc_now()
    session.flush()
