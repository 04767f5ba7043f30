"""Rules of change for users and their tokens, units, officers, and the handover of an officer's portfolio."""

import datetime as dt
import secrets
from collections.abc import Sequence

from pydantic import ValidationError
from sqlmodel import Session

from app.db import archiving
from app.db.base import key, utc_now
from app.db.lookups import row_by
from app.db.meant import refuse_look_alike
from app.db.organisation import Officer, Unit
from app.db.people import Token, User
from app.db.projects import ProjectRevision
from app.db.put import Put, assign, code_remarks
from app.db.together import added, batch_of, settled
from app.domain.access import Actor, Right
from app.domain.terms import Role
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.http.access import token_hash
from app.inputs import FaultList, Input, Sent, faults, sent
from app.people import queries
from app.people.schemas import HandoverIn, OfficerIn, TokenIn, UnitIn, UserIn

#: how tokens begin, so that a leaked one is recognised
PREFIX = "ear_"
_HINT = len(PREFIX) + 4


def create_user(session: Session, actor: Actor, name: str, role: Role, *, unit: str | None = None) -> User:
    """A new user; ``unit`` is a unit's code. ``Conflict`` when the name is taken."""
    try:
        return add_user(session, actor, UserIn(name=name, role=role, unit=unit))
    except ValidationError as error:
        raise InvalidInput(faults(error)) from error


def add_user(session: Session, actor: Actor, body: UserIn) -> User:
    actor.require(Right.ADMINISTER)
    _refuse_taken(session, User, "name", body.name, f"There is a user {body.name} already.")
    values = _user_values(session, sent(body) | {"role": body.role}, None)
    user = User(**values)
    session.add(user)
    session.flush()
    return user


def update_user(session: Session, actor: Actor, user: User, body: Input) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed."""
    actor.require(Right.ADMINISTER)
    values = {name: value for name, value in sent(body).items() if value is not None or name in ("unit", "officer")}
    _refuse_other(user.name, values.get("name"), "name")
    columns = _user_values(session, values, user)
    if columns.get("role", user.role) is not Role.ADMIN:
        _keep_an_administrator(session, user, "/role")
    changed = assign(user, columns)
    session.flush()
    return changed


def archive_user(session: Session, actor: Actor, user: User) -> None:
    """Takes a user away, for good with all tokens and calendar feeds. Nobody can lock the door on themselves."""
    actor.require(Right.ADMINISTER)
    if user.id == actor.user_id:
        raise Conflict("You cannot archive yourself: another administrator can.")
    _keep_an_administrator(session, user)
    archiving.archive(session, user)
    for door in (*queries.tokens_of(session, key(user)), *queries.feeds_of(session, user.name)):
        door.revoked_at = user.archived_at
    session.flush()


def restore_user(session: Session, actor: Actor, user: User) -> None:
    """Brings a user back; tokens and calendar feeds are issued anew."""
    actor.require(Right.ADMINISTER)
    archiving.restore(session, user)


def user_named(session: Session, name: str) -> User:
    """The user of that name; ``NotFound`` when there is none."""
    user = row_by(session, User, "name", name)
    if user is None:
        raise NotFound(f"There is no user {name}: `earmark user list --all` shows everybody.")
    return user


def _keep_an_administrator(session: Session, user: User, pointer: str = "") -> None:
    """``Conflict`` when the user is the last who administers; others who would cease to be wait for their turn."""
    if user.role is not Role.ADMIN or user.archived_at is not None:
        return
    if queries.administrators(session) == [user.id]:
        message = f"{user.name} is the last administrator: make another user one first."
        raise Conflict(message, [Fault(pointer=pointer, rule="user.last-administrator", message=message)])


def issue_token(session: Session, actor: Actor, user_name: str, expires_days: int | None = None) -> str:
    """A new token of a user, 256 random bits. This is the only moment at which it can be read."""
    return add_token(session, actor, TokenIn(user=user_name, expires_days=expires_days))[1]


def add_token(session: Session, actor: Actor, body: TokenIn) -> tuple[Token, str]:
    """The stored token and the secret itself; ``InvalidInput`` when there is no such user."""
    actor.require(Right.ADMINISTER)
    user = row_by(session, User, "name", body.user)
    if user is None or user.archived_at is not None:
        message = f"There is no user {body.user}." if user is None else f"The user {body.user} was archived."
        raise InvalidInput([Fault(pointer="/user", rule="user.unknown", message=message)])
    secret = PREFIX + secrets.token_urlsafe(32)
    now = utc_now()
    token = Token(
        user_id=key(user),
        hash=token_hash(secret),
        hint=secret[:_HINT],
        created_at=now,
        expires_at=None if body.expires_days is None else now + dt.timedelta(days=body.expires_days),
    )
    session.add(token)
    session.flush()
    return token, secret


def revoke_token(session: Session, actor: Actor, token_id: int) -> None:
    """The token is good no more, from now on; ``NotFound`` when there is no such token."""
    actor.require(Right.ADMINISTER)
    token = session.get(Token, token_id)
    if token is None:
        raise NotFound(f"There is no token {token_id}.")
    token.revoked_at = token.revoked_at or utc_now()
    session.flush()


def create_unit(session: Session, actor: Actor, body: UnitIn) -> Unit:
    """A new unit; ``Conflict`` when its code is taken."""
    actor.require(Right.ADMINISTER)
    _refuse_taken(session, Unit, "code", body.code, f"There is a unit {body.code} already.")
    unit = Unit(**sent(body))
    added(session, unit)
    return unit


def update_unit(session: Session, actor: Actor, unit: Unit, body: Input) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed."""
    actor.require(Right.ADMINISTER)
    values = {name: value for name, value in sent(body).items() if value is not None or name not in ("code", "name")}
    _refuse_other(unit.code, values.get("code"), "code")
    changed = assign(unit, values)
    settled(session)
    return changed


