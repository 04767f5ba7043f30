"""``/api/v1/releases``: what the world is to read, from preparing to taking back; for publishers."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.config import Settings
from app.db.base import key
from app.db.engine import Database
from app.db.publishing import Release
from app.domain.access import Actor
from app.domain.datasets import Split
from app.errors import NotFound
from app.http.access import Publisher
from app.http.fields import Id
from app.http.lists import ListOf, one, page, page_of_computed
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import DatabaseOf, Reading, ReadingAside, SettingsOf, Today, Writing
from app.http.versions import etag, single
from app.publishing.releasing import approving, queries, queries_redacting, redacting
from app.publishing.releasing.answers import PublicationShown, ReleaseShown, publication, release_shown
from app.publishing.releasing.prepare import prepare
from app.publishing.releasing.publish import publish, withdraw
from app.publishing.releasing.schemas import (
    ApproveIn,
    LineOut,
    LinePage,
    PublishIn,
    RedactionIn,
    RedactionOut,
    RedactionPage,
    ReleaseIn,
    ReleaseOut,
    ReleasePage,
    WithdrawIn,
    WithheldOut,
    WithheldPage,
)
from app.publishing.releasing.wanted import Wanted
from app.publishing.releasing.withheld import place_of, withheld_now

releases = api_router("/releases", "releases")
redactions = api_router("/redactions", "releases")

_ACTS = {**CREATES, **problems(404)}


def _number(database: Database, release_id: int) -> int:
    """The number of a release by its key. Raises NotFound."""
    with database.read() as session:
        release = session.get(Release, release_id)
        if release is None:
            raise NotFound(f"There is no release {release_id}.")
        return release.number


def _answer(request: Request, database: Database, number: int, status: int = 200) -> Response:
    with database.read() as session:
        release = approving.find(session, number)
        shown = release_shown(session, release)
        location = f"{request.url.path}/{key(release)}" if status == 201 else None
        return single(request, shown, tag=etag(key(release), release.version), status=status, location=location)


@releases.get("", summary="List releases", response_model=ListOf[ReleaseOut], responses=LISTS)
def list_releases(request: Request, session: Reading, query: Annotated[ReleasePage, Query()]) -> Response:
    return page(session, queries.RELEASES, query).response(request)


@releases.get("/{release_id}", summary="Show a release", response_model=ReleaseShown, responses=GETS)
def get_release(request: Request, release_id: Id, session: Reading) -> Response:
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound(f"There is no release {release_id}.")
    return single(request, release_shown(session, release), tag=etag(release_id, release.version))


@releases.get(
    "/{release_id}/lines",
    summary="What a release changes in public, what would vanish, what is held back or withheld, and why",
    response_model=ListOf[LineOut],
    responses={**LISTS, **problems(404)},
)
def list_release_lines(
    request: Request, release_id: Id, session: Reading, query: Annotated[LinePage, Query()]
) -> Response:
    if session.get(Release, release_id) is None:
        raise NotFound(f"There is no release {release_id}.")
    of_release = queries.of_release(release_id)
    return page(session, queries.LINES, query, of_release, scope=str(release_id)).response(request)


@releases.post(
    "",
    summary="Prepare a release from the records as of now",
    description="What is the same as a release that waits, or as what is public, makes no other one: that one is "
    "answered, with status 200.",
    status_code=201,
    response_model=ReleaseShown,
    responses={**CREATES, 200: {"model": ReleaseShown, "description": "Nothing differs from this release"}},
)
def prepare_release(
    request: Request, body: ReleaseIn, actor: Publisher, database: DatabaseOf, settings: SettingsOf, today: Today
) -> Response:
    wanted = Wanted(
        as_of=body.as_of or today,
        split=Split(body.split or settings.release_split),
        max_bytes=(body.max_mb or settings.release_max_mb) * 1_000_000,
        live=body.live,
        note=body.note,
    )
    prepared = prepare(database, settings, actor, wanted)
    return _answer(request, database, prepared.number, 201 if prepared.made else 200)


@releases.post(
    "/{release_id}/approve",
    summary="Approve a release, and accept what would vanish with it",
    response_model=ReleaseShown,
    responses=_ACTS,
)
def approve_release(
    request: Request, release_id: Id, body: ApproveIn, actor: Publisher, database: DatabaseOf
) -> Response:
    number = _number(database, release_id)
    with database.write(actor.name) as session:
        release = approving.find(session, number, hold=True)
        if body.accept is not None:
            lines = None if body.accept == "all" else body.accept
            approving.accept(session, actor, release, lines, body.reason or "")
        approving.approve(session, actor, release)
    return _answer(request, database, number)


@releases.post(
    "/{release_id}/publish",
    summary="Publish an approved release, or complete what was interrupted",
    response_model=PublicationShown,
    responses=_ACTS,
)
def publish_release(
    release_id: Id, body: PublishIn, actor: Publisher, database: DatabaseOf, settings: SettingsOf
) -> PublicationShown:
    return _published(database, settings, actor, _number(database, release_id), dry_run=body.dry_run)


def _published(database: Database, settings: Settings, actor: Actor, number: int, *, dry_run: bool) -> PublicationShown:
    return publication(publish(database, settings, actor, number=number, dry_run=dry_run), settings)


@releases.post(
    "/{release_id}/withdraw",
    summary="Take back what is public of the published release: all of it, or some datasets",
    response_model=PublicationShown,
    responses=_ACTS,
)
def withdraw_release(
    release_id: Id, body: WithdrawIn, actor: Publisher, database: DatabaseOf, settings: SettingsOf
) -> PublicationShown:
    number = _number(database, release_id)
    done = withdraw(database, settings, actor, reason=body.reason, datasets=body.datasets, number=number)
    return publication(done, settings)


@redactions.get("", summary="List decisions to withhold", response_model=ListOf[RedactionOut], responses=LISTS)
def list_redactions(request: Request, session: Reading, query: Annotated[RedactionPage, Query()]) -> Response:
    return page(session, queries_redacting.REDACTIONS, query).response(request)


@redactions.get(
    "/withheld",
    summary="What is withheld as of a day, and why",
    response_model=WithheldOut,
    responses={**LISTS, **problems(404)},
)
def list_withheld(
    request: Request, session: ReadingAside, today: Today, query: Annotated[WithheldPage, Query()]
) -> Response:
    """By decision, under embargo, of partners that are not cleared, and what the rules of publication leave out."""
    day = query.as_of or today
    found = withheld_now(session, day, query.project)
    places = [place_of(each) for each in found]
    items, scope = [dict(each) for each in found], f"{day} {query.project}"
    listed = page_of_computed(items, places, query, name="withheld", scope=scope)
    return listed.response(request, called="withheld", as_of=day)


@redactions.post(
    "",
    summary="Withhold something from publication, or release it again",
    status_code=201,
    response_model=RedactionOut,
    responses=CREATES,
)
def decide_redaction(
    request: Request, body: RedactionIn, actor: Publisher, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        made = redacting.decide(
            session,
            actor,
            project=body.project,
            part=body.part,
            subject=body.subject,
            withheld=body.withheld,
            reason=body.reason,
            until=body.until,
        )
        item = one(session, queries_redacting.REDACTIONS, queries_redacting.of_key(key(made)))
        return single(request, item or {}, tag=etag(key(made), 1), status=201)

    return once.answer(session, work)
