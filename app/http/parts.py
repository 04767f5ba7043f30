"""The routes of what hangs below a record: list, show, set or add and change, archive, restore.

A share of an agreement, a contact of a project: each is reached below the address of its record, and belongs to that
record alone. They are declared like nouns that stand for themselves (``app.http.nouns``).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, NoReturn, Protocol, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.db.base import Kept, key
from app.db.put import Put
from app.domain.access import Actor
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import MOST_ID, Id, IfMatch, remarks_shown
from app.http.lists import Listing, ListOf, Page, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS_BELOW, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, require_version, single

Whole = TypeVar("Whole", bound=Kept)
Row = TypeVar("Row", bound=Kept)
Body = TypeVar("Body", bound=BaseModel)
Patch = TypeVar("Patch", bound=BaseModel)
Whole_contra = TypeVar("Whole_contra", bound=Kept, contravariant=True)
Made_co = TypeVar("Made_co", covariant=True)
Made_contra = TypeVar("Made_contra", bound=Kept, contravariant=True)
Body_contra = TypeVar("Body_contra", bound=BaseModel, contravariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record(Generic[Whole]):
    """What others hang below."""

    row: type[Whole]
    #: in sentences: ``agreement``
    one: str
    #: the name of its key in addresses, and in the rows below it
    key: str

    def require(self, session: Session, whole_id: int) -> None:
        if session.get(self.row, whole_id) is None:
            raise NotFound(f"There is no {self.one} {whole_id}.")

    def held(self, session: Session, whole_id: int) -> Whole:
        """The record to change something below of, held first so that all below it together stay right."""
        return held(session, self.row, whole_id, name=self.one)


class Ends(Protocol[Whole_contra, Made_contra]):
    """Archives a part, or restores it."""

    def __call__(
        self, session: Session, actor: Actor, whole: Whole_contra, row: Made_contra, /, *, today: dt.date
    ) -> object: ...


def on_any_day(end: Callable[[Session, Actor, Whole, Row], object]) -> Ends[Whole, Row]:
    """An end that does not depend on the day."""

    def ended(session: Session, actor: Actor, whole: Whole, row: Row, /, **_today: dt.date) -> object:
        return end(session, actor, whole, row)

    return ended


class Creates(Protocol[Whole_contra, Body_contra, Made_co]):
    def __call__(
        self, session: Session, actor: Actor, whole: Whole_contra, body: Body_contra, /, *, today: dt.date
    ) -> Made_co: ...


class Changes(Protocol[Whole_contra, Made_contra, Body_contra]):
    def __call__(
        self,
        session: Session,
        actor: Actor,
        whole: Whole_contra,
        row: Made_contra,
        body: Body_contra,
        /,
        *,
        today: dt.date,
    ) -> object: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Summaries:
    """What each route does, in the description of the interface."""

    list: str
    show: str
    write: str
    change: str = ""
    archive: str
    restore: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Part(Generic[Whole, Row]):
    """What hangs below a record, and what becomes of it there."""

    record: Record[Whole]
    row: type[Row]
    #: below the address of the record: ``/shares``
    path: str
    listing: Listing
    #: the form of an item
    shown: type[BaseModel]
    #: how the list is asked for
    query: type[Page]
    #: in sentences: ``funding share``
    one: str
    #: in the names of operations: ``share``, ``shares``
    name: str
    names: str
    #: the name of the key in addresses
    key: str
    summaries: Summaries
    archive: Ends[Whole, Row]
    restore: Ends[Whole, Row]
    #: the form of an item that was stored, where that is answered with what is remarked of it
    stored: type[BaseModel] | None = None

    def own(self, row: Row | None, whole_id: int, row_id: int) -> Row:
        """The row, if it hangs below the record."""
        if row is None or getattr(row, self.record.key) != whole_id:
            self._missing(whole_id, row_id)
        return row

    def held(self, session: Session, whole_id: int, row_id: int, if_match: str | None) -> tuple[Whole, Row]:
        """The record and the part of it to change, if that is the version the caller has seen."""
        whole = self.record.held(session, whole_id)
        row = self.own(held(session, self.row, row_id, name=self.one), whole_id, row_id)
        require_version(if_match, row_id, row.version)
        return whole, row

    def item(
        self,
        request: Request,
        session: Session,
        whole_id: int,
        row_id: int,
        *,
        status: int = 200,
        located: bool = False,
        made: object = None,
    ) -> Response:
        """One of it, with its version; ``located``: and with its address, since it is new.

        ``made``: what came of storing it, with what is remarked of it.
        """
        found = lists.one(session, self.listing, self.listing.key == row_id)
        if found is None:
            self._missing(whole_id, row_id)
        if self.stored is not None and isinstance(made, Put):
            found["remarks"] = remarks_shown(made.findings)
        location = f"{request.url.path}/{row_id}" if located else None
        return single(request, found, tag=etag(row_id, found["version"]), status=status, location=location)

    def _missing(self, whole_id: int, row_id: int) -> NoReturn:
        raise NotFound(f"The {self.record.one} {whole_id} has no {self.one} {row_id}.")


def set_part_by_key(
    router: APIRouter, part: Part[Whole, Row], body: type[Body], put: Creates[Whole, Body, Put[Row]]
) -> None:
    """Routes of a part that is made or changed by what names it."""

    def set_one(session: Session, actor: Actor, whole: Whole, body: Body, /, *, today: dt.date) -> Row:
        return put(session, actor, whole, body, today=today).row

    _look(router, part)
    _write(router, part, body, set_one, name=f"set_{part.name}", located=False)
    _end(router, part)


def add_and_change_part(
    router: APIRouter,
    part: Part[Whole, Row],
    body: type[Body],
    patch: type[Patch],
    create: Creates[Whole, Body, Row | Put[Row]],
    update: Changes[Whole, Row, Patch],
) -> None:
    """Routes of a part that is added, and changed in some of its fields."""
    _look(router, part)
    _write(router, part, body, create, name=f"create_{part.name}", located=True)

    def change(
        request: Request,
        whole_id: Id,
        row_id: Id,
        body: Patch,
        actor: Writer,
        session: Writing,
        today: Today,
        if_match: IfMatch = None,
    ) -> Response:
        whole, row = part.held(session, whole_id, row_id, if_match)
        made = update(session, actor, whole, row, body, today=today)
        return part.item(request, session, whole_id, row_id, made=made)

    _typed(change, part, body=patch)
    router.patch(
        f"{part.path}/{{{part.key}}}",
        name=f"update_{part.name}",
        summary=part.summaries.change,
        response_model=part.stored or part.shown,
        responses=CHANGES,
    )(change)
    _end(router, part)


def _look(router: APIRouter, part: Part[Whole, Row]) -> None:
    def listed(request: Request, whole_id: Id, session: Reading, query: Annotated[Page, Query()]) -> Response:
        part.record.require(session, whole_id)
        own = part.listing.key.table.c[part.record.key] == whole_id
        return page(session, part.listing, query, own, scope=str(whole_id)).response(request)

    def get(request: Request, whole_id: Id, row_id: Id, session: Reading) -> Response:
        part.own(session.get(part.row, row_id), whole_id, row_id)
        return part.item(request, session, whole_id, row_id)

    _typed(listed, part, query=Annotated[part.query, Query()])
    _typed(get, part)
    router.get(
        part.path,
        name=f"list_{part.names}",
        summary=part.summaries.list,
        response_model=ListOf.__class_getitem__(part.shown),
        responses=LISTS_BELOW,
    )(listed)
    router.get(
        f"{part.path}/{{{part.key}}}",
        name=f"get_{part.name}",
        summary=part.summaries.show,
        response_model=part.shown,
        responses=GETS,
    )(get)


def _write(
    router: APIRouter,
    part: Part[Whole, Row],
    body_type: type[Body],
    create: Creates[Whole, Body, Row | Put[Row]],
    *,
    name: str,
    located: bool,
) -> None:
    def write(
        request: Request, whole_id: Id, body: Body, actor: Writer, once: Idempotent, session: Writing, today: Today
    ) -> Response:
        def work() -> Response:
            made = create(session, actor, part.record.held(session, whole_id), body, today=today)
            row = made.row if isinstance(made, Put) else made
            return part.item(request, session, whole_id, key(row), status=201, located=located, made=made)

        return once.answer(session, work)

    _typed(write, part, body=body_type)
    router.post(
        part.path,
        name=name,
        summary=part.summaries.write,
        status_code=201,
        response_model=part.stored or part.shown,
        responses=CREATES | problems(404),
    )(write)


def _end(router: APIRouter, part: Part[Whole, Row]) -> None:
    def ending(end: Ends[Whole, Row]) -> Callable[..., Response]:
        def ended(
            request: Request,
            whole_id: Id,
            row_id: Id,
            actor: Writer,
            session: Writing,
            today: Today,
            if_match: IfMatch = None,
        ) -> Response:
            whole, row = part.held(session, whole_id, row_id, if_match)
            end(session, actor, whole, row, today=today)
            return part.item(request, session, whole_id, row_id)

        _typed(ended, part)
        return ended

    router.delete(
        f"{part.path}/{{{part.key}}}",
        name=f"archive_{part.name}",
        summary=part.summaries.archive,
        response_model=part.shown,
        responses=CHANGES,
    )(ending(part.archive))
    router.post(
        f"{part.path}/{{{part.key}}}/restore",
        name=f"restore_{part.name}",
        summary=part.summaries.restore,
        response_model=part.shown,
        responses=CHANGES,
    )(ending(part.restore))


def _typed(endpoint: Callable[..., Response], part: Part[Whole, Row], **more: object) -> None:
    """Tells FastAPI, which reads annotations, what this part has in place of what all have."""
    told = more | {
        "whole_id": Annotated[int, Path(ge=1, le=MOST_ID, alias=part.record.key)],
        "row_id": Annotated[int, Path(ge=1, le=MOST_ID, alias=part.key)],
    }
    endpoint.__annotations__ |= {name: told[name] for name in told.keys() & endpoint.__annotations__.keys()}
