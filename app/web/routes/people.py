"""``/admin/people``: who may do what, with one-time links and tokens; units, officers, handing over a portfolio."""

from sqlmodel import Session
from starlette.responses import Response

from app.db.organisation import Officer, Unit
from app.db.people import User
from app.domain.access import Right
from app.errors import NotFound
from app.http.fields import Id
from app.http.lists import Listing, Shown
from app.http.lists import page as page_of
from app.http.versions import etag, locked
from app.inputs import Input, validated
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

USER = Form(model=UserIn)
UNIT = Form(model=UnitIn)
OFFICER = Form(model=OfficerIn)
HANDOVER = Form(model=HandoverIn)
TOKEN = Form(model=TokenIn, without=frozenset({"user"}))
#: what other records call a row by stays
USER_CHANGE = Form(model=UserIn, without=frozenset({"name"}))
UNIT_CHANGE = Form(model=UnitIn, without=frozenset({"code"}))
OFFICER_CHANGE = Form(model=OfficerIn, without=frozenset({"code"}))
HOME = "/admin/people"
_ALL = 200


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


def _sheet(page: Page, form: Form[Input], title: str, patch: type[Input] | None = None) -> Sheet[Input]:
    return Sheet(form=form, title=title, back=HOME, crumbs=(Crumb(label=page.t("People"), address=HOME),), patch=patch)


def _shown(session: Session, listing: Listing, row_id: int) -> tuple[Shown, str]:
    row = queries.show(session, listing, row_id)
    if row is None:
        raise NotFound(f"There is nothing with the key {row_id} among the {listing.name}.")
    return row, etag(row_id, row["version"])


@router.get(f"{HOME}/users/new")
def new_user(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    return ask(page, _sheet(page, USER, page.t("Add a user")))


@router.post(f"{HOME}/users/new")
def create_user(page: PagePosting) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input) -> str:
        service.add_user(session, page.actor, validated(UserIn, body.model_dump(exclude_unset=True)))
        return HOME

    return create(page, _sheet(page, USER, page.t("Add a user")), store, page.t("The user is stored."))


@router.get(f"{HOME}/users/{{user_id}}/edit")
def edit_user(page: PageReading, user_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    sheet = _sheet(page, USER_CHANGE, page.t("Change a user"), UserPatch)
    return ask(page, sheet, _shown(page.session, queries.USERS, user_id))


@router.post(f"{HOME}/users/{{user_id}}/edit")
def change_user(page: PagePosting, user_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input, version: str) -> str:
        service.update_user(session, page.actor, locked(session, User, user_id, version, name="user"), body)
        return HOME

    sheet = _sheet(page, USER_CHANGE, page.t("Change a user"), UserPatch)
    return change(
        page, sheet, lambda session: _shown(session, queries.USERS, user_id), store, page.t("The user is changed.")
    )


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


@router.get(f"{HOME}/units/new")
def new_unit(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    return ask(page, _sheet(page, UNIT, page.t("Add a unit")))


@router.post(f"{HOME}/units/new")
def create_unit(page: PagePosting) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input) -> str:
        service.create_unit(session, page.actor, validated(UnitIn, body.model_dump(exclude_unset=True)))
        return HOME

    return create(page, _sheet(page, UNIT, page.t("Add a unit")), store, page.t("The unit is stored."))


@router.get(f"{HOME}/units/{{unit_id}}/edit")
def edit_unit(page: PageReading, unit_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    sheet = _sheet(page, UNIT_CHANGE, page.t("Change a unit"), UnitPatch)
    return ask(page, sheet, _shown(page.session, queries.UNITS, unit_id))


@router.post(f"{HOME}/units/{{unit_id}}/edit")
def change_unit(page: PagePosting, unit_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input, version: str) -> str:
        service.update_unit(session, page.actor, locked(session, Unit, unit_id, version, name="unit"), body)
        return HOME

    sheet = _sheet(page, UNIT_CHANGE, page.t("Change a unit"), UnitPatch)
    return change(
        page, sheet, lambda session: _shown(session, queries.UNITS, unit_id), store, page.t("The unit is changed.")
    )


@router.get(f"{HOME}/officers/new")
def new_officer(page: PageReading) -> Response:
    page.actor.require(Right.ADMINISTER)
    return ask(page, _sheet(page, OFFICER, page.t("Add an officer")))


@router.post(f"{HOME}/officers/new")
def create_officer(page: PagePosting) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input) -> str:
        service.create_officer(session, page.actor, validated(OfficerIn, body.model_dump(exclude_unset=True)))
        return HOME

    return create(page, _sheet(page, OFFICER, page.t("Add an officer")), store, page.t("The officer is stored."))


@router.get(f"{HOME}/officers/{{officer_id}}/edit")
def edit_officer(page: PageReading, officer_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    sheet = _sheet(page, OFFICER_CHANGE, page.t("Change an officer"), OfficerPatch)
    return ask(page, sheet, _shown(page.session, queries.OFFICERS, officer_id))


@router.post(f"{HOME}/officers/{{officer_id}}/edit")
def change_officer(page: PagePosting, officer_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: Input, version: str) -> str:
        row = locked(session, Officer, officer_id, version, name="officer")
        service.update_officer(session, page.actor, row, body)
        return HOME

    sheet = _sheet(page, OFFICER_CHANGE, page.t("Change an officer"), OfficerPatch)
    return change(
        page, sheet, lambda session: _shown(session, queries.OFFICERS, officer_id), store,
        page.t("The officer is changed."),
    )  # fmt: skip


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

    def store(session: Session, body: Input) -> str:
        officer = session.get(Officer, officer_id)
        if officer is None:
            raise NotFound(f"There is no officer {officer_id}.")
        given = validated(HandoverIn, body.model_dump(exclude_unset=True))
        service.hand_over(session, page.actor, officer, given, today=page.today)
        return HOME

    return create(page, _handover(page, row, number), store, page.t("The portfolio is handed over."))


def _handover(page: Page, row: Shown, number: int) -> Sheet[Input]:
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
