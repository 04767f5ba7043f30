"""``/publish``: what goes out, what changes with it, whether it is right, and whether it has arrived."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.publishing import Release
from app.domain.access import Right
from app.domain.datasets import Split
from app.domain.told import Told
from app.errors import Fault, InvalidInput, NotFound
from app.http.fields import Id
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.publishing.registering import checking
from app.publishing.registering import queries as registry_queries
from app.publishing.registering.published import published_files
from app.publishing.registering.schemas import DatasetPage
from app.publishing.releasing import approving, queries
from app.publishing.releasing.answers import release_shown
from app.publishing.releasing.prepare import prepare
from app.publishing.releasing.publish import publish, withdraw
from app.publishing.releasing.schemas import LinePage, ReleasePage
from app.publishing.releasing.wanted import Wanted
from app.sentences import SENTENCES
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router
from app.web.queries_duties import project_names
from app.web.views import publish as views

router = page_router()

#: characters of texts, and lines of addresses, that are typed here
_LONGEST, _NOTE, _REASON, _LINES = 20_000, 2000, 1000, 50
#: digits that no place of a line has
_DIGITS = 10
_KINDS = ("change", "vanishing", "held-back", "withheld")


@router.get("/publish")
def show_publish(page: PageReading) -> Response:
    page.actor.require(Right.PUBLISH)
    release = queries.newest(page.session)
    return _shown(page, page.session, release)


@router.get("/publish/releases")
def list_releases(page: PageReading) -> Response:
    page.actor.require(Right.PUBLISH)
    query, given = page.query(ReleasePage)
    listed = page_of(page.session, queries.RELEASES, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "publish/list.html", listed=listed, query=given, release_states=views.RELEASE_STATES, crumbs=[_crumb(page)]
    )


@router.get("/publish/releases/{release_id}")
def show_release(page: PageReading, release_id: Id) -> Response:
    page.actor.require(Right.PUBLISH)
    return _shown(page, page.session, _release(page.session, release_id))


def _release(session: Session, release_id: int) -> Release:
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound(mark("There is no such release."))
    return release


@dataclass(frozen=True, kw_only=True)
class Accepting:
    """What was chosen to vanish, and why."""

    chosen: Collection[int] = ()
    reason: str = ""


NOTHING = Accepting()


def _shown(
    page: Page, session: Session, release: Release | None, faults: Sequence[Fault] = (), accepting: Accepting = NOTHING
) -> Response:
    """The page; with what was chosen and typed to accept what vanishes, where that was refused."""
    if release is None:
        found, standing, lines, counts = None, None, {}, {}
    else:
        found, standing = release_shown(session, release), approving.standing(session, release)
        of_release = queries.of_release(key(release))
        lists = {
            kind: page_of(session, queries.LINES, LinePage(kind=[kind], limit=views.SHOWN, count=True), of_release)
            for kind in _KINDS
        }
        lines = {kind: listed.items for kind, listed in lists.items()}
        counts = {kind: listed.count or 0 for kind, listed in lists.items()}
    registry = page_of(session, registry_queries.DATASETS, DatasetPage(limit=50)).items
    arrived = bool(registry) and all(each["outcome"] not in ("failed", "absent") for each in registry)
    newest = queries.newest(session)
    by = page.actor.name
    return page.show(
        "publish/release.html",
        status=422 if faults else 200,
        summary=[_told(fault, page) for fault in faults],
        accepting=accepting,
        release=found,
        standing=standing,
        steps=views.steps(standing, by=by, held_back=counts.get("held-back", 0), arrived=arrived),
        states=views.STATES,
        release_states=views.RELEASE_STATES,
        is_newest=release is None or (newest is not None and newest.id == release.id),
        lines=lines,
        counts=counts,
        names=project_names(
            session, page.words.language, {str(line["subject"]) for found in lines.values() for line in found}
        ),
        why_held=None if standing is None else views.why_held(standing, by),
        without_commands=views.without_commands,
        registry=registry,
        address=page.settings.files_address,
        was_public=queries.was_public(session),
        crumbs=[_crumb(page)] if release is not None and newest is not None and newest.id != release.id else [],
    )


def _told(fault: Fault, page: Page) -> tuple[str, str, str]:
    """(address in the page, name of the field, message) of a fault for the summary."""
    if fault.column == "reason":
        return "#f-reason", page.t("Why it is right that this vanishes"), fault.message
    return "#f-line", page.t("Public today, and not in this release"), fault.message


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Publish"), address="/publish")


@router.post("/publish/prepare")
def prepare_release(page: PagePosting) -> Response:
    page.actor.require(Right.PUBLISH)
    typed = page.values(live=_LONGEST, note=_NOTE)
    wanted = Wanted(
        as_of=page.today,
        split=Split(page.settings.release_split),
        max_bytes=page.settings.release_max_mb * 1_000_000,
        live=_lines(typed["live"]),
        note=typed["note"].strip() or None,
    )
    prepared = prepare(page.database, page.settings, page.actor, wanted)
    told = (
        page.t("Release %(number)s is prepared. Nothing is public yet.", number=prepared.number)
        if prepared.made
        else page.t("Nothing differs from release %(number)s.", number=prepared.number)
    )
    return _back(page, told)


def _lines(text: str) -> list[str]:
    """:raises InvalidInput: when there are more than anybody publishes under."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > _LINES:
        told = Told(SENTENCES["too_long"], max_length=_LINES)
        raise InvalidInput([Fault(pointer="/live", rule="too_long", message=told)])
    return found


