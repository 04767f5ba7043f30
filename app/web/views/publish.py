"""A release on its way to the world, as its page shows it: numbered steps, each with its state and what holds it up."""

import re
from dataclasses import dataclass

from app.domain.releases import Standing, why_not_approved, why_not_published, why_outdated
from app.domain.terms import ReleaseState
from app.language.i18n import mark

#: lines of each kind that the page shows; the list has all
SHOWN = 40

#: places of publication, and what became of a dataset there
WORDS = (mark("Public"), mark("Registry"), mark("Created"))

_COMMANDS = re.compile(r":? (?:look with )?`earmark [^`]*`[^.]*")


def without_commands(words: str) -> str:
    """A sentence without what it says to people of the command line."""
    told = words.replace(" with --live ADDRESS or FOLDER", "")
    return _COMMANDS.sub("", told)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step with its state: done, now, waiting or held."""

    number: int
    title: str
    state: str

    @property
    def tone(self) -> str:
        return {"done": "good", "now": "warn", "held": "bad"}.get(self.state, "")


def steps(standing: Standing | None, *, by: str, held_back: int, arrived: bool) -> list[Step]:
    """The six steps of the newest release; without one, or when it was taken back, only the first can be gone."""
    if standing is not None and standing.state is ReleaseState.WITHDRAWN:
        standing = None
    state = standing.state if standing is not None else None
    approved = state in (ReleaseState.APPROVED, ReleaseState.PUBLISHED)
    public = state is ReleaseState.PUBLISHED
    may_approve = standing is not None and why_not_approved(standing, by) is None
    may_publish = standing is not None and state is ReleaseState.APPROVED and why_not_published(standing) is None
    states = [
        "done" if standing is not None else "now",
        ("held" if held_back and not approved else "done") if standing is not None else "waiting",
        ("held" if standing.not_accepted and not approved else "done") if standing is not None else "waiting",
        "done" if approved else "now" if may_approve else "held" if standing is not None else "waiting",
        "done" if public else "now" if may_publish else "waiting",
        "done" if public and arrived else "now" if public else "waiting",
    ]
    titles = (
        mark("Prepare"),
        mark("Check"),
        mark("Differences"),
        mark("Approve"),
        mark("Publish"),
        mark("Arrived"),
    )
    return [
        Step(number=place, title=title, state=found)
        for place, (title, found) in enumerate(zip(titles, states, strict=True), start=1)
    ]


#: words of the states of a step
STATES = {
    "done": mark("finished"),
    "now": mark("your turn"),
    "held": mark("held up"),
    "waiting": mark("later"),
}


#: states of a release, in words of their own: in other languages they agree with what a release is called there
RELEASE_STATES = {
    ReleaseState.PREPARED: mark("prepared"),
    ReleaseState.APPROVED: mark("approved"),
    ReleaseState.PUBLISHED: mark("published"),
    ReleaseState.SUPERSEDED: mark("superseded by a later one"),
    ReleaseState.WITHDRAWN: mark("taken back"),
}


def why_held(standing: Standing, by: str) -> str | None:
    """What keeps a prepared release from being approved, for people of pages; None: nothing does."""
    if why_not_approved(standing, by) is None:
        return None
    if why_outdated(standing) is not None:
        return mark("Another release was published after this one had been prepared: prepare a new one.")
    if standing.not_accepted:
        return mark(
            "Something that is public today would vanish: accept it above, with the reason, or mend the records."
        )
    if standing.second_person and by == standing.prepared_by:
        return mark("You prepared it, and your organisation wants a second person to approve: ask a colleague.")
    return mark("This release is not waiting to be approved: prepare a new one.")
