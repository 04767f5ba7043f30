"""What a release may do next, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.terms import ReleaseState
from app.domain.told import Term, Told


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What decides about a release."""

    number: int
    state: ReleaseState
    prepared_by: str
    #: number of the release that was public when it was prepared, and of the one that is public now; None: none
    compared_with: int | None
    public: int | None
    #: lines of what would vanish that nobody has accepted
    not_accepted: int
    #: whether the organisation wants a second person
    second_person: bool


def why_not_approved(release: Standing, by: str) -> str | None:
    """Why somebody cannot approve a release, with what to do; None: it can be."""
    if release.state is not ReleaseState.PREPARED:
        return Told(
            "Release %(release)s is %(state)s: only a prepared one is approved.",
            release=f"{release.number}",
            state=Term(release.state.value),
        )
    if (reason := why_outdated(release)) is not None:
        return reason
    if release.not_accepted:
        if release.not_accepted == 1:
            return Told(
                "1 thing that the public can read today would vanish, and nobody has accepted that: look with `earmark "
                "release diff %(release)s`, then accept with --accept LINE or --accept all, and --reason.",
                release=f"{release.number}",
            )
        return Told(
            "%(count)s things that the public can read today would vanish, and nobody has accepted that: look with "
            "`earmark release diff %(release)s`, then accept with --accept LINE or --accept all, and --reason.",
            count=release.not_accepted,
            release=f"{release.number}",
        )
    if release.second_person and by == release.prepared_by:
        return Told(
            "Release %(release)s was prepared by %(name)s, and the organisation wants another person to approve it: "
            "ask a colleague who publishes.",
            release=f"{release.number}",
            name=by,
        )
    return None


def why_outdated(release: Standing) -> str | None:
    """Why a release comes too late; None: it does not."""
    if release.public is not None and release.public != release.compared_with and release.public > release.number:
        return Told(
            "Release %(public)s was published after release %(release)s had been prepared: prepare a new one, so that "
            "you see what it changes.",
            public=f"{release.public}",
            release=f"{release.number}",
        )
    return None


def why_not_published(release: Standing) -> str | None:
    """Why a release cannot go out, with what to do; None: it can."""
    match release.state:
        case ReleaseState.PREPARED:
            return Told(
                "Release %(release)s is not approved yet: `earmark release approve %(release)s`.",
                release=f"{release.number}",
            )
        case ReleaseState.SUPERSEDED:
            return Told(
                "Release %(release)s was followed by a newer one: prepare a new one.", release=f"{release.number}"
            )
        case ReleaseState.APPROVED | ReleaseState.WITHDRAWN:
            return why_outdated(release)
    return None


def why_taken_back_waits(number: int, taken_back: Sequence[str]) -> str:
    """Why an approved release that holds datasets which were taken back afterwards waits for a person."""
    return Told(
        "Release %(release)s holds what was taken back after its approval (%(what)s). To bring it back name the "
        "release: `earmark release publish %(release)s`; or prepare a new one.",
        release=f"{number}",
        what=", ".join(taken_back),
    )