def _back(page: PagePosting, told: str) -> Response:
    with page.write() as session:
        return page.go("/publish", session, told)


def _number(page: PagePosting, release_id: int) -> int:
    with page.read() as session:
        release = session.get(Release, release_id)
        if release is None:
            raise NotFound(mark("There is no such release."))
        return release.number


@router.post("/publish/releases/{release_id}/accept")
def accept_vanishing(page: PagePosting, release_id: Id) -> Response:
    """What would vanish is accepted line by line; none chosen means nothing is, and what was typed stays there."""
    page.actor.require(Right.PUBLISH)
    chosen = [place for name, value in page.posted if name == "line" and (place := _place(value)) is not None]
    number = _number(page, release_id)
    try:
        reason = page.value("reason", most=_REASON)
        if not chosen:
            raise InvalidInput([Fault(pointer="/line", rule="required", message="Choose what may vanish.")])
        with page.write() as session:
            release = approving.find(session, number, hold=True)
            approving.accept(session, page.actor, release, chosen, reason)
            return page.go("/publish", session, page.t("Accepted."))
    except InvalidInput as refused:
        typed = Accepting(chosen=chosen, reason=page.typed("reason"))
        with page.read() as reading:
            return _shown(page, reading, _release(reading, release_id), refused.faults, typed)


def _place(text: str) -> int | None:
    """The place of a line; None for what cannot be one, such as more digits than numbers are read from."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else None


@router.post("/publish/releases/{release_id}/approve")
def approve_release(page: PagePosting, release_id: Id) -> Response:
    page.actor.require(Right.PUBLISH)
    number = _number(page, release_id)
    with page.write() as session:
        approving.approve(session, page.actor, approving.find(session, number, hold=True))
        return page.go("/publish", session, page.t("Release %(number)s is approved.", number=number))


@router.post("/publish/releases/{release_id}/publish")
def publish_release(page: PagePosting, release_id: Id) -> Response:
    page.actor.require(Right.PUBLISH)
    done = publish(page.database, page.settings, page.actor, number=_number(page, release_id))
    if done.failed:
        return _back(page, page.t("Not everything went out: look at the outcomes below, and publish again."))
    return _back(page, page.t("Release %(number)s is published.", number=done.number))


@router.post("/publish/releases/{release_id}/withdraw")
def withdraw_release(page: PagePosting, release_id: Id) -> Response:
    page.actor.require(Right.PUBLISH)
    reason = " ".join(page.value("reason", most=_REASON).split())
    if not reason:
        raise InvalidInput([Fault(pointer="/reason", rule="required", message="Say why it is taken back.")])
    number = _number(page, release_id)
    withdraw(page.database, page.settings, page.actor, reason=reason, datasets=[], number=number)
    return _back(page, page.t("What was public of release %(number)s is taken back.", number=number))


@router.post("/publish/look")
def look_whether_arrived(page: PagePosting) -> Response:
    page.actor.require(Right.PUBLISH)
    files = published_files(page.database, page.settings)
    found = checking.check(page.database, page.settings, files, actor=page.actor.name)
    return page.show(
        "publish/arrival.html", checks=found.checks, without_commands=views.without_commands, crumbs=[_crumb(page)]
    )
