"""Kinds of records with pages of their own, all in one way: added, changed, taken out of use, brought back.

The form follows from the API's input model, and the services are those of the API; a module of routes adds what its
kind shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import Kept, key
from app.db.lookups import row_by
from app.domain.access import Right
from app.errors import NotFound
from app.http import lists
from app.http.fields import Id
from app.http.lists import Listing, Shown
from app.http.versions import etag, locked
from app.inputs import Input
from app.web import filling, showing
from app.web.filling import Sheet
from app.web.forms import Form
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage

Body = TypeVar("Body", bound=Input)
Row = TypeVar("Row", bound=Kept)


def suggested_keys(session: Session, given: Mapping[str, str], **named: tuple[type[Kept], str]) -> dict[str, int]:
    """Keys of the records that an address names; each kind with its column. What is not known is told when it is
    stored."""
    rows = {name: row_by(session, kind, column, given.get(name)) for name, (kind, column) in named.items()}
    return {name: key(row) for name, row in rows.items() if row is not None}


@dataclass(frozen=True, kw_only=True)
class Keeping(Generic[Body, Row]):
    """A kind of record below ``address``. Texts are translated where they are shown."""

    #: such as ``/risks``
    address: str
    #: the word for one in messages of faults
    name: str
    row: type[Row]
    listing: Listing
    form: Form[Body]
    patch: type[Input]
    right: Right
    #: titles of the list, of the form for a new one and of the one for a change
    title: str
    adding: str
    changing: str
    #: what is told when it is stored
    told: str
    create: Callable[[Session, Page, Body], Row]
    update: Callable[[Session, Page, Row, Input], object]
    #: raises ``NotAllowed`` for who may not change the record
    require: Callable[[Session, Page, Row], None]
    archive: Callable[[Session, Page, Row], None]
    restore: Callable[[Session, Page, Row], None]
    #: what the record shows beyond the columns of the list
    completed: Callable[[Session, Shown], Shown] = lambda _session, item: item
    #: fields of a new one that the address may suggest, such as ``?project=RAF/1``
    suggested: tuple[str, ...] = ()
    #: raises ``NotAllowed`` for who may not record one of what is suggested
    require_suggested: Callable[[Session, Page, Mapping[str, str]], None] = lambda _session, _page, _given: None
    #: the form for a change, where it asks other things than the one for a new record
    change_form: Form[Body] | None = None
    #: further suggestions, made when the form is asked for
    start: Callable[[Page], Mapping[str, object]] = field(default=lambda _page: {})

    def found(self, session: Session, record_id: int) -> Shown:
        """The record as the API answers it.

        :raises NotFound: when there is none.
        """
        item = lists.one(session, self.listing, self.listing.key == record_id)
        if item is None:
            raise NotFound(f"There is no {self.name} {record_id}.")
        return self.completed(session, item)

    def versioned(self, session: Session, record_id: int) -> filling.Shown:
        item = self.found(session, record_id)
        return item, etag(record_id, item["version"])

    def at(self, record_id: int) -> str:
        return f"{self.address}/{record_id}"

    def crumb(self, page: Page) -> Crumb:
        return Crumb(label=page.t(self.title), address=self.address)

    def show(self, page: ReadingPage, template: str, record: Shown, **view: object) -> Response:
        """The page of one record, with the buttons of those who may change it."""
        common = {
            "record": record,
            "address": self.at(record["id"]),
            "tag": etag(record["id"], record["version"]),
            "may_change": self.may_change(page, record["id"]),
            "crumbs": [self.crumb(page)],
            "named": page.named,
        }
        return showing.show(page.request, template, common | view)

    def may_change(self, page: ReadingPage, record_id: int) -> bool:
        """Whether the person has the right, and the record is one of the unit where that is asked."""
        return page.offers(lambda: self.require_one(page, record_id))

    def require_one(self, page: ReadingPage, record_id: int) -> None:
        """Raises ``NotAllowed`` for who may not change the record."""
        self.require(page.session, page, page.session.get_one(self.row, record_id))

    def change(self, page: PagePosting, record_id: int, work: Callable[[Session, Row], object], told: str) -> Response:
        """What a button changes; ``told`` is shown afterwards."""
        with page.write() as session:
            work(session, locked(session, self.row, record_id, page.value("_version"), name=self.name))
            return page.go(self.at(record_id), session, told)

    def new_sheet(self, page: Page, start: Mapping[str, object] | None = None) -> Sheet[Body]:
        return Sheet(
            form=self.form, title=page.t(self.adding), back=self.address, crumbs=(self.crumb(page),), start=start
        )

    def change_sheet(self, page: Page, record_id: int, form: Form[Body] | None = None, title: str = "") -> Sheet[Body]:
        return Sheet(
            form=form or self.change_form or self.form,
            title=title or page.t(self.changing),
            back=self.at(record_id),
            crumbs=(self.crumb(page),),
            patch=self.patch,
        )

    def store_change(self, page: PagePosting, record_id: int, sheet: Sheet[Body]) -> Response:
        """Stores what a form changed."""

        def store(session: Session, body: Input, version: str) -> str:
            self.update(session, page, locked(session, self.row, record_id, version, name=self.name), body)
            return self.at(record_id)

        return filling.change(page, sheet, lambda session: self.versioned(session, record_id), store, page.t(self.told))


def keep(router: APIRouter, kind: Keeping[Body, Row]) -> None:
    """Adds the forms and buttons of a kind. What shows its list and one of it comes after this, on the same router."""

    @router.get(f"{kind.address}/new")
    def ask_new(page: PageReading) -> Response:
        page.actor.require(kind.right)
        given = page.request.query_params
        start = {name: given[name][:200] for name in kind.suggested if name in given}
        kind.require_suggested(page.session, page, start)
        return filling.ask(page, kind.new_sheet(page, {**kind.start(page), **start}))

    @router.post(f"{kind.address}/new")
    def create(page: PagePosting) -> Response:
        page.actor.require(kind.right)

        def store(session: Session, body: Body) -> str:
            return kind.at(key(kind.create(session, page, body)))

        return filling.create(page, kind.new_sheet(page), store, page.t(kind.told))

    @router.get(f"{kind.address}/{{record_id}}/edit")
    def ask_change(page: PageReading, record_id: Id) -> Response:
        found = kind.versioned(page.session, record_id)
        kind.require_one(page, record_id)
        return filling.ask(page, kind.change_sheet(page, record_id), found)

    @router.post(f"{kind.address}/{{record_id}}/edit")
    def change(page: PagePosting, record_id: Id) -> Response:
        page.actor.require(kind.right)
        return kind.store_change(page, record_id, kind.change_sheet(page, record_id))

    @router.post(f"{kind.address}/{{record_id}}/archive")
    def archive(page: PagePosting, record_id: Id) -> Response:
        return kind.change(
            page, record_id, lambda session, row: kind.archive(session, page, row), page.t("It is out of use.")
        )

    @router.post(f"{kind.address}/{{record_id}}/restore")
    def restore(page: PagePosting, record_id: Id) -> Response:
        return kind.change(
            page, record_id, lambda session, row: kind.restore(session, page, row), page.t("It is in use again.")
        )
