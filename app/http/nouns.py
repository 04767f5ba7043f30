"""The routes of a noun that is kept: list, show, set or add and change, archive, restore.

They are declared with what tells one noun from another; each noun has the same statuses, versions and faults. A noun
with a way of its own has routes of its own.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, Protocol, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.db.base import Kept, key
from app.db.put import Put
from app.domain.access import Actor, Right
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer, requires
from app.http.fields import MOST_ID, Id, IfMatch
from app.http.lists import Listing, ListOf, Page, Shown, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, locked, single

KeptRow = TypeVar("KeptRow", bound=Kept)
Body = TypeVar("Body", bound=BaseModel)
Patch = TypeVar("Patch", bound=BaseModel)
Body_contra = TypeVar("Body_contra", bound=BaseModel, contravariant=True)
KeptRow_co = TypeVar("KeptRow_co", bound=Kept, covariant=True)
KeptRow_contra = TypeVar("KeptRow_contra", bound=Kept, contravariant=True)


def _as_listed(_session: Session, items: list[Shown]) -> list[Shown]:
    return items


@dataclass(frozen=True, kw_only=True, slots=True)
class Noun(Generic[KeptRow]):
    """What is kept under an address, and what becomes of it there."""

    row: type[KeptRow]
    listing: Listing
    #: the form of an item
    shown: type[BaseModel]
    #: how the list is asked for
    query: type[Page]
    #: in sentences: ``risk``, ``risks``, ``a``
    one: str
    many: str
    article: str = "a"
    #: in the names of operations: ``risk``, ``risks``
    name: str
    names: str
    #: the name of the key in addresses
    key: str
    #: what a change of it asks for; the service asks for whose it is
    right: Right = Right.WRITE
    archive: Callable[[Session, Actor, KeptRow], None]
    restore: Callable[[Session, Actor, KeptRow], None]
    #: adds to items what their list does not select
    complete: Callable[[Session, list[Shown]], list[Shown]] = _as_listed

    def item(
        self, request: Request, session: Session, row_id: int, *, status: int = 200, located: bool = False
    ) -> Response:
        """One of it, with its version; ``located``: and with its address, since it is new."""
        found = lists.one(session, self.listing, self.listing.key == row_id)
        if found is None:
            raise NotFound(f"There is no {self.one} {row_id}.")
        (item,) = self.complete(session, [found])
        location = f"{request.url.path}/{row_id}" if located else None
        return single(request, item, tag=etag(row_id, item["version"]), status=status, location=location)


class Creates(Protocol[Body_contra, KeptRow_co]):
    def __call__(self, session: Session, actor: Actor, body: Body_contra, /, *, today: dt.date) -> KeptRow_co: ...


class Changes(Protocol[KeptRow_contra, Body_contra]):
    def __call__(
        self, session: Session, actor: Actor, row: KeptRow_contra, body: Body_contra, /, *, today: dt.date
    ) -> object: ...


def set_by_key(
    router: APIRouter,
    noun: Noun[KeptRow],
    body: type[Body],
    put: Callable[[Session, Actor, Body], Put[KeptRow]],
    *,
    known: str = "one that is known",
) -> None:
    """Routes of a noun that is made or changed by what names it; ``known``: which one is changed, in the summary."""
    _look(router, noun)

    def set_one(request: Request, body: Body, actor: Writer, once: Idempotent, session: Writing) -> Response:
        def work() -> Response:
            return noun.item(request, session, key(put(session, actor, body).row), status=201)

        return once.answer(session, work)

    _typed(set_one, noun, body)
    router.post(
        "",
        name=f"set_{noun.name}",
        summary=f"Set {noun.article} {noun.one}; {known} is changed",
        status_code=201,
        response_model=noun.shown,
        responses=CREATES,
    )(set_one)
    _archive(router, noun)


def add_and_change(
    router: APIRouter,
    noun: Noun[KeptRow],
    body: type[Body],
    patch: type[Patch],
    create: Creates[Body, KeptRow],
    update: Changes[KeptRow, Patch],
) -> None:
    """Routes of a noun that is added, and changed in some of its fields."""
    _look(router, noun)

    def add(request: Request, body: Body, actor: Writer, once: Idempotent, session: Writing, today: Today) -> Response:
        def work() -> Response:
            row = create(session, actor, body, today=today)
            return noun.item(request, session, key(row), status=201, located=True)

        return once.answer(session, work)

    def change(
        request: Request,
        row_id: Id,
        body: Patch,
        actor: Writer,
        session: Writing,
        today: Today,
        if_match: IfMatch = None,
    ) -> Response:
        row = locked(session, noun.row, row_id, if_match, name=noun.one)
        update(session, actor, row, body, today=today)
        return noun.item(request, session, row_id)

    _typed(add, noun, body)
    _typed(change, noun, patch)
    router.post(
        "",
        name=f"create_{noun.name}",
        summary=f"Add {noun.article} {noun.one}",
        status_code=201,
        response_model=noun.shown,
        responses=CREATES,
    )(add)
    router.patch(
        f"/{{{noun.key}}}",
        name=f"update_{noun.name}",
        summary=f"Change {noun.article} {noun.one}",
        response_model=noun.shown,
        responses=CHANGES,
    )(change)
    _archive(router, noun)


def _look(router: APIRouter, noun: Noun[KeptRow]) -> None:
    def listed(request: Request, session: Reading, query: Annotated[Page, Query()]) -> Response:
        found = page(session, noun.listing, query)
        found.items = noun.complete(session, found.items)
        return found.response(request)

    def get(request: Request, row_id: Id, session: Reading) -> Response:
        return noun.item(request, session, row_id)

    listed.__annotations__["query"] = Annotated[noun.query, Query()]
    _typed(get, noun)
    router.get(
        "",
        name=f"list_{noun.names}",
        summary=f"List {noun.many}",
        response_model=ListOf.__class_getitem__(noun.shown),
        responses=LISTS,
    )(listed)
    router.get(
        f"/{{{noun.key}}}",
        name=f"get_{noun.name}",
        summary=f"Show {noun.article} {noun.one}",
        response_model=noun.shown,
        responses=GETS,
    )(get)


def _archive(router: APIRouter, noun: Noun[KeptRow]) -> None:
    def archive(request: Request, row_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None) -> Response:
        noun.archive(session, actor, locked(session, noun.row, row_id, if_match, name=noun.one))
        return noun.item(request, session, row_id)

    def restore(request: Request, row_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None) -> Response:
        noun.restore(session, actor, locked(session, noun.row, row_id, if_match, name=noun.one))
        return noun.item(request, session, row_id)

    _typed(archive, noun)
    _typed(restore, noun)
    router.delete(
        f"/{{{noun.key}}}",
        name=f"archive_{noun.name}",
        summary=f"Archive {noun.article} {noun.one}",
        response_model=noun.shown,
        responses=CHANGES,
    )(archive)
    router.post(
        f"/{{{noun.key}}}/restore",
        name=f"restore_{noun.name}",
        summary=f"Restore {noun.article} {noun.one}",
        response_model=noun.shown,
        responses=CHANGES,
    )(restore)


def _typed(endpoint: Callable[..., Response], noun: Noun[KeptRow], body: type[BaseModel] | None = None) -> None:
    """Tells FastAPI, which reads annotations, what this noun has in place of what all have."""
    told: dict[str, object] = {
        "row_id": Annotated[int, Path(ge=1, le=MOST_ID, alias=noun.key)],
        "body": body,
        "actor": Annotated[Actor, requires(noun.right)],
    }
    endpoint.__annotations__ |= {name: told[name] for name in told.keys() & endpoint.__annotations__.keys()}
