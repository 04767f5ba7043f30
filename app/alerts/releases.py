"""The release of the timetable: prepared on its day, published as far as somebody approved it or the settings let it
through without a person, and told to everybody who publishes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.alerts import queries_publishers
from app.db.base import key
from app.db.publishing import ReleaseLine
from app.domain.access import Actor
from app.domain.datasets import Split
from app.domain.releases import why_not_approved, why_not_published
from app.domain.terms import ReleaseState, Role
from app.domain.told import Told
from app.errors import EarmarkError
from app.outbox.notices import Notice, put
from app.publishing.releasing import approving, queries
from app.publishing.releasing.answers import account_in
from app.publishing.releasing.changes import NOT_COMPARED
from app.publishing.releasing.prepare import prepare
from app.publishing.releasing.publish import Publication, TakenBackSince, publish
from app.publishing.releasing.wanted import Wanted
from app.work import Result, Work

TIMETABLE = Actor(name="timetable", role=Role.ADMIN)
#: lines of changes that a message names
_NAMED = 20


@dataclass(kw_only=True, slots=True)
class _News:
    """What a run came to."""

    event: str = ""
    number: int | None = None
    subject: str = ""
    opening: str = ""
    lines: list[str] = field(default_factory=list)
    closing: str = ""
    #: what makes it other news of the same release, such as the day of what is told again on every day
    about: str = ""


def is_its_day(schedule: str, day: dt.date) -> bool:
    """Whether a release is prepared on a day: every day, on Mondays, or on the first of a month."""
    match schedule:
        case "daily":
            return True
        case "weekly":
            return day.weekday() == 0
        case "monthly":
            return day.day == 1
    return False


def scheduled_release(work: Work) -> Result:
    """Prepares and publishes by the timetable; on other days it completes what was approved and has not gone out."""
    told: list[_News] = []
    if is_its_day(work.settings.release_schedule, work.as_of):
        told += _prepare(work)
    told += _publish(work)
    messages = 0
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        people = queries_publishers.publishers(session)
        for news in told:
            notice = Notice(
                event=news.event,
                key=f"{news.number} {news.about}",
                subject=news.subject,
                opening=news.opening,
                lines=tuple(news.lines),
                closing=news.closing,
            )
            messages += put(session, work.settings, notice, people)
    content: dict[str, object] = {
        "recorded": [{"release": news.number, "event": news.event, "message": news.subject} for news in told],
        "messages": messages,
    }
    return Result(content=content, summary={"events": [news.event for news in told], "messages": messages})


def _prepare(work: Work) -> list[_News]:
    settings = work.settings
    wanted = Wanted(
        as_of=work.as_of,
        split=Split(settings.release_split),
        max_bytes=settings.release_max_mb * 1_000_000,
        note="by the timetable",
    )
    try:
        prepared = prepare(work.database, settings, TIMETABLE, wanted, progress=lambda _done, _all: work.held.renew())
    except EarmarkError as error:
        return [
            _News(
                event="release.failed",
                subject=Told("The release of the timetable was not prepared"),
                opening=Told("On %(day)s no release could be prepared:", day=work.as_of),
                lines=[error.message],
                closing=Told("Once that is put right: earmark release prepare"),
                about=f"{work.as_of}",
            )
        ]
    if not prepared.made:
        return []
    number = prepared.number
    with work.database.write(TIMETABLE.name) as session:
        release = approving.find(session, number, hold=True)
        counts = account_in(release)["counts"]
        changes = list(queries.lines(session, key(release), "change", "held-back"))
        lines = [f"{line.subject}: {line.words}" for line in changes]
        refused = why_not_approved(approving.standing(session, release), TIMETABLE.name)
        waits = _why_it_waits(work, refused, changes, queries.taken_back(session, key(release)))
        if not waits:
            approving.approve(session, TIMETABLE, release)
            return []
    more = [Told("… and %(number)s more", number=len(lines) - _NAMED)] if len(lines) > _NAMED else []
    return [
        _News(
            event="release.prepared",
            number=number,
            subject=Told("Release %(release)s is prepared and waits for approval", release=f"{number}"),
            opening=Told(
                "Release %(release)s was prepared from the records as of %(day)s: %(new)s new, %(changed)s changed, "
                "%(gone)s no longer published. %(waits)s",
                release=f"{number}",
                day=work.as_of,
                new=counts["new"],
                changed=counts["changed"],
                gone=counts["gone"],
                waits=waits,
            ),
            lines=[*lines[:_NAMED], *more],
            closing=Told(
                "To look and approve: earmark release diff %(release)s, earmark release approve %(release)s",
                release=f"{number}",
            ),
        )
    ]


def _why_it_waits(work: Work, refused: str | None, changes: list[ReleaseLine], taken_back: list[str]) -> str:
    """Why a release of the timetable is not published without a person; empty: it is."""
    if not work.settings.release_unattended:
        return Told("It goes out when somebody approves it.")
    if any(line.what == NOT_COMPARED for line in changes):
        return Told("It is the first one, and nobody has compared it with what you publish already.")
    if taken_back:
        return Told(
            "It would bring back what was withdrawn (%(what)s): that is for a person to decide.",
            what=", ".join(taken_back),
        )
    return refused or ""


def _publish(work: Work) -> list[_News]:
    """Publishes the newest approved release, if there is one that may go out, or completes one."""
    with work.database.read() as session:
        release = queries.newest(session, ReleaseState.APPROVED)
        if release is None or why_not_published(approving.standing(session, release)) is not None:
            return []
        number = release.number
    try:
        done = publish(
            work.database,
            work.settings,
            TIMETABLE,
            progress=lambda _done, _all: work.held.renew(),
        )
    except TakenBackSince as error:
        return [_failed(work, number, [error.message], waits=error.datasets)]
    except EarmarkError as error:
        return [_failed(work, number, [error.message])]
    if done.failed:
        return [_failed(work, number, _words(done))]
    return [
        _News(
            event="release.published",
            number=number,
            subject=Told("Release %(release)s is published", release=f"{number}"),
            opening=Told("Release %(release)s went out on %(day)s:", release=f"{number}", day=work.as_of),
            lines=_words(done),
            closing=Told("It is public at %(address)s", address=f"{work.settings.files_address}/"),
        )
    ]


def _failed(work: Work, number: int, lines: list[str], *, waits: Sequence[str] = ()) -> _News:
    """A release that did not go out; ``waits``: datasets for which it waits for a person, however often it is tried."""
    if waits:
        closing = Told("It goes out only when a person says so; no day of the timetable changes that.")
    else:
        closing = Told("What failed is tried again every day, or now: earmark release publish")
    return _News(
        event="release.failed",
        number=number,
        subject=Told("Release %(release)s did not go out whole", release=f"{number}"),
        opening=Told("On %(day)s this came of publishing release %(release)s:", day=work.as_of, release=f"{number}"),
        lines=lines,
        closing=closing,
        about=", ".join(waits) or f"{work.as_of}",
    )


def _words(done: Publication) -> list[str]:
    return [
        f"{row.dataset} ({row.place}): {row.outcome}{f': {row.reason}' if row.reason else ''}" for row in done.outcomes
    ]