def put_unit(session: Session, actor: Actor, body: UnitIn) -> Put[Unit]:
    """Creates the unit of this code, or changes what differs."""
    unit = row_by(session, Unit, "code", body.code)
    if unit is None:
        return Put(create_unit(session, actor, body), "created", code_remarks(body.code))
    return Put(unit, "updated" if update_unit(session, actor, unit, body) else "unchanged")


def units_ahead(session: Session, bodies: Sequence[UnitIn]) -> None:
    """Reads what :func:`put_unit` asks for of each of the records that a batch puts."""
    _ahead(session, Unit, {body.code for body in bodies})


def officers_ahead(session: Session, bodies: Sequence[OfficerIn]) -> None:
    """The same for :func:`put_officer`."""
    _ahead(session, Officer, {body.code for body in bodies})
    if (batch := batch_of(session)) is not None:
        batch.find(Unit, "code", [body.unit for body in bodies])


def _ahead(session: Session, row_class: type[Unit] | type[Officer], codes: set[str]) -> None:
    if (batch := batch_of(session)) is not None:
        batch.expect(row_class, len(codes - batch.find(row_class, "code", codes, to_change=True).keys()))


def archive_unit(session: Session, actor: Actor, unit: Unit) -> None:
    """Takes a unit out of use; ``Conflict`` while officers or running projects belong to it."""
    actor.require(Right.ADMINISTER)
    if queries.unit_in_use(session, key(unit)):
        raise Conflict("Officers or running projects belong to this unit: move them to another one first.")
    archiving.archive(session, unit)


def restore_unit(session: Session, actor: Actor, unit: Unit) -> None:
    actor.require(Right.ADMINISTER)
    archiving.restore(session, unit)


def create_officer(session: Session, actor: Actor, body: OfficerIn, *, pointer: str = "") -> Officer:
    """A new officer; ``Conflict`` when the code is taken."""
    actor.require(Right.ADMINISTER)
    _refuse_taken(session, Officer, "code", body.code, f"There is an officer {body.code} already.")
    officer = Officer(**_officer_values(session, sent(body), pointer))
    added(session, officer)
    return officer


