"""``/admin/people``: who may do what, with one-time links and tokens; units, officers, handing over a portfolio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from sqlmodel import Session
from starlette.responses import Response

from app.db.base import Kept
from app.db.organisation import Officer, Unit
from app.db.people import User
from app.db.put import code_remarks
from app.domain.access import Actor, Right
from app.errors import NotFound
from app.http.fields import Id
from app.http.lists import Listing, Shown
from app.http.lists import page as page_of
from app.http.versions import etag, held, locked
from app.inputs import FaultList, Input, validated
from app.language.i18n import mark
from app.people import queries, service
from app.people.schemas import (
    HandoverIn,
    OfficerIn,
    OfficerPage,
    OfficerPatch,
    TokenIn,
    TokenPage,
    UnitIn,
    UnitPage,
    UnitPatch,
    UserIn,
    UserPage,
    UserPatch,
)
from app.web import queries as web_queries
from app.web.filling import Sheet, ask, change, create
from app.web.forms import Form
from app.web.page import Crumb, Page, PagePosting, PageReading, page_router
from app.web.signin.once import make_link

router = page_router()

Body = TypeVar("Body", bound=Input)
KeptRow = TypeVar("KeptRow", bound=Kept)

HANDOVER = Form(model=HandoverIn)
USER = Form(model=UserIn)
HOME = "/admin/people"
_ALL = 200


class Keeping(Protocol):
    """What is added and changed here, under an address of its own."""

    def ask_new(self, page: PageReading) -> Response: ...

    def add(self, page: PagePosting) -> Response: ...

    def ask_edit(self, page: PageReading, row_id: int) -> Response: ...

    def edit(self, page: PagePosting, row_id: int) -> Response: ...


@dataclass(frozen=True, kw_only=True)
class Listed(Generic[Body, KeptRow]):
    """A kind whose forms follow from its input model."""

    row: type[KeptRow]
    listing: Listing
    #: in messages
    one: str
    form: Form[Body]
    #: without what other records call a row by: that stays
    edit_form: Form[Body]
    patch: type[Input]
    to_add: str
    added: str
    to_edit: str
    edited: str
    create: Callable[[Session, Actor, Body], object]
    update: Callable[[Session, Actor, KeptRow, Input], object]

    def ask_new(self, page: PageReading) -> Response:
        return ask(page, _sheet(page, self.form, page.t(self.to_add)))

    def add(self, page: PagePosting) -> Response:
        noted = FaultList()

        def store(session: Session, body: Body) -> str:
            self.create(session, page.actor, body)
            if isinstance(body, UnitIn | OfficerIn):
                noted.found.extend(code_remarks(body.code))
            return HOME

        return create(page, _sheet(page, self.form, page.t(self.to_add)), store, page.t(self.added), noted)

    def ask_edit(self, page: PageReading, row_id: int) -> Response:
        return ask(page, self._edit_sheet(page), _shown(page.session, self.listing, row_id))

    def edit(self, page: PagePosting, row_id: int) -> Response:
        def store(session: Session, body: Input, version: str) -> str:
            self.update(session, page.actor, locked(session, self.row, row_id, version, name=self.one), body)
            return HOME

        def load(session: Session) -> tuple[Shown, str]:
            return _shown(session, self.listing, row_id)

        return change(page, self._edit_sheet(page), load, store, page.t(self.edited))

    def _edit_sheet(self, page: Page) -> Sheet[Body]:
        return _sheet(page, self.edit_form, page.t(self.to_edit), self.patch)


KINDS: Mapping[str, Keeping] = {
    "users": Listed(
        row=User, listing=queries.USERS, one="user", patch=UserPatch,
        form=USER, edit_form=Form(model=UserIn, without=frozenset({"name"})),
        to_add=mark("Add a user"), added=mark("The user is stored."),
        to_edit=mark("Change a user"), edited=mark("The user is changed."),
        create=service.add_user, update=service.update_user,
    ),
    "units": Listed(
        row=Unit, listing=queries.UNITS, one="unit", patch=UnitPatch,
        form=Form(model=UnitIn), edit_form=Form(model=UnitIn, without=frozenset({"code"})),
        to_add=mark("Add a unit"), added=mark("The unit is stored."),
        to_edit=mark("Change a unit"), edited=mark("The unit is changed."),
        create=service.create_unit, update=service.update_unit,
    ),
    "officers": Listed(
        row=Officer, listing=queries.OFFICERS, one="officer", patch=OfficerPatch,
        form=Form(model=OfficerIn), edit_form=Form(model=OfficerIn, without=frozenset({"code"})),
        to_add=mark("Add an officer"), added=mark("The officer is stored."),
        to_edit=mark("Change an officer"), edited=mark("The officer is changed."),
        create=service.create_officer, update=service.update_officer,
    ),
}  # fmt: skip
Kind = Literal["users", "units", "officers"]


@router.get(HOME)
def people(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    return page.show(
        "people/people.html",
        title=page.t("People"),
        users=page_of(page.session, queries.USERS, UserPage(limit=_ALL, archived=True)).items,
        units=page_of(page.session, queries.UNITS, UnitPage(limit=_ALL)).items,
        officers=page_of(page.session, queries.OFFICERS, OfficerPage(limit=_ALL)).items,
        tokens=page_of(page.session, queries.TOKENS, TokenPage(limit=_ALL)).items,
        seen=web_queries.last_sign_ins(page.session),
    )


def _sheet(page: Page, form: Form[Body], title: str, patch: type[Input] | None = None) -> Sheet[Body]:
    return Sheet(form=form, title=title, back=HOME, crumbs=(Crumb(label=page.t("People"), address=HOME),), patch=patch)


def _shown(session: Session, listing: Listing, row_id: int) -> tuple[Shown, str]:
    row = queries.show(session, listing, row_id)
    if row is None:
        raise NotFound(f"There is nothing with the key {row_id} among the {listing.name}.")
    return row, etag(row_id, row["version"])


@router.get(f"{HOME}/{{kind}}/new")
def ask_new(page: PageReading, kind: Kind) -> Response:
    page.actor.require(Right.ADMINISTER)
    return KINDS[kind].ask_new(page)


@router.post(f"{HOME}/{{kind}}/new")
def add(page: PagePosting, kind: Kind) -> Response:
    page.actor.require(Right.ADMINISTER)
    return KINDS[kind].add(page)


@router.get(f"{HOME}/{{kind}}/{{row_id}}/edit")
def ask_edit(page: PageReading, kind: Kind, row_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    return KINDS[kind].ask_edit(page, row_id)


@router.post(f"{HOME}/{{kind}}/{{row_id}}/edit")
def edit(page: PagePosting, kind: Kind, row_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    return KINDS[kind].edit(page, row_id)


@router.post(f"{HOME}/users/{{user_id}}/link")
def link(page: PagePosting, user_id: Id) -> Response:
    """An address that signs the user in, shown once."""
    page.actor.require(Right.ADMINISTER)
    with page.write() as session:
        row, _ = _shown(session, queries.USERS, user_id)
        address = page.settings.public_url.rstrip("/") or str(page.request.base_url).rstrip("/")
        told = page.t(
            "This link signs %(name)s in, once, within fifteen minutes; it is shown this once: %(link)s",
            name=row["name"],
            link=address + make_link(session, page.actor, row["name"]),
        )
        return page.go(HOME, session, told)


@router.post(f"{HOME}/users/{{user_id}}/token")
def token(page: PagePosting, user_id: Id) -> Response:
    """A token of the user for programs, shown once."""
    page.actor.require(Right.ADMINISTER)
    with page.write() as session:
        row, _ = _shown(session, queries.USERS, user_id)
        body = validated(TokenIn, {"user": row["name"], "expires_days": 365})
        _, secret = service.add_token(session, page.actor, body)
        told = page.t("The token of %(name)s, shown this once: %(token)s", name=row["name"], token=secret)
        return page.go(HOME, session, told)


@router.post(f"{HOME}/users/{{user_id}}/{{what}}")
def end_user(page: PagePosting, user_id: Id, what: str) -> Response:
    page.actor.require(Right.ADMINISTER)
    done = {"archive": service.archive_user, "restore": service.restore_user}.get(what)
    if done is None:
        raise NotFound(f"Nothing is done to users under {what}.")
    with page.write() as session:
        done(session, page.actor, locked(session, User, user_id, page.value("_version"), name="user"))
        if what == "archive":
            web_queries.end_sessions(session, user_id)
        return page.go(HOME, session, page.t("The user is changed."))


@router.post(f"{HOME}/tokens/{{token_id}}/revoke")
def revoke(page: PagePosting, token_id: Id) -> Response:
    with page.write() as session:
        service.revoke_token(session, page.actor, token_id)
        return page.go(HOME, session, page.t("The token is good no more."))


@router.get(f"{HOME}/officers/{{officer_id}}/handover")
def ask_handover(page: PageReading, officer_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    row, _ = _shown(page.session, queries.OFFICERS, officer_id)
    return ask(page, _handover(page, row, len(queries.portfolio_codes(page.session, officer_id))))


@router.post(f"{HOME}/officers/{{officer_id}}/handover")
def hand_over(page: PagePosting, officer_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    with page.read() as reading:
        row, _ = _shown(reading, queries.OFFICERS, officer_id)
        number = len(queries.portfolio_codes(reading, officer_id))

    def store(session: Session, body: HandoverIn) -> str:
        officer = held(session, Officer, officer_id, name="officer")
        service.hand_over(session, page.actor, officer, body, today=page.today)
        return HOME

    return create(page, _handover(page, row, number), store, page.t("The portfolio is handed over."))


def _handover(page: Page, row: Shown, number: int) -> Sheet[HandoverIn]:
    intro = page.words.ngettext(
        "%(num)s project of %(name)s goes to another officer.", "%(num)s projects of %(name)s go to another officer.",
        number,
    )  # fmt: skip
    return Sheet(
        form=HANDOVER,
        title=page.t("Hand over a portfolio"),
        intro=intro % {"num": number, "name": row["name"]},
        back=HOME,
        crumbs=(Crumb(label=page.t("People"), address=HOME),),
        button=page.t("Hand over"),
    )
