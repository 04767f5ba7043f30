"""``/units``, ``/officers``, ``/users``, ``/me``, ``/tokens`` and ``/audit-events``."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic_core import to_json
from sqlmodel import Session

from app.db.base import key
from app.db.organisation import Officer, Unit
from app.db.people import User
from app.db.put import code_remarks
from app.domain.access import RIGHTS
from app.errors import NotFound
from app.http.access import Administrator, CurrentActor
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import Listing, ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, locked, single
from app.people import queries, service
from app.people.schemas import (
    AuditEventOut,
    AuditEventPage,
    HandoverIn,
    HandoverOut,
    IssuedTokenOut,
    MeOut,
    OfficerIn,
    OfficerNewOut,
    OfficerOut,
    OfficerPage,
    OfficerPatch,
    TokenIn,
    TokenOut,
    TokenPage,
    UnitIn,
    UnitNewOut,
    UnitOut,
    UnitPage,
    UnitPatch,
    UserIn,
    UserOut,
    UserPage,
    UserPatch,
)

units = api_router("/units", "units and officers")
officers = api_router("/officers", "units and officers")
me = api_router("/me", "users")
users = api_router("/users", "users and tokens")
tokens = api_router("/tokens", "users and tokens")
audit_events = api_router("/audit-events", "audit trail")


def _shown(
    request: Request,
    session: Session,
    listing: Listing,
    row_id: int,
    noun: str,
    *,
    status: int = 200,
    new: str | None = None,
) -> Response:
    """The answer with one row of a listing, as it is now in the session. ``new``: the code that it was given."""
    item = queries.show(session, listing, row_id)
    if item is None:
        raise NotFound(f"There is no {noun} {row_id}.")
    if new is not None:
        item["remarks"] = remarks_shown(code_remarks(new))
    location = f"{request.url.path}/{row_id}" if status == 201 else None
    return single(request, item, tag=etag(row_id, item.get("version", 1)), status=status, location=location)


@units.get("", summary="List units", response_model=ListOf[UnitOut], responses=LISTS)
def list_units(request: Request, session: Reading, query: Annotated[UnitPage, Query()]) -> Response:
    return page(session, queries.UNITS, query).response(request)


@units.get("/{unit_id}", summary="Show a unit", response_model=UnitOut, responses=GETS)
def get_unit(request: Request, unit_id: Id, session: Reading) -> Response:
    return _shown(request, session, queries.UNITS, unit_id, "unit")


@units.post("", summary="Add a unit", status_code=201, response_model=UnitNewOut, responses=CREATES)
def create_unit(request: Request, body: UnitIn, actor: Administrator, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        unit = service.create_unit(session, actor, body)
        return _shown(request, session, queries.UNITS, key(unit), "unit", status=201, new=unit.code)

    return once.answer(session, work)


@units.patch("/{unit_id}", summary="Change a unit", response_model=UnitOut, responses=CHANGES)
def update_unit(
    request: Request,
    unit_id: Id,
    body: UnitPatch,
    actor: Administrator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    service.update_unit(session, actor, locked(session, Unit, unit_id, if_match, name="unit"), body)
    return _shown(request, session, queries.UNITS, unit_id, "unit")


@units.delete("/{unit_id}", summary="Archive a unit", response_model=UnitOut, responses=CHANGES)
def archive_unit(
    request: Request, unit_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_unit(session, actor, locked(session, Unit, unit_id, if_match, name="unit"))
    return _shown(request, session, queries.UNITS, unit_id, "unit")


@units.post("/{unit_id}/restore", summary="Restore a unit", response_model=UnitOut, responses=CHANGES)
def restore_unit(
    request: Request, unit_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_unit(session, actor, locked(session, Unit, unit_id, if_match, name="unit"))
    return _shown(request, session, queries.UNITS, unit_id, "unit")


@officers.get("", summary="List officers", response_model=ListOf[OfficerOut], responses=LISTS)
def list_officers(request: Request, session: Reading, query: Annotated[OfficerPage, Query()]) -> Response:
    return page(session, queries.OFFICERS, query).response(request)


@officers.get("/{officer_id}", summary="Show an officer", response_model=OfficerOut, responses=GETS)
def get_officer(request: Request, officer_id: Id, session: Reading) -> Response:
    return _shown(request, session, queries.OFFICERS, officer_id, "officer")


@officers.post("", summary="Add an officer", status_code=201, response_model=OfficerNewOut, responses=CREATES)
def create_officer(
    request: Request, body: OfficerIn, actor: Administrator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        officer = service.create_officer(session, actor, body)
        return _shown(request, session, queries.OFFICERS, key(officer), "officer", status=201, new=officer.code)

    return once.answer(session, work)


@officers.patch("/{officer_id}", summary="Change an officer", response_model=OfficerOut, responses=CHANGES)
def update_officer(
    request: Request,
    officer_id: Id,
    body: OfficerPatch,
    actor: Administrator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    service.update_officer(session, actor, locked(session, Officer, officer_id, if_match, name="officer"), body)
    return _shown(request, session, queries.OFFICERS, officer_id, "officer")


@officers.delete("/{officer_id}", summary="Archive an officer", response_model=OfficerOut, responses=CHANGES)
def archive_officer(
    request: Request, officer_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_officer(session, actor, locked(session, Officer, officer_id, if_match, name="officer"))
    return _shown(request, session, queries.OFFICERS, officer_id, "officer")


@officers.post("/{officer_id}/restore", summary="Restore an officer", response_model=OfficerOut, responses=CHANGES)
def restore_officer(
    request: Request, officer_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_officer(session, actor, locked(session, Officer, officer_id, if_match, name="officer"))
    return _shown(request, session, queries.OFFICERS, officer_id, "officer")


@officers.post(
    "/{officer_id}/handover",
    summary="Hand an officer's portfolio over to another",
    response_model=HandoverOut,
    responses=CREATES | problems(404),
)
def hand_over(
    officer_id: Id, body: HandoverIn, actor: Administrator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        officer = held(session, Officer, officer_id, name="officer")
        codes = service.hand_over(session, actor, officer, body, today=today)
        return Response(to_json({"projects": codes}), media_type="application/json")

    return once.answer(session, work)


@users.get("", summary="List users", response_model=ListOf[UserOut], responses=LISTS)
def list_users(
    request: Request, _actor: Administrator, session: Reading, query: Annotated[UserPage, Query()]
) -> Response:
    return page(session, queries.USERS, query).response(request)


@users.get("/{user_id}", summary="Show a user", response_model=UserOut, responses=GETS)
def get_user(request: Request, user_id: Id, _actor: Administrator, session: Reading) -> Response:
    return _shown(request, session, queries.USERS, user_id, "user")


@users.post("", summary="Add a user", status_code=201, response_model=UserOut, responses=CREATES)
def create_user(request: Request, body: UserIn, actor: Administrator, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        user = service.add_user(session, actor, body)
        return _shown(request, session, queries.USERS, key(user), "user", status=201)

    return once.answer(session, work)


@users.patch("/{user_id}", summary="Change a user", response_model=UserOut, responses=CHANGES)
def update_user(
    request: Request,
    user_id: Id,
    body: UserPatch,
    actor: Administrator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    service.update_user(session, actor, locked(session, User, user_id, if_match, name="user"), body)
    return _shown(request, session, queries.USERS, user_id, "user")


@users.delete("/{user_id}", summary="Archive a user, tokens and all", response_model=UserOut, responses=CHANGES)
def archive_user(
    request: Request, user_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_user(session, actor, locked(session, User, user_id, if_match, name="user"))
    return _shown(request, session, queries.USERS, user_id, "user")


@users.post("/{user_id}/restore", summary="Restore a user", response_model=UserOut, responses=CHANGES)
def restore_user(
    request: Request, user_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_user(session, actor, locked(session, User, user_id, if_match, name="user"))
    return _shown(request, session, queries.USERS, user_id, "user")


@tokens.get("", summary="List tokens", response_model=ListOf[TokenOut], responses=LISTS)
def list_tokens(
    request: Request, _actor: Administrator, session: Reading, query: Annotated[TokenPage, Query()]
) -> Response:
    return page(session, queries.TOKENS, query).response(request)


@tokens.post("", summary="Issue a token", status_code=201, response_model=IssuedTokenOut, responses=CREATES)
def create_token(body: TokenIn, actor: Administrator, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        token, secret = service.add_token(session, actor, body)
        item = (queries.show(session, queries.TOKENS, key(token)) or {}) | {"token": secret}
        return Response(to_json(item), 201, media_type="application/json")

    return once.answer(session, work, secret="token")  # noqa: S106 - the name of the field


@tokens.delete("/{token_id}", summary="Revoke a token", response_model=TokenOut, responses=problems(404))
def revoke_token(request: Request, token_id: Id, actor: Administrator, session: Writing) -> Response:
    service.revoke_token(session, actor, token_id)
    return _shown(request, session, queries.TOKENS, token_id, "token")


@audit_events.get(
    "", summary="List what was changed, by whom and when", response_model=ListOf[AuditEventOut], responses=LISTS
)
def list_audit_events(
    request: Request, _actor: Administrator, session: Reading, query: Annotated[AuditEventPage, Query()]
) -> Response:
    return page(session, queries.AUDIT_EVENTS, query).response(request)


@audit_events.get("/{event_id}", summary="Show a change", response_model=AuditEventOut, responses=GETS)
def get_audit_event(request: Request, event_id: Id, _actor: Administrator, session: Reading) -> Response:
    return _shown(request, session, queries.AUDIT_EVENTS, event_id, "audit event")


@me.get("", summary="Who am I here, and what may I do", response_model=MeOut)
def get_me(actor: CurrentActor, session: Reading) -> MeOut:
    row = None if actor.user_id is None else queries.show(session, queries.USERS, actor.user_id)
    return MeOut(
        name=actor.name,
        role=actor.role,
        unit=row["unit"] if row else None,
        officer=row["officer"] if row else None,
        rights=sorted(right.value for right in RIGHTS[actor.role]),
    )