def update_officer(session: Session, actor: Actor, officer: Officer, body: Input, *, pointer: str = "") -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed."""
    actor.require(Right.ADMINISTER)
    values = {name: value for name, value in sent(body).items() if value is not None or name == "note"}
    _refuse_other(officer.code, values.get("code"), "code")
    changed = assign(officer, _officer_values(session, values, pointer))
    settled(session)
    return changed


def put_officer(session: Session, actor: Actor, body: OfficerIn, *, pointer: str = "") -> Put[Officer]:
    """Creates the officer of this code, or changes what differs."""
    officer = row_by(session, Officer, "code", body.code)
    if officer is None:
        made = create_officer(session, actor, body, pointer=pointer)
        return Put(made, "created", code_remarks(body.code, pointer))
    return Put(officer, "updated" if update_officer(session, actor, officer, body, pointer=pointer) else "unchanged")


def archive_officer(session: Session, actor: Actor, officer: Officer) -> None:
    """Takes an officer out of use; ``Conflict`` while running projects name the officer."""
    actor.require(Right.ADMINISTER)
    if queries.officer_in_use(session, key(officer)):
        raise Conflict("Running projects name this officer: hand the portfolio over first.")
    archiving.archive(session, officer)


def restore_officer(session: Session, actor: Actor, officer: Officer) -> None:
    actor.require(Right.ADMINISTER)
    archiving.restore(session, officer)


def hand_over(session: Session, actor: Actor, officer: Officer, body: HandoverIn, *, today: dt.date) -> list[str]:
    """Names another officer on every project of ``officer``; gives the codes of these projects.

    Each project gets a revision with the day and the reason of the decision.
    """
    actor.require(Right.ADMINISTER)
    found = FaultList()
    successor = row_by(session, Officer, "code", body.to)
    decided_on = body.decided_on or today
    if successor is None or successor.archived_at is not None:
        found.add("to", "officer.unknown", f"There is no officer {body.to} in service.")
    elif successor.id == officer.id:
        found.add("to", "officer.same", "The portfolio is that officer's already.")
    found.refuse_ahead(decided_on, today)
    projects = queries.portfolio(session, key(officer))
    newest = queries.newest_officers(session, [key(project) for project in projects])
    later = [project.code for project in projects if newest.get(key(project), (0, decided_on))[1] > decided_on]
    if later:
        found.add(
            "decided_on",
            "revision.not-the-newest",
            f"The officer of {', '.join(later[:5])} was decided after that day: give a later one.",
        )
    if successor is None or found.found:
        raise InvalidInput(found.found)
    for project in projects:
        project.officer_id = successor.id
        session.add(
            ProjectRevision(
                project_id=key(project),
                field="officer",
                sequence=newest.get(key(project), (0, decided_on))[0] + 1,
                known_on=decided_on,
                value=successor.code,
                reason=body.reason,
                recorded_by=actor.name,
            )
        )
    session.flush()
    return [project.code for project in projects]


def _user_values(session: Session, values: Sent, user: User | None) -> Sent:
    """Columns of a user for the fields given; codes of unit and officer as keys."""
    found = FaultList()
    columns = {name: value for name, value in values.items() if name in ("name", "role")}
    if "unit" in values:
        unit = row_by(session, Unit, "code", values["unit"])
        if values["unit"] is not None and unit is None:
            found.add("unit", "unit.unknown", f"There is no unit {values['unit']}.")
        columns["unit_id"] = unit.id if unit else None
    if "officer" in values:
        officer = row_by(session, Officer, "code", values["officer"])
        if values["officer"] is not None and officer is None:
            found.add("officer", "officer.unknown", f"There is no officer {values['officer']}.")
        columns["officer_id"] = officer.id if officer else None
    role = columns.get("role", user.role if user else None)
    unit_id = columns.get("unit_id", user.unit_id if user else None)
    if unit_id is not None and role is not Role.OFFICER:
        found.add("unit", "user.unit-of-officers", "A unit limits what officers may change; leave it out here.")
    found.refuse()
    return columns


def _officer_values(session: Session, values: Sent, pointer: str) -> Sent:
    """Columns of an officer for the fields given; the unit's code as its key."""
    columns = {name: value for name, value in values.items() if name != "unit"}
    if "unit" in values:
        unit = row_by(session, Unit, "code", values["unit"])
        if unit is None or unit.archived_at is not None:
            found = FaultList(pointer)
            found.add("unit", "unit.unknown", f"There is no unit {values['unit']} in use.")
            found.refuse()
        else:
            columns["unit_id"] = unit.id
    return columns


def _refuse_other(standing: str, wanted: str | None, field: str) -> None:
    """What revisions, the audit trail and other records call a row by does not change."""
    if wanted not in (None, standing):
        message = f"The {field} stays: other records name this one by it. Add another one in its place."
        raise InvalidInput([Fault(pointer=f"/{field}", rule="key-fixed", message=message)])


def _refuse_taken(
    session: Session, row_class: type[User] | type[Unit] | type[Officer], column: str, value: str, told: str
) -> None:
    if row_by(session, row_class, column, value) is not None:
        raise Conflict(told, [Fault(pointer=f"/{column}", rule="unique", message=told)])
    found = FaultList()
    refuse_look_alike(session, found, row_class, column, value)
    found.refuse()
